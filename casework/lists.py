"""The list of what is overdue or near due, for those who supervise."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import User
from casework.models import Obligation, ObligationQuerySet
from casework.rules import near_until


@dataclass(frozen=True)
class Group:
    """How much one unit (empty: no unit) has overdue and near due of one act."""

    unit: str
    unit_name: str
    act: str
    verb: str
    overdue: int
    near: int


@dataclass(frozen=True)
class Facets:
    """What the list can be narrowed to, and how much is left then."""

    groups: list[Group]

    @property
    def units(self) -> list[tuple[str, str]]:
        return list({group.unit: (group.unit, group.unit_name) for group in self.groups if group.unit}.values())

    @property
    def acts(self) -> list[tuple[str, str]]:
        return list({group.act: (group.act, group.verb) for group in self.groups}.values())

    def counts(self, *, unit: str = "", act: str = "") -> tuple[int, int]:
        """Return how many are overdue and how many near due, of one unit or act or of all."""
        found = [group for group in self.groups if unit in {"", group.unit} and act in {"", group.act}]
        return sum(group.overdue for group in found), sum(group.near for group in found)


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
        .values_list("owner_unit", "owner_unit__name", "act", "verb")
        .annotate(late=Count("pk", filter=overdue), near=Count("pk", filter=~overdue))
        .order_by("owner_unit__name", "verb")
    )
    return Facets([Group(str(unit or ""), name or "", *rest) for unit, name, *rest in groups])
