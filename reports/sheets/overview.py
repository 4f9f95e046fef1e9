"""总览: the published figures with their definitions."""

from __future__ import annotations

from collections.abc import Iterator

from reports.definitions import FIGURES
from reports.figures import compute
from reports.scope import Scope
from reports.sheets.base import Sheet
from workbooks.printing import ReportColumn

COLUMNS = (
    ReportColumn("指标", width=26),
    ReportColumn("数值", kind="number", width=12),
    ReportColumn("单位", width=8),
    ReportColumn("口径", width=126),
)


def _rows(scope: Scope) -> Iterator[tuple]:
    values = compute(FIGURES, scope)
    for figure in FIGURES:
        value = values[figure.code]
        yield figure.name, "—" if value is None else value, figure.unit, figure.definition


OVERVIEW = Sheet(name="总览", unit="见各行", columns=lambda scope: COLUMNS, rows=_rows)
