"""履职统计: what each deputy did in the year, by the types of the duty ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet

from bodies.models import Level
from deputies.models import Seat
from proposals.models import Cosignature
from reports.registers import roster_order
from reports.scope import Scope
from reports.sheets.base import CHUNK, Sheet, number
from training.models import Attendance
from workbooks.printing import ReportColumn

# As many as a page in landscape takes; what an office has beyond is counted together.
MOST_TYPES = 18
OTHER_TYPES = "其余类型"


def _types(scope: Scope) -> tuple[list[tuple[int, str]], list[int]]:
    """Return the types with a column of their own, and those that are counted together."""
    types = scope.duty_types
    return types[:MOST_TYPES], [pk for pk, _ in types[MOST_TYPES:]]


def _type(header: str) -> ReportColumn:
    # Most cells of the table are 0; shown as nothing, they let the others be seen.
    return ReportColumn(header, kind="number", width=8, number_format="0;-0;", total=True)


def _columns(scope: Scope) -> list[ReportColumn]:
    shown, others = _types(scope)
    headers = [name for _, name in shown] + ([OTHER_TYPES] if others else [])
    return [
        ReportColumn("序号", kind="number", width=6),
        ReportColumn("姓名", width=17),
        ReportColumn("层级", width=6),
        ReportColumn("代表团", width=16),
        number("记录合计"),
        *(_type(header) for header in headers),
        number("领衔件数"),
        number("附议件数"),
        number("培训班次"),
    ]


def _by_seat(rows: QuerySet, seat: str, **counted: Any) -> dict[int, tuple[int, ...]]:
    """Return of each seat what is counted of its rows. One query."""
    lines = rows.order_by().values_list(seat).annotate(**counted)
    return {pk: tuple(numbers) for pk, *numbers in lines.iterator(chunk_size=CHUNK)}


def _rows(scope: Scope) -> Iterator[tuple]:
    shown, others = _types(scope)
    by_type = {f"type_{pk}": Count("pk", filter=Q(type=pk)) for pk, _ in shown}
    if others:
        by_type["others"] = Count("pk", filter=Q(type__in=others))
    one = {"n": Count("pk")}
    cosigned = Cosignature.objects.signed().filter(proposal__in=scope.proposals().order_by().values("pk"))
    attended = Attendance.objects.filter(training_class__in=scope.trainings().order_by().values("pk"))
    lines = _by_seat(scope.duties(), "seat", n=Count("pk"), **by_type)
    others_of = [_by_seat(scope.proposals(), "lead", **one), _by_seat(cosigned, "seat", **one)]
    others_of.append(_by_seat(attended, "seat", **one))
    # Whoever left during the year did something in it, so that the totals are those of the overview.
    active = Q(pk__in=scope.duties().order_by().values("seat"))
    active |= Q(pk__in=scope.proposals().order_by().values("lead"))
    active |= Q(pk__in=cosigned.values("seat")) | Q(pk__in=attended.values("seat"))
    seats = (
        Seat.objects.filter(Q(pk__in=scope.seats().order_by().values("pk")) | active)
        .annotate(own=scope.is_of_congress)
        .order_by(*roster_order())
        .values_list("pk", "person__name", "term__congress__level", "delegation__name")
    )
    nothing = (0,) * (1 + len(by_type))
    for place, (pk, name, level, delegation) in enumerate(seats.iterator(chunk_size=CHUNK), start=1):
        counted = [number for found in others_of for number in found.get(pk, (0,))]
        yield place, name, Level(level).label, delegation, *lines.get(pk, nothing), *counted


DUTY_STATISTICS = Sheet(
    name="履职统计",
    unit="条、件、次",
    columns=_columns,
    rows=_rows,
    note=(
        "记录合计为其后各类型之和；领衔、附议件数和培训班次分别取自建议议案和培训登记，多数也已记入履职台账，不再相加；"
        "年内离任的代表有记录的也列出"
    ),
)
