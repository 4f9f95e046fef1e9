"""Signing together: deputies are invited, read the text and answer; what is handed in counts those who agreed to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Role
from casework import services as casework
from casework.models import Event, ObligationState
from casework.services import CaseWasChanged, Owner, UnableToAct
from deputies.models import Seat, SeatStatus
from notices import services as notices
from proposals.models import Cosignature, CosignatureState, Proposal
from proposals.rules import covers, text_digest, too_few
from proposals.services.common import check_in_office, lead_owner, take

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case

SPOKEN = 10


class TextWasChanged(CaseWasChanged):
    """The text is no longer the one that the deputy read before answering."""

    def __init__(self) -> None:
        super().__init__(None)
        self.args = ("正文在您打开本页之后有改动，以下是最新内容，请重新阅读后再答复。",)


@dataclass(frozen=True)
class Signatures:
    """The signatures of a proposal as its text stands. ``signers`` counts the lead deputy and those on paper."""

    rows: list[Cosignature]
    valid: list[Cosignature]
    unconfirmed: list[Cosignature]
    signers: int


def signatures_of(proposal: Proposal, today: dt.date) -> Signatures:
    """Return all invited and signed deputies with what counts today. One query.

    Of what was signed counts what covers the present text, of deputies who are in office. Each row says so:
    ``in_office``, ``needs_confirming``.
    """
    digest = text_digest(proposal)
    in_office = Seat.objects.in_office_on(today).filter(pk=OuterRef("seat"), status=SeatStatus.IN_OFFICE)
    rows = list(
        proposal.cosignatures.annotate(in_office=Exists(in_office)).select_related(
            "seat__person__user", "seat__delegation"
        )
    )
    valid, unconfirmed = [], []
    for row in rows:
        row.needs_confirming = row.state == CosignatureState.ACCEPTED and not covers(row.text_digest, digest)
        if row.needs_confirming:
            unconfirmed.append(row)
        elif row.state == CosignatureState.ACCEPTED and row.in_office:
            valid.append(row)
    return Signatures(rows, valid, unconfirmed, 1 + len(valid) + proposal.paper_cosigners)


@transaction.atomic
def invite(
    *, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, seats: Collection[int]
) -> Proposal:
    """Ask deputies of the same term, by the keys of their seats, to sign; each owes an answer and is told.

    Who declined, or whose invitation lapsed, may be asked again. Raises as ``take`` does, and UnableToAct for a deputy
    no longer in office, or naming the deputies who cannot be asked; then nobody is.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="invite", now=now)
    if not seats:
        raise UnableToAct("请选择要邀请的代表。")
    today = timezone.localdate(now)
    check_in_office(proposal, today)
    in_office = Seat.objects.in_office_on(today).filter(pk=OuterRef("pk"), status=SeatStatus.IN_OFFICE)
    chosen = Seat.objects.filter(pk__in=set(seats)).annotate(in_office=Exists(in_office)).order_by("pk")
    chosen = list(chosen.select_related("person__user"))
    if len(chosen) != len(set(seats)):
        raise UnableToAct("所选代表中有名册里没有的，请重新选择。")
    known = {row.seat_id: row for row in signatures_of(proposal, today).rows}
    refused = [words for seat in chosen if (words := _why_not(proposal, seat, known.get(seat.pk)))]
    if refused:
        raise UnableToAct("".join(refused))
    _ask(case=case, proposal=proposal, seats=chosen, now=now)
    _log_invitation(case, user, f"邀请{_names(chosen)}联名", now)
    return proposal


@transaction.atomic
def invite_again(*, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime) -> Proposal:
    """Ask all those anew who signed an earlier text. Raises as ``invite`` does, UnableToAct where there is none."""
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="invite", now=now)
    check_in_office(proposal, timezone.localdate(now))
    seats = [row.seat for row in signatures_of(proposal, timezone.localdate(now)).unconfirmed if row.in_office]
    if not seats:
        raise UnableToAct("没有需要重新确认的联名。")
    _ask(case=case, proposal=proposal, seats=seats, now=now)
    _log_invitation(case, user, f"修改正文后，请{_names(seats)}重新确认联名", now)
    return proposal


@transaction.atomic
def take_back(
    *, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, signature_id: int
) -> Proposal:
    """Withdraw an invitation that was not answered. Raises as ``take`` does, UnableToAct for any other."""
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="invite", now=now)
    row = proposal.cosignatures.select_related("seat__person").filter(pk=signature_id).first()
    if row is None or row.state != CosignatureState.INVITED:
        raise UnableToAct("只能撤回还没有答复的邀请，请看最新情况。")
    Cosignature.objects.filter(pk=row.pk).update(state=CosignatureState.LAPSED)
    casework.settle(
        case=case, act="cosign", about=about(row.seat), actor=user, now=now, state=ObligationState.CANCELLED
    )
    _log_invitation(case, user, f"撤回对{_names([row.seat])}的联名邀请", now)
    return proposal


@transaction.atomic
def answer_invitation(*, proposal_id: int, seen_digest: str, user: User, now: dt.datetime, agrees: bool) -> Proposal:
    """Sign the text of which ``seen_digest`` is the digest, or decline; until it is handed in the answer may change.

    An acceptance is written to the history, a refusal only told to the lead deputy. The version of the case stays:
    whoever is writing the text need not look again. The same answer twice is one. Raises as ``take`` does,
    CaseWasChanged saying who handed it in before, TextWasChanged, UnableToAct for a deputy no longer in office.
    """
    try:
        case, proposal = take(proposal_id=proposal_id, seen_version=None, user=user, act="cosign", now=now)
    except UnableToAct as error:
        handed_in = Event.objects.filter(case=proposal_id, verb="submit").first()
        raise CaseWasChanged(handed_in) if handed_in else error from error
    today = timezone.localdate(now)
    row = next(
        row
        for row in signatures_of(proposal, today).rows
        if row.seat.person.user_id == user.pk and row.state != CosignatureState.LAPSED
    )
    if not row.in_office:
        raise UnableToAct("只有在任代表可以联名；如有疑问，请联系代表工委核对您的代表信息。")
    digest = text_digest(proposal)
    if seen_digest != digest:
        raise TextWasChanged
    state = CosignatureState.ACCEPTED if agrees else CosignatureState.DECLINED
    if (row.state, row.text_digest) == (state, digest):
        return proposal
    Cosignature.objects.filter(pk=row.pk).update(state=state, answered_at=now, text_digest=digest)
    casework.settle(case=case, act="cosign", about=about(row.seat), actor=user, now=now)
    words = f"{row.seat.person.name}代表{'同意' if agrees else '不'}联名"
    if agrees:
        casework.log(case=case, actor=user, verb="cosign", sentence=words, now=now, changes_case=False)
    owner = lead_owner(proposal.lead)
    notices.tell(
        rule="inform",
        object_key=f"cosignature:{row.pk}:{now:%Y%m%d%H%M%S%f}",
        due_on=today,
        recipients=[owner.user] if owner.user else [],
        title=f"{words}：{proposal.title}",
        url=proposal.get_absolute_url(),
        now=now,
    )
    return proposal


def close_signing(*, case: Case, proposal: Proposal, user: User, now: dt.datetime) -> None:
    """Count the signatures of what is being handed in; invitations and signatures of an earlier text lapse.

    Whose signature lapses is told, and the history names them. The case is locked. Raises UnableToAct where a bill has too few signers (组织法 22).
    """
    signed = signatures_of(proposal, timezone.localdate(now))
    words = too_few(proposal.form, proposal.congress.level, signers=signed.signers, unconfirmed=len(signed.unconfirmed))
    if words:
        raise UnableToAct(words)
    kept = {row.pk for row in signed.valid}
    if signed.unconfirmed:
        names = "、".join(row.seat.person.name for row in signed.unconfirmed)
        sentence = f"正文在联名后有改动，{names}没有重新确认，联名不再有效"
        casework.log(case=case, actor=None, verb="lapse", sentence=sentence, now=now)
    for row in signed.unconfirmed:
        title, body = (
            f"联名不再有效：{proposal.title}",
            "正文在您联名后有改动，提交前没有重新确认，本件提交时不再计入您的联名。",
        )
        casework.inform(case=case, owner=deputy_owner(row.seat), title=title, body=body, now=now)
    proposal.cosignatures.filter(state__in=(CosignatureState.INVITED, CosignatureState.ACCEPTED)).exclude(
        pk__in=kept
    ).update(state=CosignatureState.LAPSED)
    casework.settle(case=case, act="cosign", actor=user, now=now, state=ObligationState.CANCELLED)


def lapsed_words(*, user: User, proposal_id: int) -> str:
    """Say why an invitation of the user is no longer open; empty for who was never asked."""
    row = (
        Cosignature.objects.filter(proposal=proposal_id, seat__person__user=user, state=CosignatureState.LAPSED)
        .select_related("proposal__lead__person")
        .first()
    )
    if row is None:
        return ""
    did = "已经提交本件" if row.proposal.submitted_on else "已经撤回邀请"
    return f"这份联名邀请已经失效：{row.proposal.lead.person.name}代表{did}。"


def about(seat: Seat) -> str:
    """Return what tells the obligations of several co-signers apart, also of those without an account."""
    return f"seat:{seat.pk}"


def deputy_owner(seat: Seat) -> Owner:
    """Return a deputy as the one who owes something in person."""
    return Owner(role=Role.DEPUTY, label=f"{seat.person.name}代表", user=seat.person.user)


def _why_not(proposal: Proposal, seat: Seat, row: Cosignature | None) -> str:
    name = seat.person.name
    if seat.person_id == proposal.lead.person_id:
        return "您是领衔代表，不用邀请自己。"
    if seat.term_id != proposal.lead.term_id:
        return f"{name}不是本级本届代表，不能邀请联名。"
    if not seat.in_office:
        return f"{name}代表现在不在任，不能邀请联名。"
    if row is not None and row.state == CosignatureState.INVITED:
        return f"已经邀请过{name}代表，正在等待答复。"
    if row is not None and row.state == CosignatureState.ACCEPTED and not row.needs_confirming:
        return f"{name}代表已经联名。"
    if seat.person.user is None or not seat.person.user.is_active:
        return f"{name}代表没有可用的登录账号，不能在系统里联名；可以请其在纸质件上签名，由代表工委登记。"
    return ""


def _ask(*, case: Case, proposal: Proposal, seats: Iterable[Seat], now: dt.datetime) -> None:
    asked = {"state": CosignatureState.INVITED, "invited_at": now, "answered_at": None, "text_digest": ""}
    label = lead_owner(proposal.lead).label
    for seat in seats:
        Cosignature.objects.update_or_create(proposal=proposal, seat=seat, defaults=asked)
        casework.oblige(
            case=case,
            act="cosign",
            verb="联名",
            about=about(seat),
            owner=deputy_owner(seat),
            from_label=label,
            now=now,
        )


def _log_invitation(case: Case, user: User, words: str, now: dt.datetime) -> None:
    casework.log(case=case, actor=user, verb="invite", sentence=f"{casework.actor_label(user)}{words}", now=now)


def _names(seats: Collection[Seat]) -> str:
    """Return the names of a few deputies; of many the first ones and how many they are."""
    names = "、".join(f"{seat.person.name}" for seat in list(seats)[:SPOKEN])
    return f"{names}等{len(seats)}名代表" if len(seats) > SPOKEN else f"{names}代表"
