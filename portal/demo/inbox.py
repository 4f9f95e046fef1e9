"""Delivers what the made-up year wrote: all of it long read, but for a handful of the newest."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db.models import F
from django.utils import timezone

from accounts.models import Membership, Role, User
from casework.models import Obligation, ObligationState
from notices.models import Message, Notice, NoticeState
from notices.services import tell
from portal.demo.places import COUNTY_CODE
from proposals.models import Proposal

FRESH = dt.timedelta(days=4)
UNREAD_FRESH, UNREAD_AT_LEAST = 4, 2
TOLD_TO_WATCHERS = 3


def inform_watchers(*, users: list[User], now: dt.datetime) -> None:
    """Tell those who owe nothing in this procedure (leaders, government office, township) of overdue cases they see."""
    today = timezone.localdate(now)
    overdue = Obligation.objects.open().filter(due_on__lt=today, owner_role=Role.UNIT).order_by("-due_on", "pk")
    late = {row.case_id: row for row in overdue.select_related("owner_unit")}
    for user in users:
        cases = Proposal.objects.visible_to(user).select_related("lead__person").order_by("-submitted_on", "-pk")
        if not user.has_role(Role.TOWNSHIP):
            cases = cases.filter(pk__in=late)
        for number, case in enumerate(cases[:TOLD_TO_WATCHERS]):
            row = late.get(case.pk)
            if row is not None:
                title = f"逾期提醒：{case}"
                body = f"{row.owner_label}应于{row.due_on.month}月{row.due_on.day}日前{row.verb}，已逾期 {(today - row.due_on).days} 天。"
            else:
                title, body = f"本团代表提出：{case}", f"{case.lead.person.name}代表提出，请知悉。"
            tell(
                rule="inform",
                object_key=f"case:{case.pk}:{case.version}",
                due_on=today,
                recipients=[user],
                title=title,
                body=body,
                url=case.get_absolute_url(),
                now=now - number * dt.timedelta(hours=3),
            )


def deliver(*, demo_users: list[User], now: dt.datetime) -> None:
    """Put the county's notices into the boxes at the time they were written, and mark the older ones read."""
    everybody = Membership.objects.filter(congress__code__startswith=COUNTY_CODE).values("user")
    of_county = Notice.objects.filter(recipient__in=everybody)
    rows = list(of_county.order_by("-created_at", "-pk"))
    still_owed = {
        f"obligation:{pk}" for pk in Obligation.objects.filter(state=ObligationState.OPEN).values_list("pk", flat=True)
    }
    demo = {user.pk for user in demo_users}
    unread: Counter[int] = Counter()
    messages = []
    for row in rows:
        matters = row.rule != "new" or row.object_key in still_owed
        limit = UNREAD_FRESH if now - row.created_at < FRESH else UNREAD_AT_LEAST if row.recipient_id in demo else 0
        is_unread = matters and unread[row.recipient_id] < limit
        unread[row.recipient_id] += is_unread
        messages.append(
            Message(
                notice=row,
                recipient_id=row.recipient_id,
                title=row.title,
                body=row.body,
                url=row.url,
                created_at=row.created_at,
                read_at=None if is_unread else min(now, row.created_at + dt.timedelta(hours=5)),
            )
        )
    # The box lists the newest first; equal times go by the order of writing.
    Message.objects.bulk_create(reversed(messages))
    of_county.update(state=NoticeState.SENT, sent_at=F("created_at"), attempts=F("attempts") + 1)
