"""An office's identity provider in a process of its own: the log-in library's OpenID Connect server, which knows four
people by one password. Prints its address; is told the portal's address and its own data folder.

Run as ``python -m tests.accounts.office_provider PORTAL FOLDER``.
"""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

PEOPLE = ("staff", "unknown", "closed", "anquan")
PASSWORD = "Provider#2026ok"
CLIENT, SECRET = "portal", "a secret between the two"


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing: the tests look at answers."""


def main(portal: str, folder: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    settings.configure(
        SECRET_KEY="of the provider",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/provider.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "allauth",
            "allauth.account",
            "allauth.idp.oidc",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ACCOUNT_EMAIL_VERIFICATION="none",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        # The portal's own cookies live on the same host.
        SESSION_COOKIE_NAME="provider_session",
        CSRF_COOKIE_NAME="provider_csrf",
        IDP_OIDC_PRIVATE_KEY=pem,
    )
    django.setup()

    from allauth.idp.oidc.models import Client
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.urls import include, path

    global urlpatterns  # noqa: PLW0603 - Django looks for it in ROOT_URLCONF, which is this module
    urlpatterns = [path("", include("allauth.idp.urls")), path("accounts/", include("allauth.account.urls"))]
    sys.modules["tests.accounts.office_provider"] = sys.modules[__name__]
    call_command("migrate", verbosity=0)
    for name in PEOPLE:
        User.objects.create(username=name, password=make_password(PASSWORD))
    Client.objects.create(
        id=CLIENT,
        name="代表工作管理门户",
        secret=make_password(SECRET),
        scopes="openid\nprofile\nemail",
        redirect_uris=f"{portal}/accounts/oidc/office/login/callback/",
        skip_consent=True,
    )
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 - the test waits for it
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
