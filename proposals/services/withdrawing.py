"""Withdrawal by the lead deputy, by some rules only with the consent of everybody who signed (上海 16)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Role, User
from casework import services as casework
from casework.calendar import spoken
from casework.models import ObligationState
from casework.services import UnableToAct
from notices import services as notices
from proposals.models import (
    Consent,
    Cosignature,
    Distribution,
    Proposal,
    Withdrawal,
    WithdrawalConsent,
)
from proposals.services.common import latest_round, lead_owner, take
from proposals.services.merging import release_merged
from proposals.services.parts import void_requests
from proposals.services.signing import about, deputy_owner

if TYPE_CHECKING:
    from casework.models import Case

REASON_LENGTH = 400


def must_consent(proposal: Proposal) -> list[Cosignature]:
    """Return the co-signers without whose consent the proposal cannot be withdrawn. One query where the rules ask."""
    if proposal.rules is None or not proposal.rules.withdrawal_needs_consent:
        return []
    signed = proposal.cosignatures.signed().exclude(seat=proposal.lead)
    return list(signed.select_related("seat__person__user").order_by("pk"))


@transaction.atomic
def withdraw(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    reason: str,
    paper_on: dt.date | None = None,
) -> Proposal:
    """Withdraw a proposal, or ask the co-signers for their consent where the rules demand it.

    Staff enter what the deputy handed in on paper, with its date ``paper_on``. A withdrawn proposal stays in the duty
    ledger: it was led and signed, whatever became of it. Raises as ``take`` does, UnableToAct without a reason.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="withdraw", now=now)
    reason = _checked_reason(proposal, user, reason, paper_on, timezone.localdate(now))
    withdrawal = Withdrawal.objects.create(proposal=proposal, reason=reason, asked_at=now, asked_by=user)
    signers = must_consent(proposal)
    if not signers:
        _carry_out(case=case, proposal=proposal, withdrawal=withdrawal, user=user, now=now)
        return Proposal.objects.get(pk=proposal.pk)
    WithdrawalConsent.objects.bulk_create(WithdrawalConsent(withdrawal=withdrawal, seat=row.seat) for row in signers)
    casework.log(
        case=case,
        actor=user,
        verb="withdraw",
        sentence=f"{casework.actor_label(user)}申请撤回本件，征求{len(signers)}名联名代表的意见：{reason}",
        now=now,
    )
    for row in signers:
        casework.oblige(
            case=case,
            act="consent",
            verb="答复撤回意见",
            about=about(row.seat),
            owner=deputy_owner(row.seat),
            from_label=lead_owner(proposal.lead).label,
            now=now,
        )
    return Proposal.objects.get(pk=proposal.pk)


def _checked_reason(proposal: Proposal, user: User, reason: str, paper_on: dt.date | None, today: dt.date) -> str:
    reason = reason.strip()
    if not reason:
        raise UnableToAct("请写明撤回理由。")
    if len(reason) > REASON_LENGTH:
        raise UnableToAct(f"撤回理由最多 {REASON_LENGTH} 字。")
    if user.hat.role != Role.STAFF:
        return reason
    if paper_on is None:
        raise UnableToAct("代录撤回应当填写书面撤回材料的日期。")
    if not proposal.submitted_on <= paper_on <= today:
        raise UnableToAct("书面撤回材料的日期应当在提出日期和今天之间。")
    return f"{reason}（代表书面撤回，{spoken(paper_on)}）"


@transaction.atomic
def answer_withdrawal(
    *, proposal_id: int, user: User, now: dt.datetime, agrees: bool, seat_id: int | None = None
) -> Proposal:
    """Say for a co-signer whether the proposal may be withdrawn: the last consent closes it, one refusal keeps it going.

    A deputy answers for himself; staff enter the answer on paper of the seat ``seat_id``. The same answer twice is one.
    Raises as ``take`` does, UnableToAct where nobody waits for this answer.
    """
    casework.lock_case(case_id=proposal_id, seen_version=None)
    answer = Consent.AGREED if agrees else Consent.REFUSED
    mine = Q(seat=seat_id) if seat_id is not None else Q(seat__person__user=user)
    asked = WithdrawalConsent.objects.filter(mine, withdrawal__proposal=proposal_id).select_related("seat__person")
    known = asked.order_by("-pk").first()
    is_own = seat_id is None or (known is not None and known.recorded_by_id == user.pk)
    if known is not None and known.answer == answer and is_own:
        return Proposal.objects.get(pk=proposal_id)
    case, proposal = take(proposal_id=proposal_id, seen_version=None, user=user, act="consent", now=now)
    if known is None or known.answer != Consent.WAITING or not (seat_id is None or user.hat.role == Role.STAFF):
        raise UnableToAct("没有在等待这名代表的意见，请看最新情况。")
    by_staff = user if seat_id is not None else None
    WithdrawalConsent.objects.filter(pk=known.pk).update(answer=answer, answered_at=now, recorded_by=by_staff)
    casework.settle(case=case, act="consent", about=about(known.seat), actor=user, now=now)
    who = f"{known.seat.person.name}代表"
    word = "同意" if agrees else "不同意"
    said = f"{casework.actor_label(user)}代录：{who}书面表示{word}撤回" if by_staff else f"{who}{word}撤回"
    casework.log(case=case, actor=user, verb="consent", sentence=said, now=now, changes_case=not agrees)
    withdrawal = known.withdrawal
    if not agrees:
        _refuse(case=case, proposal=proposal, withdrawal=withdrawal, said=said, now=now)
    elif not withdrawal.consents.exclude(answer=Consent.AGREED).exists():
        _carry_out(case=case, proposal=proposal, withdrawal=withdrawal, user=user, now=now)
    return Proposal.objects.get(pk=proposal.pk)


def _refuse(*, case: Case, proposal: Proposal, withdrawal: Withdrawal, said: str, now: dt.datetime) -> None:
    Withdrawal.objects.filter(pk=withdrawal.pk).update(state=Consent.REFUSED, settled_at=now)
    casework.settle(case=case, act="consent", actor=None, now=now, state=ObligationState.CANCELLED)
    casework.log(case=case, actor=None, verb="withdraw", sentence="联名代表没有一致同意，本件不撤回，继续办理", now=now)
    casework.inform(
        case=case,
        owner=lead_owner(proposal.lead),
        title=f"没有撤回：{case}",
        body=f"{said}，本件继续办理。",
        now=now,
    )


def _carry_out(*, case: Case, proposal: Proposal, withdrawal: Withdrawal, user: User, now: dt.datetime) -> None:
    """Close the case as withdrawn, whoever it is with, and let go what was merged into it."""
    Withdrawal.objects.filter(pk=withdrawal.pk).update(state=Consent.AGREED, settled_at=now)
    consented = withdrawal.consents.exists()
    said = "联名代表一致同意，本件撤回" if consented else f"{casework.actor_label(user)}撤回本件"
    said = f"{said}：{withdrawal.reason}"
    casework.log(case=case, actor=None if consented else user, verb="withdraw", sentence=said, now=now)
    _tell(case=case, proposal=proposal, user=user, said=said, now=now)
    round_ = latest_round(proposal)
    if round_ is not None:
        void_requests(case=case, parts=round_.assignments.in_force(), user=user, now=now)
    casework.close(case=case, closed_as="withdrawn", actor=user, now=now)
    release_merged(main=proposal, became="已经撤回", now=now)


def _tell(*, case: Case, proposal: Proposal, user: User, said: str, now: dt.datetime) -> None:
    """Tell everybody in whose hands it was: office, township, units, the lead deputy and those who signed."""
    round_ = latest_round(proposal)
    owed = (
        case.obligations.open().filter(owner_unit__isnull=True, owner_user__isnull=True).exclude(owner_role=Role.DEPUTY)
    )
    who = Q(person=proposal.lead.person)
    who |= Q(person__seats__in=proposal.cosignatures.signed().values("seat"))
    who |= Q(memberships__role=Role.STAFF, memberships__congress=proposal.congress_id)
    for role, congress in owed.values_list("owner_role", "owner_congress"):
        who |= Q(memberships__role=role, memberships__congress=congress)
    if round_ is not None:
        who |= Q(memberships__unit__in=round_.assignments.in_force().values("unit"))
        if Distribution.objects.filter(round=round_).exists():
            who |= Q(memberships__role=Role.GOV_OFFICE, memberships__congress=proposal.congress_id)
    told = User.objects.filter(who, is_active=True).exclude(pk=user.pk).distinct().order_by("pk")
    notices.tell(
        rule="inform",
        object_key=f"case:{case.pk}:{case.version}",
        due_on=timezone.localdate(now),
        recipients=told,
        title=f"已撤回：{case}",
        body=said,
        url=case.get_absolute_url(),
        now=now,
    )
