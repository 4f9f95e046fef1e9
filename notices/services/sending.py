"""Sending to the outside: one row is claimed, sent and marked before the next, each channel by itself.

Whoever is killed has sent at most one row that is not marked yet; only that one goes out a second time.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Role, User
from notices.channels.mail import Mailer
from notices.channels.parcels import NotSent, Parcel, ServerGone
from notices.channels.webhooks import DingTalk, WeCom
from notices.models import OUTSIDE, Address, Channel, Digest, Notice, NoticeState
from notices.rules import lines_of, overseen_among, wait_after
from notices.services.bell import ring_after_commit
from notices.services.delivering import Delivery

log = structlog.get_logger(__name__)

WAYS = {Channel.EMAIL: Mailer, Channel.WECOM: WeCom, Channel.DINGTALK: DingTalk}
# Two hours at growing intervals, then every hour: three days in which somebody can mend a server.
ATTEMPTS_OUTSIDE = 76
# A task that takes longer than the broker's patience is given to a second worker; the next sweep goes on.
SECONDS_PER_RUN = 40
# The one on which a server failed may be to blame: next time the others come before it.
BEHIND_OTHERS = dt.timedelta(seconds=30)


def channels_with_work(*, now: dt.datetime) -> list[str]:
    """Return the outside channels on which something is due for a try. Two queries."""
    notices, digests = (
        _due(model, now).filter(channel__in=OUTSIDE).order_by().values_list("channel", flat=True).distinct()
        for model in (Notice, Digest)
    )
    return sorted({*notices, *digests})


def _due(model: type[Notice | Digest], now: dt.datetime) -> QuerySet:
    rows = model.objects.filter(state=NoticeState.PENDING, next_try_at__lte=now)
    return rows.filter(digest__isnull=True) if model is Notice else rows


def send_outside(*, channel: str, now: dt.datetime) -> Delivery:
    """Send what is due for a try on one channel, urgent notices before digests.

    Any number may run at once: each row is held by one of them. A row that is not taken waits 1, 2, 4 … 64 minutes
    and from then on an hour, until it is given up; one that will never be taken fails at once. Where a server does
    not answer, whatever would go there waits without being tried.
    """
    way, done, down = WAYS[Channel(channel)](), Delivery(), {}
    until = time.monotonic() + SECONDS_PER_RUN
    try:
        for model in (Notice, Digest):
            while time.monotonic() < until and (state := _send_one(model, channel, way, down, now)):
                done.sent += state == NoticeState.SENT
                done.postponed += state == NoticeState.PENDING
                done.failed += state in (NoticeState.FAILED, NoticeState.VOID)
    finally:
        way.close()
    return done


@transaction.atomic
def _send_one(
    model: type[Notice | Digest], channel: str, way: Mailer | WeCom | DingTalk, down: dict[str, str], now: dt.datetime
) -> NoticeState | None:
    """Claim, send and mark one row. Returns what became of it; None when there is none."""
    row = (
        _due(model, now)
        .filter(channel=channel)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient")
        .order_by("next_try_at", "pk")
        .first()
    )
    if row is None:
        return None
    try:
        address = Address.objects.filter(user=row.recipient_id, channel=channel, is_active=True).first()
    except ValueError:
        return _mark(row, NoticeState.FAILED, now, "地址无法解密（密钥已更换），请接收人重新填写。")
    if address is None or not row.recipient.is_active:
        return _mark(row, NoticeState.VOID, now, "接收人已停用，或已不用这个渠道。")
    parcel = _parcel(row, address, now)
    server = way.server_of(parcel)
    if server in down:
        return _again(row, now, down[server])
    try:
        way.send(parcel)
    except ServerGone as error:
        down[server] = str(error)
        log.warning("notice_server_gone", channel=channel, error=type(error.__cause__).__name__)
        return _again(row, now + BEHIND_OTHERS, str(error))
    except NotSent as error:
        return _again(row, now, str(error)) if error.again else _mark(row, NoticeState.FAILED, now, str(error))
    return _mark(row, NoticeState.SENT, now)


def _parcel(row: Notice | Digest, address: Address, now: dt.datetime) -> Parcel:
    if isinstance(row, Digest):
        title, lines, total, overseen = row.title, row.lines, row.total, row.overseen
    else:
        title, total = row.title, 1
        lines = lines_of([row], timezone.localdate(now))
        overseen = overseen_among(lines)
    key = f"{row._meta.model_name}-{row.pk}-{row.created_at:%Y%m%d%H%M%S}"  # noqa: SLF001
    return Parcel(key, address.address, address.secret, title, lines, total, overseen)


def _again(row: Notice | Digest, now: dt.datetime, reason: str) -> NoticeState:
    if row.attempts + 1 >= ATTEMPTS_OUTSIDE:
        return _mark(row, NoticeState.FAILED, now, reason)
    row.next_try_at = now + wait_after(row.attempts + 1)
    return _mark(row, NoticeState.PENDING, now, reason)


def _mark(row: Notice | Digest, state: NoticeState, now: dt.datetime, reason: str = "") -> NoticeState:
    row.state, row.last_error = state, reason
    row.attempts += 1
    row.sent_at = now if state == NoticeState.SENT else None
    row.save(update_fields=["state", "last_error", "attempts", "sent_at", "next_try_at"])
    if isinstance(row, Digest):
        # The notices share what became of their digest.
        row.notices.update(state=state, sent_at=row.sent_at, attempts=row.attempts, last_error=reason)
    return state


@transaction.atomic
def send_again(*, digests: Iterable[int] = (), notices: Iterable[int] = (), user: User, now: dt.datetime) -> int:
    """Try again, at once, what was given up; of a notice that went into a digest, the digest.

    Only staff, and only what they see (``visible_to``); anything else, or what is not failed, is left alone. Returns
    how many are tried again.
    """
    if not user.has_role(Role.STAFF):
        return 0
    alone = Notice.objects.visible_to(user).filter(pk__in=notices, state=NoticeState.FAILED)
    wanted = {*digests, *alone.filter(digest__isnull=False).values_list("digest", flat=True)}
    anew = {"state": NoticeState.PENDING, "next_try_at": now, "attempts": 0, "last_error": ""}
    again = list(
        Digest.objects.visible_to(user)
        .filter(pk__in=wanted, state=NoticeState.FAILED)
        .select_for_update()
        .values_list("pk", flat=True)
    )
    Digest.objects.filter(pk__in=again).update(**anew)
    Notice.objects.filter(digest__in=again).update(**anew)
    count = len(again) + alone.filter(digest__isnull=True).update(**anew)
    if count:
        ring_after_commit()
    return count
