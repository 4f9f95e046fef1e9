"""Every address of the portal: what an app answers stands in its own `urls.py`."""

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts.hats import wear
from accounts.rest.errors import unknown
from casework.views import large_type
from portal.health import healthz

# Of the log-in library's pages these are the portal's; accounts and new passwords are given by the office.
ACCOUNT_PAGES = "login/$|logout/$|password/change/$|reauthenticate/$|inactive/$|2fa/|sessions/$|oidc/"


def closed(request: HttpRequest) -> None:
    """Answer for the pages of the log-in library that the portal does not offer. Raises Http404."""
    raise Http404


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("accounts/", include("accounts.urls")),
    re_path(rf"^accounts/(?!{ACCOUNT_PAGES})", closed),
    # Whoever wants another name for a passkey registers it anew.
    re_path(r"^accounts/2fa/webauthn/keys/\d+/edit/$", closed),
    path("accounts/", include("allauth.account.urls")),
    path("hat/<int:key>/", wear, name="wear"),
    # Its own overview says less than the portal's page of the account.
    path("accounts/2fa/", RedirectView.as_view(pattern_name="accounts:security")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/", include("accounts.provider")),
    path("large-type/", large_type, name="large_type"),
    path("notices/", include("notices.urls")),
    path("proposals/", include("proposals.urls")),
    path("deputies/", include("deputies.urls")),
    path("duties/", include("duties.urls")),
    path("ratings/", include("ratings.urls")),
    path("p/rating/", include("ratings.public_urls")),
    path("reports/", include("reports.urls")),
    path("tokens/", include("accounts.token_urls")),
    path("api/v1/", include("portal.api_urls")),
    re_path(r"^api/", unknown, name="api_unknown"),
    path("", include("casework.urls")),
]
