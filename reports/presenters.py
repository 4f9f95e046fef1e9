"""Figures, the rows behind them and sheets as pages show them. Pure: what they need was read before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.paginator import Page
from django.urls import reverse

from reports.definitions.appointments import BY_WORDING
from reports.definitions.headings import APPOINTMENTS, COMMITMENTS, DEPUTIES, DUTIES, HANDLING, PROPOSALS, RATINGS
from reports.figures import Figure, Rate, Sum, Value, percent
from reports.models import ReportRun, RunState
from reports.registers import Register
from reports.scope import Scope
from workbooks.printing import ReportColumn

MOST_BARS = 10
GRADES = ("satisfied", "basically-satisfied", "dissatisfied")
# The left column of the page; what remains stands right of it, the charts below.
LEFT = (DEPUTIES, PROPOSALS, HANDLING, RATINGS, COMMITMENTS, DUTIES)


def address(name: str, scope: Scope, *args: Any) -> str:
    """Return a page of reports on the scope's year; a body that is not the reader's own is named behind it."""
    url = reverse(f"reports:{name}", args=[scope.year, *args])
    return url if scope.is_own else f"{url}?congress={scope.congress.code}"


def groups(
    figures: Iterable[Figure], values: Mapping[str, Value], scope: Scope, notes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the figures under their headings, with the note of a heading, for ``reports/overview.html``."""
    found: dict[str, list[dict[str, Any]]] = {}
    for figure in figures:
        found.setdefault(figure.heading, []).append(
            {
                "label": figure.name,
                "value": values[figure.code],
                "unit": figure.unit if values[figure.code] is not None else "",
                "url": address("figure", scope, figure.code),
                "definition": figure.definition,
            }
        )
    return [
        {"heading": heading, "note": notes.get(heading, ""), "stats": stats, "left": heading in LEFT}
        for heading, stats in found.items()
    ]


def ratings(figures: Iterable[Figure], values: Mapping[str, Value], scope: Scope) -> dict[str, Any] | None:
    """Return how the judgements divide, for ``partials/stacked.html``; None while there are none."""
    # The other figures of the heading sum these up, or count what was not judged.
    shown = [figure for figure in figures if figure.code in GRADES]
    total = sum(values[figure.code] for figure in shown)
    if not total:
        return None
    parts, before = [], 0
    for tone, figure in enumerate(shown, start=1):
        value = values[figure.code]
        parts.append(
            {
                "label": figure.name.removesuffix("数"),
                "value": value,
                "share": percent(value, total),
                "offset": percent(before, total),
                "tone": tone,
                "url": address("figure", scope, figure.code),
            }
        )
        before += value
    return {
        "heading": "代表对办理结果的评价",
        "caption": "代表对办理结果的评价构成",
        "unit": "件",
        "parts": parts,
        "note": f"占已作出评价的{total}件的比例；没有评价的不在内。",
    }


def wordings(figures: Sequence[Figure], values: Mapping[str, Value], scope: Scope) -> dict[str, Any] | None:
    """Return how the appointments and removals divide, for ``partials/bars.html``; None while there are none."""
    shown = [figure for figure in BY_WORDING if figure in figures and values[figure.code]]
    if not shown:
        return None
    bars = [
        {
            "label": figure.name,
            "value": values[figure.code],
            "url": address("figure", scope, figure.code),
        }
        for figure in shown
    ]
    return {
        "heading": APPOINTMENTS,
        "caption": "任免各事项的人次",
        "unit": "人次",
        "bars": _to_scale(bars),
        "table_url": address("figure", scope, "appointments"),
        "table_label": "任免明细",
    }


def units(columns: Sequence[ReportColumn], rows: Iterable[Sequence[Any]], scope: Scope) -> dict[str, Any] | None:
    """Return the units that answer most suggestions, from the sheet's own rows; None while nothing is assigned."""
    headers = [column.header for column in columns]
    lead, answered = headers.index("主办数"), headers.index("已答复")
    found = sorted((row for row in rows if row[lead]), key=lambda row: -row[lead])
    if not found:
        return None
    bars = [
        {"label": row[0], "value": row[lead], "note": f"已答复{row[answered]}件" if row[answered] < row[lead] else ""}
        for row in found[:MOST_BARS]
    ]
    more = f"，共{len(found)}个单位，这里只列前{MOST_BARS}个" if len(found) > MOST_BARS else ""
    return {
        "heading": "各单位主办的建议议案",
        "caption": f"各承办单位主办（含分办）的件数{more}",
        "unit": "件",
        "bars": _to_scale(bars),
        "note": f"含分办，分办的件每个单位各计一次{more}。",
        "table_url": address("sheet", scope, "by-unit"),
        "table_label": "按单位的统计表",
    }


def _to_scale(bars: list[dict[str, Any]]) -> list[dict[str, Any]]:
    longest = max(bar["value"] for bar in bars)
    return [bar | {"share": percent(bar["value"], longest)} for bar in bars]


def parts_of_rate(rate: Rate, values: Mapping[str, Value], congress: str) -> list[dict[str, Any]]:
    """Return numerator and denominator of a rate as tabs, for ``partials/views.html``."""
    here = f"&congress={congress}" if congress else ""
    return [
        {
            "code": figure.code,
            "label": f"{label}：{figure.name}",
            "url": f"?part={part}{here}",
            "count": values[figure.code],
        }
        for part, label, figure in (
            ("numerator", "分子", rate.numerator),
            ("denominator", "分母", rate.denominator),
        )
    ]


def table(register: Register, rows: Sequence[Any]) -> list[list[dict[str, Any]]]:
    """Return the cells of a list of rows, for ``reports/figure.html``."""
    return [
        [
            {
                "label": column.label,
                "kind": column.kind,
                "value": column.value(row),
                "url": column.url(row) if column.url else "",
            }
            for column in register.columns
        ]
        for row in rows
    ]


def totals(register: Register, figure: Figure, value: Value, page: Page) -> list[Any]:
    """Return the cells of the total row of a sum, under its column on the last page; nothing of a count."""
    if not isinstance(figure, Sum) or page.has_next():
        return []
    cells = [value if column.field == figure.column else "" for column in register.columns]
    return ["合计", *cells[1:]]


def sheet_table(columns: Sequence[ReportColumn], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return a sheet's header, rows and total row, for ``reports/sheet.html``."""
    kinds = ["num" if column.kind == "number" else "" for column in columns]
    # By place: columns that an office names itself may be called like others.
    sums = {place: sum(row[place] or 0 for row in rows) for place, column in enumerate(columns) if column.total is True}
    by_header = {columns[place].header: value for place, value in sums.items()}
    total = [
        column.total(by_header) if callable(column.total) else sums.get(place, "")
        for place, column in enumerate(columns)
    ]
    return {
        "header": list(zip((column.header for column in columns), kinds, strict=True)),
        "rows": [list(zip(map(_shown, row), kinds, strict=True)) for row in rows],
        "total": list(zip(["合计", *total[1:]], kinds, strict=True)) if rows and any(map(str, total)) else [],
    }


def _shown(value: Any) -> Any:
    return "" if value is None else f"{value:.1f}" if isinstance(value, Decimal) else value


def run_row(run: ReportRun, user_id: int, sheets: int) -> dict[str, Any]:
    """Return a workbook that was asked for, for ``reports/runs.html``."""
    progress = f"正在写入 {run.sheet} {run.sheet_number}/{sheets}" if run.sheet else ""
    words = {
        RunState.WAITING: "等待生成",
        RunState.RUNNING: progress or "正在生成",
        RunState.DONE: "已生成",
        RunState.FAILED: "没有生成",
        RunState.CANCELLED: "已取消",
    }
    return {
        "year": run.year,
        "asked_by": str(run.asked_by) if run.asked_by else "—",
        "asked_at": run.asked_at,
        "finished_at": run.finished_at,
        "state": run.state,
        "words": words[RunState(run.state)],
        "done": run.sheet_number,
        "of": sheets,
        "error": run.error,
        "download_url": reverse("reports:download", args=[run.pk]) if run.state == RunState.DONE else "",
        "cancel_url": reverse("reports:cancel", args=[run.pk])
        if run.is_unfinished and run.asked_by_id == user_id
        else "",
    }
