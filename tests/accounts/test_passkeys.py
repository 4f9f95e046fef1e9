"""Passkeys: registered by their owner, good for his account at our address alone, once for each challenge."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client, RequestFactory
from django.urls import reverse
from fido2.utils import websafe_encode

from accounts import passkeys, second_factor
from accounts.models import User
from audit.models import Entry, Kind
from tests.accounts.conftest import PASSWORD, enter, inside, with_factor, with_password
from tests.accounts.soft_key import PRESENT, SoftKey
from tests.world import World

pytestmark = pytest.mark.django_db
ADD, ASK, ALONE = "/accounts/2fa/webauthn/add/", "/accounts/2fa/authenticate/", "/accounts/2fa/webauthn/login/"
KEYS = "/accounts/2fa/webauthn/"
WRONG = "通行密钥不正确：不是这个账号的，或者等待太久。"


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.SECOND_FACTOR = "administrators"


def browser() -> Client:
    """One that has the portal open by a name at which passkeys work."""
    return Client(SERVER_NAME="localhost")


def logged_in(user: User) -> Client:
    """In by password, and asked for it once more, as whoever changes his factors is."""
    enter(client := browser(), user.username)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def options_of(client: Client, address: str = ADD) -> dict[str, Any]:
    (options,) = client.get(address).context["js_data"].values()
    return options


def with_passkey(user: User) -> SoftKey:
    """Register a key as its owner does."""
    client, key = logged_in(with_password(user)), SoftKey()
    done = client.post(ADD, {"name": "我的手机", "credential": key.register(options_of(client))})
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    return key


def asked(user: User) -> tuple[Client, dict[str, Any]]:
    """Somebody with the password, and what he is asked for."""
    client = browser()
    assert enter(client, user.username)["Location"] == ASK
    return client, options_of(client, ASK)


def challenge(client: Client) -> dict[str, Any]:
    """What a browser is asked before anybody has said who he is."""
    return client.get(ALONE, headers={"Accept": "application/json"}).json()["request_options"]


def test_a_passkey_is_the_second_factor(world: World) -> None:
    key = with_passkey(world.deputy)
    client, options = asked(world.deputy)
    assert not inside(client)
    assert client.post(ASK, {"credential": key.sign(options, flags=PRESENT)})["Location"] == "/"
    assert inside(client)
    page = client.get(KEYS).content.decode()
    assert "我的手机" in page
    assert "用通行密钥确认。" in client.get("/accounts/security/").content.decode()


def test_who_has_no_app_is_asked_for_no_code_of_one(world: World) -> None:
    with_passkey(world.deputy)
    page = asked(world.deputy)[0].get(ASK).content.decode()
    assert 'for="id_code">备用码' in page
    assert "验证码" not in page


def test_a_passkey_alone_lets_in_whom_it_has_verified(world: World) -> None:
    key = with_passkey(world.deputy)
    client = browser()
    assert "用通行密钥登录" in client.get("/accounts/login/").content.decode()
    answer = client.post(ALONE, {"credential": key.sign(challenge(client)), "next": "/notices/"})
    assert (answer.status_code, answer["Location"]) == (302, "/notices/")
    assert client.get("/notices/").context["request"].user == world.deputy
    assert Entry.objects.filter(kind=Kind.LOG_IN, actor_id=world.deputy.pk).count() == 2
    # A stolen key that asks nobody who holds it is no log-in, whatever it was asked.
    thief = browser()
    thief.post(ALONE, {"credential": key.sign(challenge(thief), flags=PRESENT)})
    assert not inside(thief)
    other = with_passkey(world.other_deputy)
    thief, options = asked(world.other_deputy)
    assert other.owner != key.owner
    # The challenge of a second factor asks for less; whoever turns away from it keeps it.
    thief.post("/accounts/logout/")
    thief.post(ALONE, {"credential": key.sign(options, flags=PRESENT)})
    assert not inside(thief)


def test_an_answer_is_good_once_and_for_its_own_challenge(world: World) -> None:
    key = with_passkey(world.deputy)
    client, options = asked(world.deputy)
    stolen = key.sign(options)
    client.post(ASK, {"credential": stolen})
    assert inside(client)
    for thief in (client, asked(world.deputy)[0]):
        if thief is client:
            thief.logout()
            enter(thief, "deputy")
        refused = thief.post(ASK, {"credential": stolen})
        assert (refused.status_code, WRONG in refused.content.decode()) == (200, True)
        assert not inside(thief)
    fresh = browser()
    fresh.post(ALONE, {"credential": stolen})
    assert not inside(fresh)
    assert Entry.objects.filter(kind=Kind.LOG_IN_FAILED, object_label="通行密钥不正确").count() == 3


def test_the_passkey_of_another_is_refused(world: World) -> None:
    mine, foreign = with_passkey(world.deputy), with_passkey(world.other_deputy)
    client, options = asked(world.deputy)
    assert WRONG in client.post(ASK, {"credential": foreign.sign(options)}).content.decode()
    # Nor does it help to say that it is his, or to sign for his key with another.
    foreign.owner, foreign.id = mine.owner, mine.id
    assert WRONG in client.post(ASK, {"credential": foreign.sign(options_of(client, ASK))}).content.decode()
    assert not inside(client)
    client = browser()
    page = client.post(ALONE, {"credential": foreign.sign(challenge(client))}, follow=True)
    assert WRONG in page.content.decode()
    assert not inside(client)


@pytest.mark.parametrize(
    "key",
    [
        SoftKey(host="evil.example"),
        SoftKey(origin="https://evil.example"),
        SoftKey(origin="http://localhost.evil.example"),
    ],
)
def test_what_was_signed_for_another_site_is_refused(world: World, key: SoftKey) -> None:
    good = with_passkey(world.deputy)
    key.private, key.id, key.owner = good.private, good.id, good.owner
    client, options = asked(world.deputy)
    assert WRONG in client.post(ASK, {"credential": key.sign(options)}).content.decode()
    assert not inside(client)


def rubbish() -> list[str]:
    """Answers that are none: of every type, cut off, with keys missing, too deep, too long, with what no text may hold."""
    key, options = SoftKey(), {"publicKey": {"challenge": "x", "user": {"id": "MQ"}}}
    whole = json.loads(key.sign(options))
    found = ["", "null", "1", "[]", '"x"', "{", "{}", "[" * 15_000, "1" * 15_000, "\x00", '{"a": NaN}', "x" * 30_000]
    found += ['{"id": "\\u0000", "rawId": "\\u0000"}', json.dumps(whole | {"rawId": "y"})]
    found += [json.dumps({name: value for name, value in whole.items() if name != gone}) for gone in whole]
    for name in whole["response"]:
        for value in (
            None,
            1,
            [],
            {},
            "",
            "A",
            "!!!!",
            "AAAA" * 20,
            websafe_encode(b"\xbf" * 50),
            websafe_encode(str(10**30).encode()),
        ):
            found.append(json.dumps(whole | {"response": whole["response"] | {name: value}}))
    return found


def test_rubbish_is_refused_in_words(world: World, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.MFA_RATE_LIMITS = False
    with_passkey(world.deputy)
    owner, (client, _), stranger = logged_in(with_password(world.other_deputy)), asked(world.deputy), browser()
    for sent in rubbish():
        for who, address in ((owner, ADD), (client, ASK), (stranger, ALONE)):
            assert who.post(address, {"credential": sent, "name": "x"}).status_code in (200, 302), (address, sent[:300])
        assert not inside(client)
        assert not inside(stranger)
    assert not Authenticator.objects.filter(user=world.other_deputy).exists()


def test_rubbish_in_a_registration_is_refused(world: World) -> None:
    client = logged_in(with_password(world.deputy))
    for value in (None, 1, [], {}, "", "A", "AAAA" * 20, websafe_encode(b"\xbf" * 50), websafe_encode(b"\xa0")):
        for name in ("clientDataJSON", "attestationObject"):
            page = client.post(
                ADD, {"name": "x", "credential": SoftKey().register(options_of(client), **{name: value})}
            )
            assert (page.status_code, WRONG in page.content.decode()) == (200, True), (name, value)
    stale = SoftKey().register(options_of(client))
    options_of(client)
    assert WRONG in client.post(ADD, {"name": "x", "credential": stale}).content.decode()
    for name in ("长" * 41, "\x00"):
        assert client.post(ADD, {"name": name, "credential": SoftKey().register(options_of(client))}).status_code == 200
    assert not Authenticator.objects.exists()


def test_nothing_is_kept_but_what_is_used(world: World) -> None:
    with_password(world.deputy)
    client = logged_in(world.deputy)
    sent = json.loads(SoftKey().register(options_of(client)))
    sent |= {"more": "x" * 5000, "authenticatorAttachment": [1], "clientExtensionResults": {"a": 1e400}}
    client.post(ADD, {"credential": json.dumps(sent)})
    kept = Authenticator.objects.get(type="webauthn").data
    assert kept["name"] == "通行密钥 1"
    assert set(kept["credential"]) == {"id", "rawId", "type", "response"}


def test_so_many_and_no_more(world: World) -> None:
    client = logged_in(with_password(world.deputy))
    for _ in range(passkeys.MOST_PASSKEYS):
        client.post(ADD, {"credential": SoftKey().register(options_of(client))})
    page = client.post(ADD, {"credential": SoftKey().register(options_of(client))}).content.decode()
    assert "一个账号最多登记 10 个通行密钥" in page
    assert Authenticator.objects.filter(type="webauthn").count() == 10


def test_registering_and_removing_ask_for_the_password_and_are_entries(world: World) -> None:
    with_passkey(world.deputy)
    client, options = asked(world.deputy)
    client.post(ASK, {"credential": SoftKey().sign(options)})
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    client.post(ASK, {"code": codes[0]})
    assert inside(client)
    row = Authenticator.objects.get(type="webauthn")
    remove = f"{KEYS}keys/{row.pk}/remove/"
    for address in (ADD, remove):
        assert client.get(address)["Location"].startswith("/accounts/reauthenticate/"), address
        assert client.post(address)["Location"].startswith("/accounts/reauthenticate/"), address
    other = logged_in(with_password(world.other_deputy))
    assert other.post(remove).status_code == 404
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    assert "我的手机" in client.get(remove).content.decode()
    assert client.post(remove)["Location"] == KEYS
    # What only stood in for it is gone too.
    assert not Authenticator.objects.exists()
    entries = Entry.objects.filter(object_table="mfa_authenticator", object_label="webauthn", kind=Kind.GRANT)
    assert {(row.operation, row.actor_id) for row in entries} == {("add", world.deputy.pk), ("remove", world.deputy.pk)}
    assert client.get(f"{KEYS}keys/1/edit/").status_code == 404


def test_an_administrator_may_have_one_in_the_place_of_a_code(guardian: User) -> None:
    client = logged_in(with_password(guardian))
    led = client.get("/accounts/2fa/totp/activate/").content.decode()
    assert f'href="{ADD}"' in led
    key = SoftKey()
    client.post(ADD, {"name": "办公室", "credential": key.register(options_of(client))})
    assert second_factor.is_there(guardian)
    assert client.get("/accounts/guard/").status_code == 200
    client, options = asked(guardian)
    client.post(ASK, {"credential": key.sign(options)})
    assert client.get("/accounts/guard/").status_code == 200
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post(f"{KEYS}keys/{Authenticator.objects.get(type='webauthn').pk}/remove/")
    assert client.get("/accounts/guard/")["Location"] == "/accounts/2fa/totp/activate/"


def test_the_security_administrator_takes_a_lost_one_away(world: World, guardian: User) -> None:
    key = with_passkey(world.deputy)
    with_factor(guardian)
    client = browser()
    client.force_login(guardian)
    done = client.post(f"/accounts/guard/{world.deputy.pk}/second-factor/", {"reason": "手机丢了，当面核实"})
    assert done.status_code == 302
    assert not Authenticator.objects.filter(user=world.deputy).exists()
    thief = browser()
    thief.post(ALONE, {"credential": key.sign(challenge(thief))})
    assert not inside(thief)
    assert enter(browser(), "deputy")["Location"] == "/"


def test_who_is_shut_out_or_owes_a_password_gets_no_further(world: World) -> None:
    key = with_passkey(world.deputy)
    User.objects.filter(pk=world.deputy.pk).update(must_change_password=True)
    client = browser()
    client.post(ALONE, {"credential": key.sign(challenge(client))})
    assert client.get("/notices/")["Location"] == "/accounts/password/change/?next=%2Fnotices%2F"
    User.objects.filter(pk=world.deputy.pk).update(is_active=False)
    client = browser()
    client.post(ALONE, {"credential": key.sign(challenge(client))})
    assert not inside(client)


@pytest.mark.parametrize(
    ("host", "is_secure", "works"),
    [
        ("portal.example.cn", True, True), ("portal.example.cn:8443", True, True), ("portal.example.cn", False, False),
        ("localhost:8000", False, True), ("127.0.0.1:8000", False, False), ("10.1.2.3", True, False), ("[::1]:80", True, False),
    ],
)  # fmt: skip
def test_where_passkeys_work(host: str, is_secure: bool, works: bool) -> None:
    assert passkeys.work_here(RequestFactory().get("/", secure=is_secure, headers={"Host": host})) == works


def test_where_they_do_not_they_are_not_offered(world: World) -> None:
    with_password(world.deputy)
    client = Client()
    assert "通行密钥" not in client.get("/accounts/login/").content.decode()
    enter(client, "deputy")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert "通行密钥" not in client.get("/accounts/security/").content.decode()
    page = client.get(ADD).content.decode()
    assert "要用 https 和域名打开" in page
    assert "data-passkey" not in page


def test_a_wrong_code_is_an_entry(world: World) -> None:
    with_factor(with_password(world.deputy))
    enter(client := browser(), "deputy")
    client.post(ASK, {"code": "00000x"})
    assert Entry.objects.get(kind=Kind.LOG_IN_FAILED).object_label == "验证码不正确"


def test_an_address_that_is_none_is_refused_and_fails_nothing(client: Client) -> None:
    for host in ("a b", "[::1", "例"):
        assert client.get("/", HTTP_HOST=host).status_code == 400


def test_pages_of_passwords_say_that_passkeys_stay(world: World, keeper: User) -> None:
    words = "通行密钥不受影响"
    owner, other = logged_in(with_password(world.deputy)), browser()
    other.force_login(with_factor(keeper))
    reset = reverse("admin:auth_user_password_change", args=[world.deputy.pk])
    pages = [(owner, "/accounts/security/"), (other, reset)]
    assert [words in who.get(page).content.decode() for who, page in pages] == [False, False]
    owner.post(ADD, {"credential": SoftKey().register(options_of(owner))})
    assert [words in who.get(page).content.decode() for who, page in pages] == [True, True]
