"""What the office keeps on record beside the steps: gates of quality, conversion, key items, what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from casework import services as casework
from casework.calendar import spoken
from casework.services import UnableToAct
from proposals.models import Gate, GateCheck, Milestone, MilestoneKind, Proposal, ProposalKind
from proposals.rules import required_signers, text_digest
from proposals.services.common import lead_owner, take
from proposals.services.reviewing import MEETING_LENGTH, check_meeting

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case

NOTE_LENGTH = 500
MILESTONE_LENGTH = 1000


def checked(text: str, *, what: str, limit: int, must: bool = True) -> str:
    """Return a text without blanks around it. Raises UnableToAct when it is missing or too long."""
    text = text.replace("\x00", "").strip()
    if must and not text:
        raise UnableToAct(f"请填写{what}。")
    if len(text) > limit:
        raise UnableToAct(f"{what}最多 {limit} 字，现在有 {len(text)} 字。")
    return text


@transaction.atomic
def pass_gates(
    *, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, gates: Collection[str], note: str = ""
) -> Proposal:
    """Record that a proposal under review has passed gates of quality (三关); each is recorded once.

    Raises as ``take`` does, and UnableToAct for no gate, an unknown one or one that was passed before.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="gate", now=now)
    note = checked(note, what="说明", limit=NOTE_LENGTH, must=False)
    if not gates or not set(gates) <= set(Gate.values):
        raise UnableToAct("请选择这次通过的关口。")
    known = proposal.gate_checks.filter(gate__in=gates).select_related("passed_by").first()
    if known is not None:
        on = spoken(timezone.localdate(known.passed_at))
        raise UnableToAct(f"{known}已由{known.passed_by}于{on}登记通过，不用再登记。")
    passed = [gate for gate in Gate if gate in gates]
    GateCheck.objects.bulk_create(
        GateCheck(proposal=proposal, gate=gate, note=note, passed_at=now, passed_by=user) for gate in passed
    )
    said = f"通过{'、'.join(gate.label for gate in passed)}" + (f"：{note}" if note else "")
    _log(case, user, "gate", said, now)
    return proposal


@transaction.atomic
def convert(*, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, reason: str) -> Proposal:
    """Make a bill under review a suggestion, or the other way round; number and step stay.

    A bill that does not come onto the agenda is handled as a suggestion (青岛 2, 重庆 11); a suggestion becomes a bill
    only with what a bill needs (组织法 22). Raises as ``take`` does, and UnableToAct when something of that is missing.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="convert", now=now)
    reason = checked(reason, what="转换的理由", limit=NOTE_LENGTH)
    if proposal.merged_into_id is not None or proposal.merged.exists():
        raise UnableToAct("本件已经并案，不能再转换类型。")
    before, signed = proposal.get_form_display(), text_digest(proposal)
    proposal.form = ProposalKind.BILL if proposal.form == ProposalKind.SUGGESTION else ProposalKind.SUGGESTION
    if proposal.form == ProposalKind.BILL:
        check_bill(proposal)
    else:
        # Who signed the bill stands by what is left of it; a bill, being more, would have to be signed as one.
        proposal.cosignatures.filter(text_digest=signed).update(text_digest=text_digest(proposal))
    Proposal.objects.filter(pk=proposal.pk).update(form=proposal.form)
    said = f"将本件由{before}转为{proposal.get_form_display()}：{reason}"
    _log(case, user, "convert", said, now)
    title = f"已由{before}转为{proposal.get_form_display()}：{proposal.title}"
    casework.inform(case=case, owner=lead_owner(proposal.lead), title=title, body=reason, now=now)
    return proposal


def check_bill(proposal: Proposal) -> None:
    """Raise UnableToAct for what a bill needs and is not there: signers by level, grounds and plan (组织法 22)."""
    missing = []
    needed = required_signers(proposal.congress.level)
    signed = 1 + proposal.cosignatures.signed().count() + proposal.paper_cosigners
    if signed < needed:
        missing.append(f"应有 {needed} 名以上代表联名（含领衔代表），现有 {signed} 名")
    parts = [("案由", proposal.body), ("案据", proposal.grounds), ("方案", proposal.plan)]
    missing += [f"没有写明{what}" for what, text in parts if not text.strip()]
    if missing:
        raise UnableToAct(f"不能转为议案：{'；'.join(missing)}（地方组织法第二十二条）。可以退回代表补充后再转。")


@transaction.atomic
def mark_key(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    meeting: str,
    decided_on: dt.date,
) -> Proposal:
    """Record that a council-of-chairpersons meeting made it an item of key supervision (代表法 52).

    Raises as ``take`` does, and UnableToAct for a missing meeting, an impossible date, or one that is a key item.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="key", now=now)
    if proposal.is_key:
        raise UnableToAct(f"本件已由{proposal.key_meeting}确定为重点督办建议。")
    meeting = checked(meeting, what="主任会议的名称", limit=MEETING_LENGTH)
    check_meeting(meeting, decided_on, proposal=proposal, now=now)
    Proposal.objects.filter(pk=proposal.pk).update(is_key=True, key_meeting=meeting, key_decided_on=decided_on)
    said = f"登记：{meeting}（{spoken(decided_on)}）确定本件为重点督办{proposal.get_form_display()}"
    _log(case, user, "key", said, now)
    title = f"已确定为重点督办：{proposal}"
    body = f"{meeting}（{spoken(decided_on)}）确定"
    casework.inform(case=case, owner=lead_owner(proposal.lead), title=title, body=body, now=now)
    proposal.refresh_from_db()
    return proposal


@transaction.atomic
def unmark_key(*, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, reason: str) -> Proposal:
    """Take back that it is a key item. Raises as ``take`` does, and UnableToAct without a reason."""
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="key", now=now)
    if not proposal.is_key:
        raise UnableToAct("本件不是重点督办件，不用取消。")
    reason = checked(reason, what="取消的理由", limit=NOTE_LENGTH)
    Proposal.objects.filter(pk=proposal.pk).update(is_key=False, key_meeting="", key_decided_on=None)
    said = f"取消重点督办（原由{proposal.key_meeting}，{spoken(proposal.key_decided_on)}确定）：{reason}"
    _log(case, user, "key", said, now)
    proposal.refresh_from_db()
    return proposal


@transaction.atomic
def add_milestone(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    kind: str,
    happened_on: dt.date,
    text: str,
    meeting: str = "",
) -> Milestone:
    """Add a line to what became of a registered item, also after it was closed; lines are never taken back.

    Raises as ``take`` does, and UnableToAct for an unknown kind, a missing text or an impossible date.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="milestone", now=now)
    if kind not in MilestoneKind.values:
        raise UnableToAct("请选择跟踪的事项。")
    if happened_on > timezone.localdate(now):
        raise UnableToAct("日期不能晚于今天：跟踪情况记已经发生的事。")
    if proposal.submitted_on and happened_on < proposal.submitted_on:
        raise UnableToAct(f"日期不能早于提出日期（{spoken(proposal.submitted_on)}）。")
    row = Milestone.objects.create(
        proposal=proposal,
        kind=kind,
        happened_on=happened_on,
        meeting=checked(meeting, what="会议名称", limit=MEETING_LENGTH, must=False),
        text=checked(text, what="情况", limit=MILESTONE_LENGTH),
        recorded_at=now,
        recorded_by=user,
    )
    where = f"，{row.meeting}" if row.meeting else ""
    said = f"登记跟踪情况：{spoken(happened_on)}{where}，{row.get_kind_display()}：{row.text}"
    _log(case, user, "milestone", said, now)
    return row


def _log(case: Case, user: User, verb: str, said: str, now: dt.datetime) -> None:
    casework.log(case=case, actor=user, verb=verb, sentence=f"{casework.actor_label(user)}{said}", now=now)
