"""Reads of what people were told."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min

from accounts.models import User
from notices.models import Address, Digest, Message, MessageQuerySet, Notice, NoticeState


def oldest_unsent_seconds(now: dt.datetime) -> float | None:
    """Return the age in seconds of the oldest message that should be out and is not; None if none is. Two queries.

    What waits for the hour of the digests is in time.
    """
    pending = (
        Notice.objects.filter(state=NoticeState.PENDING, digest__isnull=True),
        Digest.objects.filter(state=NoticeState.PENDING),
    )
    found = [at for rows in pending if (at := rows.aggregate(at=Min("created_at"))["at"])]
    return max(0.0, (now - min(found)).total_seconds()) if found else None


def addresses_of(user: User) -> dict[str, Address]:
    """Return the user's own outside addresses, by channel. One query."""
    return {row.channel: row for row in Address.objects.visible_to(user)}


def inbox(user: User, *, only_unread: bool = False) -> MessageQuerySet:
    """Return the user's messages, newest first."""
    messages = Message.objects.visible_to(user)
    return messages.unread() if only_unread else messages


def unread_count(user: User) -> int:
    """Return how many messages the user has not read. One query."""
    return Message.objects.visible_to(user).unread().count()
