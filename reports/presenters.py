"""Figures and the rows behind them as pages show them. Pure: what they need was read before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from reports.definitions import RATINGS
from reports.figures import Count, Figure, Rate, Value, percent
from reports.registers import Register
from reports.scope import Scope


def figure_url(scope: Scope, code: str) -> str:
    """Return where the rows behind a figure are listed."""
    return reverse("reports:figure", args=[scope.year, code])


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
                "url": figure_url(scope, figure.code),
                "definition": figure.definition,
            }
        )
    return [{"heading": heading, "note": notes.get(heading, ""), "stats": stats} for heading, stats in found.items()]


def ratings(figures: Iterable[Figure], values: Mapping[str, Value], scope: Scope) -> dict[str, Any] | None:
    """Return how the judgements divide, for ``partials/stacked.html``; None while there are none."""
    shown = [figure for figure in figures if figure.heading == RATINGS]
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
                "url": figure_url(scope, figure.code),
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


def parts_of_rate(rate: Rate, by_code: Mapping[str, Figure], values: Mapping[str, Value]) -> list[dict[str, Any]]:
    """Return numerator and denominator of a rate as tabs, for ``partials/views.html``."""
    return [
        {"code": code, "label": f"{label}：{by_code[code].name}", "url": f"?part={part}", "count": values[code]}
        for part, label, code in (("numerator", "分子", rate.numerator), ("denominator", "分母", rate.denominator))
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


def counted(figure: Figure, by_code: Mapping[str, Figure], part: str) -> Count:
    """Return the count whose rows are listed: the figure itself, or the part of a rate that was asked for."""
    if isinstance(figure, Rate):
        return by_code[figure.denominator if part == "denominator" else figure.numerator]
    return figure
