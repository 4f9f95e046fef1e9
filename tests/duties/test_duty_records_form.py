"""The workbook of duty records: what is read, what is refused, and that an export comes back unchanged."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bodies.models import Term
from deputies.models import GroupMember
from duties.models import DutyRecord, DutyType, Source
from tests import factories as make
from tests.duties.ledger import DAY, TOPIC, followed, ledger, line, typed
from tests.forms.support import book, counts, errors, exported, run, run_file
from tests.world import World
from workbooks.columns import get_form
from workbooks.importing import run_import

pytestmark = pytest.mark.django_db
ROW = {"代表": "李春梅", "日期": "2026-03-05", "类型": "专题调研", "主题": "调研校车"}


def test_a_full_row_is_kept_as_it_is_read(world: World) -> None:
    row = ROW | {
        "代表团": "城关代表团", "日期": "2026年3月5日", "地点": "实验小学", "内容": "看了三所学校。\n谈了两次。",
        "数量": "１.５", "提出建议数": "2", "来源": "本人",
    }  # fmt: skip
    assert counts(run("duty_records", row, congress=world.congress, user=world.staff)) == "新增 1、更新 0、未变 0"
    record = DutyRecord.objects.get()
    assert (record.congress, record.seat, record.done_on, record.type.name, record.topic, record.place) == (
        world.congress, world.seat, dt.date(2026, 3, 5), "专题调研", "调研校车", "实验小学",
    )  # fmt: skip
    assert (record.content, record.quantity, record.suggestions, record.source, record.recorded_by) == (
        "看了三所学校。\n谈了两次。", Decimal("1.5"), 2, "self", world.staff,
    )  # fmt: skip
    assert counts(run("duty_records", row, congress=world.congress)) == "新增 0、更新 0、未变 1"


def test_a_bare_row_is_entered_for_somebody(world: World) -> None:
    run("duty_records", ROW, congress=world.congress)
    record = DutyRecord.objects.get()
    assert (record.source, record.place, record.content, record.quantity, record.suggestions) == (
        "proxy", "", "", None, 0,
    )  # fmt: skip


def test_an_empty_cell_leaves_what_is_there_and_a_filled_one_corrects_it(world: World) -> None:
    full = ROW | {"地点": "实验小学", "内容": "看了", "数量": "3", "提出建议数": "1", "来源": "本人"}
    run("duty_records", full, congress=world.congress)
    empty = dict.fromkeys(("地点", "内容", "数量", "提出建议数", "来源"), "")
    assert counts(run("duty_records", ROW | empty | {"地点": "无"}, congress=world.congress)) == (
        "新增 0、更新 0、未变 1"
    )
    assert counts(run("duty_records", ROW | {"数量": "0", "来源": "活动"}, congress=world.congress)) == (
        "新增 0、更新 1、未变 0"
    )
    record = DutyRecord.objects.get()
    assert (record.place, record.content, record.quantity, record.suggestions, record.source) == (
        "实验小学", "看了", Decimal(0), 1, "activity",
    )  # fmt: skip


def test_types_are_made_on_first_use_and_found_again(world: World) -> None:
    DutyType.objects.create(congress=world.foreign_congress, name="走访（入户）")
    run(
        "duty_records",
        ROW | {"类型": "走访(入户)"},
        ROW | {"类型": "走访（入户）", "主题": "二"},
        congress=world.congress,
    )
    assert list(DutyType.objects.filter(congress=world.congress).values_list("name", flat=True)) == ["走访（入户）"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"代表": "李春妹"}, "代表「李春妹」：不认识代表「李春妹」：是不是 李春梅？"),
        ({"代表": ""}, "代表「」：不能为空"),
        ({"日期": "2026-02-30"}, "日期「2026-02-30」：没有这一天，请核对年月日"),
        ({"类型": ""}, "类型「」：不能为空"),
        ({"主题": "题" * 301}, f"主题「{'题' * 40}…」：有 301 个字，最多 300 个字"),
        ({"数量": "很多"}, "数量「很多」：应为数字"),
        ({"数量": "-1"}, "数量「-1」：应在 0 至 99999999 之间"),
        ({"提出建议数": "1.5"}, "提出建议数「1.5」：应为整数"),
        ({"来源": "培训"}, "来源「培训」：只能是 本人、代录、活动 或 小组代录"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(world: World, change: dict, expected: str) -> None:
    result = run("duty_records", ROW | {"主题": "好的"} | change, congress=world.congress)
    assert errors(result) == [f"表 Sheet1 第 2 行 {expected}"]
    assert (DutyRecord.objects.count(), DutyType.objects.count()) == (0, 0)


def test_a_row_that_occurs_twice_is_refused(world: World) -> None:
    result = run("duty_records", ROW, ROW | {"主题": "另"}, ROW | {"地点": "别处"}, congress=world.congress)
    assert errors(result) == ["表 Sheet1 第 4 行 主题「调研校车」：与单元格 D2 重复，同一张表里只能出现一次"]


def test_namesakes_are_told_apart_by_delegation_or_number(world: World) -> None:
    twin = make.SeatFactory(
        term=world.term, delegation=world.other_seat.delegation, person__name="李春梅", certificate_no="0012"
    )
    result = run("duty_records", ROW, congress=world.congress)
    assert errors(result) == [
        "表 Sheet1 第 2 行 代表「李春梅」：本届有 2 位代表叫「李春梅」（北岭代表团、城关代表团），请改填代表证号，或填写代表团"
    ]
    rows = [ROW | {"代表团": "城关代表团"}, ROW | {"代表": "0012"}, ROW | {"代表团": "北岭代表团", "主题": "二"}]
    assert counts(run("duty_records", *rows, congress=world.congress)) == "新增 3、更新 0、未变 0"
    assert list(DutyRecord.objects.order_by("pk").values_list("seat", "topic")) == [
        (world.seat.pk, "调研校车"),
        (twin.pk, "调研校车"),
        (twin.pk, "二"),
    ]


def test_the_deputy_is_one_of_the_term_in_office_on_the_day(world: World) -> None:
    earlier = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31)
    )
    seat = make.SeatFactory(term=earlier, person=world.seat.person)
    former = make.SeatFactory(term=earlier, delegation=seat.delegation, person__name="王老")
    rows = [ROW | {"日期": "2018-03-05"}, ROW, ROW | {"代表": "王老", "日期": "2018-03-05"}]
    assert counts(run("duty_records", *rows, congress=world.congress)) == "新增 3、更新 0、未变 0"
    assert set(DutyRecord.objects.values_list("seat", flat=True)) == {seat.pk, world.seat.pk, former.pk}
    late = run("duty_records", ROW | {"代表": "王老"}, congress=world.congress)
    assert errors(late) == ["表 Sheet1 第 2 行 代表「王老」：不认识代表「王老」"]


def test_days_outside_all_terms_and_days_to_come_are_doubtful(world: World) -> None:
    Term.objects.filter(pk=world.term.pk).update(ends_on=dt.date(2099, 12, 31))
    soon = timezone.localdate() + dt.timedelta(days=30)
    rows = [ROW | {"日期": "2001-01-01"}, ROW | {"日期": str(soon), "主题": "二"}]
    result = run("duty_records", *rows, congress=world.congress)
    assert result.hints == [
        "提示 B2 日期「2001-01-01」：不在本人大任何一届之内，按第十八届查找代表，请核对",
        f"提示 B3 日期「{soon}」：是今天以后的日期，请核对",
    ]
    assert DutyRecord.objects.count() == 2


def test_deputies_of_other_levels_in_own_groups_are_found(world: World) -> None:
    above = make.CongressFactory(name="江北市", level=3)
    seat = make.SeatFactory(term=make.TermFactory(congress=above), person__name="市代表")
    group = make.DeputyGroupFactory(term=world.term)
    row = ROW | {"代表": "市代表"}
    assert errors(run("duty_records", row, congress=world.congress)) != []
    GroupMember.objects.create(group=group, seat=seat)
    assert counts(run("duty_records", row, congress=world.congress)) == "新增 1、更新 0、未变 0"
    assert DutyRecord.objects.get().seat == seat


def test_a_line_that_follows_a_register_is_not_changed(world: World) -> None:
    followed(world, {7: [line(world.seat, place="县委党校"), line(world.other_seat)]})
    before = ledger()
    row = ROW | {"类型": "学习培训", "主题": TOPIC}
    rows = [row | {"地点": "三楼", "提出建议数": "4", "来源": "本人"}, row | {"代表": "阿卜杜拉·买买提"}]
    result = run("duty_records", *rows, congress=world.congress)
    assert counts(result) == "新增 0、更新 0、未变 2"
    assert result.hints == [
        f"提示 D2 主题「{TOPIC}」：这一条跟随「培训」，表中不同的地点、提出建议数没有写入；需要更正的请在「培训」中修改",
        f"提示 D3 主题「{TOPIC}」：这样的行共 1 行，跟随「培训」登记，已在系统中，内容没有改动",
    ]
    assert ledger() == before


def test_the_export_of_all_sources_comes_back_unchanged(world: World) -> None:
    twin = make.SeatFactory(
        term=world.term, delegation=world.other_seat.delegation, person__name="李春梅", certificate_no="0012"
    )
    typed(
        world, line(world.seat, topic="自己的", quantity=Decimal("2.5"), content="一\n二"), line(twin, topic="自己的")
    )
    typed(world, line(world.seat, topic="代录的", place="=1+1"), source=Source.PROXY)
    typed(world, line(twin, topic="活动的", suggestions=3), source=Source.ACTIVITY)
    typed(world, line(world.other_seat, topic="先录后班"))
    followed(world, {7: [line(world.seat), line(world.other_seat, topic="先录后班")]})
    followed(world, {3: [line(twin, type="提出议案建议", topic="关于 校车\u3000安全", suggestions=1)]}, Source.PROPOSAL)
    # One deputy received visitors twice on one day: two like lines, of which nothing is written.
    twice = line(world.seat, type="接待选民", topic="城关站接待")
    followed(world, {5: [twice], 6: [twice]}, Source.RECEPTION)
    before = list(DutyRecord.objects.order_by("pk").values())
    assert len(before) == 9
    file = exported("duty_records", DutyRecord.objects.order_by("pk"))
    result = run_file("duty_records", file, congress=world.congress, user=world.staff)
    assert counts(result) == "新增 0、更新 0、未变 9"
    assert list(DutyRecord.objects.order_by("pk").values()) == before
    assert result.hints == [
        "提示 E6 主题「先录后班」：这样的行共 5 行，跟随「培训、建议议案、接待登记」登记，已在系统中，内容没有改动"
    ]


def test_other_registers_lines_are_exported_as_of_an_activity(world: World) -> None:
    typed(world, line(world.seat, topic="自己的"))
    followed(world, {7: [line(world.seat)]})
    form = get_form("duty_records")
    rows = list(form.export_rows(DutyRecord.objects.order_by("pk")))
    assert [(row["deputy"], row["delegation"], row["topic"], row["source"]) for row in rows] == [
        ("李春梅", "城关代表团", "自己的", "本人"),
        ("李春梅", "城关代表团", TOPIC, "活动"),
    ]
    assert rows[1]["done_on"] == DAY


def test_who_has_seats_at_two_levels_comes_back_unchanged(world: World) -> None:
    below = make.TermFactory(congress=world.township)
    seat = make.SeatFactory(term=below, person=world.seat.person)
    followed(world, {7: [line(seat)]})
    typed(world, line(seat, topic="乡镇的"))
    file = exported("duty_records", DutyRecord.objects.order_by("pk"))
    assert counts(run_file("duty_records", file, congress=world.congress)) == "新增 0、更新 0、未变 2"


def test_the_queries_do_not_grow_with_the_file(world: World) -> None:
    def rows(size: int, place: str) -> list[dict]:
        return [ROW | {"主题": f"第{n}次", "类型": f"类型{n % 3}", "地点": place} for n in range(size)]

    def queries(size: int) -> list[int]:
        found = []
        for place in ("一楼", "二楼"):
            with CaptureQueriesContext(connection) as captured:
                assert run("duty_records", *rows(size, place), congress=world.congress).ok
            found.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            exported("duty_records", DutyRecord.objects.all())
        DutyRecord.objects.all().delete()
        DutyType.objects.all().delete()
        return [*found, len(captured)]

    assert queries(3) == queries(60)


def test_a_dry_run_says_the_same_and_writes_nothing(world: World) -> None:
    result = run("duty_records", ROW, congress=world.congress, dry_run=True)
    assert counts(result) == "新增 1、更新 0、未变 0"
    assert (DutyRecord.objects.count(), DutyType.objects.count()) == (0, 0)


def test_the_sample_of_the_template_is_left_out(world: World) -> None:
    form = get_form("duty_records")
    sample = {column.header: str(column.sample) for column in form.columns}
    context = form.make_context(congress_code=world.congress.code)
    result = run_import(form, book(sample, {**dict.fromkeys(sample, ""), **ROW}), context=context)
    assert counts(result) == "新增 1、更新 0、未变 0"
    assert DutyRecord.objects.get().topic == "调研校车"
