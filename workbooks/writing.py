"""Writes workbooks: cells that are what they are (text never becomes a formula), the template and the export of a form."""

import datetime as dt
import decimal
import io
import math
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from workbooks.cells import PRECISE_BELOW, TRUNCATION_MARK, column_letters, text_of
from workbooks.columns import Column, Form

Target = str | os.PathLike | IO[bytes]

MAX_CELL = 32_767  # UTF-16 units; Excel refuses to open a file with a longer cell
TEMPLATE_ROWS = 5000
_LINE_HEIGHT = 15.5
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_FIRST_DAY = dt.date(1900, 3, 1)  # Excel believes in a 29 February 1900; earlier days come out shifted.
_FORMATS = {"text": {"num_format": "@"}, "date": {"num_format": "yyyy-mm-dd"}, "number": {}}
_ADVICE = (
    "列的先后顺序不限，多出的列不会导入；不要合并单元格。",
    "第二排的斜体字是示例，导入时自动跳过，可以直接覆盖。",
    "有一处错误就不会导入任何数据；改正后重新上传整个文件即可，同一个文件导入两次不会重复。",
)
HEADER_LOOK = {"bold": True, "border": 1, "border_color": "#B8C4D2", "bg_color": "#E3ECF7", "text_wrap": True}


def safe_text(text: str) -> str:
    """The text without what a workbook cannot hold, cut with a mark when it is longer than a cell may be."""
    text = _ILLEGAL.sub("", text)
    if len(text) > MAX_CELL // 2 and len(text.encode("utf-16-le")) // 2 > MAX_CELL:
        room = 2 * (MAX_CELL - len(TRUNCATION_MARK))
        text = text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + TRUNCATION_MARK
    # The writer takes text between these tags for finished XML.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def safe_sheet_name(name: str) -> str:
    """The name as a workbook accepts it: without brackets and other forbidden signs, at most 31 characters."""
    name = re.sub(r"[\[\]:*?/\\]", " ", _ILLEGAL.sub("", name)).strip("' \t\r\n")
    return name.encode("utf-16-le")[:62].decode("utf-16-le", "ignore") or "Sheet1"


@contextmanager
def new_book(out: Target, *, created: dt.datetime, constant_memory: bool = True) -> Iterator[xlsxwriter.Workbook]:
    """A workbook that takes text as text and is written to `out` at the end; after an error `out` is as it was.

    The same cells and the same `created` give the same bytes. Raises `OSError` when `out` cannot be written.
    """
    if isinstance(out, str | os.PathLike):
        part = Path(out).with_name(f"{Path(out).name}.{secrets.token_hex(4)}")
        try:
            with part.open("xb") as stream, new_book(stream, created=created, constant_memory=constant_memory) as book:
                yield book
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
        return
    options = {
        "constant_memory": constant_memory,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": "宋体", "font_size": 11, "valign": "vcenter"},
    }
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"created": created})
    try:
        yield book
    except BaseException:
        # Only closing removes the temporary files, in which there are people's data.
        book.filename = io.BytesIO()
        book.close()
        raise
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(str(error)) from error


class CellWriter:
    """Writes values of any type into a sheet; dates get the date form of the given look."""

    def __init__(self, book: xlsxwriter.Workbook):
        self.book = book
        self._formats: dict[tuple, Format] = {}

    def format(self, **look: Any) -> Format:
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, **look: Any) -> None:
        """Write one cell (counted from 0). A value that its own type cannot hold in a workbook is written as text."""
        if isinstance(value, str):
            if value:
                sheet.write_string(row, column, safe_text(value), self.format(**look))
                return
            value = None
        if value is None:
            if look:
                sheet.write_blank(row, column, None, self.format(**look))
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, self.format(**look))
        elif isinstance(value, int | float | decimal.Decimal) and _is_exact(value):
            sheet.write_number(row, column, float(value), self.format(**look))
        elif isinstance(value, dt.datetime) and value.tzinfo is None and value.date() >= _FIRST_DAY:
            sheet.write_datetime(row, column, value, self.format(**look, num_format="yyyy-mm-dd hh:mm"))
        elif isinstance(value, dt.date) and not isinstance(value, dt.datetime) and value >= _FIRST_DAY:
            sheet.write_datetime(row, column, value, self.format(**{"num_format": "yyyy-mm-dd", **look}))
        else:
            plain = isinstance(value, dt.datetime | dt.date)
            sheet.write_string(row, column, safe_text(text_of(value) if plain else str(value)), self.format(**look))


def _is_exact(number: float | decimal.Decimal) -> bool:
    return (not isinstance(number, decimal.Decimal) or number.is_finite()) and abs(number) < PRECISE_BELOW


def fit_height(sheet: Worksheet, row: int, wrapped: Iterable[tuple[Any, float]]) -> None:
    """Make the row high enough for its wrapped texts, given with the widths of their columns; call it before writing them.

    Excel would do so by itself, other programs and their PDF do not.
    """
    lines = max((_lines(text, width) for text, width in wrapped if isinstance(text, str)), default=1)
    if lines > 1:
        sheet.set_row(row, min(_LINE_HEIGHT * lines, 400))


def _lines(text: str, width: float) -> int:
    """How many lines the text takes; a Chinese character is a little wider than two digits."""
    return sum(max(1, math.ceil(1.06 * len(line.encode("gbk", "replace")) / width)) for line in text.split("\n"))


def prepare_print(sheet: Worksheet, *, header_rows: int) -> None:
    """A4 landscape, as wide as the page, header on every page, page numbers in the footer, header frozen on screen."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, header_rows - 1)
    sheet.set_footer("&C第 &P 页　共 &N 页")
    sheet.freeze_panes(header_rows, 0)


def write_export(form: Form, records: Iterable[Any], out: Target, *, created: dt.datetime) -> int:
    """Write the records in the form's own columns, so that importing the file changes nothing. Returns their number.

    `records` go through `form.export_rows`; each then is a mapping attr → value or an object with these attributes.
    """
    number = 0
    with new_book(out, created=created) as book:
        cells = CellWriter(book)
        sheet = book.add_worksheet(safe_sheet_name(form.title))
        _write_header(sheet, form, cells)
        prepare_print(sheet, header_rows=1)
        for number, record in enumerate(form.export_rows(records), start=1):
            for place, column in enumerate(form.columns):
                value = record.get(column.attr) if isinstance(record, Mapping) else getattr(record, column.attr)
                shown = column.clean.show(value)
                if shown != "" and shown is not None:
                    cells.write(sheet, number, place, shown, **_FORMATS[column.clean.kind])
        if number:
            sheet.autofilter(0, 0, number, len(form.columns) - 1)
    return number


def write_template(form: Form, out: Target, *, created: dt.datetime, context: Any = None) -> None:
    """An empty form to fill in: header, one sample row, drop-down lists, a note at every cell, a sheet that explains it."""
    with new_book(out, created=created, constant_memory=False) as book:
        cells = CellWriter(book)
        sheet = book.add_worksheet(safe_sheet_name(form.title))
        _write_header(sheet, form, cells)
        prepare_print(sheet, header_rows=1)
        _write_notes(book.add_worksheet("填写说明"), form, cells)
        lists = book.add_worksheet("选项")
        lists.hide()
        for place, column in enumerate(form.columns):
            if column.sample != "":
                look = {**_FORMATS[column.clean.kind], "italic": True, "font_color": "#5B6675"}
                cells.write(sheet, 1, place, column.sample, **look)
            options = column.choices or tuple(column.suggest(context) if column.suggest else ())
            for row, option in enumerate(options):
                cells.write(lists, row, place, option)
            sheet.data_validation(1, place, TEMPLATE_ROWS, place, _validation(column, place, len(options)))


def _write_header(sheet: Worksheet, form: Form, cells: CellWriter) -> None:
    for place, column in enumerate(form.columns):
        width = column.width or max(column.clean.width, 2.2 * len(column.header))
        sheet.set_column(place, place, width, cells.format(**_FORMATS[column.clean.kind]))
        colour = "#C9DCF2" if column.required else "#EEF2F7"
        cells.write(sheet, 0, place, column.header, **{**HEADER_LOOK, "bg_color": colour, "align": "center"})


def _validation(column: Column, place: int, options: int) -> dict[str, Any]:
    message = "。".join(filter(None, ["必填" if column.required else "", column.note, column.clean.rule]))
    rule: dict[str, Any] = {"validate": "any", "input_title": column.header[:32], "input_message": message[:255]}
    if options:
        letters = column_letters(place + 1)
        rule |= {
            "validate": "list",
            "source": f"=选项!${letters}$1:${letters}${options}",
            "error_title": column.header[:32],
        }
        rule |= {"error_message": column.clean.rule[:255]} if column.choices else {"show_error": False}
    return rule


def _write_notes(sheet: Worksheet, form: Form, cells: CellWriter) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 8)
    sheet.set_column(2, 2, 80)
    for place, header in enumerate(["列名", "必填", "怎么填"]):
        cells.write(sheet, 0, place, header, **HEADER_LOOK)
    for row, column in enumerate(form.columns, start=1):
        same = f"也可写作 {'、'.join(column.alternatives)}" if column.alternatives else ""
        cells.write(sheet, row, 0, column.header, border=1, border_color="#B8C4D2")
        cells.write(sheet, row, 1, "必填" if column.required else "", border=1, border_color="#B8C4D2")
        text = "。".join(filter(None, [column.note, column.clean.rule, same]))
        cells.write(sheet, row, 2, text, border=1, border_color="#B8C4D2", text_wrap=True)
    last = len(form.columns) + 2
    for offset, text in enumerate(_ADVICE):
        cells.write(sheet, last + offset, 0, text)
