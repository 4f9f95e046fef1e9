"""Assignment, and what the units do: acknowledge, contact the deputy, reply."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from bodies.models import Unit
from casework import services as casework
from casework.calendar import spoken
from casework.models import ObligationState
from casework.services import Owner, UnableToAct
from proposals.documents import normalise_document_no
from proposals.models import (
    Assignment,
    AssignmentRole,
    Contact,
    ContactWay,
    HandlingRound,
    OutcomeCategory,
    Proposal,
    Reply,
)
from proposals.services.common import latest_round, lead_owner, next_round_number, take

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case, Step

DOCUMENT_NO_LENGTH = 60
# The law allows six months at the most (代表法 51); what goes on for years is followed up, and a wrong year stands out.
LONGEST_DAYS = 3 * 366
ANSWERING = (AssignmentRole.LEAD, AssignmentRole.SEPARATE)


def unit_owner(unit: Unit) -> Owner:
    """Return a unit as the one who owes something."""
    return Owner(role=Role.UNIT, label=unit.name, unit=unit)


def open_round(
    *,
    case: Case,
    proposal: Proposal,
    step: Step,
    units: Sequence[tuple[Unit, str]],
    due_on: dt.date | None,
    rule: str,
    reason: str,
    from_label: str,
    now: dt.datetime,
) -> HandlingRound:
    """Open a round of handling: every unit owes its acknowledgement, those that answer owe the reply."""
    today = timezone.localdate(now)
    round_ = HandlingRound.objects.create(
        proposal=proposal, number=next_round_number(proposal), opened_at=now, reason=reason
    )
    if due_on is None and rule:
        due_on = casework.compute_due(start=today, rule=rule).on
        by_hand = None
    else:
        by_hand = due_on
    for unit, role in units:
        Assignment.objects.create(round=round_, unit=unit, role=role, assigned_on=today, due_on=due_on)
        owner = unit_owner(unit)
        if step.acknowledge_within:
            casework.oblige(
                case=case,
                act="acknowledge",
                verb="签收",
                owner=owner,
                from_label=from_label,
                rule=step.acknowledge_within,
                now=now,
            )
        if role in ANSWERING:
            casework.oblige(
                case=case,
                act="reply",
                verb=step.verb,
                owner=owner,
                from_label=from_label,
                rule=rule,
                due_on=by_hand,
                now=now,
            )
    return round_


@transaction.atomic
def assign(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    lead: Unit | None,
    assisting: Sequence[Unit] = (),
    separate: Sequence[Unit] = (),
    due_on: dt.date | None = None,
) -> Proposal:
    """Assign a registered proposal to a lead unit with assisting ones, or to several units separately.

    ``due_on`` set by hand takes the place of the step's own deadline (three months; 代表法 51).
    Raises as ``take`` does, and UnableToAct for a contradictory choice of units or a date that has passed.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="assign")
    units = [(lead, AssignmentRole.LEAD)] if lead else []
    units += [(unit, AssignmentRole.SEPARATE) for unit in separate]
    if not units:
        raise UnableToAct("请选择主办单位。")
    units += [(unit, AssignmentRole.ASSIST) for unit in assisting]
    seen: set[int] = set()
    for unit, _ in units:
        if unit.pk in seen:
            raise UnableToAct(f"「{unit}」重复：一个单位在同一件建议中只能承担一种任务。")
        seen.add(unit.pk)
        if unit.congress_id != proposal.congress_id or not unit.is_active:
            raise UnableToAct(f"「{unit}」不是本级可以交办的承办单位。")
    if due_on is not None and due_on <= timezone.localdate(now):
        raise UnableToAct("答复期限应当晚于今天。")
    if due_on is not None and (due_on - timezone.localdate(now)).days > LONGEST_DAYS:
        raise UnableToAct("答复期限最长不超过三年，请核对年份。")
    outcome = casework.outcome_of(case=case, code="pass")
    step = outcome.goes_to
    who = casework.actor_label(user)
    parts = "、".join(f"{unit}（{AssignmentRole(role).label}）" for unit, role in units)
    # The history line comes before the move, so that it carries the step in which the act was done.
    round_due = due_on or casework.compute_due(start=timezone.localdate(now), rule=outcome.deadline or step.deadline).on
    casework.log(
        case=case,
        actor=user,
        verb="assign",
        sentence=f"{who}将本件交办给{parts}，答复期限{spoken(round_due)}",
        now=now,
    )
    casework.move(case=case, outcome=outcome, actor=user, now=now)
    open_round(
        case=case,
        proposal=proposal,
        step=step,
        units=units,
        due_on=due_on,
        rule=outcome.deadline or step.deadline,
        reason="",
        from_label=user.hat.label,
        now=now,
    )
    casework.inform(case=case, owner=lead_owner(proposal.lead), title=f"已交办：{case}", body=parts, now=now)
    proposal.refresh_from_db()
    return proposal


def _own_assignment(proposal: Proposal, user: User) -> Assignment:
    return latest_round(proposal).assignments.select_related("unit", "round").get(unit_id=user.hat.unit_id)


@transaction.atomic
def acknowledge(*, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime) -> Proposal:
    """Acknowledge receipt for the user's unit. Raises as ``take`` does."""
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="acknowledge")
    assignment = _own_assignment(proposal, user)
    Assignment.objects.filter(pk=assignment.pk).update(acknowledged_at=now, acknowledged_by=user)
    casework.settle(case=case, act="acknowledge", unit=assignment.unit, actor=user, now=now)
    casework.log(case=case, actor=user, verb="acknowledge", sentence=f"{casework.actor_label(user)}签收本件", now=now)
    return proposal


@transaction.atomic
def record_contact(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    contacted_on: dt.date,
    way: str,
    summary: str,
) -> Contact:
    """Record how the unit contacted the deputy (代表法 51). Raises as ``take`` does, UnableToAct for a future day."""
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="contact")
    if contacted_on > timezone.localdate(now):
        raise UnableToAct("联系日期不能晚于今天。")
    if proposal.submitted_on and contacted_on < proposal.submitted_on:
        raise UnableToAct(f"联系日期不能早于提出日期（{spoken(proposal.submitted_on)}）。")
    if not summary.strip():
        raise UnableToAct("请写明沟通情况。")
    assignment = _own_assignment(proposal, user)
    contact = Contact.objects.create(
        assignment=assignment,
        contacted_on=contacted_on,
        way=ContactWay(way),
        summary=summary.strip(),
        recorded_at=now,
        recorded_by=user,
    )
    casework.log(
        case=case,
        actor=user,
        verb="contact",
        sentence=f"{casework.actor_label(user)}于{spoken(contacted_on)}联系代表（{contact.get_way_display()}）：{contact.summary}",
        now=now,
    )
    return contact


@transaction.atomic
def reply(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    replied_on: dt.date,
    document_no: str,
    outcome: OutcomeCategory,
    body: str,
) -> Reply:
    """Answer the deputy in writing; when every unit that answers has done so, the deputy owes the rating.

    Raises as ``take`` does (a reply without a recorded contact among them), and UnableToAct for a wrong date, a
    missing text, an outcome of another term or a document number that the unit used before.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="reply")
    assignment = _own_assignment(proposal, user)
    if replied_on > timezone.localdate(now):
        raise UnableToAct("答复日期不能晚于今天。")
    if assignment.assigned_on and replied_on < assignment.assigned_on:
        raise UnableToAct(f"答复日期不能早于交办日期（{spoken(assignment.assigned_on)}）。")
    if outcome.term_id != proposal.lead.term_id:
        raise UnableToAct("办理结果分类不属于本届，请重新选择。")
    if not body.strip():
        raise UnableToAct("请填写答复内容。")
    document_no = normalise_document_no(document_no)
    if len(document_no) > DOCUMENT_NO_LENGTH:
        raise UnableToAct(f"文号过长：最多 {DOCUMENT_NO_LENGTH} 个字符。")
    if document_no and Reply.objects.filter(assignment__unit=assignment.unit, document_no=document_no).exists():
        raise UnableToAct(f"文号「{document_no}」本单位已经用过，请核对。")
    row = Reply.objects.create(
        assignment=assignment,
        replied_on=replied_on,
        document_no=document_no,
        outcome=outcome,
        body=body.strip(),
        recorded_at=now,
        recorded_by=user,
    )
    casework.settle(case=case, act="reply", unit=assignment.unit, actor=user, now=now)
    number = f"，文号{document_no}" if document_no else ""
    casework.log(
        case=case,
        actor=user,
        verb="reply",
        sentence=f"{casework.actor_label(user)}答复代表{number}，办理结果：{outcome}",
        now=now,
    )
    if not assignment.round.assignments.filter(role__in=ANSWERING, replies__isnull=True).exists():
        _hand_to_deputy(case=case, proposal=proposal, user=user, now=now)
    return row


def _hand_to_deputy(*, case: Case, proposal: Proposal, user: User, now: dt.datetime) -> None:
    outcome = casework.outcome_of(case=case, code="pass")
    # What assisting units still owed ends with the reply of those who answer.
    casework.settle(case=case, act="acknowledge", actor=user, now=now, state=ObligationState.CANCELLED)
    step = casework.move(case=case, outcome=outcome, actor=user, now=now)
    if step is not None:
        casework.oblige(
            case=case,
            act="rate",
            verb=step.verb,
            owner=lead_owner(proposal.lead),
            from_label=user.hat.label,
            rule=outcome.deadline or step.deadline,
            now=now,
        )
