"""Reads of the oversight for the pages of those who oversee."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Case as Choice
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import ExtractMonth

from casework.lists import supervised
from casework.models import CaseStatus, Obligation
from casework.rules import near_until
from proposals.models import Assignment, HandlingRound, Oversight, Proposal, ProposalQuerySet
from proposals.queries.list import ANSWERING, list_rows

if TYPE_CHECKING:
    from accounts.models import User

PART_LIGHTS = {
    "in_time": "按时答复",
    "late": "逾期答复",
    "green": "在办，期限内",
    "yellow": "在办，将到期",
    "red": "在办，已逾期",
}


def overseers() -> QuerySet:
    """Return case_id and user_id of every oversight in force, by a person or by a committee with its members."""
    rows = Oversight.objects.in_force().order_by()
    people = rows.filter(overseer__isnull=False).values(case_id=F("proposal_id"), user_id=F("overseer_id"))
    members = rows.filter(committee__memberships__isnull=False)
    return people.union(members.values(case_id=F("proposal_id"), user_id=F("committee__memberships__user")))


def years_of(user: User) -> list[int]:
    """Return the years in which proposals of the user's congress were submitted, newest first. One query."""
    rows = Proposal.objects.filter(congress=user.hat.congress_id, submitted_on__isnull=False)
    found = rows.aggregate(first=Min("submitted_on"), last=Max("submitted_on"))
    return list(range(found["last"].year, found["first"].year - 1, -1)) if found["first"] else []


def _in_force(**conditions: object) -> QuerySet:
    return Oversight.objects.in_force().filter(proposal=OuterRef("pk"), **conditions)


def overseen(user: User, *, kind: str = "", form: str = "", year: str = "", mine: bool = False) -> ProposalQuerySet:
    """Return what is overseen in the user's congress, with what a list shows and the ``oversights`` in force.

    One query and one for the oversights; ``mine`` leaves what the user oversees in person.
    """
    conditions = ({"kind": kind} if kind else {}) | ({"overseer": user} if mine else {})
    rows = list_rows(user).filter(Exists(_in_force(**conditions)))
    if form:
        rows = rows.filter(form=form)
    if year:
        rows = rows.filter(submitted_on__year=int(year))
    shown = Oversight.objects.in_force().visible_to(user).select_related("overseer")
    return rows.prefetch_related(Prefetch("oversights", shown, to_attr="in_force"))


def counts_by_kind(user: User, year: str = "") -> dict[tuple[str, str], int]:
    """Return how many proposals are overseen, by kind and by bill or suggestion. One query."""
    rows = Oversight.objects.in_force().visible_to(user)
    if year:
        rows = rows.filter(proposal__submitted_on__year=int(year))
    counted = rows.order_by().values_list("kind", "proposal__form").annotate(n=Count("proposal", distinct=True))
    return {(kind, form): n for kind, form, n in counted}


def first_owed(user: User, proposals: list[Proposal]) -> dict[int, Obligation]:
    """Return what others owe next on each proposal, by its key. One query."""
    owed = Obligation.objects.open().filter(case__in=[row.pk for row in proposals])
    own = Obligation.objects.open().owed_by(user).order_by().values("pk")
    found: dict[int, Obligation] = {}
    for row in owed.exclude(pk__in=own):
        found.setdefault(row.case_id, row)
    return found


def overdue_by_unit(user: User, today: dt.date) -> list[tuple[int | None, str, int]]:
    """Return key, name and number of overdue matters of each unit, most first; what no unit owes last. One query."""
    late = supervised(user, today=today).filter(due_on__lt=today).order_by()
    rows = late.values_list("owner_unit", "owner_unit__name").annotate(n=Count("pk"))
    return sorted(((unit, name or "", n) for unit, name, n in rows), key=lambda row: (row[0] is None, -row[2], row[1]))


def answering_parts(user: User) -> QuerySet[Assignment]:
    """Return the parts of the units that answer, in the last round of each proposal of the user's congress."""
    later = HandlingRound.objects.filter(proposal=OuterRef("round__proposal"), number__gt=OuterRef("round__number"))
    return Assignment.objects.in_force().filter(
        ~Exists(later), role__in=ANSWERING, round__proposal__congress=user.hat.congress_id
    )


def lit_parts(user: User, year: int, today: dt.date) -> QuerySet[Assignment]:
    """Return the answering parts that fall due in a year, each with its ``light`` and its ``month``.

    What was closed without a reply has no light and is left out.
    """
    answered, is_open = Q(replies__isnull=False), Q(round__proposal__status=CaseStatus.OPEN)
    light = Choice(
        When(answered & Q(replies__replied_on__lte=F("due_on")), then=Value("in_time")),
        When(answered, then=Value("late")),
        When(is_open & Q(due_on__lt=today), then=Value("red")),
        When(is_open & Q(due_on__lte=near_until(today)), then=Value("yellow")),
        When(is_open, then=Value("green")),
        default=Value(""),
    )
    rows = answering_parts(user).filter(due_on__year=year)
    return rows.annotate(light=light, month=ExtractMonth("due_on")).exclude(light="")


def lights_by_month(user: User, year: int, today: dt.date) -> dict[tuple[int, str], int]:
    """Return how many parts fall due in each month of a year, by light. One query."""
    counted = lit_parts(user, year, today).order_by().values_list("month", "light").annotate(n=Count("pk"))
    return {(month, light): n for month, light, n in counted}
