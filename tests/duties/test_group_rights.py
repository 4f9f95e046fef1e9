"""Who leads a group: the office, the term, the seat and the hat decide, each alone."""

import datetime as dt
from collections.abc import Callable

import pytest

from accounts.models import Membership, Role, User
from deputies.models import GroupMember, Seat
from duties.abilities import LEADING, groups_of, leads_group, may_change
from duties.models import GroupActivity
from tests import factories as make
from tests.duties.groups import DAY, Circle, register

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 6)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("office", "leads"), [("leader", True), ("deputy_leader", True), ("liaison", True), ("member", False)]
)
def test_the_office_decides(circle: Circle, office: str, leads: bool) -> None:
    GroupMember.objects.filter(seat=circle.seats["leader"]).update(office="member")
    GroupMember.objects.filter(seat=circle.seats["member"]).update(office=office)
    assert leads_group(circle.member, circle.group, TODAY) is leads
    assert leads_group(circle.leader, circle.group, TODAY) is False
    assert (office in LEADING) is leads


def another_hat(circle: Circle) -> None:
    hat = Membership.objects.create(user=circle.leader, role=Role.STAFF, congress=circle.world.congress)
    circle.leader.__dict__.pop("hats", None)
    circle.leader.wear(hat.pk)


def deputy_of_another_congress(circle: Circle) -> None:
    hat = Membership.objects.create(user=circle.leader, role=Role.DEPUTY, congress=circle.world.township)
    circle.leader.__dict__.pop("hats", None)
    circle.leader.wear(hat.pk)


def seat_ended(circle: Circle) -> None:
    Seat.objects.filter(pk=circle.seats["leader"].pk).update(status="ended", ended_on=TODAY)


def term_over(circle: Circle) -> None:
    circle.world.term.ends_on = dt.date(2026, 3, 5)
    circle.world.term.save()


def out_of_the_group(circle: Circle) -> None:
    GroupMember.objects.filter(seat=circle.seats["leader"]).delete()


@pytest.mark.parametrize("happens", [another_hat, deputy_of_another_congress, seat_ended, term_over, out_of_the_group])
def test_right_and_reading_end_with(circle: Circle, happens: Callable[[Circle], None]) -> None:
    user = circle.leader
    activity = register(circle)
    assert leads_group(user, circle.group, TODAY) is True
    assert may_change(user, activity, TODAY) is True
    assert list(groups_of(user, TODAY)) == [circle.group]
    happens(circle)
    assert leads_group(user, circle.group, TODAY) is False
    assert list(groups_of(user, TODAY)) == []


def test_who_is_suspended_reads_but_does_not_lead(circle: Circle) -> None:
    Seat.objects.filter(pk=circle.seats["leader"].pk).update(status="suspended")
    assert leads_group(circle.leader, circle.group, TODAY) is False
    assert list(groups_of(circle.leader, TODAY)) == [circle.group]


def test_a_deputy_of_another_level_leads_under_that_hat(circle: Circle) -> None:
    """四级代表编组: a group of the county may have the township's deputy as its liaison."""
    world = circle.world
    user = make.UserFactory(name="镇代表", role=Role.DEPUTY, role__congress=world.township)
    seat = make.SeatFactory(term=make.TermFactory(congress=world.township), person__user=user)
    GroupMember.objects.create(group=circle.group, seat=seat, office="liaison")
    assert leads_group(user, circle.group, TODAY) is True
    hat = Membership.objects.create(user=user, role=Role.DEPUTY, congress=world.congress)
    user = fresh(user)
    user.wear(hat.pk)
    assert leads_group(user, circle.group, TODAY) is False


def test_other_roles_lead_nothing(circle: Circle) -> None:
    world = circle.world
    users = [world.staff, world.leader, world.township_user, world.unit_user, world.gov_office, world.stranger]
    assert [leads_group(user, circle.group, TODAY) for user in [*users, circle.other_leader]] == [False] * 7


def test_who_may_change_an_activity(circle: Circle) -> None:
    world, activity = circle.world, register(circle, circle.liaison)
    users = {
        "liaison": circle.liaison, "leader": circle.leader, "member": circle.member, "staff": world.staff,
        "stranger": world.stranger, "committee leader": world.leader, "other leader": circle.other_leader,
    }  # fmt: skip
    assert {name for name, user in users.items() if may_change(user, activity, TODAY)} == {"liaison", "staff"}
    GroupMember.objects.filter(seat=circle.seats["liaison"]).update(office="member")
    assert may_change(circle.liaison, activity, TODAY) is False


def test_who_sees_an_activity(circle: Circle) -> None:
    world, activity = circle.world, register(circle)
    township_seat = make.SeatFactory(term=make.TermFactory(congress=world.foreign_congress))
    foreign = make.DeputyGroupFactory(term=township_seat.term)
    GroupActivity.objects.create(
        group=foreign, held_on=DAY, type=activity.type, topic="外县", registered_at=activity.registered_at
    )
    sees = {
        user.username: list(GroupActivity.objects.visible_to(user).values_list("topic", flat=True))
        for user in (
            circle.leader, circle.member, circle.liaison, circle.other_leader, world.staff, world.leader,
            world.stranger, world.unit_user, world.gov_office, world.township_user, make.UserFactory(username="none"),
        )
    }  # fmt: skip
    assert sees == {
        "deputy": ["走访养老院"], "deputy2": ["走访养老院"], "liaison": ["走访养老院"], "outsider": [],
        "staff": ["走访养老院"], "leader": ["走访养老院"], "stranger": ["外县"], "unit": [], "gov": [], "township": [],
        "none": [],
    }  # fmt: skip
