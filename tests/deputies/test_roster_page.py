"""The roster: levels, filters, search and totals."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from bodies.models import Level
from deputies.models import GroupMember, Seat
from deputies.services import RosterEntry, save_roster
from tests import factories as make
from tests.world import World

pytestmark = pytest.mark.django_db
LI, ABU = "李春梅", "阿卜杜拉·买买提"
SHOWN = ("page_obj", "views", "filter_form", "chips", "totals")


@pytest.fixture
def town(world: World) -> list[Seat]:
    """Two deputies of the township below."""
    term = make.TermFactory(congress=world.township)
    entries = [RosterEntry(term, name, "一选区", of_person={"gender": "男"}) for name in ("张三", "周明")]
    save_roster(entries=entries)
    return list(Seat.objects.filter(term=term).order_by("pk"))


def context(user: User, **query: object) -> dict:
    client = Client()
    client.force_login(user)
    response = client.get(reverse("deputies:roster"), query)
    assert response.status_code == 200
    return {name: response.context[name] for name in SHOWN} | {"html": response.content.decode()}


def names(user: User, **query: object) -> list[str]:
    return sorted(row["name"] for row in context(user, **query)["page_obj"])


def test_the_own_congress_stands_first_and_the_others_are_one_click_away(world: World, town: list[Seat]) -> None:
    page = context(world.staff)
    assert sorted(row["name"] for row in page["page_obj"]) == sorted([LI, ABU])
    assert [(view["label"], view["count"], view["active"]) for view in page["views"]] == [
        ("县级（本级）", 2, True),
        ("乡级", 2, False),
        ("全部层级", 4, False),
    ]
    assert '<th scope="col">层级</th>' not in page["html"]
    assert names(world.staff, level="5") == ["周明", "张三"]
    assert names(world.staff, level="all") == sorted([LI, ABU, "张三", "周明"])
    below = context(world.staff, level="5")
    assert '<th scope="col">层级</th>' in below["html"]
    assert {(row["level"], row["congress"]) for row in below["page_obj"]} == {("乡级", "城关镇")}


@pytest.mark.parametrize("level", ["9", "x", "4", "all' OR 1=1", "\x00", "５"])
def test_a_level_that_is_not_offered_is_the_own_one(world: World, town: list[Seat], level: str) -> None:
    assert names(world.staff, level=level) == sorted([LI, ABU])


def test_who_sees_one_level_has_no_choice_of_levels(world: World, town: list[Seat]) -> None:
    page = context(world.gov_office)
    assert page["views"] == []
    assert names(world.gov_office, level="all") == sorted([LI, ABU])
    assert [view["label"] for view in context(world.township_user)["views"]] == ["乡级（本级）", "县级", "全部层级"]
    assert names(world.township_user, level="4") == [LI]


def test_delegations_offered_are_those_of_the_level(world: World, town: list[Seat]) -> None:
    def offered(**query: object) -> list[str]:
        return [label for _, label in context(world.staff, **query)["filter_form"].fields["delegation"].choices]

    assert offered() == ["全部代表团", "城关代表团", "北岭代表团"]
    assert offered(level="5") == ["全部代表团", "城关镇 一选区"]
    assert names(world.staff, delegation=world.other_seat.delegation_id) == [ABU]
    # A delegation of another level falls away with the level.
    assert names(world.staff, delegation=town[0].delegation_id) == sorted([LI, ABU])


def test_a_group_shows_its_members_of_every_level(world: World, town: list[Seat]) -> None:
    group = make.DeputyGroupFactory(term=world.term, name="城关第一小组")
    GroupMember.objects.create(group=group, seat=world.seat)
    GroupMember.objects.create(group=group, seat=town[0])
    assert names(world.staff, group=group.pk) == sorted([LI, "张三"])
    assert names(world.staff, group=group.pk, level="5") == ["张三"]
    assert names(world.staff, q="第一小组") == [LI]
    page = context(world.staff, group=group.pk)
    assert [chip["label"] for chip in page["chips"]] == ["代表小组：城关第一小组"]
    theirs = make.DeputyGroupFactory(term=make.TermFactory(congress=world.foreign_congress))
    assert names(world.staff, group=theirs.pk) == sorted([LI, ABU])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zs", ["张三"]),
        ("ZS", ["张三"]),
        ("zhang", ["张三"]),
        ("张", ["张三"]),
        ("张 三", ["张三"]),
        ("0012", ["周明"]),
        ("小学", ["周明"]),
        ("z", ["周明", "张三"]),
        ("z 小学", ["周明"]),
        ("%", []),
        ("不存在", []),
        ("\x00", ["周明", "张三"]),
    ],
)
def test_search_finds_by_name_initials_number_and_post(
    world: World, town: list[Seat], words: str, found: list[str]
) -> None:
    Seat.objects.filter(pk=town[1].pk).update(certificate_no="0012")
    town[1].person.post = "示例小学校长"
    town[1].person.save()
    assert names(world.staff, level="5", q=words) == found


def test_totals_are_those_of_what_is_shown(world: World, town: list[Seat]) -> None:
    person = world.other_seat.person
    person.ethnicity = "维吾尔族"
    person.save()
    Seat.objects.filter(pk=world.seat.pk).update(is_committee_member=True)
    assert context(world.staff)["totals"] == "其中女 1 名，少数民族 1 名，常委会组成人员 1 名"
    assert context(world.staff, level="5")["totals"] == ""
    assert context(world.staff, q="李")["totals"] == "其中女 1 名，常委会组成人员 1 名"


def test_only_who_is_in_office_is_listed(world: World, town: list[Seat]) -> None:
    Seat.objects.filter(pk=town[0].pk).update(status="ended", ended_on=dt.date(2025, 1, 1))
    assert names(world.staff, level="5") == ["周明"]
    assert [view["count"] for view in context(world.staff)["views"]] == [2, 1, 3]


def test_the_same_queries_for_any_number_of_deputies(world: World, town: list[Seat]) -> None:
    client = Client()
    client.force_login(world.staff)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("deputies:roster"), {"level": "all"}).status_code == 200
        return len(captured)

    queries()

    few = queries()
    for level in (Level.TOWNSHIP, Level.TOWNSHIP):
        term = make.TermFactory(congress=make.CongressFactory(parent=world.congress, level=level))
        save_roster(
            entries=[RosterEntry(term, f"代表{n}", f"第{n % 5}团", of_person={"gender": "男"}) for n in range(20)]
        )
    assert queries() == few
