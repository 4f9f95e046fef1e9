"""联络站: every station and home with whom it received in the year and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from deputies.models import Seat
from liaison_stations.models import StationDeputy, StationKind
from reports.registers import REGISTERS
from reports.scope import Scope
from reports.sheets.base import CHUNK, Sheet, number
from workbooks.printing import ReportColumn


def _columns(scope: Scope) -> list[ReportColumn]:
    # Counted by the database beside the rows: stations are rows, not numbers in a column.
    name = ReportColumn("名称", width=32, total=lambda sums: f"{scope.stations().count()}个")
    return [
        ReportColumn("序号", kind="number", width=6),
        name,
        ReportColumn("类型", width=11),
        ReportColumn("所属乡镇", width=16),
        ReportColumn("负责人", width=13),
        ReportColumn("联络员", width=13),
        ReportColumn("接待日规则", width=38),
        number("编入代表"),
        number("接待群众人次"),
        number("群众意见"),
        number("其中办结"),
    ]


def _count(rows: QuerySet) -> Coalesce:
    counted = rows.filter(station=OuterRef("pk")).order_by().values("station").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def _rows(scope: Scope) -> Iterator[tuple]:
    opinions = REGISTERS["opinions"].rows(scope)
    in_office = Seat.objects.in_office_on(scope.last_day)
    rows = (
        scope.stations()
        .order_by("township__sort", "township", "kind", "name")
        .values_list(
            "name",
            "kind",
            "township__name",
            "head",
            "liaison",
            "reception_rule",
            _count(StationDeputy.objects.filter(seat__in=in_office)),
            _count(scope.receptions()),
            _count(opinions),
            _count(opinions.filter(settled=True)),
        )
    )
    for place, (name, kind, *rest) in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        yield place, name, StationKind(kind).label, *rest


STATIONS = Sheet(
    name="联络站",
    unit="个、名、人次、件",
    columns=_columns,
    rows=_rows,
    note="到统计日登记的联络站和代表之家；编入代表只计12月31日在任的，一名代表编入几个站的各站分别计；联系电话不列入本表",
)
