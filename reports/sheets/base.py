"""What a sheet of the annual workbook is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reports.scope import Scope
from workbooks.printing import ReportColumn


@dataclass(frozen=True)
class Sheet:
    """One sheet: ``columns`` and ``rows`` are asked per scope, ``note`` says below them how to read it."""

    name: str
    unit: str
    columns: Callable[[Scope], Sequence[ReportColumn]]
    rows: Callable[[Scope], Iterable[Sequence[Any]]]
    note: str = ""


CHUNK = 2000
UNKNOWN = "未登记"


def number(header: str, *, width: float = 0) -> ReportColumn:
    """Return a column of numbers that the total row adds up, as wide as its header."""
    return ReportColumn(header, kind="number", width=width or max(9.0, 2.2 * len(header)), total=True)


def yes(value: bool) -> str:
    """Return 是 or 否."""
    return "是" if value else "否"
