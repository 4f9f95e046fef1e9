"""The form of training classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from bodies.workbooks import KEPT, CongressForm, Scope, Terms
from deputies.cells import DeputyFinder, DeputyNames
from training.models import Attendance, ClassForm, ClassKind, TrainingClass
from training.services import ClassEntry, UnableToSaveClass, save_classes, why_not_attended
from workbooks.cleaners import Choice, Date, Decimal, Integer, Names, Text
from workbooks.columns import Column, Counts, ImportRefused, register, streamed

if TYPE_CHECKING:
    from workbooks.importing import Row

MOST_PEOPLE = 1_000_000
# More names than deputies in the largest congress.
ATTENDEES = Names(100, 3000)
MOST_HOURS = 9999
HOURS = Decimal(1, 0, MOST_HOURS)
LABELS = {"kind": ClassKind, "form": ClassForm}
PLAIN = ("name", "starts_on", "ends_on", "place", "organiser", "audience", "expected", "attended", "hours")


class TrainingForm(CongressForm):
    """培训: the classes that a congress holds for its deputies, one row each."""

    kind = "trainings"
    title = "培训"
    key = ("starts_on", "name")
    columns = (
        Column(
            "班次", "name", Text(200, width=36.0), required=True, sample="（示例，请覆盖）代表初任培训班",
            note="同名、同一天开始的是同一个班次",
        ),
        Column("类型", "kind", Choice(*ClassKind.labels), required=True, sample="初任"),
        Column("开始日期", "starts_on", Date(), required=True, sample="2018-03-05"),
        Column("结束日期", "ends_on", Date(), sample="2018-03-07", note=KEPT),
        Column("地点", "place", Text(200), sample="县委党校", note=KEPT),
        Column("形式", "form", Choice(*ClassForm.labels), sample="集中", note=KEPT),
        Column("主办", "organiser", Text(200), sample="县人大常委会", note=KEPT),
        Column("对象", "audience", Text(300), sample="新当选的县人大代表", note=KEPT),
        Column("应到人数", "expected", Integer(0, MOST_PEOPLE), sample=120, note=KEPT),
        Column("实到人次", "attended", Integer(0, MOST_PEOPLE), required=True, sample=118, note="代表和其他人员都计入"),
        Column("学时", "hours", HOURS, sample=16, note=KEPT),
        Column(
            "参加代表", "attendees", ATTENDEES,
            note="姓名或代表证号，应当已在代表名册中，记入各人的履职记录；填写的替换原来的；" + KEPT,
        ),
    )  # fmt: skip

    def resolve(self, rows: Sequence[Row], context: Scope) -> None:
        congress = context.congress
        terms = Terms(congress, today=timezone.localdate())
        for row in rows:
            row["in_term"] = terms.on(row["starts_on"]) or terms.default
        naming = [row for row in rows if row["attendees"]]
        finder = DeputyFinder(congress, {row["in_term"] for row in naming}) if naming else None
        stored = _stored(rows, congress)
        named = Attendance.objects.filter(training_class__in=stored.values()).values_list("training_class")
        named = dict(named.annotate(Count("pk")))
        for row in rows:
            row["stored"] = stored.get((row["name"], row["starts_on"]))
            row["seats"] = finder.several(row, "attendees", row["in_term"]) if row["attendees"] else None
            _check_days(row)
            _check_numbers(row, named)

    def apply(self, rows: Sequence[Row], context: Scope) -> Counts:
        entries = [ClassEntry(row["stored"], _values(row), row["seats"]) for row in rows]
        try:
            return save_classes(congress=context.congress, entries=entries, user=context.user, now=timezone.now())
        except UnableToSaveClass as error:
            # Somebody changed the register since the file was checked.
            raise ImportRefused(str(error)) from error

    def export_rows(self, records: Iterable[TrainingClass]) -> Iterable[dict[str, Any]]:
        if isinstance(records, QuerySet):
            by_name = Attendance.objects.select_related("seat__person").only(
                "training_class", "seat__certificate_no", "seat__delegation_id", "seat__person__name"
            )
            records = records.select_related("congress").prefetch_related(Prefetch("attendances", queryset=by_name))
        names = None
        for row in streamed(records):
            names = names or DeputyNames(row.congress)
            yield {
                "attendees": tuple(names.of(attendance.seat) for attendance in row.attendances.all()),
                **{
                    attr: labels(getattr(row, attr)).label if getattr(row, attr) else ""
                    for attr, labels in LABELS.items()
                },
                **{attr: getattr(row, attr) for attr in PLAIN},
            }


def _stored(rows: Sequence[Row], congress: Any) -> dict[tuple, TrainingClass]:
    """The stored classes that rows may mean, by name and first day, kept as they are found."""
    found = TrainingClass.objects.select_for_update(of=("self",)).filter(
        congress=congress,
        starts_on__in={row["starts_on"] for row in rows},
        name__in={row["name"] for row in rows},
    )
    return {(row.name, row.starts_on): row for row in found.order_by("pk")}


def _check_days(row: Row) -> None:
    if row["ends_on"] and row["ends_on"] < row["starts_on"]:
        row.error("ends_on", f"早于开始日期 {row['starts_on']}")


def _check_numbers(row: Row, named: dict[int, int]) -> None:
    """Refuse more names than attendances, whether the file or the register has the names."""
    if row["seats"] is not None:
        if refusal := why_not_attended(row["seats"], row["attended"]):
            row.error("attendees", refusal)
    elif row["stored"] and named.get(row["stored"].pk, 0) > row["attended"]:
        number = named[row["stored"].pk]
        row.error("attended", f"系统中这个班次已登记 {number} 名参训代表，实到人次不能少于 {number}")


def _values(row: Row) -> dict[str, Any]:
    values = {attr: row[attr] for attr in (*PLAIN, *LABELS) if row[attr] != row.column(attr).empty}
    for attr, choices in LABELS.items():
        if attr in values:
            values[attr] = dict(zip(choices.labels, choices.values, strict=True))[values[attr]]
    return values


TRAININGS = register(TrainingForm())
