"""Reads of the engine: the calendar, to-do lists and the stepper."""

from __future__ import annotations

import copy
import datetime as dt

from django.db.models import Q, QuerySet

from accounts.models import Membership, Role, User
from casework.calendar import WorkCalendar
from casework.models import CalendarDay, CalendarYear, Case, DayKind, Event, Obligation
from casework.rules import URGERS

# Acts by which offices decide on what a unit asks, and by which units tell each other.
ASKED_OF_OFFICES = ("decide-return", "decide-extension")
TOLD_AMONG_UNITS = ("opinion",)
# What the overseers demand: of a unit, or of the office itself.
DEMANDED_OF_UNITS, DEMANDED_OF_OFFICES = ("rectify",), ("evaluate",)

# As many acts of one day on one case are looked through for the list of recent work.
ACTS_PER_CASE = 6


def work_calendar(around: dt.date | None = None) -> WorkCalendar:
    """Return the working-day calendar as the office has entered it. Two queries."""
    days = CalendarDay.objects.values_list("day", "kind")
    if around is not None:
        # No rule reaches back, and a deadline set today is over in a few years.
        days = days.filter(day__year__gte=around.year)
    rest, work = set(), set()
    for day, kind in days:
        (rest if kind == DayKind.REST else work).add(day)
    years = CalendarYear.objects.values_list("year", flat=True)
    return WorkCalendar(frozenset(rest), frozenset(work), frozenset(years))


def recipients(obligation: Obligation) -> list[User]:
    """Return the active users who are to be told of an obligation: the person, the unit's, or the role's. One query."""
    if obligation.owner_user_id:
        return list(User.objects.filter(pk=obligation.owner_user_id, is_active=True))
    if obligation.owner_unit_id:
        who = User.objects.filter(memberships__unit_id=obligation.owner_unit_id)
    elif obligation.owner_role == Role.DEPUTY:
        return []
    else:
        where = obligation.owner_congress_id
        who = User.objects.filter(memberships__role=obligation.owner_role, memberships__congress_id=where)
    return list(who.filter(is_active=True).distinct().order_by("pk"))


def owed(user: User) -> QuerySet[Obligation]:
    """Return what the user owes, with its case, most urgent first."""
    return Obligation.objects.open().owed_by(user).visible_to(user).select_related("case")


def owed_elsewhere(user: User) -> list[tuple[Membership, int]]:
    """Return how many things the user owes under each hat that he does not wear now. One query for each of these."""
    found = []
    for hat in user.hats:
        if hat != user.hat:
            other = copy.copy(user)
            other.wear(hat.pk)
            found.append((hat, owed(other).count()))
    return found


def waited_for(user: User) -> QuerySet[Obligation]:
    """Return what others owe on cases in which the user had a hand, with its case, most urgent first.

    Begins at the user's own acts, which are few, whatever the tables hold. What units ask of the offices is for those
    who supervise and the unit that asks; what units tell each other is not the deputies' matter.
    """
    acted = Event.objects.filter(actor=user).values("case").union(Case.objects.filter(created_by=user).values("pk"))
    return (
        Obligation.objects.open()
        .filter(case__in=acted)
        .visible_to(user)
        .exclude(pk__in=Obligation.objects.open().owed_by(user).values("pk"))
        .exclude(of_others(user))
        .select_related("case")
    )


def of_others(user: User) -> Q:
    """Return the condition on obligations of which the user is told nothing: see ``waited_for``."""
    asked = Q(act__in=ASKED_OF_OFFICES)
    demanded = Q(act__in=(*DEMANDED_OF_UNITS, *DEMANDED_OF_OFFICES))
    if user.has_role(*URGERS):
        return Q(pk__in=[])
    if user.has_role(Role.DEPUTY):
        return asked | demanded | Q(act__in=TOLD_AMONG_UNITS)
    if user.has_role(Role.UNIT):
        of_another = Q(act__in=DEMANDED_OF_UNITS) & ~Q(owner_unit=user.hat.unit_id)
        return (asked & ~Q(from_label=user.hat.label)) | of_another | Q(act__in=DEMANDED_OF_OFFICES)
    return asked | demanded


def recent_events(user: User, *, limit: int) -> list[Event]:
    """Return the user's latest act on each of the cases last worked on, among the last few acts. One query."""
    rows = Event.objects.visible_to(user).filter(actor=user).select_related("case").order_by("-at", "-pk")
    latest: dict[int, Event] = {}
    for event in rows[: limit * ACTS_PER_CASE]:
        latest.setdefault(event.case_id, event)
    return list(latest.values())[:limit]
