"""Deadlines: working days, calendar days and natural months, each with the reason for its date.

The first day is not counted; a month ends on the same day or on the last of its month; a last day that is a rest day
moves to the next working day, unless the rules say otherwise (Civil Code 201-203 by analogy). Pure: the days are
passed in.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from dateutil.relativedelta import relativedelta

RULE = re.compile(r"^([1-9][0-9]{0,3})(WD|D|M)$")
UNITS = {"WD": "个工作日", "D": "日", "M": "个月"}
SATURDAY = 5
# No deadline of any preset reaches further; a mistyped rule must not leave the range of dates.
LATEST = dt.date(9000, 1, 1)
# No rule of any preset gives more than half a year; what goes on for years is followed up without a deadline.
LONGEST_YEARS = 3
_PER_YEAR = {"WD": 250, "D": 366, "M": 12}


def longer_than_years(rule: str) -> bool:
    """Say whether a rule (5WD, 30D, 3M) gives more time than anybody means to; False for what is no rule."""
    match = RULE.match(rule)
    return match is not None and int(match[1]) > LONGEST_YEARS * _PER_YEAR[match[2]]


class UnableToComputeDeadline(ValueError):
    """The rule is not one that the calendar knows."""


@dataclass(frozen=True)
class Due:
    """A due date with the sentence that explains it; provisional when it rests on a year not yet published."""

    on: dt.date
    basis: str
    is_provisional: bool = False


@dataclass(frozen=True)
class WorkCalendar:
    """The days that differ from their weekday, and the years for which these are known."""

    rest: frozenset[dt.date] = field(default_factory=frozenset)
    work: frozenset[dt.date] = field(default_factory=frozenset)
    years: frozenset[int] = field(default_factory=frozenset)

    def is_workday(self, day: dt.date) -> bool:
        """Say whether people work on the day, holidays and make-up working days considered."""
        if day in self.work:
            return True
        return day.weekday() < SATURDAY and day not in self.rest

    def next_workday(self, day: dt.date) -> dt.date:
        """Return the day itself, or the first working day after it."""
        while not self.is_workday(day):
            day += dt.timedelta(days=1)
        return day

    def due(self, start: dt.date, rule: str, *, rolls: bool = True) -> Due:
        """Return the last day of a period that starts after ``start``.

        ``rule`` is an amount with its unit: ``5WD`` working days, ``30D`` calendar days, ``3M`` natural months.
        ``rolls`` says whether a last day that is a rest day moves to the next working day.

        Raises UnableToComputeDeadline for any other rule or a date out of range.
        """
        match = RULE.match(rule)
        if match is None:
            msg = f"期限「{rule}」无法识别：应为数字加 WD（工作日）、D（日）或 M（月），如 5WD、30D、3M。"
            raise UnableToComputeDeadline(msg)
        amount, unit = int(match[1]), match[2]
        if start.year >= LATEST.year - amount:
            msg = f"期限「{rule}」超出日期范围。"
            raise UnableToComputeDeadline(msg)
        if unit == "WD":
            return self._working_days(start, amount)
        last = start + (dt.timedelta(days=amount) if unit == "D" else relativedelta(months=amount))
        basis = f"自{spoken(start)}起{amount}{UNITS[unit]}，至{spoken(last)}"
        if not rolls:
            # A last day that stays where it is rests on no holidays.
            return Due(last, f"{basis}；按规则遇休息日不顺延")
        on = self.next_workday(last)
        if on != last:
            basis += f"；{spoken(last)}为休息日，顺延至{spoken(on)}"
        return self._explained(last, on, basis)

    def _working_days(self, start: dt.date, amount: int) -> Due:
        on, counted, weekends, holidays, made_up = start, 0, 0, 0, 0
        while counted < amount:
            on += dt.timedelta(days=1)
            if self.is_workday(on):
                counted += 1
                made_up += on.weekday() >= SATURDAY
            elif on in self.rest:
                holidays += 1
            else:
                weekends += 1
        basis = f"自{spoken(start)}次日起{amount}个工作日"
        rested = [f"{name}{days}天" for name, days in (("节假日", holidays), ("周末", weekends)) if days]
        notes = [f"其间{'、'.join(rested)}不计"] if rested else []
        notes += [f"含调休上班{made_up}天"] if made_up else []
        if notes:
            basis += f"（{'，'.join(notes)}）"
        return self._explained(start + dt.timedelta(days=1), on, f"{basis}，至{spoken(on)}")

    def _explained(self, first: dt.date, on: dt.date, basis: str) -> Due:
        unknown = [year for year in range(first.year, on.year + 1) if year not in self.years]
        if unknown:
            which = f"{unknown[0]}年" if len(unknown) == 1 else f"{unknown[0]}年等年份"
            basis += f"；{which}节假日安排尚未公布，按周末推算，暂定"
        return Due(on, basis, bool(unknown))


def spoken(day: dt.date) -> str:
    """Return a date as people write it in a sentence: 2026年3月5日."""
    return f"{day.year}年{day.month}月{day.day}日"
