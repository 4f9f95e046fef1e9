"""建议目录: every suggestion and bill of the year with how it was handled in the last round."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from proposals.models import AssignmentRole, Cosignature, Grade, HandlingRound, Period
from proposals.models import ProposalKind as Kind
from proposals.queries.rating import judgement
from reports.proposal_stats import last_parts
from reports.registers import directory_order, state_of
from reports.scope import Scope
from reports.sheets.base import CHUNK, Sheet
from workbooks.printing import ReportColumn

COLUMNS = (
    ReportColumn("类型", width=6),
    ReportColumn("类别", width=10),
    ReportColumn("领衔代表", width=10),
    ReportColumn("代表团", width=16),
    ReportColumn("附议人数", kind="number", width=9, total=True),
    ReportColumn("提出时期", width=9),
    ReportColumn("提出日期", kind="date", width=11),
    ReportColumn("主办单位", width=18),
    ReportColumn("协办单位", width=18),
    ReportColumn("交办日期", kind="date", width=11),
    ReportColumn("答复期限", kind="date", width=11),
    ReportColumn("答复日期", kind="date", width=11),
    ReportColumn("答复文号", width=20),
    ReportColumn("办理结果", width=10),
    ReportColumn("态度评价", width=9),
    ReportColumn("结果评价", width=9),
    ReportColumn("状态", width=15),
)


class Part(NamedTuple):
    """One unit's part in the last round of a proposal."""

    proposal: int
    role: str
    unit: str
    assigned_on: dt.date | None
    due_on: dt.date | None
    replied_on: dt.date | None
    document_no: str | None
    outcome: str | None


class Row(NamedTuple):
    """What the proposal itself and the judgement of its last round say."""

    pk: int
    number: int | None
    title: str
    form: str
    category: str | None
    lead: str
    delegation: str
    paper_cosigners: int
    cosigners: int
    period: str
    submitted_on: dt.date
    attitude: str | None
    result: str | None
    status: str
    closed_as: str
    step: str | None


def _columns(scope: Scope) -> list[ReportColumn]:
    # Counted by the database beside the rows: the numbers of suggestions are names and add up to nothing.
    title = ReportColumn("标题", width=40, total=lambda sums: f"{scope.proposals().count()}件")
    return [ReportColumn("编号", kind="number", width=6), title, *COLUMNS]


def _read(scope: Scope) -> Iterator[Row]:
    rounds = HandlingRound.objects.filter(proposal=OuterRef("pk")).order_by("-number")
    named = (
        Cosignature.objects.signed()
        .filter(proposal=OuterRef("pk"))
        .order_by()
        .values("proposal")
        .annotate(n=Count("pk"))
    )
    rows = (
        scope.proposals()
        .annotate(last_round=Subquery(rounds.values("pk")[:1]))
        .order_by(*directory_order())
        .values_list(
            "pk",
            "number",
            "title",
            "form",
            "category__name",
            "lead__person__name",
            "lead__delegation__name",
            "paper_cosigners",
            Coalesce(Subquery(named.values("n")), 0, output_field=IntegerField()),
            "period",
            "submitted_on",
            judgement("last_round", "lead", "attitude"),
            judgement("last_round", "lead", "result"),
            "status",
            "closed_as",
            "step__label",
        )
    )
    return map(Row._make, rows.iterator(chunk_size=CHUNK))


def _read_parts(scope: Scope) -> Iterator[Part]:
    rows = (
        last_parts(scope)
        .order_by(*directory_order("round__proposal__"), "pk")
        .values_list(
            F("round__proposal"),
            "role",
            "unit__name",
            "assigned_on",
            "due_on",
            "replies__replied_on",
            "replies__document_no",
            "replies__outcome__name",
        )
    )
    return map(Part._make, rows.iterator(chunk_size=CHUNK))


def _joined(names: list[str | None]) -> str:
    """Return the different names in their order, without the empty ones."""
    return "、".join(dict.fromkeys(filter(None, names)))


def _handling(parts: list[Part]) -> tuple:
    answering = [part for part in parts if part.role != AssignmentRole.ASSIST]
    replied = [part.replied_on for part in answering]
    return (
        _joined([part.unit for part in answering]),
        _joined([part.unit for part in parts if part.role == AssignmentRole.ASSIST]),
        min((part.assigned_on for part in answering if part.assigned_on), default=None),
        max((part.due_on for part in answering if part.due_on), default=None),
        # A proposal is answered when the last of its units has answered.
        max(replied) if replied and all(replied) else None,
        _joined([part.document_no for part in answering]),
        _joined([part.outcome for part in answering]),
    )


def _rows(scope: Scope) -> Iterator[tuple]:
    # Both reads come in the same order, so the parts are met as the rows pass by: memory stays flat.
    by_proposal = groupby(_read_parts(scope), key=attrgetter("proposal"))
    waiting = next(by_proposal, None)
    for row in _read(scope):
        parts: list[Part] = []
        if waiting is not None and waiting[0] == row.pk:
            parts = list(waiting[1])
            waiting = next(by_proposal, None)
        yield (
            row.number,
            row.title,
            Kind(row.form).label,
            row.category,
            row.lead,
            row.delegation,
            row.paper_cosigners + row.cosigners,
            Period(row.period).label,
            row.submitted_on,
            *_handling(parts),
            Grade(row.attitude).label if row.attitude else "",
            Grade(row.result).label if row.result else "",
            state_of(status=row.status, closed_as=row.closed_as, step_label=row.step or ""),
        )


CATALOGUE = Sheet(
    name="建议目录",
    unit="件",
    columns=_columns,
    rows=_rows,
    note="办理情况以最后一轮为准；分办的各单位都已答复才填答复日期；没有编号的是还没有立案或者不予立案的",
)
