"""What the figures ask of a proposal, and of a unit's part in one, as columns that a query can group and filter by."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.aggregates import BoolAnd
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from casework.models import CaseStatus
from proposals.models import Assignment, AssignmentRole, Grade, HandlingRound, ProposalQuerySet, Reply
from proposals.queries.rating import judgement
from reports.scope import Scope

ANSWERING = (AssignmentRole.LEAD, AssignmentRole.SEPARATE)

_ON_TIME = Q(replies__isnull=False, due_on__isnull=False, replies__replied_on__lte=F("due_on"))


def _is_late(as_of: dt.date) -> Q:
    """Return the condition of a unit's part that was answered after its due date, or is still open after it."""
    is_open = Q(replies__isnull=True, due_on__lt=as_of, round__proposal__status=CaseStatus.OPEN)
    return Q(replies__replied_on__gt=F("due_on")) | is_open


def _every(condition: Q, assignments: QuerySet) -> Coalesce:
    """Say whether there are assignments and all of them fulfil the condition."""
    verdict = assignments.order_by().values("round").annotate(every=BoolAnd(condition)).values("every")
    return Coalesce(Subquery(verdict), Value(False), output_field=BooleanField())


def _grade(round_ref: str, lead_ref: str) -> Coalesce:
    """Return how the result of a round was judged: by several deputies together, or by the lead; else ``none``."""
    return Coalesce(judgement(round_ref, lead_ref), Value(Grade.NONE.value))


def with_facts(rows: ProposalQuerySet, as_of: dt.date) -> ProposalQuerySet:
    """Add to each proposal what the figures count, all of it about the last round except ``late`` and ``redone``.

    ``answered``: every answering unit (主办, 分办) has replied. ``on_time``: and each by its due date, none late in any
    round. ``outcome``, ``solved``, ``explained``: the category of the reply; where separate units came to different
    ones the weakest, that is one that does not count as solved before one that does, then the later in the term's
    order. ``grade``: the judgement of the result. ``late``: a reply after its due date in any round, or an open one
    past due on ``as_of``. ``redone``: there was a second round.
    """
    rounds = HandlingRound.objects.filter(proposal=OuterRef("pk"))
    parts = Assignment.objects.in_force().filter(round=OuterRef("last_round"), role__in=ANSWERING)
    late = Assignment.objects.in_force().filter(_is_late(as_of), round__proposal=OuterRef("pk"), role__in=ANSWERING)
    replies = Reply.objects.filter(assignment__round=OuterRef("last_round"), assignment__role__in=ANSWERING)
    weakest = replies.order_by(
        F("outcome__counts_as_solved").asc(nulls_first=True), F("outcome__sort").desc(nulls_first=True), "-outcome"
    )
    return rows.annotate(
        last_round=Subquery(rounds.order_by("-number").values("pk")[:1]),
        answered=_every(Q(replies__isnull=False), parts),
        late=Exists(late),
        redone=Exists(rounds.filter(number__gt=1)),
        outcome=Subquery(weakest.values("outcome")[:1]),
        solved=Coalesce(Subquery(weakest.values("outcome__counts_as_solved")[:1]), Value(False)),
        explained=Coalesce(Subquery(weakest.values("outcome__counts_as_explained")[:1]), Value(False)),
        grade=_grade("last_round", "lead"),
        on_time=_every(_ON_TIME, parts),
    )


def last_parts(scope: Scope) -> QuerySet[Assignment]:
    """Return each unit's part in the last round of each proposal of the year."""
    later = HandlingRound.objects.filter(proposal=OuterRef("round__proposal"), number__gt=OuterRef("round__number"))
    return Assignment.objects.in_force().filter(
        ~Exists(later), round__proposal__in=scope.proposals().order_by().values("pk")
    )


def unit_parts(scope: Scope) -> QuerySet[Assignment]:
    """Return the parts of ``last_parts`` with their facts.

    They mean what they mean in ``with_facts``, for the unit's own reply and its own due dates.
    """
    late = Assignment.objects.in_force().filter(
        _is_late(scope.as_of),
        unit=OuterRef("unit"),
        round__proposal=OuterRef("round__proposal"),
        role__in=ANSWERING,
    )
    return last_parts(scope).annotate(
        answered=ExpressionWrapper(Q(replies__isnull=False), BooleanField()),
        late=Exists(late),
        redone=ExpressionWrapper(Q(round__number__gt=1), BooleanField()),
        outcome=F("replies__outcome"),
        grade=_grade("round", "round__proposal__lead"),
        on_time=ExpressionWrapper(_ON_TIME, BooleanField()),
    )
