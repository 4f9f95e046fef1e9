"""Reads of inspections: the list, and which units they have reached (督办检查覆盖情况)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from bodies.models import Unit
from proposals.models import Assignment, Inspection, Means, Proposal
from proposals.queries.list import ANSWERING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accounts.models import User


UNIT = ("unit", "unit__name", "unit__sort", "unit__pinyin")


@dataclass(frozen=True)
class Coverage:
    """How far the inspections of a year have reached one unit. ``items`` were proposed in that year."""

    unit_id: int
    unit: str
    items: int
    inspections: int
    by_means: tuple[int, ...]
    looked_at: int

    @property
    def is_covered(self) -> bool:
        return self.inspections > 0


def coverage(user: User, year: int) -> list[Coverage]:
    """Return each unit that answers for proposals of a year or was inspected in it, with its inspections. Two queries.

    Units that none has reached come first, then by their order.
    """
    seen = Inspection.objects.filter(
        unit=OuterRef("unit"), items=OuterRef("round__proposal"), held_on__year=year
    )  # fmt: skip
    parts = (
        unit_parts(user, year)
        .order_by()
        .values(*UNIT)
        .annotate(
            items=Count("round__proposal", distinct=True),
            looked_at=Count("round__proposal", distinct=True, filter=Exists(seen)),
        )
    )
    held = (
        Inspection.objects.visible_to(user)
        .filter(held_on__year=year)
        .order_by()
        .values(*UNIT)
        .annotate(times=Count("pk"), **{one.value: Count("pk", filter=Q(**{one.value: True})) for one in Means})
    )
    visits = {row["unit"]: row for row in held}
    answering = {row["unit"]: row for row in parts}
    # What was inspected may answer for nothing of this year.
    rows = [
        {"items": 0, "looked_at": 0, "times": 0} | dict.fromkeys(Means.values, 0) | row
        for row in ({**visits.get(key, {}), **answering.get(key, {})} for key in answering | visits)
    ]
    rows.sort(key=lambda row: (row["times"] > 0, -row["unit__sort"], row["unit__pinyin"], row["unit"]))
    return [
        Coverage(
            unit_id=row["unit"],
            unit=row["unit__name"],
            items=row["items"],
            inspections=row["times"],
            by_means=tuple(row[one.value] for one in Means),
            looked_at=row["looked_at"],
        )
        for row in rows
    ]


def unit_parts(user: User, year: int) -> QuerySet[Assignment]:
    """Return the parts in force of units that answer for proposals of the user's congress submitted in a year."""
    here = {"round__proposal__congress": user.hat.congress_id, "round__proposal__submitted_on__year": year}
    return Assignment.objects.in_force().filter(role__in=ANSWERING, **here)


def items_of_unit(user: User, unit: Unit, year: int) -> QuerySet[Proposal]:
    """Return what a unit answers for of a year, with the ``seen`` inspections of that year. Two queries."""
    keys = unit_parts(user, year).filter(unit=unit).order_by().values("round__proposal")
    seen = Inspection.objects.visible_to(user).filter(unit=unit, held_on__year=year)
    rows = Proposal.objects.visible_to(user).filter(pk__in=keys).select_related("lead__person")
    return rows.defer("body", "grounds", "plan").prefetch_related(Prefetch("inspections", seen, to_attr="seen"))


def looked_at(rows: QuerySet[Proposal], unit: Unit, year: int) -> QuerySet[Proposal]:
    """Return those of a unit's items at which an inspection of the year looked."""
    return rows.filter(Exists(Inspection.objects.filter(unit=unit, items=OuterRef("pk"), held_on__year=year)))


def inspections(user: User, chosen: Mapping[str, str]) -> QuerySet[Inspection]:
    """Return the inspections that the user may see, narrowed by unit, year and means; newest first.

    One query, with how many items were looked at, how much was demanded and how much of it is not answered.
    """
    rows = Inspection.objects.visible_to(user).select_related("unit")
    if "unit" in chosen:
        rows = rows.filter(unit=int(chosen["unit"]))
    if "year" in chosen:
        rows = rows.filter(held_on__year=int(chosen["year"]))
    if "means" in chosen:
        rows = rows.filter(**{chosen["means"]: True})
    return rows.annotate(
        items_count=Count("items", distinct=True),
        demands_count=Count("demands", distinct=True),
        waiting_count=Count("demands", distinct=True, filter=Q(demands__answered_at__isnull=True)),
    ).order_by("-held_on", "-pk")


def inspected_units(user: User) -> Sequence[tuple[str, str]]:
    """Return the units that were inspected, as choices. One query."""
    keys = Inspection.objects.visible_to(user).order_by().values("unit")
    return [(str(pk), name) for pk, name in Unit.objects.filter(pk__in=keys).values_list("pk", "name")]
