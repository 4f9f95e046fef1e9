"""What stands between a log-in and its pages: how long it lasts, and what must be done first."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts import second_factor, sessions

Answer = Callable[[HttpRequest], HttpResponse]
# Pages by which the duties below are done, and those that nobody is kept from.
ALWAYS = ("account_logout", "account_login", "account_reauthenticate", "healthz", "large_type")
SECOND_FACTOR = ("mfa_activate_totp", "mfa_add_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn")


class SessionLimits:
    """Ends a log-in after a time without activity, and after a working day in any case."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if why := sessions.why_over(request.session, request.user):
                logout(request)
                messages.info(request, why)
                if request.htmx:
                    return HttpResponseClientRedirect(_log_in_again(request))
            elif sessions.note_activity(request):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


class FirstDuties:
    """Leads whoever must change the password, or needs a second factor, there; nothing else works until it is done."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            return self.get_response(request)
        address, words = _first_duty(request)
        if not address or request.path in {address, *map(reverse, ALWAYS)}:
            return self.get_response(request)
        if request.htmx:
            return HttpResponseClientRedirect(address)
        # A script, or another system, is told in words: a page would be no answer.
        if "X-Requested-With" in request.headers or not request.accepts("text/html"):
            return JsonResponse({"detail": words}, status=403)
        messages.warning(request, words)
        if request.method == "GET" and address == reverse("account_change_password"):
            # With a new password he goes on to where he wanted to be.
            address = f"{address}?{urlencode({'next': request.get_full_path()})}"
        return HttpResponseRedirect(address)


def _first_duty(request: HttpRequest) -> tuple[str, str]:
    user = request.user
    by_provider = any(record["method"] == "socialaccount" for record in get_authentication_records(request, user))
    if user.must_change_password and not by_provider:
        return reverse("account_change_password"), "请先设置一个只有您自己知道的新密码，然后才能办理其他事项。"
    if second_factor.is_required(user) and not second_factor.is_there(user):
        here = {reverse(name) for name in SECOND_FACTOR}
        address = request.path if request.path in here else reverse("mfa_activate_totp")
        return address, "您的账号登录时要做二次验证。请先按下面的步骤设置，然后才能办理其他事项。"
    return "", ""


def _log_in_again(request: HttpRequest) -> str:
    return f"{reverse('account_login')}?{urlencode({'next': request.htmx.current_url_abs_path or '/'})}"
