"""The forms of liaison stations and of the receptions held there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from bodies.lookup import UnitBook, nearest, unknown_message
from bodies.models import Township
from bodies.townships import townships_of
from bodies.workbooks import KEPT, CongressForm, Scope, Terms
from deputies.cells import DeputyFinder, DeputyNames
from duties.services import lock_ledger
from liaison_stations.models import Handling, Reception, Station, StationDeputy, StationKind
from liaison_stations.services import (
    ReceptionEntry,
    StationEntry,
    UnableToSaveReception,
    UnableToSaveStation,
    save_receptions,
    save_stations,
)
from workbooks.cells import CellError, type_of_cell
from workbooks.cleaners import Choice, Date, Name, NameList, Names, Phone, Text, normal_name
from workbooks.columns import Column, Counts, ImportRefused, register, streamed

if TYPE_CHECKING:
    from bodies.models import Congress, Term, Unit
    from deputies.models import Seat
    from workbooks.importing import Row

KINDS = dict(zip(StationKind.labels, StationKind.values, strict=True))
HANDLINGS = dict(zip(Handling.labels, Handling.values, strict=True))
# What the export says where the office recorded no deputy; a new reception must have one.
NOBODY = "无"
UNREAD = ("seat__person__id_number", "seat__person__phone", "seat__person__address")


class Contact(Text):
    """How a visitor can be reached: telephone numbers as they are written everywhere, or any other words."""

    def __init__(self) -> None:
        super().__init__(200, width=16.0)
        self._phone = Phone()

    def clean(self, cell: type_of_cell) -> str:
        text = super().clean(cell)
        try:
            return self._phone.clean(text)
        except CellError:
            return text


def _names_of(rows: Callable[[Congress], QuerySet]) -> Callable[[Scope | None], Sequence[str]]:
    """The names among which a template offers a choice."""
    return lambda context: list(rows(context.congress).values_list("name", flat=True)) if context else []


class _NamesOf(dict):
    """How deputies are written, for each congress whose rows are exported."""

    def __missing__(self, congress: Congress) -> DeputyNames:
        self[congress] = DeputyNames(congress)
        return self[congress]


class StationForm(CongressForm):
    """联络站: deputies' homes and liaison stations."""

    kind = "stations"
    title = "联络站"
    key = ("name",)
    columns = (
        Column(
            "名称", "name", Name(200, width=28.0), required=True, sample="示例联络站（请覆盖）", note="同名的是同一个站"
        ),
        Column("类型", "kind", Choice(*KINDS), sample="联络站", note="新的站不填为联络站；" + KEPT),
        Column(
            "所属乡镇",
            "township",
            Name(100),
            required=True,
            sample="城关镇",
            note="系统中没有的自动建立",
            suggest=_names_of(lambda congress: Township.objects.filter(congress=congress)),
        ),
        Column("地址", "address", Text(200), note=KEPT),
        Column("负责人", "head", Name(100), sample="王芳", note=KEPT),
        Column("联络员", "liaison", Name(100), sample="刘洋", note=KEPT),
        Column("联系电话", "phone", Phone(), sample="0551-12345678", note="加密保存；" + KEPT),
        Column("接待日规则", "reception_rule", Text(200), sample="每月6日、16日、26日", note=KEPT),
        Column(
            "编入代表",
            "deputies",
            Names(100),
            sample="张三、李四",
            note="姓名或代表证号，应当已在代表名册中；填写的替换原来的；" + KEPT,
        ),
    )
    own = ("address", "head", "liaison", "phone", "reception_rule")

    def resolve(self, rows: Sequence[Row], context: Scope) -> None:
        congress = context.congress
        lock_ledger(congress=congress)
        term = Terms(congress, today=timezone.localdate()).default
        finder, names = DeputyFinder(congress, [term]), DeputyNames(congress)
        members = Prefetch("members", StationDeputy.objects.select_related("seat__person").defer(*UNREAD))
        stations = Station.objects.filter(congress=congress).prefetch_related(members)
        known = {normal_name(station.name): station for station in stations}
        for row in rows:
            row["station"] = station = known.get(row["name"])
            assigned = [member.seat for member in station.members.all()] if station else []
            row["assigned"] = self._assigned(row, finder, names, assigned, term) if row["deputies"] else None

    def _assigned(
        self, row: Row, finder: DeputyFinder, names: DeputyNames, members: Iterable[Seat], term: Term
    ) -> tuple[Seat, ...]:
        """The deputies that the cell means: whom the station has under that name, else whom the term knows.

        Of a person who has been elected again it is the seat of the term.
        """
        there: dict[str, list[Seat]] = defaultdict(list)
        for seat in members:
            there[normal_name(names.of(seat))].append(seat)
        kept: dict[str, list[Seat]] = {}
        for name in row["deputies"]:
            found = finder.book.find(term, name)
            elected_again = len(found) == 1 and found[0].person_id in {seat.person_id for seat in there.get(name, ())}
            if name in there and not elected_again:
                kept[name] = there[name]
        if kept:
            others = tuple(name for name in row["deputies"] if name not in kept)
            row["deputies"] = NameList(others, "、".join(others))
        return (*(seat for seats in kept.values() for seat in seats), *finder.several(row, "deputies", term))

    def apply(self, rows: Sequence[Row], context: Scope) -> Counts:
        townships = townships_of(congress=context.congress, names={row["township"] for row in rows})
        entries = []
        for row in rows:
            values = {attr: row[attr] for attr in self.own if row[attr]}
            values |= {"kind": KINDS[row["kind"]]} if row["kind"] else {}
            values |= {"township": townships[row["township"]]}
            if row["station"] is None:
                values["name"] = row["name"]
            entries.append(StationEntry(row["station"], values, row["assigned"]))
        try:
            return save_stations(congress=context.congress, entries=entries)
        except UnableToSaveStation as error:
            # Somebody deleted a station since the file was checked.
            raise ImportRefused(str(error)) from error

    def export_rows(self, records: Iterable[Station]) -> Iterable[dict[str, Any]]:
        if isinstance(records, QuerySet):
            members = Prefetch("members", StationDeputy.objects.select_related("seat__person").defer(*UNREAD))
            records = records.select_related("township", "congress").prefetch_related(members)
        names = _NamesOf()
        for station in streamed(records):
            yield {
                "name": station.name,
                "kind": station.get_kind_display(),
                "township": station.township.name,
                "deputies": tuple(names[station.congress].of(member.seat) for member in station.members.all()),
                **{attr: getattr(station, attr) for attr in self.own},
            }


class ReceptionForm(CongressForm):
    """接待登记: who came to a station with what, and what became of it."""

    kind = "receptions"
    title = "接待登记"
    key = ("in_station", "received_on", "visitor", "matter")
    columns = (
        Column(
            "联络站",
            "station",
            Name(200, width=28.0),
            required=True,
            sample="示例联络站（请覆盖）",
            note="应当已在系统中",
            suggest=_names_of(lambda congress: Station.objects.filter(congress=congress)),
        ),
        Column("日期", "received_on", Date(), required=True, sample="2026-03-06"),
        Column(
            "接待代表", "deputy", Name(100), required=True, sample="张三", note="姓名或代表证号，应当已在代表名册中"
        ),
        Column("来访人", "visitor", Name(100), sample="赵先生", note="可以不填"),
        Column("联系方式", "contact", Contact(), sample="13800000000", note="加密保存；" + KEPT),
        Column("事项", "matter", Text(500, width=40.0), required=True, sample="反映村口路灯损坏"),
        Column("处理方式", "handling", Choice(*HANDLINGS), sample="转办", note=KEPT),
        Column("承办", "unit", Name(100), sample="县教育局", note="承办单位的名称或简称；" + KEPT),
        Column("回告日期", "replied_on", Date(), sample="2026-03-20", note="不早于接待日期；" + KEPT),
        Column("结果", "result", Text(2000, lines=True), note=KEPT),
    )

    def resolve(self, rows: Sequence[Row], context: Scope) -> None:
        congress = context.congress
        lock_ledger(congress=congress)
        terms = Terms(congress, today=timezone.localdate())
        known = {normal_name(station.name): station for station in Station.objects.filter(congress=congress)}
        for row in rows:
            row["in_station"] = known.get(row["station"])
            if row["in_station"] is None:
                row.error("station", unknown_message("联络站", [row["station"]], [nearest(row["station"], known)]))
            row["in_term"] = terms.on(row["received_on"]) or terms.default
        finder = DeputyFinder(congress, {row["in_term"] for row in rows})
        names, units, stored = DeputyNames(congress), UnitBook(congress), _stored(rows)
        for row in rows:
            row["reception"] = stored.get(self.natural_key(row, context)) or _forgotten(row, stored)
            _refuse_visitor(row)
            row["seat"] = self._deputy(row, finder, names)
            row["handled_by"] = self._unit(row, units)
            if row["replied_on"] and row["replied_on"] < row["received_on"]:
                row.error("replied_on", f"早于接待日期 {row['received_on']}，请核对")

    def _deputy(self, row: Row, finder: DeputyFinder, names: DeputyNames) -> Seat | None:
        """The deputy that the cell means: whom the reception has already under such a name, else whom the term knows."""
        reception = row["reception"]
        if reception is not None:
            there = normal_name(names.of(reception.seat)) if reception.seat else NOBODY
            if row["deputy"] == there:
                return reception.seat
        return finder.one(row, "deputy", row["deputy"], row["in_term"])

    def _unit(self, row: Row, units: UnitBook) -> Unit | None:
        unit = units.find(row["unit"])
        if row["unit"] and unit is None:
            row.error("unit", units.unknown_message([row["unit"]]))
        return unit

    def natural_key(self, row: Row, context: Scope) -> Any:
        return super().natural_key(row, context) if row["in_station"] else None

    def key_column(self, row: Row) -> str:
        return "matter"

    def apply(self, rows: Sequence[Row], context: Scope) -> Counts:
        try:
            return save_receptions(
                congress=context.congress,
                entries=[_entry(row) for row in rows],
                user=context.user,
                now=timezone.now(),
            )
        except UnableToSaveReception as error:
            raise ImportRefused(str(error)) from error

    def export_rows(self, records: Iterable[Reception]) -> Iterable[dict[str, Any]]:
        if isinstance(records, QuerySet):
            records = records.select_related("station__congress", "seat__person", "opinion__unit").defer(*UNREAD)
        names = _NamesOf()
        for reception in streamed(records):
            opinion, seat = reception.opinion, reception.seat
            yield {
                "station": reception.station.name,
                "deputy": names[reception.station.congress].of(seat) if seat else NOBODY,
                "handling": opinion.get_handling_display(),
                "unit": opinion.unit.name if opinion.unit else "",
                "replied_on": opinion.replied_on,
                "result": opinion.result,
                **{attr: getattr(reception, attr) for attr in ("received_on", "visitor", "contact", "matter")},
            }


def _stored(rows: Sequence[Row]) -> Mapping[Any, Reception]:
    """The stored receptions at the stations and on the days of the rows, by their natural key. One query."""
    found = Reception.objects.filter(
        station__in={row["in_station"] for row in rows if row["in_station"]},
        received_on__in={row["received_on"] for row in rows},
    )
    found = found.select_related("station", "seat__person").defer("contact", *UNREAD)
    return {(row.station, row.received_on, row.visitor, row.matter): row for row in found}


def _forgotten(row: Row, stored: Mapping[Any, Reception]) -> Reception | None:
    """The reception of a row whose visitor is kept no more, while an old file still names him."""
    found = stored.get((row["in_station"], row["received_on"], "", row["matter"]))
    return found if found is not None and found.forgotten_at else None


def _refuse_visitor(row: Row) -> None:
    """An old file must not bring back who came."""
    if row["reception"] is None or not row["reception"].forgotten_at:
        return
    for attr in ("visitor", "contact"):
        if row[attr]:
            row.error(attr, "来访人的姓名和联系方式已经按期删除，这一格请留空")


def _entry(row: Row) -> ReceptionEntry:
    reception = row["reception"]
    of_reception = {"seat": row["seat"]}
    if reception is None:
        of_reception |= {
            "station": row["in_station"],
            **{attr: row[attr] for attr in ("received_on", "visitor", "matter")},
        }
    if row["contact"]:
        of_reception["contact"] = row["contact"]
    told = {
        "handling": HANDLINGS.get(row["handling"]),
        "unit": row["handled_by"],
        "replied_on": row["replied_on"],
        "result": row["result"],
    }
    return ReceptionEntry(reception, of_reception, {name: value for name, value in told.items() if value})


STATIONS = register(StationForm())
RECEPTIONS = register(ReceptionForm())
