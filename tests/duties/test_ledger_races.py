"""Registers and people who write the ledger at the same moment: one line, no error, nothing lost."""

import threading

import pytest
from django.db import IntegrityError, transaction

import duties.services
from duties.models import DutyRecord, DutyType
from duties.services import UnableToRecord, save_record
from tests import factories as make
from tests.concurrently import beside, somebody_waits, until
from tests.duties.ledger import DAY, TOPIC, followed, ledger, line
from tests.factories import at
from tests.forms.support import counts, run
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return build_world()


def type_it(world: World, place: str = "三楼") -> DutyRecord:
    kind = DutyType.objects.get_or_create(congress=world.congress, name="学习培训")[0]
    record = DutyRecord(congress=world.congress, seat=world.seat, done_on=DAY, type=kind, topic=TOPIC, place=place)
    return save_record(record=record, user=world.staff, now=at(2026, 3, 6))


def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both writers look before either of them writes."""
    monkeypatch.setattr(duties.services, "lock_ledger", lambda congress: None)
    both_looked, save = threading.Barrier(2), duties.services._save

    def save_together(*args: object) -> None:
        both_looked.wait(timeout=20)
        save(*args)

    monkeypatch.setattr(duties.services, "_save", save_together)


def test_two_at_once_say_the_same_of_one_row(world: World) -> None:
    rows = {7: [line(world.seat), line(world.other_seat)]}
    assert at_once(*[lambda: followed(world, rows)] * 2) == [None, None]
    assert [row[4:] for row in ledger()] == [("training", 7, "")] * 2


def test_without_the_lock_one_of_them_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    without_the_lock(monkeypatch)
    DutyType.objects.create(congress=world.congress, name="学习培训")
    rows = {7: [line(world.seat), line(world.other_seat)]}
    results = at_once(*[lambda: followed(world, rows)] * 2)
    assert [type(result) for result in results if result] == [IntegrityError]


def test_the_last_of_two_corrections_stands_whole(world: World) -> None:
    followed(world, {7: [line(world.seat)]})
    with beside() as start, transaction.atomic():
        followed(world, {7: [line(world.seat, place="甲"), line(world.other_seat, place="甲")]})
        second = start(lambda: followed(world, {7: [line(world.other_seat, place="乙")]}))
        until(somebody_waits, what="the second waits for the ledger")
    second.result(timeout=60)
    assert [(row[0], row[3]) for row in ledger()] == [("阿卜杜拉·买买提", "乙")]


def test_a_register_waits_for_who_types_the_same_line_and_takes_it(world: World) -> None:
    with beside() as start, transaction.atomic():
        mine = type_it(world)
        register = start(lambda: followed(world, {7: [line(world.seat)]}))
        until(somebody_waits, what="the register waits for the ledger")
    register.result(timeout=60)
    assert [(row.pk, row.place, row.source, row.typed_as) for row in DutyRecord.objects.all()] == [
        (mine.pk, "三楼", "training", "proxy")
    ]


def test_who_types_waits_for_the_register_and_hears_that_it_is_there(world: World) -> None:
    with beside() as start, transaction.atomic():
        followed(world, {7: [line(world.seat)]})
        typing = start(lambda: type_it(world))
        until(somebody_waits, what="who types waits for the ledger")
    refusal = typing.exception(timeout=60)
    assert isinstance(refusal, UnableToRecord)
    assert "由「培训」自动登记" in str(refusal)
    assert DutyRecord.objects.count() == 1


def test_without_the_lock_the_line_is_counted_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties.services, "lock_ledger", lambda congress: None)
    DutyType.objects.create(congress=world.congress, name="学习培训")
    with beside() as start, transaction.atomic():
        type_it(world)
        start(lambda: followed(world, {7: [line(world.seat)]})).result(timeout=60)
    assert DutyRecord.objects.count() == 2


def test_who_corrects_a_line_that_a_register_takes_meanwhile_is_told(world: World) -> None:
    mine = type_it(world)
    with beside() as start, transaction.atomic():
        followed(world, {7: [line(world.seat)]})
        mine.place = "四楼"
        correcting = start(lambda: save_record(record=mine, user=world.staff, now=at(2026, 3, 6)))
        until(somebody_waits, what="who corrects waits for the ledger")
    assert "由「培训」自动登记" in str(correcting.exception(timeout=60))
    assert [row[3:] for row in ledger()] == [("三楼", "training", 7, "proxy")]


def test_an_import_waits_for_the_register_and_leaves_its_line_alone(world: World) -> None:
    row = {"代表": "李春梅", "日期": "2026-03-05", "类型": "学习培训", "主题": TOPIC, "地点": "三楼"}
    with beside() as start, transaction.atomic():
        followed(world, {7: [line(world.seat)]})
        importing = start(lambda: counts(run("duty_records", row, congress=world.congress)))
        until(somebody_waits, what="the import waits for the ledger")
    assert importing.result(timeout=60) == "新增 0、更新 0、未变 1"
    assert [row[3:] for row in ledger()] == [("", "training", 7, "")]


def test_the_same_file_twice_at_once_ends_as_once(world: World) -> None:
    row = {"代表": "李春梅", "日期": "2026-03-05", "类型": "学习培训"}
    rows = [row | {"主题": f"第{n}期"} for n in range(30)]
    results = at_once(*[lambda: counts(run("duty_records", *rows, congress=world.congress))] * 2)
    assert sorted(results) == ["新增 0、更新 0、未变 30", "新增 30、更新 0、未变 0"]
    assert DutyRecord.objects.count() == 30


def test_other_congresses_do_not_wait(world: World) -> None:
    seat = make.SeatFactory(term=make.TermFactory(congress=world.foreign_congress))
    with beside() as start, transaction.atomic():
        followed(world, {7: [line(world.seat)]})
        elsewhere = start(
            lambda: duties.services.follow(
                congress=world.foreign_congress,
                source=duties.services.Source.TRAINING,
                lines={8: [line(seat)]},
                user=None,
                now=at(2026, 3, 7),
            )
        )
        elsewhere.result(timeout=60)
    assert [row[5] for row in ledger()] == [7, 8]


def test_a_deputy_may_be_entered_while_the_ledger_is_written(world: World) -> None:
    """The lock is none on what refers to the congress."""
    with beside() as start, transaction.atomic():
        followed(world, {7: [line(world.seat)]})
        start(lambda: make.UnitFactory(congress=world.congress)).result(timeout=60)
