"""Named figures: one code path for the page, the workbook and the rows behind each number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet

from reports.counting import Tally, Where, count, tally
from reports.registers import REGISTERS
from reports.scope import Scope

Value = int | Decimal | None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number that the office publishes. ``definition`` says in its own words what is counted (口径)."""

    code: str
    name: str
    unit: str
    heading: str
    definition: str


@dataclass(frozen=True, kw_only=True)
class Count(Figure):
    """How many rows of a register fulfil a condition."""

    register: str
    where: Where = field(default_factory=dict)

    def rows(self, scope: Scope) -> QuerySet:
        """Return the rows that the figure counts."""
        return REGISTERS[self.register].rows(scope).filter(**self.where)


@dataclass(frozen=True, kw_only=True)
class Rate(Figure):
    """One count as a percentage of another; both are named by their codes."""

    numerator: str
    denominator: str


def percent(part: int, whole: int) -> Decimal | None:
    """Return the share in per cent with one decimal, half rounded up; None of nothing."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def compute(figures: Iterable[Figure], scope: Scope) -> dict[str, Value]:
    """Return the value of every figure by its code, in their order. One query per register that they count."""
    figures = list(figures)
    counts = [figure for figure in figures if isinstance(figure, Count)]
    lines: dict[str, Tally] = {}
    for register in dict.fromkeys(figure.register for figure in counts):
        facts = [fact for figure in counts if figure.register == register for fact in figure.where]
        lines[register] = tally(REGISTERS[register].rows(scope), facts)
    counted = {figure.code: count(lines[figure.register], figure.where) for figure in counts}
    return {figure.code: _value(figure, counted) for figure in figures}


def _value(figure: Figure, counted: Mapping[str, int]) -> Value:
    if isinstance(figure, Rate):
        return percent(counted[figure.numerator], counted[figure.denominator])
    return counted[figure.code]
