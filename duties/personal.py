"""A person's lines of the ledger in the report on his data: how many of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Max
from django.urls import reverse

from deputies.personal import Line, Section, is_own, readable
from duties.models import AttendanceState, DutyRecord, GroupActivity, GroupAttendance

if TYPE_CHECKING:
    from accounts.models import User
    from deputies.models import Person


def sections_of(person: Person, user: User) -> list[Section]:
    """Return the number of lines of each type; the lines themselves stand on the person's page. Two queries."""
    page = reverse("deputies:me") if is_own(person, user) else reverse("deputies:person", args=[person.pk])
    rows = readable(DutyRecord.objects.filter(seat__person=person), person, user).order_by()
    found = rows.values("type__name").annotate(n=Count("pk"), last=Max("done_on")).order_by("-n", "type__name")
    return [
        Section(
            "履职记录",
            [Line(row["type__name"], f"{row['n']} 条，最近 {row['last']:%Y-%m-%d}", f"{page}#duties") for row in found],
        ),
        Section("小组活动出席", _attendance(person, user)),
    ]


def _attendance(person: Person, user: User) -> list[Line]:
    """Return how often he came to activities of his groups, was on leave or absent. One query."""
    rows = GroupAttendance.objects.filter(seat__person=person)
    if not is_own(person, user):
        rows = rows.filter(activity__in=GroupActivity.objects.visible_to(user))
    found = rows.order_by().values("state").annotate(n=Count("pk"), last=Max("activity__held_on"))
    by_state = {row["state"]: row for row in found}
    return [
        Line(state.label, f"{row['n']} 次，最近 {row['last']:%Y-%m-%d}")
        for state in AttendanceState
        if (row := by_state.get(state))
    ]
