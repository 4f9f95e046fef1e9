"""Other registers write the ledger: what they say stands once, and nothing that a person typed is lost."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duties.models import DutyRecord, DutyType, Source
from duties.services import UnableToRecord, delete_record, save_record
from tests import factories as make
from tests.duties.ledger import DAY, TOPIC, followed, ledger, line, typed
from tests.factories import at
from tests.world import World

pytestmark = pytest.mark.django_db
LI, ABU = "李春梅", "阿卜杜拉·买买提"


def test_a_row_writes_a_line_for_each_of_its_deputies(world: World) -> None:
    followed(world, {7: [line(world.seat, place="县委党校"), line(world.other_seat)]})
    assert ledger() == [
        (LI, DAY, TOPIC, "县委党校", "training", 7, ""),
        (ABU, DAY, TOPIC, "", "training", 7, ""),
    ]
    row = DutyRecord.objects.get(seat=world.seat)
    assert (row.congress, row.type.name, row.recorded_by, row.recorded_at) == (
        world.congress, "学习培训", world.staff, at(2026, 3, 7),
    )  # fmt: skip


def test_saying_it_again_changes_nothing(world: World) -> None:
    rows = {7: [line(world.seat), line(world.other_seat)]}
    followed(world, rows)
    before = list(DutyRecord.objects.order_by("pk").values())
    followed(world, rows)
    assert list(DutyRecord.objects.order_by("pk").values()) == before


def test_a_correction_of_the_row_corrects_its_lines(world: World) -> None:
    followed(world, {7: [line(world.seat), line(world.other_seat)], 8: [line(world.seat, topic="另一班")]})
    later = dt.date(2026, 4, 1)
    followed(world, {7: [line(world.seat, done_on=later, topic="新名", place="新地点")]})
    assert ledger() == [
        (LI, later, "新名", "新地点", "training", 7, ""),
        (LI, DAY, "另一班", "", "training", 8, ""),
    ]
    followed(world, {7: []})
    assert ledger() == [(LI, DAY, "另一班", "", "training", 8, "")]


def test_the_same_key_of_another_register_is_another_row(world: World) -> None:
    followed(world, {7: [line(world.seat)]})
    followed(world, {7: [line(world.seat, type="接待选民", topic="接待")]}, Source.RECEPTION)
    followed(world, {7: []})
    assert [row[4:6] for row in ledger()] == [("reception", 7)]


def test_what_was_typed_is_taken_over_and_given_back(world: World) -> None:
    (mine,) = typed(world, line(world.seat, place="三楼", content="听课", quantity=Decimal("1.5"), suggestions=2))
    followed(world, {7: [line(world.seat, place="县委党校")]})
    assert ledger() == [(LI, DAY, TOPIC, "县委党校", "training", 7, "self")]
    row = DutyRecord.objects.get()
    # What the register has nothing to say about stays as the person typed it.
    assert (row.pk, row.content, row.quantity, row.suggestions) == (mine.pk, "听课", Decimal("1.5"), 2)
    assert (row.recorded_by, row.recorded_at) == (world.staff, at(2026, 3, 6))
    followed(world, {7: []})
    assert ledger() == [(LI, DAY, TOPIC, "县委党校", "self", None, "")]
    followed(world, {9: [line(world.seat)]})
    assert ledger() == [(LI, DAY, TOPIC, "县委党校", "training", 9, "self")]


def test_a_typed_line_goes_to_one_of_two_rows_that_say_the_same(world: World) -> None:
    typed(world, line(world.seat))
    followed(world, {7: [line(world.seat)], 8: [line(world.seat)]})
    assert [row[4:] for row in ledger()] == [("training", 7, "self"), ("training", 8, "")]
    followed(world, {7: []})
    # The other row still says it: given back, it would be counted twice.
    assert [row[4:] for row in ledger()] == [("training", 8, "self")]
    followed(world, {8: []})
    assert [row[4:] for row in ledger()] == [("self", None, "")]


def test_a_row_that_moves_onto_a_typed_line_takes_it(world: World) -> None:
    first, second = typed(world, line(world.seat, topic="一"), line(world.seat, topic="二", place="二楼"))
    followed(world, {7: [line(world.seat, topic="一")]})
    followed(world, {7: [line(world.seat, topic="二")]})
    assert [(row.pk, row.topic, row.place, row.source, row.typed_as) for row in DutyRecord.objects.order_by("pk")] == [
        (first.pk, "一", "", "self", ""),
        (second.pk, "二", "二楼", "training", "self"),
    ]
    followed(world, {7: []})
    assert [(row.pk, row.source) for row in DutyRecord.objects.order_by("pk")] == [
        (first.pk, "self"),
        (second.pk, "self"),
    ]


def test_a_line_of_its_own_gives_way_to_the_typed_one_that_it_moves_onto(world: World) -> None:
    followed(world, {7: [line(world.seat, topic="一")]})
    (mine,) = typed(world, line(world.seat, topic="二"))
    followed(world, {7: [line(world.seat, topic="二")]})
    assert [(row.pk, row.topic, row.source) for row in DutyRecord.objects.all()] == [(mine.pk, "二", "training")]


def test_two_rows_that_change_places_keep_one_line_each(world: World) -> None:
    typed(world, line(world.seat, topic="一"), line(world.seat, topic="二"))
    followed(world, {7: [line(world.seat, topic="一")], 8: [line(world.seat, topic="二")]})
    followed(world, {7: [line(world.seat, topic="二")], 8: [line(world.seat, topic="一")]})
    assert [(row[2], *row[4:]) for row in ledger()] == [("二", "training", 7, "self"), ("一", "training", 8, "self")]


def test_a_row_made_anew_in_one_go_takes_what_the_old_one_let_go(world: World) -> None:
    (mine,) = typed(world, line(world.seat))
    followed(world, {7: [line(world.seat)]})
    followed(world, {7: [], 8: [line(world.seat)]})
    assert [(row.pk, row.source_id, row.typed_as) for row in DutyRecord.objects.all()] == [(mine.pk, 8, "self")]


def test_a_person_with_two_seats_did_it_once(world: World) -> None:
    below = make.TermFactory(congress=world.township)
    seat = make.SeatFactory(term=below, person=world.seat.person)
    (mine,) = typed(world, line(world.seat))
    followed(world, {7: [line(seat)]})
    row = DutyRecord.objects.get()
    assert (row.pk, row.seat, row.source, row.typed_as) == (mine.pk, seat, "training", "self")


def test_a_line_of_another_congress_is_another_line(world: World) -> None:
    seat = make.SeatFactory(term=make.TermFactory(congress=world.foreign_congress), person=world.seat.person)
    typed(world, line(world.seat))
    DutyRecord.objects.update(congress=world.foreign_congress, seat=seat)
    followed(world, {7: [line(world.seat)]})
    assert DutyRecord.objects.count() == 2


def test_topics_are_written_as_an_import_reads_them(world: World) -> None:
    followed(world, {7: [line(world.seat, topic=" 校车\u200b  安全 \n调研", place="党" * 300)]})
    row = DutyRecord.objects.get()
    assert (row.topic, len(row.place)) == ("校车 安全调研", 200)
    followed(world, {7: [line(world.seat, topic="题" * 301)]})
    assert DutyRecord.objects.get().topic == "题" * 300


def test_nothing_said_is_nothing_done(world: World) -> None:
    followed(world, {7: [line(world.seat)]})
    with CaptureQueriesContext(connection) as captured:
        followed(world, {})
    assert [query for query in captured if "duties" in query["sql"]] == []
    assert DutyRecord.objects.count() == 1


def test_the_queries_do_not_grow_with_the_rows(world: World) -> None:
    """Typed before, taken over, corrected and let go: the same number of queries for 3 and for 60 deputies."""

    def queries(size: int) -> list[int]:
        seats = [make.SeatFactory(term=world.term, delegation=world.seat.delegation) for _ in range(size)]
        typed(world, *[line(seat) for seat in seats])
        counts = []
        for wanted in (
            {size: [line(seat) for seat in seats]},
            {size: [line(seat, place="新地点") for seat in seats]},
            {size: []},
        ):
            with CaptureQueriesContext(connection) as captured:
                followed(world, wanted)
            counts.append(len(captured))
        assert DutyRecord.objects.filter(source=Source.SELF).count() >= size
        return counts

    assert queries(3) == queries(60)


def one(world: World, **values: object) -> DutyRecord:
    kind = DutyType.objects.get_or_create(congress=world.congress, name="专题调研")[0]
    default = {"congress": world.congress, "seat": world.seat, "done_on": DAY, "type": kind, "topic": "调研校车"}
    return DutyRecord(**(default | values))


def test_one_line_is_saved_with_who_and_when(world: World) -> None:
    row = save_record(record=one(world), user=world.staff, now=at(2026, 3, 6))
    assert ledger() == [(LI, DAY, "调研校车", "", "proxy", None, "")]
    row.place = "实验小学"
    save_record(record=row, user=world.leader, now=at(2026, 3, 9))
    row.refresh_from_db()
    assert (row.place, row.recorded_by, row.recorded_at) == ("实验小学", world.staff, at(2026, 3, 6))
    delete_record(record=row)
    assert ledger() == []


def test_one_line_that_is_there_is_not_entered_again(world: World) -> None:
    save_record(record=one(world), user=world.staff, now=at(2026, 3, 6))
    with pytest.raises(UnableToRecord) as refusal:
        save_record(record=one(world), user=world.staff, now=at(2026, 3, 6))
    assert str(refusal.value) == "这位代表当天已有同一类型、同一主题的履职记录，不用再登记。"
    followed(world, {7: [line(world.seat)]})
    kind = DutyType.objects.get(name="学习培训")
    with pytest.raises(UnableToRecord) as refusal:
        save_record(record=one(world, type=kind, topic=TOPIC), user=world.staff, now=at(2026, 3, 6))
    assert str(refusal.value) == ("这位代表当天已有同一类型、同一主题的履职记录（由「培训」自动登记），不用再登记。")
    assert DutyRecord.objects.count() == 2


@pytest.mark.parametrize(
    ("source", "register"), [("proposal", "建议议案"), ("training", "培训"), ("reception", "接待登记")]
)
def test_a_line_that_follows_says_where_it_is_corrected(world: World, source: str, register: str) -> None:
    followed(world, {7: [line(world.seat)]}, Source(source))
    row = DutyRecord.objects.get()
    row.place = "别处"
    sentence = f"这一条由「{register}」自动登记，在这里只能查看；需要更正的，请到「{register}」中修改，这里会随之改正。"
    with pytest.raises(UnableToRecord) as refusal:
        save_record(record=row, user=world.staff, now=at(2026, 3, 6))
    assert str(refusal.value) == sentence
    with pytest.raises(UnableToRecord) as refusal:
        delete_record(record=row)
    assert str(refusal.value) == sentence
    assert ledger() == [(LI, DAY, TOPIC, "", source, 7, "")]


def test_a_line_deleted_meanwhile_is_not_made_again(world: World) -> None:
    row = save_record(record=one(world), user=world.staff, now=at(2026, 3, 6))
    DutyRecord.objects.all().delete()
    with pytest.raises(UnableToRecord, match="刚刚被删除"):
        save_record(record=row, user=world.staff, now=at(2026, 3, 6))
    assert DutyRecord.objects.count() == 0


def test_who_sees_which_lines(world: World) -> None:
    typed(world, line(world.seat), line(world.other_seat, topic="别人的"))

    def seen(user: object) -> set[str]:
        return set(DutyRecord.objects.visible_to(user).values_list("topic", flat=True))

    everything = {TOPIC, "别人的"}
    assert seen(world.staff) == seen(world.leader) == everything
    assert seen(world.deputy) == {TOPIC}
    # The township looks after the delegation that it sends.
    assert seen(world.township_user) == {TOPIC}
    assert seen(world.unit_user) == seen(world.gov_office) == seen(world.stranger) == set()
