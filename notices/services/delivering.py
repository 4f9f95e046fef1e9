"""In-site delivery: a message in the box and the mark that it is there are committed together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F

from accounts.models import User
from notices.models import Channel, Message, Notice, NoticeState
from notices.rules import wait_after

log = structlog.get_logger(__name__)

BATCH = 200
# Two hours in which somebody can mend what is broken.
ATTEMPTS = 8


@dataclass
class Delivery:
    """What became of the notices of one run."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.postponed + self.failed


def deliver_pending(*, now: dt.datetime, limit: int = 10_000) -> Delivery:
    """Deliver in-site what is pending and due for a try, oldest first, at most ``limit`` notices.

    Any number may run at once: each takes rows that no other holds. A row that cannot be delivered says why, is tried
    again later, and is given up as failed after ``ATTEMPTS``; the others do not wait for it.
    """
    done = Delivery()
    while done.total < limit:
        batch = _deliver_batch(now=now, size=min(BATCH, limit - done.total))
        if not batch.total:
            break
        done = Delivery(done.sent + batch.sent, done.postponed + batch.postponed, done.failed + batch.failed)
    return done


@transaction.atomic
def _deliver_batch(*, now: dt.datetime, size: int) -> Delivery:
    claimed = list(
        Notice.objects.select_for_update(skip_locked=True)
        .filter(state=NoticeState.PENDING, digest__isnull=True, channel=Channel.IN_SITE, next_try_at__lte=now)
        .order_by("next_try_at", "pk")[:size]
    )
    if not claimed:
        return Delivery()
    try:
        _put_in_box(claimed, now)
    except DatabaseError:
        done = Delivery()
        for notice in claimed:
            try:
                _put_in_box([notice], now)
            except DatabaseError as error:
                if _postpone(notice, error, now) == NoticeState.FAILED:
                    done.failed += 1
                else:
                    done.postponed += 1
            else:
                done.sent += 1
        return done
    return Delivery(sent=len(claimed))


@transaction.atomic
def _put_in_box(claimed: list[Notice], now: dt.datetime) -> None:
    """Deliver in-site: the message and the mark that it is sent are committed together or not at all."""
    messages = [
        Message(notice=row, recipient_id=row.recipient_id, title=row.title, body=row.body, url=row.url, created_at=now)
        for row in claimed
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    Notice.objects.filter(pk__in=[row.pk for row in claimed]).update(
        state=NoticeState.SENT, sent_at=now, attempts=F("attempts") + 1, last_error=""
    )


def _postpone(notice: Notice, error: DatabaseError, now: dt.datetime) -> NoticeState:
    code = getattr(error.__cause__, "sqlstate", None) or "未知"
    notice.attempts += 1
    notice.state = NoticeState.FAILED if notice.attempts >= ATTEMPTS else NoticeState.PENDING
    notice.next_try_at = now + wait_after(notice.attempts)
    notice.last_error = f"数据库没有接受这条消息（错误代码 {code}）。"
    notice.save(update_fields=["attempts", "state", "next_try_at", "last_error"])
    log.warning("notice_not_delivered", notice=notice.pk, attempts=notice.attempts, sqlstate=code)
    return notice.state


def mark_read(*, message_id: int, user: User, now: dt.datetime) -> Message:
    """Note that the user has read a message; the first time counts. Raises Message.DoesNotExist if it is not his."""
    message = Message.objects.visible_to(user).get(pk=message_id)
    if message.read_at is None:
        Message.objects.unread().filter(pk=message.pk).update(read_at=now)
    return message


def mark_all_read(*, user: User, now: dt.datetime) -> int:
    """Note that the user has read everything in the box. Returns how many were unread."""
    return Message.objects.visible_to(user).unread().update(read_at=now)
