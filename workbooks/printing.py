"""Print-ready sheets for reports: title, period, frozen header, A4 landscape, totals, page numbers."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from xlsxwriter.worksheet import Worksheet

from workbooks.writing import HEADER_LOOK, CellWriter, Target, fit_height, new_book, prepare_print, safe_sheet_name

_GRID = {"border": 1, "border_color": "#B8C4D2"}
_LOOKS = {
    "text": {"text_wrap": True, "align": "left", "indent": 1},
    "number": {"align": "right"},
    "date": {"align": "center", "num_format": "yyyy-mm-dd"},
}
_NOTE = {"align": "left", "font_size": 9, "font_color": "#5B6675", "text_wrap": True}
NO_RECORDS = "本年度无记录"


@dataclass(frozen=True)
class ReportColumn:
    """A column of a report sheet. `kind` is text, number or date; `width` counts characters.

    `total` is True for a column that the total row adds up, or a function of the sums (header → sum) for one that is
    computed from them, a rate for one. `number_format` is a spreadsheet format like `0.0`.
    """

    header: str
    kind: str = "text"
    width: float = 12.0
    total: bool | Callable[[dict[str, Any]], Any] = False
    number_format: str = ""


class ReportBook:
    """A workbook of report sheets, written row by row in constant memory.

    Use as a context manager: after an error in its block there is no file.
    """

    def __init__(self, out: Target, *, created: dt.datetime):
        self._open = new_book(out, created=created)

    def __enter__(self) -> Self:
        self.book = self._open.__enter__()
        self.cells = CellWriter(self.book)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def add_sheet(
        self,
        name: str,
        *,
        title: str,
        period: str,
        unit: str,
        columns: Sequence[ReportColumn],
        rows: Iterable[Sequence[Any]],
        total_label: str = "合计",
        note: str = "",
    ) -> int:
        """Write one sheet and return the number of its rows; without rows it says 本年度无记录.

        The second line reads `period　　单位：unit`. A total row follows the rows when a column has a `total`, and the
        `note`, which says how to read the sheet, stands in grey below everything.
        """
        sheet = self.book.add_worksheet(safe_sheet_name(name))
        prepare_print(sheet, header_rows=3)
        last = len(columns) - 1
        widths = [max(column.width, 2.2 * len(column.header) if len(column.header) < 6 else 0) for column in columns]
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.set_row(0, 30)
        self._line(sheet, 0, last, title, bold=True, font_size=16, align="center")
        self._line(sheet, 1, last, "　　".join(filter(None, [period, f"单位：{unit}" if unit else ""])), align="left")
        fit_height(sheet, 2, ((column.header, width) for column, width in zip(columns, widths, strict=True)))
        for place, column in enumerate(columns):
            self.cells.write(sheet, 2, place, column.header, **HEADER_LOOK, align="center")
        looks = [self._look(column) for column in columns]
        # By place: columns that an office names itself may be called like others.
        sums: dict[int, Any] = {place: 0 for place, column in enumerate(columns) if column.total is True}
        number = 2
        for number, row in enumerate(rows, start=3):
            fit_height(sheet, number, zip(row, widths, strict=True))
            for place, (value, look) in enumerate(zip(row, looks, strict=True)):
                self.cells.write(sheet, number, place, value, **look)
            for place in sums:
                sums[place] += _exact(row[place])
        below = max(number, 3) + 1
        if number == 2:
            self._line(sheet, 3, last, NO_RECORDS, align="center", **_GRID)
        elif any(column.total for column in columns):
            by_header = {columns[place].header: value for place, value in sums.items()}
            for place, column in enumerate(columns):
                value = column.total(by_header) if callable(column.total) else sums.get(place)
                value = total_label if place == 0 and value is None else value
                self.cells.write(sheet, number + 1, place, value, **looks[place], bold=True, bg_color="#EEF2F7")
            below += 1
        if note:
            fit_height(sheet, below, [(note, sum(widths))])
            self._line(sheet, below, last, note, **_NOTE)
        return number - 2

    def _line(self, sheet: Worksheet, row: int, last: int, text: str, **look: Any) -> None:
        """One text across all columns."""
        if last:
            sheet.merge_range(row, 0, row, last, "", self.cells.format(**look))
        self.cells.write(sheet, row, 0, text, **look)

    def _look(self, column: ReportColumn) -> dict[str, Any]:
        look = {**_GRID, **_LOOKS[column.kind]}
        return look | {"num_format": column.number_format} if column.number_format else look


def _exact(value: Any) -> int | Decimal:
    """The number for adding up, without the rounding of floats; empty counts as nothing."""
    if value is None or value == "":
        return 0
    return Decimal(str(value)) if isinstance(value, float) else value
