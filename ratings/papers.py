"""The result of a round as a workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from ratings.queries import RoundResult, SubjectResult
from workbooks.printing import ReportBook, ReportColumn
from workbooks.writing import Target


def result_book(result: RoundResult, *, now: dt.datetime, ranked: bool, with_remarks: bool, out: Target) -> None:
    """Write the result as a sheet that can be printed; remarks, if any and wanted, as a second one."""
    round_ = result.round
    whole = result.total
    columns = [
        ReportColumn("序号", "number", 6),
        ReportColumn("测评对象", "text", 36),
        *(ReportColumn(level.label, "number", 9, total=True) for level in result.levels),
        ReportColumn("未填", "number", 8, total=True),
        ReportColumn("有效评价", "number", 10, total=True),
        ReportColumn(f"{round_.rate_name}(%)", "number", 11, total=lambda _: whole.rate, number_format="0.0"),
        ReportColumn("平均分", "number", 9, total=lambda _: whole.score, number_format="0.00"),
        ReportColumn("名次", "number", 7),
    ]
    rows = result.by_rank if ranked else list(result.subjects)
    remarks = [(row.subject.name, text) for row in rows for text in row.remarks] if with_remarks else []
    with ReportBook(out, created=now.replace(tzinfo=None)) as book:
        book.add_sheet(
            "测评结果",
            title=f"{round_.title}结果",
            period="　".join(
                filter(None, [str(round_.congress), round_.purpose, f"测评日期：{round_.held_on:%Y-%m-%d}"])
            ),
            unit="票",
            columns=columns,
            rows=_lines(rows),
            note=f"收回 {result.ballots} 票（手机 {result.phone_ballots} 票，纸质 {result.paper_ballots} 票）。{result.denominator}。",
        )
        if remarks:
            book.add_sheet(
                "意见",
                title=f"{round_.title}意见",
                period=f"测评日期：{round_.held_on:%Y-%m-%d}",
                unit="条",
                columns=[ReportColumn("测评对象", "text", 36), ReportColumn("意见", "text", 90)],
                rows=remarks,
            )


def _lines(rows: list[SubjectResult]) -> Iterator[tuple[Any, ...]]:
    for place, row in enumerate(rows, start=1):
        tally = row.tally
        counts = (one.number for one in row.levels)
        yield (place, row.subject.name, *counts, tally.blank, tally.valid, tally.rate, tally.score, row.rank)
