"""By user name or by phone; who fails learns nothing of which accounts there are."""

import re

import pytest
from django.contrib.auth import hashers
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from bodies.fields import digest_of
from tests import factories as make
from tests.accounts.conftest import PASSWORD, enter, inside, with_password, with_phone
from tests.admin.test_admin_writes import user_data
from tests.world import World

PHONE = "13800000001"


@pytest.fixture
def deputy(world: World) -> User:
    return with_phone(with_password(world.deputy), PHONE)


@pytest.mark.parametrize("name", ["deputy", "DEPUTY", PHONE, " 138 0000 0001 ", "+86 138-0000-0001", "8613800000001"])
def test_by_name_or_phone(deputy: User, name: str) -> None:
    client = Client()
    response = enter(client, name)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(deputy.pk)


@pytest.mark.parametrize(
    "name", ["deputy", PHONE, "nobody", "13900000009", "1380000000", "\x00", "甲" * 150, "' OR 1=1"]
)
def test_who_fails_learns_nothing(deputy: User, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    work = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", lambda self, *args: hashed.append(1) or work(self, *args))
    client = Client()
    page = enter(client, name, "wrong").content.decode()
    if name != "\x00":
        assert re.findall(r'<div class="note__text"><p>(.*?)</p>', page) == ["用户名、手机号码或密码不正确。"]
        assert len(hashed) == 1
    assert not inside(client)


def test_closed_account_stays_out_by_either_name(deputy: User) -> None:
    User.objects.filter(pk=deputy.pk).update(is_active=False)
    for name in ("deputy", PHONE):
        client = Client()
        assert enter(client, name)["Location"] == reverse("account_inactive")
        assert not inside(client)


def test_phone_is_encrypted_and_its_digest_tells_nothing(deputy: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, phone_digest FROM accounts_user WHERE id = %s", [deputy.pk])
        phone, digest = cursor.fetchone()
    assert PHONE not in phone + digest
    assert digest == digest_of(PHONE)
    assert len(digest) == 64
    assert User.objects.get(pk=deputy.pk).phone == PHONE


def test_one_phone_one_account(deputy: User, world: World) -> None:
    with pytest.raises(IntegrityError, match="phone_digest"), transaction.atomic():
        with_phone(world.police_user, PHONE)
    with pytest.raises(IntegrityError, match="user_phone_iff_digest"), transaction.atomic():
        User.objects.filter(pk=world.police_user.pk).update(phone_digest=digest_of("13900000009"))
    assert User.objects.exclude(phone_digest=None).get() == deputy


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"phone": "+86 138 0000 0001"}, "这个手机号码已经登记在另一个账号上。"),
        ({"phone": "13911112222"}, "这个手机号码是另一个账号的用户名，登录时会分不清。"),
        ({"username": PHONE}, "这个用户名是另一个账号的手机号码，登录时会分不清。"),
        ({"phone": "0551-1234567"}, "不是手机号码，例如 13800000000。"),
        ({"phone": "1" * 5000}, "确保该变量包含不超过 30 字符 (目前字符数 5000)。"),
    ],
)
def test_form_refuses_a_name_that_stands_for_two(deputy: User, world: World, typed: dict, reason: str) -> None:
    make.UserFactory(username="13911112222", role=Role.UNIT, role__congress=world.congress, role__unit=world.police)
    client = Client()
    client.force_login(world.staff)
    row = {"role": Role.DEPUTY, "congress": world.congress.pk, "unit": ""}
    data = user_data(world, row, username="newone", name="新人", password1=PASSWORD, password2=PASSWORD)
    page = client.post(reverse("admin:accounts_user_add"), data | typed).content.decode()
    assert reason in page
    assert next(iter(typed.values())) in page
    assert not User.objects.filter(name="新人").exists()


def test_phone_is_kept_as_digits(world: World) -> None:
    client = Client()
    client.force_login(world.staff)
    row = {"role": Role.DEPUTY, "congress": world.congress.pk, "unit": ""}
    data = user_data(world, row, username="newone", name="新人", password1=PASSWORD, password2=PASSWORD)
    assert client.post(reverse("admin:accounts_user_add"), data | {"phone": "+86 139-0000 0009"}).status_code == 302
    made = User.objects.get(username="newone")
    assert (made.phone, made.must_change_password) == ("13900000009", True)
    assert enter(Client(), "13900000009").status_code == 302
