"""The made-up county's liaison stations and deputies' homes, with the deputies of the groups assigned to them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bodies.models import Congress, Township
from deputies.models import GroupKind, Seat
from liaison_stations import services
from liaison_stations.models import Station, StationKind
from portal.demo import names, places
from portal.demo.groups import Circle

FIRST_PHONE = 6201
RULES = (
    *("每月6日、16日、26日",) * 6,
    "每月6日、16日、26日上午9时至11时30分",
    "每月6日、16日、26日，节假日顺延",
    "每月16日，组长值班；6日、26日代表轮值",
)
OUTDOORS = "每月6日、16日、26日进院落、进田头，地点提前2日公告"
HOMES = ("每月6日、16日、26日", "每月6日、16日、26日，主席（主任）值班", "每月16日为集中接待日，其余工作日开放")
# Beside those of the groups: in which township, and under what name.
PARKS = (
    ("云城街道", "云溪工业园区"),
    ("溪南街道", "云溪电商产业园区"),
    ("白鹭镇", "白鹭湖文旅产业园区"),
    ("杏林镇", "杏林中医药产业园区"),
)
PARK_DEPUTIES, PARK_CALLINGS = 9, (names.OWNER, names.WORKER)
FIELD_HOMES = ("云城街道", "云城街道", "溪南街道", "溪南街道")
OFFICES_HOME = ("云城街道", "县直机关代表之家")
MOBILE, COLLECTION, EVERY = 5, 8, 11


@dataclass
class Post:
    """A station with those who sit there, the first of them more often; ``village`` is what its visitors speak of."""

    station: Station
    seats: list[Seat]
    town: places.Township
    village: str


@dataclass
class _Plan:
    name: str
    kind: StationKind
    town: places.Township
    village: str
    address: str
    seats: Sequence[Seat]
    head: str
    liaison: str
    rule: str


def set_up_stations(
    *, county: Congress, townships: Mapping[str, Township], circles: Sequence[Circle], rng: random.Random
) -> list[Post]:
    """Create 78 stations and 19 homes; the deputies of a group belong to its station."""
    areas = [circle for circle in circles if circle.group.kind == GroupKind.AREA]
    fields = [circle for circle in circles if circle.group.kind == GroupKind.FIELD]
    plans = [_of_group(circle, number, rng) for number, circle in enumerate(areas)]
    plans += _parks(areas, rng)
    plans += _homes(areas, fields)
    services.save_stations(
        congress=county,
        entries=[
            services.StationEntry(
                None,
                {
                    "name": plan.name,
                    "kind": plan.kind,
                    "township": townships[plan.town.name],
                    "address": plan.address,
                    "head": plan.head,
                    "liaison": plan.liaison,
                    "phone": f"1990000{FIRST_PHONE + number:04d}",
                    "reception_rule": plan.rule,
                },
                plan.seats,
            )
            for number, plan in enumerate(plans)
        ],
    )
    stations = {station.name: station for station in Station.objects.filter(congress=county)}
    return [Post(stations[plan.name], list(plan.seats), plan.town, plan.village) for plan in plans]


def _of_group(circle: Circle, number: int, rng: random.Random) -> _Plan:
    town, village, kind, rule = circle.town, circle.village, StationKind.STATION, rng.choice(RULES)
    name, address = f"{town.name}{village}代表联络站", f"{town.name}{village}党群服务中心"
    if not village:
        office = circle.group.name.removesuffix("代表小组")
        village, name = rng.choice(town.villages), f"{office}代表联络站"
        address = f"{town.name}{rng.choice(names.STREETS)}{rng.randint(1, 199)}号"
    elif town.own_seats and number % EVERY == MOBILE:
        kind, name, rule = StationKind.MOBILE, f"{town.name}{village}代表流动联络站", OUTDOORS
    elif town.own_seats and number % EVERY == COLLECTION:
        kind, name = StationKind.COLLECTION, f"{town.name}{village}民意采集站"
    head, liaison = circle.leader.person.name, circle.liaison.person.name
    return _Plan(name, kind, town, village, address, circle.seats, head, liaison, rule)


def _parks(areas: Sequence[Circle], rng: random.Random) -> list[_Plan]:
    """Return the stations of the industrial parks, where deputies from enterprises sit beside their own station."""
    plans = []
    for place, name in PARKS:
        town = next(town for town in places.TOWNSHIPS if town.name == place)
        near = [seat for circle in areas if circle.town is town for seat in circle.seats]
        chosen = [seat for seat in near if seat.person.occupation in PARK_CALLINGS]
        rest = [seat for seat in near if seat not in chosen]
        rng.shuffle(chosen)
        people = {seat.person_id: seat for seat in [*chosen, *rng.sample(rest, PARK_DEPUTIES)]}
        seats = list(people.values())[:PARK_DEPUTIES]
        head, liaison = seats[0].person.name, seats[1].person.name
        address = f"{place}{name}服务中心1楼"
        rule = "每月6日、16日、26日下午2时至5时"
        plans.append(
            _Plan(f"{name}代表联络站", StationKind.PARK, town, town.villages[0], address, seats, head, liaison, rule)
        )
    return plans


def _homes(areas: Sequence[Circle], fields: Sequence[Circle]) -> list[_Plan]:
    """Return the deputies' homes: one of each township with its leaders and liaisons, one of each field, one of the offices."""
    plans = []
    for town in places.TOWNSHIPS:
        local = [circle for circle in areas if circle.town is town and circle.village]
        plans.append(_home(f"{town.name}代表之家", town, local, f"{town.name}{town.roads[0]}1号"))
    for place, circle in zip(FIELD_HOMES, fields, strict=True):
        town = next(town for town in places.TOWNSHIPS if town.name == place)
        name = circle.group.name.replace("代表小组", "代表之家")
        plans.append(_home(name, town, [circle], f"{place}{town.roads[-1]}{len(plans) + 10}号"))
    place, name = OFFICES_HOME
    town = next(town for town in places.TOWNSHIPS if town.name == place)
    offices = [circle for circle in areas if not circle.village]
    plans.append(_home(name, town, offices, f"{place}{town.roads[0]}18号"))
    return plans


def _home(name: str, town: places.Township, circles: Sequence[Circle], address: str) -> _Plan:
    several = len(circles) > 1
    seats = [seat for circle in circles for seat in ((circle.leader, circle.liaison) if several else circle.seats)]
    return _Plan(
        name,
        StationKind.HOME,
        town,
        town.villages[0],
        address,
        list({seat.person_id: seat for seat in seats}.values()),
        circles[0].leader.person.name,
        circles[-1].liaison.person.name,
        HOMES[len(name) % len(HOMES)],
    )
