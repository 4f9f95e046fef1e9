"""Reads of people and seats."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q

from deputies.models import Delegation, Seat, SeatQuerySet

if TYPE_CHECKING:
    from accounts.models import User


def roster(user: User, today: dt.date) -> SeatQuerySet:
    """Return the seats in office today that the user may see, with what a roster row shows. One query."""
    return (
        Seat.objects.visible_to(user)
        .in_office_on(today)
        .select_related("person", "delegation", "term__congress")
        .order_by("delegation__sort", "delegation", "person__pinyin", "pk")
    )


def search(rows: SeatQuerySet, text: str) -> SeatQuerySet:
    """Return the seats whose name, pinyin initials, certificate number or post match what was typed."""
    text = text.strip()
    if not text:
        return rows
    condition = Q(person__name__icontains=text) | Q(certificate_no=text) | Q(person__post__icontains=text)
    if text.isascii() and text.isalpha():
        condition |= Q(person__initials__startswith=text.lower())
    return rows.filter(condition)


def delegations(user: User, today: dt.date) -> list[tuple[int, str]]:
    """Return the delegations of the seats that the user sees. One query."""
    seats = Seat.objects.visible_to(user).in_office_on(today)
    return list(Delegation.objects.filter(pk__in=seats.values("delegation")).values_list("pk", "name"))
