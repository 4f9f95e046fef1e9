"""督办检查覆盖情况 as a workbook to print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from proposals.models import Means
from proposals.papers.official import chinese_date
from workbooks.printing import ReportBook, ReportColumn

if TYPE_CHECKING:
    from proposals.queries.coverage import Coverage
    from workbooks.writing import Target

NOT_COVERED = "尚未检查"
NOTE = (
    "列本年度提出的建议议案的主办、分办单位（退办、改办的不计），和本年度检查过的其他单位。检查次数按检查日期所在年度计，一次检查用几种方式的，各种方式各计一次。"
    "查看件数是本年度检查时看过的本年度件，同一件看过几次计一件；一件由几个单位分办的，各单位各计一次。"
)


def coverage_book(rows: Sequence[Coverage], *, congress: str, year: int, day: dt.date, out: Target) -> None:
    """Write one line for each unit, and the sums."""

    def number(header: str, width: float = 11) -> ReportColumn:
        return ReportColumn(header, kind="number", width=width, total=True)

    columns = [
        ReportColumn("承办单位", width=30),
        number("主办、分办件数"),
        number("检查次数"),
        *(number(one.label) for one in Means),
        number("查看件数"),
        ReportColumn("覆盖情况", width=14, total=lambda _: f"{sum(row.is_covered for row in rows)}／{len(rows)} 家"),
    ]
    with ReportBook(out, created=dt.datetime.combine(day, dt.time())) as book:
        book.add_sheet(
            "督办检查覆盖情况", title=f"{congress}{year}年督办检查覆盖情况",
            period=f"{year}年　　制表日期：{chinese_date(day)}", unit="件、次", columns=columns, note=NOTE,
            rows=(
                (row.unit, row.items, row.inspections, *row.by_means, row.looked_at,
                 "已检查" if row.is_covered else NOT_COVERED)
                for row in rows
            ),
        )  # fmt: skip
