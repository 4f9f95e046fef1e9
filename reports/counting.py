"""Counts and sums by conditions that are the same for a sum in memory and for a filter in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, QuerySet, Sum

# Facts and the values that they must have: {"answered": True, "grade": "satisfied"}; a tuple holds those that will do.
Where = Mapping[str, Any]
Tally = list[dict[str, Any]]


def tally(rows: QuerySet, fields: Iterable[str], sums: Iterable[str] = ()) -> Tally:
    """Return each combination of the fields with the number ``n`` of its rows and, as ``sum_…``, what columns add up to.

    One query, few lines back.
    """
    fields = list(dict.fromkeys(fields))
    wanted = {"n": Count("pk")} | {f"sum_{column}": Sum(column) for column in dict.fromkeys(sums)}
    if not fields:
        return [rows.order_by().aggregate(**wanted)]
    return list(rows.order_by().values(*fields).annotate(**wanted))


def count(lines: Tally, where: Where) -> int:
    """Return how many rows fulfil the condition: as many as ``rows.filter(**lookups(where))`` holds."""
    return sum(line["n"] for line in _of(lines, where))


def add_up(lines: Tally, column: str, where: Where) -> int:
    """Return what a column of the rows that fulfil the condition adds up to; empty cells count as nothing."""
    return sum(line[f"sum_{column}"] or 0 for line in _of(lines, where))


def lookups(where: Where) -> dict[str, Any]:
    """Return the condition as a query filters by it."""
    return {f"{fact}__in" if isinstance(value, tuple) else fact: value for fact, value in where.items()}


def _of(lines: Tally, where: Where) -> Tally:
    return [line for line in lines if all(_fulfils(line[fact], value) for fact, value in where.items())]


def _fulfils(fact: Any, value: Any) -> bool:
    return fact in value if isinstance(value, tuple) else fact == value
