"""Settings come from the environment; production starts with nothing less than it needs."""

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from portal.places import REPOSITORY
from portal.settings import celery_url
from portal.trial_secrets import trial_secrets
from tests.portal.running import bare_environment

SHOW = """
import json, sys
import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
try:
    django.setup()
except ImproperlyConfigured as error:
    sys.exit(str(error))
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""
OFFICE = {
    "PORTAL_ENV": "production",
    "SECRET_KEY": "s" * 50,
    "FIELD_ENCRYPTION_KEYS": f"{'n' * 43}=,{'o' * 43}=",
    "PORTAL_DIGEST_KEY": "found-by-it",
    "ALLOWED_HOSTS": "portal.example.gov.cn",
    "DATABASE_URL": "postgres://portal@db/portal",
    "REDIS_URL": "redis://broker/0",
}


def run(*names: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", SHOW, *names],
        cwd=REPOSITORY,
        env=bare_environment(DJANGO_SETTINGS_MODULE="portal.settings", **environment),
        capture_output=True,
        text=True,
        check=False,
    )


def shown(*names: str, **environment: str) -> dict:
    done = run(*names, **environment)
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "PORTAL_DIGEST_KEY", "ALLOWED_HOSTS"])
def test_production_names_what_it_lacks_and_does_not_start(tmp_path, missing):
    given = {name: value for name, value in OFFICE.items() if name != missing}
    done = run(PORTAL_VAR=str(tmp_path), **given)
    assert (done.returncode, done.stderr) == (1, f"正式运行（PORTAL_ENV=production）缺少环境变量：{missing}。\n")
    assert list(tmp_path.iterdir()) == []


def test_production_is_strict_and_makes_no_secret_of_its_own(tmp_path):
    names = ["DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "FIELD_ENCRYPTION_KEYS"]
    assert shown(*names, PORTAL_VAR=str(tmp_path), **OFFICE) == {
        "DEBUG": False,
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "FIELD_ENCRYPTION_KEYS": ["n" * 43 + "=", "o" * 43 + "="],
    }
    assert list(tmp_path.iterdir()) == []


def test_https_can_be_left_to_a_later_day(tmp_path):
    names = ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS"]
    given = OFFICE | {"PORTAL_HTTPS": "off", "PORTAL_VAR": str(tmp_path)}
    assert list(shown(*names, **given).values()) == [False, False, 0]


def test_proxy_header(tmp_path):
    given = OFFICE | {"PORTAL_PROXY_HEADER": "X-Forwarded-Proto", "PORTAL_VAR": str(tmp_path)}
    assert shown("SECURE_PROXY_SSL_HEADER", **given) == {"SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"]}


def test_trial_needs_nothing(tmp_path):
    state = shown("DEBUG", "SECRET_KEY", "LANGUAGE_CODE", "TIME_ZONE", PORTAL_VAR=str(tmp_path))
    secret = json.loads((tmp_path / "secrets.json").read_text())["secret_key"]
    assert state == {"DEBUG": False, "SECRET_KEY": secret, "LANGUAGE_CODE": "zh-hans", "TIME_ZONE": "Asia/Shanghai"}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"PORTAL_ENV": "prod"}, "PORTAL_ENV 只能是 trial（试用）或 production（正式），现在是“prod”。\n"),
        (
            {"DATABASE_URL": "sqlite:///x.db"},
            "DATABASE_URL 必须指向 PostgreSQL（postgres://…），本系统不支持其他数据库。\n",
        ),
        ({"PORTAL_PERSON_YEARS": "0"}, "PORTAL_PERSON_YEARS（个人信息保存年数）应当在 1 至 100 之间，现在是 0。\n"),
    ],
)
def test_wrong_choice_is_refused(tmp_path, given, reason):
    assert run(PORTAL_VAR=str(tmp_path), **given).stderr == reason


@pytest.mark.parametrize(
    ("given", "kombus"),
    [
        ("redis://broker:6379/3", "redis://broker:6379/3"),
        ("unix:///run/v.sock?db=2", "redis+socket:///run/v.sock?virtual_host=2"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
    ],
)
def test_broker_address_as_kombu_writes_it(given, kombus):
    assert celery_url(given) == kombus


def test_trial_secrets_are_made_once_and_private(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda _: json.dumps(trial_secrets(tmp_path / "var")), range(8)))
    assert len(set(seen)) == 1
    made = json.loads(seen[0])
    Fernet(made["field_encryption_key"])
    assert len(made["secret_key"]) >= 50
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secrets.json"]
    assert stat.S_IMODE((tmp_path / "var" / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.django_db
def test_policy_of_every_page_allows_nothing_inline():
    policy = dict(
        part.strip().split(" ", 1) for part in Client().get("/accounts/login/")["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    }
