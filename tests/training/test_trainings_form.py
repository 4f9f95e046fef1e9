"""The form of training classes: what it takes, what it refuses, and that its export changes nothing."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deputies.models import DeputyGroup, GroupMember
from duties.models import DutyRecord
from tests import factories as make
from tests.forms.support import counts, errors, exported, run, run_file
from tests.training.classes import deputies, ledger
from tests.world import World
from training.models import Attendance, TrainingClass

pytestmark = pytest.mark.django_db
HEADERS = [
    "班次", "类型", "开始日期", "结束日期", "地点", "形式", "主办", "对象", "应到人数", "实到人次", "学时", "参加代表",
]  # fmt: skip
FULL = {
    "班次": "2026年第1期代表初任培训班", "类型": "初任", "开始日期": "2026年3月5日", "结束日期": "2026/3/7", "地点": "县委党校",
    "形式": "集中", "主办": "县人大常委会", "对象": "新当选的代表", "应到人数": "42", "实到人次": "４０", "学时": "16.5",
    "参加代表": "李春梅，阿卜杜拉.买买提",
}  # fmt: skip
LEAST = {"班次": "以会代训", "类型": "以会代训", "开始日期": "46000", "实到人次": "0"}
AT = "表 Sheet1 第 2 行 "


def people() -> tuple[int, int, int]:
    return TrainingClass.objects.count(), Attendance.objects.count(), DutyRecord.objects.count()


def test_a_full_row_is_kept_as_it_is_read(world: World) -> None:
    assert counts(run("trainings", FULL, LEAST, congress=world.congress, user=world.staff)) == "新增 2、更新 0、未变 0"
    row = TrainingClass.objects.get(kind="initial")
    assert (row.name, row.starts_on, row.ends_on, row.place, row.form, row.organiser, row.audience) == (
        "2026年第1期代表初任培训班", dt.date(2026, 3, 5), dt.date(2026, 3, 7), "县委党校", "together", "县人大常委会",
        "新当选的代表",
    )  # fmt: skip
    assert (row.expected, row.attended, row.hours, row.congress) == (42, 40, Decimal("16.5"), world.congress)
    least = TrainingClass.objects.get(kind="meeting")
    assert (least.starts_on, least.form, least.expected, least.hours) == (dt.date(2025, 12, 9), "", None, None)
    assert [(line[0], line[3]) for line in ledger()] == [
        ("李春梅", "2026年第1期代表初任培训班"),
        ("阿卜杜拉·买买提", "2026年第1期代表初任培训班"),
    ]
    assert set(DutyRecord.objects.values_list("recorded_by", flat=True)) == {world.staff.pk}
    assert counts(run("trainings", FULL, LEAST, congress=world.congress)) == "新增 0、更新 0、未变 2"
    assert people() == (2, 2, 2)


def test_an_empty_cell_leaves_what_is_there_and_names_replace_names(world: World) -> None:
    run("trainings", FULL, congress=world.congress)
    again = {
        **dict.fromkeys(FULL, ""),
        "班次": FULL["班次"],
        "类型": "专题",
        "开始日期": "2026-03-05",
        "实到人次": "41",
    }
    assert counts(run("trainings", again, congress=world.congress)) == "新增 0、更新 1、未变 0"
    row = TrainingClass.objects.get()
    assert (row.kind, row.attended, row.place, row.expected, row.hours) == (
        "topic",
        41,
        "县委党校",
        42,
        Decimal("16.5"),
    )
    assert row.attendances.count() == 2
    other = again | {"参加代表": "阿卜杜拉·买买提"}
    assert counts(run("trainings", other, congress=world.congress)) == "新增 0、更新 1、未变 0"
    assert [line[0] for line in ledger()] == ["阿卜杜拉·买买提"]


KINDS = "只能是 初任、履职、专题、小组长、基层干部、以会代训 或 其他"
REFUSED = [
    ({"类型": "旅游"}, [AT + f"类型「旅游」：{KINDS}"]),
    ({"类型": ""}, [AT + "类型「」：不能为空"]),
    ({"形式": "函授"}, [AT + "形式「函授」：只能是 集中、线上、视频 或 外出"]),
    ({"班次": ""}, [AT + "班次「」：不能为空"]),
    ({"实到人次": ""}, [AT + "实到人次「」：不能为空"]),
    ({"实到人次": "四十"}, [AT + "实到人次「四十」：应为整数"]),
    ({"实到人次": "-1"}, [AT + "实到人次「-1」：应在 0 至 1000000 之间"]),
    ({"学时": "两天"}, [AT + "学时「两天」：应为数字"]),
    ({"学时": "10000"}, [AT + "学时「10000」：应在 0 至 9999 之间"]),
    ({"开始日期": "三月"}, [AT + "开始日期「三月」：不是日期，请写成 2026-03-05"]),
    ({"开始日期": "2026-02-30"}, [AT + "开始日期「2026-02-30」：没有这一天，请核对年月日"]),
    ({"结束日期": "2026-03-04"}, [AT + "结束日期「2026-03-04」：早于开始日期 2026-03-05"]),
    (
        {"参加代表": "李春眉、赵无名"},
        [AT + "参加代表「李春眉」：不认识代表「李春眉」：是不是 李春梅？；不认识代表「赵无名」"],
    ),
    (
        {"参加代表": "王重名"},
        [AT + "参加代表「王重名」：本届有 2 位代表叫「王重名」（北岭代表团、城关代表团），请改填代表证号"],
    ),
    ({"实到人次": "1"}, [AT + "参加代表「李春梅，阿卜杜拉.买买提」：参训代表有 2 名，多于实到人次 1"]),
]


@pytest.mark.parametrize(("change", "expected"), REFUSED, ids=lambda value: str(value)[:30])
def test_each_fault_is_named_by_its_cell_and_nothing_is_written(world: World, change: dict, expected: list) -> None:
    for seat in (world.seat, world.other_seat):
        make.SeatFactory(term=world.term, delegation=seat.delegation, person__name="王重名")
    assert errors(run("trainings", FULL | change, {**FULL, "班次": "好班"}, congress=world.congress)) == expected
    assert people() == (0, 0, 0)


def test_the_same_class_twice_in_one_file_is_the_later_rows_error(world: World) -> None:
    assert errors(run("trainings", FULL, FULL, congress=world.congress)) == [
        f"表 Sheet1 第 3 行 班次「{FULL['班次']}」：与单元格 A2 重复，同一张表里只能出现一次"
    ]
    next_day = FULL | {"开始日期": "2026-03-06"}
    assert counts(run("trainings", FULL, next_day, congress=world.congress)) == "新增 2、更新 0、未变 0"


def test_attendances_may_not_fall_below_the_names_that_are_stored(world: World) -> None:
    run("trainings", FULL, congress=world.congress)
    fewer = FULL | {"参加代表": "", "实到人次": "1"}
    assert errors(run("trainings", fewer, congress=world.congress)) == [
        AT + "实到人次「1」：系统中这个班次已登记 2 名参训代表，实到人次不能少于 2"
    ]
    one = FULL | {"参加代表": "李春梅", "实到人次": "1"}
    assert counts(run("trainings", one, congress=world.congress)) == "新增 0、更新 1、未变 0"


def test_names_mean_the_deputies_of_the_term_of_the_day_and_those_of_other_levels(world: World) -> None:
    old = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31)
    )
    before = make.SeatFactory(term=old, person=world.seat.person)
    town = make.SeatFactory(term=make.TermFactory(congress=world.township), person__name="镇代表")
    city = make.SeatFactory(term=make.TermFactory(congress__level=3), person__name="市代表", certificate_no="S001")
    group = DeputyGroup.objects.create(term=world.term, name="城关小组")
    GroupMember.objects.create(group=group, seat=city)
    then = FULL | {"开始日期": "2019-05-01", "结束日期": "", "参加代表": "李春梅"}
    now = FULL | {"参加代表": "李春梅、镇代表\nS001；李春梅"}
    assert counts(run("trainings", then, now, congress=world.congress)) == "新增 2、更新 0、未变 0"
    seats = {
        row.starts_on.year: set(row.attendances.values_list("seat", flat=True)) for row in TrainingClass.objects.all()
    }
    assert seats == {2019: {before.pk}, 2026: {world.seat.pk, town.pk, city.pk}}
    gone = then | {"参加代表": "阿卜杜拉·买买提"}
    assert errors(run("trainings", gone, congress=world.congress)) == [
        AT + "参加代表「阿卜杜拉·买买提」：不认识代表「阿卜杜拉·买买提」"
    ]


def test_one_person_under_two_seats_is_refused(world: World) -> None:
    make.SeatFactory(term=make.TermFactory(congress=world.township), person=world.seat.person, certificate_no="Z9")
    assert errors(run("trainings", FULL | {"参加代表": "李春梅、Z9"}, congress=world.congress)) == [
        AT + "参加代表「李春梅、Z9」：李春梅 以不同的代表资格列了不止一次，一个人在一个班次里只登记一次"
    ]


def test_template_filled_imported_exported_and_imported_again(world: World, client: Client) -> None:
    client.force_login(world.staff)
    template = client.get(reverse("admin:training_trainingclass_template"))
    workbook = openpyxl.load_workbook(io.BytesIO(b"".join(template.streaming_content)))
    sheet = workbook.worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEADERS
    for row in (FULL, LEAST, FULL | {"班次": "=1+1", "地点": "<script>alert(1)</script>"}):
        sheet.append([row.get(header) for header in HEADERS])
    sheet.cell(5, 1).data_type = "s"
    filled = io.BytesIO()
    workbook.save(filled)
    assert counts(run_file("trainings", filled, congress=world.congress)) == "新增 3、更新 0、未变 0"
    assert people() == (3, 4, 4)
    file = exported("trainings", TrainingClass.objects.filter(congress=world.congress))
    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEADERS
    # The last row says who took it away.
    names = {row[0].value: row[11].value for row in sheet.iter_rows(min_row=2, max_row=sheet.max_row - 1)}
    assert names == {FULL["班次"]: "李春梅、阿卜杜拉·买买提", "以会代训": None, "=1+1": "李春梅、阿卜杜拉·买买提"}
    assert counts(run_file("trainings", file, congress=world.congress)) == "新增 0、更新 0、未变 3"
    assert people() == (3, 4, 4)


def test_namesakes_are_exported_with_their_delegation(world: World) -> None:
    for number, seat in (("0001", world.seat), ("0002", world.other_seat)):
        make.SeatFactory(term=world.term, delegation=seat.delegation, person__name="王重名", certificate_no=number)
    run("trainings", FULL | {"参加代表": "0002、0001"}, congress=world.congress)
    file = exported("trainings", TrainingClass.objects.all())
    assert openpyxl.load_workbook(file).worksheets[0]["L2"].value == "、".join(
        f"王重名（{seat.delegation.name}）" for seat in (world.other_seat, world.seat)
    )
    assert counts(run_file("trainings", file, congress=world.congress)) == "新增 0、更新 0、未变 1"


def test_a_dry_run_says_the_same_and_writes_nothing(world: World) -> None:
    assert counts(run("trainings", FULL, congress=world.congress, dry_run=True)) == "新增 1、更新 0、未变 0"
    assert people() == (0, 0, 0)


def test_the_queries_do_not_grow_with_the_file(world: World) -> None:
    deputies(world, 40)

    def rows(size: int, names: int) -> list[dict]:
        listed = "、".join(f"代表甲{n}" for n in range(names))
        return [FULL | {"班次": f"{size}个班中第{n}个", "实到人次": "200", "参加代表": listed} for n in range(size)]

    def queries(size: int) -> list[int]:
        found = []
        for names in (40, 20, 20):
            with CaptureQueriesContext(connection) as captured:
                assert run("trainings", *rows(size, names), congress=world.congress).ok
            found.append(len(captured))
        return found

    run("trainings", FULL, congress=world.congress)
    assert queries(4) == queries(100)
    for size in (2, 50):
        with CaptureQueriesContext(connection) as captured:
            exported("trainings", TrainingClass.objects.order_by("pk")[:size])
        assert len(captured) == 3
