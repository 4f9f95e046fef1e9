"""The annual workbook (年度报表): one sheet per register, in the order of the contract."""

from __future__ import annotations

import datetime as dt

from reports.scope import Scope, snapshot
from reports.sheets.base import Sheet
from reports.sheets.catalogue import CATALOGUE
from reports.sheets.deputies import ROSTER, STRUCTURE
from reports.sheets.handling import BY_CATEGORY, BY_UNIT
from reports.sheets.overview import OVERVIEW
from workbooks.printing import ReportBook
from workbooks.writing import Target

SHEETS: tuple[Sheet, ...] = (OVERVIEW, ROSTER, STRUCTURE, BY_UNIT, BY_CATEGORY, CATALOGUE)


def write_annual(scope: Scope, out: Target) -> dict[str, int]:
    """Write the workbook and return the number of rows of each sheet. A fixed number of queries, memory flat.

    The same data and the same day of the report give the same file, byte for byte.
    """
    created = dt.datetime.combine(scope.as_of, dt.time())
    with snapshot(), ReportBook(out, created=created) as book:
        return {
            sheet.name: book.add_sheet(
                sheet.name,
                title=f"{scope.congress}{scope.year}年度{sheet.name}",
                period=scope.period,
                unit=f"{sheet.unit}　　注：{sheet.note}" if sheet.note else sheet.unit,
                columns=sheet.columns(scope),
                rows=sheet.rows(scope),
            )
            for sheet in SHEETS
        }
