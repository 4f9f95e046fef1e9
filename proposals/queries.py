"""Reads of proposals: the list and the case page, each with a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, F, Max, Min, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Role
from casework.models import CaseStatus, Event, Obligation, Stage, StepRun
from proposals.models import (
    KIND,
    Assignment,
    AssignmentRole,
    Cosignature,
    Feedback,
    HandlingRound,
    Proposal,
    ProposalQuerySet,
    Reply,
)

if TYPE_CHECKING:
    from accounts.models import User

ANSWERING = [AssignmentRole.LEAD, AssignmentRole.SEPARATE]
VIEWS = {
    "todo": "我的待办",
    "waiting": "等待他人",
    "open": "在办",
    "closed": "已办结",
    "overdue": "逾期",
    "draft": "草稿",
    "all": "全部",
}
SORTS = {
    "number": F("number").asc(nulls_last=True),
    "-number": F("number").desc(nulls_last=True),
    "submitted_on": F("submitted_on").asc(nulls_last=True),
    "-submitted_on": F("submitted_on").desc(nulls_first=True),
    "due_on": F("due_on").asc(nulls_last=True),
    "-due_on": F("due_on").desc(nulls_last=True),
}


def _open_obligations() -> object:
    return Obligation.objects.open().filter(case=OuterRef("pk"))


def _owed_ids(user: User) -> object:
    return Obligation.objects.open().owed_by(user).filter(case__kind=KIND).values("case")


def view_filter(view: str, user: User, today: dt.date) -> Q:
    """Return the condition of a saved view; an unknown one is 全部."""
    overdue = Obligation.objects.open().filter(due_on__lt=today, case__kind=KIND).values("case")
    match view:
        case "todo":
            return Q(pk__in=_owed_ids(user))
        case "waiting":
            acted = Event.objects.filter(actor=user).values("case")
            return (Q(pk__in=acted) | Q(created_by=user)) & Q(status=CaseStatus.OPEN) & ~Q(pk__in=_owed_ids(user))
        case "open":
            return Q(status=CaseStatus.OPEN)
        case "closed":
            return Q(status=CaseStatus.CLOSED)
        case "overdue":
            return Q(pk__in=overdue)
        case "draft":
            return Q(status=CaseStatus.DRAFT)
        case _:
            return Q()


def views_for(user: User) -> list[str]:
    """Return the saved views that make sense for the role."""
    if user.has_role(Role.DEPUTY):
        return ["all", "todo", "waiting", "draft", "closed"]
    return ["all", "todo", "open", "overdue", "closed"]


def view_counts(user: User, today: dt.date) -> dict[str, int]:
    """Return how many proposals each saved view of the user holds. One query."""
    rows = Proposal.objects.visible_to(user)
    return rows.aggregate(**{view: Count("pk", filter=view_filter(view, user, today)) for view in views_for(user)})


def search(rows: ProposalQuerySet, text: str) -> ProposalQuerySet:
    """Return the proposals whose title, number, lead deputy or pinyin initials match what was typed."""
    text = text.strip()
    if not text:
        return rows
    condition = Q(title__icontains=text) | Q(lead__person__name__icontains=text)
    digits = text.removeprefix("第").removesuffix("号")
    if digits.isdecimal() and len(digits) <= 9:
        condition |= Q(number=int(digits))
    if text.isascii() and text.isalpha():
        condition |= Q(lead__person__initials__startswith=text.lower())
    return rows.filter(condition)


def list_rows(user: User) -> ProposalQuerySet:
    """Return the visible proposals with what a list row shows. One query, whatever the number of rows."""
    latest = HandlingRound.objects.filter(proposal=OuterRef("pk")).order_by("-number")
    lead_unit = Assignment.objects.filter(round__proposal=OuterRef("pk"), role__in=ANSWERING).order_by(
        "-round__number", "pk"
    )
    assisting = (
        Assignment.objects.filter(round__proposal=OuterRef("pk"), round__number=1, role=AssignmentRole.ASSIST)
        .values("round__proposal")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rated = Feedback.objects.filter(round=OuterRef("latest_round")).values("result")
    return (
        Proposal.objects.visible_to(user)
        .select_related("step", "category", "lead__person", "lead__delegation")
        .annotate(
            latest_round=Subquery(latest.values("pk")[:1]),
            unit_name=Subquery(lead_unit.values("unit__name")[:1]),
            assisting_count=Coalesce(Subquery(assisting), 0),
            due_on=Subquery(
                _open_obligations().values("case").annotate(first=Min("due_on")).values("first"),
            ),
        )
        .annotate(rating=Subquery(rated[:1]))
    )


def years_of(user: User) -> list[int]:
    """Return the years in which visible proposals were submitted, newest first. One query."""
    span = Proposal.objects.visible_to(user).aggregate(first=Min("submitted_on"), last=Max("submitted_on"))
    if span["first"] is None:
        return []
    return list(range(span["last"].year, span["first"].year - 1, -1))


@dataclass(frozen=True)
class CasePage:
    """Everything that the case page shows of one proposal."""

    proposal: Proposal
    rounds: list[HandlingRound]
    events: list[Event]
    runs: list[StepRun]
    obligations: list[Obligation]
    cosigners: list[Cosignature]


def visible_proposal(user: User, pk: int) -> Proposal:
    """Return one proposal with the rows that every page of it needs. One query.

    Raises Proposal.DoesNotExist when the user may not see it.
    """
    return (
        Proposal.objects.visible_to(user)
        .select_related(
            "step",
            "procedure",
            "category",
            "session__term",
            "congress",
            "suggested_unit",
            "lead__person__user",
            "lead__delegation",
            "lead__term",
        )
        .get(pk=pk)
    )


def case_page(user: User, pk: int) -> CasePage:
    """Read one proposal with rounds, history and obligations. A fixed number of queries (ten).

    Raises Proposal.DoesNotExist when the user may not see it.
    """
    proposal = visible_proposal(user, pk)
    replies = Prefetch("replies", Reply.objects.select_related("outcome"))
    assignments = Prefetch(
        "assignments", Assignment.objects.select_related("unit").prefetch_related("contacts", replies).order_by("pk")
    )
    feedbacks = Prefetch("feedbacks", Feedback.objects.select_related("seat__person"))
    rounds = proposal.rounds.order_by("-number").prefetch_related(assignments, feedbacks)
    return CasePage(
        proposal=proposal,
        rounds=list(rounds),
        events=list(proposal.events.all()),
        runs=list(proposal.step_runs.select_related("left_by").order_by("pk")),
        obligations=list(proposal.obligations.open()),
        cosigners=list(proposal.cosignatures.select_related("seat__person")),
    )


def show_as_handed_in(page: CasePage) -> None:
    """Put back, for everybody but the deputy, the text that was handed in while a returned proposal is revised."""
    proposal = page.proposal
    if proposal.status != CaseStatus.OPEN or proposal.step.stage != Stage.SUBMIT:
        return
    handed_in = next((event.data for event in page.events if event.verb == "submit" and event.data), None)
    if handed_in is not None:
        proposal.title, proposal.body = handed_in["title"], handed_in["body"]
