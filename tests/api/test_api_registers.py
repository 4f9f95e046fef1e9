"""Registers in the API: exact rows, nothing of others, nothing private, the same number of queries for 3 rows and 300."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import Role
from bodies.models import Unit
from deputies.models import GroupMember, Person, Seat
from duties.models import DutyRecord
from portal.api_urls import APPS
from tests import factories as make
from tests.admin.conftest import Registers
from tests.api.conftest import Program, program
from tests.attacks.conftest import Realm
from tests.proposals.test_proposal_query_counts import fill as fill_with_proposals
from tests.world import World
from training.models import TrainingClass

pytestmark = pytest.mark.django_db
REGISTERS = [name for app in APPS for name, _ in app.REGISTERS]
PRIVATE = {
    "id_number": "110101199003078888", "phone": "13812345678", "address": "某某路三号院二单元", "born_on": dt.date(1967, 3, 9),
    "born_precision": "day",
}  # fmt: skip
# Queries of a page of each list, with those for the token and its count.
QUERIES = {"seats": 4, "people": 3, "units": 4, "duty-records": 3, "groups": 4, "training-classes": 4}


def everything(who: Program) -> str:
    """All that the lists of the API tell somebody, and the first row of each by itself."""
    told = []
    for name in [*REGISTERS, "proposals"]:
        answer = who.get(f"/api/v1/{name}/", {"page_size": 100})
        told.append(answer.content.decode())
        if answer.status_code == 200 and answer.json()["results"]:
            told.append(who.get(f"/api/v1/{name}/{answer.json()['results'][0]['id']}/").content.decode())
    return "\n".join(told)


def test_a_row_is_what_the_register_says(world: World) -> None:
    Person.objects.filter(pk=world.seat.person_id).update(phone="")
    told = program(world.staff).read(f"seats/{world.seat.pk}/")
    assert told == {
        "id": world.seat.pk,
        "person": {"id": world.seat.person_id, "name": "李春梅"},
        "gender": world.seat.person.gender,
        "ethnicity": world.seat.person.ethnicity,
        "post": world.seat.person.post,
        "phone": "",
        "term": {"id": world.term.pk, "name": "云溪县第十八届"},
        "delegation": {"id": world.seat.delegation_id, "name": "城关代表团"},
        "groups": [],
        "elected_by": "",
        "certificate_no": world.seat.certificate_no,
        "status": "in_office",
        "started_on": str(world.seat.started_on),
        "ended_on": None,
        "end_reason": "",
        "is_reelected": False,
        "is_committee_member": False,
    }


@pytest.mark.parametrize("who", ["staff", "leader", "gov_office", "unit", "deputy", "other_deputy", "township"])
def test_nothing_private_is_told_to_anybody(realm: Realm, who: str) -> None:
    person = realm.world.seat.person
    for name, value in PRIVATE.items():
        setattr(person, name, value)
    person.save()
    Unit.objects.filter(pk=realm.world.education.pk).update(contact_name="王芳")
    unit = Unit.objects.get(pk=realm.world.education.pk)
    unit.contact_phone = "057412349999"
    unit.save()
    told = everything(program(realm.users[who]))
    for secret in ("110101199003078888", "13812345678", "某某路三号院", "1967", "057412349999", "19900307"):
        assert secret not in told
    assert ("138****5678" in told) == (who in ("staff", "leader"))
    assert ("057*****9999" in told) == (who in ("staff", "leader"))


@pytest.mark.parametrize("who", ["staff", "leader", "gov_office", "unit", "deputy", "other_deputy", "township"])
def test_nothing_of_the_neighbour_is_told(realm: Realm, who: str) -> None:
    told = everything(program(realm.users[who]))
    assert "石桥" not in told
    assert "13911112222" not in told


def test_drafts_and_hidden_items_are_told_to_those_who_see_them_alone(realm: Realm) -> None:
    for who, hidden in {
        "staff": ["机密草稿", "机密修改稿"],
        "leader": ["机密草稿", "机密修改稿"],
        "gov_office": ["机密草稿", "机密待审件", "机密退回件"],
        "unit": ["机密草稿", "机密待审件", "机密退回件"],
        "police": ["机密"],
        "other_deputy": ["机密草稿", "机密待审件", "机密退回件", "机密不公开件", "机密沟通"],
        "stranger": ["机密不公开件", "机密待审件", "机密退回件", "机密草稿（", "机密沟通"],
    }.items():
        client = program(realm.users[who])
        told = everything(client)
        for row in client.read("proposals/", page_size=100)["results"]:
            told += client.get(f"/api/v1/proposals/{row['id']}/").content.decode()
        for words in hidden:
            assert words not in told.replace("石桥机密草稿", ""), (who, words)


def test_filters_narrow_and_a_wrong_one_is_refused(realm: Realm) -> None:
    staff = program(realm.users["staff"])
    seats = staff.read("seats/", delegation=realm.world.seat.delegation_id)
    assert [row["person"]["name"] for row in seats["results"]] == ["李春梅"]
    assert [row["person"]["name"] for row in staff.read("seats/", q="阿卜杜拉")["results"]] == ["阿卜杜拉·买买提"]
    assert staff.read("seats/", status="ended")["count"] == 0
    assert (
        staff.read("duty-records/", year=2026)["count"] == DutyRecord.objects.visible_to(realm.users["staff"]).count()
    )
    for name, value in {
        "status": "x",
        "term": "9" * 5000,
        "delegation": "\x00",
        "is_reelected": "ja",
        "gender": "",
    }.items():
        answer = staff.get("/api/v1/seats/", {name: value})
        assert (answer.status_code, [*answer.json()]) == (
            (400, [name]) if value else (200, ["count", "next", "previous", "results"])
        )
    assert staff.read("units/", q="\x00" + "长" * 5000)["count"] == 0
    for page in ("0", "99", "x", "9" * 5000, "\x00"):
        assert staff.get("/api/v1/units/", {"page": page}).status_code == 404
    assert len(staff.read("units/", page_size="99999")["results"]) == 3


def fill(world: World, rows: int) -> None:
    """So many rows in each of the registers that are counted."""
    group = make.DeputyGroupFactory(term=world.term)
    kind = world.congress.duty_types.create(name="走访")
    for n in range(rows):
        person = make.PersonFactory(name=f"代表{n}", phone="13812345678")
        seat = make.SeatFactory(term=world.term, delegation=world.seat.delegation, person=person)
        GroupMember.objects.create(group=group, seat=seat)
        make.DeputyGroupFactory(term=world.term, name=f"{n}村小组")
        DutyRecord.objects.create(
            congress=world.congress, seat=seat, done_on=dt.date(2026, 3, 5), type=kind, topic=f"第{n}次", recorded_at=make.at(2026, 3, 5)
        )  # fmt: skip
        unit = make.UnitFactory(congress=world.congress, name=f"第{n}办")
        unit.aliases.create(congress=world.congress, alias=f"{n}办")
        row = TrainingClass.objects.create(
            congress=world.congress, name=f"第{n}班", kind="duty", starts_on=dt.date(2026, 3, 5), attended=3
        )
        row.attendances.create(seat=seat)


@pytest.mark.parametrize("rows", [3, 300])
def test_as_many_queries_for_few_rows_as_for_many(world: World, rows: int) -> None:
    fill(world, rows)
    staff = program(world.staff)
    staff.read("todo/")
    found = {}
    for name in QUERIES:
        with CaptureQueriesContext(connection) as queries:
            staff.read(f"{name}/", page_size=100)
        found[name] = len(queries)
    assert found == QUERIES


@pytest.mark.parametrize("rows", [3, 300])
def test_as_many_queries_for_few_proposals_as_for_many(world: World, rows: int) -> None:
    fill_with_proposals(world, rows)
    staff = program(world.staff)
    staff.read("todo/")
    with CaptureQueriesContext(connection) as queries:
        told = staff.read("proposals/", page_size=100, q="件事", year=2026, light="red")
    assert (told["count"], len(queries)) == (rows, 5)


def test_the_queries_of_a_proposal_do_not_grow_with_the_roster(realm: Realm) -> None:
    staff, counts = program(realm.users["staff"]), []
    staff.read("todo/")
    for rows in (3, 60):
        for n in range(rows):
            make.UnitFactory(congress=realm.world.congress, name=f"第{rows}-{n}办")
        with CaptureQueriesContext(connection) as queries:
            staff.read(f"proposals/{realm.under_review.pk}/")
        counts.append(len(queries))
    assert counts == [16, 16]


def test_a_unit_is_entered_and_corrected_as_an_import_would(world: World) -> None:
    staff = program(world.staff)
    first = staff.send(
        "units/", {"name": "县教育局", "aliases": ["教育局", "教体局"], "contact_phone": "0574-12345678"}
    )
    assert (first.status_code, first.json()) == (200, {"added": 0, "updated": 1, "unchanged": 0, "hints": []})
    new = staff.send("units/", {"name": "县水利局", "sort": 5})
    assert (new.status_code, new.json()) == (201, {"added": 1, "updated": 0, "unchanged": 0, "hints": []})
    told = staff.read("units/", q="教育局")["results"]
    assert [(row["name"], row["aliases"], row["contact_phone"]) for row in told] == [
        ("县教育局", ["教体局", "教育局"], "057******5678")
    ]
    assert Unit.objects.get(name="县水利局").initials == "xslj"


@pytest.mark.parametrize(
    ("address", "data", "status", "fields"),
    [
        ("units/", {}, 422, ["detail"]),
        ("units/", {"name": ""}, 422, ["detail"]),
        ("units/", {"sort": 5}, 422, ["name"]),
        ("units/", {"name": "县水利局", "sort": "很大", "parent": "没有的局"}, 422, ["sort", "parent"]),
        ("units/", {"name": "县水利局", "nonsense": 1}, 400, ["nonsense"]),
        ("units/", {"name": {"a": 1}}, 400, ["name"]),
        ("units/", {"name": ["甲", 1]}, 400, ["name"]),
        ("units/", [{"name": "县水利局"}], 400, ["detail"]),
        ("seats/", {"name": "新人"}, 422, ["delegation", "gender"]),
        (
            "duty-records/",
            {"deputy": "没有这个人", "done_on": "2026-03-05", "type": "走访", "topic": "走访选民"},
            422,
            ["deputy"],
        ),
        (
            "appointments/",
            {"name": "某", "post": "局长", "wording": "任命", "decided_on": "2026-13-45"},
            422,
            ["decided_on"],
        ),
    ],
)
def test_a_wrong_row_writes_nothing(world: World, address: str, data: object, status: int, fields: list[str]) -> None:
    before = (Unit.objects.count(), Seat.objects.count(), DutyRecord.objects.count())
    answer = program(world.staff).send(address, data)
    assert (answer.status_code, sorted(answer.json())) == (status, sorted(fields)), answer.content.decode()
    assert (Unit.objects.count(), Seat.objects.count(), DutyRecord.objects.count()) == before


@pytest.mark.parametrize("who", ["leader", "gov_office", "unit", "deputy", "township"])
def test_nobody_but_staff_enters_rows(registers: Registers, who: str) -> None:
    client, before = program(registers.users[who]), Unit.objects.count()
    for name in ("units", "seats", "duty-records", "training-classes", "stations", "receptions", "appointments"):
        answer = client.send(f"{name}/", {"name": "县水利局"})
        assert answer.status_code == 403
        assert answer.json()["detail"] in ("您的身份不能查阅这个登记簿。", "您的身份不能在这个登记簿登记。")
    assert Unit.objects.count() == before


def test_the_system_administrator_reads_what_all_share_and_enters_nothing(registers: Registers) -> None:
    client = Program()
    client.force_login(registers.users["administrator"])
    told = client.read("units/", q="县教育局")["results"][0]
    assert "contact_name" not in told
    assert "contact_phone" not in told
    assert client.send("units/", {"name": "县水利局"}).json() == {"detail": "您的身份不能在这个登记簿登记。"}


def test_own_messages_and_own_tasks(realm: Realm) -> None:
    staff, unit = program(realm.users["staff"]), program(realm.users["unit"])
    assert {row["id"] for row in staff.read("messages/", page_size=100)["results"]} == {
        row.pk for row in realm.users["staff"].messages.all()
    }
    told = unit.read("todo/")
    assert sorted(row["verb"] for row in told["results"]) == ["答复", "答复", "签收"]
    assert {row["case"]["name"] for row in told["results"]} == {str(realm.hidden), str(realm.disclosed)}


def test_who_asks_too_often_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "user", "3/min")
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "anon", "2/min")
    staff, leader, nobody = program(world.staff), program(world.leader), Program("npc_wrong")
    assert [staff.get("/api/v1/todo/").status_code for _ in range(3)] == [200, 200, 200]
    answer = staff.get("/api/v1/todo/")
    assert (answer.status_code, answer.json()["detail"][:8]) == (429, "请求过于频繁，请")
    assert 0 < int(answer["Retry-After"]) <= 60
    # Another token of the same account shares its rate, another account does not.
    assert program(world.staff).get("/api/v1/todo/").status_code == 429
    assert leader.get("/api/v1/todo/").status_code == 200
    assert [nobody.get("/api/v1/todo/").status_code for _ in range(3)] == [401, 401, 429]


def test_a_hat_of_a_township_reads_no_register_of_the_county(world: World) -> None:
    user = make.UserFactory(username="t2", name="乡镇", role=Role.TOWNSHIP, role__congress=world.township)
    assert program(user).get("/api/v1/seats/").status_code == 403
