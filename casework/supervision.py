"""Supervision by people: the urge (催办). What the portal reminds of by itself stands in ``reminding``."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from casework.models import Event, Obligation, ObligationState
from casework.queries import recipients
from casework.rules import URGE_TEXT_LENGTH, may_urge, urge_words
from casework.services import UnableToAct, actor_label, lock_case, log
from notices import services as notices

URGE = "urge"


def last_urges(obligations: list[Obligation]) -> dict[int, list[Event]]:
    """Return the urges of each obligation, newest first, by its id. One query."""
    found: dict[int, list[Event]] = {row.pk: [] for row in obligations}
    for event in Event.objects.filter(case__in={row.case_id for row in obligations}, verb=URGE):
        found.get(event.data.get("obligation"), []).append(event)
    return found


@transaction.atomic
def urge(*, obligation_id: int, user: User, now: dt.datetime, text: str = "") -> int:
    """Urge whoever owes an open obligation: a line in the case's history, and a notice, once a day.

    Returns how many people are told; none where the owner has no account.

    Raises Obligation.DoesNotExist when the user may not see it; UnableToAct when the user is not one who supervises
    this congress, owes it himself, somebody urged today already, the text is too long, or it was settled meanwhile.
    """
    seen = Obligation.objects.visible_to(user).get(pk=obligation_id)
    # The case's lock makes clicks wait for each other, and for whoever is just settling the obligation.
    case = lock_case(case_id=seen.case_id, seen_version=None)
    if not may_urge(role=user.hat.role, is_own_congress=user.hat.congress_id == case.congress_id):
        raise UnableToAct("只有本级的代表工委、常委会领导和政府办可以催办。")
    if len(text) > URGE_TEXT_LENGTH:
        raise UnableToAct(f"催办内容请不要超过 {URGE_TEXT_LENGTH} 字，现有 {len(text)} 字。")
    obligation = Obligation.objects.select_related("case").get(pk=obligation_id)
    if obligation.state != ObligationState.OPEN:
        raise UnableToAct(f"{obligation.owner_label}的这项「{obligation.verb}」已经办结，不需要再催办。")
    if Obligation.objects.owed_by(user).filter(pk=obligation.pk).exists():
        raise UnableToAct("这是您自己应办的事项，请直接办理。")
    today = timezone.localdate(now)
    for event in last_urges([obligation])[obligation.pk]:
        at = timezone.localtime(event.at)
        if at.date() == today:
            raise UnableToAct(f"今天 {at:%H:%M} {event.actor_label}已经催办过，请明天再催。")
    words = urge_words(verb=obligation.verb, due_on=obligation.due_on, today=today, text=text.strip())
    log(
        case=case,
        actor=user,
        verb=URGE,
        sentence=f"{actor_label(user)}催办{obligation.owner_label}：{words}",
        now=now,
        data={"obligation": obligation.pk},
        changes_case=False,
    )
    return notices.tell(
        rule=URGE,
        object_key=f"obligation:{obligation.pk}",
        due_on=today,
        recipients=recipients(obligation),
        title=f"催办，请{obligation.verb}：{case}",
        body=f"{actor_label(user)}：{words}",
        url=case.get_absolute_url(),
        now=now,
        urgent=True,
    )
