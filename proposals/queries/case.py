"""Reads of one proposal: the case page, with a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, F, OuterRef, Prefetch, QuerySet, Value
from django.db.models.functions import Cast, Concat, JSONObject

from casework.models import CaseStatus, Event, Obligation, Stage, StepRun
from proposals.models import (
    Assignment,
    AssistOpinion,
    Commitment,
    CommitmentStep,
    Contact,
    Cosignature,
    Evaluation,
    ExtensionRequest,
    Feedback,
    GateCheck,
    HandlingRound,
    InPersonReply,
    Inspection,
    Milestone,
    Oversight,
    Proposal,
    Rectification,
    Reply,
    ReturnRequest,
    Withdrawal,
    WithdrawalConsent,
)
from ratings.models import RoundState, Subject

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class CasePage:
    """Everything that the case page shows of one proposal."""

    proposal: Proposal
    rounds: list[HandlingRound]
    events: list[Event]
    runs: list[StepRun]
    obligations: list[Obligation]
    cosigners: list[Cosignature]


def _beside(rows: QuerySet, owner: str, *fields: str, **renamed: str) -> ArraySubquery:
    """Return the few rows that hang on another, as a list of dicts read along with it: no query of their own."""
    named = {name: F(name) for name in fields} | {name: F(path) for name, path in renamed.items()}
    return ArraySubquery(rows.filter(**{owner: OuterRef("pk")}).order_by("pk").values(row=JSONObject(**named)))


ASKED = ("id", "reason", "requested_at", "state", "decided_at", "decision_note")
BESIDE_ASSIGNMENT = {
    "contact_rows": _beside(Contact.objects, "assignment", "contacted_on", "phase", "way", "summary"),
    "opinion_rows": _beside(AssistOpinion.objects, "assignment", "body", "given_at", "sent_back_at", "sent_back_why"),
    "return_rows": _beside(
        ReturnRequest.objects, "assignment", *ASKED, decided_by="decided_by__name", suggested="suggested_unit__name"
    ),
    "extension_rows": _beside(
        ExtensionRequest.objects,
        "assignment",
        *ASKED,
        "due_before",
        "wanted_until",
        "granted_until",
        decided_by="decided_by__name",
    ),
    "in_person_rows": _beside(
        InPersonReply.objects,
        "assignment",
        "id",
        "held_on",
        "place",
        "unit_people",
        "deputies",
        "minutes",
        "is_signed",
    ),
}
LATER_WITHDRAWAL = Withdrawal.objects.filter(proposal=OuterRef("withdrawal__proposal"), pk__gt=OuterRef("withdrawal"))
STEPS_OF_COMMITMENT = ArraySubquery(
    CommitmentStep.objects.filter(commitment=OuterRef("pk"))
    .order_by("pk")
    .values(
        row=JSONObject(kind="kind", happened_on="happened_on", text="text", document_no="document_no", due_on="due_on")
    )
)
BESIDE_PROPOSAL = {
    "commitment_rows": _beside(
        Commitment.objects.annotate(steps_so_far=STEPS_OF_COMMITMENT),
        "proposal",
        "id",
        "matter",
        "responsible",
        "made_on",
        "due_on",
        "state",
        "settled_on",
        "rating",
        unit="unit__name",
        steps="steps_so_far",
    ),
    "gate_rows": _beside(GateCheck.objects, "proposal", "gate", "note", "passed_at", passed_by="passed_by__name"),
    "milestone_rows": _beside(Milestone.objects, "proposal", "kind", "happened_on", "meeting", "text"),
    "merged_rows": _beside(Proposal.objects, "merged_into", "id", "label", "title"),
    "consent_rows": _beside(
        WithdrawalConsent.objects.filter(~Exists(LATER_WITHDRAWAL)),
        "withdrawal__proposal",
        "answer",
        name="seat__person__name",
        reason="withdrawal__reason",
    ),
    "asked_rows": _beside(
        Cosignature.objects.exclude(state="accepted"), "proposal", "state", name="seat__person__name"
    ),
    "rating_rows": ArraySubquery(
        Subject.objects.filter(
            object_key=Concat(Value("proposal:"), Cast(OuterRef("pk"), CharField())),
            round__state__in=[RoundState.CLOSED, RoundState.PUBLISHED],
        )
        .order_by("pk")
        .values(row=JSONObject(round="round_id", title="round__title", held_on="round__held_on"))
    ),
    "oversight_rows": _beside(
        Oversight.objects,
        "proposal",
        "kind",
        "body",
        "meeting",
        "decided_on",
        "ended_at",
        "ended_why",
        overseer_name="overseer__name",
    ),
    "inspection_rows": _beside(Inspection.objects, "items", "id", "held_on", unit_name="unit__name"),
    "rectification_rows": _beside(
        Rectification.objects,
        "proposal",
        "inspection_id",
        "demand",
        "due_on",
        "answer",
        "answered_at",
        held_on="inspection__held_on",
        unit_id="inspection__unit",
        unit_name="inspection__unit__name",
    ),
    "evaluation_rows": _beside(
        Evaluation.objects,
        "proposal",
        "why",
        "evaluators",
        "meeting",
        "decided_on",
        "due_on",
        "grade",
        "conclusion",
        "follow_up",
        "concluded_at",
    ),
}


def visible_proposal(user: User, pk: int, *, beside: dict[str, ArraySubquery] | None = None) -> Proposal:
    """Return one proposal with the rows that every page of it needs, and what ``beside`` adds. One query.

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
            "lead__delegation__township",
            "rules",
            "merged_into",
            "lead__term",
        )
        .annotate(**(beside or {}))
        .get(pk=pk)
    )


def case_page(user: User, pk: int) -> CasePage:
    """Read one proposal with rounds, history and obligations. A fixed number of queries (ten).

    Raises Proposal.DoesNotExist when the user may not see it.
    """
    proposal = visible_proposal(user, pk, beside=BESIDE_PROPOSAL)
    replies = Prefetch("replies", Reply.objects.select_related("outcome"))
    assignments = Prefetch(
        "assignments",
        Assignment.objects.select_related("unit")
        .annotate(**BESIDE_ASSIGNMENT)
        .prefetch_related(replies)
        .order_by("pk"),
    )
    feedbacks = Prefetch("feedbacks", Feedback.objects.select_related("seat__person"))
    rounds = proposal.rounds.order_by("-number").select_related("distribution__distributed_by")
    rounds = rounds.prefetch_related(assignments, feedbacks)
    return CasePage(
        proposal=proposal,
        rounds=list(rounds),
        events=list(proposal.events.all()),
        runs=list(proposal.step_runs.select_related("left_by").order_by("pk")),
        obligations=list(proposal.obligations.open()),
        cosigners=list(proposal.cosignatures.signed().select_related("seat__person")),
    )


def show_as_handed_in(page: CasePage) -> None:
    """Put back, for everybody but the deputy, the text that was handed in while a returned proposal is revised."""
    proposal = page.proposal
    if proposal.status != CaseStatus.OPEN or proposal.step.stage != Stage.SUBMIT:
        return
    handed_in = next((event.data for event in page.events if event.verb == "submit" and event.data), None)
    if handed_in is not None:
        proposal.title, proposal.body = handed_in["title"], handed_in["body"]
        proposal.grounds = handed_in.get("grounds", proposal.grounds)
        proposal.plan = handed_in.get("plan", proposal.plan)
