"""How the made-up deputies of all levels are gathered in groups of an area or a field."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from bodies.models import Term
from deputies.models import DeputyGroup, GroupKind, GroupMember, GroupOffice, Seat
from duties.group_queries import members_of
from duties.group_services import Deed, register_activity
from duties.models import AttendanceState
from portal.demo import places
from portal.demo.diary import Diary
from portal.demo.levels import Others
from portal.demo.people import Roster, delegation_name

SECOND_DEPUTY_LEADER_ABOVE = 16
# What a demo deputy has registered of the group that she leads: how many days ago, type, topic, place and content.
REGISTERED = (
    (
        67,
        "视察调研执法检查",
        "视察老旧小区加装电梯和消防通道",
        "文昌社区",
        "实地看了三个小区，消防通道有两处被占用，已请社区当场清理，加装电梯的意见汇总后作为建议提出。",
    ),
    (
        18,
        "小组活动",
        "集中学习代表法，商定年底走访选民的分工",
        "文昌社区代表之家",
        "学习新修改的代表法，分片走访选民。",
    ),
)


@dataclass
class Circle:
    """A group with its seats, those in office first; the township and the village that an area group is of."""

    group: DeputyGroup
    seats: list[Seat]
    town: places.Township | None = None
    village: str = ""

    @property
    def leader(self) -> Seat:
        return self.seats[0]

    @property
    def liaison(self) -> Seat:
        return self.seats[2 + (len(self.seats) > SECOND_DEPUTY_LEADER_ABOVE)]


def form_groups(*, term: Term, roster: Roster, others: Others, rng: random.Random) -> list[Circle]:
    """Put every deputy into the group of an area, and some of the county's into groups of a field besides."""
    circles = [circle for town in places.TOWNSHIPS for circle in _of_town(term, town, roster, others, rng)]
    circles += _of_offices(term, roster, others, rng)
    leader = roster.by_username["daibiao1"]
    for name, size in places.FIELD_GROUPS:
        chosen = rng.sample([seat for seat in roster.seats if seat is not leader], size)
        circles.append(Circle(DeputyGroup(term=term, name=name, kind=GroupKind.FIELD), chosen))
    for sort, circle in enumerate(circles, start=1):
        circle.group.sort = sort
    DeputyGroup.objects.bulk_create(circle.group for circle in circles)
    rows = []
    for circle in circles:
        offices = [GroupOffice.LEADER, GroupOffice.DEPUTY_LEADER]
        offices += [GroupOffice.DEPUTY_LEADER] * (len(circle.seats) > SECOND_DEPUTY_LEADER_ABOVE)
        offices += [GroupOffice.LIAISON]
        offices += [GroupOffice.MEMBER] * (len(circle.seats) - len(offices))
        rows += [
            GroupMember(group=circle.group, seat=seat, office=office)
            for seat, office in zip(circle.seats, offices, strict=True)
        ]
    GroupMember.objects.bulk_create(rows)
    return circles


def _of_town(term: Term, town: places.Township, roster: Roster, others: Others, rng: random.Random) -> list[Circle]:
    """Return the groups of a township's villages: the county's deputies first, since one of them leads."""
    local = list(roster.by_delegation[delegation_name(town.name)])
    circles = []
    for number, area in enumerate(town.areas):
        seats = local[number :: len(town.areas)]
        if roster.by_username["daibiao1"] not in seats:
            rng.shuffle(seats)
        village = town.villages[number]
        own = list(others.by_village.get((town.name, village), []))
        rng.shuffle(own)
        group = DeputyGroup(term=term, name=f"{town.name}{area}代表小组", kind=GroupKind.AREA)
        circles.append(Circle(group, seats + own, town, village))
    return circles


def _of_offices(term: Term, roster: Roster, others: Others, rng: random.Random) -> list[Circle]:
    """Return the groups of those who work in the county's offices, with the deputies of the city and the province."""
    offices = [seat for name, _ in places.OFFICE_DELEGATIONS for seat in roster.by_delegation[delegation_name(name)]]
    rng.shuffle(offices)
    everybody = [*offices, *others.city, *others.province]
    return [
        Circle(
            DeputyGroup(term=term, name=f"{name}代表小组", kind=GroupKind.AREA),
            everybody[number :: len(places.OFFICE_GROUPS)],
            places.TOWNSHIPS[0],
        )
        for number, name in enumerate(places.OFFICE_GROUPS)
    ]


def register_some(*, roster: Roster, now: dt.datetime) -> None:
    """Let a demo deputy register activities of the group that she leads: nearly everybody came."""
    diary, seat = Diary(now), roster.by_username["daibiao1"]
    group = DeputyGroup.objects.get(members__seat=seat, members__office=GroupOffice.LEADER)
    *came, one, other = [member.seat_id for member in members_of(group, diary.today)]
    states = dict.fromkeys(came, AttendanceState.PRESENT)
    states |= {one: AttendanceState.LEAVE, other: AttendanceState.ABSENT}
    for days, *words in REGISTERED:
        day = diary.today - dt.timedelta(days=days)
        register_activity(
            group_id=group.pk, deed=Deed(day, *words), states=states, user=seat.person.user, now=diary.moment(day)
        )
