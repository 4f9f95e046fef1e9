"""What one row of the proposals form says, how it stands in the database, and how far the matter has come. No writes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Prefetch

from casework.models import Event, Stage
from proposals.models import (
    Assignment,
    AssignmentRole,
    Cosignature,
    Disclosure,
    Feedback,
    Grade,
    HandlingRound,
    OutcomeCategory,
    Period,
    Proposal,
    ProposalKind,
    ProposalQuerySet,
    ReviewResult,
)

if TYPE_CHECKING:
    from bodies.models import Session, Unit
    from deputies.models import Seat

# What is encrypted costs time to read.
UNREAD = ("id_number", "phone", "address")
UNORDERED = {"cosigners", "lead_units", "assist_units"}


@dataclass(frozen=True)
class History:
    """A proposal as far as the form tells it. ``cosigner_count`` counts all co-signers, named or not."""

    session: Session
    title: str
    lead: Seat
    number: int | None = None
    form: str = ProposalKind.SUGGESTION
    category: str = ""
    nature: str = ""
    period: str = Period.IN_RECESS
    disclosure: str = Disclosure.TITLE
    submitted_on: dt.date | None = None
    review_result: str = ""
    cosigner_count: int = 0
    cosigners: tuple[Seat, ...] = ()
    lead_units: tuple[Unit, ...] = ()
    assist_units: tuple[Unit, ...] = ()
    assigned_on: dt.date | None = None
    replied_on: dt.date | None = None
    document_no: str = ""
    outcome: OutcomeCategory | None = None
    attitude: str = ""
    result: str = ""
    body: str = ""

    def differing(self, told: dict[str, Any]) -> list[str]:
        """Return the names of the values told that are not those of this history."""
        return [attr for attr, value in told.items() if not _same(attr, getattr(self, attr), value)]

    def with_told(self, told: dict[str, Any]) -> History:
        """Return this history with what was told put in its place."""
        return replace(self, **told)

    @property
    def is_rated(self) -> bool:
        return bool(self.attitude or self.result)

    @property
    def state(self) -> tuple[str | None, str]:
        """The stage that the matter has reached, or None and how it was closed.

        Nobody's dissatisfaction of years ago opens a round today: what was rated is closed.
        """
        if self.review_result == ReviewResult.NOT_REGISTERED:
            return None, "not_registered"
        if self.is_rated:
            stated = {self.attitude, self.result} - {"", Grade.NONE}
            return None, "rated" if stated else "imported"
        if self.lead_units:
            return (Stage.RATE if self.replied_on else Stage.REPLY), ""
        return (Stage.ASSIGN if self.number or self.review_result else Stage.REVIEW), ""


def _same(attr: str, one: Any, other: Any) -> bool:
    return set(one) == set(other) if attr in UNORDERED else one == other


def with_history(proposals: ProposalQuerySet) -> ProposalQuerySet:
    """Load with the proposals all that ``history_of`` reads, and whether people have acted on them. Six queries."""
    rounds = HandlingRound.objects.order_by("number").prefetch_related(
        Prefetch(
            "assignments", Assignment.objects.select_related("unit").order_by("pk").prefetch_related("replies__outcome")
        ),
        Prefetch("feedbacks", Feedback.objects.order_by("pk")),
    )
    cosigned = (
        Cosignature.objects.signed().select_related("seat__person").defer(*(f"seat__person__{name}" for name in UNREAD))
    )
    return (
        proposals.select_related("session__term", "category", "lead__person", "lead__delegation")
        .defer(*(f"lead__person__{name}" for name in UNREAD))
        .prefetch_related(
            Prefetch("rounds", rounds),
            Prefetch("cosignatures", cosigned),
        )
        .annotate(was_handled=Exists(Event.objects.filter(case=OuterRef("pk"), is_imported=False)))
    )


def history_of(proposal: Proposal) -> History:
    """Return how a proposal loaded by ``with_history`` stands: its latest round speaks for the handling."""
    cosigners = tuple(row.seat for row in proposal.cosignatures.all())
    told: dict[str, Any] = {
        attr: getattr(proposal, attr)
        for attr in (
            "session",
            "title",
            "lead",
            "number",
            "form",
            "nature",
            "period",
            "disclosure",
            "submitted_on",
            "body",
        )
    }
    rounds = list(proposal.rounds.all())
    if rounds:
        told |= _handling(rounds[-1])
    return History(
        **told,
        category=proposal.category.name if proposal.category else "",
        review_result=proposal.review_result,
        cosigner_count=proposal.paper_cosigners + len(cosigners),
        cosigners=cosigners,
    )


def _handling(round_: HandlingRound) -> dict[str, Any]:
    rows = [row for row in round_.assignments.all() if row.ended_at is None]
    leads = [row for row in rows if row.role != AssignmentRole.ASSIST]
    told: dict[str, Any] = {
        "lead_units": tuple(row.unit for row in leads),
        "assist_units": tuple(row.unit for row in rows if row.role == AssignmentRole.ASSIST),
        "assigned_on": next((row.assigned_on for row in rows if row.assigned_on), None),
    }
    replies = [reply for row in leads for reply in row.replies.all()]
    if replies and len(replies) == len(leads):
        told["replied_on"] = max(reply.replied_on for reply in replies)
        told["document_no"], told["outcome"] = replies[0].document_no, replies[0].outcome
    if round_.joint_result:
        told |= {"attitude": round_.joint_attitude, "result": round_.joint_result}
    elif feedback := next(iter(round_.feedbacks.all()), None):
        told |= {"attitude": feedback.attitude, "result": feedback.result}
    return told
