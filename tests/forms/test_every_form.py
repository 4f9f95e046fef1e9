"""The faults of real files, each in every form: read as what was meant, or refused by the row, with nothing written."""

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
import rustpy_xlsxwriter
import xlsxwriter
from django.db import connection

from tests.forms.samples import DAY, SAMPLES, each_kind
from tests.forms.support import counts, errors, exported, run, run_file, tables
from tests.real_data import write_csv
from workbooks.cells import column_letters
from workbooks.cleaners import Text
from workbooks.columns import get_form

pytestmark = pytest.mark.django_db
ADDED, SAME = "新增 3、更新 0、未变 0", "新增 0、更新 0、未变 3"
FULL_WIDTH = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
each_dated_kind = pytest.mark.parametrize("kind", [kind for kind, sample in sorted(SAMPLES.items()) if sample.day])


def table(kind: str, number: int = 3) -> list[list[Any]]:
    """Header and rows of the form's sample."""
    rows = SAMPLES[kind].rows(number)
    return [list(rows[0]), *[list(row.values()) for row in rows]]


def saved(book: openpyxl.Workbook) -> io.BytesIO:
    out = io.BytesIO()
    book.save(out)
    return out


def sheet_of(rows: Sequence[Sequence[Any]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def import_plain(kind, world):
    assert counts(run(kind, *SAMPLES[kind].rows(3), congress=world.congress)) == ADDED


@each_kind
def test_cells_merged_over_the_rows_that_they_are_meant_for(stocked, kind):
    rows = table(kind)
    book = sheet_of(rows)
    for place, header in enumerate(rows[0], start=1):
        if header != SAMPLES[kind].named:
            book.active.merge_cells(f"{column_letters(place)}2:{column_letters(place)}4")
    assert counts(run_file(kind, saved(book), congress=stocked.congress)) == ADDED
    assert counts(run(kind, *SAMPLES[kind].rows(3), congress=stocked.congress)) == SAME


@each_kind
def test_formulas_count_as_what_they_show(stocked, kind):
    import_plain(kind, stocked)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(table(kind)):
            for place, cell in enumerate(row):
                sheet.write_formula(number, place, f'="{cell}"', None, cell)
    assert counts(run_file(kind, out, congress=stocked.congress)) == SAME


SPELLINGS = [
    "2023/2/1", "2023.2.1", "2023年2月1日", "２０２３年２月１日", "20230201", " 2023-02-01 ", "44958", 44958, 44958.0,
    dt.date(2023, 2, 1), dt.datetime(2023, 2, 1, 9, 30),  # noqa: DTZ001 -- a spreadsheet knows no time zones
]  # fmt: skip


@each_dated_kind
def test_dates_as_people_write_them(stocked, kind):
    number = len(SPELLINGS)
    added = counts(run(kind, *SAMPLES[kind].rows(number), congress=stocked.congress))
    assert added == f"新增 {number}、更新 0、未变 0"
    header, *rows = table(kind, number)
    rows = [
        [spelling if value == DAY else value for value in row] for spelling, row in zip(SPELLINGS, rows, strict=True)
    ]
    again = run_file(kind, saved(sheet_of([header, *rows])), congress=stocked.congress)
    assert counts(again) == f"新增 0、更新 0、未变 {number}"


@each_kind
def test_a_title_and_two_header_rows(stocked, kind):
    import_plain(kind, stocked)
    rows = table(kind)
    book = sheet_of([["云溪县登记表"], ["基本情况"], *rows])
    last = column_letters(len(rows[0]))
    book.active.merge_cells(f"A1:{last}1")
    book.active.merge_cells(f"A2:{last}2")
    assert counts(run_file(kind, saved(book), congress=stocked.congress)) == SAME


@each_kind
def test_hidden_rows_and_columns_count_and_hidden_sheets_do_not(stocked, kind):
    import_plain(kind, stocked)
    rows = table(kind)
    book = sheet_of(rows)
    book.active.column_dimensions[column_letters(len(rows[0]))].hidden = True
    book.active.row_dimensions[3].hidden = True
    old = book.create_sheet("旧表", 0)
    old.append(rows[0])
    old.append([SAMPLES[kind].wrong[1]] * len(rows[0]))
    old.sheet_state = "hidden"
    assert counts(run_file(kind, saved(book), congress=stocked.congress)) == SAME


@each_kind
def test_blanks_and_invisible_characters_do_not_count(stocked, kind):
    import_plain(kind, stocked)
    around = ["{}", "　{} ", "\u200b{}\xa0\r\n", "\ufeff\t{}\u2060\u3000"]
    rows = [[form.format(cell) for cell in row] for form, row in zip(around, table(kind), strict=True)]
    assert counts(run_file(kind, saved(sheet_of(rows)), congress=stocked.congress)) == SAME


@each_kind
def test_full_width_digits_are_digits(stocked, kind):
    import_plain(kind, stocked)
    plain_text = {column.header for column in get_form(kind).columns if type(column.clean) is Text}
    header, *rows = table(kind)
    rows = [
        [cell if head in plain_text else cell.translate(FULL_WIDTH) for head, cell in zip(header, row, strict=True)]
        for row in rows
    ]
    assert counts(run_file(kind, saved(sheet_of([header, *rows])), congress=stocked.congress)) == SAME


@each_kind
def test_csv_in_any_encoding(stocked, kind, tmp_path):
    import_plain(kind, stocked)
    after = tables()
    for encoding in "gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16":
        file = write_csv(tmp_path / f"{encoding}.csv", SAMPLES[kind].rows(3), encoding=encoding)
        assert counts(run_file(kind, file, congress=stocked.congress)) == SAME
    assert tables() == after


@each_kind
def test_of_a_file_with_the_same_row_twice_the_later_one_is_the_error(stocked, kind):
    before = tables()
    first, second, third = SAMPLES[kind].rows(3)
    found = errors(run(kind, first, second, third, second, congress=stocked.congress))
    assert len(found) == 1
    assert found[0].startswith("表 Sheet1 第 5 行 ")
    assert "重复" in found[0]
    assert tables() == before


@pytest.mark.slow
@each_kind
def test_of_20_000_rows_one_is_wrong_and_nothing_is_imported(stocked, kind):
    before = tables()
    column, cell = SAMPLES[kind].wrong
    rows = SAMPLES[kind].rows(20_000)
    rows[19_999 - 2][column] = cell
    file = io.BytesIO()
    rustpy_xlsxwriter.write_worksheet(rows, file)
    result = run_file(kind, file, congress=stocked.congress)
    assert [error.split("：")[0] for error in errors(result)] == [f"表 Sheet1 第 19999 行 {column}「{cell}」"]
    assert result.summary() == "共 1 处错误，没有导入任何数据"
    assert tables() == before


@each_kind
def test_an_export_fetches_its_records_some_at_a_time(stocked, kind):
    import_plain(kind, stocked)
    server_side = []

    def watch(execute, sql, params, many, context):
        server_side.append(bool(getattr(context["cursor"].cursor, "name", "")))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        file = exported(kind, SAMPLES[kind].model.objects.visible_to(stocked.staff))
    assert server_side.count(True) == 1
    # The county has deputies and units of its own besides the three.
    assert counts(run_file(kind, file, congress=stocked.congress)).startswith("新增 0、更新 0、未变 ")
