import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tests.workbooks.people import HEADER, People, book, person
from workbooks import reading
from workbooks.headers import find_table
from workbooks.reading import WorkbookError, open_sheets

DATA = Path(__file__).parent / "data"


def refusal(file, name=""):
    with pytest.raises(WorkbookError) as caught:
        find_table(People(), open_sheets(file, name=name))
    message = str(caught.value)
    assert "\n" not in message
    return message


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    out.seek(0)
    return out


def places(table):
    return table.sheet.name, table.header_row, table.places["name"], table.places["sex"], table.places["group"]


NOT_A_TABLE = "不是表格文件；请上传 .xlsx、.xls 或 .csv"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "文件是空的"),
        (b"\0\0\0\n  ", "文件是空的"),
        (b"%PDF-1.7 ...", f"这是 PDF 文件，{NOT_A_TABLE}"),
        (b"\x89PNG\r\n\x1a\n", f"这是图片，{NOT_A_TABLE}"),
        (b"Rar!\x1a\x07", "这是压缩包；请解压后上传里面的表格"),
        (b"PK\x03\x04 cut off", "文件已损坏，打不开；请重新保存或重新下载后再试"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "文件有密码；请去掉密码后再上传",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook _VBA_PROJECT".encode("utf-16-le"),
            "文件带有宏，为安全起见不能导入；请另存为不带宏的 .xlsx",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), f"这是文档，{NOT_A_TABLE}"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"),
            "文件已损坏，或不是标准的表格；请用 Excel 或 WPS 打开后另存为 .xlsx 再导入",
        ),
        (
            b"<html><table><tr><td>1</td></tr></table>",
            "这是网页或 XML 格式的表格；请用 Excel 或 WPS 打开后另存为 .xlsx 再导入",
        ),
        (b"\xff\xfe\x00", f"认不出文件的编码，{NOT_A_TABLE}"),
        (b"\x81\xff\xff\xfe\x80", f"认不出文件的编码，{NOT_A_TABLE}"),
        (b"hello", "表 表格 前 10 排里没有找到表头（姓名、性别、代表团 等列名）；请对照模板填写"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(content, message):
    assert refusal(io.BytesIO(content)) == message


def test_a_file_that_is_not_there(tmp_path):
    assert refusal(tmp_path / "没有.xlsx") == f"找不到文件 {tmp_path}/没有.xlsx"
    assert refusal(tmp_path) == f"打不开文件 {tmp_path}"
    assert refusal("a\0b.xlsx") == "打不开文件 ab.xlsx"


def test_packages_that_are_no_plain_workbook():
    assert refusal(zipped({"word/document.xml": "<w/>"})) == f"这是文档，{NOT_A_TABLE}"
    assert refusal(zipped({"photo.jpg": "x"})) == f"这是压缩包或别的文件，{NOT_A_TABLE}"
    macro = zipped({"xl/workbook.xml": "<w/>", "xl/vbaProject.bin": "x"})
    assert refusal(macro) == "文件带有宏，为安全起见不能导入；请另存为不带宏的 .xlsx"
    broken = zipped({"xl/workbook.xml": "<not xml"})
    assert refusal(broken) == "文件已损坏，或不是标准的表格；请用 Excel 或 WPS 打开后另存为 .xlsx 再导入"


def test_an_encrypted_package_is_refused():
    content = bytearray(zipped({"xl/workbook.xml": "x"}).getvalue())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refusal(io.BytesIO(bytes(content))) == "文件有密码；请去掉密码后再上传"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(reading.subprocess, "run", None)
    bomb = zipped({"xl/workbook.xml": "<w/>", "xl/worksheets/sheet1.xml": b"0" * 50_000_000})
    assert len(bomb.getvalue()) < 100_000
    assert (
        refusal(bomb) == "文件展开后过大，不能导入；请只保留需要的工作表，请用 Excel 或 WPS 打开后另存为 .xlsx 再导入"
    )


def test_a_bomb_that_lies_about_its_size_is_refused():
    content = zipped({"xl/workbook.xml": b"0" * 50_000_000}).getvalue()
    content = content.replace((50_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert refusal(io.BytesIO(content)) in {
        "文件已损坏，或不是标准的表格；请用 Excel 或 WPS 打开后另存为 .xlsx 再导入",
        "表格内容过大，读不进来；请删去数据以外的行列和多余的工作表后再试",
    }


def test_a_cell_in_the_last_corner_does_not_bring_the_process_down():
    """The reader would ask for half a terabyte of memory and be aborted."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as written:
        sheet = written.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write(1_048_575, 16_383, "x")
    assert refusal(out) == "表格内容过大，读不进来；请删去数据以外的行列和多余的工作表后再试"


def test_formatted_but_empty_cells_far_away_do_not_count():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as written:
        sheet = written.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_blank(1_048_575, 16_383, None, written.add_format({"bold": True}))
    assert open_sheets(out)[0].rows == [HEADER]


def test_ten_thousand_columns():
    wide = [f"列{number}" for number in range(10_000)]
    assert refusal(book([wide])) == "表 Sheet1 有 10000 列，最多 256 列；请删去多余的列"
    text = ",".join(wide).encode()
    assert refusal(io.BytesIO(text), "名册.csv") == "表 名册 有 10000 列，最多 256 列；请删去多余的列"


def test_too_many_rows(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    message = "表 Sheet1 的数据多到第 4 排，一次最多 3 条；请分成几个文件"
    assert refusal(book([HEADER, person(), person(), person()])) == message
    assert refusal(io.BytesIO(b"a\nb\nc\nd\n"), "Sheet1.csv") == message


def test_a_file_over_the_limit(monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 1024 * 1024)
    assert refusal(io.BytesIO(b"a" * (1024 * 1024 + 1))) == "文件超过 1 MB；请删去图片和多余的工作表，或分成几个文件"


def test_a_workbook_without_sheets_of_cells():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as written:
        data = written.add_worksheet()
        data.hide()
        chart = written.add_chart({"type": "line"})
        chart.add_series({"values": "=Sheet1!$A$1:$A$2"})
        page = written.add_chartsheet()
        page.set_chart(chart)
        page.activate()
    assert refusal(out) == "表里没有内容"


def test_the_content_decides_not_the_name():
    file = book([HEADER, person()])
    assert open_sheets(file, name="名册.csv")[0].rows[1][0] == "张三"
    assert open_sheets(io.BytesIO("姓名,性别\n张三,男".encode()), name="名册.xlsx")[0].rows[1] == ["张三", "男"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_csv_in_every_encoding_of_an_office(encoding, tmp_path):
    path = tmp_path / "代表名册.csv"
    path.write_bytes("姓名,性别,代表团\r\n张镕,男,第一代表团\r\n".encode(encoding))
    sheet = open_sheets(path)[0]
    assert (sheet.name, sheet.rows) == ("代表名册", [["姓名", "性别", "代表团"], ["张镕", "男", "第一代表团"]])


def test_csv_keeps_rare_characters_and_quoted_line_breaks():
    text = '姓名;职务\n"𠮷野";"一\n二"\n'
    assert open_sheets(io.BytesIO(text.encode("gb18030")))[0].rows == [["姓名", "职务"], ["𠮷野", "一\n二"]]
    assert open_sheets(io.BytesIO(b"a\tb\n1\t2\n"))[0].rows == [["a", "b"], ["1", "2"]]


def test_old_excel():
    sheet = open_sheets(DATA / "roster.xls")[0]
    assert sheet.name == "名册"
    assert [str(cell) for cell in sheet.rows[1]] == ["张三", "男", "第一代表团", "741928", "2026-03-05"]


def test_the_first_sheet_with_a_complete_header_is_read():
    file = book(
        [["说明"], ["请填写"]], [["姓名", "备注"]], [HEADER, person()], [HEADER], names=["说明", "草稿", "名册", "旧"]
    )
    assert places(find_table(People(), open_sheets(file))) == ("名册", 1, 1, 2, 6)


def test_hidden_sheets_are_not_read_but_hidden_columns_are():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as written:
        hidden, shown = written.add_worksheet("旧"), written.add_worksheet("新")
        hidden.write_row(0, 0, HEADER)
        hidden.hide()
        shown.activate()
        shown.write_row(0, 0, ["性别", "姓名", "代表团"])
        shown.set_column(1, 1, None, None, {"hidden": True})
    assert places(find_table(People(), open_sheets(out))) == ("新", 1, 2, 1, 3)


def test_titles_above_the_header():
    file = book([["合肥市第十六届人大代表名册"], [], ["单位：人"], HEADER, person()])
    assert places(find_table(People(), open_sheets(file))) == ("Sheet1", 4, 1, 2, 6)


def test_a_header_too_far_down_is_not_found():
    assert refusal(book([["说明"]] * 10 + [HEADER])) == (
        "表 Sheet1 前 10 排里没有找到表头（姓名、性别、代表团 等列名）；请对照模板填写"
    )


@pytest.mark.parametrize(
    "header",
    [
        [" 姓 名* ", "性\n别", "代表团"],
        ["姓名（必填）", "性别(男/女)", "代 表 团："],
        ["\ufeff姓名", "性别＊", "代表团"],
    ],
)
def test_headers_are_matched_without_blanks_marks_and_remarks(header):
    assert places(find_table(People(), open_sheets(book([header, person()])))) == ("Sheet1", 1, 1, 2, 3)


def test_two_header_rows_merged():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as written:
        sheet = written.add_worksheet()
        sheet.merge_range("A1:A2", "姓名")
        sheet.merge_range("B1:B2", "性别")
        sheet.merge_range("C1:C2", "代表团")
        sheet.merge_range("D1:E1", "联系方式")
        sheet.write_row("D2", ["微信", "住址"])
    assert places(find_table(People(), open_sheets(out))) == ("Sheet1", 2, 1, 2, 3)


def test_two_header_rows_not_merged():
    table = find_table(
        People(), open_sheets(book([["姓名", "性别", "代表团", "联系方式"], ["", "", "", "手机"], person()]))
    )
    assert (places(table), table.places["phone"]) == (("Sheet1", 2, 1, 2, 3), 4)


def test_alternatives_and_unknown_columns():
    table = find_table(People(), open_sheets(book([["序号", "姓名", "性别", "代表团", "政党", "照片", "错误说明"]])))
    assert (table.places["party"], table.unknown, table.problems) == (5, ("序号", "照片"), ())


def test_a_column_twice_and_missing_columns_are_problems():
    table = find_table(People(), open_sheets(book([["姓名", "党派", "政党"]])))
    assert table.problems == (
        (3, "党派", "这一列出现了 2 次（B、C 列），请只留一列"),
        (0, "", "缺少必填列：性别、代表团"),
    )
