"""The form of duty records: the ledger of what deputies did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet
from django.utils import timezone

from bodies.workbooks import KEPT, CongressForm, Scope, Terms
from deputies.cells import DeputyFinder, DeputyNames
from duties.models import DutyRecord, DutyType, Source
from duties.presets import TYPES
from duties.services import VALUES, DutyLine, TypedEntry, lock_ledger, save_typed
from workbooks.cleaners import Choice, Date, Decimal, Integer, Name, Text
from workbooks.columns import Column, Counts, register, streamed

if TYPE_CHECKING:
    from bodies.models import Congress
    from workbooks.importing import Row

SOURCES = {Source.SELF: "本人", Source.PROXY: "代录", Source.ACTIVITY: "活动", Source.LEADER: "小组代录"}
BY_LABEL = {label: source for source, label in SOURCES.items()}
TOPIC = Text(300, width=36.0)
PLACE = Text(200)
CONTENT = Text(30_000, lines=True)
QUANTITY = Decimal(1, high=99_999_999)
MOST_SUGGESTIONS = 1_000_000
SUGGESTIONS = Integer(0, MOST_SUGGESTIONS)


def known_types(congress: Congress) -> list[str]:
    """Return the names of the types that an office has used, and of those that it may begin with. One query."""
    own = DutyType.objects.filter(congress=congress).values_list("name", flat=True)
    return list(dict.fromkeys([*own, *TYPES]))


def _types(context: Scope | None) -> list[str]:
    return known_types(context.congress) if context else list(TYPES)


class DutyRecordForm(CongressForm):
    """履职记录: what deputies did, line by line."""

    kind = "duty_records"
    title = "履职记录"
    key = ("deputy", "done_on", "type", "topic")
    columns = (
        Column("代表", "deputy", Name(100), required=True, sample="张三", note="姓名或代表证号，应当已在代表名册中"),
        Column("代表团", "delegation", Name(100), sample="第一代表团", note="用来区分同名的代表"),
        Column("日期", "done_on", Date(), required=True, sample="2017-03-05"),
        Column("类型", "type", Name(60), required=True, sample="专题调研", note="系统中没有的自动建立", suggest=_types),
        Column("主题", "topic", TOPIC, required=True, sample="调研校车安全（示例，请覆盖）"),
        Column("地点", "place", PLACE, sample="示例小学", note=KEPT),
        Column("内容", "content", CONTENT, note=KEPT),
        Column("数量", "quantity", QUANTITY, sample=1, note="按该类型的习惯计：次、户、天等；" + KEPT),
        Column("提出建议数", "suggestions", SUGGESTIONS, sample=0, note=KEPT),
        Column("来源", "source", Choice(*SOURCES.values()), sample="代录", note="不填为代录；" + KEPT),
    )

    def resolve(self, rows: Sequence[Row], context: Scope) -> None:
        today = timezone.localdate()
        terms = Terms(context.congress, today=today)
        lock_ledger(congress=context.congress)
        for row in rows:
            row["in_term"] = terms.on(row["done_on"])
            if row["in_term"] is None:
                row["in_term"] = terms.default
                row.hint("done_on", f"不在本人大任何一届之内，按{terms.default.name}查找代表，请核对")
            elif row["done_on"] > today:
                row.hint("done_on", "是今天以后的日期，请核对")
        finder = DeputyFinder(context.congress, {row["in_term"].pk: row["in_term"] for row in rows}.values())
        for row in rows:
            row["seat"] = finder.one(row, "deputy", row["deputy"], row["in_term"], delegation=row["delegation"])
        stored = _stored(rows, context)
        following = []
        for row in rows:
            row["stored"] = stored.get(_key(row)) if row["seat"] else None
            if row["stored"] is not None and not row["stored"].is_typed:
                following.append(row)
        _hint_at_registers(following)

    def natural_key(self, row: Row, context: Scope) -> Any:
        stored = row["stored"]
        # Two rows of a register may have given one deputy two like lines: nothing is written for either.
        if row["seat"] is None or (stored is not None and not stored.is_typed):
            return None
        return _key(row)

    def key_column(self, row: Row) -> str:
        return "topic"

    def apply(self, rows: Sequence[Row], context: Scope) -> Counts:
        return save_typed(
            congress=context.congress,
            entries=[_entry(row) for row in rows],
            user=context.user,
            now=timezone.now(),
        )

    def export_rows(self, records: Iterable[DutyRecord]) -> Iterable[dict[str, Any]]:
        if isinstance(records, QuerySet):
            people = [f"seat__person__{name}" for name in ("id_number", "phone", "address")]
            records = records.select_related("congress", "type", "seat__person", "seat__delegation").defer(*people)
        names: dict[int, DeputyNames] = {}
        for record in streamed(records):
            if record.congress_id not in names:
                names[record.congress_id] = DeputyNames(record.congress)
            yield {
                "deputy": names[record.congress_id].of(record.seat),
                "delegation": record.seat.delegation.name,
                "done_on": record.done_on,
                "type": record.type.name,
                "topic": record.topic,
                **{name: getattr(record, name) for name in VALUES},
                "source": SOURCES.get(record.source, SOURCES[Source.ACTIVITY]),
            }


def _key(row: Row) -> tuple:
    # A person with seats at two levels did it once, under whichever of them it was written.
    return row["seat"].person_id, row["done_on"], row["type"], row["topic"]


def _stored(rows: Sequence[Row], context: Scope) -> Mapping[tuple, DutyRecord]:
    """Return the lines of the days that the file is about, by what makes them unique; typed ones go before others."""
    if not rows:
        return {}
    types = dict(DutyType.objects.filter(congress=context.congress).values_list("pk", "name"))
    days = [row["done_on"] for row in rows]
    lines = DutyRecord.objects.filter(congress=context.congress, done_on__range=(min(days), max(days)))
    found: dict[tuple, DutyRecord] = {}
    for line in lines.annotate(person_id=F("seat__person_id")).order_by("pk"):
        key = line.person_id, line.done_on, types[line.type_id], line.topic
        if key not in found or line.is_typed:
            found[key] = line
    return found


def _hint_at_registers(rows: Sequence[Row]) -> None:
    """Say which rows follow other registers; those that say nothing else than their register are only counted."""
    same = []
    for row in rows:
        line = row["stored"]
        register = line.get_source_display()
        if differing := [row.column(name).header for name in VALUES if _is_new(row, name, line)]:
            row.hint(
                "topic",
                f"这一条跟随「{register}」，表中不同的{'、'.join(differing)}没有写入；需要更正的请在「{register}」中修改",
            )
        else:
            same.append(row)
    if same:
        registers = "、".join(dict.fromkeys(row["stored"].get_source_display() for row in same))
        same[0].hint("topic", f"这样的行共 {len(same)} 行，跟随「{registers}」登记，已在系统中，内容没有改动")


def _is_new(row: Row, name: str, line: DutyRecord) -> bool:
    return row[name] != row.column(name).empty and row[name] != getattr(line, name)


def _entry(row: Row) -> TypedEntry:
    stored = row["stored"]
    source = BY_LABEL.get(row["source"])
    given = {name: row[name] for name in VALUES if row[name] != row.column(name).empty}
    line = DutyLine(row["seat"], row["done_on"], row["type"], row["topic"], **given)
    if stored is None:
        return TypedEntry(line, source or Source.PROXY)
    if not stored.is_typed:
        return TypedEntry(line, record=stored)
    return TypedEntry(line, record=stored, values=given | ({"source": source} if source else {}))


DUTY_RECORDS = register(DutyRecordForm())
