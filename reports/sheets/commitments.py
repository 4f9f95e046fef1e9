"""承诺台账: what units still had to keep at some time of the year, whenever they had promised it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from proposals.models import Commitment, Proposal
from proposals.presenters import latest_words
from proposals.queries.commitments import with_steps
from reports.scope import Scope
from reports.sheets.base import CHUNK, Sheet
from workbooks.printing import ReportColumn

COLUMNS = (
    ReportColumn("序号", kind="number", width=6),
    ReportColumn("建议编号", width=9),
    ReportColumn("建议标题", width=36),
    ReportColumn("承办单位", width=20),
    ReportColumn("承诺事项", width=36),
    ReportColumn("责任人", width=12),
    ReportColumn("承诺时限", kind="date", width=12),
    ReportColumn("进度", width=12),
    ReportColumn("落实情况", width=30),
)


def _rows(scope: Scope) -> Iterator[tuple[Any, ...]]:
    year = scope.year
    still = Q(settled_on__isnull=True) | Q(settled_on__year__gte=year)
    proposals = Proposal.objects.filter(congress=scope.congress).order_by().values("pk")
    found = Commitment.objects.filter(still, made_on__year__lte=year, proposal__in=proposals)
    for place, row in enumerate(with_steps(found).iterator(chunk_size=CHUNK), start=1):
        yield (
            place,
            row.proposal.display_no,
            row.proposal.title,
            row.unit.name,
            row.matter,
            row.responsible,
            row.due_on,
            row.get_state_display(),
            latest_words(row),
        )


COMMITMENTS = Sheet(
    name="承诺台账",
    unit="项",
    columns=lambda scope: COLUMNS,
    rows=_rows,
    note="列出本年度内尚需落实和本年度落实的承诺，不论何时承诺；进度为制表时的情况。",
)
