"""The form of appointments: what it takes, what it refuses, and that its export changes nothing."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment, Wording
from bodies.models import Meeting
from tests import factories as make
from tests.forms.support import counts, errors, exported, run, run_file
from tests.world import World

pytestmark = pytest.mark.django_db
HEADERS = [
    "姓名", "职务", "事项", "提请人", "会次", "日期", "法律考试成绩", "供职发言", "颁发任命书", "宪法宣誓", "应到", "赞成", "反对",
    "弃权",
]  # fmt: skip
FULL = {
    "姓名": "阿卜杜拉.买买提", "职务": "县教育局局长", "事项": "决定任命", "提请人": "县长", "会次": "第三十次会议",
    "日期": "2026年3月5日", "法律考试成绩": "92.5", "供职发言": "是", "颁发任命书": "√", "宪法宣誓": "是", "应到": "３０",
    "赞成": "27", "反对": "1", "弃权": "2",
}  # fmt: skip
LEAST = {"姓名": "王建国", "职务": "县人民法院审判员", "事项": "免职", "日期": "2026.3.5"}
AT = "表 Sheet1 第 2 行 "
WORDINGS = "只能是 任命、决定任命、免职、决定免职、批准任命、批准免职、决定代理、接受辞职 或 撤职"


def test_a_full_row_is_kept_as_it_is_read(world: World) -> None:
    assert counts(run("appointments", FULL, LEAST, congress=world.congress)) == "新增 2、更新 0、未变 0"
    row = Appointment.objects.get(name="阿卜杜拉·买买提")
    assert (row.post, row.wording, row.nominator, row.decided_on, row.exam_score) == (
        "县教育局局长", "decide_appoint", "县长", dt.date(2026, 3, 5), Decimal("92.5"),
    )  # fmt: skip
    assert (row.made_statement, row.letter_issued, row.took_oath) == (True, True, True)
    assert (row.expected, row.in_favour, row.against, row.abstained) == (30, 27, 1, 2)
    assert (row.meeting.name, row.meeting.term, row.congress) == ("第三十次会议", world.term, world.congress)
    least = Appointment.objects.get(name="王建国")
    assert (least.meeting, least.exam_score, least.made_statement, least.expected) == (None, None, False, None)
    assert counts(run("appointments", FULL, LEAST, congress=world.congress)) == "新增 0、更新 0、未变 2"
    assert (Appointment.objects.count(), Meeting.objects.count()) == (2, 1)


def test_every_wording_is_taken_and_an_approved_resignation_is_an_accepted_one(world: World) -> None:
    rows = [LEAST | {"事项": label} for label in Wording.labels]
    assert counts(run("appointments", *rows, congress=world.congress)) == "新增 9、更新 0、未变 0"
    assert sorted(Appointment.objects.values_list("wording", flat=True)) == sorted(Wording.values)
    alias = LEAST | {"事项": "批准辞职"}
    assert counts(run("appointments", alias, congress=world.congress)) == "新增 0、更新 0、未变 1"
    both = [LEAST | {"事项": "批准辞职", "姓名": "新人"}, LEAST | {"事项": "接受辞职", "姓名": "新人"}]
    assert errors(run("appointments", *both, congress=world.congress)) == [
        "表 Sheet1 第 3 行 姓名「新人」：与单元格 A2 重复，同一张表里只能出现一次"
    ]


def test_an_empty_cell_leaves_what_is_there(world: World) -> None:
    run("appointments", FULL, congress=world.congress)
    key = {header: FULL[header] for header in ("姓名", "职务", "事项", "日期")}
    again = {**dict.fromkeys(HEADERS, ""), **key, "供职发言": "否", "赞成": "26"}
    assert counts(run("appointments", again, congress=world.congress)) == "新增 0、更新 1、未变 0"
    row = Appointment.objects.get()
    assert (row.made_statement, row.took_oath, row.in_favour, row.against, row.meeting.name, row.nominator) == (
        False, True, 26, 1, "第三十次会议", "县长",
    )  # fmt: skip
    assert (
        counts(run("appointments", key | {"会次": "第三十一次会议"}, congress=world.congress))
        == "新增 0、更新 1、未变 0"
    )
    assert Appointment.objects.get().meeting.name == "第三十一次会议"


REFUSED = [
    ({"事项": "选举"}, [AT + f"事项「选举」：{WORDINGS}"]),
    ({"事项": ""}, [AT + "事项「」：不能为空"]),
    ({"姓名": ""}, [AT + "姓名「」：不能为空"]),
    ({"职务": " "}, [AT + "职务「」：不能为空"]),
    ({"日期": ""}, [AT + "日期「」：不能为空"]),
    ({"日期": "昨天"}, [AT + "日期「昨天」：不是日期，请写成 2026-03-05"]),
    ({"法律考试成绩": "合格"}, [AT + "法律考试成绩「合格」：应为数字"]),
    ({"法律考试成绩": "101"}, [AT + "法律考试成绩「101」：应在 0 至 100 之间"]),
    ({"供职发言": "也许"}, [AT + "供职发言「也许」：只能是 是 或 否"]),
    ({"颁发任命书": "补发"}, [AT + "颁发任命书「补发」：只能是 是 或 否"]),
    ({"宪法宣誓": "未知"}, [AT + "宪法宣誓「未知」：只能是 是 或 否"]),
    ({"弃权": "-1"}, [AT + "弃权「-1」：应在 0 至 100000 之间"]),
    ({"应到": "29"}, [AT + "应到「29」：赞成 27、反对 1、弃权 2，共 30 票，多于应到 29 人"]),
]


@pytest.mark.parametrize(("change", "expected"), REFUSED, ids=lambda value: str(value)[:30])
def test_each_fault_is_named_by_its_cell_and_nothing_is_written(world: World, change: dict, expected: list) -> None:
    good = FULL | {"姓名": "好人", "会次": "第四十次会议"}
    assert errors(run("appointments", FULL | change, good, congress=world.congress)) == expected
    assert (Appointment.objects.count(), Meeting.objects.count()) == (0, 0)


def test_votes_are_checked_against_what_is_stored(world: World) -> None:
    run("appointments", FULL, congress=world.congress)
    more = {**FULL, "应到": "", "赞成": "28"}
    assert errors(run("appointments", more, congress=world.congress)) == [
        AT + "赞成「28」：赞成 28、反对 1、弃权 2，共 31 票，多于应到 30 人"
    ]
    fewer = {**FULL, "应到": "29", "赞成": "", "反对": "", "弃权": ""}
    assert errors(run("appointments", fewer, congress=world.congress)) == [
        AT + "应到「29」：赞成 27、反对 1、弃权 2，共 30 票，多于应到 29 人"
    ]
    assert counts(run("appointments", FULL | {"应到": "31"}, congress=world.congress)) == "新增 0、更新 1、未变 0"


def test_the_same_item_twice_in_one_file_is_the_later_rows_error(world: World) -> None:
    assert errors(run("appointments", FULL, FULL, congress=world.congress)) == [
        "表 Sheet1 第 3 行 姓名「阿卜杜拉.买买提」：与单元格 A2 重复，同一张表里只能出现一次"
    ]
    several = [
        FULL,
        FULL | {"职务": "县人大代表"},
        FULL | {"事项": "免职"},
        FULL | {"日期": "2026-03-06"},
        FULL | {"姓名": "李四"},
    ]
    assert counts(run("appointments", *several, congress=world.congress)) == "新增 5、更新 0、未变 0"
    assert Meeting.objects.count() == 1


def test_meetings_belong_to_the_term_of_the_day(world: World) -> None:
    old = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31)
    )
    result = run("appointments", FULL | {"日期": "2018-05-06"}, FULL | {"日期": "2016-01-01"}, congress=world.congress)
    assert counts(result) == "新增 2、更新 0、未变 0"
    assert result.hints == ["提示 F3 日期「2016-01-01」：不在已登记的任何一届之内，会次归入 第十八届，请核对"]
    assert set(Appointment.objects.values_list("decided_on__year", "meeting__term")) == {
        (2018, old.pk),
        (2016, world.term.pk),
    }


def test_template_filled_imported_exported_and_imported_again(world: World, client: Client) -> None:
    client.force_login(world.staff)
    template = client.get(reverse("admin:appointments_appointment_template"))
    workbook = openpyxl.load_workbook(io.BytesIO(b"".join(template.streaming_content)))
    sheet = workbook.worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEADERS
    choices = [cell.value for cell in workbook["选项"]["C"] if cell.value]
    assert choices == Wording.labels
    for row in (FULL, LEAST, LEAST | {"姓名": "赵六", "职务": "=1+1", "提请人": "<script>alert(1)</script>"}):
        sheet.append([row.get(header) for header in HEADERS])
    sheet.cell(5, 2).data_type = "s"
    filled = io.BytesIO()
    workbook.save(filled)
    assert counts(run_file("appointments", filled, congress=world.congress)) == "新增 3、更新 0、未变 0"
    file = exported("appointments", Appointment.objects.filter(congress=world.congress).order_by("pk"))
    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEADERS
    assert [cell.value for cell in sheet[2]][:5] == [
        "阿卜杜拉·买买提",
        "县教育局局长",
        "决定任命",
        "县长",
        "第三十次会议",
    ]
    assert sheet["F2"].value.date() == dt.date(2026, 3, 5)
    assert [cell.value for cell in sheet[2]][6:] == [92.5, "是", "是", "是", 30, 27, 1, 2]
    assert [cell.value for cell in sheet[4]][:4] == ["赵六", "=1+1", "免职", "<script>alert(1)</script>"]
    assert counts(run_file("appointments", file, congress=world.congress)) == "新增 0、更新 0、未变 3"
    assert (Appointment.objects.count(), Meeting.objects.count()) == (3, 1)


def test_a_dry_run_says_the_same_and_writes_nothing(world: World) -> None:
    assert counts(run("appointments", FULL, congress=world.congress, dry_run=True)) == "新增 1、更新 0、未变 0"
    assert (Appointment.objects.count(), Meeting.objects.count()) == (0, 0)


def test_the_queries_do_not_grow_with_the_file(world: World) -> None:
    def queries(size: int) -> list[int]:
        found = []
        congress = make.TermFactory().congress
        for score in ("80", "90", "90"):
            rows = [FULL | {"姓名": f"第{n}人", "会次": f"第{n}次会议", "法律考试成绩": score} for n in range(size)]
            with CaptureQueriesContext(connection) as captured:
                assert run("appointments", *rows, congress=congress).ok
            found.append(len(captured))
        return found

    assert queries(3) == queries(300)
    for size in (3, 300):
        with CaptureQueriesContext(connection) as captured:
            exported("appointments", Appointment.objects.order_by("pk")[:size])
        assert len(captured) == 1
