"""ID numbers, phones and addresses: masked on screen, found whole, shown in full on a click that is written down."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Role, User
from audit.models import Entry, Kind
from bodies.models import Unit
from deputies.models import Person
from tests import factories as make
from tests.admin.conftest import Registers, registers, url  # noqa: F401
from tests.world import World, world  # noqa: F401

PHONE, ID_NUMBER, ADDRESS = "13800001111", "34012319670301001X", "云溪县城关镇人民路18号"
SECRETS = (PHONE, ID_NUMBER, ADDRESS)


@pytest.fixture
def person(world: World) -> Person:  # noqa: F811
    row = Person.objects.get(pk=world.seat.person_id)
    row.phone, row.id_number, row.address = SECRETS
    row.save()
    return row


def shown(response: object) -> set[str]:
    """Which of the secrets a page holds."""
    return {secret for secret in SECRETS if secret in response.content.decode()}


def looks() -> list[tuple[str, str, dict]]:
    return list(Entry.objects.filter(kind=Kind.UNMASK).values_list("actor", "object_key", "details"))


def test_a_page_masks_and_a_click_shows_and_is_written_down(client: Client, world: World, person: Person) -> None:  # noqa: F811
    client.force_login(world.staff)
    page = client.get(reverse("deputies:person", args=[person.pk]))
    assert shown(page) == set()
    for part in ("138****1111", "340***********001X", "云溪县城关镇******", "查看完整号码和地址"):
        assert part in page.content.decode()
    assert looks() == []
    full = client.post(reverse("deputies:look", args=[person.pk]))
    assert shown(full) == set(SECRETS)
    assert "no-store" in full["Cache-Control"]
    assert looks() == [("张志强（staff）", str(person.pk), {"what": "手机、身份证号、通讯地址"})]


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("leader", ()),
        ("gov_office", ()),
        ("unit_user", ()),
        ("other_deputy", ()),
        ("stranger", ()),
        ("township_user", (PHONE,)),
        ("deputy", SECRETS),
    ],
)
def test_who_may_look(client: Client, world: World, person: Person, who: str, seen: tuple[str, ...]) -> None:  # noqa: F811
    user = getattr(world, who)
    client.force_login(user)
    page = client.get(reverse("deputies:person", args=[person.pk]))
    assert shown(page) == (set(SECRETS) if who == "deputy" else set())
    response = client.post(reverse("deputies:look", args=[person.pk]))
    assert (response.status_code, shown(response)) == (200 if seen else 404, set(seen))
    assert len(looks()) == (1 if seen else 0)


def test_staff_of_the_congress_above_look_at_nobody_below(client: Client, world: World, person: Person) -> None:  # noqa: F811
    city = make.CongressFactory(level=3)
    type(city).objects.filter(pk=world.congress.pk).update(parent=city)
    above = make.UserFactory(role=Role.STAFF, role__congress=city)
    client.force_login(above)
    page = client.get(reverse("deputies:person", args=[person.pk]))
    assert (page.status_code, shown(page), "查看完整" in page.content.decode()) == (200, set(), False)
    assert client.post(reverse("deputies:look", args=[person.pk])).status_code == 404
    assert looks() == []


def test_the_register_masks_keeps_what_was_not_touched_and_takes_what_is_new(
    registers: Registers,  # noqa: F811
    world: World,  # noqa: F811
    person: Person,
) -> None:
    client, address = registers.client("staff"), url(Person, "change", person.pk)
    page = client.get(address)
    assert shown(page) == set()
    form = page.context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields} | {
        f"seats-{name}": value
        for name, value in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0), ("MIN_NUM_FORMS", 0), ("MAX_NUM_FORMS", 9))
    }
    assert (data["phone"], data["id_number"], data["address"]) == (
        "138****1111", "340***********001X", "云溪县城关镇******",
    )  # fmt: skip
    refused = client.post(address, data | {"name": ""})
    assert (refused.status_code, shown(refused)) == (200, set())
    assert client.post(address, data | {"postcode": "230001"}).status_code == 302
    person = Person.objects.get(pk=person.pk)
    assert (person.phone, person.id_number, person.address, person.postcode) == (*SECRETS, "230001")
    assert client.post(address, data | {"phone": "139 0000 2222", "address": ""}).status_code == 302
    person = Person.objects.get(pk=person.pk)
    assert (person.phone, person.id_number, person.address) == ("13900002222", ID_NUMBER, "")
    # A mask that is not this row's own is no number.
    refused = client.post(address, data | {"phone": "137****3333"})
    assert refused.status_code == 200
    assert Person.objects.get(pk=person.pk).phone == "13900002222"


def test_a_whole_number_finds_its_owner_for_staff_alone(client: Client, world: World, person: Person) -> None:  # noqa: F811
    for number in (PHONE, "138 0000 1111", "+86 138-0000-1111", ID_NUMBER, ID_NUMBER.lower()):
        for who, found in (("staff", True), ("leader", False), ("gov_office", False)):
            client.force_login(getattr(world, who))
            page = client.get(reverse("deputies:roster"), {"q": number}).content.decode()
            assert (reverse("deputies:person", args=[person.pk]) in page) == found, (number, who)
    client.force_login(world.staff)
    for register in ("deputies_person", "deputies_seat"):
        page = client.get(reverse(f"admin:{register}_changelist"), {"q": ID_NUMBER}).content.decode()
        assert "李春梅" in page
        assert "阿卜杜拉" not in page
    for part in ("1380000111", PHONE[3:], ID_NUMBER[:17], "13800001112"):
        assert "李春梅" not in client.get(reverse("deputies:roster"), {"q": part}).content.decode()


def test_an_import_moves_the_number_by_which_somebody_is_found(world: World, person: Person) -> None:  # noqa: F811
    from deputies.services import _Changes

    changes = _Changes()
    changes.set(person, {"phone": "13700003333"})
    changes.save(Person)
    digest = Person.objects.values_list("phone_digest", flat=True)
    assert Person.objects.filter(phone_digest=person.phone_digest).get() == person
    assert digest.get(pk=person.pk) == Person(phone="13700003333").phone_digest
    Person.objects.bulk_create([make.PersonFactory.build(name="新人", phone="13600004444")])
    found = Person.objects.get(phone_digest=Person(phone="13600004444").phone_digest)
    assert (found.name, found.phone, found.id_number_digest) == ("新人", "13600004444", None)


def raw(table: str, column: str, key: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [key])  # noqa: S608 - names of our own
        return cursor.fetchone()[0]


def test_a_new_key_takes_over_and_the_old_one_can_go(world: World, person: Person, settings: object) -> None:  # noqa: F811
    Unit.objects.filter(pk=world.education.pk).update(contact_phone="0551-12345678")
    User.objects.filter(pk=world.staff.pk).update(phone="13800009999", phone_digest="x" * 64)
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    assert "人员：" in out.getvalue()
    for table, column, key, value in (
        ("deputies_person", "phone", person.pk, PHONE),
        ("deputies_person", "id_number", person.pk, ID_NUMBER),
        ("bodies_unit", "contact_phone", world.education.pk, "0551-12345678"),
    ):
        token = raw(table, column, key).encode()
        assert Fernet(new).decrypt(token).decode() == value
        with pytest.raises(InvalidToken):
            Fernet(old).decrypt(token)
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert Person.objects.get(pk=person.pk).address == ADDRESS
    # The numbers by which people are found are made anew too.
    assert raw("accounts_user", "phone_digest", world.staff.pk) == User(phone="13800009999").phone_digest
    assert Membership.objects.filter(user=world.staff).exists()


def test_a_value_that_no_key_reads_stops_the_rotation(
    person: Person, settings: object, capsys: pytest.CaptureFixture
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    before = raw("deputies_person", "phone", person.pk)
    with pytest.raises(SystemExit):
        call_command("rotate_keys")
    assert "用现有的密钥都读不出来" in capsys.readouterr().err
    assert raw("deputies_person", "phone", person.pk) == before
