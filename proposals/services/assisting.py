"""What assisting units tell the lead one (协办意见), and what that sends back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from casework import services as casework
from casework.calendar import spoken
from casework.models import Act
from casework.queries import work_calendar
from casework.services import UnableToAct
from proposals.models import Assignment, AssistOpinion, Proposal
from proposals.rules import before, rule_of
from proposals.services.assigning import ANSWERING
from proposals.services.common import latest_round, take, unit_owner
from proposals.services.handling import own_assignment
from proposals.services.parts import NOTE_LENGTH, checked_text, tell_unit
from proposals.services.replacing import go_on

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case

OPINION_LENGTH = 20_000


@transaction.atomic
def give_opinion(
    *, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, body: str
) -> AssistOpinion:
    """Tell the lead unit the opinion of the user's assisting unit.

    In a step that waits for the opinions the last one lets the case go on. Raises as ``take`` does, and UnableToAct
    for a missing text.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="opinion", now=now)
    part = own_assignment(proposal, user)
    body = checked_text(body, missing="请填写协办意见。", what="协办意见", longest=OPINION_LENGTH)
    row = AssistOpinion.objects.create(assignment=part, body=body, given_at=now, given_by=user)
    casework.settle(case=case, act="opinion", unit=part.unit, actor=user, now=now)
    casework.log(
        case=case, actor=user, verb="opinion", sentence=f"{casework.actor_label(user)}提出协办意见：{body}", now=now
    )
    for lead in part.round.assignments.in_force().filter(role__in=ANSWERING).select_related("unit"):
        tell_unit(case=case, unit=lead.unit, title=f"收到协办意见：{case}", body=f"{part.unit}：{body[:200]}", now=now)
    if case.step.act == Act.ASSIST:
        go_on(case=case, proposal=proposal, round_=part.round, user=user, now=now)
    return row


@transaction.atomic
def send_back_opinion(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    opinion_id: int,
    reason: str,
) -> AssistOpinion:
    """Send an opinion back to its assisting unit, which owes it anew; the step of the case stays.

    Raises as ``take`` does (after the unit's own reply among others), and UnableToAct for an opinion that was sent
    back already or a missing reason.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="send-back", now=now)
    own = own_assignment(proposal, user)
    standing = AssistOpinion.objects.filter(
        assignment__round=latest_round(proposal), assignment__ended_at__isnull=True, sent_back_at__isnull=True
    )
    row = standing.select_related("assignment__unit").filter(pk=opinion_id).first()
    if row is None:
        raise UnableToAct("请选择要退回的协办意见：已经退回的不能再退回。")
    reason = checked_text(
        reason, missing="请写明退回的理由，协办单位才知道怎样补充。", what="退回理由", longest=NOTE_LENGTH
    )
    row.sent_back_at, row.sent_back_why = now, reason
    row.save(update_fields=["sent_back_at", "sent_back_why"])
    casework.log(
        case=case,
        actor=user,
        verb="send-back",
        sentence=f"{casework.actor_label(user)}退回{row.assignment.unit}的协办意见：{reason}",
        now=now,
    )
    _owe_again(case=case, proposal=proposal, own=own, part=row.assignment, user=user, now=now)
    return row


def _owe_again(
    *, case: Case, proposal: Proposal, own: Assignment, part: Assignment, user: User, now: dt.datetime
) -> None:
    """Let the assisting unit owe its opinion by the rules, else by the date that it had, before the lead's own date."""
    today = timezone.localdate(now)
    owed = {
        "case": case,
        "act": "opinion",
        "verb": "重新提出协办意见",
        "owner": unit_owner(part.unit),
        "from_label": user.hat.label,
        "now": now,
    }
    latest = max(before(own.due_on, work_calendar(today)), today) if own.due_on else None
    again = rule_of(proposal.rules, "assist_redo")
    due = casework.compute_due(start=today, rule=again.rule, rolls=again.rolls, source=again.source)
    if due is not None and (latest is None or due.on <= latest):
        casework.oblige(rule=again.rule, rolls=again.rolls, source=again.source, **owed)
        return
    had = case.obligations.filter(act="opinion", owner_unit=part.unit).order_by("-pk").first()
    if due is None and had is not None and had.due_on is not None and had.due_on >= today:
        casework.oblige(due_on=had.due_on, basis=f"退回重提，期限不变：{had.due_basis}"[:300], **owed)
        return
    basis = f"应当早于主办单位的答复期限{spoken(own.due_on)}" if own.due_on else ""
    casework.oblige(due_on=latest, basis=basis, **owed)
