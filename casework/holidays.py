"""The one door for writing the working-day calendar: whatever changes in it, the open deadlines follow.

The days are those of the State Council's yearly notice: from the chinesecalendar package, or entered by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chinese_calendar.constants import Holiday as Named
from chinese_calendar.constants import holidays, workdays
from django.db import transaction
from django.utils import timezone

from casework.calendar import spoken
from casework.holiday_text import DECEMBER, Holiday
from casework.locks import lock_calendar
from casework.models import CalendarDay, CalendarYear, DayKind
from casework.moving import Moved, recompute

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Loaded:
    """Years and days that are new, and what became of the open deadlines."""

    years: list[int]
    days: int
    moved: Moved = field(default_factory=Moved)


@transaction.atomic
def load_holidays(*, now: dt.datetime | None = None) -> Loaded:
    """Enter the published years that the table does not know yet, with their holidays and make-up working days.

    A year that is in the table belongs to the office: nothing in it is changed, added again or taken away, but for
    the December before a new year, whose last days are published together with it.
    """
    lock_calendar()
    known = set(CalendarYear.objects.values_list("year", flat=True))
    new = sorted({day.year for day in holidays} - known)
    rows = [
        CalendarDay(day=day, kind=kind, name=Named(name).chinese)
        for kind, days in ((DayKind.REST, holidays), (DayKind.WORK, workdays))
        for day, name in sorted(days.items())
        if _published_with(day) & set(new)
    ]
    before = CalendarDay.objects.count()
    CalendarYear.objects.bulk_create([CalendarYear(year=year) for year in new], ignore_conflicts=True)
    CalendarDay.objects.bulk_create(rows, ignore_conflicts=True)
    touched = {*new, *(row.day.year for row in rows)}
    why = f"{new[0]}年节假日安排公布" if len(new) == 1 else "节假日安排公布"
    moved = recompute(now=now or timezone.now(), years=touched, why=why)
    return Loaded(new, CalendarDay.objects.count() - before, moved)


def _published_with(day: dt.date) -> set[int]:
    return {day.year, day.year + 1} if day.month == DECEMBER else {day.year}


@transaction.atomic
def enter_year(
    *, year: int, days: Sequence[Holiday], actor: User | None, now: dt.datetime
) -> tuple[CalendarYear, Moved]:
    """Enter the holidays of a year and mark it as published, or take these for what is entered of it.

    What is entered of the year and not among ``days`` goes; of the December before, days are only added or changed.
    """
    lock_calendar()
    row, is_new = CalendarYear.objects.get_or_create(year=year)
    stored = {day.day: day for day in CalendarDay.objects.filter(day__year__in=(year, year - 1))}
    given = {day.day: day for day in days}
    gone = [day for on, day in stored.items() if on.year == year and on not in given]
    written = [
        CalendarDay(day=on, kind=day.kind, name=day.name)
        for on, day in given.items()
        if on not in stored or (stored[on].kind, stored[on].name) != (day.kind, day.name)
    ]
    CalendarDay.objects.filter(pk__in=[day.pk for day in gone]).delete()
    CalendarDay.objects.bulk_create(
        written, update_conflicts=True, unique_fields=["day"], update_fields=["kind", "name"]
    )
    touched = {day.day.year for day in (*gone, *written)} | ({year} if is_new else set())
    why = f"{year}年节假日安排{'公布' if is_new else '更正'}"
    return row, recompute(now=now, years=touched, why=why, actor=actor)


@transaction.atomic
def withdraw_year(*, year: int, actor: User | None, now: dt.datetime) -> Moved:
    """Take back a year that was entered by mistake, with its days; what is due in it is provisional again."""
    lock_calendar()
    CalendarDay.objects.filter(day__year=year).delete()
    CalendarYear.objects.filter(year=year).delete()
    return recompute(now=now, years={year}, why=f"{year}年节假日安排撤销", actor=actor)


@transaction.atomic
def save_day(*, day: CalendarDay, actor: User | None, now: dt.datetime) -> Moved:
    """Enter one day, or correct one that is entered.

    Raises IntegrityError for a day that another row has.
    """
    lock_calendar()
    before = CalendarDay.objects.filter(pk=day.pk).first() if day.pk else None
    day.save()
    touched = {day.day.year} | ({before.day.year} if before else set())
    return recompute(now=now, years=touched, why=f"{spoken(day.day)}登记为{day.get_kind_display()}", actor=actor)


@transaction.atomic
def delete_days(*, days: Collection[CalendarDay], actor: User | None, now: dt.datetime) -> Moved:
    """Take back days that were entered by mistake; they are what their weekday makes them."""
    lock_calendar()
    CalendarDay.objects.filter(pk__in=[day.pk for day in days]).delete()
    names = "、".join(spoken(day.day) for day in sorted(days, key=lambda row: row.day))
    return recompute(now=now, years={day.day.year for day in days}, why=f"取消{names}的节假日登记", actor=actor)
