"""A group around the world's deputies, and short ways to enter for it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.models import Role, User
from deputies.models import DeputyGroup, GroupMember, Seat
from duties import group_services as services
from duties.group_services import Deed
from duties.models import DutyRecord, GroupActivity
from tests import factories as make
from tests.factories import at
from tests.world import World

NOW = at(2026, 3, 6)
DAY = dt.date(2026, 3, 5)
DEED = Deed(DAY, "小组活动", "走访养老院", "城关养老院", "看望老人")


@dataclass
class Circle:
    """A group that 李春梅 leads; 阿卜杜拉·买买提 and 王大爷, who has no account, are members; 刘联 is the liaison."""

    world: World
    group: DeputyGroup
    leader: User
    liaison: User
    member: User
    seats: dict[str, Seat]
    other_group: DeputyGroup
    other_leader: User

    @property
    def keys(self) -> dict[str, int]:
        return {name: seat.pk for name, seat in self.seats.items()}


def seat_of(world: World, name: str, username: str = "", **fields: Any) -> Seat:
    """A deputy of the county, with an account where a user name is given."""
    user = None
    if username:
        user = make.UserFactory(username=username, name=name, role=Role.DEPUTY, role__congress=world.congress)
    return make.SeatFactory(
        term=world.term, delegation=world.seat.delegation, person__name=name, person__user=user, **fields
    )


def build_circle(world: World) -> Circle:
    group = make.DeputyGroupFactory(term=world.term, name="城关第一小组")
    liaison, elder = seat_of(world, "刘联", "liaison"), seat_of(world, "王大爷")
    offices = {"leader": world.seat, "member": world.other_seat, "liaison": liaison}
    for office, seat in offices.items():
        GroupMember.objects.create(group=group, seat=seat, office=office)
    GroupMember.objects.create(group=group, seat=elder)
    other = make.DeputyGroupFactory(term=world.term, name="北岭小组")
    outsider = seat_of(world, "赵外", "outsider")
    GroupMember.objects.create(group=other, seat=outsider, office="leader")
    return Circle(
        world, group, world.deputy, liaison.person.user, world.other_deputy, offices | {"elder": elder}, other,
        outsider.person.user,
    )  # fmt: skip


def register(circle: Circle, user: User | None = None, deed: Deed = DEED, **states: str) -> GroupActivity:
    """An activity; ``states`` by the names of the circle's seats, leader and elder present where none are given."""
    states = states or {"leader": "present", "elder": "present", "member": "leave", "liaison": "absent"}
    return services.register_activity(
        group_id=circle.group.pk,
        deed=deed,
        states={circle.keys[name]: state for name, state in states.items()},
        user=user or circle.leader,
        now=NOW,
    ).activity


def enter(circle: Circle, name: str = "elder", user: User | None = None, deed: Deed = DEED) -> DutyRecord:
    return services.enter_for(
        group_id=circle.group.pk, seat_id=circle.keys[name], deed=deed, user=user or circle.leader, now=NOW
    )


def lines() -> list[tuple]:
    """Who, topic, source, the register's row, who entered it."""
    names = ("seat__person__name", "topic", "source", "source_id", "recorded_by__name")
    return list(DutyRecord.objects.order_by("seat__person__name", "pk").values_list(*names))
