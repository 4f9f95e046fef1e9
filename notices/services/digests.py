"""The day's digest: what waits is put together, once per person, day and channel."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from notices.models import Channel, Digest, Message, Notice, NoticeState
from notices.rules import MOST_LINES, lines_of, overseen_among, rest_of, title_of
from notices.services.bell import ring_after_commit
from notices.texts import DAYS

# How many digests are put together at once; their number does not change how many queries that takes.
BATCH = 500
SHOWN_IN_BOX = 3

# Two who begin the same digests wait for each other, and one of them makes them.
BEGIN = """
INSERT INTO notices_digest (recipient_id, day, channel, title, lines, total,
                            state, created_at, next_try_at, attempts, last_error)
SELECT DISTINCT recipient_id, %s::date, channel, '', '[]'::jsonb, 0,
                'pending', %s::timestamptz, %s::timestamptz, 0, ''
FROM notices_notice AS notice
WHERE state = 'waiting' AND NOT EXISTS (
    SELECT FROM notices_digest AS digest
    WHERE (digest.recipient_id, digest.channel, digest.day) = (notice.recipient_id, notice.channel, %s)
)
ORDER BY recipient_id, channel LIMIT %s
ON CONFLICT DO NOTHING
RETURNING id
"""

GATHER = """
UPDATE notices_notice AS notice
SET digest_id = digest.id, state = 'pending',
    title = replace(notice.title, %s, abs(due_on - digest.day)::text),
    body = replace(notice.body, %s, abs(due_on - digest.day)::text)
FROM notices_digest AS digest
WHERE digest.id = ANY(%s) AND notice.state = 'waiting'
    AND (notice.recipient_id, notice.channel) = (digest.recipient_id, digest.channel)
RETURNING notice.id
"""


def digests_due(*, now: dt.datetime) -> bool:
    """Say whether somebody waits for a digest that can be made now: from the set hour on. At most one query."""
    if timezone.localtime(now).hour < settings.DIGEST_HOUR:
        return False
    had = Digest.objects.filter(
        recipient=OuterRef("recipient"), channel=OuterRef("channel"), day=timezone.localdate(now)
    )
    return Notice.objects.filter(~Exists(had), state=NoticeState.WAITING).exists()


def make_digests(*, now: dt.datetime) -> int:
    """Put together what waits, for everybody who has not had a digest today; the in-site ones lie in the box at once.

    The caller has marked what is no longer due as void (see ``void_waiting``). Any number may run at once, and any
    may be killed: batch by batch, a digest is made whole or not at all. Returns how many were made.
    """
    made = 0
    while digests_due(now=now):
        made += _make_batch(now)
    return made


@transaction.atomic
def _make_batch(now: dt.datetime) -> int:
    day = timezone.localdate(now)
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [day, now, now, day, BATCH])
        begun = [key for (key,) in cursor.fetchall()]
        cursor.execute(GATHER, [DAYS, DAYS, begun])
        gathered = [key for (key,) in cursor.fetchall()]
    by_digest: dict[int, list[Notice]] = defaultdict(list)
    for notice in Notice.objects.filter(pk__in=gathered):
        by_digest[notice.digest_id].append(notice)
    digests = list(Digest.objects.filter(pk__in=by_digest).order_by("pk"))
    for digest in digests:
        lines = lines_of(by_digest[digest.pk], day)
        digest.title, digest.lines, digest.total = title_of(lines, day), lines[:MOST_LINES], len(lines)
        digest.overseen = overseen_among(lines)
        if digest.channel == Channel.IN_SITE:
            digest.state, digest.sent_at, digest.attempts = NoticeState.SENT, now, 1
    # An insert that conflicts in every row: Django's bulk_update takes many times as long.
    Digest.objects.bulk_create(
        digests,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["title", "lines", "total", "overseen", "state", "sent_at", "attempts"],
    )
    _put_in_box([digest for digest in digests if digest.channel == Channel.IN_SITE], now)
    # What somebody else took meanwhile leaves nothing to say.
    Digest.objects.filter(pk__in=set(begun) - by_digest.keys()).delete()
    if any(digest.channel != Channel.IN_SITE for digest in digests):
        ring_after_commit()
    return len(digests)


def _put_in_box(digests: list[Digest], now: dt.datetime) -> None:
    Message.objects.bulk_create(
        Message(
            digest=digest, recipient_id=digest.recipient_id, title=digest.title, body=_in_short(digest), created_at=now
        )
        for digest in digests
    )
    Notice.objects.filter(digest__in=digests).update(state=NoticeState.SENT, sent_at=now, attempts=1)


def _in_short(digest: Digest) -> str:
    shown = digest.lines[:SHOWN_IN_BOX]
    said = [f"{line['light_words']} {line['text']}" for line in shown]
    return "；".join([*said, rest_of(shown, digest.total, digest.overseen).split("，")[0]]).rstrip("；")
