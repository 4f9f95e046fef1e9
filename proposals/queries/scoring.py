"""Reads for scoring units: the facts that the measures count, the standing of a scheme, its rows. Fixed queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from casework.models import CaseStatus, Obligation
from proposals.models import (
    Assignment,
    AssistOpinion,
    Commitment,
    CommitmentState,
    CommitmentStep,
    CommitmentStepKind,
    Contact,
    Grade,
    HandlingRound,
    ItemKind,
    ManualScore,
    Measure,
    SchemeState,
    ScoreLine,
)
from proposals.queries.list import ANSWERING
from proposals.queries.rating import judgement
from proposals.rules.scoring import (
    CommitmentFacts,
    PartFacts,
    points_after,
    points_of_rate,
    ranks,
    total_of,
    verdict,
)

if TYPE_CHECKING:
    from proposals.models import ScoringItem, ScoringScheme

Facts = PartFacts | CommitmentFacts
# The steps by which a unit says what has become of a commitment.
ENDS = (CommitmentStepKind.CLAIM, CommitmentStepKind.EXPLAIN)
NOT_SCORED, NOT_APPLICABLE = "未评", "不适用"


@dataclass(frozen=True)
class Cell:
    """What one unit has of one item: the points, None where there are none, and how they came about."""

    points: Decimal | None
    words: str


@dataclass(frozen=True)
class UnitScore:
    """One line of the standing."""

    unit_id: int
    unit: str
    cells: dict[int, Cell]
    total: Decimal | None
    rank: int | None = None
    missing: list[str] = field(default_factory=list)


def facts_of(scheme: ScoringScheme, today: dt.date) -> list[Facts]:
    """Return what the records of the scheme's year say, part by part. Two queries."""
    return [*_parts(scheme, today), *_commitments(scheme)]


def _parts(scheme: ScoringScheme, today: dt.date) -> list[PartFacts]:
    later = HandlingRound.objects.filter(proposal=OuterRef("round__proposal"), number__gt=OuterRef("round__number"))
    owed = Obligation.objects.filter(case=OuterRef("round__proposal"), owner_unit=OuterRef("unit")).order_by("-pk")
    opinions = AssistOpinion.objects.filter(assignment=OuterRef("pk"), sent_back_at__isnull=True)
    waits = Q(replies__isnull=True, due_on__lt=today, round__proposal__status=CaseStatus.OPEN)
    late = Assignment.objects.in_force().filter(
        Q(replies__replied_on__gt=F("due_on")) | waits,
        unit=OuterRef("unit"),
        round__proposal=OuterRef("round__proposal"),
        role__in=ANSWERING,
    )
    rows = (
        Assignment.objects.in_force()
        .filter(
            ~Exists(later),
            round__proposal__congress=scheme.congress_id,
            round__proposal__submitted_on__year=scheme.year,
        )
        .annotate(
            replied_on=F("replies__replied_on"),
            has_contact=Exists(Contact.objects.filter(assignment=OuterRef("pk"))),
            acknowledge_by=Subquery(owed.filter(act="acknowledge").values("due_on")[:1]),
            opinion_by=Subquery(owed.filter(act="opinion").values("due_on")[:1]),
            opined_at=Subquery(opinions.values("given_at")[:1]),
            grade=judgement("round", "round__proposal__lead"),
            was_late=Exists(late),
        )
        .order_by("-unit__sort", "unit__pinyin", "unit", "round__proposal")
        .values_list(
            "unit", "unit__name", "round__proposal", "round__proposal__label", "round__proposal__title", "role",
            "round__proposal__status", "due_on", "replied_on", "has_contact", "acknowledge_by", "acknowledged_at",
            "grade", "opinion_by", "opined_at", "was_late",
        )
    )  # fmt: skip
    return [
        PartFacts(
            unit_id=unit, unit=name, proposal_id=proposal, number=label, title=title, role=role,
            is_open=status == CaseStatus.OPEN, due_on=due_on, replied_on=replied_on, has_contact=has_contact,
            acknowledge_by=acknowledge_by, acknowledged_on=_day(acknowledged_at), grade=grade or Grade.NONE,
            opinion_by=opinion_by, opined_on=_day(opined_at), was_late=was_late,
        )
        for (
            unit, name, proposal, label, title, role, status, due_on, replied_on, has_contact, acknowledge_by,
            acknowledged_at, grade, opinion_by, opined_at, was_late,
        ) in rows
    ]  # fmt: skip


def _day(moment: dt.datetime | None) -> dt.date | None:
    return timezone.localdate(moment) if moment else None


def _commitments(scheme: ScoringScheme) -> list[CommitmentFacts]:
    """Return what units promised on proposals of the year."""
    told = CommitmentStep.objects.filter(commitment=OuterRef("pk"), kind__in=ENDS).order_by("-pk")
    rows = (
        Commitment.objects.filter(proposal__congress=scheme.congress_id, proposal__submitted_on__year=scheme.year)
        .annotate(told=Subquery(told.values("kind")[:1]), told_on=Subquery(told.values("happened_on")[:1]))
        .order_by("-unit__sort", "unit__pinyin", "unit", "pk")
        .values_list(
            "unit", "unit__name", "proposal", "proposal__label", "matter", "state", "due_on", "settled_on", "told",
            "told_on",
        )
    )  # fmt: skip
    return [
        CommitmentFacts(unit, name, proposal, label, matter, state, due_on, _done_on(state, settled_on, told, told_on))
        for unit, name, proposal, label, matter, state, due_on, settled_on, told, told_on in rows
    ]


def _done_on(state: str, settled_on: dt.date | None, told: str, told_on: dt.date | None) -> dt.date | None:
    """Return the day that the unit says a commitment was kept on, as long as nobody has sent that back."""
    if state == CommitmentState.CLAIMED and told == CommitmentStepKind.CLAIM:
        return told_on
    return settled_on


def standing(scheme: ScoringScheme, items: Sequence[ScoringItem], today: dt.date) -> list[UnitScore]:
    """Return the units of a scheme, best first: as published, or as the records and points say today."""
    if scheme.state == SchemeState.CLOSED:
        return published(list(scheme.lines.select_related("unit")))
    facts = facts_of(scheme, today)
    # Of several points that were given one after the other the last count.
    scores = ManualScore.objects.filter(item__in=items).order_by("pk")
    given = {(row.item_id, row.unit_id): row for row in scores}
    units: dict[int, list[Facts]] = {}
    for row in facts:
        units.setdefault(row.unit_id, []).append(row)
    lines = [_line(unit, rows, items, given, today) for unit, rows in units.items()]
    places = ranks([line.total for line in lines])
    ranked = [
        UnitScore(line.unit_id, line.unit, line.cells, line.total, rank, line.missing)
        for line, rank in zip(lines, places, strict=True)
    ]
    return sorted(ranked, key=lambda line: (line.rank is None, line.rank or 0))


def _line(
    unit_id: int,
    facts: list[Facts],
    items: Sequence[ScoringItem],
    given: dict[tuple[int, int], ManualScore],
    today: dt.date,
) -> UnitScore:
    cells, missing = {}, []
    for item in items:
        if item.kind == ItemKind.COMPUTED:
            cells[item.pk] = computed(item, facts, today)
        elif score := given.get((item.pk, unit_id)):
            cells[item.pk] = Cell(score.points, score.note)
        else:
            cells[item.pk] = Cell(None, NOT_SCORED)
            missing.append(item.name)
    total = total_of([(item.max_points, cells[item.pk].points) for item in items])
    return UnitScore(unit_id, facts[0].unit, cells, total, missing=missing)


def computed(item: ScoringItem, facts: Sequence[Facts], today: dt.date) -> Cell:
    """Return what the records of one unit come to in a computed item."""
    counted = [found for row in facts if (found := verdict(item.measure, row, today)) is not None]
    done, of = sum(counted), len(counted)
    if item.measure == Measure.OVERDUE:
        return Cell(
            points_after(item.max_points, item.per_case, done, of), f"逾期 {done} 件" if of else NOT_APPLICABLE
        )  # fmt: skip
    return Cell(points_of_rate(item.max_points, done, of), f"{done}／{of}" if of else NOT_APPLICABLE)


def published(lines: Sequence[ScoreLine]) -> list[UnitScore]:
    """Return stored lines, with their units at hand, as the standing shows them."""
    return [
        UnitScore(
            line.unit_id,
            line.unit.name,
            {
                int(key): Cell(None if cell["points"] is None else Decimal(cell["points"]), cell["words"])
                for key, cell in line.cells.items()
            },
            line.total,
            line.rank,
        )
        for line in lines
    ]
