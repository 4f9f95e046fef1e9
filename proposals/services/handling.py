"""What the units do: acknowledge, contact the deputy, reply."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from casework import services as casework
from casework.calendar import spoken
from casework.models import ObligationState
from casework.services import UnableToAct
from proposals.documents import normalise_document_no, why_not_document_no
from proposals.models import (
    Assignment,
    AttachmentKind,
    Commitment,
    Contact,
    ContactPhase,
    ContactWay,
    Distribution,
    HandlingRound,
    OutcomeCategory,
    Proposal,
    Reply,
    ReplyDisclosure,
)
from proposals.presets import NEEDS
from proposals.services.assigning import ANSWERING
from proposals.services.common import latest_round, take
from proposals.services.parts import checked_text, void_requests
from proposals.services.promising import owe_registration, promise
from proposals.services.stepping import move_on

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case

BODY_LENGTH = 20_000
REASON_LENGTH = 300
NAME_LENGTH = 60
NUMBER_ONCE = "reply_document_no_once_per_unit"
USED = "文号「{number}」本单位已经用过，"
NO_TEXT = "请填写答复内容，或者上传盖章的答复函（PDF 或者 Word）。"


def own_assignment(proposal: Proposal, user: User) -> Assignment:
    """Return the part of the user's unit in the round in progress. Raises Assignment.DoesNotExist without one."""
    rows = latest_round(proposal).assignments.in_force().select_related("unit", "round")
    return rows.get(unit_id=user.hat.unit_id)


@transaction.atomic
def acknowledge(*, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime) -> Proposal:
    """Acknowledge receipt for the user's unit. Raises as ``take`` does."""
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="acknowledge", now=now)
    assignment = own_assignment(proposal, user)
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
    phase: str = ContactPhase.DURING,
) -> Contact:
    """Record how the unit contacted the deputy before, during or after its handling (代表法 51).

    Raises as ``take`` does, and UnableToAct for a missing summary or a day that cannot be: in the future, before the
    proposal, or on the wrong side of the unit's reply for its phase.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="contact", now=now)
    if proposal.submitted_on and contacted_on < proposal.submitted_on:
        raise UnableToAct(f"联系日期不能早于提出日期（{spoken(proposal.submitted_on)}）。")
    if contacted_on > timezone.localdate(now):
        raise UnableToAct("联系日期不能晚于今天。")
    assignment = own_assignment(proposal, user)
    phase = ContactPhase(phase)
    _check_phase(phase, contacted_on, assignment)
    contact = Contact.objects.create(
        assignment=assignment,
        contacted_on=contacted_on,
        way=ContactWay(way),
        phase=phase,
        summary=checked_text(summary, missing="请写明沟通情况。", what="沟通情况"),
        recorded_at=now,
        recorded_by=user,
    )
    casework.settle(case=case, act="contact", unit=assignment.unit, actor=user, now=now)
    how = f"{contact.get_phase_display()}，{contact.get_way_display()}"
    casework.log(
        case=case,
        actor=user,
        verb="contact",
        sentence=f"{casework.actor_label(user)}于{spoken(contacted_on)}联系代表（{how}）：{contact.summary}",
        now=now,
    )
    return contact


def answered_on(assignment: Assignment) -> dt.date | None:
    """Return when the unit answered the deputy, for one that assists the first of those who answer. One query."""
    answering = assignment.round.assignments.in_force().filter(role__in=ANSWERING)
    own = answering.filter(pk=assignment.pk) if assignment.role in ANSWERING else answering
    replies = Reply.objects.filter(assignment__in=own)
    return replies.order_by("replied_on").values_list("replied_on", flat=True).first()


def _check_phase(phase: ContactPhase, contacted_on: dt.date, assignment: Assignment) -> None:
    """Before and during lie no later than the reply, after no earlier."""
    replied_on = answered_on(assignment)
    label = phase.label
    if phase == ContactPhase.AFTER:
        if replied_on is None:
            raise UnableToAct(f"还没有答复代表，不能登记“{label}”；请选择办理前或者办理中。")
        if contacted_on < replied_on:
            raise UnableToAct(f"“{label}”的日期不能早于答复日期（{spoken(replied_on)}）。")
    elif replied_on is not None and contacted_on > replied_on:
        after = ContactPhase.AFTER.label
        raise UnableToAct(f"“{label}”的日期不能晚于答复日期（{spoken(replied_on)}）；答复以后的联系请选择“{after}”。")


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
    disclosure: str = "",
    not_public_reason: str = "",
    signed_by: str = "",
    contact_name: str = "",
    contact_phone: str = "",
    matter: str = "",
    responsible: str = "",
    promised_for: dt.date | None = None,
) -> Reply:
    """Answer the deputy in writing; when every unit that answers has done so, the deputy owes the rating.

    The text is written here or in a file that was uploaded as this unit's reply before. Without a word on publicity
    the reply is not public. What the unit still asked for lapses. ``matter``, ``responsible`` and ``promised_for`` are
    what the unit promises by it; where the outcome needs following up and nothing is promised yet, it owes that.
    Raises as ``take`` does (a reply without a recorded contact among them), and UnableToAct for a wrong date, neither
    text nor file, an outcome of another term, no reason for not being public, what the step demands and is missing,
    or a document number that is wrong in form or that the unit used before.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="reply", now=now)
    assignment = own_assignment(proposal, user)
    _check_reply_date(replied_on, proposal=proposal, assignment=assignment, today=timezone.localdate(now))
    if outcome.term_id != proposal.lead.term_id:
        raise UnableToAct("办理结果分类不属于本届，请重新选择。")
    if not body.strip() and not assignment.attachments.filter(kind=AttachmentKind.REPLY).exists():
        raise UnableToAct(NO_TEXT)
    fields = {
        "document_no": _checked_number(document_no, assignment=assignment, replied_on=replied_on),
        "body": _short(body, "答复内容", BODY_LENGTH),
        "not_public_reason": _short(not_public_reason, "不公开的理由", REASON_LENGTH),
        "signed_by": _short(signed_by, "签发人", NAME_LENGTH),
        "contact_name": _short(contact_name, "联系人", NAME_LENGTH),
        "contact_phone": _short(contact_phone, "联系电话", NAME_LENGTH),
    }
    if disclosure == ReplyDisclosure.NONE and not fields["not_public_reason"]:
        raise UnableToAct("不公开的，请写明理由。")
    if disclosure != ReplyDisclosure.NONE:
        fields["not_public_reason"] = ""
    for code in ("document_no", "signed_by"):
        if code in proposal.step.required and not fields[code]:
            raise UnableToAct(f"请填写{NEEDS[code]}。")
    row = Reply(
        assignment=assignment,
        unit=assignment.unit,
        replied_on=replied_on,
        outcome=outcome,
        disclosure=ReplyDisclosure(disclosure or ReplyDisclosure.NONE),
        recorded_at=now,
        recorded_by=user,
        **fields,
    )
    _keep(row)
    casework.settle(case=case, act="reply", unit=assignment.unit, actor=user, now=now)
    void_requests(case=case, parts=[assignment], user=user, now=now)
    number = f"，文号{row.document_no}" if row.document_no else ""
    casework.log(
        case=case,
        actor=user,
        verb="reply",
        sentence=f"{casework.actor_label(user)}答复代表{number}，办理结果：{outcome}",
        now=now,
    )
    if matter.strip() or responsible.strip() or promised_for:
        promise(
            case=case, proposal=proposal, part=assignment, user=user, now=now,
            matter=matter, responsible=responsible, due_on=promised_for,
        )  # fmt: skip
        casework.settle(case=case, act="commit", unit=row.unit, actor=user, now=now)
    elif not outcome.needs_follow_up:
        # What an earlier reply left to be promised is done, or is not to be done.
        casework.settle(case=case, act="commit", unit=row.unit, actor=user, now=now, state=ObligationState.CANCELLED)
    elif not Commitment.objects.pending().filter(proposal=proposal, unit=row.unit).exists():
        owe_registration(case=case, proposal=proposal, part=assignment, from_label=user.hat.label, now=now)
    if is_answered(assignment.round):
        hand_to_deputy(case=case, proposal=proposal, user=user, now=now)
    return row


def _check_reply_date(replied_on: dt.date, *, proposal: Proposal, assignment: Assignment, today: dt.date) -> None:
    if replied_on > today:
        raise UnableToAct("答复日期不能晚于今天。")
    check_since_given(replied_on, "答复日期", proposal=proposal, assignment=assignment)
    contacts = assignment.contacts.order_by("contacted_on")
    first = contacts.values_list("contacted_on", flat=True).first()
    if first is not None and replied_on < first:
        raise UnableToAct(f"答复日期不能早于与代表的联系日期（{spoken(first)}）：应当先沟通、后答复。")


def check_since_given(day: dt.date, what: str, *, proposal: Proposal, assignment: Assignment) -> None:
    """Raise UnableToAct for a day before the unit was given its part; of what was imported the proposal's own day."""
    since, name = (
        (assignment.assigned_on, "交办日期") if assignment.assigned_on else (proposal.submitted_on, "提出日期")
    )
    if since and day < since:
        raise UnableToAct(f"{what}不能早于{name}（{spoken(since)}）。")


def _checked_number(text: str, *, assignment: Assignment, replied_on: dt.date) -> str:
    number = normalise_document_no(text)
    if not number:
        return ""
    if wrong := why_not_document_no(number, replied_on=replied_on):
        raise UnableToAct(wrong)
    used = Reply.objects.filter(unit=assignment.unit, document_no=number, is_imported=False)
    other = used.select_related("assignment__round__proposal").first()
    if other is not None:
        raise UnableToAct(f"{USED.format(number=number)}用在{other.assignment.round.proposal}的答复上。")
    return number


def _keep(row: Reply) -> None:
    """Save the reply; another one with this number may have come meanwhile on another item."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != NUMBER_ONCE:
            raise
        raise UnableToAct(f"{USED.format(number=row.document_no)}请核对。") from error


def _short(text: str, what: str, longest: int) -> str:
    text = text.strip()
    if len(text) > longest:
        raise UnableToAct(f"{what}最多 {longest} 字，现有 {len(text)} 字。")
    return text


def is_answered(round_: HandlingRound) -> bool:
    """Say whether every unit that answers has done so, and nothing waits to be split."""
    if Distribution.objects.filter(round=round_, distributed_at__isnull=True).exists():
        return False
    answering = round_.assignments.in_force().filter(role__in=ANSWERING)
    return answering.exists() and not answering.filter(replies__isnull=True).exists()


def hand_to_deputy(*, case: Case, proposal: Proposal, user: User, now: dt.datetime) -> None:
    """Go on to the deputy's judgement; what assisting units still owed or asked for ends with the replies."""
    void_requests(case=case, parts=latest_round(proposal).assignments.in_force(), user=user, now=now)
    for act in ("acknowledge", "opinion", "contact"):
        casework.settle(case=case, act=act, actor=user, now=now, state=ObligationState.CANCELLED)
    outcome = casework.outcome_of(case=case, code="pass")
    move_on(case=case, proposal=proposal, outcome=outcome, user=user, from_label=user.hat.label, now=now)
