"""承办单位考核评分表 as a workbook to print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from proposals.papers.official import chinese_date
from proposals.rules.scoring import MEANING, SCOPE
from workbooks.printing import ReportBook, ReportColumn

if TYPE_CHECKING:
    from proposals.models import ScoringItem, ScoringScheme
    from proposals.queries.scoring import UnitScore
    from workbooks.writing import Target

SCALED = "没有相应记录的项目对该单位不适用，满分中扣除，总分按满分折算；得分四舍五入到一位小数；总分相同的名次并列。"


def scoring_book(
    scheme: ScoringScheme,
    items: Sequence[ScoringItem],
    lines: Sequence[UnitScore],
    *,
    congress: str,
    day: dt.date,
    out: Target,
) -> None:
    """Write one line for each unit: rank, name, the points of each item, total."""
    columns = [
        ReportColumn("名次", kind="number", width=7),
        ReportColumn("承办单位", width=28),
        *(
            ReportColumn(f"{item.name}\n（{item.max_points.normalize():f}分）", "number", 12, number_format="0.0")
            for item in items
        ),
        ReportColumn("总分", kind="number", width=9, number_format="0.0"),
    ]
    basis = "；".join(f"{item.name}：{MEANING[item.measure]}" for item in items if item.measure)
    state = f"公布日期：{chinese_date(timezone.localdate(scheme.closed_at))}" if scheme.closed_at else "尚未公布"
    with ReportBook(out, created=dt.datetime.combine(day, dt.time())) as book:
        book.add_sheet(
            "考核评分表", title=f"{congress}{scheme.year}年承办单位考核评分表",
            period=f"{scheme.name}　　{state}　　制表日期：{chinese_date(day)}", unit="分", columns=columns,
            rows=(
                (line.rank, line.unit, *(line.cells[item.pk].points for item in items), line.total) for line in lines
            ),
            note="　".join(filter(None, [SCALED, SCOPE if basis else "", basis])),
        )  # fmt: skip
