"""人事任免: every item of the year, and how many there were of each wording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from appointments.models import Wording
from reports.counting import count, tally
from reports.definitions.appointments import BY_WORDING
from reports.registers import REGISTERS
from reports.scope import Scope
from reports.sheets.base import CHUNK, Sheet, number
from workbooks.printing import ReportColumn


def _columns(scope: Scope) -> list[ReportColumn]:
    def worded(sums: dict[str, Any]) -> str:
        lines = tally(scope.appointments(), ["wording"])
        counts = [(figure.name, count(lines, figure.where)) for figure in BY_WORDING]
        return "、".join(f"{name}{found}" for name, found in counts if found)

    def examined(sums: dict[str, Any]) -> str:
        return f"{REGISTERS['appointments'].rows(scope).filter(examined=True).count()}人"

    return [
        ReportColumn("序号", kind="number", width=6),
        ReportColumn("姓名", width=12),
        # Wide enough for the counts of the wordings in one line or two.
        ReportColumn("职务", width=42, total=worded),
        ReportColumn("事项", width=11),
        number("人次", width=7),
        ReportColumn("提请人", width=20),
        ReportColumn("会次", width=24),
        ReportColumn("日期", kind="date", width=12),
        ReportColumn("法律考试成绩", kind="number", width=14, total=examined),
        number("供职发言"),
        number("颁发任命书"),
        number("宪法宣誓"),
        ReportColumn("应到", kind="number", width=7),
        ReportColumn("赞成", kind="number", width=7),
        ReportColumn("反对", kind="number", width=7),
        ReportColumn("弃权", kind="number", width=7),
    ]


def _one(value: bool) -> int | None:
    """Return 1 for what took place, so that the column adds up to its number of persons."""
    return 1 if value else None


def _rows(scope: Scope) -> Iterator[tuple]:
    rows = (
        scope.appointments()
        .order_by("decided_on", "pk")
        .values_list(
            "name",
            "post",
            "wording",
            "nominator",
            "meeting__name",
            "decided_on",
            "exam_score",
            "made_statement",
            "letter_issued",
            "took_oath",
            "expected",
            "in_favour",
            "against",
            "abstained",
        )
    )
    for place, row in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        name, post, wording, nominator, meeting, day, score, statement, letter, oath, *votes = row
        done = _one(statement), _one(letter), _one(oath)
        yield place, name, post, Wording(wording).label, 1, nominator, meeting, day, score, *done, *votes


APPOINTMENTS = Sheet(
    name="人事任免",
    unit="人次",
    columns=_columns,
    rows=_rows,
    note=(
        "一人一职一项计一人次；合计行“职务”栏为各事项的人次；供职发言、颁发任命书、宪法宣誓填1的为已进行，合计为人数；"
        "法律考试合计为登记了成绩的人数；表决票数不相加"
    ),
)
