"""The portal's settings for its own tests: a data folder, broker database and quick choices of their own."""

import os
import re
from pathlib import Path

os.environ.setdefault("PORTAL_VAR", str(Path(__file__).resolve().parent.parent / "var" / "test"))

from portal.settings import *  # noqa: F403 - a settings module is a list of names
from portal.settings import REDIS_URL as GIVEN_REDIS_URL
from portal.settings import REST_FRAMEWORK as GIVEN_REST_FRAMEWORK
from portal.settings import STORAGES as GIVEN_STORAGES
from portal.settings import celery_url

WORKER = re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "gw0"))


def database_of_worker(url: str) -> str:
    """The same server, but a database number that neither the portal nor another test process uses."""
    number = 1 + int(WORKER)
    if url.startswith("unix://"):
        return re.sub(r"\?.*$", "", url) + f"?db={number}"
    return re.sub(r"^(\w+://[^/?]+).*$", rf"\1/{number}", url)


REDIS_URL = database_of_worker(GIVEN_REDIS_URL)
CELERY_BROKER_URL = celery_url(REDIS_URL)
CACHES = {"default": {"BACKEND": "portal.cache.ForgivingCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "test"}}
STORAGES = GIVEN_STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# What a test has written need not outlive a power cut.
DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"  # noqa: F405
# What the API answers is asked much faster than any office does; the rates have a test of their own.
REST_FRAMEWORK = GIVEN_REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"user": "100000/min", "anon": "100000/min"}}
# Argon2 is meant to be slow; what the tests ask is who may come in, not how long guessing would take.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests of what administrators may do are not about their second factor; tests/accounts turns it on.
SECOND_FACTOR = "off"
if "TEST_MAIL_SERVER" not in os.environ:  # set for workers of tests that bring a mail server
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
# WhiteNoise wants its folder, which only `collectstatic` would make; and it would look through it for each new client.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
if seconds := os.environ.get("TEST_BEAT_SECONDS"):  # set for beats of tests
    CELERY_BEAT_SCHEDULE = {
        name: entry | {"schedule": float(seconds)}
        for name, entry in CELERY_BEAT_SCHEDULE.items()  # noqa: F405
    }
