"""The annual workbook, read back from the file: its sheets, their form, and that their numbers agree."""

import datetime as dt
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from duties.models import DutyRecord, DutyType
from proposals.models import OutcomeCategory
from reports.annual import SHEETS, write_annual
from reports.scope import UnableToReport, scope_of, snapshot
from reports.sheets.deputies import age_band
from reports.sheets.duties import MOST_TYPES
from tests import factories as make
from tests.reports.test_figures import EXPECTED
from tests.reports.year_of_county import TODAY, Item, Part, Round, write, write_year
from tests.world import World

NAMES = [
    "总览",
    "代表名册",
    "代表结构",
    "履职统计",
    "建议办理(按单位)",
    "建议办理(按类别)",
    "建议目录",
    "承诺台账",
    "联络站",
    "培训",
    "人事任免",
    "述职评议",
]
TO_COME = {"述职评议": "评议结果"}
MEASURES = [
    "已答复",
    "按时",
    "A 已经解决",
    "B 正在解决",
    "C 解释说明",
    "D 留作参考",
    "未注明结果",
    "满意",
    "基本满意",
    "不满意",
    "未反馈",
    "逾期",
    "重办数",
]


def made(world: World, **fields: object) -> bytes:
    scope = scope_of(congress=world.congress, year=2025, as_of=TODAY, **fields)
    out = BytesIO()
    write_annual(scope, out)
    return out.getvalue()


def book_of(world: World) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(made(world)))


def cells(sheet: Worksheet) -> list[list]:
    """Return header and rows, without the two lines above and the note below them."""
    rows = [list(row) for row in sheet.iter_rows(min_row=3, values_only=True)]
    return [row for row in rows if not str(row[0]).startswith("注：")]


def row_of(sheet: Worksheet, key: str, column: int = 0) -> dict:
    header, *rows = cells(sheet)
    return next(dict(zip(header, map(plain, row), strict=True)) for row in rows if row[column] == key)


def plain(value: object) -> object:
    """Return a date for the midnight that openpyxl makes of it."""
    return value.date() if isinstance(value, dt.datetime) and value.time() == dt.time() else value


def test_every_sheet_is_ready_to_print(world: World) -> None:
    write_year(world)
    book = book_of(world)
    assert book.sheetnames == NAMES == [sheet.name for sheet in SHEETS]
    for sheet in book:
        assert sheet["A1"].value == f"云溪县2025年度{sheet.title}"
        assert sheet["A2"].value.startswith("2025年1月1日至12月31日，统计日2026年3月2日　　单位：")
        assert sheet.freeze_panes == "A4"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        # One page wide is what the format says by saying nothing.
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert sheet.print_title_rows == "$1:$3"


def test_overview_sheet_gives_the_published_figures(world: World) -> None:
    write_year(world)
    header, *rows = cells(book_of(world)["总览"])
    assert header == ["指标", "数值", "单位", "口径"]
    assert {row[0]: row[1] for row in rows} == {name: float(value) for name, value in EXPECTED.items()}
    assert {row[0]: row[2] for row in rows}["解决率"] == "%"
    assert all(row[3] for row in rows)


def test_overview_read_by_another_program(world: World) -> None:
    write_year(world)
    rows = CalamineWorkbook.from_filelike(BytesIO(made(world))).get_sheet_by_name("总览").to_python()
    assert {row[0]: row[1] for row in rows[3:]} == {name: float(value) for name, value in EXPECTED.items()}


def test_roster_lists_who_held_a_seat_without_phones_and_addresses(world: World) -> None:
    world.seat.person.phone, world.seat.person.address = "13800001234", "云溪县解放路 1 号"
    world.seat.person.save()
    write_year(world)
    sheet = book_of(world)["代表名册"]
    header, *rows = cells(sheet)
    own = ["停职", "李春梅", "次年元旦离任", "汉人", "阿卜杜拉·买买提"]
    assert sorted(row[1] for row in rows[:5]) == own
    # Deputies of other levels come behind, from above.
    assert [row[1:3] for row in rows[4:]] == [[rows[4][1], "县"], ["市代表", "市"], ["镇代表", "乡"], ["7名", None]]
    assert rows[-1][0] == "合计"
    assert row_of(sheet, "李春梅", 1) == dict.fromkeys(header) | {
        "序号": row_of(sheet, "李春梅", 1)["序号"],
        "姓名": "李春梅",
        "层级": "县",
        "性别": "女",
        "民族": "汉族",
        "出生年月": "1990年12月",
        "党派": "中共",
        "学历": "本科",
        "代表团": "城关代表团",
        "代表小组": "第一小组、教育小组",
        "是否连任": "否",
        "是否常委会组成人员": "否",
    }
    assert row_of(sheet, "阿卜杜拉·买买提", 1)["出生年月"] == "1989年"
    text = str([list(row) for row in sheet.iter_rows(values_only=True)])
    assert ("13800001234" in text, "解放路" in text) == (False, False)


def test_structure_adds_up_in_every_group(world: World) -> None:
    write_year(world)
    header, *rows = cells(book_of(world)["代表结构"])
    assert header == ["分类", "项目", "人数", "占代表总数的百分比"]
    assert rows[0] == ["代表总数", None, 7, 100]
    assert [row[1:] for row in rows if row[0] == "性别"] == [["女", 3, 42.9], ["男", 4, 57.1], ["小计", 7, 100]]
    assert [row[1:3] for row in rows if row[0] == "层级"] == [["市", 1], ["县", 5], ["乡", 1], ["小计", 7]]
    assert [row[1:3] for row in rows if row[0] == "民族"] == [
        ["汉族", 3],
        ["少数民族", 3],
        ["未登记", 1],
        ["小计", 7],
    ]
    assert [row[1:3] for row in rows if row[0] == "年龄"] == [
        ["35岁以下（含35岁）", 1],
        ["36至45岁", 1],
        ["46至55岁", 0],
        ["56至60岁", 0],
        ["61岁以上（含61岁）", 0],
        ["未登记", 5],
        ["小计", 7],
    ]
    assert [row[1:3] for row in rows if row[0] == "连任"] == [["连任", 1], ["新任", 6], ["小计", 7]]
    for group in {row[0] for row in rows[1:]}:
        *items, subtotal = [row[2] for row in rows if row[0] == group]
        assert sum(items) == subtotal == EXPECTED["代表总数"], group


def test_ages_at_the_edges_of_the_bands() -> None:
    bands = {age: age_band(dt.date(2025 - age, 12, 31), 2025) for age in (18, 35, 36, 45, 46, 55, 56, 60, 61, 99)}
    assert list(bands.values()) == [
        "35岁以下（含35岁）",
        "35岁以下（含35岁）",
        "36至45岁",
        "36至45岁",
        "46至55岁",
        "46至55岁",
        "56至60岁",
        "56至60岁",
        "61岁以上（含61岁）",
        "61岁以上（含61岁）",
    ]
    assert age_band(None, 2025) == "未登记"


def test_by_unit_counts_each_unit_s_own_part(world: World) -> None:
    write_year(world)
    header, *rows = cells(book_of(world)["建议办理(按单位)"])
    assert header == ["承办单位", "主办数", "协办数", *MEASURES]
    assert rows == [
        ["县教育局", 4, 0, 4, 4, 3, 0, 1, 0, 0, 2, 0, 1, 1, 0, 1],
        ["县公安局", 3, 1, 3, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0],
        ["县交通运输局", 3, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1],
        ["合计", 10, 1, 8, 6, 3, 1, 2, 1, 1, 2, 1, 2, 3, 2, 2],
    ]


def test_by_category_agrees_with_the_overview(world: World) -> None:
    write_year(world)
    header, *rows = cells(book_of(world)["建议办理(按类别)"])
    assert header == ["类别", "建议总数", "其中议案", "大会期间", "闭会期间", *MEASURES]
    assert rows == [
        ["教科文卫", 2, 1, 2, 0, 2, 2, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0],
        ["城乡建设", 3, 0, 0, 3, 2, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 2, 2],
        ["未分类", 5, 0, 0, 5, 2, 1, 0, 0, 0, 1, 1, 0, 0, 0, 2, 0, 0],
        ["合计", 10, 1, 2, 8, 6, 4, 1, 1, 2, 1, 1, 2, 1, 1, 2, 2, 2],
    ]
    total = dict(zip(header, rows[-1], strict=True))
    shared = {
        "建议总数": "建议总数",
        "议案数": "其中议案",
        "大会期间建议数": "大会期间",
        "闭会期间建议数": "闭会期间",
        "已答复数": "已答复",
        "解释说明数": "C 解释说明",
        "满意数": "满意",
        "基本满意数": "基本满意",
        "不满意数": "不满意",
        "逾期数": "逾期",
    }
    assert {name: total[column] for name, column in shared.items()} == {name: EXPECTED[name] for name in shared}
    assert total["A 已经解决"] + total["B 正在解决"] == EXPECTED["已经解决或正在解决数"]


def test_outcome_columns_are_the_term_s_own(world: World) -> None:
    OutcomeCategory.objects.filter(term=world.term, code="D").update(code="E", name="列入规划", sort=9)
    write_year_row = Item("one", [Round([Part(world.police, outcome="E")])], number=1)
    write(world, write_year_row)
    header, row, total = cells(book_of(world)["建议办理(按单位)"])
    assert header[5:10] == ["A 已经解决", "B 正在解决", "C 解释说明", "E 列入规划", "未注明结果"]
    assert row[5:10] == total[5:10] == [0, 0, 0, 1, 0]


def test_totals_are_the_sum_of_their_cells(world: World) -> None:
    write_year(world)
    book = book_of(world)
    for name in set(NAMES[3:]) - {"承诺台账"} - TO_COME.keys():
        _, *rows, total = cells(book[name])
        assert total[0] == "合计"
        for place in range(1, len(total)):
            numbers = [row[place] for row in rows if isinstance(row[place], int)]
            if isinstance(total[place], int):
                assert sum(numbers) == total[place], (name, place)


def test_catalogue_says_how_each_one_was_handled(world: World) -> None:
    write_year(world)
    sheet = book_of(world)["建议目录"]
    _, *rows, total = cells(sheet)
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8, None, None]
    assert [row[1] for row in rows[-2:]] == ["refused", "new"]
    assert row_of(sheet, "=1+1", 1) == {
        "编号": 1,
        "标题": "=1+1",
        "类型": "议案",
        "类别": "教科文卫",
        "领衔代表": "李春梅",
        "代表团": "城关代表团",
        "附议人数": 10,
        "提出时期": "大会期间",
        "提出日期": dt.date(2025, 2, 10),
        "主办单位": "县教育局",
        "协办单位": "县公安局",
        "交办日期": dt.date(2025, 3, 31),
        "答复期限": dt.date(2025, 6, 30),
        "答复日期": dt.date(2025, 6, 30),
        "答复文号": "云教〔2025〕3号",
        "办理结果": "已经解决",
        "态度评价": "基本满意",
        "结果评价": "满意",
        "状态": "评价办结",
    }
    separate = row_of(sheet, "separate", 1)
    assert (separate["主办单位"], separate["办理结果"]) == ("县教育局、县公安局", "已经解决、解释说明")
    assert row_of(sheet, "half", 1)["答复日期"] is None
    redone = row_of(sheet, "redone", 1)
    assert (redone["办理结果"], redone["结果评价"], redone["答复期限"]) == (
        "解释说明",
        "满意",
        dt.date(2025, 9, 30),
    )
    assert row_of(sheet, "refused", 1)["状态"] == "不予立案"
    assert row_of(sheet, "redo open", 1)["状态"] == "办理中（反馈）"
    assert (total[1], total[6]) == ("10件", 10)


def test_text_that_begins_like_a_formula_stays_text(world: World) -> None:
    for number, title in enumerate(["=1+1", "+1", "-1", "@SUM(A1)", "http://example.org/"], start=1):
        write(world, Item(title, number=number))
    sheet = book_of(world)["建议目录"]
    found = [cell for row in sheet.iter_rows(min_row=4, max_row=8, min_col=2, max_col=2) for cell in row]
    assert [cell.value for cell in found] == ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.org/"]
    assert {(cell.data_type, cell.hyperlink) for cell in found} == {("s", None)}


def test_duty_statistics_add_up_to_the_overview(world: World) -> None:
    write_year(world)
    header, *rows, total = cells(book_of(world)["履职统计"])
    assert header == [
        "序号",
        "姓名",
        "层级",
        "代表团",
        "记录合计",
        "小组活动",
        "报告履职",
        "向选民述职",
        "领衔件数",
        "附议件数",
        "培训班次",
    ]
    by_name = {row[1]: row[2:] for row in rows}
    assert by_name["李春梅"] == ["县", "城关代表团", 4, 2, 2, 0, 10, 0, 1]
    assert by_name["阿卜杜拉·买买提"] == ["县", "北岭代表团", 1, 0, 0, 1, 0, 1, 0]
    assert by_name["停职"][2:] == [0, 0, 0, 0, 0, 0, 1]
    # Left before the day on which deputies are counted, and did something in the year.
    assert by_name["年底离任"][2:] == [1, 0, 1, 0, 0, 0, 0]
    assert by_name["市代表"][0] == "市"
    assert (len(rows), "次年补选" in by_name) == (8, False)
    assert total == ["合计", None, None, None, EXPECTED["履职记录数"], 2, 4, 1, EXPECTED["建议总数"], 1, 3]


def test_types_beyond_the_width_of_a_page_are_counted_together(world: World) -> None:
    for number in range(MOST_TYPES + 3):
        DutyRecord.objects.create(
            congress=world.congress,
            seat=world.seat,
            done_on=dt.date(2025, 5, 1),
            type=DutyType.objects.create(congress=world.congress, name=f"类型{number}", sort=number),
            topic="一",
            recorded_at=make.at(2025, 6, 1),
        )
    header, *_, total = cells(book_of(world)["履职统计"])
    assert header[4 + MOST_TYPES :] == [
        f"类型{MOST_TYPES - 1}",
        "其余类型",
        "领衔件数",
        "附议件数",
        "培训班次",
    ]
    assert (total[4], total[5 + MOST_TYPES]) == (MOST_TYPES + 3, 3)


def test_stations_with_what_happened_there(world: World) -> None:
    write_year(world)
    sheet = book_of(world)["联络站"]
    header, *rows = cells(sheet)
    assert header[1:4] == ["名称", "类型", "所属乡镇"]
    assert header[7:] == ["编入代表", "接待群众人次", "群众意见", "其中办结"]
    assert [row[1:4] + row[7:] for row in rows] == [
        ["城关代表之家", "代表之家", "城关镇", 1, 1, 2, 1],
        ["园区站", "园区站", "城关镇", 0, 0, 0, 0],
        ["城关站", "联络站", "城关镇", 3, 2, 2, 2],
        ["3个", None, None, 4, EXPECTED["接待群众人次"], EXPECTED["群众意见数"], EXPECTED["群众意见办结数"]],
    ]
    assert "0571-1" not in str([list(row) for row in sheet.iter_rows(values_only=True)])


def test_classes_with_their_attendance(world: World) -> None:
    write_year(world)
    header, *rows = cells(book_of(world)["培训"])
    found = [dict(zip(header, map(plain, row), strict=True)) for row in rows]
    wanted = ("班次", "类型", "开始日期", "实到人次", "按姓名登记的代表")
    assert [tuple(row[name] for name in wanted) for row in found] == [
        ("初任班", "初任", dt.date(2025, 2, 1), 40, 2),
        ("履职班", "履职", dt.date(2025, 12, 31), 25, 1),
        ("2班", None, None, EXPECTED["培训人次"], 3),
    ]


def test_appointments_with_the_count_of_each_wording(world: World) -> None:
    write_year(world)
    header, *rows, total = cells(book_of(world)["人事任免"])
    assert len(rows) == EXPECTED["任免总人次"]
    first = dict(zip(header, map(plain, rows[0]), strict=True))
    assert first == dict.fromkeys(header) | {
        "序号": 1,
        "姓名": "乙",
        "职务": "县某局局长",
        "事项": "任命",
        "人次": 1,
        "日期": dt.date(2025, 1, 1),
        "法律考试成绩": 92,
        "供职发言": 1,
        "宪法宣誓": 1,
    }
    assert dict(zip(header, total, strict=True)) == dict.fromkeys(header) | {
        "序号": "合计",
        "职务": "决定任命1、任命3、批准任命1、决定代理1、决定免职1、免职1、批准免职1、批准辞职1、撤职1",
        "人次": 11,
        "法律考试成绩": "2人",
        "供职发言": 2,
        "颁发任命书": 1,
        "宪法宣誓": 1,
    }


def test_registers_to_come_have_their_header(world: World) -> None:
    write_year(world)
    book = book_of(world)
    for name, header in TO_COME.items():
        assert header in cells(book[name])[0]
        assert book[name]["A4"].value == "本年度无记录"


def test_watcher_is_told_of_each_sheet_and_may_end_the_work(world: World) -> None:
    told = []
    write_annual(
        scope_of(congress=world.congress, year=2025, as_of=TODAY), BytesIO(), watch=lambda *at: told.append(at)
    )
    assert told == [(name, place) for place, name in enumerate(NAMES, start=1)]
    out = BytesIO()

    def stop(name: str, number: int) -> None:
        if name == "培训":
            raise UnableToReport(f"{number}")

    with pytest.raises(UnableToReport, match=r"^10$"):
        write_annual(scope_of(congress=world.congress, year=2025, as_of=TODAY), out, watch=stop)
    assert out.getvalue() == b""


def test_empty_year_says_so_on_every_register(world: World) -> None:
    scope = scope_of(congress=make.TermFactory(congress__name="空县").congress, year=2025, as_of=TODAY)
    out = BytesIO()
    assert set(write_annual(scope, out).values()) == {len(EXPECTED), 0}
    book = openpyxl.load_workbook(out)
    for name in NAMES[1:]:
        assert book[name]["A4"].value == "本年度无记录"
        assert book[name]["A3"].value
        assert book[name].max_row <= 6
    assert row_of(book["总览"], "解决率")["数值"] == "—"


def test_same_data_on_the_same_day_give_the_same_file(world: World) -> None:
    write_year(world)
    assert made(world) == made(world)


@pytest.mark.django_db(transaction=True)
def test_sheets_are_read_from_one_state_of_the_database() -> None:
    with snapshot(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("on",)


def test_command_writes_the_file_and_says_what_is_in_it(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    write_year(world)
    out = tmp_path / "报表.xlsx"
    out.write_text("old")
    call_command("annual_report", congress="990100", year="2025", out=str(out))
    said = capsys.readouterr().out
    assert said == (
        f"已生成 {out}：总览 {len(EXPECTED)} 行、代表名册 7 行、代表结构 30 行、履职统计 8 行、"
        "建议办理(按单位) 3 行、建议办理(按类别) 3 行、建议目录 10 行、承诺台账 10 行、联络站 3 行、培训 2 行、"
        "人事任免 11 行、述职评议 0 行\n"
    )
    assert openpyxl.load_workbook(out).sheetnames == NAMES
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"congress": "1"}, "没有代码为「1」的人大，请核对 --congress 后面的代码。"),
        ({"year": "2035"}, "云溪县没有2035年在任的届次，请先登记届次的起止日期，或者换一个年份。"),
        ({"year": "２０２５"}, "年份「２０２５」不正确，应当是四位数字，例如 2025。"),
        ({"year": "0000"}, "云溪县没有0年在任的届次，请先登记届次的起止日期，或者换一个年份。"),
        ({"out": "a.csv"}, "文件名「a.csv」应当以 .xlsx 结尾。"),
    ],
)
def test_command_refuses_in_one_line(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict, answer: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as refused:
        call_command("annual_report", **{"congress": "990100", "year": "2025", "out": "a.xlsx"} | given)
    assert refused.value.code == answer
    assert list(tmp_path.iterdir()) == []


def test_command_needs_a_place_to_write_to(world: World, tmp_path: Path) -> None:
    missing, folder = tmp_path / "缺", tmp_path / "夹.xlsx"
    folder.mkdir()
    for out, answer in {
        missing / "a.xlsx": f"文件夹「{missing}」不存在，请先建立，或者换一个位置。",
        folder: f"「{folder}」是一个文件夹，请换一个文件名。",
        Path("/proc/a.xlsx"): "不能写入「/proc/a.xlsx」，请检查文件夹的权限和磁盘的剩余空间。",
    }.items():
        with pytest.raises(SystemExit) as refused:
            call_command("annual_report", congress="990100", year="2025", out=str(out))
        assert refused.value.code == answer
