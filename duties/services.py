"""Writes to the duty ledger; every other register that makes a deputy's line comes through here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from bodies.models import Congress
from deputies.models import Seat
from duties.models import DutyRecord, DutyType, Source
from workbooks.cells import tidy
from workbooks.columns import Counts

if TYPE_CHECKING:
    from accounts.models import User

TOPIC_LENGTH = DutyRecord._meta.get_field("topic").max_length  # noqa: SLF001 - as Django documents it
PLACE_LENGTH = DutyRecord._meta.get_field("place").max_length  # noqa: SLF001
VALUES = ("place", "content", "quantity", "suggestions")
OWN = ("seat", "done_on", "type", "topic", *VALUES, "source", "source_id", "typed_as")
# Person, day, type and topic: a deputy's line is the same under whichever of his or her seats it was written.
Key = tuple[int, dt.date, int, str]


class UnableToRecord(Exception):
    """The ledger cannot be changed so; the message is for the clerk."""


@dataclass(frozen=True)
class DutyLine:
    """What one deputy did on one day. ``type`` is its name; an unknown one is created.

    ``quantity`` is counted in whatever the type is counted in (visits, households, days), ``suggestions`` in pieces.
    """

    seat: Seat
    done_on: dt.date
    type: str
    topic: str
    place: str = ""
    content: str = ""
    quantity: Decimal | None = None
    suggestions: int = 0


@dataclass(frozen=True)
class TypedEntry:
    """A line that people keep. ``record`` is the one to change, None for a new one; ``values`` are what is to be set."""

    line: DutyLine
    source: str = Source.PROXY
    record: DutyRecord | None = None
    values: Mapping[str, Any] | None = None


def lock_ledger(*, congress: Congress) -> None:
    """Wait until nobody else writes lines of this congress; the lock is kept until the transaction ends.

    Whether a line is there already is asked before it is written, and an absent row cannot be locked. Must be called
    inside a transaction.
    """
    # Without the key: rows that refer to the congress are inserted meanwhile.
    list(Congress.objects.select_for_update(no_key=True).filter(pk=congress.pk).values_list("pk"))


def types_of(*, congress: Congress, names: Iterable[str]) -> dict[str, DutyType]:
    """Return the duty types of these names, with those made that are missing. At most three queries."""
    names = set(names)
    found = {row.name: row for row in DutyType.objects.filter(congress=congress, name__in=names)}
    missing = [DutyType(congress=congress, name=name) for name in sorted(names - found.keys())]
    if missing:
        # Two at once may create the same name; whoever comes second takes the first one's.
        DutyType.objects.bulk_create(missing, ignore_conflicts=True)
        found = {row.name: row for row in DutyType.objects.filter(congress=congress, name__in=names)}
    return found


@transaction.atomic
def save_typed(*, congress: Congress, entries: Sequence[TypedEntry], user: User | None, now: dt.datetime) -> Counts:
    """Create and change lines that people type or import. A fixed number of queries, however many entries.

    The caller holds ``lock_ledger`` since it looked the records up, and has seen to it that no line is entered twice.
    Returns how many were new, changed and as they were.
    """
    lock_ledger(congress=congress)
    types = types_of(congress=congress, names={entry.line.type for entry in entries})
    new, changed = [], []
    fields: set[str] = set()
    for entry in entries:
        record = entry.record
        if record is None:
            record = _row(congress, entry.line, types, user, now)
            record.source = entry.source
            new.append(record)
            continue
        different = {name: value for name, value in (entry.values or {}).items() if getattr(record, name) != value}
        for name, value in different.items():
            setattr(record, name, value)
        if different:
            fields |= different.keys()
            changed.append(record)
    DutyRecord.objects.bulk_create(new, batch_size=5000)
    _save(changed, sorted(fields))
    return Counts(len(new), len(changed), len(entries) - len(new) - len(changed))


def why_fixed(record: DutyRecord) -> str:
    """Say where a line that follows another register is corrected; empty for one that people keep themselves."""
    if record.is_typed:
        return ""
    register = record.get_source_display()
    return f"这一条由「{register}」自动登记，在这里只能查看；需要更正的，请到「{register}」中修改，这里会随之改正。"


def twin_of(*, congress: Congress, seat: Seat, done_on: dt.date, type_id: int, topic: str) -> DutyRecord | None:
    """Return the line that already says the same of the same person, whoever wrote it. One query."""
    alike = DutyRecord.objects.filter(
        congress=congress, seat__person=seat.person_id, done_on=done_on, type=type_id, topic=topic
    )
    return alike.order_by("pk").first()


def why_twice(record: DutyRecord) -> str:
    """Say that a line may not be entered because it is there already; empty when it is not. One query."""
    twin = twin_of(
        congress=record.congress,
        seat=record.seat,
        done_on=record.done_on,
        type_id=record.type_id,
        topic=record.topic,
    )
    if twin is None or twin.pk == record.pk:
        return ""
    origin = "" if twin.is_typed else f"（由「{twin.get_source_display()}」自动登记）"
    return f"这位代表当天已有同一类型、同一主题的履职记录{origin}，不用再登记。"


@transaction.atomic
def save_record(*, record: DutyRecord, user: User | None, now: dt.datetime) -> DutyRecord:
    """Save one line that somebody typed, a new one or a changed one.

    Raises UnableToRecord when it follows another register, or when the same line is there already.
    """
    lock_ledger(congress=record.congress)
    if record.pk is None:
        record.recorded_by, record.recorded_at = user, now
    else:
        _refuse_if_fixed(record.pk)
    if reason := why_twice(record):
        raise UnableToRecord(reason)
    record.save()
    return record


@transaction.atomic
def delete_record(*, record: DutyRecord) -> None:
    """Delete one line that somebody typed. Raises UnableToRecord when it follows another register."""
    lock_ledger(congress=record.congress)
    _refuse_if_fixed(record.pk)
    record.delete()


def _refuse_if_fixed(pk: int) -> None:
    """Ask the stored row, since a register may have taken the line over after it was read. Raises UnableToRecord."""
    stored = DutyRecord.objects.filter(pk=pk).first()
    if stored is None:
        raise UnableToRecord("这条履职记录刚刚被删除，没有保存。")
    if reason := why_fixed(stored):
        raise UnableToRecord(reason)


@transaction.atomic
def follow(
    *,
    congress: Congress,
    source: Source,
    lines: Mapping[int, Sequence[DutyLine]],
    user: User | None,
    now: dt.datetime,
) -> None:
    """Make the ledger say of some rows of another register exactly what ``lines`` says, by the rows' keys.

    A row has at most one line for each deputy. Lines that are there are corrected, missing ones added, those that no
    row accounts for any more taken away; no line at all (an empty sequence) lets the row's deputies go. A line that
    somebody had typed before is taken over instead of being counted twice, and given back when the register lets go
    of it. A fixed number of queries, however many rows.
    """
    if not lines:
        return
    lock_ledger(congress=congress)
    wanted = {(pk, line.seat.pk): _normal(line) for pk, rows in lines.items() for line in rows}
    types = types_of(congress=congress, names={line.type for line in wanted.values()})
    keys = {place: _key(line, types) for place, line in wanted.items()}
    there = _written_by(source, lines)
    moved = {place for place, key in keys.items() if place not in there or _key_of(there[place]) != key}
    typed = _typed(congress, {keys[place] for place in moved})
    # A row that now says what somebody has typed takes that line; the one that it had goes back like any other.
    if released := [row for place, row in there.items() if place not in wanted or keys[place] in typed]:
        _release(congress, released)
        there = _written_by(source, lines)
        typed = _typed(congress, {keys[place] for place in wanted.keys() - there.keys() | moved})
    new, changed = [], []
    for place, line in wanted.items():
        record = there.get(place)
        if record is None and (record := typed.pop(keys[place], None)) is not None:
            record.typed_as, record.source, record.source_id = record.source, source, place[0]
        elif record is None:
            record = _row(congress, line, types, user, now)
            record.source, record.source_id = source, place[0]
            new.append(record)
            continue
        elif not _differs(record, line, types):
            continue
        changed.append(record)
        _set(record, line, types)
    _save(changed, OWN)
    DutyRecord.objects.bulk_create(new, batch_size=5000)


def _release(congress: Congress, records: Sequence[DutyRecord]) -> None:
    """Take lines away that their register lets go; what a person had typed stays as it was typed.

    Where the same line has been typed again or another register says the same, it is not counted twice: that line
    stays instead, and with it that it had been typed.
    """
    back = [record for record in records if record.typed_as]
    alike = _alike(congress, {_key_of(record) for record in back}, without=records)
    gone = [record.pk for record in records if not record.typed_as]
    saved: dict[int, DutyRecord] = {}
    for record in back:
        key = _key_of(record)
        if key not in alike:
            record.source, record.source_id, record.typed_as = record.typed_as, None, ""
            alike[key] = [record]
            saved[record.pk] = record
            continue
        heir = alike[key][0]
        gone.append(record.pk)
        saved[heir.pk] = heir
        for name in VALUES:
            setattr(heir, name, getattr(heir, name) or getattr(record, name))
        if not heir.is_typed:
            heir.typed_as = heir.typed_as or record.typed_as
    if gone:
        DutyRecord.objects.filter(pk__in=gone).delete()
    _save(saved.values(), OWN)


def _written_by(source: Source, keys: Iterable[int]) -> dict[tuple[int, int], DutyRecord]:
    """Return the lines that rows of a register have written, by the row and the seat. One query."""
    return {(row.source_id, row.seat_id): row for row in _rows().filter(source=source, source_id__in=list(keys))}


def _typed(congress: Congress, keys: Collection[Key]) -> dict[Key, DutyRecord]:
    """Return the lines that people keep and that say what some keys say. At most one query."""
    return {key: row for key, rows in _alike(congress, keys).items() for row in rows if row.is_typed}


def _rows() -> Any:
    return DutyRecord.objects.select_for_update(of=("self",)).annotate(person_id=F("seat__person_id")).order_by("pk")


def _alike(
    congress: Congress, keys: Collection[Key], *, without: Iterable[DutyRecord] = ()
) -> dict[Key, list[DutyRecord]]:
    """Return the lines that say what some keys say, by key, but for some. At most one query."""
    if not keys:
        return {}
    rows = _rows().filter(
        congress=congress,
        seat__person__in={key[0] for key in keys},
        done_on__in={key[1] for key in keys},
        type__in={key[2] for key in keys},
    )
    left_out = {record.pk for record in without}
    found: dict[Key, list[DutyRecord]] = {}
    for row in rows:
        if row.pk not in left_out and (key := _key_of(row)) in keys:
            found.setdefault(key, []).append(row)
    return found


def _save(records: Iterable[DutyRecord], fields: Collection[str]) -> None:
    """Write some fields of stored rows, as inserts that all conflict: Django's bulk_update takes many times as long."""
    if rows := list(records):
        DutyRecord.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["pk"], update_fields=fields, batch_size=5000
        )


def _normal(line: DutyLine) -> DutyLine:
    """The line as the ledger can hold it, its topic in the spelling in which an import of the export will read it."""
    topic = tidy(line.topic)[:TOPIC_LENGTH].rstrip()
    place = line.place[:PLACE_LENGTH]
    return line if (topic, place) == (line.topic, line.place) else replace(line, topic=topic, place=place)


def _key(line: DutyLine, types: Mapping[str, DutyType]) -> Key:
    return line.seat.person_id, line.done_on, types[line.type].pk, line.topic


def _key_of(record: DutyRecord) -> Key:
    return record.person_id, record.done_on, record.type_id, record.topic


def _row(
    congress: Congress, line: DutyLine, types: Mapping[str, DutyType], user: User | None, now: dt.datetime
) -> DutyRecord:
    record = DutyRecord(congress=congress, recorded_by=user, recorded_at=now)
    _set(record, line, types)
    return record


def _told(record: DutyRecord, line: DutyLine) -> dict[str, Any]:
    """What the register says; what a person typed besides stays where it has nothing to say."""
    said = {name: getattr(line, name) for name in VALUES}
    return {name: value for name, value in said.items() if value or not record.typed_as}


def _set(record: DutyRecord, line: DutyLine, types: Mapping[str, DutyType]) -> None:
    record.seat, record.done_on, record.type, record.topic = line.seat, line.done_on, types[line.type], line.topic
    for name, value in _told(record, line).items():
        setattr(record, name, value)


def _differs(record: DutyRecord, line: DutyLine, types: Mapping[str, DutyType]) -> bool:
    if (record.done_on, record.type_id, record.topic) != (line.done_on, types[line.type].pk, line.topic):
        return True
    return any(getattr(record, name) != value for name, value in _told(record, line).items())
