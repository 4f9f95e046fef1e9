"""Supervision of deadlines: who is told that something falls due or is overdue, and the urge (催办)."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import CharField, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts.models import User
from casework.models import Event, Obligation, ObligationState
from casework.queries import recipients
from casework.rules import URGE_TEXT_LENGTH, may_urge, near_until, urge_words
from casework.services import UnableToAct, actor_label, lock_case, log
from casework.telling import by_recipient, case_name, case_url, spoken_due
from notices import services as notices

URGE = "urge"


def scan_obligations(*, now: dt.datetime) -> dict[str, int]:
    """Tell the owners of open obligations that are near due or overdue, each once per rule and due date.

    What is due and not yet told is found however long ago it fell due, so that a scan missed is made up by the next.
    Three statements for any number of obligations. Returns how many notices are new, by rule.
    """
    told: Counter[str] = Counter(near_due=0, overdue=0)
    for owed in _owed_by_recipient(timezone.localdate(now)):
        told.update(notices.tell_each(due=owed, now=now))
    return dict(told)


def _owed_by_recipient(today: dt.date) -> list[QuerySet]:
    """Return what is to be told to whom, as notices."""
    open_ones = Obligation.objects.open().filter(is_silent=False, due_on__lte=near_until(today))
    return [_as_notices(owed, today) for owed in by_recipient(open_ones)]


def _as_notices(owed: QuerySet, today: dt.date) -> QuerySet:
    overdue = When(due_on__lt=today, then=Value("overdue"))
    overdue_words = When(due_on__lt=today, then=Value("已逾期，请"))
    return owed.annotate(
        notice_rule=Choice(overdue, default=Value("near_due")),
        object_key=Concat(Value("obligation:"), Cast("pk", CharField())),
        title=Concat(Choice(overdue_words, default=Value("将到期，请")), "verb", Value("："), case_name()),
        body=Concat(Value("期限"), spoken_due()),
        url=case_url(),
    ).values("notice_rule", "object_key", "due_on", "recipient_id", "title", "body", "url")


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
    )
