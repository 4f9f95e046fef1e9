"""Log-ins, refusals, and that nothing personal stands in the trail."""

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, override_settings

from audit.context import current
from audit.models import Entry, Kind
from audit.services import record
from bodies.models import Unit
from deputies.models import Person
from notices.models import Address
from tests.audit.trail import new_entries
from tests.world import World

LOG_IN = "/accounts/login/"


def facts(entries: list[Entry]) -> list[tuple]:
    return [
        (entry.kind, entry.success, entry.actor, entry.address, entry.method, entry.path, entry.details)
        for entry in entries
    ]


def test_log_in_and_out(world: World, client: Client) -> None:
    world.staff.set_password("Correct-horse-1")
    world.staff.save()
    with new_entries() as entries:
        assert client.post(LOG_IN, {"login": "staff", "password": "Correct-horse-1"}).status_code == 302
        assert client.post("/accounts/logout/").status_code == 302
    assert facts(entries) == [
        ("log_in", True, "张志强（staff）", "127.0.0.1", "POST", LOG_IN, None),
        ("log_out", True, "张志强（staff）", "127.0.0.1", "POST", "/accounts/logout/", None),
    ]
    assert [entry.hat for entry in entries] == ["云溪县 代表工委"] * 2


def test_failed_log_ins_name_the_account_and_nothing_that_was_typed(world: World, client: Client) -> None:
    with new_entries() as entries:
        client.post(LOG_IN, {"login": "staff", "password": "Wrong-horse-1"})
        client.post(LOG_IN, {"login": "my-own-Password-1", "password": "x"})
    assert [(e.kind, e.success, e.actor_id, e.actor, e.object_label) for e in entries] == [
        ("log_in_failed", False, world.staff.pk, "张志强（staff）", ""),
        ("log_in_failed", False, None, "", "没有这个账号"),
    ]
    assert "horse" not in str(Entry.objects.values_list()[:50])
    assert "Password" not in str(Entry.objects.values_list()[:50])


def test_too_many_failed_log_ins_lock_the_account(world: World, client: Client) -> None:
    with new_entries() as entries:
        for _ in range(6):
            client.post(LOG_IN, {"login": "staff", "password": "wrong"})
    failed = [entry for entry in entries if entry.kind == "log_in_failed"]
    assert {(entry.success, entry.actor) for entry in failed} == {(False, "张志强（staff）")}
    # The fifth locks; it and the sixth are told so, which are refusals.
    locked = "连续登录失败，账号已锁定"
    assert [entry.object_label for entry in failed] == ["", "", "", "", locked, "", locked, ""]
    assert [entry.details["status"] for entry in entries if entry.kind == "refusal"] == [429, 429]


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("deputy", "/admin/bodies/unit/", 403),
        ("leader", "/admin/bodies/unit/add/", 403),
        ("deputy", "/proposals/987654/", 404),
        ("staff", "/deputies/987654/", 404),
        ("leader", "/ratings/new/", 404),
    ],
)
def test_refusals(world: World, client: Client, who: str, path: str, status: int) -> None:
    user = getattr(world, who)
    client.force_login(user)
    with new_entries() as entries:
        assert client.get(path, follow=True).status_code == status
    (entry,) = entries
    assert (entry.kind, entry.success, entry.actor_id, entry.address) == ("refusal", False, user.pk, "127.0.0.1")
    assert entry.details["status"] == status


def test_a_forged_form_is_a_refusal(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.staff)
    with new_entries() as entries:
        assert client.post("/notices/read-all/").status_code == 403
    assert facts(entries) == [
        ("refusal", False, "张志强（staff）", "127.0.0.1", "POST", "/notices/read-all/",
         {"status": 403, "page": "notices:read_all"}),
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/no/such/page/", "/accounts/login/"])
def test_what_is_no_refusal(world: World, client: Client, path: str) -> None:
    client.force_login(world.staff)
    with new_entries() as entries:
        client.get(path)
    assert entries == []


def test_who_is_not_logged_in_asks_for_nothing_that_exists(client: Client, world: World) -> None:
    with new_entries() as entries:
        assert client.get("/p/rating/ABCD2345/").status_code == 404
    assert entries == []


def test_a_ballot_code_never_stands_in_the_trail(client: Client, world: World) -> None:
    client.force_login(world.staff)
    with new_entries() as entries:
        assert client.get("/p/rating/ABCD2345/").status_code == 404
    assert [entry.path for entry in entries] == ["/p/rating/-/"]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_outlives_what_was_rolled_back(client: Client) -> None:
    """The page writes, is refused and takes everything back; that it was refused stays."""
    from tests.factories import UserFactory

    user = UserFactory(username="nobody", name="无身份")
    client.force_login(user)
    with override_settings(ROOT_URLCONF="tests.audit.refusing_urls"), new_entries() as entries:
        assert client.post("/refused/").status_code == 403
    assert not get_user_model().objects.filter(name="改过的").exists()
    assert facts(entries) == [
        ("refusal", False, "无身份（nobody）", "127.0.0.1", "POST", "/refused/", {"status": 403, "page": "refused"}),
    ]  # fmt: skip


def test_addresses_come_from_as_many_proxies_as_are_trusted(world: World, client: Client) -> None:
    client.force_login(world.staff)
    with new_entries() as entries:
        client.get("/proposals/987654/", headers={"x-forwarded-for": "9.9.9.9, 203.0.113.7"})
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
            client.get("/proposals/987654/", headers={"x-forwarded-for": "9.9.9.9, 203.0.113.7"})
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=3):
            client.get("/proposals/987654/", headers={"x-forwarded-for": "9.9.9.9"})
    assert [entry.address for entry in entries] == ["127.0.0.1", "203.0.113.7", "127.0.0.1"]


def test_nothing_personal_in_the_whole_table(world: World, client: Client) -> None:
    """Phones, ID numbers, addresses, robots' keys and passwords: added, changed, changed back, deleted."""
    secrets = ["330282197001011234", "13987654321", "慈溪市某某路三号", "https://qyapi.weixin.qq.com/k", "SECRET-KEY",
               "Correct-horse-1", "57461234567", "who@example.org"]  # fmt: skip
    number, phone, home, robot, key, password, office, mail = secrets
    person = Person.objects.create(
        name="某人", gender="女", ethnicity="汉族", id_number=number, phone=phone, address=home
    )
    Person.objects.filter(pk=person.pk).update(phone="")
    Person.objects.filter(pk=person.pk).update(phone=phone)
    Unit.objects.filter(pk=world.education.pk).update(contact_phone=office)
    address = Address.objects.create(user=world.staff, channel="wecom", address=robot, secret=key)
    tokens = [row for row in stored("deputies_person", "id_number", "phone", "address") if row]
    tokens += stored("notices_address", "address", "secret")
    world.staff.set_password(password)
    world.staff.email = mail
    world.staff.save()
    tokens += stored("accounts_user", "password")
    with new_entries() as entries:
        person.delete()
        address.delete()
    assert entries[0].before["id_number"] == entries[0].before["phone"] == Entry.HIDDEN
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM audit_entry e")
        trail = cursor.fetchone()[0]
    assert "某人" in trail
    assert [text for text in [*secrets, *tokens] if text in trail] == []
    assert len(tokens) == 6


def stored(table: str, *columns: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - names of this file
        return [value for row in cursor.fetchall() for value in row if value]


def test_record_takes_any_text(world: World) -> None:
    with new_entries() as entries, transaction.atomic():
        record(
            kind=Kind.UNMASK,
            user=world.staff,
            target=world.seat.person,
            label="\x00长" * 300,
            details={"字段": "phone"},
        )
    (entry,) = entries
    assert (entry.kind, entry.object_table, entry.object_key) == (
        "unmask",
        "deputies_person",
        str(world.seat.person_id),
    )
    assert (entry.object_label, entry.actor_id, entry.details) == ("长" * 200, world.staff.pk, {"字段": "phone"})


def test_outside_requests_the_system_acts() -> None:
    cache.clear()
    assert current().known()["actor"] == "系统"
