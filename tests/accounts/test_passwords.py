"""A password set by somebody else is changed first; what a password must be, how long it lasts, what it was before."""

import datetime as dt
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import PastPassword, User
from tests import factories as make
from tests.accounts.conftest import ANOTHER, PASSWORD, enter, inside, with_password
from tests.factories import at
from tests.world import World

CHANGE = "/accounts/password/change/"


def change(client: Client, new: str, old: str = PASSWORD, again: str | None = None) -> int:
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": again or new}).status_code


@pytest.fixture
def told(world: World) -> User:
    """Whose password somebody else has set."""
    world.staff.must_change_password = True
    return with_password(world.staff)


def test_nothing_works_before_the_change(told: User) -> None:
    client = Client()
    enter(client, "staff")
    for address in ("/", "/notices/", "/proposals/", "/admin/", "/accounts/security/", "/accounts/2fa/totp/activate/",
                    "/admin/password_change/", "/nowhere/"):  # fmt: skip
        assert client.get(address)["Location"] == f"{CHANGE}?{urlencode({'next': address})}", address
        assert client.post(address)["Location"] == CHANGE, address
    page = client.get(CHANGE)
    assert page.status_code == 200
    assert "设置新密码" in page.content.decode()
    assert client.get("/healthz").status_code in (200, 503)


def test_scripts_and_systems_are_told_in_words(told: User) -> None:
    client = Client()
    enter(client, "staff")
    htmx = client.get("/reports/annual/runs/", headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx["HX-Redirect"]) == (200, CHANGE)
    words = {"detail": "请先设置一个只有您自己知道的新密码，然后才能办理其他事项。"}
    for headers in ({"X-Requested-With": "autosave"}, {"Accept": "application/json"}):
        answer = client.post("/proposals/new/", {}, headers=headers)
        assert (answer.status_code, answer.json()) == (403, words)


def test_with_the_new_password_one_goes_on_to_where_one_wanted(told: User) -> None:
    client = Client()
    enter(client, "staff")
    asked = client.get("/proposals/?view=all", follow=True)
    assert '<input type="hidden" name="next" value="/proposals/?view=all">' in asked.content.decode()
    answer = client.post(
        CHANGE, {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER, "next": "/proposals/?view=all"}
    )
    assert answer["Location"] == "/proposals/?view=all"
    # Nobody is sent away from the portal; who changes it of his own will comes back to his account.
    again = {"oldpassword": ANOTHER, "password1": "Other#2027ok", "password2": "Other#2027ok"}
    answer = client.post(CHANGE, again | {"next": "https://elsewhere.example/"})
    assert answer["Location"] == "/accounts/security/"


def test_after_the_change_everything_works(told: User) -> None:
    client = Client()
    enter(client, "staff")
    assert change(client, ANOTHER, again="Other#2027ok") == 200
    assert not inside(client)
    assert change(client, ANOTHER) == 302
    assert inside(client)
    told.refresh_from_db()
    assert not told.must_change_password
    assert told.check_password(ANOTHER)


def test_set_by_another_it_must_be_changed_again_and_ends_the_sessions(world: World) -> None:
    owner, clerk = Client(), Client()
    with_password(world.police_user)
    enter(owner, world.police_user.username)
    assert inside(owner)
    clerk.force_login(world.staff)
    address = reverse("admin:auth_user_password_change", args=[world.police_user.pk])
    assert clerk.post(address, {"password1": "weak", "password2": "weak"}).status_code == 200
    assert inside(owner)
    assert clerk.post(address, {"password1": ANOTHER, "password2": ANOTHER}).status_code == 302
    assert not inside(owner)
    enter(owner, world.police_user.username, ANOTHER)
    assert owner.get("/")["Location"] == f"{CHANGE}?next=%2F"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Ab#4567", "密码太短，至少要有 8 个字符。"),
        ("abcdefgh1", "密码太简单：大写字母、小写字母、数字、其他字符中至少要有 3 种。"),
        ("Police7#x", "密码不合要求：密码里不能有用户名、手机号码或姓名（包括姓名的拼音）。"),
        ("X#13800000001", "密码不合要求：密码里不能有用户名、手机号码或姓名（包括姓名的拼音）。"),
        ("Zhouqiang#1", "密码不合要求：密码里不能有用户名、手机号码或姓名（包括姓名的拼音）。"),
        ("周强Ab#45678", "密码不合要求：密码里不能有用户名、手机号码或姓名（包括姓名的拼音）。"),
        ("P@ssw0rd", "这个密码太常见了。"),
        ("Aa1#" * 40, "密码太长：最多 128 个字符。"),
        (PASSWORD, "这个密码用过：不能与最近 5 次用过的密码相同。"),
    ],
)
def test_what_a_password_must_be(db: None, password: str, reason: str) -> None:
    user = with_password(make.UserFactory(username="police", name="周强", phone="13800000001"))
    with pytest.raises(ValidationError) as refused:
        validate_password(password, user)
    assert reason in refused.value.messages


@pytest.mark.parametrize("password", ["Qinghe#2027", "青山绿水a1b2", "Abqdez12", "zq#Abc4567"])
def test_good_passwords(db: None, password: str) -> None:
    validate_password(password, make.UserFactory(username="police", name="周强", phone="13800000001"))


def test_last_passwords_are_not_taken_again_and_older_ones_are_forgotten(db: None) -> None:
    user = with_password(make.UserFactory(), "First#2020")
    passwords = [f"Number{n}#2026" for n in range(1, 6)]
    for password in passwords:
        with_password(user, password)
    assert PastPassword.objects.filter(user=user).count() == 5
    for password in passwords:
        with pytest.raises(ValidationError, match="这个密码用过"):
            validate_password(password, user)
    validate_password("First#2020", user)


def test_history_holds_hashes_only(db: None) -> None:
    user = with_password(make.UserFactory())
    assert [row.password for row in user.past_passwords.all()] == [user.password]
    assert PASSWORD not in user.password


def test_old_password_is_changed_at_the_next_log_in(world: World, settings: object) -> None:
    settings.PASSWORD_DAYS = 90
    with time_machine.travel(at(2026, 3, 1), tick=False) as clock:
        with_password(world.staff)
        for days, expected in ((90, 200), (0.01, 302)):
            clock.shift(dt.timedelta(days=days))
            client = Client()
            enter(client, "staff")
            assert client.get("/").status_code == expected, days
        assert client.get("/")["Location"] == f"{CHANGE}?next=%2F"
        assert change(client, ANOTHER) == 302
        assert inside(client)
        clock.shift(dt.timedelta(days=89))
        enter(client := Client(), "staff", ANOTHER)
        assert inside(client)
    settings.PASSWORD_DAYS = 0
    with time_machine.travel(at(2036, 3, 1), tick=False):
        enter(client := Client(), "staff", ANOTHER)
        assert inside(client)


def test_password_change_ends_other_sessions(world: World) -> None:
    with_password(world.staff)
    here, there = Client(), Client()
    for client in (here, there):
        enter(client, "staff")
        assert inside(client)
    assert change(here, ANOTHER) == 302
    assert "密码已经修改，其他设备上的登录已经结束。" in here.get("/accounts/security/").content.decode()
    assert (inside(here), inside(there)) == (True, False)
    assert world.staff.usersession_set.count() == 1
