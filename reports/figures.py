"""Named figures: one code path for the page, the workbook and the rows behind each number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet

from reports.counting import Tally, Where, add_up, count, lookups, tally
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
        return REGISTERS[self.register].rows(scope).filter(**lookups(self.where))

    def value(self, lines: Mapping[str, Tally]) -> Value:
        """Return the number, from the tally of each register."""
        return count(lines[self.register], self.where)


@dataclass(frozen=True, kw_only=True)
class Sum(Count):
    """What a column of the rows adds up to."""

    column: str

    def value(self, lines: Mapping[str, Tally]) -> Value:
        """Return the number, from the tally of each register."""
        return add_up(lines[self.register], self.column, self.where)


@dataclass(frozen=True, kw_only=True)
class Rate(Figure):
    """One count as a percentage of another; either may be published itself or not."""

    numerator: Count
    denominator: Count

    def value(self, lines: Mapping[str, Tally]) -> Value:
        """Return the number, from the tally of each register."""
        return percent(self.numerator.value(lines), self.denominator.value(lines))


def percent(part: int, whole: int) -> Decimal | None:
    """Return the share in per cent with one decimal, half rounded up; None of nothing."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def counts_of(figure: Figure) -> tuple[Count, ...]:
    """Return the counts that a figure is made of: itself, or numerator and denominator."""
    return (figure.numerator, figure.denominator) if isinstance(figure, Rate) else (figure,)


def readable(figures: Iterable[Figure], scope: Scope) -> list[Figure]:
    """Return the figures whose rows whoever asks may open."""
    return [figure for figure in figures if all(REGISTERS[part.register].is_open(scope) for part in counts_of(figure))]


def compute(figures: Iterable[Figure], scope: Scope) -> dict[str, Value]:
    """Return the value of every figure by its code, in their order. One query per register that they count."""
    figures = list(figures)
    counts = [part for figure in figures for part in counts_of(figure)]
    lines: dict[str, Tally] = {}
    for register in dict.fromkeys(part.register for part in counts):
        parts = [part for part in counts if part.register == register]
        facts = [fact for part in parts for fact in part.where]
        sums = [part.column for part in parts if isinstance(part, Sum)]
        lines[register] = tally(REGISTERS[register].rows(scope), facts, sums)
    return {figure.code: figure.value(lines) for figure in figures}
