"""A class is entered once: the ledger of who attended follows it, and nothing is counted twice."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from duties.models import DutyRecord, Source
from tests import factories as make
from tests.training.classes import NOW, VALUES, deputies, held, ledger, typed
from tests.world import World
from training.models import Attendance, TrainingClass
from training.services import ClassEntry, UnableToSaveClass, delete_class, save_class, save_classes

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 5)
LI, AB = "李春梅", "阿卜杜拉·买买提"


def save(world: World, *entries: ClassEntry) -> str:
    return str(save_classes(congress=world.congress, entries=entries, user=world.staff, now=NOW))


def lines(key: int, *names: str, day: dt.date = DAY, topic: str = VALUES["name"], place: str = VALUES["place"]) -> list:
    return [(name, day, "学习培训", topic, place, "training", key) for name in names]


def test_a_class_writes_one_line_for_each_who_attended(world: World) -> None:
    row = held(world, world.seat, world.other_seat)
    assert ledger() == lines(row.pk, LI, AB)
    record = DutyRecord.objects.filter(seat=world.seat).get()
    assert (record.recorded_by, record.recorded_at, record.quantity, record.suggestions) == (world.staff, NOW, None, 0)
    again = ClassEntry(row, VALUES, [world.seat, world.other_seat])
    assert save(world, again) == "新增 0、更新 0、未变 1"
    assert ledger() == lines(row.pk, LI, AB)


def test_correcting_the_class_corrects_the_lines(world: World) -> None:
    row = held(world, world.seat, world.other_seat)
    day = dt.date(2026, 4, 7)
    correction = {"name": "代表专题培训班", "starts_on": day, "place": "云溪宾馆"}
    assert save(world, ClassEntry(row, correction)) == "新增 0、更新 1、未变 0"
    assert ledger() == lines(row.pk, LI, AB, day=day, topic="代表专题培训班", place="云溪宾馆")
    row.place = ""
    save_class(training_class=row, user=world.staff, now=NOW)
    assert ledger() == lines(row.pk, LI, AB, day=day, topic="代表专题培训班", place="")


def test_names_come_and_go_with_their_lines(world: World) -> None:
    row = held(world, world.seat)
    assert save(world, ClassEntry(row, {}, [world.other_seat])) == "新增 0、更新 1、未变 0"
    assert ledger() == lines(row.pk, AB)
    save_class(training_class=row, user=world.staff, now=NOW, joining=[world.seat, world.other_seat])
    assert ledger() == lines(row.pk, LI, AB)
    save_class(training_class=row, user=world.staff, now=NOW, leaving=[world.seat.pk])
    assert ledger() == lines(row.pk, AB)
    assert list(Attendance.objects.values_list("training_class", "seat")) == [(row.pk, world.other_seat.pk)]
    assert save(world, ClassEntry(row, {}, [])) == "新增 0、更新 1、未变 0"
    assert (ledger(), Attendance.objects.count()) == ([], 0)


def test_deleting_the_class_takes_its_lines_and_no_others(world: World) -> None:
    row, other = held(world, world.seat), held(world, world.seat, name="另一个班")
    delete_class(training_class=row, user=world.staff, now=NOW)
    assert ledger() == lines(other.pk, LI, topic="另一个班")
    assert list(TrainingClass.objects.all()) == [other]
    assert Attendance.objects.get().training_class == other


def test_a_line_typed_before_is_taken_over_and_given_back(world: World) -> None:
    record = typed(world, world.seat, place="旧地点", content="听了两场讲座")
    row = held(world, world.seat, world.other_seat)
    assert ledger() == lines(row.pk, LI, AB)
    record.refresh_from_db()
    assert (record.source, record.typed_as, record.content) == (Source.TRAINING, Source.SELF, "听了两场讲座")
    save_class(training_class=row, user=world.staff, now=NOW, leaving=[world.seat.pk])
    record.refresh_from_db()
    assert (record.source, record.source_id, record.typed_as) == (Source.SELF, None, "")
    assert DutyRecord.objects.count() == 2
    delete_class(training_class=row, user=world.staff, now=NOW)
    assert DutyRecord.objects.get() == record


def test_a_name_corrected_to_what_was_typed_is_not_counted_twice(world: World) -> None:
    record = typed(world, world.seat)
    row = held(world, world.seat, name="旧班名")
    assert DutyRecord.objects.count() == 2
    row.name = VALUES["name"]
    save_class(training_class=row, user=world.staff, now=NOW)
    assert ledger() == lines(row.pk, LI)
    record.refresh_from_db()
    assert record.typed_as == Source.SELF


def test_more_names_than_attendances_are_refused_and_nothing_changes(world: World) -> None:
    row = held(world, world.seat, attended=1)
    sentence = "参训代表有 2 名，多于实到人次 1。请核对班次「代表履职培训班」的参训代表和实到人次。"
    with pytest.raises(UnableToSaveClass) as refusal:
        save_class(training_class=row, user=world.staff, now=NOW, joining=[world.other_seat])
    assert str(refusal.value) == sentence
    for entry in (
        ClassEntry(row, {}, [world.seat, world.other_seat]),
        ClassEntry(None, VALUES | {"attended": 1, "name": "新班"}, [world.seat, world.other_seat]),
        ClassEntry(TrainingClass.objects.get(), {"attended": 0}),
    ):
        with pytest.raises(UnableToSaveClass, match="多于实到人次"):
            save(world, entry)
    assert TrainingClass.objects.get().attended == 1
    assert ledger() == lines(row.pk, LI)


def test_a_person_attends_once_whatever_seats_he_holds(world: World) -> None:
    town = make.TermFactory(congress=world.township)
    other = make.SeatFactory(term=town, person=world.seat.person)
    with pytest.raises(UnableToSaveClass) as refusal:
        held(world, world.seat, other)
    assert str(refusal.value) == (
        "李春梅 以不同的代表资格列了不止一次，一个人在一个班次里只登记一次。"
        "请核对班次「代表履职培训班」的参训代表和实到人次。"
    )
    assert TrainingClass.objects.count() == 0


def test_a_class_that_is_gone_is_not_made_anew(world: World) -> None:
    row = held(world, world.seat)
    stale = TrainingClass.objects.get()
    delete_class(training_class=row, user=world.staff, now=NOW)
    for act in (save_class, delete_class):
        with pytest.raises(UnableToSaveClass) as refusal:
            act(training_class=stale, user=world.staff, now=NOW)
        assert str(refusal.value) == "班次「代表履职培训班」刚刚被别人删除，没有保存。需要的话请重新登记。"
    assert (TrainingClass.objects.count(), ledger()) == (0, [])


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({}, "training_class_once"),
        ({"name": ""}, "training_class_has_name"),
        ({"name": "新班", "ends_on": dt.date(2026, 3, 4)}, "training_class_ends_after_start"),
        ({"name": "新班", "hours": -1}, "training_class_hours_not_negative"),
        ({"name": "新班", "attended": -1}, "training_trainingclass_attended_check"),
    ],
)
def test_the_database_refuses_what_no_form_let_through(world: World, values: dict, constraint: str) -> None:
    held(world)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        held(world, **values)
    assert TrainingClass.objects.count() == 1


def test_who_sees_which_classes(world: World) -> None:
    row = held(world, world.seat)
    held(world, name="没有名单的班")
    seen = {
        name: TrainingClass.objects.visible_to(getattr(world, name)).count()
        for name in (
            "staff",
            "leader",
            "deputy",
            "other_deputy",
            "township_user",
            "unit_user",
            "gov_office",
            "stranger",
        )
    }
    assert seen == {
        "staff": 2, "leader": 2, "deputy": 1, "other_deputy": 0, "township_user": 0, "unit_user": 0, "gov_office": 0,
        "stranger": 0,
    }  # fmt: skip
    assert TrainingClass.objects.visible_to(world.deputy).get() == row


def test_the_queries_do_not_grow_with_classes_and_names(world: World) -> None:
    seats = deputies(world, 60)
    held(world, world.seat)

    def queries(size: int) -> list[int]:
        found = []
        names = [f"{size}个班次中的第{n}个" for n in range(size)]
        for kept in (seats[:size], seats[: size // 2], []):
            stored = {row.name: row for row in TrainingClass.objects.filter(name__in=names)}
            entries = [ClassEntry(stored.get(name), VALUES | {"name": name, "attended": 60}, kept) for name in names]
            with CaptureQueriesContext(connection) as captured:
                save(world, *entries)
            found.append(len(captured))
        return found

    assert queries(4) == queries(60)
