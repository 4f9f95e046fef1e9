"""The day's digest: at most one per person, day and channel, with what is still due when it is put together."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import Membership, Role, User
from casework import tasks
from casework.models import CalendarDay, Case, Obligation
from casework.moving import recompute
from casework.reminding import make_digests, scan_obligations
from casework.services import compute_due, settle, tell_owner
from casework.supervision import urge
from notices import services as notices
from notices.models import Address, Digest, Message, Notice
from tests import factories as make
from tests.casework.owing import NOW, assign, case, day, owe
from tests.concurrently import beside, somebody_waits, until
from tests.threads import at_once
from tests.world import World, build_world


def later(days: int = 0, hour: int = 10) -> dt.datetime:
    return make.at(2026, 3, 10, hour) + dt.timedelta(days=days)


def remind(now: dt.datetime) -> int:
    """What beat starts every minute. How many digests were made."""
    scan_obligations(now=now)
    return make_digests(now=now)


def states(**of: object) -> dict[str, str]:
    return dict(Notice.objects.filter(**of).order_by("pk").values_list("rule", "state"))


def lines(user: User, channel: str = "in_site") -> list[tuple[str, str]]:
    """The newest digest of a user: light words and text of each line."""
    digest = Digest.objects.filter(recipient=user, channel=channel).latest("day")
    return [(line["light_words"], line["text"]) for line in digest.lines]


def test_one_digest_holds_everything_most_urgent_first(world: World) -> None:
    rows = {due: owe(world, due, case(world, number)) for number, due in enumerate([2, -1, 0, -5], start=1)}
    assert remind(NOW) == 3
    mine = Digest.objects.get(recipient=world.unit_user)
    assert (mine.title, mine.total, mine.state, mine.sent_at) == ("3月10日提醒：逾期 2 项、将到期 2 项", 4, "sent", NOW)
    assert mine.lines[0] == {
        "light": "red",
        "light_words": "逾期 5 天",
        "text": "请尽快答复：第4号 关于第4件事的建议",
        "more": "期限2026年3月5日",
        "url": reverse("proposals:case", args=[rows[-5].case_id]),
        "overseen": False,
    }
    assert lines(world.unit_user) == [
        ("逾期 5 天", "请尽快答复：第4号 关于第4件事的建议"),
        ("逾期 1 天", "请尽快答复：第2号 关于第2件事的建议"),
        ("今天到期", "请答复：第3号 关于第3件事的建议"),
        ("还有 2 天", "请答复：第1号 关于第1件事的建议"),
    ]
    assert lines(world.leader) == [("逾期 5 天", "县教育局应答复：第4号 关于第4件事的建议")]
    message = Message.objects.get(recipient=world.unit_user)
    assert message.title == mine.title
    assert message.body.endswith("；今天到期 请答复：第3号 关于第3件事的建议；共 4 项")
    told = Notice.objects.filter(recipient=world.unit_user)
    assert set(told.values_list("state", "digest", "sent_at")) == {("sent", mine.pk, NOW)}


def test_no_digest_before_its_hour_and_a_late_one_after_it(world: World) -> None:
    owe(world, -1)
    assert (remind(later(hour=0)), remind(later(hour=7)), Message.objects.count()) == (0, 0, 0)
    assert (remind(later(hour=15)), remind(later(hour=15))) == (1, 0)
    with override_settings(DIGEST_HOUR=18):
        owe(world, -1, case(world, 2))
        assert (remind(later(1, hour=17)), remind(later(1, hour=18))) == (0, 1)


def test_what_is_found_after_the_digest_waits_for_tomorrow(world: World) -> None:
    owe(world, 0)
    remind(later(hour=8))
    owe(world, 1, case(world, 2))
    assert remind(later(hour=9)) == 0
    assert states(recipient=world.unit_user, state="waiting") == {"near_due": "waiting"}
    assert remind(later(1, hour=8)) == 1
    # A near one that passed its date overnight is told as what it is now.
    assert lines(world.unit_user) == [
        ("逾期 1 天", "请尽快答复：第1号 关于第1件事的建议"),
        ("今天到期", "请答复：第2号 关于第2件事的建议"),
    ]


def test_a_lower_level_that_still_waits_is_overtaken(world: World) -> None:
    late = owe(world, 0)
    for days in (-1, 1, 2):
        scan_obligations(now=later(days, hour=1))
    assert make_digests(now=later(2)) == 1
    assert states(object_key=f"obligation:{late.pk}") == {"near_due": "void", "overdue-1": "void", "overdue-2": "sent"}
    assert lines(world.unit_user) == [("逾期 2 天", "请尽快答复：第1号 关于第1件事的建议")]


def test_finished_before_the_digest_sends_nothing(world: World) -> None:
    late = owe(world, -1)
    scan_obligations(now=later(hour=1))
    settle(case=late.case, actor=world.unit_user, now=later(hour=7))
    assert make_digests(now=later(hour=8)) == 0
    assert (states(), Digest.objects.count(), Message.objects.count()) == ({"overdue-1": "void"}, 0, 0)


def test_extension_ends_the_old_reminder_and_begins_a_new_ledger(world: World) -> None:
    late, other = owe(world, -1), owe(world, -1, case(world, 2))
    scan_obligations(now=later(hour=1))
    Obligation.objects.filter(pk=late.pk).update(due_on=day(10))
    make_digests(now=later(hour=8))
    key = f"obligation:{late.pk}"
    assert states(object_key=key) == {"overdue-1": "void"}
    assert lines(world.unit_user) == [("逾期 1 天", "请尽快答复：第2号 关于第2件事的建议")]
    settle(case=other.case, actor=world.unit_user, now=later(hour=9))
    remind(later(11))
    rows = Notice.objects.filter(object_key=key).order_by("pk").values_list("rule", "due_on", "state")
    assert list(rows) == [("overdue-1", day(-1), "void"), ("overdue-1", day(10), "sent")]


def test_holiday_added_later_moves_the_date_and_the_reminder_with_it(world: World) -> None:
    due = compute_due(start=day(-4), rule="3WD")
    late = owe(world, None, start_on=day(-4), rule="3WD", due_on=due.on, due_basis=due.basis)
    scan_obligations(now=later(hour=1))
    CalendarDay.objects.create(day=due.on, kind="rest", name="放假")
    recompute(now=later(hour=7), years=None, why="节假日有调整")
    late.refresh_from_db()
    assert late.due_on > due.on
    remind(later(hour=8))
    told = Notice.objects.filter(object_key=f"obligation:{late.pk}").order_by("pk").values_list("due_on", "state")
    assert list(told) == [(due.on, "void"), (late.due_on, "sent")]


def test_a_date_that_comes_back_is_told_all_the_same(world: World) -> None:
    late = owe(world, -1)
    scan_obligations(now=later(hour=1))
    Obligation.objects.filter(pk=late.pk).update(due_on=day(10))
    make_digests(now=later(hour=8))
    Obligation.objects.filter(pk=late.pk).update(due_on=day(-1))
    assert remind(later(hour=9)) == 1
    assert states() == {"overdue-1": "sent"}


def test_who_no_longer_handles_it_hears_nothing_of_it(world: World) -> None:
    owe(world, -1)
    scan_obligations(now=later(hour=1))
    Membership.objects.filter(user=world.unit_user).update(unit=world.transport)
    assert (make_digests(now=NOW), states()) == (0, {"overdue-1": "void"})


def test_three_days_without_a_worker_are_made_up_once(world: World) -> None:
    for number, due in enumerate([-3, -2, -1, 0, 1, 2, 3], start=1):
        owe(world, due, case(world, number))
    remind(later(-3))
    assert remind(later()) == 3
    assert [words for words, _ in lines(world.unit_user)] == [
        "逾期 3 天",
        "逾期 2 天",
        "逾期 1 天",
        # What was told as near three days ago is not told again.
        "还有 1 天",
        "还有 2 天",
        "还有 3 天",
    ]
    assert [words for words, _ in lines(world.staff)] == ["逾期 3 天"]
    before = Notice.objects.count(), Message.objects.count()
    assert [remind(later(hour=hour)) for hour in (10, 15, 23)] == [0, 0, 0]
    assert (Notice.objects.count(), Message.objects.count()) == before


def test_long_digest_shows_twenty_and_says_how_many(world: World, client: Client) -> None:
    of = case(world)
    for number in range(35):
        owe(world, -1 - number % 2, of, act=f"act{number}")
    remind(NOW)
    mine = Digest.objects.get(recipient=world.unit_user)
    assert (len(mine.lines), mine.total) == (20, 35)
    client.force_login(world.unit_user)
    message = Message.objects.get(recipient=world.unit_user)
    opened = client.get(reverse("notices:open", args=[message.pk]))
    assert opened["Location"] == reverse("notices:digest", args=[message.pk])
    page = client.get(opened["Location"]).content.decode()
    assert "共 35 项，其余请到待办查看" in page
    assert page.count("owed__title") == 20
    client.force_login(world.police_user)
    assert client.get(opened["Location"]).status_code == 404


def test_long_digest_leads_to_what_is_overseen(world: World, client: Client) -> None:
    of = case(world)
    for number in range(21):
        owe(world, -3, of, act=f"act{number}")
    own = {"owner_unit": None, "owner_role": Role.LEADER, "owner_label": "领导", "owner_user": world.leader}
    owe(world, -1, case(world, 2), **own)
    remind(NOW)
    for user, overseen, words, place in (
        (world.leader, 21, "共 22 项，其余请到待办和逾期督办查看", "casework:home"),
        (world.staff, 21, "共 21 项，其余请到逾期督办查看", "casework:overdue"),
        (world.unit_user, 0, "共 21 项，其余请到待办查看", "casework:home"),
    ):
        mine = Digest.objects.get(recipient=user)
        assert (len(mine.lines), mine.overseen) == (20, overseen)
        client.force_login(user)
        page = client.get(reverse("notices:digest", args=[mine.message.pk])).content.decode()
        assert f'<a href="{reverse(place)}">{words}</a>' in page


def test_immediate_ones_are_messages_of_their_own(world: World) -> None:
    late = owe(world, -1)
    assign(world, late.case)
    tell_owner(case=late.case, obligation=late, now=NOW)
    urge(obligation_id=late.pk, user=world.staff, now=NOW)
    assert notices.deliver_pending(now=NOW).sent == 2
    remind(NOW)
    titles = Message.objects.filter(recipient=world.unit_user).order_by("pk").values_list("title", flat=True)
    assert list(titles) == [
        "请答复：第1号 关于第1件事的建议",
        "催办，请答复：第1号 关于第1件事的建议",
        "3月10日提醒：逾期 1 项",
    ]


def test_outside_one_digest_holds_the_news_too_and_nothing_that_is_settled(world: World) -> None:
    Address.objects.create(user=world.unit_user, channel="email", address="sun@example.org")
    Address.objects.create(user=world.unit_user, channel="wecom", address="https://x", is_active=False)
    late, new, done = owe(world, -1), owe(world, 30, case(world, 2)), owe(world, 20, case(world, 3))
    for row in (new, done):
        tell_owner(case=row.case, obligation=row, now=later(-1, hour=14))
    tell_owner(case=late.case, obligation=late, now=later(-1, hour=14))
    settle(case=done.case, actor=world.unit_user, now=later(-1, hour=15))
    assert remind(NOW) == 2
    # One line per matter: what is overdue is no news.
    assert lines(world.unit_user, "email") == [
        ("逾期 1 天", "请尽快答复：第1号 关于第1件事的建议"),
        ("新任务", "请答复：第2号 关于第2件事的建议"),
    ]
    assert states(channel="email", object_key=f"obligation:{done.pk}") == {"new": "void"}
    assert Digest.objects.get(channel="email").state == "pending"
    assert not Notice.objects.filter(channel="wecom").exists()


def test_urges_go_outside_at_once(world: World) -> None:
    Address.objects.create(user=world.unit_user, channel="email", address="sun@example.org")
    late = owe(world, -1)
    assign(world, late.case)
    urge(obligation_id=late.pk, user=world.staff, now=NOW)
    assert set(Notice.objects.values_list("rule", "channel", "state")) == {
        ("urge", "in_site", "pending"),
        ("urge", "email", "pending"),
    }


def test_address_given_up_before_the_digest(world: World) -> None:
    mine = Address.objects.create(user=world.unit_user, channel="email", address="sun@example.org")
    owe(world, -1)
    scan_obligations(now=later(hour=1))
    mine.delete()
    assert make_digests(now=NOW) == 1
    assert dict(Notice.objects.values_list("channel", "state")) == {"in_site": "sent", "email": "void"}


@pytest.mark.django_db
def test_the_database_takes_one_digest_a_day() -> None:
    user = make.UserFactory()
    fields = {"recipient": user, "day": NOW.date(), "channel": "in_site", "created_at": NOW, "next_try_at": NOW}
    Digest.objects.create(**fields)
    with pytest.raises(IntegrityError, match="digest_once_a_day"), transaction.atomic():
        Digest.objects.create(**fields)


@pytest.mark.parametrize("count", [3, 300])
def test_queries_of_the_digests_do_not_grow(count: int, world: World, django_assert_num_queries) -> None:
    make.UserFactory.create_batch(count, role="unit", role__congress=world.congress, role__unit=world.education)
    owe(world, -1, case(world, 1)), owe(world, -2, case(world, 2))
    scan_obligations(now=NOW)
    # Asked twice, void thrice, then one batch of six in its transaction, and asked once more.
    with django_assert_num_queries(15):
        assert make_digests(now=NOW) == count + 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_digest_each() -> None:
    world = build_world()
    for number in (1, 2):
        owe(world, -4, case(world, number))
    with beside() as start:
        with transaction.atomic():
            assert remind(NOW) == 3
            second = start(lambda: remind(NOW))
            until(somebody_waits, what="the second worker, held up by the first")
        assert second.result(timeout=20) == 0
    assert (Digest.objects.count(), Message.objects.count()) == (3, 3)
    assert sum(at_once(*[lambda: remind(later(4))] * 3)) == 1
    assert (Digest.objects.count(), Message.objects.count()) == (4, 4)


@pytest.mark.django_db(transaction=True)
def test_settled_while_the_scan_runs_is_void_in_the_digest() -> None:
    world = build_world()
    late = owe(world, -1)
    with beside() as start:
        with transaction.atomic():
            settle(case=Case.objects.get(pk=late.case_id), actor=world.unit_user, now=later(hour=7))
            # The end is not committed: the scan sees the time before it, and does not wait.
            assert start(lambda: scan_obligations(now=later(hour=7))).result(timeout=20)["overdue"] == 1
        assert start(lambda: make_digests(now=later(hour=8))).result(timeout=20) == 0
    assert states() == {"overdue-1": "void"}


def test_task_scans_before_it_makes_digests(world: World) -> None:
    with override_settings(DIGEST_HOUR=0):
        owe(world, -1)
        tasks.scan_obligations.run(since="2026-03-01", now="yesterday")
    assert Message.objects.filter(recipient=world.unit_user).count() == 1
