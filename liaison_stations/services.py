"""Writes to liaison stations, receptions and the opinions they bring; every reception keeps its deputy's ledger line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from duties import presets
from duties.models import Source
from duties.services import DutyLine, follow, lock_ledger
from liaison_stations.models import OpinionItem, Reception, Station, StationDeputy
from workbooks.columns import Counts

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Congress
    from deputies.models import Seat

# What an opinion has from its reception, under its own names, and what is done about it.
SHARED = {"station": "station", "raised_on": "received_on", "matter": "matter"}
HANDLING = ("handling", "unit", "replied_on", "result")
# What the deputy's line in the ledger says.
LEDGER = frozenset({"station", "received_on", "seat", "matter"})
BATCH = 5000
GONE = "「{}」刚刚被删除，没有保存。请回到列表核对。"


class UnableToSaveStation(Exception):
    """The station cannot be saved so; the message is for the clerk."""


class UnableToSaveReception(Exception):
    """The reception or the opinion cannot be saved so; the message is for the clerk."""


@dataclass(frozen=True)
class StationEntry:
    """What is to be known of a station. ``station`` is the one to change, None or an unsaved one for a new one.

    ``values`` holds only what is to be set. ``deputies`` replaces those assigned; None leaves them.
    """

    station: Station | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    deputies: Sequence[Seat] | None = None


@dataclass(frozen=True)
class ReceptionEntry:
    """What is to be known of a reception. ``reception`` is the one to change, None or an unsaved one for a new one.

    ``of_reception`` and ``of_opinion`` hold only what is to be set; an opinion takes station, day and matter from its
    reception, so of its own it has only the handling.
    """

    reception: Reception | None = None
    of_reception: Mapping[str, Any] = field(default_factory=dict)
    of_opinion: Mapping[str, Any] = field(default_factory=dict)


class _Changes:
    """The rows that differ from what is stored, and the names of the fields that do."""

    def __init__(self) -> None:
        self.rows: dict[int, models.Model] = {}
        self.fields: set[str] = set()

    def set(self, row: models.Model, values: Mapping[str, Any]) -> set[str]:
        different = {name for name, value in values.items() if getattr(row, name) != value}
        for name in different:
            setattr(row, name, values[name])
        if different:
            self.rows[row.pk] = row
            self.fields |= different
        return different

    def write(self, model: type[models.Model]) -> None:
        """Write the fields, as inserts that all conflict: Django's bulk_update takes many times as long."""
        if self.rows:
            model.objects.bulk_create(
                self.rows.values(),
                update_conflicts=True,
                unique_fields=["pk"],
                update_fields=sorted(self.fields),
                batch_size=BATCH,
            )


@transaction.atomic
def save_stations(*, congress: Congress, entries: Sequence[StationEntry]) -> Counts:
    """Create and change stations with the deputies assigned to them. A fixed number of queries, however many stations.

    Where a station gets another name, the ledger's lines of its receptions get it too. Returns how many stations were
    new, changed and as they were. Raises UnableToSaveStation where one has been deleted meanwhile.
    """
    # Whoever writes a reception waits meanwhile, or its line would carry the old name.
    lock_ledger(congress=congress)
    old = Station.objects.select_for_update(of=("self",)).select_related("township").order_by("pk")
    fresh = old.in_bulk(_keys(entry.station for entry in entries))
    new: list[Station] = []
    assigned: list[tuple[Station, Sequence[Seat]]] = []
    changes, renamed = _Changes(), []
    for entry in entries:
        station = entry.station or Station()
        if station.pk is None:
            station.congress = congress
            _fill(station, entry.values)
            new.append(station)
        elif station.pk not in fresh:
            raise UnableToSaveStation(GONE.format(station))
        else:
            station = fresh[station.pk]
            if "name" in changes.set(station, entry.values):
                renamed.append(station)
        if entry.deputies is not None:
            assigned.append((station, entry.deputies))
    Station.objects.bulk_create(new, batch_size=BATCH)
    changes.write(Station)
    reassigned = _assign({station.pk: deputies for station, deputies in assigned})
    if renamed:
        receptions = Reception.objects.filter(station__in=renamed).select_related("station", "seat")
        _keep_lines(congress, receptions, user=None, now=timezone.now())
    updated = (changes.rows.keys() | reassigned) - {station.pk for station in new}
    return Counts(len(new), len(updated), len(entries) - len(new) - len(updated))


def _assign(wanted: Mapping[int, Sequence[Seat]]) -> set[int]:
    """Make these deputies the ones assigned, by the stations' keys. Return the keys of the stations where that changed any."""
    if not wanted:
        return set()
    rows = StationDeputy.objects.filter(station__in=list(wanted)).values_list("station_id", "seat_id", "pk")
    there = {(station, seat): pk for station, seat, pk in rows}
    places = dict.fromkeys((station, seat.pk) for station, seats in wanted.items() for seat in seats)
    gone = {pk: station for (station, seat), pk in there.items() if (station, seat) not in places}
    if gone:
        StationDeputy.objects.filter(pk__in=list(gone)).delete()
    added = [
        StationDeputy(station_id=station, seat_id=seat) for station, seat in places if (station, seat) not in there
    ]
    StationDeputy.objects.bulk_create(added, batch_size=5000)
    return {*gone.values(), *(row.station_id for row in added)}


@transaction.atomic
def save_receptions(
    *, congress: Congress, entries: Sequence[ReceptionEntry], user: User | None, now: dt.datetime
) -> Counts:
    """Create and change receptions with the opinions that they bring and the deputies' lines in the ledger.

    A fixed number of queries, however many receptions. Returns how many receptions were new, changed (they or their
    opinions) and as they were. Raises UnableToSaveReception where one or its station has been deleted meanwhile, the
    reply would be older than the reception, or the unit is another congress's.
    """
    lock_ledger(congress=congress)
    fresh = _with_opinions(_keys(entry.reception for entry in entries))
    stations = Station.objects.in_bulk(
        {entry.of_reception["station"].pk for entry in entries if "station" in entry.of_reception}
    )
    new: list[Reception] = []
    opinions: list[OpinionItem] = []
    of_reception, of_opinion, touched = _Changes(), _Changes(), []
    for entry in entries:
        reception = entry.reception or Reception()
        values = dict(entry.of_reception)
        if "station" in values:
            if values["station"].pk not in stations:
                raise UnableToSaveReception(GONE.format(values["station"]))
            values["station"] = stations[values["station"].pk]
        if reception.pk is None:
            _fill(reception, values)
            new.append(reception)
            opinion = OpinionItem(reception=reception)
            opinions.append(opinion)
            _fill(opinion, {**entry.of_opinion, **_shared(reception)})
            touched += [reception] if reception.seat_id else []
        elif reception.pk not in fresh:
            raise UnableToSaveReception(GONE.format(reception))
        else:
            reception, opinion = fresh[reception.pk]
            if of_reception.set(reception, values) & LEDGER:
                touched.append(reception)
            if opinion.pk is None:
                opinions.append(opinion)
                _fill(opinion, {**entry.of_opinion, **_shared(reception)})
            else:
                of_opinion.set(opinion, {**entry.of_opinion, **_shared(reception)})
        _check(opinion, congress)
    Reception.objects.bulk_create(new, batch_size=BATCH)
    of_reception.write(Reception)
    OpinionItem.objects.bulk_create(opinions, batch_size=BATCH)
    of_opinion.write(OpinionItem)
    _keep_lines(congress, touched, user=user, now=now)
    updated = of_reception.rows.keys() | {opinion.reception_id for opinion in of_opinion.rows.values()}
    return Counts(len(new), len(updated), len(entries) - len(new) - len(updated))


@transaction.atomic
def delete_reception(*, reception: Reception, user: User | None, now: dt.datetime) -> None:
    """Delete a reception with its opinion, and let its deputy's line in the ledger go."""
    congress = reception.station.congress
    lock_ledger(congress=congress)
    follow(congress=congress, source=Source.RECEPTION, lines={reception.pk: ()}, user=user, now=now)
    Reception.objects.filter(pk=reception.pk).delete()


def _expired_visitors(congress: Congress, before: dt.date) -> models.QuerySet[Reception]:
    named = Reception.objects.filter(forgotten_at=None).exclude(visitor="", contact="")
    return named.filter(station__congress=congress, received_on__lt=before)


def count_expired_visitors(congress: Congress, before: dt.date) -> int:
    """Return how many receptions before a day still say who came. One query."""
    return _expired_visitors(congress, before).count()


@transaction.atomic
def forget_visitors(congress: Congress, before: dt.date, now: dt.datetime) -> int:
    """Empty who came to the receptions before a day (个人信息保护法 47); what they brought stays. Returns how many."""
    lock_ledger(congress=congress)
    return _expired_visitors(congress, before).update(visitor="", contact="", forgotten_at=now)


@transaction.atomic
def save_opinion(*, opinion: OpinionItem, values: Mapping[str, Any]) -> None:
    """Set what is done about an opinion: ``values`` holds what of ``HANDLING`` is to be set.

    Raises UnableToSaveReception where it has been deleted meanwhile, the reply would be older than the opinion, or the
    unit is another congress's.
    """
    lock_ledger(congress=opinion.station.congress)
    fresh = OpinionItem.objects.select_related("station__congress", "unit").filter(pk=opinion.pk).first()
    if fresh is None:
        raise UnableToSaveReception(GONE.format(opinion))
    for name in HANDLING:
        setattr(fresh, name, values.get(name, getattr(fresh, name)))
    _check(fresh, fresh.station.congress)
    fresh.save(update_fields=HANDLING)


def _check(opinion: OpinionItem, congress: Congress) -> None:
    if opinion.replied_on and opinion.replied_on < opinion.raised_on:
        raise UnableToSaveReception(
            f"「{opinion.matter}」的回告日期 {opinion.replied_on} 早于 {opinion.raised_on}，请核对日期。"
        )
    if opinion.unit and opinion.unit.congress_id != congress.pk:
        raise UnableToSaveReception(f"「{opinion.unit}」不是{congress}的承办单位，请改选承办。")


def _keep_lines(congress: Congress, receptions: Iterable[Reception], *, user: User | None, now: dt.datetime) -> None:
    lines = {reception.pk: (_line(reception),) if reception.seat else () for reception in receptions}
    follow(congress=congress, source=Source.RECEPTION, lines=lines, user=user, now=now)


def _line(reception: Reception) -> DutyLine:
    return DutyLine(
        seat=reception.seat,
        done_on=reception.received_on,
        type=presets.RECEIVED,
        topic=reception.matter,
        place=reception.station.name,
    )


def _shared(reception: Reception) -> dict[str, Any]:
    return {name: getattr(reception, of_reception) for name, of_reception in SHARED.items()}


def _fill(row: models.Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _keys(rows: Iterable[models.Model | None]) -> list[int]:
    return [row.pk for row in rows if row is not None and row.pk is not None]


def _with_opinions(keys: Collection[int]) -> dict[int, tuple[Reception, OpinionItem]]:
    """Return receptions with their opinions; one that has none yet gets an unsaved one. At most two queries."""
    receptions = Reception.objects.select_related("station", "seat").in_bulk(keys)
    opinions = OpinionItem.objects.select_related("station", "unit").filter(reception__in=keys)
    found = {row.reception_id: row for row in opinions}
    return {pk: (row, found.get(pk) or OpinionItem(reception=row)) for pk, row in receptions.items()}
