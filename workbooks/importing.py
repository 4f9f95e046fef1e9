"""From a file to records: read, clean, look up, check for doubles, write all or nothing; explain every error by its cell."""

import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from zlib import crc32

from django.db import DatabaseError, connection, transaction

from workbooks.cells import TAKEN_MARK, CellError, is_nothing, position, quoted, tidy, type_of_cell
from workbooks.columns import Column, Counts, Form, ImportRefused
from workbooks.headers import Table, find_table
from workbooks.reading import Sheet, open_sheets

logger = logging.getLogger(__name__)

_CACHED_CELLS = 5000


@dataclass(frozen=True)
class RowError:
    """What is wrong in one cell, or (without a row) with the sheet. `row` is the sheet's own number, `place` its column."""

    sheet: str
    message: str
    row: int = 0
    column: str = ""
    value: str = ""
    place: int = 0

    def __str__(self) -> str:
        if not self.row:
            return f"表 {self.sheet} {self.message}"
        return f"表 {self.sheet} 第 {self.row} 行 {self.column}「{self.value}」：{self.message}"


class Row:
    """One row of data. `row["attr"]` is the cleaned value; an empty, missing or faulty cell has the column's empty value."""

    __slots__ = ("_result", "cells", "errors", "number", "values")

    def __init__(self, number: int, cells: list[type_of_cell], result: "ImportResult"):
        self.number, self.cells, self._result = number, cells, result
        self.values: dict[str, Any] = {}
        self.errors: dict[str, RowError] = {}

    def __getitem__(self, attr: str) -> Any:
        return self.values[attr]

    def __setitem__(self, attr: str, value: Any) -> None:
        self.values[attr] = value

    def get(self, attr: str, default: Any = None) -> Any:
        return self.values.get(attr, default)

    def given(self, attr: str) -> bool:
        """Whether the file has this column at all: what a file does not mention must not be emptied."""
        return attr in self._result.table.places

    @property
    def columns(self) -> Sequence[Column]:
        """The columns of the form, whether the file has them or not (for that, see `given`)."""
        return self._result.form.columns

    def column(self, attr: str) -> Column:
        return self._result.columns[attr]

    def ok(self, attr: str) -> bool:
        return attr not in self.errors

    def error(self, attr: str, message: str, *, value: str | None = None) -> None:
        """Report the cell of `attr`; `value` is quoted instead of the whole cell. A second error in one cell is dropped."""
        place, cell = self._place(attr)
        shown = quoted(cell if value is None else value)
        header = self._result.columns[attr].header
        sheet = self._result.table.sheet.name
        self.errors.setdefault(attr, RowError(sheet, message, self.number, header, shown, place))

    def hint(self, attr: str, message: str, *, value: str | None = None) -> None:
        """Report something doubtful about the cell of `attr`, which does not stop the import."""
        place, cell = self._place(attr)
        shown = quoted(cell if value is None else value)
        where = f"{self.position(attr)} " if place else ""
        self._result.row_hints.append(
            (self.number, f"{where}{self._result.columns[attr].header}「{shown}」：{message}")
        )

    def position(self, attr: str) -> str:
        """The cell as the spreadsheet names it, like `C12`; of a column that the file lacks, the row's first cell."""
        return position(self._place(attr)[0] or 1, self.number)

    def _place(self, attr: str) -> tuple[int, type_of_cell]:
        place = self._result.table.places.get(attr, 0)
        return place, self.cells[place - 1] if place else ""


@dataclass
class ImportResult:
    """The verdict on a file. `counts` is None as long as there are errors; of a dry run it tells what would happen."""

    form: Form
    table: Table
    dry_run: bool = False
    errors: list[RowError] = field(default_factory=list)
    counts: Counts | None = None
    notes: list[str] = field(default_factory=list)
    row_hints: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns = self.form.by_attr()

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def hints(self) -> list[str]:
        """The doubtful things, each a line that begins with 提示."""
        return [f"提示 {note}" for note in [*self.notes, *(text for _row, text in sorted(self.row_hints))]]

    def summary(self) -> str:
        if self.errors:
            return f"共 {len(self.errors)} 处错误，没有导入任何数据"
        return f"{self.form.kind}: {self.counts}"


def run_import(
    form: Form, file: str | os.PathLike | IO[bytes], *, context: Any = None, dry_run: bool = False, name: str = ""
) -> ImportResult:
    """Import a file, all or nothing, in one transaction; `dry_run` does the same and takes it back.

    `context` comes from `form.make_context(…)`. Imports run one after the other, whoever starts them.
    Raises `WorkbookError` when the file is no readable table of this form and `ImportRefused` when the form's app refuses.
    """
    table = find_table(form, open_sheets(file, name=name))
    result = ImportResult(form, table, dry_run)
    if table.problems:
        result.errors = [
            RowError(table.sheet.name, message, table.header_row if place else 0, header, header, place)
            for place, header, message in table.problems
        ]
        return result
    if table.unknown:
        result.notes.append(f"没有用到的列：{'、'.join(table.unknown)}")
    rows = _without_sample(result, _cleaned(result))
    if not rows:
        result.errors.append(RowError(table.sheet.name, "表头下面没有数据"))
        return result
    return _written(result, rows, context)


def import_row(form: Form, values: Mapping[str, type_of_cell], *, context: Any = None) -> ImportResult:
    """Import one row that comes without a file: cells by the attrs of the form's columns.

    What is not given counts as a column that the file does not have. Raises `ImportRefused` as `run_import` does.
    """
    columns = [column for column in form.columns if column.required or column.attr in values]
    places = {column.attr: place for place, column in enumerate(columns, start=1)}
    cells = [values.get(column.attr, "") for column in columns]
    sheet = Sheet(form.title, [[column.header for column in columns], cells])
    result = ImportResult(form, Table(sheet, 1, places, (), ()))
    rows = _cleaned(result)
    if not rows:
        result.errors = [RowError(form.title, "没有填写任何内容")]
        return result
    return _written(result, rows, context)


def _written(result: ImportResult, rows: list[Row], context: Any) -> ImportResult:
    """Check and write the rows of a file, or of a single line, in one transaction."""
    form = result.form
    try:
        with transaction.atomic():
            _wait_for_other_imports()
            _write(result, rows, context)
            if result.dry_run or result.errors:
                transaction.set_rollback(True)
    except DatabaseError as error:
        logger.exception("import of %s refused by the database", form.kind)
        raise ImportRefused(
            "数据库没有接受这批数据，什么都没有写入；请稍后再试，仍不行请把文件交给系统管理员"
        ) from error
    return result


def _write(result: ImportResult, rows: list[Row], context: Any) -> None:
    form = result.form
    required = {column.attr for column in form.columns if column.required}
    sound = [row for row in rows if not required & row.errors.keys()]
    form.resolve(sound, context)
    _find_doubles(form, sound, context)
    _find_repeats(result, rows)
    result.errors = sorted(
        (error for row in rows for error in row.errors.values()), key=lambda error: (error.row, error.place)
    )
    if not result.errors:
        result.counts = form.apply(rows, context)


def _wait_for_other_imports() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [crc32(b"workbooks.importing")])


def _cleaned(result: ImportResult) -> list[Row]:
    """The rows below the header that are not blank, with values or errors for every column of the form."""
    table, columns = result.table, result.form.columns
    width = max(table.places.values())
    used = [place - 1 for place in table.places.values()]
    rows = []
    for number, cells in enumerate(filled_rows(table.sheet, table.header_row, width), start=table.header_row + 1):
        if any(_holds_something(cells[place]) for place in used) and not _is_watermark(cells):
            rows.append(Row(number, cells, result))
    for column in columns:
        if column.attr in table.places:
            _clean_column(column, table.places[column.attr] - 1, rows)
        else:
            for row in rows:
                row.values[column.attr] = column.empty
    return rows


def _is_watermark(cells: Sequence[type_of_cell]) -> bool:
    found = [cell for cell in cells if _holds_something(cell)]
    return len(found) == 1 and isinstance(found[0], str) and found[0].startswith(TAKEN_MARK)


def _holds_something(cell: type_of_cell) -> bool:
    return bool(cell and tidy(cell)) if isinstance(cell, str) else not is_nothing(cell)


def _clean_column(column: Column, place: int, rows: list[Row]) -> None:
    attr, cleaned = column.attr, {}
    for row in rows:
        cell = row.cells[place]
        key = cell if type(cell) is str else (type(cell), cell)
        answer = cleaned.get(key)
        if answer is None:
            answer = _clean_cell(column, cell)
            if len(cleaned) < _CACHED_CELLS:
                cleaned[key] = answer
        row.values[attr], message = answer
        if message:
            row.error(attr, message)


def _clean_cell(column: Column, cell: type_of_cell) -> tuple[Any, str]:
    """The value and no message, or the column's empty value and what is wrong."""
    try:
        blank = column.clean.is_blank(cell, required=column.required)
        value = column.empty if blank else column.clean.clean(cell)
    except CellError as error:
        return column.empty, str(error)
    if column.required and (blank or value == column.clean.empty):
        return column.empty, "不能为空"
    return (column.empty if value == column.clean.empty else value), ""


def filled_rows(sheet: Sheet, skipped: int, width: int) -> list[list[type_of_cell]]:
    """The rows from `skipped` on, padded to `width`; a cell merged downwards stands in every row that it covers."""
    rows = [cells + [""] * (width - len(cells)) for cells in sheet.rows[skipped:]]
    for (first, left), (last, _right) in sheet.merged:
        if first >= skipped and last > first and left < width:
            for cells in rows[first - skipped + 1 : last - skipped + 1]:
                cells[left] = rows[first - skipped][left]
    return rows


def _without_sample(result: ImportResult, rows: list[Row]) -> list[Row]:
    """Leaves out the template's sample in the first row, which people often forget to delete; further down it is meant."""
    columns = [column for column in result.form.columns if column.attr in result.table.places]
    if not rows or rows[0].errors or not any(column.sample != "" for column in columns):
        return rows
    if any(rows[0][column.attr] != _clean_cell(column, column.sample)[0] for column in columns):
        return rows
    result.notes.append("模板自带的示例已跳过")
    return rows[1:]


def _find_doubles(form: Form, rows: Iterable[Row], context: Any) -> None:
    first: dict[Any, Row] = {}
    for row in rows:
        key = form.natural_key(row, context)
        if key is None:
            continue
        earlier = first.setdefault(key, row)
        if earlier is not row:
            attr = form.key_column(row)
            row.error(attr, f"与单元格 {earlier.position(attr)} 重复，同一张表里只能出现一次")


def _find_repeats(result: ImportResult, rows: Iterable[Row]) -> None:
    for attr in result.form.repeats:
        groups = defaultdict(list)
        for row in rows:
            if row[attr] != result.columns[attr].empty:
                groups[row[attr]].append(row)
        for group in groups.values():
            if len(group) > 1:
                others = "、".join(row.position(attr) for row in group[:10])
                group[-1].hint(attr, f"出现 {len(group)} 次（{others}），请核对是不是重复")
