"""What the portal reminds of by itself: deadlines near, deadlines missed, and those who oversee them.

Due and not yet told is found by asking the ledger, never by a span of time: a scan missed is made up by the next.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.conf import settings
from django.db.models import Case as Choice
from django.db.models import QuerySet, Value, When
from django.utils import timezone

from casework.models import Obligation
from casework.rules import OVERDUE_DAYS, near_until
from casework.telling import FACTS, as_facts, by_overseer, by_recipient, object_key
from notices import services as notices
from notices.texts import ESCALATED, NEAR, OVERDUE

LEVELS = [f"{OVERDUE}-{days}" for days in OVERDUE_DAYS]


def scan_obligations(*, now: dt.datetime) -> dict[str, int]:
    """Write the reminders of open obligations that are near due or overdue, each level once per due date and person.

    Of an obligation overdue for long only the highest level reached is told. Those who oversee it are told once, when
    it is ``settings.ESCALATE_DAYS`` overdue. The same few statements for any number of obligations. Returns how many
    people are newly reminded of something: near_due, overdue, escalated.
    """
    told: Counter[str] = Counter({NEAR: 0, OVERDUE: 0, ESCALATED: 0})
    for facts in _due(timezone.localdate(now)):
        for rule, count in notices.remind_each(facts=facts, now=now).items():
            told[OVERDUE if rule in LEVELS else rule] += count
    return dict(told)


def make_digests(*, now: dt.datetime) -> int:
    """Put together, from the set hour of the day on, what waits for everybody's digest of today; see ``notices.services``.

    What this moment's scan would not write is void: settled, moved to another date, overtaken by a higher level, or no
    longer that person's. Returns how many digests were made.
    """
    if not notices.digests_due(now=now):
        return 0
    today = timezone.localdate(now)
    notices.void_unreachable(day=today)
    notices.void_waiting(
        rules=[NEAR, *LEVELS, ESCALATED],
        still_due=_due(today),
        same=["notice_rule", "object_key", "due_on", "recipient_id"],
        day=today,
    )
    # Outside the portal news of a task waits for the digest too.
    owed = by_recipient(Obligation.objects.open().annotate(object_key=object_key()))
    notices.void_waiting(
        rules=["new"],
        still_due=[notices.statement_of(rows.values("object_key", "recipient_id")) for rows in owed],
        same=["object_key", "recipient_id"],
        day=today,
    )
    return notices.make_digests(now=now)


def _due(today: dt.date) -> list[notices.Statement]:
    """Return who is to be reminded of what, as of a day."""
    open_ones = Obligation.objects.open().filter(is_silent=False)
    owed = as_facts(
        open_ones.filter(due_on__lte=near_until(today)),
        notice_rule=Choice(
            *(
                When(due_on__lte=today - dt.timedelta(days=days), then=Value(level))
                for days, level in reversed([*zip(OVERDUE_DAYS, LEVELS, strict=True)])
            ),
            default=Value(NEAR),
        ),
        text_rule=Choice(When(due_on__lt=today, then=Value(OVERDUE)), default=Value(NEAR)),
    )
    late = as_facts(
        open_ones.filter(due_on__lte=today - dt.timedelta(days=settings.ESCALATE_DAYS)),
        notice_rule=Value(ESCALATED),
        text_rule=Value(ESCALATED),
    )
    return [*(_facts(rows) for rows in by_recipient(owed)), *by_overseer(late.order_by())]


def _facts(owed: QuerySet) -> notices.Statement:
    return notices.statement_of(owed.values(*FACTS, "recipient_id"))
