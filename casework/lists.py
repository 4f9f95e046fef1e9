"""The list of what is overdue or near due, for those who supervise."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import User
from casework.models import Obligation, ObligationQuerySet
from casework.rules import near_until


@dataclass(frozen=True)
class Facets:
    """What the list can be narrowed to, as (value, words), and how much is near due and overdue in all."""

    units: list[tuple[str, str]]
    acts: list[tuple[str, str]]
    near: int
    overdue: int


def supervised(user: User, *, today: dt.date) -> ObligationQuerySet:
    """Return the open obligations that are overdue or near due, of the congress the user acts for; oldest first."""
    return (
        Obligation.objects.visible_to(user)
        .open()
        .filter(due_on__lte=near_until(today), case__congress_id=user.hat.congress_id)
        .order_by("due_on", "pk")
    )


def facets(rows: ObligationQuerySet, *, today: dt.date) -> Facets:
    """Return what a list can be narrowed to. One query; one row of it per unit and act."""
    overdue = Q(due_on__lt=today)
    groups = (
        rows.order_by()
        .values("owner_unit", "owner_unit__name", "act", "verb")
        .annotate(late=Count("pk", filter=overdue), near=Count("pk", filter=~overdue))
        .order_by("owner_unit__name", "verb")
    )
    units, acts, near, late = {}, {}, 0, 0
    for group in groups:
        if group["owner_unit"]:
            units[str(group["owner_unit"])] = group["owner_unit__name"]
        acts[group["act"]] = group["verb"]
        near += group["near"]
        late += group["late"]
    return Facets(list(units.items()), list(acts.items()), near, late)
