"""Reads of what people were told."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min

from accounts.models import User
from notices.models import Message, MessageQuerySet, Notice, NoticeState


def oldest_unsent_seconds(now: dt.datetime) -> float | None:
    """Return the age in seconds of the oldest notice that still waits for delivery; None if none does. One query."""
    oldest = Notice.objects.filter(state=NoticeState.PENDING).aggregate(at=Min("created_at"))["at"]
    return None if oldest is None else max(0.0, (now - oldest).total_seconds())


def inbox(user: User, *, only_unread: bool = False) -> MessageQuerySet:
    """Return the user's messages, newest first."""
    messages = Message.objects.visible_to(user)
    return messages.unread() if only_unread else messages


def unread_count(user: User) -> int:
    """Return how many messages the user has not read. One query."""
    return Message.objects.visible_to(user).unread().count()
