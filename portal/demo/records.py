"""A proposal in memory, and how many of them are written at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Model
from django.db.models.sql import InsertQuery

from casework.models import Case, Event, Obligation, Step, StepRun
from proposals.models import Assignment, Commitment, HandlingRound, Proposal


@dataclass
class Record:
    """A proposal in memory with the rows that hang on it, in the order of writing."""

    proposal: Proposal
    step: Step | None
    rounds: list[HandlingRound] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    rows: list[Model] = field(default_factory=list)
    runs: list[StepRun] = field(default_factory=list)
    obligations: list[Obligation] = field(default_factory=list)
    promises: list[tuple[Commitment, Event, Obligation]] = field(default_factory=list)


def insert_proposals(proposals: list[Proposal]) -> None:
    """Insert proposals in two queries; ``bulk_create`` refuses models that inherit a table."""
    names = [column.attname for column in Case._meta.concrete_fields if not column.primary_key]  # noqa: SLF001 - documented
    cases = Case.objects.bulk_create(Case(**{name: getattr(row, name) for name in names}) for row in proposals)
    for proposal, case in zip(proposals, cases, strict=True):
        proposal.pk = proposal.id = case.pk
    query = InsertQuery(Proposal)
    query.insert_values(Proposal._meta.local_concrete_fields, proposals)  # noqa: SLF001 - documented
    query.get_compiler(connection=connection).execute_sql()
