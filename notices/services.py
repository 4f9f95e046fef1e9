"""Writing down what people are to be told, and delivering it.

The table is the truth and the broker only a bell: a notice is written in the transaction of what it tells of, and
whoever delivers takes pending rows from the table. A bell that nobody hears delays a notice until the next sweep.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from celery import current_app
from django.db import DatabaseError, connection, transaction
from django.db.models import F, QuerySet
from kombu.exceptions import OperationalError as BrokerError

from accounts.models import User
from notices.models import Channel, Message, Notice, NoticeState

log = structlog.get_logger(__name__)

BATCH = 200
# 1, 2, 4 … 64 minutes after each failure: two hours in which somebody can mend what is broken.
RETRY_AFTER = dt.timedelta(minutes=1)
ATTEMPTS = 8
# A broker that is gone says so at once; one that swallows packets costs two seconds, and not every request pays them.
BELL_RESTS_SECONDS = 15


@dataclass
class Delivery:
    """What became of the notices of one run."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.postponed + self.failed


def tell(
    *,
    rule: str,
    object_key: str,
    due_on: dt.date,
    recipients: Iterable[User],
    title: str,
    url: str,
    now: dt.datetime,
    body: str = "",
) -> int:
    """Write, in the caller's transaction, that each recipient is to be told something once.

    Whoever was already told under the same rule, object and due date is not told again. Returns how many notices
    are new.
    """
    rows = [
        Notice(
            rule=rule,
            object_key=object_key,
            due_on=due_on,
            recipient=recipient,
            title=title[:300],
            body=body,
            url=url,
            created_at=now,
            next_try_at=now,
        )
        for recipient in recipients
    ]
    told = Notice.objects.filter(rule=rule, object_key=object_key, due_on=due_on)
    before = told.count()
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    ring_after_commit()
    return told.count() - before


TELL_EACH = """
WITH due AS ({due}), told AS (
    INSERT INTO notices_notice (rule, object_key, due_on, recipient_id, title, body, url,
                                channel, state, created_at, next_try_at, attempts, last_error)
    SELECT notice_rule, object_key, due_on, recipient_id, left(title, 300), body, url, %s, %s, %s, %s, 0, ''
    FROM due
    WHERE NOT EXISTS (
        SELECT FROM notices_notice AS old
        WHERE (old.rule, old.object_key, old.due_on, old.recipient_id, old.channel)
            = (due.notice_rule, due.object_key, due.due_on, due.recipient_id, %s)
    )
    ORDER BY object_key COLLATE "C", recipient_id
    ON CONFLICT DO NOTHING
    RETURNING rule
)
SELECT rule, count(*) FROM told GROUP BY rule
"""


@transaction.atomic
def tell_each(*, due: QuerySet, now: dt.datetime) -> dict[str, int]:
    """Write the notices that a query finds, in one statement however many there are.

    ``due`` yields notice_rule, object_key, due_on, recipient_id, title, body and url by these names. Whoever was
    already told is not told again, also when two run at once: the rows come in one order, so that they wait for each other instead
    of deadlocking. Returns how many notices are new, by rule.
    """
    sql, params = due.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            TELL_EACH.format(due=sql), [*params, Channel.IN_SITE, NoticeState.PENDING, now, now, Channel.IN_SITE]
        )
        told = dict(cursor.fetchall())
    if told:
        ring_after_commit()
    return told


def ring_after_commit() -> None:
    """Have the worker deliver what this transaction writes, as soon as it is committed; once per transaction."""
    if not any(entry[1] is ring for entry in connection.run_on_commit):
        transaction.on_commit(ring, robust=True)


class _Bell:
    """When the bell may ring again after a failure, in this process."""

    rests_until = 0.0


def ring() -> None:
    """Ask the worker to deliver now. Without a broker nothing happens: the next sweep finds the rows."""
    if time.monotonic() < _Bell.rests_until:
        return
    try:
        current_app.send_task("notices.tasks.deliver_pending", retry=False)
    except BrokerError as error:
        _Bell.rests_until = time.monotonic() + BELL_RESTS_SECONDS
        log.warning("notice_bell_silent", error=type(error.__cause__ or error).__name__)


def deliver_pending(*, now: dt.datetime, limit: int = 10_000) -> Delivery:
    """Deliver what is pending and due for a try, oldest first, at most ``limit`` notices.

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
        .filter(state=NoticeState.PENDING, channel=Channel.IN_SITE, next_try_at__lte=now)
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
    notice.next_try_at = now + RETRY_AFTER * 2 ** (notice.attempts - 1)
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
