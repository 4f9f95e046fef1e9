"""The annual workbook (年度报表): one sheet per register, in the order of the contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from reports.scope import Scope, snapshot
from reports.sheets.appointments import APPOINTMENTS
from reports.sheets.base import CHUNK, Sheet
from reports.sheets.catalogue import CATALOGUE
from reports.sheets.commitments import COMMITMENTS
from reports.sheets.deputies import ROSTER, STRUCTURE
from reports.sheets.duties import DUTY_STATISTICS
from reports.sheets.handling import BY_CATEGORY, BY_UNIT
from reports.sheets.overview import OVERVIEW
from reports.sheets.stations import STATIONS
from reports.sheets.to_come import APPRAISALS
from reports.sheets.trainings import TRAININGS
from workbooks.printing import ReportBook
from workbooks.writing import Target

SHEETS: tuple[Sheet, ...] = (
    OVERVIEW,
    ROSTER,
    STRUCTURE,
    DUTY_STATISTICS,
    BY_UNIT,
    BY_CATEGORY,
    CATALOGUE,
    COMMITMENTS,
    STATIONS,
    TRAININGS,
    APPOINTMENTS,
    APPRAISALS,
)

# Told which sheet is being written, counted from 1; it may raise to end the work.
Watcher = Callable[[str, int], None]


def write_annual(scope: Scope, out: Target, *, watch: Watcher | None = None) -> dict[str, int]:
    """Write the workbook and return the number of rows of each sheet. A fixed number of queries, memory flat.

    The same data and the same day of the report give the same file, byte for byte. ``watch`` is called before each
    sheet and every few thousand rows; what it raises ends the work.
    """
    created = dt.datetime.combine(scope.as_of, dt.time())
    written: dict[str, int] = {}
    with snapshot(), ReportBook(out, created=created) as book:
        for place, sheet in enumerate(SHEETS, start=1):
            written[sheet.name] = book.add_sheet(
                sheet.name,
                title=f"{scope.congress}{scope.year}年度{sheet.name}",
                period=scope.period,
                unit=sheet.unit,
                columns=sheet.columns(scope),
                rows=_watched(sheet.rows(scope), watch, sheet.name, place),
                note=f"注：{sheet.note}。" if sheet.note else "",
            )
    return written


def _watched(rows: Iterable[Sequence[Any]], watch: Watcher | None, name: str, place: int) -> Iterator[Sequence[Any]]:
    """Pass the rows on, calling the watcher before the first and every few thousand."""
    if watch:
        watch(name, place)
    for number, row in enumerate(rows, start=1):
        if watch and number % CHUNK == 0:
            watch(name, place)
        yield row
