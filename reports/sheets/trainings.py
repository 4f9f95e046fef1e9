"""培训: the classes of the year."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from reports.scope import Scope
from reports.sheets.base import CHUNK, Sheet, number
from training.models import Attendance, ClassForm, ClassKind
from workbooks.printing import ReportColumn


def _columns(scope: Scope) -> list[ReportColumn]:
    # Counted by the database beside the rows: classes are rows, not numbers in a column.
    name = ReportColumn("班次", width=34, total=lambda sums: f"{scope.trainings().count()}班")
    return [
        ReportColumn("序号", kind="number", width=6),
        name,
        ReportColumn("类型", width=11),
        ReportColumn("开始日期", kind="date", width=12),
        ReportColumn("结束日期", kind="date", width=12),
        ReportColumn("地点", width=20),
        ReportColumn("形式", width=7),
        ReportColumn("主办", width=30),
        ReportColumn("对象", width=32),
        number("应到人数"),
        number("实到人次"),
        number("按姓名登记的代表"),
        ReportColumn("学时", kind="number", width=8, number_format="0.0", total=True),
    ]


def _rows(scope: Scope) -> Iterator[tuple]:
    named = Attendance.objects.filter(training_class=OuterRef("pk")).order_by().values("training_class")
    rows = (
        scope.trainings()
        .order_by("starts_on", "pk")
        .values_list(
            "name",
            "kind",
            "starts_on",
            "ends_on",
            "place",
            "form",
            "organiser",
            "audience",
            "expected",
            "attended",
            Coalesce(Subquery(named.annotate(n=Count("pk")).values("n")), 0, output_field=IntegerField()),
            "hours",
        )
    )
    for place, (name, kind, starts_on, ends_on, where, form, *rest) in enumerate(
        rows.iterator(chunk_size=CHUNK), start=1
    ):
        form_label = ClassForm(form).label if form else ""
        yield place, name, ClassKind(kind).label, starts_on, ends_on, where, form_label, *rest


TRAININGS = Sheet(
    name="培训",
    unit="人次",
    columns=_columns,
    rows=_rows,
    note="开始日期在本年度内的培训班；实到人次含代表以外的参训人员，合计即培训人次",
)
