"""What may this person do now: one answer that draws the buttons and refuses the requests."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Role
from casework.models import Act, Obligation, Stage
from casework.queries import work_calendar
from proposals.models import (
    Assignment,
    AssignmentRole,
    AssistOpinion,
    Commitment,
    CommitmentState,
    Consent,
    Contact,
    Cosignature,
    CosignatureState,
    Distribution,
    Evaluation,
    ExtensionRequest,
    Feedback,
    HandlingRound,
    InPersonReply,
    Oversight,
    Proposal,
    Raters,
    Rectification,
    Reply,
    RequestState,
    ReturnRequest,
    ReviewResult,
    Withdrawal,
    WithdrawalConsent,
)
from proposals.rules import Ability, Commitments, Facts, Task, abilities_of, rule_of

if TYPE_CHECKING:
    from accounts.models import User
    from proposals.models import HandlingRules

COMMITMENT_FACTS = [field.name for field in fields(Commitments)]
SUPERVISORS = (Role.STAFF, Role.GOV_OFFICE)


def abilities(user: User, proposal: Proposal, today: dt.date | None = None) -> dict[str, Ability]:
    """Return the acts open to the user on a proposal that he may see, by code. At most four queries.

    The proposal has ``lead__person``, ``lead__delegation``, ``step`` and ``rules`` at hand.
    """
    hat = user.hat
    if hat is None:
        return {}
    step = proposal.step
    today = today or timezone.localdate()
    known = _known(user, proposal, today)
    township_id = proposal.lead.delegation.township_id
    facts = Facts(
        status=proposal.status,
        stage=step.stage if step else "",
        act=step.act if step else "",
        required=tuple(step.required) if step else (),
        actor_role=step.actor_role if step else "",
        hat_role=hat.role,
        today=today,
        is_own_congress=hat.congress_id == proposal.congress_id,
        is_lead=hat.role == Role.DEPUTY and proposal.lead.person.user_id == user.pk,
        form=proposal.form,
        is_submitted=proposal.submitted_on is not None,
        is_registered=proposal.review_result in (ReviewResult.REGISTERED, ReviewResult.MERGED),
        is_key=proposal.is_key,
        is_merged=proposal.merged_into_id is not None,
        has_township=township_id is not None,
        is_rater=known.pop("signed_in_office", False) and _is_rated_by_each(proposal),
        is_township=hat.role == Role.TOWNSHIP and hat.congress_id == township_id,
        task=_task(hat.unit_id, proposal, today) if hat.unit_id and proposal.submitted_on else None,
        commitments=Commitments(**{name: known.pop(f"commitment_{name}", False) for name in COMMITMENT_FACTS}),
        **known,
    )
    return abilities_of(facts, step.verb if step else "")


def _is_rated_by_each(proposal: Proposal) -> bool:
    return proposal.rules is not None and proposal.rules.raters == Raters.EACH


def _latest() -> Exists:
    return ~Exists(
        HandlingRound.objects.filter(proposal=OuterRef("round__proposal"), number__gt=OuterRef("round__number"))
    )


def _known(user: User, proposal: Proposal, today: dt.date) -> dict[str, bool]:
    """Return what the rows beside the proposal say to the user's hat, by the names of Facts. One query, if any."""
    latest = HandlingRound.objects.filter(proposal=OuterRef("pk")).order_by("-number").values("pk")[:1]
    columns = _columns(user, proposal, today)
    if not columns:
        return {}
    rows = Proposal.objects.filter(pk=proposal.pk).order_by()
    return rows.annotate(latest_round=Subquery(latest)).annotate(**columns).values(*columns).get()


def _columns(user: User, proposal: Proposal, today: dt.date) -> dict[str, Exists]:
    """Return the facts that count for the user's hat, each as a column of a proposal with its ``latest_round``.

    A fact that opens or shuts nothing to a role is not asked for it.
    """
    role, step = user.hat.role, proposal.step
    columns = {}
    if role in SUPERVISORS or (step and (step.stage, step.act) == (Stage.REPLY, Act.DECIDE)):
        unsplit = Distribution.objects.filter(round=OuterRef("latest_round"), distributed_at__isnull=True)
        columns["office_waits"] = Exists(unsplit)
    if role == Role.DEPUTY:
        columns |= _own_signature(user) | _of_commitments("unrated")
    elif role == Role.UNIT:
        owed = Rectification.objects.waiting().filter(proposal=OuterRef("pk"), inspection__unit=user.hat.unit_id)
        columns |= {"owes_rectification": Exists(owed)} | _of_own_commitments(user.hat.unit_id)
    elif role in SUPERVISORS:
        columns |= _of_requests(user, proposal.rules)
    if role == Role.STAFF:
        columns |= _of_the_office(today) | _of_commitments("any", "pending", "claimed", "unrated")
    return columns


def _of_requests(user: User, rules: HandlingRules | None) -> dict[str, Exists]:
    latest = OuterRef("latest_round")
    return {
        "returns_to_decide": Exists(waiting_requests(user, rules, latest, of_extensions=False)),
        "extensions_to_decide": Exists(waiting_requests(user, rules, latest, of_extensions=True)),
        "parts_to_reassign": Exists(own_parts(user).filter(round=latest)),
    }


def _own_signature(user: User) -> dict[str, Exists]:
    mine = {"seat__person__user": user}
    signed = Cosignature.objects.signed().filter(proposal=OuterRef("pk"), **mine)
    asked = Cosignature.objects.filter(proposal=OuterRef("pk"), **mine).exclude(state=CosignatureState.LAPSED)
    return {
        "withdrawal_waits": _withdrawal_waits(),
        "is_asked_to_consent": Exists(
            WithdrawalConsent.objects.filter(
                withdrawal__proposal=OuterRef("pk"), withdrawal__state=Consent.WAITING, answer=Consent.WAITING, **mine
            )
        ),
        "is_asked_to_sign": Exists(asked),
        "has_signed": Exists(signed),
        "signed_in_office": Exists(signed.filter(seat__ended_on__isnull=True)),
        "has_rated": Exists(Feedback.objects.filter(round=OuterRef("latest_round"), **mine)),
    }


def _of_the_office(today: dt.date) -> dict[str, Exists]:
    # What has no date need not be waited for.
    late = Q(due_on__lt=today) | Q(due_on__isnull=True)
    return {
        "withdrawal_waits": _withdrawal_waits(),
        "rating_is_overdue": Exists(Obligation.objects.open().filter(late, case=OuterRef("pk"), act="rate")),
        "is_overseen": Exists(Oversight.objects.in_force().filter(proposal=OuterRef("pk"))),
        "awaits_evaluation": Exists(Evaluation.objects.waiting().filter(proposal=OuterRef("pk"))),
    }


def _withdrawal_waits() -> Exists:
    return Exists(Withdrawal.objects.filter(proposal=OuterRef("pk"), state=Consent.WAITING))


def _of_commitments(*names: str) -> dict[str, Exists]:
    """Return facts about the commitments on a proposal as columns, named as in ``Commitments``."""
    made = Commitment.objects.filter(proposal=OuterRef("pk"))
    rows = {
        "any": made,
        "pending": made.pending(),
        "claimed": made.filter(state=CommitmentState.CLAIMED),
        "unrated": Obligation.objects.open().filter(case=OuterRef("pk"), act="commitment-rate"),
    }
    return {f"commitment_{name}": Exists(rows[name]) for name in names}


def _of_own_commitments(unit_id: int) -> dict[str, Exists]:
    owed = Obligation.objects.open().filter(case=OuterRef("pk"), act="commit", owner_unit=unit_id)
    made = Commitment.objects.filter(proposal=OuterRef("pk"), unit=unit_id, state=CommitmentState.OPEN)
    return {"commitment_owes": Exists(owed), "commitment_own_open": Exists(made)}


def decided_here(user: User, rules: HandlingRules | None, *, of_extensions: bool) -> Q:
    """Return the condition on assignments whose requests the user's office decides.

    Who assigned decides; extensions are the commission's own where the rules say so.
    """
    if of_extensions and rules is not None and rules.extend_approver == "commission":
        return Q() if user.hat.role == Role.STAFF else Q(pk__in=())
    return Q(assignment__via_office=user.hat.role == Role.GOV_OFFICE)


def own_parts(user: User) -> QuerySet[Assignment]:
    """Return the parts that the user's office gave and may give to another unit: nobody answered them."""
    opined = AssistOpinion.objects.filter(assignment=OuterRef("pk"), sent_back_at__isnull=True)
    replied = Reply.objects.filter(assignment=OuterRef("pk"))
    rows = Assignment.objects.in_force().filter(~Exists(opined), ~Exists(replied))
    if user.hat.role not in SUPERVISORS:
        return rows.none()
    return rows.filter(via_office=user.hat.role == Role.GOV_OFFICE)


def waiting_requests(
    user: User, rules: HandlingRules | None, round_: HandlingRound | OuterRef, *, of_extensions: bool
) -> QuerySet:
    """Return the requests of a round for a return, or for a later date, that wait for the user's office."""
    model = ExtensionRequest if of_extensions else ReturnRequest
    waiting = model.objects.filter(
        assignment__round=round_, assignment__ended_at__isnull=True, state=RequestState.WAITING
    )
    if user.hat.role not in SUPERVISORS:
        return waiting.none()
    return waiting.filter(decided_here(user, rules, of_extensions=of_extensions))


def awaited_opinions(case_id: int, today: dt.date) -> QuerySet[Obligation]:
    """Return the opinions that still hold the lead unit up: an overdue one holds up nothing."""
    in_time = Q(due_on__isnull=True) | Q(due_on__gte=today)
    return Obligation.objects.open().filter(in_time, case=case_id, act="opinion")


def _task(unit_id: int, proposal: Proposal, today: dt.date) -> Task | None:
    waiting = {"assignment": OuterRef("pk"), "state": RequestState.WAITING}
    open_ones = Obligation.objects.open().filter(case=proposal.pk, owner_unit=unit_id)
    awaited = awaited_opinions(proposal.pk, today)
    assignment = (
        Assignment.objects.in_force()
        .filter(_latest(), round__proposal_id=proposal.pk, unit_id=unit_id)
        .annotate(
            has_contact=Exists(Contact.objects.filter(assignment=OuterRef("pk"))),
            has_reply=Exists(Reply.objects.filter(assignment=OuterRef("pk"))),
            has_in_person=Exists(InPersonReply.objects.filter(assignment=OuterRef("pk"))),
            has_opinion=Exists(AssistOpinion.objects.filter(assignment=OuterRef("pk"), sent_back_at__isnull=True)),
            asked_return=Exists(ReturnRequest.objects.filter(**waiting)),
            asked_extension=Exists(ExtensionRequest.objects.filter(**waiting)),
            owes_decision=Exists(open_ones.filter(act="review")),
            has_opinions_of_others=Exists(
                AssistOpinion.objects.filter(
                    assignment__round=OuterRef("round"), assignment__ended_at__isnull=True, sent_back_at__isnull=True
                ).exclude(assignment=OuterRef("pk"))
            ),
            waits_for=Subquery(awaited.values("case").annotate(n=Count("pk")).values("n")),
        )
        .first()
    )
    if assignment is None:
        return None
    return Task(
        assignment_id=assignment.pk,
        role=assignment.role,
        is_acknowledged=assignment.acknowledged_at is not None,
        has_contact=assignment.has_contact,
        has_reply=assignment.has_reply,
        has_in_person=assignment.has_in_person,
        due_on=assignment.due_on,
        has_opinion=assignment.has_opinion,
        owes_decision=assignment.owes_decision,
        return_until=_return_until(assignment, proposal),
        asked_return=assignment.asked_return,
        asked_extension=assignment.asked_extension,
        has_opinions_of_others=assignment.has_opinions_of_others,
        waits_for=(assignment.waits_for or 0) if assignment.role != AssignmentRole.ASSIST else 0,
    )


def _return_until(assignment: Assignment, proposal: Proposal) -> dt.date | None:
    """Return the last day for a request to return; two queries where the rules set one, none otherwise."""
    limit = rule_of(proposal.rules, "return_request")
    if not limit.rule or assignment.assigned_on is None:
        return None
    calendar = work_calendar(assignment.assigned_on)
    return calendar.due(assignment.assigned_on, limit.rule, rolls=limit.rolls).on
