"""People before the log-in page, by the door that everybody takes."""

import base64
import hmac
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Administration, User
from tests import factories as make
from tests.world import world  # noqa: F401 - a fixture

PASSWORD = "Qinghe#2026ok"
ANOTHER = "Baiyun#2027ok"
SECRET = "JBSWY3DPEHPK3PXP"


def with_password(user: User, password: str = PASSWORD) -> User:
    user.set_password(password)
    user.save()
    return user


def with_phone(user: User, phone: str) -> User:
    user.phone = phone
    user.save()
    return user


def code_now(secret: str = SECRET) -> str:
    """What an authenticator app shows (RFC 6238), reckoned here and not by the library under test."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def with_factor(user: User) -> User:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(SECRET)})
    return user


def enter(client: Client, name: str, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": name, "password": password, **more})


def inside(client: Client) -> bool:
    """Whether somebody is logged in, as a page of the portal sees it."""
    return client.get(reverse("notices:inbox")).status_code == 200


@pytest.fixture
def guardian(db: None) -> User:
    """The security administrator."""
    return make.UserFactory(username="anquan", name="沈安", administers=Administration.SECURITY)


@pytest.fixture
def keeper(db: None) -> User:
    """The system administrator."""
    return make.UserFactory(username="xitong", name="常系", administers=Administration.SYSTEM)
