"""Writes workbooks: cells that are what they are (text never becomes a formula), the template and the export of a form."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import math
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import rustpy_xlsxwriter
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from audit.context import named
from workbooks.cells import PRECISE_BELOW, TAKEN_MARK, TRUNCATION_MARK, column_letters, text_of
from workbooks.columns import Column, Form

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Target = str | os.PathLike | IO[bytes]
Writable = str | float | bool | dt.date | dt.datetime | None

MAX_CELL = 32_767  # UTF-16 units; Excel refuses to open a file with a longer cell
MAX_EXPORTED = 1_048_574  # rows of a sheet between its header and the row that says who took it away
TEMPLATE_ROWS = 5000
FOOTER_LENGTH = 100  # Excel refuses to open a file whose footer has more than 255 signs in all.
PAGE_NUMBERS = "&C第 &P 页　共 &N 页"
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
    if text.isprintable() and len(text) <= MAX_CELL // 2:
        return text
    # A line break of other programs (Word, old printers) stays one, as imports read it.
    text = _ILLEGAL.sub("", text.translate({0x0B: "\n", 0x0C: "\n"}))
    if len(text) > MAX_CELL // 2 and len(text.encode("utf-16-le")) // 2 > MAX_CELL:
        room = 2 * (MAX_CELL - len(TRUNCATION_MARK))
        text = text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + TRUNCATION_MARK
    return text


def writable(value: Any) -> Writable:
    """The value as a workbook can hold it; one that its own type cannot hold there becomes text, empty text nothing."""
    if isinstance(value, str):
        return safe_text(value) or None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | decimal.Decimal) and _is_exact(value):
        return float(value)
    if isinstance(value, dt.datetime):
        return value if value.tzinfo is None and value.date() >= _FIRST_DAY else safe_text(text_of(value))
    if isinstance(value, dt.date):
        return value if value >= _FIRST_DAY else text_of(value)
    return safe_text(str(value)) or None


def _is_exact(number: float | decimal.Decimal) -> bool:
    return (not isinstance(number, decimal.Decimal) or number.is_finite()) and abs(number) < PRECISE_BELOW


def safe_sheet_name(name: str) -> str:
    """The name as a workbook accepts it: without brackets and other forbidden signs, at most 31 characters."""
    name = re.sub(r"[\[\]:*?/\\]", " ", _ILLEGAL.sub("", name)).strip("' \t\r\n")
    return name.encode("utf-16-le")[:62].decode("utf-16-le", "ignore") or "Sheet1"


@contextmanager
def _replacing(path: str | os.PathLike) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` when the block ends well, and leaves no trace otherwise."""
    part = Path(path).with_name(f"{Path(path).name}.{secrets.token_hex(4)}")
    try:
        with part.open("xb") as stream:
            yield stream
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new_book(out: Target, *, created: dt.datetime, constant_memory: bool = True) -> Iterator[xlsxwriter.Workbook]:
    """A workbook that takes text as text and is written to `out` at the end; after an error `out` is as it was.

    The same cells and the same `created` give the same bytes. Raises `OSError` when `out` cannot be written.
    """
    if isinstance(out, str | os.PathLike):
        with _replacing(out) as stream, new_book(stream, created=created, constant_memory=constant_memory) as book:
            yield book
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
        key = tuple(look.items())
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, **look: Any) -> None:
        """Write one cell (counted from 0). A value that its own type cannot hold in a workbook is written as text."""
        value = writable(value)
        if value is None:
            if look:
                sheet.write_blank(row, column, None, self.format(**look))
        elif isinstance(value, str):
            # The writer takes text between these tags for finished XML.
            text = f"{value} " if value.startswith("<r>") and value.endswith("</r>") else value
            sheet.write_string(row, column, text, self.format(**look))
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, self.format(**look))
        elif isinstance(value, float):
            sheet.write_number(row, column, value, self.format(**look))
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(row, column, value, self.format(**look, num_format="yyyy-mm-dd hh:mm"))
        else:
            sheet.write_datetime(row, column, value, self.format(**{"num_format": "yyyy-mm-dd", **look}))


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
    sheet.set_footer(PAGE_NUMBERS)
    sheet.freeze_panes(header_rows, 0)


def write_export(form: Form, records: Iterable[Any], out: Target, *, by: str = "") -> int:
    """Write the records in the form's own columns, so that importing the file changes nothing. Returns their number.

    `records` go through `form.export_rows`; each then is a mapping attr → value or an object with these attributes.
    ``by`` says who takes the file away: it stands in a last row, which imports pass over, and below every printed page.
    Rows are written as they come: 100 000 of them take seconds and no memory to speak of. After an error `out` is as
    it was. Raises `OSError` when `out` cannot be written; more than `MAX_EXPORTED` records find no place in a sheet.
    """
    if isinstance(out, str | os.PathLike):
        with _replacing(out) as stream:
            return write_export(form, records, stream, by=by)
    number = 0
    columns = [(column.header, column.attr, column.clean.show) for column in form.columns]

    def rows() -> Iterator[dict[str, Writable]]:
        nonlocal number
        for record in form.export_rows(records):
            number += 1
            value = record.get if isinstance(record, Mapping) else partial(getattr, record)
            yield {header: writable(show(value(attr))) for header, attr, show in columns}
        if not number:
            yield dict.fromkeys(column.header for column in form.columns)
        if by:
            mark = dict.fromkeys(column.header for column in form.columns)
            yield mark | {form.columns[0].header: safe_text(f"{TAKEN_MARK}{by}，共 {number} 条")}

    rustpy_xlsxwriter.write_worksheet(
        rows(),
        out,
        safe_sheet_name(form.title),
        freeze_row=1,
        autofilter=True,
        column_widths=[_width(column) for column in form.columns],
        column_formats={column.header: _column_look(column) for column in form.columns},
        header_format=_plain_look()
        .set_bold()
        .set_border("thin")
        .set_border_color("#B8C4D2")
        .set_background_color("#E3ECF7")
        .set_text_wrap()
        .set_align("center"),
        page_setup={
            "landscape": True,
            "paper_size": 9,
            "margins": {"left": 0.4, "right": 0.4, "top": 0.6, "bottom": 0.6},
            "fit_to_pages": (1, 0),
            "repeat_rows": 0,
            "footer": PAGE_NUMBERS + (f"&R{by.replace('&', '&&')[:FOOTER_LENGTH]}" if by else ""),
        },
    )
    return number


def watermark(user: AbstractBaseUser, *, now: dt.datetime) -> str:
    """Return how an export names who takes it away, and when."""
    known = named(user)
    return " ".join(filter(None, [known.get("actor"), known.get("hat"), f"{now:%Y-%m-%d %H:%M} 导出"]))


def _plain_look() -> rustpy_xlsxwriter.Format:
    return rustpy_xlsxwriter.Format().set_font_name("宋体").set_font_size(11).set_align("vertical_center")


def _column_look(column: Column) -> rustpy_xlsxwriter.Format:
    number_format = _FORMATS[column.clean.kind].get("num_format")
    return _plain_look().set_num_format(number_format) if number_format else _plain_look()


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
        sheet.set_column(place, place, _width(column), cells.format(**_FORMATS[column.clean.kind]))
        colour = "#C9DCF2" if column.required else "#EEF2F7"
        cells.write(sheet, 0, place, column.header, **{**HEADER_LOOK, "bg_color": colour, "align": "center"})


def _width(column: Column) -> float:
    return column.width or max(column.clean.width, 2.2 * len(column.header))


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
