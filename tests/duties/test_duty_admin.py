"""The register of duty records: entered, found, corrected; lines of other registers are only read there."""

import datetime as dt
import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from duties import sources
from duties.models import DutyRecord, DutyType, Source
from duties.services import lock_ledger
from tests import factories as make
from tests.concurrently import beside, somebody_waits, until
from tests.duties.ledger import DAY, TOPIC, followed, ledger, line, typed
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
LIST = "admin:duties_dutyrecord_changelist"


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(row: DutyRecord, name: str = "change") -> str:
    return reverse(f"admin:duties_dutyrecord_{name}", args=[row.pk])


def data(world: World, **values: object) -> dict:
    default = {
        "seat": world.seat.pk, "done_on": "2026-03-05", "type_name": " 专题调研", "topic": " 调研\u200b校车 ", "place": "",
        "content": "", "quantity": "", "suggestions": "0", "source": "proxy",
    }  # fmt: skip
    return default | values


def said(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_line_is_typed_corrected_and_deleted(world: World) -> None:
    client = as_user(world.staff)
    response = client.post(reverse("admin:duties_dutyrecord_add"), data(world, quantity="1.5", source="self"))
    assert response.status_code == 302
    row = DutyRecord.objects.get()
    assert (row.congress, row.seat, row.done_on, row.topic, row.source, row.recorded_by) == (
        world.congress, world.seat, DAY, "调研校车", "self", world.staff,
    )  # fmt: skip
    assert client.post(page(row), data(world, place="实验小学", suggestions="2")).status_code == 302
    row.refresh_from_db()
    assert (row.place, row.suggestions, row.quantity, row.source) == ("实验小学", 2, None, "proxy")
    assert client.post(page(row, "delete"), {"post": "yes"}).status_code == 302
    assert DutyRecord.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"topic": "代录的"}, "这位代表当天已有同一类型、同一主题的履职记录，不用再登记。"),
        ({"topic": TOPIC, "type_name": "学习培训"}, "（由「培训」自动登记），不用再登记。"),
        ({"done_on": "1901-01-01"}, "年份应在 1949 至 2099 之间。"),
        ({"quantity": "-1"}, "数量不能小于0。"),
        ({"source": "training"}, "training 不在可用的选项中"),
        ({"topic": "\u200b"}, "请填写这一项。"),
    ],
)
def test_what_cannot_be_is_an_error_of_the_form(world: World, change: dict, sentence: str) -> None:
    typed(world, line(world.seat, topic="代录的", type="专题调研"))
    followed(world, {7: [line(world.seat)]})
    response = as_user(world.staff).post(reverse("admin:duties_dutyrecord_add"), data(world, **change))
    assert response.status_code == 200
    assert sentence in str(response.context["errors"])
    assert DutyRecord.objects.count() == 2


def test_a_line_of_another_register_is_read_and_leads_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sources._finders, Source.TRAINING, lambda user, keys: {key: f"/class/{key}/" for key in keys})
    followed(world, {7: [line(world.seat)]})
    row, client = DutyRecord.objects.get(), as_user(world.staff)
    html = client.get(page(row)).content.decode()
    assert "这一条由「培训」自动登记，在这里只能查看" in html
    assert '<a href="/class/7/">培训：打开原登记</a>' in html
    assert 'name="topic"' not in html
    assert client.post(page(row), data(world)).status_code == 403
    assert client.post(page(row, "delete"), {"post": "yes"}).status_code == 403
    assert ledger() == [("李春梅", DAY, TOPIC, "", "training", 7, "")]


def test_the_list_is_filtered_and_searched(world: World) -> None:
    world.seat.person.initials = "lcm"
    world.seat.person.save()
    typed(world, line(world.seat, topic="去年的", done_on=dt.date(2025, 3, 5)), line(world.other_seat, topic="今年的"))
    followed(world, {7: [line(world.seat, type="接待选民", topic="接待群众")]}, Source.RECEPTION)
    group = make.DeputyGroupFactory(term=world.term)
    group.members.create(seat=world.other_seat)
    client = as_user(world.staff)

    def found(**query: object) -> list[str]:
        response = client.get(reverse(LIST), query)
        assert response.status_code == 200, query
        return [row.topic for row in response.context["cl"].result_list]

    assert found() == ["接待群众", "今年的", "去年的"]
    assert found(year="2025") == ["去年的"]
    assert found(source__exact="reception") == ["接待群众"]
    assert found(type__id__exact=DutyType.objects.get(name="学习培训").pk) == ["今年的", "去年的"]
    assert found(seat__delegation__id__exact=world.other_seat.delegation_id) == ["今年的"]
    assert found(group=group.pk) == ["今年的"]
    assert found(q="LCM") == ["接待群众", "去年的"]
    assert found(q="春梅 去年") == ["去年的"]
    assert found(q="接待") == ["接待群众"]
    assert found(year="9999") == []


def test_the_list_takes_the_same_queries_for_any_number_of_lines(world: World) -> None:
    client = as_user(world.staff)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(LIST))
        return len(captured)

    typed(world, line(world.seat, topic="一"))
    few = queries()
    typed(world, *[line(world.seat, topic=f"第{n}次") for n in range(30)])
    assert queries() == few


def test_totals_are_taken_over_what_the_filters_find(world: World) -> None:
    typed(
        world,
        line(world.seat, topic="一", suggestions=2),
        line(world.seat, topic="二", suggestions=1),
        line(world.other_seat, topic="三", suggestions=5, done_on=dt.date(2025, 1, 1)),
    )
    client = as_user(world.staff)
    assert client.get(reverse(LIST)).context["cl"].totals == [
        ("履职记录", "3"), ("参加代表", "2"), ("提出建议数", "8"),
    ]  # fmt: skip
    assert client.get(reverse(LIST), {"year": "2026"}).context["cl"].totals == [
        ("履职记录", "2"), ("参加代表", "1"), ("提出建议数", "3"),
    ]  # fmt: skip


def test_who_may_open_the_register(world: World) -> None:
    typed(world, line(world.seat))
    row = DutyRecord.objects.get()
    assert as_user(world.leader).get(page(row)).status_code == 200
    assert 'name="topic"' not in as_user(world.leader).get(page(row)).content.decode()
    assert as_user(world.leader).get(reverse("admin:duties_dutyrecord_add")).status_code == 403
    assert as_user(world.stranger).get(page(row)).status_code == 404
    assert as_user(world.stranger).get(reverse(LIST)).context["cl"].result_count == 0
    for user in (world.deputy, world.unit_user, world.township_user):
        assert as_user(user).get(reverse(LIST)).status_code in (302, 403)


def test_a_deputy_of_another_county_cannot_be_entered(world: World) -> None:
    foreign = make.SeatFactory(term=make.TermFactory(congress=world.foreign_congress))
    response = as_user(world.staff).post(reverse("admin:duties_dutyrecord_add"), data(world, seat=foreign.pk))
    assert response.status_code == 200
    assert DutyRecord.objects.count() == 0


def test_types_are_offered_and_new_ones_made_on_first_use(world: World) -> None:
    DutyType.objects.create(congress=world.foreign_congress, name="外县类型")
    client = as_user(world.staff)
    add = reverse("admin:duties_dutyrecord_add")
    html = client.get(add).content.decode()
    assert '<option value="专题调研"></option>' in html
    assert "外县类型" not in html
    for topic in ("一", "二"):
        assert client.post(add, data(world, topic=topic, type_name="走访(入户)")).status_code == 302
    assert [(row.name, row.congress) for row in DutyType.objects.filter(name="走访（入户）")] == [
        ("走访（入户）", world.congress)
    ]
    row = DutyRecord.objects.first()
    html = client.get(page(row)).content.decode()
    assert 'value="走访（入户）"' in html
    assert client.post(page(row), data(world, topic="二", type_name="<b>")).status_code == 302
    assert "<b></option>" not in client.get(add).content.decode()


def test_types_count_their_lines_and_stay_while_used(world: World) -> None:
    typed(world, line(world.seat, topic="一"), line(world.seat, topic="二"))
    kind, client = DutyType.objects.get(), as_user(world.staff)
    response = client.get(reverse("admin:duties_dutytype_changelist"))
    assert [(row.name, row.used) for row in response.context["cl"].result_list] == [("学习培训", 2)]
    html = client.get(reverse("admin:duties_dutytype_delete", args=[kind.pk])).content.decode()
    assert "履职记录：2 条" in html
    change = reverse("admin:duties_dutytype_change", args=[kind.pk])
    assert client.post(change, {"congress": world.congress.pk, "name": "培训", "sort": "5"}).status_code == 302
    kind.refresh_from_db()
    assert (kind.name, kind.sort) == ("培训", 5)
    assert as_user(world.stranger).get(change).status_code == 404


def test_doors_of_the_form(world: World) -> None:
    typed(world, line(world.seat))
    client = as_user(world.staff)
    html = client.get(reverse(LIST)).content.decode()
    for name in ("import", "export", "template"):
        address = reverse(f"admin:duties_dutyrecord_{name}")
        assert address in html
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            assert response.getvalue()[:2] == b"PK"


@pytest.mark.django_db(transaction=True)
def test_a_clerk_who_saves_waits_for_the_register_before_he_locks_the_line() -> None:
    """Locked the other way round, the two would wait for each other."""
    world = build_world()
    (row,) = typed(world, line(world.seat, type="专题调研", topic="调研校车"))
    change = data(world, topic="调研校车", place="四楼")
    with beside() as start, transaction.atomic():
        lock_ledger(congress=world.congress)
        saving = start(lambda: as_user(world.staff).post(page(row), change))
        until(somebody_waits, what="the clerk waits for the ledger")
        followed(world, {7: [line(world.seat, type="专题调研", topic="调研校车")]})
    assert saving.result(timeout=60).status_code == 403
    assert [entry[3:] for entry in ledger()] == [("", "training", 7, "self")]
