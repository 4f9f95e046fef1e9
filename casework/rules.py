"""Lights and urging: pure decisions from facts, no database."""

from __future__ import annotations

import datetime as dt

from accounts.models import Role
from casework.calendar import spoken
from casework.models import ObligationState
from notices.rules import distance

# A reply cannot be written in less; a longer warning would be yellow for most of a five-day deadline.
NEAR_DAYS = 3
# How many days overdue somebody is told, with longer and longer pauses; after the last he is not told again.
OVERDUE_DAYS = (1, 2, 4, 8)
URGERS = frozenset({Role.STAFF, Role.LEADER, Role.GOV_OFFICE, Role.COMMITTEE})
URGE_TEXT_LENGTH = 500


def near_until(today: dt.date) -> dt.date:
    """Return the last due date that counts as near."""
    return today + dt.timedelta(days=NEAR_DAYS)


def light(due_on: dt.date | None, today: dt.date, state: str) -> tuple[str, str]:
    """Return the colour of an obligation's light (green, yellow, red, grey) and what it means in words."""
    if state != ObligationState.OPEN:
        return "grey", "已办" if state == ObligationState.DONE else "已取消"
    if due_on is None:
        return "grey", "无期限"
    words = distance(due_on, today)
    if due_on < today:
        return "red", words
    return ("yellow" if due_on <= near_until(today) else "green"), words


def may_urge(*, role: str, is_own_congress: bool) -> bool:
    """Say whether a hat may urge: the offices that supervise, in their own congress."""
    return role in URGERS and is_own_congress


def urge_words(*, verb: str, due_on: dt.date | None, today: dt.date, text: str = "") -> str:
    """Return what is said to whoever is urged."""
    if due_on is None:
        words = f"请尽快{verb}"
    elif due_on < today:
        words = f"期限{spoken(due_on)}，已逾期 {(today - due_on).days} 天，请尽快{verb}"
    else:
        words = f"请于{spoken(due_on)}前{verb}"
    return f"{words}。{text}" if text else words
