"""Writes to the duty ledger; every other register that makes a deputy's line comes through here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from deputies.models import Seat
from duties.models import TYPED, DutyRecord, DutyType, Source
from workbooks.columns import Counts

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Congress

TOPIC_LENGTH = DutyRecord._meta.get_field("topic").max_length  # noqa: SLF001 - as Django documents it
VALUES = ("place", "content", "quantity", "suggestions")
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


def types_of(*, congress: Congress, names: Iterable[str]) -> dict[str, DutyType]:
    """Return the duty types of these names, with those made that are missing. At most two queries."""
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

    The caller has looked the records up under a lock. Returns how many were new, changed and as they were.
    """
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
        fields |= different.keys()
        if different:
            changed.append(record)
    DutyRecord.objects.bulk_create(new, batch_size=5000)
    if changed:
        DutyRecord.objects.bulk_update(changed, sorted(fields), batch_size=2000)
    return Counts(len(new), len(changed), len(entries) - len(new) - len(changed))


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

    Lines that are there are corrected, missing ones added, those that no row accounts for any more taken away; no
    line at all (an empty sequence) lets the row's deputies go. A line that somebody had typed before is taken over
    instead of being counted twice, and given back when the register lets go of it. A fixed number of queries.
    """
    if not lines:
        return
    there = {
        (row.source_id, row.seat_id): row
        for row in DutyRecord.objects.select_for_update(of=("self",))
        .filter(source=source, source_id__in=list(lines))
        .order_by("pk")
    }
    wanted = {(pk, line.seat.pk): line for pk, rows in lines.items() for line in rows}
    types = types_of(congress=congress, names={line.type for line in wanted.values()})
    _let_go([row for place, row in there.items() if place not in wanted])
    missing = {place: line for place, line in wanted.items() if place not in there}
    typed = _typed_like(congress, missing.values(), types)
    new, changed = [], []
    for (source_id, seat_id), line in wanted.items():
        record = there.get((source_id, seat_id))
        if record is None:
            record = typed.pop(_key(line, types), None)
            if record is None:
                record = _row(congress, line, types, user, now)
                record.source, record.source_id = source, source_id
                new.append(record)
                continue
            record.typed_as, record.source, record.source_id = record.source, source, source_id
            changed.append(record)
        elif _differs(record, line, types):
            changed.append(record)
        else:
            continue
        _set(record, line, types)
    DutyRecord.objects.bulk_create(new, batch_size=5000)
    if changed:
        fields = ["done_on", "type", "topic", *VALUES, "source", "source_id", "typed_as"]
        DutyRecord.objects.bulk_update(changed, fields, batch_size=2000)


def _let_go(records: Sequence[DutyRecord]) -> None:
    """Take lines away; what a person had typed stays as it was typed, unless the same line has been typed again."""
    kept = [record for record in records if record.typed_as]
    gone = [record.pk for record in records if not record.typed_as]
    for record in kept:
        twin = DutyRecord.objects.filter(
            seat=record.seat_id, done_on=record.done_on, type=record.type_id, topic=record.topic, source_id=None
        )
        if twin.exists():
            gone.append(record.pk)
            continue
        record.source, record.source_id, record.typed_as = record.typed_as, None, ""
        record.save(update_fields=["source", "source_id", "typed_as"])
    if gone:
        DutyRecord.objects.filter(pk__in=gone).delete()


def _typed_like(
    congress: Congress, lines: Iterable[DutyLine], types: Mapping[str, DutyType]
) -> dict[Key, DutyRecord]:
    """Return the typed lines that say the same as some of these, by what makes them the same."""
    keys = {_key(line, types) for line in lines}
    if not keys:
        return {}
    rows = DutyRecord.objects.select_for_update(of=("self",)).filter(
        congress=congress,
        source__in=TYPED,
        source_id=None,
        seat__in={key[0] for key in keys},
        done_on__in={key[1] for key in keys},
    )
    found = {(row.seat_id, row.done_on, row.type_id, row.topic): row for row in rows.order_by("pk")}
    return {key: row for key, row in found.items() if key in keys}


def _key(line: DutyLine, types: Mapping[str, DutyType]) -> Key:
    return line.seat.pk, line.done_on, types[line.type].pk, line.topic[:TOPIC_LENGTH]


def _row(
    congress: Congress, line: DutyLine, types: Mapping[str, DutyType], user: User | None, now: dt.datetime
) -> DutyRecord:
    record = DutyRecord(congress=congress, seat=line.seat, recorded_by=user, recorded_at=now)
    _set(record, line, types)
    return record


def _set(record: DutyRecord, line: DutyLine, types: Mapping[str, DutyType]) -> None:
    record.done_on, record.type, record.topic = line.done_on, types[line.type], line.topic[:TOPIC_LENGTH]
    for name in VALUES:
        # What a person typed besides stays where the register has nothing to say.
        if record.typed_as and not getattr(line, name):
            continue
        setattr(record, name, getattr(line, name))


def _differs(record: DutyRecord, line: DutyLine, types: Mapping[str, DutyType]) -> bool:
    if (record.done_on, record.type_id, record.topic) != (
        line.done_on,
        types[line.type].pk,
        line.topic[:TOPIC_LENGTH],
    ):
        return True
    return any(
        getattr(record, name) != getattr(line, name)
        for name in VALUES
        if not (record.typed_as and not getattr(line, name))
    )
