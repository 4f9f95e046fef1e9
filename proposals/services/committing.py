"""What becomes of the commitments that units made: across years and terms, until they are kept."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from casework import services as casework
from casework.calendar import spoken
from casework.models import Obligation
from casework.services import UnableToAct
from proposals.documents import normalise_document_no, why_not_document_no
from proposals.models import (
    Commitment,
    CommitmentState,
    CommitmentStep,
    CommitmentStepKind,
    Grade,
)
from proposals.rules import RATED, rule_of
from proposals.services.common import lead_owner, take
from proposals.services.handling import own_assignment
from proposals.services.parts import checked_text, tell_unit
from proposals.services.promising import WITHIN, about_of, check_until, owe, promise
from proposals.services.requesting import extended_basis

if TYPE_CHECKING:
    from accounts.models import User
    from proposals.models import Proposal

TEXT_LENGTH = 2_000
Kind = CommitmentStepKind


@transaction.atomic
def commit(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    matter: str,
    responsible: str = "",
    due_on: dt.date | None,
) -> Commitment:
    """Register what the user's unit promised to settle by a day.

    Raises as ``take`` does, and UnableToAct for a missing matter or date, a date that has passed or lies more than
    ten years ahead, or the same matter twice.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="commit", now=now)
    part = own_assignment(proposal, user)
    row = promise(
        case=case,
        proposal=proposal,
        part=part,
        user=user,
        now=now,
        matter=matter,
        responsible=responsible,
        due_on=due_on,
    )
    casework.settle(case=case, act="commit", unit=part.unit, actor=user, now=now)
    return row


def _chosen(proposal: Proposal, commitment_id: int, *states: CommitmentState, **conditions: object) -> Commitment:
    """Return one of the proposal's commitments. Raises UnableToAct when it is not, or no longer, in such a state."""
    rows = Commitment.objects.select_related("unit", "assignment").filter(proposal=proposal, **conditions)
    row = rows.filter(pk=commitment_id).first()
    if row is None:
        raise UnableToAct("请选择承诺事项。")
    if states and row.state not in states:
        raise UnableToAct(f"这项承诺现在是“{row.get_state_display()}”，请刷新页面查看最新情况。")
    return row


def _add(row: Commitment, kind: Kind, text: str, *, user: User, now: dt.datetime, **more: object) -> CommitmentStep:
    return CommitmentStep.objects.create(
        commitment=row,
        kind=kind,
        text=text,
        recorded_at=now,
        recorded_by=user,
        **({"happened_on": timezone.localdate(now)} | more),
    )


def _text(text: str, missing: str) -> str:
    return checked_text(text, missing=missing, what="情况", longest=TEXT_LENGTH)


def _state(row: Commitment, state: CommitmentState, *, settled_on: dt.date | None = None) -> None:
    row.state, row.settled_on = state, settled_on
    row.save(update_fields=["state", "settled_on"])


@transaction.atomic
def report_commitment(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    commitment_id: int,
    kind: str,
    happened_on: dt.date,
    text: str,
    document_no: str = "",
) -> CommitmentStep:
    """Report, for the user's unit, how a commitment stands: progress, that it is kept, or why it cannot be.

    That it is kept is the second reply to the deputy (再次答复), with its document number where there is one; what
    cannot be kept is explained in writing (上海 23). Both wait for the office to verify them.
    Raises as ``take`` does, and UnableToAct for a commitment that is not the unit's to keep, a missing text, a day in
    the future or before the promise, or a wrong document number.
    """
    case, proposal = take(
        proposal_id=proposal_id, seen_version=seen_version, user=user, act="commitment-report", now=now
    )
    if kind not in (Kind.PROGRESS, Kind.CLAIM, Kind.EXPLAIN):
        raise UnableToAct("请选择报告什么：进展、已经落实，或者不能落实。")
    row = _chosen(proposal, commitment_id, CommitmentState.OPEN, unit_id=user.hat.unit_id)
    today = timezone.localdate(now)
    if happened_on > today:
        raise UnableToAct("日期不能晚于今天。")
    if happened_on < row.made_on:
        raise UnableToAct(f"日期不能早于承诺的日期（{spoken(row.made_on)}）。")
    number = normalise_document_no(document_no)
    if number and (wrong := why_not_document_no(number, replied_on=happened_on)):
        raise UnableToAct(wrong)
    text = _text(text, "请写明落实情况。")
    step = _add(row, Kind(kind), text, user=user, now=now, happened_on=happened_on, document_no=number)
    said = f"{casework.actor_label(user)}{step.get_kind_display()}「{row.matter}」"
    casework.log(
        case=case,
        actor=user,
        verb=f"commitment-{kind}",
        sentence=f"{said}{f'，文号{number}' if number else ''}：{text}",
        data={"commitment": row.pk},
        now=now,
    )
    if kind != Kind.PROGRESS:
        _state(row, CommitmentState.CLAIMED)
        casework.settle(case=case, act="commitment", about=about_of(row), actor=user, now=now)
        casework.oblige(
            case=case,
            act="commitment-verify",
            verb="核实承诺落实" if kind == Kind.CLAIM else "核实承诺不能落实",
            about=about_of(row),
            owner=casework.role_owner(Role.STAFF),
            from_label=row.unit.name,
            rule=WITHIN,
            now=now,
        )
    title = f"承诺{step.get_kind_display()}：{case}"
    casework.inform(case=case, owner=lead_owner(proposal.lead), title=title, body=f"{row.unit}：{text}", now=now)
    return step


@transaction.atomic
def verify_commitment(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    commitment_id: int,
    agreed: bool,
    text: str = "",
) -> Commitment:
    """Verify what a unit says of a commitment: it counts as kept, or as given up, or is sent back to go on.

    Where the rules ask for it the lead deputy then owes a judgement of how it was kept (重庆 28). Raises as ``take``
    does, and UnableToAct for a commitment that does not wait for it, or one sent back without a reason.
    """
    case, proposal = take(
        proposal_id=proposal_id, seen_version=seen_version, user=user, act="commitment-verify", now=now
    )
    row = _chosen(proposal, commitment_id, CommitmentState.CLAIMED)
    claim = row.steps.filter(kind__in=[Kind.CLAIM, Kind.EXPLAIN]).order_by("-pk").first()
    text = text.strip() if agreed else _text(text, "退回的，请写明还要做什么。")
    if len(text) > TEXT_LENGTH:
        raise UnableToAct(f"情况最多 {TEXT_LENGTH} 字，现有 {len(text)} 字。")
    kept = claim.kind == Kind.CLAIM
    _add(row, Kind.CONFIRM if agreed else Kind.SEND_BACK, text, user=user, now=now)
    casework.settle(case=case, act="commitment-verify", about=about_of(row), actor=user, now=now)
    if not agreed:
        became = f"退回「{row.matter}」，请继续落实"
        _state(row, CommitmentState.OPEN)
        owe(case=case, row=row, from_label=user.hat.label, now=now)
    else:
        became = f"核实「{row.matter}」{'已经落实' if kept else '不能落实，不再跟踪'}"
        state = CommitmentState.KEPT if kept else CommitmentState.DROPPED
        _state(row, state, settled_on=claim.happened_on)
    note = f"：{text}" if text else ""
    casework.log(
        case=case,
        actor=user,
        verb="commitment-verify" if agreed else "commitment-send-back",
        sentence=f"{casework.actor_label(user)}{became}{note}",
        data={"commitment": row.pk},
        now=now,
    )
    tell_unit(case=case, unit=row.unit, title=f"承诺核实结果：{case}", body=f"{became}{note}", now=now)
    if agreed:
        within = rule_of(proposal.rules, "commitment_feedback")
        if kept and within.rule:
            casework.oblige(
                case=case,
                act="commitment-rate",
                verb="评价承诺落实",
                about=about_of(row),
                owner=lead_owner(proposal.lead),
                from_label=user.hat.label,
                rule=within.rule,
                rolls=within.rolls,
                source=within.source,
                now=now,
            )
        else:
            casework.inform(
                case=case, owner=lead_owner(proposal.lead), title=f"承诺核实结果：{case}", body=became, now=now
            )
    return row


@transaction.atomic
def change_commitment(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    commitment_id: int,
    due_on: dt.date,
    reason: str,
) -> Commitment:
    """Put the date of a commitment off, or bring it forward; the date before stays on record.

    Raises as ``take`` does, and UnableToAct for a commitment that is settled, a missing reason or a date that is the
    same, has passed or lies more than ten years ahead.
    """
    case, proposal = take(
        proposal_id=proposal_id, seen_version=seen_version, user=user, act="commitment-change", now=now
    )
    row = _chosen(proposal, commitment_id, CommitmentState.OPEN, CommitmentState.CLAIMED)
    reason = _text(reason, "请写明调整期限的理由。")
    check_until(due_on, timezone.localdate(now))
    if due_on == row.due_on:
        raise UnableToAct(f"现在的期限就是{spoken(due_on)}，没有变化。")
    before, row.due_on = row.due_on, due_on
    _add(row, Kind.RESCHEDULE, reason, user=user, now=now, due_before=before, due_on=due_on)
    row.save(update_fields=["due_on"])
    changed = f"将承诺「{row.matter}」的期限由{spoken(before)}调整为{spoken(due_on)}"
    owed = Obligation.objects.open().filter(case=case.pk, act="commitment", about=about_of(row)).first()
    if owed is not None:
        said = f"{spoken(timezone.localdate(now))}{user.hat.label}调整为{spoken(due_on)}"
        owed.due_on, owed.due_basis = due_on, extended_basis(owed.due_basis, before, said)
        owed.save(update_fields=["due_on", "due_basis"])
    casework.log(
        case=case,
        actor=user,
        verb="commitment-change",
        sentence=f"{casework.actor_label(user)}{changed}。理由：{reason}",
        data={"commitment": row.pk},
        now=now,
    )
    tell_unit(case=case, unit=row.unit, title=f"承诺期限有调整：{case}", body=changed, now=now)
    casework.inform(case=case, owner=lead_owner(proposal.lead), title=f"承诺期限有调整：{case}", body=changed, now=now)
    return row


@transaction.atomic
def look_back(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    commitment_id: int,
    happened_on: dt.date,
    text: str,
) -> CommitmentStep:
    """Record that the office went back to see what became of a commitment (B类回头督).

    Raises as ``take`` does, and UnableToAct for a missing text, or a day in the future or before the promise.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="look-back", now=now)
    row = _chosen(proposal, commitment_id)
    text = _text(text, "请写明回头督的情况。")
    if happened_on > timezone.localdate(now) or happened_on < row.made_on:
        raise UnableToAct(f"回头督的日期应当在承诺的日期（{spoken(row.made_on)}）和今天之间。")
    step = _add(row, Kind.LOOK_BACK, text, user=user, now=now, happened_on=happened_on)
    casework.settle(case=case, act="look-back", about=about_of(row), actor=user, now=now)
    casework.log(
        case=case,
        actor=user,
        verb="look-back",
        sentence=f"{casework.actor_label(user)}于{spoken(happened_on)}回头督「{row.matter}」：{text}",
        data={"commitment": row.pk},
        changes_case=False,
        now=now,
    )
    title, body = f"回头督：{case}", f"{row.matter}：{text}"
    tell_unit(case=case, unit=row.unit, title=title, body=body, now=now, about=f"commitment-step:{step.pk}")
    return step


@transaction.atomic
def rate_commitment(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    commitment_id: int,
    grade: str,
    text: str = "",
) -> Commitment:
    """Record how the lead deputy judges that a commitment was kept (重庆 28).

    A dissatisfied one says why, and the office looks into it. Raises as ``take`` does, and UnableToAct for an unknown
    grade, dissatisfaction without words, or a commitment that does not wait for it.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="commitment-rate", now=now)
    row = _chosen(proposal, commitment_id, CommitmentState.KEPT)
    if grade not in RATED:
        raise UnableToAct("请选择满意、基本满意或者不满意。")
    if row.rating or not casework.settle(case=case, act="commitment-rate", about=about_of(row), actor=user, now=now):
        raise UnableToAct("这项承诺的落实已经评价过，不能重复评价。")
    text = text.strip()
    if grade == Grade.DISSATISFIED:
        text = _text(text, "评价为不满意的，请写明具体意见。")
    elif len(text) > TEXT_LENGTH:
        raise UnableToAct(f"意见最多 {TEXT_LENGTH} 字，现有 {len(text)} 字。")
    row.rating = grade
    row.save(update_fields=["rating"])
    label = Grade(grade).label
    _add(row, Kind.RATE, f"{label}。{text}" if text else label, user=user, now=now)
    by_proxy = "" if proposal.lead.person.user_id == user.pk else f"代{proposal.lead.person.name}代表"
    casework.log(
        case=case,
        actor=user,
        verb="commitment-rate",
        sentence=f"{casework.actor_label(user)}{by_proxy}评价承诺「{row.matter}」的落实：{label}{f'；意见：{text}' if text else ''}",
        data={"commitment": row.pk},
        now=now,
    )
    if grade == Grade.DISSATISFIED:
        casework.oblige(
            case=case,
            act="look-back",
            verb="回头督",
            about=about_of(row),
            owner=casework.role_owner(Role.STAFF),
            from_label=f"{proposal.lead.person.name}代表",
            rule=WITHIN,
            now=now,
        )
    return row
