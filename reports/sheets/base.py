"""What a sheet of the annual workbook is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reports.scope import Scope
from workbooks.printing import ReportColumn


@dataclass(frozen=True)
class Sheet:
    """One sheet: ``columns`` and ``rows`` are asked per scope, ``note`` stands in the line under the title."""

    name: str
    unit: str
    columns: Callable[[Scope], Sequence[ReportColumn]]
    rows: Callable[[Scope], Iterable[Sequence[Any]]]
    note: str = ""


def yes(value: bool) -> str:
    """Return 是 or 否."""
    return "是" if value else "否"
