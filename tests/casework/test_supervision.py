"""Near due and overdue: each owner is told once, whatever happens to the scan."""

import datetime as dt

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Role, User
from casework import tasks
from casework.models import Case, Obligation, ObligationState
from casework.queries import recipients
from casework.reminding import make_digests, scan_obligations
from casework.services import settle
from notices.models import Message, Notice
from tests import factories as make
from tests.casework.owing import NOW, case, day, owe
from tests.concurrently import beside, somebody_waits, until
from tests.world import World, build_world

NONE = {"near_due": 0, "overdue": 0, "escalated": 0}


def news(near: int = 0, overdue: int = 0, escalated: int = 0) -> dict[str, int]:
    return {"near_due": near, "overdue": overdue, "escalated": escalated}


def later(days: int) -> dt.datetime:
    return NOW + dt.timedelta(days=days)


def told(rule: str) -> list[str]:
    """Who has a notice under a rule or one of its levels."""
    return sorted(Notice.objects.filter(rule__startswith=rule).values_list("recipient__username", flat=True))


def test_near_and_overdue_are_told_once_each(world: World) -> None:
    near, late, far = owe(world, 3, case(world, 1)), owe(world, -1, case(world, 2)), owe(world, 4, case(world, 3))
    owe(world, None, case(world, 4))
    assert scan_obligations(now=NOW) == news(near=1, overdue=1)
    assert scan_obligations(now=NOW) == NONE
    found = Notice.objects.order_by("rule").values_list("rule", "object_key", "due_on", "recipient", "title", "body")
    unit = world.unit_user.pk
    assert list(found) == [
        (
            "near_due",
            f"obligation:{near.pk}",
            day(3),
            unit,
            "请答复：第1号 关于第1件事的建议",
            "期限2026年3月13日",
        ),
        (
            "overdue-1",
            f"obligation:{late.pk}",
            day(-1),
            unit,
            "请尽快答复：第2号 关于第2件事的建议",
            "期限2026年3月9日",
        ),
    ]
    assert Notice.objects.get(rule="overdue-1").url == reverse("proposals:case", args=[late.case_id])
    assert (Notice.objects.get(rule="overdue-1").created_at, Notice.objects.get(rule="overdue-1").state) == (
        NOW,
        "waiting",
    )
    assert not Notice.objects.filter(object_key=f"obligation:{far.pk}").exists()


def test_levels_as_the_days_pass(world: World) -> None:
    owe(world, 0)
    told_on = {n: told for n in range(-5, 40) if (told := scan_obligations(now=later(n))) != NONE}
    assert told_on == {
        -3: news(near=1),
        1: news(overdue=1),
        2: news(overdue=1),
        # The leader and the staff are told after three days.
        3: news(escalated=2),
        4: news(overdue=1),
        8: news(overdue=1),
    }
    rules = Notice.objects.filter(recipient=world.unit_user).order_by("pk").values_list("rule", flat=True)
    assert list(rules) == ["near_due", "overdue-1", "overdue-2", "overdue-4", "overdue-8"]


def test_three_days_without_a_scan_are_made_up(world: World) -> None:
    for number, due in enumerate([-3, -2, -1, 0, 1, 2, 3], start=1):
        owe(world, due, case(world, number))
    assert scan_obligations(now=later(-3)) == news(near=4)
    assert scan_obligations(now=NOW) == news(near=3, overdue=3, escalated=2)
    assert scan_obligations(now=NOW) == NONE


def test_a_day_ends_at_midnight_in_shanghai(world: World) -> None:
    owe(world, 0)
    midnight = make.at(2026, 3, 11, 0).astimezone(dt.UTC)
    assert scan_obligations(now=midnight - dt.timedelta(seconds=1)) == news(near=1)
    assert scan_obligations(now=midnight) == news(overdue=1)


def test_finished_just_before_the_scan_is_not_told(world: World) -> None:
    done, cancelled = owe(world, -1, case(world, 1)), owe(world, -1, case(world, 2))
    settle(case=done.case, actor=world.unit_user, now=NOW)
    settle(case=cancelled.case, actor=world.staff, now=NOW, state=ObligationState.CANCELLED)
    assert scan_obligations(now=NOW) == NONE


def test_changed_due_date_is_told_anew_and_the_old_one_stays(world: World) -> None:
    late = owe(world, -1)
    scan_obligations(now=NOW)
    Obligation.objects.filter(pk=late.pk).update(due_on=day(10))
    assert scan_obligations(now=NOW) == NONE
    assert scan_obligations(now=later(8)) == news(near=1)
    assert scan_obligations(now=later(11)) == news(overdue=1)
    assert list(Notice.objects.filter(rule="overdue-1").order_by("pk").values_list("due_on", flat=True)) == [
        day(-1),
        day(10),
    ]


def test_silent_obligation_is_not_told(world: World) -> None:
    owe(world, -1, is_silent=True)
    assert scan_obligations(now=NOW) == NONE


def test_owners_are_those_of_the_recipients_query(world: World) -> None:
    role = {"owner_unit": None, "owner_role": Role.STAFF, "owner_label": "代表工委"}
    deputy = {"owner_unit": None, "owner_role": Role.DEPUTY, "owner_label": "李春梅代表"}
    second = make.UserFactory(role=Role.STAFF, role__congress=world.congress)
    make.UserFactory(role=Role.STAFF, role__congress=world.congress, is_active=False)
    rows = [
        owe(world, -1, case(world, 1)),
        owe(world, -1, case(world, 2), **role),
        owe(world, -1, case(world, 3), **deputy, owner_user=world.deputy),
        # A deputy without an account, and a unit without one: nobody to tell.
        owe(world, -1, case(world, 4), **deputy),
        owe(world, -1, case(world, 5), owner_unit=world.transport),
    ]
    assert scan_obligations(now=NOW) == news(overdue=4)
    for row in rows:
        found = Notice.objects.filter(object_key=f"obligation:{row.pk}").values_list("recipient", flat=True)
        assert sorted(found) == sorted(user.pk for user in recipients(row))
    assert told("overdue") == sorted(["unit", "staff", second.username, "deputy"])


def test_users_who_left_are_not_told_and_those_who_come_later_are(world: World) -> None:
    owe(world, -1)
    User.objects.filter(pk=world.unit_user.pk).update(is_active=False)
    assert scan_obligations(now=NOW) == NONE
    newcomer = make.UserFactory(role=Role.UNIT, role__congress=world.congress, role__unit=world.education)
    assert scan_obligations(now=NOW) == news(overdue=1)
    assert told("overdue") == [newcomer.username]


def test_titles_as_long_and_as_strange_as_may_be(world: World) -> None:
    title = "𠮷" * 150 + "100%" + "<script>'{}%s" + "建" * 33
    owe(world, -1, case(world, title=title, label=""), verb="答" * 20)
    assert scan_obligations(now=NOW) == news(overdue=1)
    assert Notice.objects.get().title == "请尽快" + "答" * 20 + "：" + title


@pytest.mark.parametrize("count", [3, 300])
def test_scan_takes_five_statements(count: int, world: World, django_assert_num_queries) -> None:
    of = case(world)
    for number in range(count):
        owe(world, -1, of, act=f"act{number}")
    # Three for the owners, two for those who oversee; each in a savepoint of its own.
    with django_assert_num_queries(15):
        assert scan_obligations(now=NOW)["overdue"] == count


def test_task_tolerates_arguments_of_an_older_release(world: World) -> None:
    owe(world, -1)
    tasks.scan_obligations.run(since="2026-03-01")
    assert told("overdue") == ["unit"]


@pytest.mark.django_db(transaction=True)
def test_two_scans_at_once_give_one_message() -> None:
    owe(build_world(), -1)
    with beside() as start:
        with transaction.atomic():
            assert scan_obligations(now=NOW) == news(overdue=1)
            second = start(lambda: scan_obligations(now=NOW))
            until(somebody_waits, what="the second scan, held up by the first")
        assert second.result(timeout=20) == NONE
    assert (make_digests(now=NOW), make_digests(now=NOW)) == (1, 0)
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_scan_beside_somebody_who_is_finishing_tells_nothing_after_the_end() -> None:
    world = build_world()
    late = owe(world, -1)
    with beside() as start:
        with transaction.atomic():
            settle(case=Case.objects.get(pk=late.case_id), actor=world.unit_user, now=NOW)
            # The end is not committed yet: a scan now is a scan before the end, and does not wait.
            start(lambda: scan_obligations(now=NOW)).result(timeout=20)
        assert start(lambda: scan_obligations(now=NOW)).result(timeout=20) == NONE
