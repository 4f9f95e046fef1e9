"""The register of commitments as a workbook (承诺解决台账). Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from proposals.models import Grade
from proposals.papers.official import chinese_date
from proposals.presenters import latest_words
from workbooks.printing import ReportBook, ReportColumn

if TYPE_CHECKING:
    from proposals.models import Commitment
    from workbooks.writing import Target

COLUMNS = (
    ReportColumn("序号", kind="number", width=6),
    ReportColumn("届次会次", width=16),
    ReportColumn("建议编号", width=9),
    ReportColumn("建议标题", width=30),
    ReportColumn("承办单位", width=16),
    ReportColumn("承诺事项", width=30),
    ReportColumn("责任人", width=10),
    ReportColumn("承诺日期", kind="date", width=11),
    ReportColumn("承诺时限", kind="date", width=11),
    ReportColumn("进度", width=9),
    ReportColumn("落实情况", width=30),
    ReportColumn("落实日期", kind="date", width=11),
    ReportColumn("回头督", kind="number", width=8, total=True),
    ReportColumn("代表评价", width=9),
)


def commitment_cells(place: int, row: Commitment) -> tuple[Any, ...]:
    """Return the cells of ``COLUMNS`` for one commitment from ``queries.commitments.with_steps``."""
    return (
        place,
        str(row.proposal.session),
        row.proposal.display_no,
        row.proposal.title,
        row.unit.name,
        row.matter,
        row.responsible,
        row.made_on,
        row.due_on,
        row.get_state_display(),
        latest_words(row),
        row.settled_on,
        row.looked_back,
        Grade(row.rating).label if row.rating else "",
    )


def commitments_book(rows: Iterable[Commitment], *, congress: str, conditions: str, today: dt.date, out: Target) -> int:
    """Write the register as a print-ready workbook; return how many commitments stand in it."""
    created = timezone.make_aware(dt.datetime.combine(today, dt.time()))
    with ReportBook(out, created=created) as book:
        return book.add_sheet(
            "承诺台账",
            title=f"{congress}建议办理承诺解决台账",
            period=f"{conditions}　制表日期：{chinese_date(today)}",
            unit="件",
            columns=COLUMNS,
            rows=(commitment_cells(place, row) for place, row in enumerate(rows, start=1)),
        )
