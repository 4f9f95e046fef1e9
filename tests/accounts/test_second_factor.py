"""A second factor: who must have one, how it is asked for, kept and lost."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Administration, SecurityAct, User
from tests import factories as make
from tests.accounts.conftest import PASSWORD, SECRET, code_now, enter, inside, with_factor, with_password
from tests.world import World

ACTIVATE, ASK = "/accounts/2fa/totp/activate/", "/accounts/2fa/authenticate/"
SECURITY = "/accounts/security/"


@pytest.fixture(autouse=True)
def _required(settings: object) -> None:
    settings.SECOND_FACTOR = "administrators"


def set_up(client: Client, next_: str = ACTIVATE) -> list[str]:
    """Set a factor up as its owner does; return the recovery codes."""
    assert client.get(ACTIVATE)["Location"].startswith("/accounts/reauthenticate/")
    assert client.post(f"/accounts/reauthenticate/?next={next_}", {"password": PASSWORD})["Location"] == next_
    page = client.get(ACTIVATE)
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    secret = page.context["form"].secret
    refused = client.post(ACTIVATE, {"code": "000000" if code_now(secret) != "000000" else "111111"})
    assert "验证码不正确" in refused.content.decode()
    done = client.post(ACTIVATE, {"code": code_now(secret)})
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    return client.get(done["Location"]).context["unused_codes"]


@pytest.mark.parametrize("administers", Administration.values)
def test_administrators_are_led_to_it_before_anything_else(db: None, administers: str) -> None:
    user = with_password(make.UserFactory(administers=administers))
    enter(client := Client(), user.username)
    for address in ("/", "/admin/", "/notices/", SECURITY, "/accounts/sessions/", "/accounts/guard/"):
        assert client.get(address)["Location"] == ACTIVATE, address
    assert len(set_up(client)) == 10
    assert client.get(SECURITY).status_code == 200


def test_password_comes_before_the_factor(guardian: User) -> None:
    guardian.must_change_password = True
    with_password(guardian)
    enter(client := Client(), "anquan")
    assert client.get(ACTIVATE)["Location"] == "/accounts/password/change/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F"


def test_for_others_it_is_their_choice_unless_the_office_wants_it(world: World, settings: object) -> None:
    with_password(world.deputy)
    enter(client := Client(), "deputy")
    assert inside(client)
    settings.SECOND_FACTOR = "everybody"
    assert client.get("/")["Location"] == ACTIVATE
    settings.SECOND_FACTOR = "off"
    assert inside(client)


def test_code_is_asked_for_and_taken_once(guardian: User) -> None:
    with_factor(with_password(guardian))
    client, other = Client(), Client()
    assert enter(client, "anquan", next="/notices/")["Location"] == ASK
    assert not inside(client)
    assert "验证码不正确" in client.post(ASK, {"code": "12345x"}).content.decode()
    code = code_now()
    assert client.post(ASK, {"code": code})["Location"] == "/notices/"
    assert inside(client)
    enter(other, "anquan")
    other.post(ASK, {"code": code})
    assert not inside(other)


@pytest.mark.parametrize("code", ["", "\x00", "1" * 5000, "٣٤٥٦٧٨", "<b>"])
def test_rubbish_in_the_place_of_a_code(guardian: User, code: str) -> None:
    with_factor(with_password(guardian))
    enter(client := Client(), "anquan")
    assert client.post(ASK, {"code": code}).status_code == 200
    assert not inside(client)


def test_guesses_are_bounded(guardian: User) -> None:
    with_factor(with_password(guardian))
    enter(client := Client(), "anquan")
    for _ in range(20):
        client.post(ASK, {"code": "00000x"})
    assert "尝试的次数太多" in client.post(ASK, {"code": code_now()}).content.decode()
    assert not inside(client)


def test_nobody_asks_for_a_code_without_the_password(guardian: User) -> None:
    with_factor(with_password(guardian))
    enter(client := Client(), "anquan", "wrong")
    assert client.get(ASK)["Location"] == "/accounts/login/"
    assert client.post(ASK, {"code": code_now()})["Location"] == "/accounts/login/"


def test_recovery_codes_let_in_once_each(world: World) -> None:
    with_password(world.deputy)
    enter(owner := Client(), "deputy")
    codes = set_up(owner)
    assert codes[0] in owner.get("/accounts/2fa/recovery-codes/download/").content.decode()
    for expected in (True, False):
        enter(client := Client(), "deputy")
        client.post(ASK, {"code": codes[0]})
        assert inside(client) == expected
    assert "还有 9 个没有用过" in owner.get("/accounts/2fa/recovery-codes/").content.decode()


def test_secrets_are_kept_encrypted(world: World) -> None:
    with_password(world.deputy)
    enter(client := Client(), "deputy")
    set_up(client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, data::text FROM mfa_authenticator")
        kept = dict(cursor.fetchall())
    assert set(kept) == {"totp", "recovery_codes"}
    assert "gAAAA" in kept["totp"]
    assert "gAAAA" in kept["recovery_codes"]


def test_whoever_needs_one_and_gives_it_up_sets_up_the_next(guardian: User) -> None:
    with_factor(with_password(guardian))
    enter(client := Client(), "anquan")
    client.post(ASK, {"code": code_now()})
    off = "/accounts/2fa/totp/deactivate/"
    assert client.get(off)["Location"].startswith("/accounts/reauthenticate/")
    client.post(f"/accounts/reauthenticate/?next={off}", {"password": PASSWORD})
    assert client.post(off).status_code == 302
    assert not Authenticator.objects.exists()
    assert client.get("/notices/")["Location"] == ACTIVATE


def test_security_administrator_takes_a_lost_one_away(world: World, guardian: User) -> None:
    with_factor(with_password(world.deputy))
    enter(owner := Client(), "deputy")
    owner.post(ASK, {"code": code_now()})
    assert inside(owner)
    with_factor(guardian)
    client = Client()
    client.force_login(guardian)
    page = client.get(reverse("accounts:guard"), {"q": "李春"}).content.decode()
    assert "李春梅" in page
    assert SECRET not in page
    assert "李春梅" not in client.get(reverse("accounts:guard"), {"q": "别人"}).content.decode()
    address = reverse("accounts:remove_second_factor", args=[world.deputy.pk])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert Authenticator.objects.filter(user=world.deputy).exists()
    assert client.post(address, {"reason": "手机丢失，当面核实"}).status_code == 302
    assert not Authenticator.objects.filter(user=world.deputy).exists()
    assert not inside(owner)
    again = client.post(address, {"reason": "又来一次"})
    assert again.status_code == 422
    assert "「李春梅」没有设置二次验证。" in again.content.decode()
    own = client.post(reverse("accounts:remove_second_factor", args=[guardian.pk]), {"reason": "自己的"})
    assert "自己的二次验证请在“账号安全”里更换。" in own.content.decode()
    (act,) = SecurityAct.objects.all()
    assert (act.user, act.by, act.kind, act.reason) == (world.deputy, guardian, "factor", "手机丢失，当面核实")
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_securityact SET reason = 'x'")
    enter(fresh := Client(), "deputy")
    assert inside(fresh)
