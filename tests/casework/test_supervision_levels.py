"""How late somebody is told, who oversees him, and in which words: the ledger of the scan."""

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import F, QuerySet, Value
from django.test import override_settings

from accounts.models import Membership, Role, User
from casework import registry
from casework.models import Case, Obligation
from casework.reminding import make_digests, scan_obligations
from notices.models import Notice, NoticeText
from proposals.models import KIND
from tests import factories as make
from tests.casework.owing import NOW, case, owe
from tests.world import World

NONE = {"near_due": 0, "overdue": 0, "escalated": 0}


def later(days: int) -> dt.datetime:
    return NOW + dt.timedelta(days=days)


def told(rule: str) -> list[str]:
    return sorted(Notice.objects.filter(rule=rule).values_list("recipient__username", flat=True))


@pytest.mark.parametrize(
    ("days", "level"),
    [(1, 1), (2, 2), (3, 2), (4, 4), (7, 4), (8, 8), (9, 8), (48, 8)],
)
def test_only_the_highest_level_reached_is_told(days: int, level: int, world: World) -> None:
    owe(world, -days)
    scan_obligations(now=NOW)
    owner = Notice.objects.filter(recipient=world.unit_user)
    assert list(owner.values_list("rule", flat=True)) == [f"overdue-{level}"]
    assert scan_obligations(now=NOW) == NONE


def test_escalation_is_told_once_to_leaders_and_staff(world: World) -> None:
    owe(world, -2)
    other = make.UserFactory(role=Role.LEADER, role__congress=world.congress)
    make.UserFactory(role=Role.LEADER, role__congress=world.congress, is_active=False)
    # With two hats of one office he is still one person.
    Membership.objects.create(user=other, role=Role.STAFF, congress=world.congress)
    assert scan_obligations(now=NOW)["escalated"] == 0
    assert scan_obligations(now=later(1))["escalated"] == 3
    assert told("escalated") == sorted(["leader", "staff", other.username])
    assert [scan_obligations(now=later(n))["escalated"] for n in (1, 2, 30)] == [0, 0, 0]
    text = Notice.objects.filter(rule="escalated").values_list("title", "body").distinct().get()
    assert text == ("县教育局应答复：第1号 关于第1件事的建议", "期限2026年3月8日，请过问")


def test_escalation_waits_as_long_as_the_installation_says(world: World) -> None:
    owe(world, -4)
    with override_settings(ESCALATE_DAYS=5):
        assert scan_obligations(now=NOW)["escalated"] == 0
        assert scan_obligations(now=later(1))["escalated"] == 2


def test_an_office_is_not_told_twice_of_what_it_owes_itself(world: World) -> None:
    owe(world, -5, owner_unit=None, owner_role=Role.STAFF, owner_label="代表工委")
    owe(world, -5, case(world, 2), owner_unit=None, owner_role=Role.LEADER, owner_label="领导", owner_user=world.leader)
    scan_obligations(now=NOW)
    first, second = (f"obligation:{pk}" for pk in Case.objects.order_by("pk").values_list("obligations", flat=True))
    found = Notice.objects.values_list("object_key", "rule", "recipient__username")
    assert sorted(found) == sorted(
        [
            (first, "overdue-4", "staff"),
            (first, "escalated", "leader"),
            (second, "overdue-4", "leader"),
            (second, "escalated", "staff"),
        ]
    )


def test_silent_ones_escalate_to_nobody(world: World) -> None:
    owe(world, -30, is_silent=True)
    assert scan_obligations(now=NOW) == NONE


def naming(*people: tuple[Obligation, User]) -> Callable[[], QuerySet]:
    """Who oversees the cases of which obligations."""

    def overseers() -> QuerySet:
        rows = [
            Case.objects.filter(pk=row.case_id).order_by().values_list(F("pk"), Value(one.pk)) for row, one in people
        ]
        return rows[0].union(*rows[1:], all=True)

    return overseers


def told_of(row: Obligation) -> list[str]:
    rows = Notice.objects.filter(rule="escalated", object_key=f"obligation:{row.pk}")
    return sorted(rows.values_list("recipient__username", flat=True))


@pytest.fixture
def overseen(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], QuerySet]], None]:
    """Registers who oversees the proposals of a test."""

    def register(overseers: Callable[[], QuerySet]) -> None:
        monkeypatch.setitem(registry._kinds, KIND, dataclasses.replace(registry.kind(KIND), overseers=overseers))

    return register


def test_named_overseers_are_told_instead_of_the_office(world: World, overseen: Callable) -> None:
    named, plain, left = (owe(world, -3, case(world, number)) for number in (1, 2, 3))
    gone = make.UserFactory(role=Role.LEADER, role__congress=world.congress, is_active=False)
    # One is named twice, as by two kinds of oversight.
    overseen(naming((named, world.gov_office), (left, gone), (named, world.gov_office)))
    assert scan_obligations(now=NOW) == {"near_due": 0, "overdue": 3, "escalated": 5}
    assert {row.pk: told_of(row) for row in (named, plain, left)} == {
        named.pk: ["gov"],
        plain.pk: ["leader", "staff"],
        left.pk: ["leader", "staff"],
    }
    assert scan_obligations(now=NOW) == NONE


def test_nobody_oversees_what_his_own_unit_owes(world: World, overseen: Callable) -> None:
    own, other = owe(world, -3, case(world, 1)), owe(world, -3, case(world, 2), owner_unit=world.transport)
    # One has a hat of the unit and one without a unit, the other none at all.
    Membership.objects.create(user=world.unit_user, role=Role.LEADER, congress=world.congress)
    hatless = make.UserFactory()
    rows = Case.objects.order_by()
    overseen(
        lambda: rows.values_list("pk", Value(world.unit_user.pk)).union(
            rows.values_list("pk", Value(hatless.pk)), all=True
        )
    )
    scan_obligations(now=NOW)
    found = Notice.objects.filter(rule="escalated").values_list("object_key", "recipient__username")
    expected = [(own, hatless.username), (other, hatless.username), (other, "unit")]
    assert sorted(found) == sorted((f"obligation:{row.pk}", name) for row, name in expected)


def test_what_the_only_overseer_owes_himself_goes_to_the_office(world: World, overseen: Callable) -> None:
    office = {"owner_unit": None, "owner_role": Role.STAFF, "owner_label": "代表工委"}
    person = {"owner_unit": None, "owner_role": Role.LEADER, "owner_label": "领导", "owner_user": world.leader}
    by_staff, by_unit, by_leader, of_another = (
        owe(world, -3, case(world, number), **owner)
        for number, owner in enumerate((office, {}, person, office), start=1)
    )
    people = [
        (by_staff, world.staff), (by_unit, world.unit_user), (by_leader, world.leader),
        (of_another, world.staff), (of_another, world.gov_office),
    ]  # fmt: skip
    overseen(naming(*people))
    scan_obligations(now=NOW)
    assert {row.pk: told_of(row) for row in (by_staff, by_unit, by_leader, of_another)} == {
        by_staff.pk: ["leader"],
        by_unit.pk: ["leader", "staff"],
        by_leader.pk: ["staff"],
        of_another.pk: ["gov"],
    }


@pytest.mark.parametrize("count", [3, 300])
def test_scan_with_overseers_takes_five_statements(
    count: int, world: World, overseen: Callable, django_assert_num_queries: Callable
) -> None:
    of = case(world)
    for number in range(count):
        owe(world, -3, of, act=f"act{number}")
    overseen(lambda: Case.objects.order_by().values_list("pk", Value(world.gov_office.pk)))
    with django_assert_num_queries(15):
        assert scan_obligations(now=NOW) == {"near_due": 0, "overdue": count, "escalated": count}


def test_words_are_those_of_the_congress_of_the_case(world: World) -> None:
    def text(rule: str, title: str, body: str = "", congress: object = world.congress) -> None:
        NoticeText.objects.create(congress=congress, rule=rule, title=title, body=body)

    text("overdue", "【督办】{责任方}：{动作}{事项}", "已过{期限}，计{天数}天，{动作}为要")
    text("near_due", "别县的话", congress=world.foreign_congress)
    owe(world, -2, case(world, 1, title="关于{动作}和%s的建议"))
    owe(world, 2, case(world, 2))
    scan_obligations(now=NOW)
    make_digests(now=NOW)
    found = Notice.objects.filter(recipient=world.unit_user).order_by("rule").values_list("title", "body")
    # What a deputy typed into a title is no placeholder.
    assert list(found) == [
        ("请答复：第2号 关于第2件事的建议", "期限2026年3月12日"),
        ("【督办】县教育局：答复第1号 关于{动作}和%s的建议", "已过2026年3月8日，计2天，答复为要"),
    ]


def test_who_was_not_told_for_being_away_is_told_when_he_is_back(world: World) -> None:
    owe(world, -1)
    scan_obligations(now=NOW)
    User.objects.filter(pk=world.unit_user.pk).update(is_active=False)
    assert make_digests(now=NOW) == 0
    assert Notice.objects.get().state == "void"
    User.objects.filter(pk=world.unit_user.pk).update(is_active=True)
    assert scan_obligations(now=NOW) == NONE | {"overdue": 1}
    assert make_digests(now=NOW) == 1
    assert Notice.objects.get().state == "sent"
