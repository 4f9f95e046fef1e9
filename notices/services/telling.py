"""Notices are written: by an act for a few people, or by a query for everybody whom it finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from notices import texts
from notices.models import Channel, Notice, NoticeState
from notices.services.bell import ring_after_commit

# One row per person and channel that he has. What is void was never told, and is told now.
# Rows come in one order, so that two who write the same wait for each other instead of deadlocking. The sort also
# lets all be found before the first is written: a plan made for an empty ledger does not read one that grows.
WRITE = """
WITH due AS ({due}), way AS (
    SELECT id AS user_id, %s AS channel, %s AS state FROM accounts_user
    UNION ALL
    SELECT user_id, channel, %s FROM notices_address WHERE is_active
), told AS (
    INSERT INTO notices_notice AS notice (rule, object_key, due_on, recipient_id, title, body, url,
                                          channel, state, created_at, next_try_at, attempts, last_error)
    SELECT notice_rule, object_key, due_on, recipient_id, left(title, 300), body, url,
           way.channel, way.state, %s, %s, 0, ''
    FROM due JOIN way ON way.user_id = due.recipient_id
    WHERE NOT EXISTS (
        SELECT FROM notices_notice AS old
        WHERE (old.rule, old.object_key, old.due_on, old.recipient_id, old.channel)
            = (due.notice_rule, due.object_key, due.due_on, due.recipient_id, way.channel) AND old.state <> 'void'
    )
    ORDER BY object_key COLLATE "C", recipient_id, way.channel
    ON CONFLICT (rule, object_key, due_on, recipient_id, channel) DO UPDATE
        SET state = excluded.state, title = excluded.title, body = excluded.body, url = excluded.url,
            created_at = excluded.created_at, next_try_at = excluded.next_try_at, digest_id = NULL
        WHERE notice.state = 'void'
    RETURNING rule, channel
)
SELECT rule, count(*) FROM told WHERE channel = %s GROUP BY rule
"""

ONE_BY_ONE = """
SELECT %s AS notice_rule, %s AS object_key, %s::date AS due_on, unnest(%s::bigint[]) AS recipient_id,
       %s AS title, %s AS body, %s AS url
"""

# The matter comes last: what somebody typed into a title is no placeholder.
WORDS = """
replace(replace(replace(replace(coalesce(own.@, CASE fact.text_rule # END), '{动作}', fact.verb),
                                '{责任方}', fact.owner_label), '{期限}', fact.due_words), '{事项}', fact.matter) AS @
""".replace("#", " ".join(["WHEN %s THEN %s"] * len(texts.SHIPPED)))
# The shipped words are no table to join: the planner would believe that the join leaves next to nothing.
WITH_WORDS = f"""
SELECT fact.notice_rule, fact.object_key, fact.due_on, fact.recipient_id, fact.url,
       {WORDS.replace("@", "title")}, {WORDS.replace("@", "body")}
FROM (@facts) AS fact
LEFT JOIN notices_noticetext AS own ON own.rule = fact.text_rule AND own.congress_id = fact.congress_id
"""  # noqa: S608 - our own SQL


@dataclass(frozen=True)
class Statement:
    """A query as the database reads it."""

    sql: str
    params: Sequence[Any]


def statement_of(query: QuerySet) -> Statement:
    """Return a queryset as the database reads it."""
    return Statement(*query.query.sql_with_params())


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
    urgent: bool = False,
) -> int:
    """Write, in the caller's transaction, that each recipient is to be told something once.

    Within the portal he is told at once, outside it with the next digest, or at once too when it is urgent. Whoever
    was already told under the same rule, object and due date is not told again. Returns how many people are new.
    """
    keys = sorted({recipient.pk for recipient in recipients})
    if not keys:
        return 0
    due = Statement(ONE_BY_ONE, [rule, object_key, due_on, keys, title, body, url])
    told = _write(due, now, outside=NoticeState.PENDING if urgent else NoticeState.WAITING)
    ring_after_commit()
    return told.get(rule, 0)


@transaction.atomic
def tell_each(*, due: QuerySet, now: dt.datetime) -> dict[str, int]:
    """Write the notices that a query finds, in one statement however many there are; see ``tell``.

    ``due`` yields notice_rule, object_key, due_on, recipient_id, title, body and url by these names, nobody twice for
    one thing. Whoever was already told is not told again, also when two run at once. Returns how many people are to
    be told, by rule.
    """
    told = _write(statement_of(due), now)
    if told:
        ring_after_commit()
    return told


@transaction.atomic
def remind_each(*, facts: Statement, now: dt.datetime) -> dict[str, int]:
    """Write the reminders that a query finds, in the words of the congress, for the next digest.

    ``facts`` yields notice_rule, text_rule (one of ``texts.KINDS``), object_key, due_on, recipient_id, congress_id,
    verb, matter, owner_label, due_words and url by these names, nobody twice for one thing. One statement. Returns
    how many people are to be reminded, by rule.
    """
    titles = [item for rule, (title, _) in texts.SHIPPED.items() for item in (rule, title)]
    bodies = [item for rule, (_, body) in texts.SHIPPED.items() for item in (rule, body)]
    due = Statement(WITH_WORDS.replace("@facts", facts.sql), [*titles, *bodies, *facts.params])
    return _write(due, now, in_site=NoticeState.WAITING)


def _write(
    due: Statement,
    now: dt.datetime,
    *,
    in_site: NoticeState = NoticeState.PENDING,
    outside: NoticeState = NoticeState.WAITING,
) -> dict[str, int]:
    params = [*due.params, Channel.IN_SITE, in_site, outside, now, now, Channel.IN_SITE]
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(due=due.sql), params)
        return dict(cursor.fetchall())


@transaction.atomic
def withdraw(*, rule: str, object_key: str, recipients: Iterable[User] | None = None) -> int:
    """Mark as void, in the caller's transaction, what was told under a rule of an object and has not gone out yet.

    It is told anew should it be told once more. What somebody is sending at this moment goes out. Returns how many
    notices became void.
    """
    rows = Notice.objects.filter(
        rule=rule, object_key=object_key, state__in=(NoticeState.WAITING, NoticeState.PENDING), digest__isnull=True
    )
    if recipients is not None:
        rows = rows.filter(recipient__in=recipients)
    held = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return Notice.objects.filter(pk__in=held).update(state=NoticeState.VOID)


# Only what would go into a digest now: who has had today's may see his matter settled until tomorrow's.
VOID = """
UPDATE notices_notice AS notice SET state = 'void'
WHERE state = 'waiting' AND NOT EXISTS (
    SELECT FROM notices_digest AS digest
    WHERE (digest.recipient_id, digest.channel, digest.day) = (notice.recipient_id, notice.channel, %s)
)
"""
NOT_AMONG = """
AND notice.rule = ANY(%s) AND NOT EXISTS (
    SELECT FROM ({union}) AS due WHERE ({ours}) = ({theirs})
)
"""
NOT_REACHED = """
AND NOT EXISTS (
    SELECT FROM accounts_user AS person WHERE person.id = notice.recipient_id AND person.is_active
    AND (notice.channel = %s OR EXISTS (
        SELECT FROM notices_address AS address
        WHERE address.user_id = person.id AND address.channel = notice.channel AND address.is_active
    ))
)
"""


def void_waiting(*, rules: Sequence[str], still_due: Sequence[Statement], same: Sequence[str], day: dt.date) -> int:
    """Mark as void what waits for the digest of a day under some rules and is no longer due. One statement.

    ``still_due`` are the queries that would tell it now; ``same`` names the columns in which a row of theirs must
    agree: of notice_rule, object_key, due_on, recipient_id. Returns how many became void.
    """
    union = " UNION ALL ".join(f"SELECT {', '.join(same)} FROM ({due.sql}) AS one" for due in still_due)  # noqa: S608 - our own SQL
    ours = ", ".join("notice.rule" if name == "notice_rule" else f"notice.{name}" for name in same)
    theirs = ", ".join(f"due.{name}" for name in same)
    condition = NOT_AMONG.format(union=union, ours=ours, theirs=theirs)
    params = [day, list(rules), *(param for due in still_due for param in due.params)]
    with connection.cursor() as cursor:
        cursor.execute(VOID + condition, params)
        return cursor.rowcount


def void_unreachable(*, day: dt.date) -> int:
    """Mark as void what waits for people who have left, or for addresses that are gone. Returns how much."""
    with connection.cursor() as cursor:
        cursor.execute(VOID + NOT_REACHED, [day, Channel.IN_SITE])
        return cursor.rowcount
