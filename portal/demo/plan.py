"""When each made-up proposal does what: pure arithmetic from today backwards, so that lights come out as wanted."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from casework.calendar import WorkCalendar
from casework.rules import light
from portal.demo.topics import Topic

DAY = dt.timedelta(days=1)
# The rules of the shipped procedure by which the lights of a target are aimed.
REVIEW, REVISE, ASSIGN, ACKNOWLEDGE, REPLY, RATE, REDO = "5WD", "10D", "5WD", "5WD", "3M", "30D", "1M"
REACH = {"5WD": 30, "10D": 25, "3M": 115, "30D": 48, "1M": 48}
OFFICE_ACTS = {"pass", "return", "refuse", "assign", "acknowledge", "contact", "reply"}


@dataclass(frozen=True)
class Act:
    """One act and its day; ``grade`` is the rating's result."""

    kind: str
    day: dt.date
    grade: str = ""


@dataclass
class Plan:
    """The acts of one proposal in order, and what else its making needs.

    ``assisting`` is how many units assist (by chance, where None); separate handling has two units answer. ``joins`` is
    the plan of the proposal into which this one is merged, ``topic`` what it is about where chance does not choose.
    """

    state: str
    acts: list[Act]
    unit: str = ""
    deputy: str = ""
    due_by_hand: dt.date | None = None
    is_bill: bool = False
    outcomes: list[str] = field(default_factory=lambda: ["B"])
    assisting: int | None = None
    title: str = ""
    is_separate: bool = False
    is_via_office: bool = False
    joins: Plan | None = None
    topic: Topic | None = None


@dataclass(frozen=True)
class Window:
    """Today with its calendar, and the year's session."""

    today: dt.date
    calendar: WorkCalendar
    session: tuple[dt.date, dt.date]

    @property
    def year_start(self) -> dt.date:
        return dt.date(self.today.year, 1, 1)

    def colour(self, due: dt.date) -> tuple[str, bool]:
        """Return the light of a date, today's own apart."""
        return light(due, self.today, "open")[0], due == self.today

    def solve(self, rule: str, offset: int, *, floor: dt.date, office: bool = True) -> dt.date | None:
        """Return the day from which the rule leads to a due date ``offset`` days from today, or one of its colour.

        None where no day from the floor to today does.
        """
        target = self.today + offset * DAY
        day, last = max(floor, target - REACH[rule] * DAY), min(self.today, target)
        best: tuple[tuple[bool, int], dt.date] | None = None
        while day <= last:
            due = self.calendar.due(day, rule).on
            if self.colour(due) == self.colour(target):
                key = (office and not self.calendar.is_workday(day), abs((due - target).days))
                if best is None or key < best[0]:
                    best = (key, day)
            day += DAY
        return best[1] if best else None

    def chain(self, kinds: Sequence[tuple[str, int]], *, floor: dt.date, last: dt.date) -> list[Act]:
        """Return acts that end on ``last``, each its natural gap in days after the one before.

        Where the floor leaves less room, the gaps shrink in proportion; offices act on working days where they can.
        """
        total = sum(gap for _, gap in kinds[1:])
        room = (last - floor).days
        scale = min(1.0, room / total) if total else 1.0
        days, after = [], 0
        for _, gap in reversed(kinds):
            days.append(last - int(after * scale) * DAY)
            after += gap
        days.reverse()
        acts: list[Act] = []
        for (kind, _), planned in zip(kinds, days, strict=True):
            day = planned
            least = acts[-1].day if acts else floor
            if kind in OFFICE_ACTS and planned != last:
                while not self.calendar.is_workday(day) and day > least:
                    day -= DAY
                if not self.calendar.is_workday(day):
                    day = min(self.calendar.next_workday(day), last)
            acts.append(Act(kind, max(day, least)))
        return acts

    def day_between(self, first: dt.date, last: dt.date, rng: random.Random) -> dt.date:
        """Return a day of the span by chance, a working day if the span has one."""
        span = [first + n * DAY for n in range((last - first).days + 1)]
        return rng.choice([day for day in span if self.calendar.is_workday(day)] or span or [first])


def sessions_of(year: int) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a year's session: Tuesday to Friday in the third week of January."""
    first = dt.date(year, 1, 14)
    while first.weekday() != 1:
        first += DAY
    return first, first + 3 * DAY


def regrade(acts: list[Act], grades: Sequence[str]) -> list[Act]:
    """Return the acts with these results given to their ratings, one after the other."""
    left = list(grades)
    return [Act(act.kind, act.day, left.pop(0)) if act.kind == "rate" else act for act in acts]
