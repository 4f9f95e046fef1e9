"""A county with stations in two of its townships, and one in another county."""

import datetime as dt
from dataclasses import dataclass

from bodies.models import Congress, Township
from bodies.townships import townships_of
from liaison_stations.models import OpinionItem, Reception, Station, StationKind
from liaison_stations.services import ReceptionEntry, StationEntry, save_receptions, save_stations
from tests.factories import at
from tests.standing import standing
from tests.world import World, world  # noqa: F401

DAY = dt.date(2026, 3, 6)
NOW = at(2026, 3, 9)


@dataclass
class Stations:
    """The station and the home of 城关镇 (whose congress is in the portal), one in 北岭乡, one of another county."""

    near: Township
    far: Township
    station: Station
    home: Station
    remote: Station
    foreign: Station


def new_station(congress: Congress, name: str, township: Township, **values: object) -> Station:
    save_stations(congress=congress, entries=[StationEntry(values={"name": name, "township": township, **values})])
    return Station.objects.get(congress=congress, name=name)


def build_stations(world: World) -> Stations:  # noqa: F811
    places = townships_of(congress=world.congress, names=["城关镇", "北岭乡"])
    abroad = townships_of(congress=world.foreign_congress, names=["石桥镇"])["石桥镇"]
    return Stations(
        near=places["城关镇"],
        far=places["北岭乡"],
        station=new_station(world.congress, "城关联络站", places["城关镇"]),
        home=new_station(world.congress, "城关代表之家", places["城关镇"], kind=StationKind.HOME),
        remote=new_station(world.congress, "北岭联络站", places["北岭乡"]),
        foreign=new_station(world.foreign_congress, "石桥联络站", abroad),
    )


stations = standing("stations", build_stations)


def receive(world: World, station: Station, matter: str = "路灯不亮", **values: object) -> Reception:  # noqa: F811
    """Record a reception as the service does; what belongs to the opinion goes there."""
    of_opinion = {name: values.pop(name) for name in ("handling", "unit", "replied_on", "result") if name in values}
    of_reception = {"station": station, "received_on": DAY, "seat": world.seat, "visitor": "赵先生", "matter": matter}
    save_receptions(
        congress=station.congress,
        entries=[ReceptionEntry(None, of_reception | values, of_opinion)],
        user=world.staff,
        now=NOW,
    )
    return Reception.objects.latest("pk")


def change(world: World, reception: Reception, of_opinion: dict | None = None, **of_reception: object) -> str:  # noqa: F811
    """Correct a reception; returns the counts."""
    entry = ReceptionEntry(reception, of_reception, of_opinion or {})
    counts = save_receptions(congress=reception.station.congress, entries=[entry], user=world.staff, now=NOW)
    return str(counts)


def opinion_of(reception: Reception) -> OpinionItem:
    return OpinionItem.objects.get(reception=reception)
