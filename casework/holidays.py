"""The holidays that the State Council has published, from the chinesecalendar package into the table of the office."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from chinese_calendar.constants import Holiday, holidays, workdays
from django.db import transaction

from casework.models import CalendarDay, CalendarYear, DayKind

DECEMBER = 12


@dataclass(frozen=True)
class Loaded:
    """Years and days that are new."""

    years: list[int]
    days: int


@transaction.atomic
def load_holidays() -> Loaded:
    """Enter the published years that the table does not know yet, with their holidays and make-up working days.

    A year that is in the table belongs to the office: nothing in it is changed, added again or taken away, but for
    the December before a new year, whose last days are published together with it.
    """
    known = set(CalendarYear.objects.values_list("year", flat=True))
    new = sorted({day.year for day in holidays} - known)
    rows = [
        CalendarDay(day=day, kind=kind, name=Holiday(name).chinese)
        for kind, days in ((DayKind.REST, holidays), (DayKind.WORK, workdays))
        for day, name in sorted(days.items())
        if _published_with(day) & set(new)
    ]
    before = CalendarDay.objects.count()
    CalendarYear.objects.bulk_create([CalendarYear(year=year) for year in new], ignore_conflicts=True)
    CalendarDay.objects.bulk_create(rows, ignore_conflicts=True)
    return Loaded(new, CalendarDay.objects.count() - before)


def _published_with(day: dt.date) -> set[int]:
    return {day.year, day.year + 1} if day.month == DECEMBER else {day.year}
