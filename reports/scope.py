"""What a report is about: one congress, one year, the day it is drawn up, and who asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet

from accounts.models import User
from appointments.models import Appointment, AppointmentQuerySet
from bodies.models import Congress, Term
from deputies.models import DeputyGroup, GroupMember, Seat, SeatQuerySet
from duties.models import DutyRecord, DutyRecordQuerySet, DutyType
from duties.presets import TYPES
from liaison_stations.models import (
    OpinionItem,
    OpinionQuerySet,
    Reception,
    ReceptionQuerySet,
    Station,
    StationQuerySet,
)
from proposals.models import Commitment, OutcomeCategory, Proposal, ProposalQuerySet
from training.models import TrainingClass, TrainingClassQuerySet


class UnableToReport(Exception):
    """There is nothing to report on; the message is for the clerk."""


@dataclass(frozen=True)
class Scope:
    """The rows of one congress and year; with a user only those that the user may see.

    ``as_of`` is the day of the report: it decides what is overdue and nothing else.
    """

    congress: Congress
    term: Term
    year: int
    as_of: dt.date
    user: User | None = None

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, 1, 1)

    @property
    def last_day(self) -> dt.date:
        return dt.date(self.year, 12, 31)

    @property
    def period(self) -> str:
        """The line under the title of every sheet."""
        return f"{self.year}年1月1日至12月31日，统计日{self.as_of.year}年{self.as_of.month}月{self.as_of.day}日"

    @property
    def is_own(self) -> bool:
        """Say whether the user acts for this very congress; a report without a user is the congress's own."""
        return self.user is None or (self.user.hat is not None and self.user.hat.congress_id == self.congress.pk)

    @property
    def _year(self) -> tuple[dt.date, dt.date]:
        return self.first_day, self.last_day

    @property
    def is_of_congress(self) -> ExpressionWrapper:
        """Say of a seat whether it is one of the congress itself, not of another level in its groups."""
        return ExpressionWrapper(Q(term__congress=self.congress), BooleanField())

    def _rows(self, model: type[Model]) -> QuerySet:
        return model.objects.all() if self.user is None else model.objects.visible_to(self.user)

    def proposals(self) -> ProposalQuerySet:
        """Return the suggestions and bills submitted in the year; a draft has no day of submission and never counts."""
        return self._rows(Proposal).filter(congress=self.congress, submitted_on__range=self._year)

    def commitments(self) -> QuerySet[Commitment]:
        """Return what units promised on the year's suggestions and bills, whenever they did."""
        return self._rows(Commitment).filter(proposal__in=self.proposals().order_by().values("pk"))

    def seats(self) -> SeatQuerySet:
        """Return the seats held on 31 December: those of the congress, and those of other levels in its groups (四级代表编组)."""
        grouped = GroupMember.objects.filter(group__in=self.groups().order_by().values("pk"))
        of_body = Q(term__congress=self.congress) | Q(pk__in=grouped.values("seat"))
        return self._rows(Seat).filter(of_body).in_office_on(self.last_day)

    def groups(self) -> QuerySet[DeputyGroup]:
        """Return the deputy groups of the term in office on 31 December."""
        rows = DeputyGroup.objects.filter(term__starts_on__lte=self.last_day, term__ends_on__gte=self.last_day)
        if self.user is not None:
            rows = rows.filter(term__in=Term.objects.visible_to(self.user))
        return rows.filter(term__congress=self.congress)

    def duties(self) -> DutyRecordQuerySet:
        """Return the lines of the duty ledger with their day in the year."""
        return self._rows(DutyRecord).filter(congress=self.congress, done_on__range=self._year)

    def trainings(self) -> TrainingClassQuerySet:
        """Return the classes that began in the year."""
        return self._rows(TrainingClass).filter(congress=self.congress, starts_on__range=self._year)

    def appointments(self) -> AppointmentQuerySet:
        """Return what was decided in the year on appointments and removals."""
        return self._rows(Appointment).filter(congress=self.congress, decided_on__range=self._year)

    def stations(self) -> StationQuerySet:
        """Return the stations and homes on the register; they bear no date, so it is the register of today."""
        return self._rows(Station).filter(congress=self.congress)

    def receptions(self) -> ReceptionQuerySet:
        """Return the receptions of the year."""
        return self._rows(Reception).filter(station__congress=self.congress, received_on__range=self._year)

    def opinions(self) -> OpinionQuerySet:
        """Return the opinions of the public raised in the year."""
        return self._rows(OpinionItem).filter(station__congress=self.congress, raised_on__range=self._year)

    @cached_property
    def duty_types(self) -> list[tuple[int, str]]:
        """The types of the year's lines in the ledger, id and name, as the office sorts them, then as they are preset."""
        used = DutyType.objects.filter(pk__in=self.duties().order_by().values("type"))
        rows = used.order_by("sort", "pk").values_list("pk", "name", "sort")
        preset = {name: place for place, name in enumerate(TYPES)}
        return [(pk, name) for pk, name, _ in sorted(rows, key=lambda row: (row[2], preset.get(row[1], len(preset))))]

    @cached_property
    def outcomes(self) -> list[tuple[int, str]]:
        """The outcome categories, id and label, of the year's term and of those whose deputies proposed in the year."""
        terms = Q(term=self.term) | Q(term__in=self.proposals().order_by().values("lead__term"))
        rows = OutcomeCategory.objects.filter(terms).order_by("term__starts_on", "sort", "code")
        return [(row.pk, str(row)) for row in rows]


def scope_of(*, congress: Congress, year: int, as_of: dt.date, user: User | None = None) -> Scope:
    """Return the scope of a congress and a year. One query.

    Raises UnableToReport when no term of the congress was in office in that year.
    """
    term = None
    if dt.MINYEAR <= year <= dt.MAXYEAR:
        during = congress.terms.filter(starts_on__lte=dt.date(year, 12, 31), ends_on__gte=dt.date(year, 1, 1))
        term = during.select_related("congress").order_by("-starts_on").first()
    if term is None:
        raise UnableToReport(f"{congress}没有{year}年在任的届次，请先登记届次的起止日期，或者换一个年份。")
    return Scope(congress=term.congress, term=term, year=year, as_of=as_of, user=user)


def years_of(*, congress: Congress, today: dt.date) -> list[int]:
    """Return the years up to this one in which a term was in office, newest first. One query."""
    years: set[int] = set()
    for starts_on, ends_on in congress.terms.values_list("starts_on", "ends_on"):
        years.update(range(starts_on.year, min(ends_on.year, today.year) + 1))
    return sorted(years, reverse=True)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything inside from one state of the database, so that the sheets of one workbook agree."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
