"""The form of appointments and removals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import timezone

from appointments.models import Appointment, Wording
from appointments.services import AppointmentEntry, save_appointments
from bodies.meetings import meetings_of
from bodies.workbooks import KEPT, CongressForm, Scope, Terms
from workbooks.cleaners import Boolean, Choice, Date, Decimal, Integer, Name, Text
from workbooks.columns import Column, Counts, register, streamed

if TYPE_CHECKING:
    from bodies.models import Congress
    from workbooks.importing import Row

VOTES = ("in_favour", "against", "abstained")
MOST_VOTES = 100_000
EXAM_SCORE = Decimal(1, 0, 100)
VALUES_OF = dict(zip(Wording.labels, Wording.values, strict=True))
Key = tuple[Any, str, str, str]


class AppointmentForm(CongressForm):
    """任免: one row per person, post and wording."""

    kind = "appointments"
    title = "任免"
    key = ("decided_on", "wording", "post", "name")
    columns = (
        Column("姓名", "name", Name(100), required=True, sample="张三"),
        Column("职务", "post", Text(300, width=36.0), required=True, sample="县示例局局长", note="一人几个职务的，一个职务一行"),
        Column(
            "事项", "wording", Choice(*Wording.labels, aliases={"批准辞职": "接受辞职"}), required=True,
            sample="决定任命", note="接受辞职也可写作批准辞职",
        ),
        Column("提请人", "nominator", Text(100), sample="县长", note=KEPT),
        Column("会次", "meeting", Name(100), sample="第三十次会议", note="系统中没有的自动建立，归入日期所在的一届；" + KEPT),
        Column("日期", "decided_on", Date(), required=True, sample="2018-03-05"),
        Column("法律考试成绩", "exam_score", EXAM_SCORE, sample=90, note="满分 100 分；" + KEPT),
        Column("供职发言", "made_statement", Boolean(), sample="是", note=KEPT),
        Column("颁发任命书", "letter_issued", Boolean(), sample="是", note=KEPT),
        Column("宪法宣誓", "took_oath", Boolean(), sample="是", note=KEPT),
        Column("应到", "expected", Integer(0, MOST_VOTES), sample=30, note=KEPT),
        Column("赞成", "in_favour", Integer(0, MOST_VOTES), sample=28, note=KEPT),
        Column("反对", "against", Integer(0, MOST_VOTES), sample=0, note=KEPT),
        Column("弃权", "abstained", Integer(0, MOST_VOTES), sample=1, note=KEPT),
    )  # fmt: skip

    def resolve(self, rows: Sequence[Row], context: Scope) -> None:
        terms = Terms(context.congress, today=timezone.localdate())
        stored = _stored(rows, context.congress)
        for row in rows:
            row["stored"] = stored.get((row["decided_on"], row["name"], row["post"], VALUES_OF[row["wording"]]))
            row["in_term"] = terms.on(row["decided_on"]) or terms.default
            if row["meeting"] and terms.on(row["decided_on"]) is None:
                row.hint("decided_on", f"不在已登记的任何一届之内，会次归入 {row['in_term'].name}，请核对")
            _check_votes(row)

    def apply(self, rows: Sequence[Row], context: Scope) -> Counts:
        names = defaultdict(set)
        for row in rows:
            if row["meeting"]:
                names[row["in_term"]].add(row["meeting"])
        meetings = meetings_of(names=names)
        entries = []
        for row in rows:
            values = {column.attr: row[column.attr] for column in self.columns if row[column.attr] != column.empty} | {
                "wording": VALUES_OF[row["wording"]]
            }
            if "meeting" in values:
                values["meeting"] = meetings[row["in_term"].pk, row["meeting"]]
            entries.append(AppointmentEntry(row["stored"], values))
        return save_appointments(congress=context.congress, entries=entries)

    def export_rows(self, records: Iterable[Appointment]) -> Iterable[dict[str, Any]]:
        if isinstance(records, QuerySet):
            records = records.select_related("meeting")
        for row in streamed(records):
            yield {
                **{column.attr: getattr(row, column.attr) for column in self.columns},
                "wording": row.get_wording_display(),
                "meeting": row.meeting.name if row.meeting else "",
            }


def _stored(rows: Sequence[Row], congress: Congress) -> dict[Key, Appointment]:
    """The stored items that rows may mean, by what makes them the same, kept as they are found."""
    found = Appointment.objects.select_for_update(of=("self",)).filter(
        congress=congress,
        decided_on__in={row["decided_on"] for row in rows},
        name__in={row["name"] for row in rows},
    )
    found = found.select_related("meeting").order_by("pk")
    return {(row.decided_on, row.name, row.post, row.wording): row for row in found}


def _check_votes(row: Row) -> None:
    """Refuse more votes than voters, whichever of the numbers the file leaves as they are stored."""
    stored = row["stored"]

    def now(attr: str) -> int | None:
        return row[attr] if row[attr] is not None or stored is None else getattr(stored, attr)

    expected, cast = now("expected"), [now(attr) or 0 for attr in VOTES]
    if expected is not None and sum(cast) > expected:
        attr = next((attr for attr in ("expected", *VOTES) if row[attr] is not None), "expected")
        told = "、".join(f"{row.column(attr).header} {number}" for attr, number in zip(VOTES, cast, strict=True))
        row.error(attr, f"{told}，共 {sum(cast)} 票，多于应到 {expected} 人")


APPOINTMENTS = register(AppointmentForm())
