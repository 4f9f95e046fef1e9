# ruff: noqa: DTZ001 -- a spreadsheet knows no time zones
import datetime as dt
import decimal
import io
import zipfile

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.workbooks.any_cell import any_cell
from tests.workbooks.people import HEADER, People, book, person
from workbooks import excel_reader
from workbooks.cells import TRUNCATION_MARK
from workbooks.cleaners import Integer, PartialDate, Text
from workbooks.columns import Column, Form
from workbooks.importing import run_import
from workbooks.marked import write_marked
from workbooks.printing import ReportBook, ReportColumn
from workbooks.reading import open_sheets
from workbooks.writing import CellWriter, new_book, safe_sheet_name, write_export, write_template

NOW = dt.datetime(2026, 3, 5, 10, 12)


def written(write, *args, **kwargs):
    out = io.BytesIO()
    write(*args, out, created=NOW, **kwargs)
    out.seek(0)
    return out


def exported(records):
    out = io.BytesIO()
    write_export(People(), records, out)
    out.seek(0)
    return out


def marked(rows, form=None):
    result = run_import(form or People(), book(rows))
    return openpyxl.load_workbook(written(write_marked, result)).active


RECORDS = [
    {
        "name": "阿卜杜拉·买买提",
        "sex": "男",
        "born": PartialDate(dt.date(1967, 10, 1), "month"),
        "party": "",
        "post": '=cmd|"/c calc"!A1',
        "group": "第一代表团",
        "card": "0012",
        "phone": "13800000000、0551-1234567",
        "again": True,
        "elected": dt.date(2026, 3, 5),
        "seconds": 0,
        "hours": decimal.Decimal("1.50"),
        "units": ("市教育局", "市委统战部（侨办、台办）"),
        "remark": "一\n二 _x000D_ <r>𠮷</r>",
    },
    {
        "name": "李四",
        "sex": "女",
        "born": PartialDate(dt.date(1970, 1, 1), "year"),
        "party": "民进",
        "post": "+86",
        "group": "第二代表团",
        "card": "",
        "phone": "",
        "again": False,
        "elected": None,
        "seconds": None,
        "hours": None,
        "units": (),
        "remark": "<r>x</r>",
    },
]


@pytest.mark.django_db
def test_an_export_imports_as_what_it_was():
    file = exported(RECORDS)
    form = People()
    form.store = {(record["group"], record["name"]): record for record in RECORDS}
    result = run_import(form, file)
    assert ([str(error) for error in result.errors], result.hints) == ([], [])
    assert result.summary() == "people: 新增 0、更新 0、未变 2"


def test_an_export_has_dates_as_dates_numbers_as_numbers_and_text_as_text():
    sheet = openpyxl.load_workbook(exported(RECORDS)).active
    assert sheet.title == "代表名册"
    assert [cell.value for cell in sheet[1]] == HEADER
    cells = {header.value: cell for header, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (cells["当选日期"].value, cells["当选日期"].number_format) == (dt.datetime(2026, 3, 5), "yyyy-mm-dd")
    assert (cells["附议人数"].value, cells["学时"].value, cells["代表证号"].value) == (0, 1.5, "0012")
    assert (cells["工作单位及职务"].value, cells["工作单位及职务"].data_type) == ('=cmd|"/c calc"!A1', "s")
    assert sheet.freeze_panes == "A2"


def parts(file):
    """What is in the file, but for the moment at which it was made."""
    with zipfile.ZipFile(file) as package:
        return {name: package.read(name) for name in package.namelist() if name != "docProps/core.xml"}


def test_the_same_records_give_the_same_sheet():
    assert parts(exported(RECORDS)) == parts(exported(RECORDS))


def test_an_export_is_ready_for_print_and_for_filtering():
    sheet = openpyxl.load_workbook(exported(RECORDS)).active
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.auto_filter.ref) == ("A2", "$1:$1", "A1:N3")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
    assert sheet.oddFooter.center.text == "第 &P 页　共 &N 页"
    assert {(cell.font.name, cell.font.sz) for row in sheet for cell in row if cell.value is not None} == {("宋体", 11)}
    assert (sheet["A1"].font.b, sheet["A2"].font.b, sheet["G2"].number_format) == (True, False, "@")


def test_an_export_without_records_has_the_header_alone():
    sheet = openpyxl.load_workbook(exported([])).active
    assert [cell.value for cell in sheet[1]] == HEADER
    assert [cell.value for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None] == []


def test_days_and_numbers_that_a_spreadsheet_does_not_know_are_text():
    record = {**RECORDS[1], "elected": dt.date(1899, 5, 6), "seconds": 10**15, "hours": decimal.Decimal("NaN")}
    cells = {cell.column_letter: cell.value for cell in openpyxl.load_workbook(exported([record])).active[2]}
    assert (cells["J"], cells["K"], cells["L"]) == ("1899-05-06", "1000000000000000", "nan")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(1)", "http://x.cn", "<r>x</r>", "{=1}"]
)
def test_no_text_becomes_a_formula_or_a_link(text):
    file = exported([{**RECORDS[1], "remark": text}])
    cell = openpyxl.load_workbook(file).active.cell(2, len(HEADER))
    assert (cell.data_type, cell.hyperlink, cell.value.strip()) == ("s", None, text.strip())


@given(
    st.lists(
        st.one_of(
            st.text(), st.integers(), st.floats(), st.dates(), st.datetimes(), st.booleans(), st.decimals(), st.times()
        )
    )
)
def test_any_value_can_be_written_and_read_again(values):
    out = io.BytesIO()
    with new_book(out, created=NOW) as target:
        cells = CellWriter(target)
        sheet = target.add_worksheet()
        cells.write(sheet, 0, 0, "first")
        for row, value in enumerate(values, start=1):
            cells.write(sheet, row, 0, value)
    ((_name, _rows, _columns, rows, _merged),) = excel_reader.read(out.getvalue(), 1000, 10)
    assert rows[0][0] == "first"


class Notes(Form):
    kind = "notes"
    title = "备注"
    columns = (Column("备注", "text", Text(2000, lines=True)), Column("序号", "number", Integer()))


@given(st.lists(st.one_of(any_cell, st.decimals()), min_size=1))
@example(["上\x0c下", "左\x0b右"])
def test_any_value_can_be_exported_and_text_comes_back_as_it_was(values):
    out = io.BytesIO()
    write_export(Notes(), [{"text": value, "number": number} for number, value in enumerate(values)], out)
    ((_name, _rows, _columns, rows, _merged),) = excel_reader.read(out.getvalue(), 1000, 10)
    clean = Text(2000, lines=True).clean
    assert [row[1] for row in rows] == ["序号", *range(len(values))]
    for value, (cell, _number) in zip(values, rows[1:], strict=True):
        if isinstance(value, str):
            assert clean(cell) == clean(value)


def test_what_a_workbook_cannot_hold_is_left_out_or_cut():
    file = exported([{**RECORDS[1], "post": "a\0bc\ud800d\uffff", "remark": "𠮷" * 40_000}])
    _, row = open_sheets(file)[0].rows
    assert row[4] == "abcd"
    assert row[-1].endswith(TRUNCATION_MARK)
    assert len(row[-1].encode("utf-16-le")) // 2 in {32_766, 32_767}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("建议办理(按单位)", "建议办理(按单位)"),
        ("a/b[c]:*?\\", "a b c"),
        ("'名册'", "名册"),
        ("", "Sheet1"),
        ("字" * 40, "字" * 31),
    ],
)
def test_sheet_names(name, safe):
    assert safe_sheet_name(name) == safe


def test_the_template_has_lists_notes_and_one_sample():
    file = openpyxl.load_workbook(written(write_template, People(), context=["第一代表团", "第二代表团"]))
    assert (file.sheetnames, file["选项"].sheet_state) == (["代表名册", "填写说明", "选项"], "hidden")
    sheet = file["代表名册"]
    assert [cell.value for cell in sheet[1]] == HEADER
    assert (sheet["A2"].value, sheet["B2"].value, sheet["C2"].value, sheet.max_row) == ("示例姓名", "男", "1967.03", 2)
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    sex, group, seconds = rules["B2:B5001"], rules["F2:F5001"], rules["K2:K5001"]
    assert (sex.type, sex.formula1, sex.showErrorMessage, sex.prompt) == (
        "list",
        "选项!$B$1:$B$2",
        True,
        "必填。只能是 男 或 女",
    )
    assert [cell.value for cell in file["选项"]["B"]] == ["男", "女"]
    assert (group.type, group.formula1, group.showErrorMessage) == ("list", "选项!$F$1:$F$2", False)
    assert [cell.value for cell in file["选项"]["F"]] == ["第一代表团", "第二代表团"]
    assert (seconds.promptTitle, seconds.prompt) == ("附议人数", "没有就空着。整数")
    assert [cell.value for cell in file["填写说明"][5]] == ["党派", None, "最多 100 个字。也可写作 政党"]


@pytest.mark.django_db
def test_a_filled_template_imports():
    template = openpyxl.load_workbook(written(write_template, People()))
    template["代表名册"].append(person())
    out = io.BytesIO()
    template.save(out)
    assert run_import(People(), out).summary() == "people: 新增 1、更新 0、未变 0"


@pytest.mark.django_db
def test_the_marked_copy_keeps_the_cells_and_says_what_is_wrong():
    rows = [
        ["名册"],
        [*HEADER, "照片"],
        [*person(elected=dt.date(2026, 3, 5), seconds=3, card="0012", remark="=1+1"), "无"],
        [],
        [*person(name="李四", sex="未知", hours="x"), ""],
    ]
    sheet = marked(rows)
    assert (sheet.title, sheet.freeze_panes) == ("Sheet1", "A3")
    assert sheet["A1"].value == "名册"
    last = len(HEADER) + 2
    assert [cell.value for cell in sheet[2]] == [*HEADER, "照片", "错误说明"]
    assert [cell.value for cell in sheet[3]][:3] == ["张三", "男", None]
    cells = {header.value: cell for header, cell in zip(sheet[2], sheet[3], strict=True)}
    assert (cells["当选日期"].value, cells["附议人数"].value) == (dt.datetime(2026, 3, 5), 3)
    assert (cells["代表证号"].value, cells["备注"].value, cells["备注"].data_type) == ("0012", "=1+1", "s")
    assert sheet.cell(3, last).value is None
    assert sheet.cell(5, last).value == "性别：只能是 男 或 女；学时：应为数字"
    coloured = [cell.coordinate for row in sheet.iter_rows(min_row=3) for cell in row if cell.fill.patternType]
    assert coloured == ["B5", "L5"]


@pytest.mark.django_db
def test_a_corrected_marked_copy_imports_and_a_second_one_has_no_second_column():
    form = People()
    result = run_import(form, book([HEADER, person(sex="未知")]))
    copy = openpyxl.load_workbook(written(write_marked, result))
    again = io.BytesIO()
    copy.save(again)
    second = openpyxl.load_workbook(written(write_marked, run_import(form, again))).active
    assert [cell.value for cell in second[1]] == [*HEADER, "错误说明"]
    copy.active["B2"] = "女"
    again = io.BytesIO()
    copy.save(again)
    result = run_import(form, again)
    assert (result.hints, result.summary()) == ([], "people: 新增 1、更新 0、未变 0")


@pytest.mark.django_db
def test_the_marked_copy_of_a_wrong_header_and_of_a_csv():
    assert marked([["姓名", "姓名"], ["张三", ""]])["C1"].value == (
        "错误说明：姓名：这一列出现了 2 次（A、B 列），请只留一列；缺少必填列：性别、代表团"
    )
    result = run_import(People(), io.BytesIO("姓名,性别,代表团\n张三,？,一\n李四\n".encode("gbk")), name="名/册.csv")
    sheet = openpyxl.load_workbook(written(write_marked, result)).active
    assert [[cell.value for cell in row] for row in sheet] == [
        ["姓名", "性别", "代表团", "错误说明"],
        ["张三", "？", "一", "性别：只能是 男 或 女"],
        ["李四", None, None, "性别：不能为空；代表团：不能为空"],
    ]


@pytest.mark.django_db
def test_a_cell_merged_over_rows_stands_in_each_row_of_the_copy():
    source = openpyxl.Workbook()
    for row in [["代表团", "姓名", "性别"], ["第一代表团", "张三", "男"], [None, "李四", "?"]]:
        source.active.append(row)
    source.active.merge_cells("A2:A3")
    out = io.BytesIO()
    source.save(out)
    sheet = openpyxl.load_workbook(written(write_marked, run_import(People(), out))).active
    assert [cell.value for cell in sheet["A"]] == ["代表团", "第一代表团", "第一代表团"]


UNITS = [
    ReportColumn("单位", width=30),
    ReportColumn("件数", "number", total=True),
    ReportColumn("解决", "number", total=True),
    ReportColumn(
        "解决率", "number", total=lambda sums: round(100 * sums["解决"] / sums["件数"], 1), number_format="0.0"
    ),
    ReportColumn("最早", "date"),
]


def report(rows):
    out = io.BytesIO()
    with ReportBook(out, created=NOW) as target:
        sheet = {"title": "建议办理情况（按单位）", "period": "2017年", "unit": "件", "columns": UNITS}
        number = target.add_sheet("建议办理(按单位)", rows=rows, **sheet)
        target.add_sheet("承诺台账", title="承诺台账", period="2017年", unit="", columns=UNITS[:1], rows=[])
    return number, openpyxl.load_workbook(out)


def test_a_report_sheet_is_ready_for_print():
    rows = [["市教育局", 3, 2, 66.7, dt.date(2017, 4, 14)], ["=市公安局", 5, 5, 100, None]]
    number, file = report(iter(rows))
    assert number == 2
    assert file.sheetnames == ["建议办理(按单位)", "承诺台账"]
    sheet = file.worksheets[0]
    assert [[cell.value for cell in row] for row in sheet] == [
        ["建议办理情况（按单位）", None, None, None, None],
        ["2017年　　单位：件", None, None, None, None],
        ["单位", "件数", "解决", "解决率", "最早"],
        ["市教育局", 3, 2, 66.7, dt.datetime(2017, 4, 14)],
        ["=市公安局", 5, 5, 100, None],
        ["合计", 8, 7, 87.5, None],
    ]
    assert sheet["A5"].data_type == "s"
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A1:E1", "A2:E2"]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A4", "$1:$3")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
    assert sheet.oddFooter.center.text == "第 &P 页　共 &N 页"
    assert (sheet["D4"].number_format, sheet["E4"].number_format) == ("0.0", "yyyy-mm-dd")


def test_a_sheet_without_records_says_so():
    _, file = report([])
    assert [[cell.value for cell in row] for row in file.worksheets[1]] == [
        ["承诺台账"],
        ["2017年"],
        ["单位"],
        ["本年度无记录"],
    ]
    assert file.worksheets[0]["A4"].value == "本年度无记录"
    assert file.worksheets[0].max_row == 4


def test_a_note_stands_in_grey_below_everything():
    for rows, place in ([["市教育局", 3, 2, 66.7, None]], 6), ([], 5):
        out = io.BytesIO()
        with ReportBook(out, created=NOW) as target:
            target.add_sheet(
                "一", title="一", period="", unit="", columns=UNITS, rows=rows, note="办理结果按最后一次计。"
            )
        sheet = openpyxl.load_workbook(out).active
        assert (sheet.max_row, sheet.cell(place, 1).value) == (place, "办理结果按最后一次计。")
        assert sheet.cell(place, 1).font.color.rgb == "FF5B6675"
        assert f"A{place}:E{place}" in map(str, sheet.merged_cells.ranges)


def test_totals_of_decimals_are_exact():
    rows = [[f"单位{number}", 0.1, decimal.Decimal("0.2"), 0, None] for number in range(10)]
    _, file = report(rows)
    assert [cell.value for cell in file.worksheets[0][14]][:3] == ["合计", 1, 2]


def test_an_error_while_writing_leaves_neither_a_file_nor_a_trace(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "报表.xlsx").write_bytes(b"last year's")

    def broken(record):
        yield record
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_export(People(), broken(RECORDS[0]), tmp_path / "名册.xlsx")
    with pytest.raises(RuntimeError), ReportBook(tmp_path / "报表.xlsx", created=NOW) as target:
        target.add_sheet("一", title="", period="", unit="", columns=UNITS, rows=broken(["甲", 1, 1, 100, None]))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("报表.xlsx", b"last year's")]


def test_a_file_can_be_written_by_its_path(tmp_path):
    assert write_export(People(), RECORDS, tmp_path / "名册.xlsx") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["名册.xlsx"]
    assert parts(tmp_path / "名册.xlsx") == parts(exported(RECORDS))
    with pytest.raises(OSError, match="没有"):
        write_export(People(), RECORDS, tmp_path / "没有" / "名册.xlsx")
