"""What a unit asks for in its part: to be relieved of it (退办), or a later date for its reply (延期)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from casework import services as casework
from casework.calendar import spoken
from casework.models import Act, Obligation
from casework.queries import work_calendar
from casework.services import Owner, UnableToAct
from proposals.abilities import waiting_requests
from proposals.models import (
    Approver,
    Assignment,
    AssignmentRole,
    EndedAs,
    ExtensionRequest,
    Period,
    RequestState,
    ReturnRequest,
)
from proposals.rules import Deadline, before, deadline_of, limit_of, rule_of
from proposals.services.assigning import ANSWERING
from proposals.services.common import latest_round, lead_owner, take
from proposals.services.handling import own_assignment
from proposals.services.parts import (
    NOTE_LENGTH,
    SIGNER_LENGTH,
    checked_new_unit,
    checked_text,
    end_part,
    giver_of,
    tell_unit,
)
from proposals.services.replacing import anew, date_of_lead, go_on, replace_part

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Unit
    from casework.models import Case
    from proposals.models import Proposal

BASIS_LENGTH = 300
DECIDED = "这份申请已经处理，请刷新页面查看最新情况。"


def return_decided_within(proposal: Proposal) -> Deadline:
    """Return how long a request to return waits at most: as the rules say, else as long as an assignment takes."""
    within = rule_of(proposal.rules, "reassign")
    if within.rule:
        return within
    step = proposal.procedure.steps.filter(act=Act.ASSIGN).earliest("position")
    return deadline_of(step, proposal.rules, in_session=proposal.period == Period.IN_SESSION)


@transaction.atomic
def ask_return(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    reason: str,
    signed_by: str,
    suggested_unit: Unit | None = None,
) -> ReturnRequest:
    """Ask, for the user's unit, to be relieved of a part that is not its own; who gave it decides.

    Raises as ``take`` does (too late by the rules among them), and UnableToAct for a missing reason or signature or a
    unit that cannot take the part.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="return", now=now)
    part = own_assignment(proposal, user)
    reason = checked_text(reason, missing="请写明退办的理由。", what="退办理由")
    signed_by = checked_text(signed_by, missing="请填写单位负责人。", what="单位负责人", longest=SIGNER_LENGTH)
    if suggested_unit is not None:
        checked_new_unit(proposal, part, suggested_unit)
    row = ReturnRequest.objects.create(
        assignment=part,
        reason=reason,
        signed_by=signed_by,
        suggested_unit=suggested_unit,
        requested_at=now,
        requested_by=user,
    )
    within = return_decided_within(proposal)
    casework.oblige(
        case=case,
        act="decide-return",
        verb="审批退办",
        about=f"return:{row.pk}",
        owner=giver_of(part),
        from_label=part.unit.name,
        rule=within.rule,
        rolls=within.rolls,
        source=within.source,
        now=now,
    )
    suggested = f"，建议改由{suggested_unit}承办" if suggested_unit else ""
    casework.log(
        case=case,
        actor=user,
        verb="return",
        sentence=f"{casework.actor_label(user)}申请退办{suggested}。理由：{reason}（单位负责人：{signed_by}）",
        now=now,
    )
    return row


@dataclass(frozen=True)
class _Verdict:
    agreed: bool
    note: str
    user: User
    now: dt.datetime

    def fields(self) -> dict[str, object]:
        return {
            "state": RequestState.GRANTED if self.agreed else RequestState.REFUSED,
            "decided_at": self.now,
            "decided_by": self.user,
            "decision_note": self.note,
        }

    @property
    def said(self) -> str:
        return f"。意见：{self.note}" if self.note else ""


def _verdict(*, agreed: bool, note: str, user: User, now: dt.datetime) -> _Verdict:
    note = note.strip()
    if not agreed:
        note = checked_text(note, missing="不同意的，请写明理由。", what="审批意见", longest=NOTE_LENGTH)
    elif len(note) > NOTE_LENGTH:
        raise UnableToAct(f"审批意见最多 {NOTE_LENGTH} 字，现有 {len(note)} 字。")
    return _Verdict(agreed, note, user, now)


def _waiting(proposal: Proposal, user: User, request_id: int, *, of_extensions: bool) -> ReturnRequest:
    round_ = latest_round(proposal)
    rows = waiting_requests(user, proposal.rules, round_, of_extensions=of_extensions)
    row = rows.select_related("assignment__unit", "assignment__round").filter(pk=request_id).first()
    if row is None:
        raise UnableToAct(DECIDED)
    return row


@transaction.atomic
def decide_return(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    request_id: int,
    agreed: bool,
    note: str = "",
    unit: Unit | None = None,
) -> ReturnRequest:
    """Decide on a unit's request to return: refuse it, or agree and give the part to another unit at once.

    No other unit is needed for an assisting part, nor where other units answer the deputy. Raises as ``take`` does,
    and UnableToAct for a request that was decided, a refusal without a reason or a unit that cannot take the part.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="decide-return", now=now)
    verdict = _verdict(agreed=agreed, note=note, user=user, now=now)
    row = _waiting(proposal, user, request_id, of_extensions=False)
    part, round_ = row.assignment, row.assignment.round
    if agreed and unit is not None:
        checked_new_unit(proposal, part, unit)
    elif agreed and part.role in ANSWERING:
        others = round_.assignments.in_force().filter(role__in=ANSWERING).exclude(pk=part.pk)
        if not others.exists():
            raise UnableToAct("退办后没有单位答复代表，请选择改由哪个单位承办。")
    ReturnRequest.objects.filter(pk=row.pk).update(**verdict.fields())
    casework.settle(case=case, act="decide-return", about=f"return:{row.pk}", actor=user, now=now)
    role = part.get_role_display()
    then = ""
    if agreed:
        then = f"，{role}任务改由{unit}承办{anew(proposal, part, now)}" if unit else f"，不再另定{role}单位"
    word = "同意" if agreed else "不同意"
    sentence = f"{casework.actor_label(user)}{word}{part.unit}退办{then}{verdict.said}"
    casework.log(case=case, actor=user, verb="decide-return", sentence=sentence, now=now)
    if not agreed:
        body = f"请继续办理。理由：{verdict.note}"
        tell_unit(case=case, unit=part.unit, title=f"退办申请未获同意：{case}", body=body, now=now)
        return row
    if unit is not None:
        replace_part(case=case, proposal=proposal, part=part, unit=unit, ended_as=EndedAs.RETURNED, user=user, now=now)
    else:
        end_part(case=case, part=part, ended_as=EndedAs.RETURNED, user=user, now=now)
    tell_unit(case=case, unit=part.unit, title=f"已同意退办：{case}", body="你单位不再承办本件。", now=now)
    changed = f"{part.unit}退办{then}"
    casework.inform(case=case, owner=lead_owner(proposal.lead), title=f"承办单位有调整：{case}", body=changed, now=now)
    go_on(case=case, proposal=proposal, round_=round_, user=user, now=now)
    return row


@dataclass(frozen=True)
class ExtensionLimit:
    """The latest date to which a part may be put off, and the words that say why."""

    on: dt.date
    basis: str


def reply_owed(case: Case, part: Assignment) -> Obligation | None:
    """Return the reply that a unit still owes."""
    return case.obligations.open().filter(act="reply", owner_unit=part.unit_id).first()


def extension_limit(proposal: Proposal, part: Assignment) -> ExtensionLimit:
    """Return until when a unit's reply may be put off in all, however often; the part has a due date.

    The time runs from the same day as that of the reply: with two levels from the committee's assignment.
    """
    owed = reply_owed(proposal, part)
    start = owed.start_on if owed else part.assigned_on
    first = part.extension_requests.filter(state=RequestState.GRANTED).order_by("pk").first()
    due_on = first.due_before if first else part.due_on
    on, basis = limit_of(proposal.rules, work_calendar(start), assigned_on=start or due_on, due_on=due_on)
    return ExtensionLimit(on, basis)


def extension_approver(proposal: Proposal, part: Assignment) -> Owner:
    """Return who grants a unit a later date: the commission where the rules say so, else who gave it its part."""
    if proposal.rules is not None and proposal.rules.extend_approver == Approver.COMMISSION:
        return casework.role_owner(Role.STAFF)
    return giver_of(part)


@transaction.atomic
def ask_extension(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    wanted_until: dt.date,
    reason: str,
    signed_by: str,
) -> ExtensionRequest:
    """Ask, for the user's unit, for a later date of its reply.

    Raises as ``take`` does (after the due date among others), and UnableToAct for a date that is not later or goes
    beyond the limit of the rules, a missing reason or signature.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="extend", now=now)
    part = own_assignment(proposal, user)
    reason = checked_text(reason, missing="请写明延期的理由。", what="延期理由")
    signed_by = checked_text(signed_by, missing="请填写单位负责人。", what="单位负责人", longest=SIGNER_LENGTH)
    _check_until(wanted_until, part, extension_limit(proposal, part), "申请延至的日期")
    row = ExtensionRequest.objects.create(
        assignment=part,
        reason=reason,
        signed_by=signed_by,
        due_before=part.due_on,
        wanted_until=wanted_until,
        requested_at=now,
        requested_by=user,
    )
    today = timezone.localdate(now)
    casework.oblige(
        case=case,
        act="decide-extension",
        verb="审批延期",
        about=f"extension:{row.pk}",
        owner=extension_approver(proposal, part),
        from_label=part.unit.name,
        due_on=max(before(part.due_on, work_calendar(today)), today),
        basis=f"应当在原答复期限{spoken(part.due_on)}届满前审批",
        now=now,
    )
    casework.log(
        case=case,
        actor=user,
        verb="extend",
        sentence=(
            f"{casework.actor_label(user)}申请将答复期限由{spoken(part.due_on)}延至{spoken(wanted_until)}。"
            f"理由：{reason}（单位负责人：{signed_by}）"
        ),
        now=now,
    )
    return row


def _check_until(until: dt.date | None, part: Assignment, limit: ExtensionLimit, what: str) -> None:
    if until is None:
        raise UnableToAct(f"请填写{what}。")
    if limit.on <= part.due_on:
        raise UnableToAct(f"现在的答复期限{spoken(part.due_on)}已是最长期限，不能再延（{limit.basis}）。")
    if until <= part.due_on:
        raise UnableToAct(f"{what}应当晚于现在的答复期限{spoken(part.due_on)}。")
    if until > limit.on:
        raise UnableToAct(f"{what}最迟为{spoken(limit.on)}：{limit.basis}。")


@transaction.atomic
def decide_extension(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    request_id: int,
    agreed: bool,
    granted_until: dt.date | None = None,
    note: str = "",
) -> ExtensionRequest:
    """Decide on a unit's request for a later date: refuse it, or grant a date, which the calendar no longer moves.

    Raises as ``take`` does, and UnableToAct for a request that was decided, a refusal without a reason, or a date
    that is not later than the present one, has passed or goes beyond the limit of the rules.
    """
    case, proposal = take(
        proposal_id=proposal_id, seen_version=seen_version, user=user, act="decide-extension", now=now
    )
    verdict = _verdict(agreed=agreed, note=note, user=user, now=now)
    row = _waiting(proposal, user, request_id, of_extensions=True)
    part = row.assignment
    if agreed:
        _check_until(granted_until, part, extension_limit(proposal, part), "批准延至的日期")
        if granted_until < timezone.localdate(now):
            raise UnableToAct("批准延至的日期已经过去，请重新选择。")
    ExtensionRequest.objects.filter(pk=row.pk).update(
        granted_until=granted_until if agreed else None, **verdict.fields()
    )
    casework.settle(case=case, act="decide-extension", about=f"extension:{row.pk}", actor=user, now=now)
    if agreed:
        what = f"同意{part.unit}的答复期限由{spoken(part.due_on)}延至{spoken(granted_until)}"
    else:
        what = f"不同意{part.unit}延期，答复期限仍为{spoken(part.due_on)}"
    sentence = f"{casework.actor_label(user)}{what}{verdict.said}"
    casework.log(case=case, actor=user, verb="decide-extension", sentence=sentence, now=now)
    if not agreed:
        body = f"答复期限仍为{spoken(part.due_on)}。理由：{verdict.note}"
        tell_unit(case=case, unit=part.unit, title=f"延期申请未获同意：{case}", body=body, now=now)
        return row
    _move_date(case=case, part=part, until=granted_until, user=user, now=now)
    body = f"答复期限延至{spoken(granted_until)}"
    tell_unit(case=case, unit=part.unit, title=f"已同意延期：{case}", body=body, now=now)
    casework.inform(
        case=case, owner=lead_owner(proposal.lead), title=f"答复延期：{case}", body=f"{part.unit}{body}", now=now
    )
    return row


def _move_date(*, case: Case, part: Assignment, until: dt.date, user: User, now: dt.datetime) -> None:
    Assignment.objects.filter(pk=part.pk).update(due_on=until)
    if part.role == AssignmentRole.LEAD:
        date_of_lead(part.round, until)
    owed = reply_owed(case, part)
    if owed is None:
        return
    said = f"{spoken(timezone.localdate(now))}{user.hat.label}同意延期至{spoken(until)}"
    # A date set by hand no longer moves with the calendar.
    Obligation.objects.filter(pk=owed.pk).update(
        due_on=until,
        due_basis=extended_basis(owed.due_basis, part.due_on, said),
        rule="",
        rule_source="",
        is_provisional=False,
    )


def extended_basis(basis: str, due_on: dt.date, said: str) -> str:
    """Return how a date came about that was put off: the first date with its reason, then each extension in turn."""
    first = basis if basis.startswith("原期限") else f"原期限{spoken(due_on)}：{basis}"
    story = f"{first}；{said}"
    if len(story) > BASIS_LENGTH:
        story = f"{first[: BASIS_LENGTH - len(said) - 2]}…；{said}"
    return story
