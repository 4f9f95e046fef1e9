"""Reads for the catalogue and the hand-over list: a fixed number of queries, whatever the number of rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, ExtractYear

from bodies.models import Session
from proposals.models import (
    Assignment,
    AssignmentRole,
    Category,
    Cosignature,
    Distribution,
    HandlingRound,
    Period,
    Proposal,
    ProposalQuerySet,
    ReviewResult,
)

if TYPE_CHECKING:
    from accounts.models import User

WAITING, ASSIGNED = "waiting", "assigned"
STATES = {WAITING: "立案未交办", ASSIGNED: "已交办"}
OFFICE = "政府办公室（待分办）"


@dataclass(frozen=True)
class Part:
    """One unit's part in the last round; ``order`` sorts units as lists of units do."""

    unit: str
    order: tuple[int, str]
    role: str
    assigned_on: dt.date | None
    due_on: dt.date | None


@dataclass(frozen=True)
class Entry:
    """What the lists say of one proposal; ``part_of`` is the number of the one it was merged into."""

    number: int | None
    form: str
    title: str
    lead: str
    delegation: str
    cosigners: int
    submitted_on: dt.date
    period: str
    category: str
    nature: str
    is_key: bool
    disclosure: str
    is_merged: bool
    part_of: int | None
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Totals:
    """How many proposals a list holds."""

    in_session: int
    in_recess: int

    @property
    def all(self) -> int:
        return self.in_session + self.in_recess

    def __str__(self) -> str:
        return f"{self.all} 件，其中大会期间 {self.in_session} 件，闭会期间 {self.in_recess} 件"


def listed(user: User, chosen: Mapping[str, str]) -> ProposalQuerySet:
    """Return the registered proposals of the user's congress that the conditions find, in the order of the lists.

    ``chosen`` may hold session, year, form, period, state and category, each a known choice.
    """
    assigned = Exists(HandlingRound.objects.filter(proposal=OuterRef("pk")))
    registered = Q(review_result__in=[ReviewResult.REGISTERED, ReviewResult.MERGED])
    rows = Proposal.objects.visible_to(user).filter(
        Q(assigned) | registered, congress_id=user.hat.congress_id, submitted_on__isnull=False
    )
    match chosen.get("state"):
        case "waiting":
            rows = rows.filter(~assigned)
        case "assigned":
            rows = rows.filter(assigned)
    exact = {"session": "session_id", "category": "category_id", "form": "form", "period": "period"}
    rows = rows.filter(**{column: chosen[name] for name, column in exact.items() if chosen.get(name)})
    if chosen.get("year"):
        rows = rows.filter(submitted_on__year=int(chosen["year"]))
    return rows.order_by(
        F("session__starts_on").asc(nulls_first=True), "session", F("number").asc(nulls_last=True), "pk"
    )


def totals_of(rows: ProposalQuerySet) -> Totals:
    """Count the rows. One query."""
    return Totals(
        **rows.order_by().aggregate(
            in_session=Count("pk", filter=Q(period=Period.IN_SESSION)),
            in_recess=Count("pk", filter=Q(period=Period.IN_RECESS)),
        )
    )


@dataclass(frozen=True)
class Choices:
    """What the lists can be narrowed to: sessions newest first, years newest first, categories."""

    sessions: list[Session]
    years: list[int]
    categories: list[tuple[int, str]]


def choices_of(user: User) -> Choices:
    """Return the sessions and years from which the user has proposals, and the categories. Three queries."""
    congress = user.hat.congress_id
    dated = Proposal.objects.visible_to(user).filter(congress=congress, submitted_on__isnull=False).order_by()
    sessions = Session.objects.filter(Exists(dated.filter(session=OuterRef("pk")))).select_related("term")
    years = dated.annotate(year=ExtractYear("submitted_on")).values_list("year", flat=True).distinct()
    return Choices(
        sessions=list(sessions.order_by("-term__starts_on", F("starts_on").desc(nulls_last=True), "-name")),
        years=sorted(years, reverse=True),
        categories=list(Category.objects.filter(congress=congress).values_list("pk", "name")),
    )


def entries_of(rows: ProposalQuerySet, *, limit: int | None = None) -> list[Entry]:
    """Read the rows of ``listed``, the first ``limit`` of them. Three queries."""
    signed = Cosignature.objects.signed().filter(proposal=OuterRef("pk")).order_by().values("proposal")
    count = Coalesce(Subquery(signed.annotate(n=Count("pk")).values("n")), 0, output_field=IntegerField())
    found = list(
        rows.annotate(signed=count + F("paper_cosigners")).values(
            "pk", "number", "form", "title", "submitted_on", "period", "nature", "is_key", "disclosure", "signed",
            "merged_into",
            "merged_into__number", lead_name=F("lead__person__name"), of_delegation=F("lead__delegation__name"),
            category_name=F("category__name"),
        )[:limit]
    )  # fmt: skip
    keys = [row["pk"] for row in found] if limit is not None else rows.order_by().values("pk")
    parts = _parts_of(keys)
    return [
        Entry(
            number=row["number"],
            form=row["form"],
            title=row["title"],
            lead=row["lead_name"],
            delegation=row["of_delegation"],
            cosigners=row["signed"],
            submitted_on=row["submitted_on"],
            period=row["period"],
            category=row["category_name"] or "",
            nature=row["nature"],
            is_key=row["is_key"],
            disclosure=row["disclosure"],
            is_merged=row["merged_into"] is not None,
            part_of=row["merged_into__number"],
            parts=tuple(parts[row["pk"]]),
        )
        for row in found
    ]


def _parts_of(keys: object) -> dict[int, list[Part]]:
    """Who handles each proposal in its last round, in force; what lies with the government office says so."""
    latest = HandlingRound.objects.filter(proposal=OuterRef("round__proposal"), number__gt=OuterRef("round__number"))
    current = {"round__proposal__in": keys}
    rows = (
        Assignment.objects.in_force()
        .filter(~Exists(latest), **current)
        .order_by("pk")
        .values_list("round__proposal", "unit__name", "unit__sort", "unit__pinyin", "role", "assigned_on", "due_on")
    )
    parts: dict[int, list[Part]] = defaultdict(list)
    for proposal, unit, sort, pinyin, role, assigned_on, due_on in rows:
        parts[proposal].append(Part(unit, (-sort, pinyin), role, assigned_on, due_on))
    handed = Distribution.objects.filter(~Exists(latest), distributed_at__isnull=True, **current)
    for proposal, handed_on, due_on in handed.values_list("round__proposal", "handed_on", "due_on"):
        parts[proposal].append(Part(OFFICE, (0, "~"), AssignmentRole.LEAD, handed_on, due_on))
    return parts
