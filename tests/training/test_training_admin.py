"""The register of training classes in the browser: staff keep it, leaders read it, nobody else is let in."""

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from deputies.models import Seat
from duties import sources
from duties.models import Source
from tests import factories as make
from tests.training.classes import deputies, held, ledger, typed
from tests.world import World
from training.models import Attendance, TrainingClass

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 5)
LI, AB = "李春梅", "阿卜杜拉·买买提"


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(page: str, *args: object) -> str:
    return reverse(f"admin:training_trainingclass_{page}", args=args)


def data(
    world: World, *picked: Seat, stored: TrainingClass | None = None, gone: tuple[Seat, ...] = (), **values: object
) -> dict:
    """What the form sends: the class, its stored names with those to be taken away, and names picked besides."""
    form = {
        "congress": world.congress.pk, "name": "代表履职培训班", "kind": "duty", "starts_on": "2026-03-05", "attended": 40,
        "place": "县委党校",
    } | values  # fmt: skip
    rows = list(stored.attendances.all()) if stored else []
    form |= {"attendances-TOTAL_FORMS": len(rows) + len(picked), "attendances-INITIAL_FORMS": len(rows)}
    for number, row in enumerate(rows):
        form |= {f"attendances-{number}-id": row.pk, f"attendances-{number}-training_class": stored.pk}
        if row.seat in gone:
            form[f"attendances-{number}-DELETE"] = "on"
    for number, seat in enumerate(picked, start=len(rows)):
        form[f"attendances-{number}-seat"] = seat.pk
    return form


def errors(response: object) -> list[str]:
    """Every error of the form and its rows, in the order of the page."""
    assert response.status_code == 200
    found = [[error] if isinstance(error, str) else list(error) for error in response.context["errors"]]
    return [str(error) for errors in found for error in errors]


def lines(*names: str, topic: str = "代表履职培训班", day: dt.date = DAY, place: str = "县委党校") -> list[tuple]:
    key = TrainingClass.objects.get().pk
    return [(name, day, "学习培训", topic, place, "training", key) for name in names]


def test_adding_a_class_with_names_picked_and_pasted_writes_the_ledger(world: World) -> None:
    client = as_user(world.staff)
    added = data(
        world, world.seat, name=" 代表履职培训班 ", pasted="阿卜杜拉.买买提\n李春梅", hours="16.0", audience="全体代表"
    )
    assert client.post(url("add"), added).status_code == 302
    row = TrainingClass.objects.get()
    assert (row.name, row.congress, row.audience, row.attendances.count()) == (
        "代表履职培训班",
        world.congress,
        "全体代表",
        2,
    )
    assert ledger() == lines(LI, AB)
    log = LogEntry.objects.get()
    assert (log.user, log.object_id, log.get_change_message()) == (
        world.staff, str(row.pk), "已添加。 添加了 参训代表“李春梅”。",
    )  # fmt: skip


def test_changing_a_class_corrects_the_ledger(world: World) -> None:
    row = held(world, world.seat, world.other_seat)
    client = as_user(world.staff)
    changed = data(world, stored=row, gone=(world.seat,), name="专题班", starts_on="2026-03-09", place="云溪宾馆")
    assert client.post(url("change", row.pk), changed).status_code == 302
    assert ledger() == lines(AB, topic="专题班", day=dt.date(2026, 3, 9), place="云溪宾馆")
    again = data(world, world.seat, stored=row, name="专题班", starts_on="2026-03-09", place="云溪宾馆")
    assert client.post(url("change", row.pk), again).status_code == 302
    assert [line[0] for line in ledger()] == [LI, AB]
    messages = [log.get_change_message() for log in LogEntry.objects.order_by("pk")]
    assert messages == [
        "已修改班次，开始日期 和 地点。 删除了 参训代表“李春梅”。",
        "添加了 参训代表“李春梅”。",
    ]


def test_deleting_a_class_says_what_goes_and_gives_back_what_was_typed(world: World) -> None:
    record = typed(world, world.seat)
    row = held(world, world.seat, world.other_seat)
    client = as_user(world.staff)
    page = client.get(url("delete", row.pk))
    assert dict(page.context["model_count"]) == {"培训班次": 1, "参训代表": 2, "履职记录": 1}
    assert client.post(url("delete", row.pk), {"post": "yes"}).status_code == 302
    assert (TrainingClass.objects.count(), Attendance.objects.count()) == (0, 0)
    record.refresh_from_db()
    assert [(line[0], line[5]) for line in ledger()] == [(LI, Source.SELF)]


def test_pasted_names_that_are_unknown_or_not_unique_are_told(world: World) -> None:
    for seat in (world.seat, world.other_seat):
        make.SeatFactory(term=world.term, delegation=seat.delegation, person__name="王重名")
    client = as_user(world.staff)
    response = client.post(url("add"), data(world, pasted="李春眉、赵无名；王重名，李春梅"))
    assert errors(response) == [
        "不认识代表「李春眉」：是不是 李春梅？；不认识代表「赵无名」。",
        "本届有 2 位代表叫「王重名」（北岭代表团、城关代表团），请改填代表证号。",
    ]
    assert "李春眉、赵无名；王重名，李春梅" in response.content.decode()
    assert (TrainingClass.objects.count(), ledger()) == (0, [])


def test_what_cannot_be_is_an_error_of_the_form(world: World) -> None:
    old = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31)
    )
    before = make.SeatFactory(term=old, person=world.seat.person)
    foreign = make.SeatFactory(term__congress=world.foreign_congress, person__name="石桥人")
    row = held(world, world.seat)
    client, refused = as_user(world.staff), "请核对班次「新班」的参训代表和实到人次。"
    for sent, expected in [
        (data(world), ["同一天开始的同名班次已经登记。"]),
        (data(world, name="新班", ends_on="2026-03-04"), ["结束日期不能早于开始日期。"]),
        (data(world, name="新班", hours="-1"), ["学时不能小于0。"]),
        (data(world, name="　"), ["请填写这一项。"]),
        (
            data(world, world.seat, world.other_seat, name="新班", attended=1),
            [f"参训代表有 2 名，多于实到人次 1。{refused}"],
        ),
        (
            data(world, world.other_seat, name="新班", attended=1, pasted=LI),
            [f"参训代表有 2 名，多于实到人次 1。{refused}"],
        ),
        (data(world, world.seat, world.seat, name="新班"), ["「代表」不能重复。", "请改正重复的内容。"]),
        (data(world, before, name="新班"), ["这是「李春梅」在第十七届的代表资格，这个班次在第十八届。"]),
        (data(world, foreign, name="新班"), ["所选内容不在可选范围内，请重新选择。"]),
        (data(world, name="新班", congress=world.foreign_congress.pk), ["所选内容不在可选范围内，请重新选择。"]),
    ]:
        assert errors(client.post(url("add"), sent)) == expected
    assert list(TrainingClass.objects.all()) == [row]
    fewer = data(world, world.other_seat, stored=row, attended=1)
    assert errors(client.post(url("change", row.pk), fewer)) == [
        "参训代表有 2 名，多于实到人次 1。请核对班次「代表履职培训班」的参训代表和实到人次。"
    ]
    assert ledger() == lines(LI)


def test_forged_rows_change_nothing_of_another_class(world: World) -> None:
    row, other = held(world, world.seat), held(world, world.other_seat, name="别的班")
    client, theirs = as_user(world.staff), other.attendances.get()
    good = data(world, stored=row)
    for key in (theirs.pk, 10**6, "x", "", "9" * 30, "\x00"):
        for change in ({}, {"attendances-0-DELETE": "on"}):
            response = client.post(url("change", row.pk), good | {"attendances-0-id": key} | change)
            assert response.status_code in (200, 302), key
    for junk in (
        {"attendances-INITIAL_FORMS": "x"},
        {"attendances-TOTAL_FORMS": "99999"},
        {"attendances-INITIAL_FORMS": "5"},
    ):
        assert client.post(url("change", row.pk), good | junk).status_code in (200, 302), junk
    found = Attendance.objects.order_by("pk").values_list("training_class", "seat")
    assert list(found) == [(row.pk, world.seat.pk), (other.pk, world.other_seat.pk)]
    assert [line[0] for line in ledger()] == [LI, AB]


def test_who_may_do_what(world: World) -> None:
    row = held(world, world.seat)
    for name in ("deputy", "unit_user", "gov_office", "township_user"):
        assert as_user(getattr(world, name)).get(url("changelist")).status_code in (302, 403), name
    leader = as_user(world.leader)
    page = leader.get(url("change", row.pk)).content.decode()
    assert "县委党校" in page
    assert LI in page
    assert 'name="pasted"' not in page
    assert leader.get(url("changelist")).status_code == 200
    assert b"".join(leader.get(url("export")).streaming_content)[:2] == b"PK"
    assert {leader.get(url(name)).status_code for name in ("add", "import", "template")} == {403}
    assert leader.post(url("change", row.pk), data(world, stored=row, name="改名")).status_code == 403
    assert leader.post(url("delete", row.pk), {"post": "yes"}).status_code == 403
    stranger = as_user(world.stranger)
    assert "代表履职培训班" not in stranger.get(url("changelist")).content.decode()
    pages = [url(name, row.pk) for name in ("change", "delete", "history")]
    assert [stranger.get(page).status_code for page in pages] == [404, 404, 404]
    assert stranger.post(url("delete", row.pk), {"post": "yes"}).status_code == 404
    exported = b"".join(stranger.get(url("export")).streaming_content)
    assert exported[:2] == b"PK"
    assert TrainingClass.objects.get().name == "代表履职培训班"


def test_the_list_filters_searches_and_adds_up(world: World) -> None:
    held(world, world.seat, expected=50)
    held(world, name="线上学习", kind="topic", form="online", starts_on=dt.date(2025, 6, 1), attended=300, hours=2)
    client = as_user(world.staff)

    def found(**query: str) -> tuple[list[str], list[tuple[str, str]]]:
        response = client.get(url("changelist"), query)
        assert response.status_code == 200, query
        listed = response.context["cl"]
        return [row.name for row in listed.result_list], list(listed.totals)

    both = (["代表履职培训班", "线上学习"], [("班次", "2"), ("应到人数", "50"), ("实到人次", "340")])
    one = (["线上学习"], [("班次", "1"), ("应到人数", "0"), ("实到人次", "300")])
    assert found() == both
    for query in ({"kind__exact": "topic"}, {"form__exact": "online"}, {"year": "2025"}, {"q": "线上"}):
        assert found(**query) == one, query
    assert found(q="党校")[0] == ["代表履职培训班", "线上学习"]
    assert found(year="2019") == ([], [])


@pytest.mark.parametrize("rows", [3, 300])
def test_the_pages_ask_the_same_whatever_their_length(
    world: World, rows: int, django_assert_num_queries: object
) -> None:
    seats = deputies(world, rows)
    row = held(world, *seats, attended=1000)
    for n in range(rows - 1):
        TrainingClass.objects.create(
            congress=world.congress, name=f"第{n}班", kind="duty", starts_on=DAY - dt.timedelta(n), attended=n
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = as_user(world.staff)
    pages = [(url("changelist"), 8), (url("changelist") + "?q=班&kind__exact=duty", 8), (url("change", row.pk), 11)]
    for page, expected in pages:
        # The first request of a session does what no later one does.
        client.get(page)
        with django_assert_num_queries(expected, info=page):
            assert client.get(page).status_code == 200


def test_the_ledger_finds_the_class_for_those_who_may_open_it(world: World) -> None:
    row, key = held(world, world.seat), Source.TRAINING
    found = {
        name: sources.addresses(getattr(world, name), [(key, row.pk), (key, row.pk + 1)])
        for name in ("staff", "leader", "deputy", "stranger", "unit_user")
    }
    open_here = {(key, row.pk): url("change", row.pk)}
    assert found == {"staff": open_here, "leader": open_here, "deputy": {}, "stranger": {}, "unit_user": {}}
