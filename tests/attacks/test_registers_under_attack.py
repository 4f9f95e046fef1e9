"""The registers under attack: what leaks, breaks, gets lost or is counted wrongly."""

import datetime as dt
import io
import random
from typing import Any

import openpyxl
import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment
from bodies.models import Level, Meeting, Township
from deputies.models import DeputyGroup, GroupMember, Seat
from duties.models import DutyRecord, DutyType
from liaison_stations.models import OpinionItem, Reception, Station
from reports.annual import write_annual
from reports.definitions import FIGURES
from reports.figures import compute
from reports.scope import scope_of
from tests import factories as make
from tests.admin.conftest import url
from tests.attacks.conftest import Browser, Realm
from tests.attacks.test_url_matrix import FORMS
from tests.concurrently import beside, somebody_waits, until
from tests.factories import at
from tests.forms.support import book, counts, run_file
from tests.world import build_world
from training.models import TrainingClass
from training.services import delete_class
from workbooks.columns import ImportRefused, get_form
from workbooks.importing import run_import

DAY = dt.date(2026, 3, 5)


def city_seat(realm: Realm, name: str = "周望舒", **person: object) -> Seat:
    """A deputy of the city who belongs to a group of the county."""
    congress = make.CongressFactory(code="990000", name="云溪市", level=Level.CITY)
    term = make.TermFactory(congress=congress)
    seat = make.SeatFactory(term=term, person=make.PersonFactory(name=name, **person), note="市里的备注")
    GroupMember.objects.create(group=realm.registers.own[DeputyGroup], seat=seat)
    return seat


def posted(page: Any) -> dict[str, Any]:
    """What the browser would send of a page of the admin as it stands."""
    form = page.context["adminform"].form
    data = {}
    for each in [
        form,
        *(f for s in page.context["inline_admin_formsets"] for f in [s.formset.management_form, *s.formset.forms]),
    ]:
        for bound in each:
            value = bound.value()
            if isinstance(value, bool):
                if value:
                    data[bound.html_name] = "on"
            elif isinstance(value, list):
                data[bound.html_name] = [str(getattr(one, "pk", one)) for one in value]
            elif value is not None:
                data[bound.html_name] = value() if callable(value) else str(getattr(value, "pk", value))
    if "seen" in page.context:
        data["_seen"] = page.context["seen"]
    return data


def test_phones_of_other_levels_do_not_leave_by_the_export(realm: Realm) -> None:
    city_seat(realm, phone="13977778888", address="市里某路五号", postcode="310000")
    file = realm.client("staff").get(url(Seat, "export") + "?level=all").downloaded
    text = "\n".join(str(cell) for row in openpyxl.load_workbook(io.BytesIO(file)).worksheets[0].values for cell in row)
    assert "周望舒" in text
    for secret in ("13977778888", "市里某路五号", "310000", "市里的备注"):
        assert secret not in text


def test_roster_leaves_the_groups_of_other_congresses_alone(realm: Realm) -> None:
    world = realm.world
    city = make.CongressFactory(code="990000", name="云溪市", level=Level.CITY)
    term = make.TermFactory(congress=city)
    theirs = make.DeputyGroupFactory(term=term, name="市里小组")
    GroupMember.objects.create(group=theirs, seat=world.seat, office="leader")
    GroupMember.objects.create(group=realm.registers.own[DeputyGroup], seat=world.seat)
    file = realm.client("staff").get(url(Seat, "export")).downloaded
    result = run_file("deputies", io.BytesIO(file), congress=world.congress, user=world.staff)
    assert counts(result) == "新增 0、更新 0、未变 3"
    assert GroupMember.objects.get(group=theirs).office == "leader"
    assert not DeputyGroup.objects.filter(term=world.term, name="市里小组").exists()
    run_file(
        "deputies",
        book({"姓名": "李春梅", "性别": "女", "代表团": "城关代表团", "代表小组": "新小组"}),
        congress=world.congress,
    )
    assert GroupMember.objects.filter(group=theirs).exists()


def test_seat_page_of_a_member_of_another_congress_s_group_can_be_saved(realm: Realm) -> None:
    world = realm.world
    city = make.CongressFactory(code="990000", name="云溪市", level=Level.CITY)
    theirs = make.DeputyGroupFactory(term=make.TermFactory(congress=city), name="市里小组")
    GroupMember.objects.create(group=theirs, seat=world.seat, office="leader")
    client = realm.client("staff")
    page = client.get(url(Seat, "change", world.seat.pk))
    assert "市里小组" not in page.content.decode()
    answer = client.post(url(Seat, "change", world.seat.pk), posted(page) | {"elected_by": "第三选区"})
    assert answer.status_code == 302
    assert Seat.objects.get(pk=world.seat.pk).elected_by == "第三选区"
    assert GroupMember.objects.filter(group=theirs).exists()


def test_votes_that_the_database_cannot_add_up(realm: Realm) -> None:
    client = realm.client("staff")
    row = realm.registers.own[Appointment]
    data = posted(client.get(url(Appointment, "change", row.pk)))
    many = str(2**31 - 1)
    for values in ({"expected": many, "in_favour": many, "against": many, "abstained": many}, {"exam_score": "999"}):
        assert client.post(url(Appointment, "change", row.pk), data | values).status_code == 200


@pytest.mark.parametrize(
    "model", [Seat, DutyRecord, DeputyGroup, Station, Reception, OpinionItem, TrainingClass, Appointment]
)
def test_long_search(realm: Realm, model: type[Model]) -> None:
    client = realm.client("staff")
    for text in ("a " * 1500, "买" * 9000, '" ' * 1000):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url(model, "changelist"), {"q": text}).status_code == 200
        assert max(len(query["sql"]) for query in asked) < 100_000


def test_long_term_in_a_picker(realm: Realm) -> None:
    query = {"app_label": "duties", "model_name": "dutyrecord", "field_name": "seat", "term": "a " * 1500}
    assert realm.client("staff").get(reverse("admin:autocomplete"), query).status_code == 200


@pytest.mark.parametrize("name", ["培训班次", "记录合计", "领衔件数", "序号", "其余类型", "姓名", "=1+1"])
def test_type_called_like_a_column_does_not_spoil_the_totals(realm: Realm, name: str) -> None:
    world = realm.world
    type_ = DutyType.objects.create(congress=world.congress, name=name)
    for topic in "甲乙丙":
        DutyRecord.objects.create(
            congress=world.congress, seat=world.seat, done_on=DAY, type=type_, topic=topic,
            recorded_at=dt.datetime(2026, 3, 5, tzinfo=dt.UTC),
        )  # fmt: skip
    out = io.BytesIO()
    write_annual(scope_of(congress=world.congress, year=2026, as_of=DAY, user=world.staff), out)
    rows = list(openpyxl.load_workbook(out)["履职统计"].values)
    total = next(row for row in rows if row[0] == "合计")
    body = rows[3 : rows.index(total)]
    for place, header in enumerate(rows[2]):
        if place >= 4:
            assert total[place] == sum(row[place] or 0 for row in body), header


@pytest.mark.parametrize("model", [Seat, DutyType, Township, Station, Meeting])
def test_what_is_referred_to_is_not_deleted(realm: Realm, model: type[Model]) -> None:
    row, client = realm.registers.own[model], realm.client("staff")
    page = client.get(url(model, "delete", row.pk))
    assert page.context["protected"]
    assert "云溪走访选民" not in page.content.decode()
    client.post(url(model, "delete", row.pk), {"post": "yes"})
    assert model.objects.filter(pk=row.pk).exists()


def test_station_deleted_while_a_file_is_read_is_a_sentence(realm: Realm) -> None:
    class Meanwhile(type(get_form("stations"))):
        def resolve(self, rows: Any, context: Any) -> None:
            super().resolve(rows, context)
            Station.objects.filter(name="空站").delete()

    world = realm.world
    township = realm.registers.own[Township]
    Station.objects.create(congress=world.congress, name="空站", township=township)
    file, form = book({"名称": "空站", "所属乡镇": township.name, "地址": "新址"}), Meanwhile()
    with pytest.raises(ImportRefused, match="刚刚被删除"):
        run_import(form, file, context=form.make_context(congress_code=world.congress.code, user=world.staff))


@pytest.mark.django_db(transaction=True)
def test_two_clerks_delete_one_class() -> None:
    world = build_world()
    row = TrainingClass.objects.create(
        congress=world.congress, name="初任班", kind="initial", starts_on=DAY, attended=1
    )
    client = Browser()
    client.force_login(world.staff)
    address = url(TrainingClass, "delete", row.pk)
    with beside() as start:
        with transaction.atomic():
            delete_class(training_class=TrainingClass.objects.get(pk=row.pk), user=world.staff, now=at(2026, 3, 5))
            answer = start(lambda: client.post(address, {"post": "yes"}))
            until(somebody_waits, what="the second clerk waits for the first")
        assert answer.result().status_code == 302
    assert not TrainingClass.objects.exists()


NEW = [
    DutyRecord,
    DutyType,
    TrainingClass,
    Station,
    Township,
    Reception,
    OpinionItem,
    Appointment,
    Meeting,
    DeputyGroup,
    Seat,
]
BAD = [
    "",
    "\x00",
    "9" * 5000,
    "买" * 10_000,
    "-1",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "99999999999",
    "1e9",
    "=1+1",
]


def some(chance: random.Random, values: list = BAD) -> list:
    """One of the bad values: all of them with all keys take minutes."""
    return chance.sample(values, 1)


@pytest.mark.parametrize("model", NEW)
def test_forms_take_anything_in_any_key(realm: Realm, model: type[Model]) -> None:
    client, row, failed, chance = realm.client("staff"), realm.registers.own[model], [], random.Random(model.__name__)
    for where in (url(model, "change", row.pk), url(model, "add")):
        page = client.get(where)
        if page.status_code == 403:
            continue
        good = posted(page) | ({"pasted": "李春梅"} if model in (TrainingClass, Station) else {})
        for prefix in ("attendances", "members", "group_memberships"):
            if f"{prefix}-TOTAL_FORMS" in good:
                row_of = {"TOTAL_FORMS": "1", "0-seat": str(realm.world.other_seat.pk), "0-id": "", "0-group": "1"}
                good |= {f"{prefix}-{name}": value for name, value in row_of.items()}
        for key in good:
            tries = [{name: value for name, value in good.items() if name != key}, good | {key: [good[key], good[key]]}]
            tries += [good | {key: bad} for bad in some(chance)]
            failed += [
                (where, key, str(data.get(key))[:20]) for data in tries if client.post(where, data).status_code >= 500
            ]
    assert failed == []


FILTERS = [
    "year", "level", "group", "settled", "doubt", "meeting", "ethnicity", "unit", "type__id__exact", "seat__delegation__id__exact",
    "station__township__id__exact", "opinion__handling__exact", "handling", "kind__exact", "source__exact", "term__id__exact",
    "is_reelected__exact", "person__gender__exact", "o", "p", "q", "_popup", "_to_field", "e", "all",
]  # fmt: skip


@pytest.mark.parametrize("model", NEW)
def test_lists_take_anything_in_any_filter(realm: Realm, model: type[Model]) -> None:
    client, chance = realm.client("staff"), random.Random(model.__name__)
    exports = ["export"] if f"{model._meta.app_label}_{model._meta.model_name}_export" in FORMS else []
    asked = [
        (page, key, bad)
        for page in ("changelist", "print", *exports)
        for key in FILTERS
        for bad in some(chance, [*BAD, "1", "all", "yes", "2026", ["1", "2"]])
    ]
    assert [line for line in asked if client.get(url(model, line[0]), {line[1]: line[2]}).status_code >= 500] == []


def test_reports_take_anything(realm: Realm) -> None:
    client, chance = realm.client("staff"), random.Random(3)
    addresses = [reverse(f"reports:{name}") for name in ("overview", "annual", "runs")] + [reverse("deputies:roster")]
    addresses += [reverse("reports:figure", args=[2026, code]) for code in ("deputies", "trainees", "reporting-rate")]
    addresses += [reverse("reports:sheet", args=[2026, code]) for code in ("structure", "by-unit")]
    asked = [
        (address, key, bad)
        for address in addresses
        for key in ("congress", "year", "part", "page", "level", "group", "delegation", "q")
        for bad in some(chance, [*BAD, "990100101", "990200", ["990100", "990200"], "all", "5"])
    ]
    assert [line for line in asked if client.get(line[0], {line[1]: line[2]}).status_code >= 500] == []
    posts = [{}, *({"year": bad} for bad in BAD), *({"year": ["2026", bad]} for bad in BAD)]
    assert [data for data in posts if client.post(reverse("reports:ask"), data).status_code >= 500] == []


def test_who_was_elected_again_in_the_year_reported_in_it(realm: Realm) -> None:
    congress = make.CongressFactory(name="换届县")
    old = make.TermFactory(
        congress=congress, name="第十七届", starts_on=dt.date(2021, 1, 1), ends_on=dt.date(2026, 6, 30)
    )
    new = make.TermFactory(
        congress=congress, name="第十八届", starts_on=dt.date(2026, 7, 1), ends_on=dt.date(2031, 6, 30)
    )
    first = make.SeatFactory(term=old)
    make.SeatFactory(term=new, person=first.person, is_reelected=True)
    type_ = DutyType.objects.create(congress=congress, name="报告履职")
    DutyRecord.objects.create(
        congress=congress,
        seat=first,
        done_on=DAY,
        type=type_,
        topic="述职",
        recorded_at=dt.datetime(2026, 3, 5, tzinfo=dt.UTC),
    )
    values = compute(FIGURES, scope_of(congress=congress, year=2026, as_of=DAY))
    assert (values["own-deputies"], values["reporting-deputies"], str(values["reporting-rate"])) == (1, 1, "100.0")
    empty = make.CongressFactory(name="空县")
    make.TermFactory(congress=empty)
    values = compute(FIGURES, scope_of(congress=empty, year=2026, as_of=DAY))
    assert set(values.values()) <= {0, None}


@pytest.mark.parametrize("text", ["_x0041_", "_x000D_", "=1+1", "\t=1", "'=1", "<r>x</r>", "a_x005F_b"])
def test_texts_come_back_from_the_export(realm: Realm, text: str) -> None:
    row = realm.registers.own[DutyRecord]
    DutyRecord.objects.filter(pk=row.pk).update(topic=f"{text}".strip(), content="长" * 30_000)
    file = realm.client("staff").get(url(DutyRecord, "export")).downloaded
    cells = openpyxl.load_workbook(io.BytesIO(file)).worksheets[0]
    assert cells["E2"].data_type == "s"
    result = run_file("duty_records", io.BytesIO(file), congress=realm.world.congress, user=realm.world.staff)
    assert counts(result).startswith("新增 0、更新 0")


@pytest.mark.parametrize(
    "who", ["gov_office", "unit", "police", "township", "deputy", "other_deputy", "stranger", "hatless"]
)
def test_what_visitors_and_stations_told_is_not_on_pages_of_others(realm: Realm, who: str) -> None:
    world = realm.world
    station = realm.registers.own[Station]
    Station.objects.filter(pk=station.pk).update(name="机密站")
    DutyRecord.objects.create(
        congress=world.congress, seat=world.other_seat, done_on=DAY, type=realm.registers.own[DutyType],
        topic="机密行踪", content="机密内容", recorded_at=dt.datetime(2026, 3, 5, tzinfo=dt.UTC),
    )  # fmt: skip
    client = realm.client(who)
    addresses = [reverse("deputies:roster"), reverse("reports:overview"), reverse("casework:home")]
    addresses += [reverse("deputies:person", args=[seat.person_id]) for seat in (world.seat, world.other_seat)]
    addresses += [
        reverse("reports:figure", args=[2026, code])
        for code in ("duty-records", "stations", "receptions", "opinions", "appointments", "trainings")
    ]
    addresses += [
        reverse("reports:figure", args=[2026, code]) + "?congress=990100"
        for code in ("deputies", "groups", "duty-records")
    ]
    text = "\n".join(client.get(address).content.decode() for address in addresses)
    if who != "other_deputy":
        assert "机密行踪" not in text
    assert "机密站" not in text
