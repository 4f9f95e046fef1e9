"""Pickers of deputies, and the groups that are filled with them."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from deputies.models import DeputyGroup, GroupMember, GroupOffice, Seat
from deputies.rules import GROUP_LEAST, GROUP_MOST, doubts_about_group
from deputies.services import RosterEntry, save_roster
from tests import factories as make
from tests.world import World

pytestmark = pytest.mark.django_db
GROUPS = "admin:deputies_deputygroup_changelist"


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def picked(user: User, term: str) -> list[str]:
    query = {"app_label": "deputies", "model_name": "groupmember", "field_name": "seat", "term": term}
    response = as_user(user).get(reverse("admin:autocomplete"), query)
    assert response.status_code == 200
    return [row["text"] for row in response.json()["results"]]


@pytest.fixture
def zhang(world: World) -> Seat:
    """张三 of the county, with a namesake in the same delegation and one in the township."""
    person = {"gender": "男", "born_on": dt.date(1967, 3, 1), "born_precision": "month"}
    town = make.TermFactory(congress=world.township, name="第二十届")
    save_roster(
        entries=[
            RosterEntry(world.term, "张三", "城关代表团", of_person=person, of_seat={"certificate_no": "0012"}),
            RosterEntry(
                world.term, "张三", "城关代表团", of_person=person | {"post": "校长", "born_on": dt.date(1970, 5, 1)}
            ),
            RosterEntry(town, "张三", "一选区", of_person=person),
            RosterEntry(world.term, "赵四", "北岭代表团", of_person=person, groups=["城关小组"]),
        ]
    )
    return Seat.objects.get(certificate_no="0012")


@pytest.mark.parametrize("term", ["张三", "zs", "ZS", "张 三"])
def test_namesakes_are_told_apart(world: World, zhang: Seat, term: str) -> None:
    found = [text for text in picked(world.staff, term) if text.startswith("张三")]
    assert found == [
        "张三（城关代表团，证号 0012，1967年3月）",
        "张三（城关代表团，1970年5月，校长）",
        "张三（城关镇 一选区）",
    ]


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("0012", ["张三（城关代表团，证号 0012，1967年3月）"]),
        ("城关小组", ["赵四（北岭代表团）"]),
        ("校长", ["张三（城关代表团，1970年5月，校长）"]),
        ("李春", ["李春梅（城关代表团）"]),
        ("0013", []),
    ],
)
def test_the_picker_finds_by_number_group_and_post(world: World, zhang: Seat, term: str, found: list[str]) -> None:
    assert picked(world.staff, term) == found


def test_the_picker_says_who_is_no_longer_in_office(world: World, zhang: Seat) -> None:
    Seat.objects.filter(pk=world.seat.pk).update(status="ended", ended_on=dt.date(2025, 1, 1))
    earlier = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31)
    )
    delegation = make.DelegationFactory(term=earlier, name="城关代表团")
    make.SeatFactory(term=earlier, delegation=delegation, person=world.other_seat.person)
    assert picked(world.staff, "李春梅") == ["李春梅（城关代表团，第十八届，已不在任）"]
    assert picked(world.staff, "买买提") == [
        "阿卜杜拉·买买提（北岭代表团）",
        "阿卜杜拉·买买提（城关代表团，第十七届，已不在任）",
    ]


def test_the_picker_offers_no_deputy_of_another_county(world: World) -> None:
    term = make.TermFactory(congress=world.foreign_congress)
    make.SeatFactory(term=term, person__name="李春梅二")
    assert picked(world.staff, "李春梅") == ["李春梅（城关代表团）"]


def test_the_picker_takes_the_same_queries_for_any_number(world: World, zhang: Seat) -> None:
    client = as_user(world.staff)
    query = {"app_label": "deputies", "model_name": "groupmember", "field_name": "seat"}

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("admin:autocomplete"), query).status_code == 200
        return len(captured)

    queries()

    few = queries()
    for _ in range(15):
        make.SeatFactory(term=world.term, delegation=world.seat.delegation)
    assert queries() == few


def group_data(world: World, *members: tuple[Seat, str]) -> dict:
    data = {
        "term": world.term.pk, "name": "四级小组", "kind": "area", "sort": "0", "members-TOTAL_FORMS": len(members),
        "members-INITIAL_FORMS": 0, "members-MIN_NUM_FORMS": 0, "members-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    for n, (seat, office) in enumerate(members):
        data |= {f"members-{n}-seat": seat.pk, f"members-{n}-office": office}
    return data


def test_a_group_takes_members_of_every_level(world: World, zhang: Seat) -> None:
    town = Seat.objects.get(term__congress=world.township)
    client = as_user(world.staff)
    data = group_data(world, (world.seat, "leader"), (town, "member"))
    assert client.post(reverse("admin:deputies_deputygroup_add"), data).status_code == 302
    group = DeputyGroup.objects.get(name="四级小组")
    assert set(group.members.values_list("seat", "office")) == {(world.seat.pk, "leader"), (town.pk, "member")}
    html = client.get(reverse("admin:deputies_deputygroup_change", args=[group.pk])).content.decode()
    assert "张三（城关镇 一选区）" in html
    assert "请核对本小组：只有 2 人，一般为 14 至 24 人。" in html


def test_a_deputy_of_an_unrelated_county_is_no_member(world: World) -> None:
    foreign = make.SeatFactory(term=make.TermFactory(congress=world.foreign_congress))
    data = group_data(world, (foreign, "member"))
    assert as_user(world.staff).post(reverse("admin:deputies_deputygroup_add"), data).status_code == 200
    assert not DeputyGroup.objects.filter(name="四级小组").exists()


@pytest.mark.parametrize(
    ("size", "has_leader", "doubts"),
    [
        (0, False, ["只有 0 人，一般为 14 至 24 人", "没有组长"]),
        (GROUP_LEAST - 1, True, ["只有 13 人，一般为 14 至 24 人"]),
        (GROUP_LEAST, True, []),
        (GROUP_MOST, True, []),
        (GROUP_MOST, False, ["没有组长"]),
        (GROUP_MOST + 1, True, ["有 25 人，一般为 14 至 24 人"]),
    ],
)
def test_what_is_unusual_about_a_group(size: int, has_leader: bool, doubts: list[str]) -> None:
    assert doubts_about_group(size=size, has_leader=has_leader) == doubts


@pytest.fixture
def three_groups(world: World) -> list[DeputyGroup]:
    """One as it should be, one too large, one too small that nobody leads."""
    groups = []
    for name, size, leads in (("正好", 14, True), ("太大", 25, True), ("太小", 2, False)):
        group = make.DeputyGroupFactory(term=world.term, name=name)
        for n in range(size):
            seat = make.SeatFactory(term=world.term, delegation=world.seat.delegation)
            office = GroupOffice.LEADER if leads and n == 0 else GroupOffice.MEMBER
            GroupMember.objects.create(group=group, seat=seat, office=office)
        groups.append(group)
    return groups


def test_the_list_of_groups_warns_counts_and_filters(world: World, three_groups: list[DeputyGroup]) -> None:
    client = as_user(world.staff)

    def found(**query: object) -> list[tuple[str, int]]:
        response = client.get(reverse(GROUPS), query)
        return [(row.name, row.size) for row in response.context["cl"].result_list]

    page = client.get(reverse(GROUPS))
    assert found() == [("正好", 14), ("太大", 25), ("太小", 2)]
    html = page.content.decode()
    assert html.count("有 25 人，一般为 14 至 24 人") >= 1
    assert "只有 2 人，一般为 14 至 24 人；没有组长" in html
    assert page.context["cl"].totals == [("代表小组", "3"), ("成员", "41")]
    assert found(doubt="size") == [("太大", 25), ("太小", 2)]
    assert found(doubt="leader") == [("太小", 2)]
    assert found(doubt="x") == []
    member = three_groups[1].members.last().seat.person
    assert found(q=member.name) == [("太大", 25)]
    assert found(q=member.name, doubt="size") == [("太大", 25)]
    assert found(o="4") == [("太小", 2), ("正好", 14), ("太大", 25)]


def test_the_list_of_groups_takes_the_same_queries(world: World, three_groups: list[DeputyGroup]) -> None:
    client = as_user(world.staff)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(GROUPS))
        return len(captured)

    few = queries()
    for n in range(10):
        group = make.DeputyGroupFactory(term=world.term)
        GroupMember.objects.create(group=group, seat=world.seat, office="leader" if n % 2 else "member")
    assert queries() == few


def test_the_register_of_deputies_is_filtered_by_group_and_shows_totals(world: World, zhang: Seat) -> None:
    client = as_user(world.staff)
    group = DeputyGroup.objects.get(name="城关小组")
    page = client.get(reverse("admin:deputies_seat_changelist"), {"group": group.pk})
    assert [row.person.name for row in page.context["cl"].result_list] == ["赵四"]
    assert page.context["cl"].totals == [("代表", "1"), ("女代表", "0"), ("少数民族代表", "0")]
    page = client.get(reverse("admin:deputies_seat_changelist"), {"q": "城关小组"})
    assert [row.person.name for row in page.context["cl"].result_list] == ["赵四"]


def test_delegations_count_their_deputies(world: World) -> None:
    page = as_user(world.staff).get(reverse("admin:deputies_delegation_changelist"))
    rows = {row.name: row.deputies_number for row in page.context["cl"].result_list}
    assert rows == {"城关代表团": 1, "北岭代表团": 1}
    assert page.context["cl"].totals == [("代表团", "2"), ("代表", "2")]
