"""Open deadlines follow the calendar: a year that is published, a day that is corrected."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from casework import registry
from casework.calendar import Due, WorkCalendar, spoken
from casework.models import Case, Event, Obligation
from casework.queries import work_calendar
from casework.services import actor_label, explained
from casework.telling import by_recipient, case_name, case_url, spoken_due
from notices import services as notices

if TYPE_CHECKING:
    from accounts.models import User

# How many cases are locked and written together; their number does not change how many queries that takes.
CHUNK = 500


@dataclass(frozen=True)
class Moved:
    """How many open deadlines were looked at, and how many of them fall on another day now."""

    looked_at: int = 0
    moved: int = 0

    def __add__(self, other: Moved) -> Moved:
        return Moved(self.looked_at + other.looked_at, self.moved + other.moved)


@dataclass(frozen=True)
class _Change:
    """An obligation that carries its new date already, with what it was before."""

    row: Obligation
    before: dt.date
    was_provisional: bool

    @property
    def moves(self) -> bool:
        return self.row.due_on != self.before

    @property
    def in_words(self) -> str:
        row, what = self.row, f"{self.row.owner_label}{self.row.verb}期限"
        if self.moves:
            return f"{what}由{spoken(self.before)}调整为{spoken(row.due_on)}{'（暂定）' if row.is_provisional else ''}"
        stays = f"{what}仍为{spoken(row.due_on)}"
        if row.is_provisional == self.was_provisional:
            return f"{stays}，计算说明已更新"
        return f"{stays}，{'改为暂定' if row.is_provisional else '不再暂定'}"


@dataclass(frozen=True)
class _Run:
    """One pass over the open deadlines: by which calendar, when, why and by whom."""

    calendar: WorkCalendar
    now: dt.datetime
    why: str
    actor: User | None


@transaction.atomic
def recompute(*, now: dt.datetime, years: Collection[int] | None, why: str, actor: User | None = None) -> Moved:
    """Compute anew the open deadlines that reach into the given years (None: all), by the calendar as it stands now.

    Only dates that follow from a rule are touched: one set by hand or by an extension has none. Where a date, its
    being provisional or its explanation changes, the case's history says so once, beginning with ``why``; where the
    date itself moves, the owners are told and the app of the case follows. A second run changes nothing and tells
    nobody. Reads without locks; cases with something to change are locked in the order of their ids, chunk by chunk,
    each chunk with the same number of queries.
    """
    rows = Obligation.objects.open().exclude(rule="").filter(due_on__isnull=False).order_by("case_id", "due_on", "pk")
    if years is not None:
        if not years:
            return Moved()
        rows = rows.filter(start_on__lte=dt.date(max(years), 12, 31), due_on__gte=dt.date(min(years), 1, 1))
    run, done, after = _Run(work_calendar(), now, why, actor), Moved(), 0
    while cases := list(
        rows.filter(case_id__gt=after).order_by("case_id").values_list("case_id", flat=True).distinct()[:CHUNK]
    ):
        after = cases[-1]
        found = list(rows.filter(case_id__in=cases))
        done += Moved(looked_at=len(found))
        if wanting := {row.case_id for row in found if _differs(row, run.calendar)}:
            done += Moved(moved=_move(rows, wanting, run))
    return done


def _due(row: Obligation, calendar: WorkCalendar) -> tuple[Due, str]:
    due = calendar.due(row.start_on, row.rule, rolls=row.rolls)
    return due, explained(due.basis, row.rule_source)


def _differs(row: Obligation, calendar: WorkCalendar) -> bool:
    due, basis = _due(row, calendar)
    return (row.due_on, row.is_provisional, row.due_basis) != (due.on, due.is_provisional, basis)


def _move(rows: QuerySet, keys: set[int], run: _Run) -> int:
    """Write the new dates of one chunk of cases. Returns how many moved."""
    locked = Case.objects.select_for_update(of=("self",)).select_related("step").filter(pk__in=keys).order_by("pk")
    cases = {case.pk: case for case in locked}
    # What was settled before the lock was ours is no longer among the rows.
    changes = [_changed(row, run.calendar) for row in rows.filter(case_id__in=keys) if _differs(row, run.calendar)]
    if not changes:
        return 0
    Obligation.objects.bulk_update([change.row for change in changes], ["due_on", "due_basis", "is_provisional"])
    by_case: dict[int, list[_Change]] = defaultdict(list)
    for change in changes:
        by_case[change.row.case_id].append(change)
    Event.objects.bulk_create([_event(cases[key], of_case, run) for key, of_case in by_case.items()])
    moved = [change.row for change in changes if change.moves]
    for kind in registry.kinds():
        if kind.dates_moved and (of_kind := [row for row in moved if cases[row.case_id].kind == kind.code]):
            kind.dates_moved(of_kind)
    _tell(moved, run)
    return len(moved)


def _changed(row: Obligation, calendar: WorkCalendar) -> _Change:
    change = _Change(row, row.due_on, row.is_provisional)
    due, row.due_basis = _due(row, calendar)
    row.due_on, row.is_provisional = due.on, due.is_provisional
    return change


def _event(case: Case, changes: list[_Change], run: _Run) -> Event:
    # The version of the case stays: whoever is typing an act need not look again.
    return Event(
        case=case,
        at=run.now,
        actor=run.actor,
        actor_label=actor_label(run.actor),
        step_label=case.step.label if case.step else "",
        verb="recompute",
        sentence=f"{run.why}，{'；'.join(change.in_words for change in changes)}",
        data={"obligations": [change.row.pk for change in changes]},
    )


def _tell(moved: list[Obligation], run: _Run) -> None:
    keys = [row.pk for row in moved if not row.is_silent]
    if not keys:
        return
    # The time is part of the key: who was told of this date before, and then of another one, is told again.
    key = Concat(Value("obligation:"), Cast("pk", CharField()), Value(f":{run.now:%Y%m%d%H%M%S%f}"))
    for owed in by_recipient(Obligation.objects.filter(pk__in=keys)):
        due = owed.annotate(
            notice_rule=Value("moved"),
            object_key=key,
            title=Concat(Value("期限有调整，请按新期限"), "verb", Value("："), case_name()),
            body=Concat(Value(f"{run.why}，期限调整为"), spoken_due()),
            url=case_url(),
        ).values("notice_rule", "object_key", "due_on", "recipient_id", "title", "body", "url")
        notices.tell_each(due=due, now=run.now)
