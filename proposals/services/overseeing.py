"""Setting who oversees a proposal, and lifting it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import Membership, Role, User
from bodies.models import Committee
from casework import services as casework
from casework.calendar import spoken
from casework.services import Owner, UnableToAct
from proposals.models import OVERSEERS, Oversight, OversightKind
from proposals.services.common import take
from proposals.services.marking import NOTE_LENGTH, checked
from proposals.services.reviewing import MEETING_LENGTH, check_meeting

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bodies.models import Congress
    from proposals.models import Proposal

BODY_LENGTH = 100
# Who may be named to oversee in person.
NAMED = (*OVERSEERS, Role.COMMITTEE)


@transaction.atomic
def set_oversight(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    kind: str,
    meeting: str,
    decided_on: dt.date,
    overseer: User | None = None,
    body: str = "",
    note: str = "",
) -> Oversight:
    """Record who oversees a registered proposal, also after it was closed; the person is told once.

    Raises as ``take`` does, and UnableToAct for an unknown kind, nobody, a person who is neither leader nor staff nor
    committee member of the congress, an impossible meeting, or the same oversight that is in force already.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="oversee", now=now)
    if kind not in OversightKind.values:
        raise UnableToAct("请选择督办方式。")
    body = checked(body, what="督办机构", limit=BODY_LENGTH, must=False)
    meeting = checked(meeting, what="确定督办的会议", limit=MEETING_LENGTH)
    note = checked(note, what="说明", limit=NOTE_LENGTH, must=False)
    check_meeting(meeting, decided_on, proposal=proposal, now=now)
    _check_overseer(proposal, overseer, body)
    same = {"proposal": proposal, "kind": kind, "overseer": overseer, "body": body}
    known = Oversight.objects.in_force().filter(**same).select_related("overseer").first()
    if known is not None:
        raise UnableToAct(f"{known.who}已经{known.get_kind_display()}本件（{known.meeting}确定），不用重复登记。")
    committee = Committee.objects.filter(congress=proposal.congress_id, name=body).first()
    row = Oversight.objects.create(
        **same, committee=committee, meeting=meeting, decided_on=decided_on, note=note, set_at=now, set_by=user
    )
    said = f"登记：{meeting}（{spoken(decided_on)}）确定由{row.who}{row.get_kind_display()}本件"
    sentence = f"{casework.actor_label(user)}{said}" + (f"：{note}" if note else "")
    casework.log(case=case, actor=user, verb="oversee", sentence=sentence, now=now)
    for one in _told(overseer, committee):
        owner = Owner(role=one.hat.role, label=str(one), user=one)
        title = f"请您{row.get_kind_display()}：{proposal}"
        casework.inform(case=case, owner=owner, title=title, body=f"{meeting}（{spoken(decided_on)}）确定", now=now)
    return row


def _told(overseer: User | None, committee: Committee | None) -> list[User]:
    people = [overseer] if overseer is not None else []
    if committee is not None:
        people += User.objects.filter(memberships__committee=committee, is_active=True).order_by("pk")
    return list(dict.fromkeys(people))


def _check_overseer(proposal: Proposal, overseer: User | None, body: str) -> None:
    if overseer is None and not body:
        raise UnableToAct("请选择督办人，或者填写督办的专委会、工委。")
    here = {"role__in": NAMED, "congress": proposal.congress_id}
    if overseer is not None and not (
        overseer.is_active and Membership.objects.filter(user=overseer, **here).exists()
    ):  # fmt: skip
        raise UnableToAct(f"{overseer}不是本级的常委会领导、专委会成员或者工作人员，请另选督办人。")


@transaction.atomic
def lift_oversight(
    *, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, oversight_id: int, reason: str
) -> Oversight:
    """End an oversight; its row stays. Raises as ``take`` does, and UnableToAct for one lifted before or no reason."""
    case, _ = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="lift", now=now)
    reason = checked(reason, what="解除的原因", limit=NOTE_LENGTH)
    # The key may be any number that a browser sends.
    row = next((one for one in in_force(proposal_id) if one.pk == oversight_id), None)
    if row is None:
        raise UnableToAct("这项督办已经解除，请刷新页面查看最新情况。")
    row.ended_at, row.ended_by, row.ended_why = now, user, reason
    row.save(update_fields=["ended_at", "ended_by", "ended_why"])
    said = f"解除{row.who}对本件的{row.get_kind_display()}：{reason}"
    casework.log(case=case, actor=user, verb="lift", sentence=f"{casework.actor_label(user)}{said}", now=now)
    return row


def overseers_of(congress: Congress) -> QuerySet[User]:
    """Return those who can oversee proposals of a congress."""
    hats = {"memberships__congress": congress, "memberships__role__in": NAMED}
    return User.objects.filter(is_active=True, **hats).distinct().order_by("name", "pk")


def in_force(proposal_id: int) -> list[Oversight]:
    """Return who oversees a proposal now. One query."""
    return list(Oversight.objects.in_force().filter(proposal=proposal_id).select_related("overseer"))
