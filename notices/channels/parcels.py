"""What is sent, and how sending can fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from notices.rules import rest_of


@dataclass(frozen=True)
class Parcel:
    """One message for one address. ``key`` stays the same at every try, so that mail programs know a double."""

    key: str
    address: str
    secret: str
    title: str
    lines: list[dict[str, Any]]
    total: int
    overseen: int


class NotSent(Exception):
    """One parcel was not taken; ``again`` says whether another try may help. The message is for staff."""

    def __init__(self, reason: str, *, again: bool) -> None:
        self.again = again
        super().__init__(reason)


class ServerGone(Exception):
    """The server does not answer: nothing else needs to be tried there now. The message is for staff."""


def link(url: str) -> str:
    """Return an address of the portal as it is opened from outside; empty where the setting names none."""
    return f"{settings.PORTAL_URL}{url}" if settings.PORTAL_URL and url else ""


def rest(parcel: Parcel, shown: int) -> str:
    """Return what stands below the lines; empty when all are shown."""
    return rest_of(parcel.lines[:shown], parcel.total, parcel.overseen)
