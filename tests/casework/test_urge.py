"""Urging: recorded and told once a day, by those who supervise this congress only."""

import datetime as dt

import pytest
from django.db import transaction

from casework.models import Event, Obligation
from casework.services import UnableToAct, settle
from casework.supervision import urge
from notices.models import Notice
from tests import factories as make
from tests.casework.owing import NOW, assign, case, day, owe
from tests.concurrently import beside, somebody_waits, until
from tests.world import World, build_world


def nothing_written() -> bool:
    return not Event.objects.exists() and not Notice.objects.exists()


def test_urge_is_a_line_of_history_and_a_notice(world: World) -> None:
    late = owe(world, 5)
    version = late.case.version
    assert urge(obligation_id=late.pk, user=world.staff, now=NOW) == 1
    event = Event.objects.get()
    assert (event.verb, event.actor, event.sentence) == (
        "urge",
        world.staff,
        "张志强（代表工委）催办县教育局：请于2026年3月15日前答复",
    )
    late.case.refresh_from_db()
    assert late.case.version == version
    notice = Notice.objects.get()
    assert (notice.rule, notice.recipient, notice.due_on, notice.title, notice.body) == (
        "urge",
        world.unit_user,
        day(0),
        "催办，请答复：第1号 关于第1件事的建议",
        "张志强（代表工委）：请于2026年3月15日前答复",
    )


def test_second_urge_of_a_day_is_refused_and_says_who_was_first(world: World) -> None:
    late = owe(world, -1)
    urge(obligation_id=late.pk, user=world.staff, now=NOW)
    with pytest.raises(UnableToAct, match=r"^今天 10:00 张志强（代表工委）已经催办过，请明天再催。$"):
        urge(obligation_id=late.pk, user=world.leader, now=NOW + dt.timedelta(hours=3))
    assert (Event.objects.count(), Notice.objects.count()) == (1, 1)
    urge(obligation_id=late.pk, user=world.leader, now=NOW + dt.timedelta(days=1))
    assert (Event.objects.count(), Notice.objects.count()) == (2, 2)


def test_urge_of_one_obligation_leaves_the_other_of_the_case(world: World) -> None:
    of = case(world)
    first, second = owe(world, -1, of), owe(world, -1, of, owner_unit=world.police, owner_label="县公安局")
    urge(obligation_id=first.pk, user=world.staff, now=NOW)
    assert urge(obligation_id=second.pk, user=world.staff, now=NOW) == 1


def test_government_office_urges_what_was_assigned(world: World) -> None:
    late = owe(world, -1)
    with pytest.raises(Obligation.DoesNotExist):
        urge(obligation_id=late.pk, user=world.gov_office, now=NOW)
    assert nothing_written()
    assign(world, late.case.proposal)
    assert urge(obligation_id=late.pk, user=world.gov_office, now=NOW) == 1


@pytest.mark.parametrize("who", ["stranger", "police_user", "other_deputy"])
def test_who_does_not_see_the_case_finds_nothing(who: str, world: World) -> None:
    late = owe(world, -1)
    with pytest.raises(Obligation.DoesNotExist):
        urge(obligation_id=late.pk, user=getattr(world, who), now=NOW)
    assert nothing_written()


@pytest.mark.parametrize("who", ["unit_user", "deputy", "township_user"])
def test_who_sees_the_case_but_does_not_supervise_is_refused(who: str, world: World) -> None:
    late = owe(world, -1)
    assign(world, late.case.proposal)
    with pytest.raises(UnableToAct, match="只有本级的代表工委、常委会领导和政府办可以催办"):
        urge(obligation_id=late.pk, user=getattr(world, who), now=NOW)
    assert nothing_written()


def test_settled_meanwhile_is_refused(world: World) -> None:
    late = owe(world, -1)
    settle(case=late.case, actor=world.unit_user, now=NOW)
    with pytest.raises(UnableToAct, match="县教育局的这项「答复」已经办结"):
        urge(obligation_id=late.pk, user=world.staff, now=NOW)
    assert nothing_written()


def test_own_obligation_is_not_urged(world: World) -> None:
    late = owe(world, -1, owner_unit=None, owner_role="staff", owner_label="代表工委")
    with pytest.raises(UnableToAct, match="这是您自己应办的事项"):
        urge(obligation_id=late.pk, user=world.staff, now=NOW)
    assert nothing_written()
    assert urge(obligation_id=late.pk, user=world.leader, now=NOW) == 1


def test_own_words_are_added_and_limited(world: World) -> None:
    late = owe(world, 5)
    with pytest.raises(UnableToAct, match="催办内容请不要超过 500 字，现有 501 字"):
        urge(obligation_id=late.pk, user=world.staff, now=NOW, text="急" * 501)
    assert nothing_written()
    urge(obligation_id=late.pk, user=world.staff, now=NOW, text=" 代表已来电询问。 ")
    assert Event.objects.get().sentence.endswith("请于2026年3月15日前答复。代表已来电询问。")


def test_urge_without_anybody_to_tell_is_recorded(world: World) -> None:
    late = owe(world, -1, owner_unit=world.transport, owner_label="县交通运输局")
    assert urge(obligation_id=late.pk, user=world.staff, now=NOW) == 0
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_urge_at_once_give_one() -> None:
    world = build_world()
    late = owe(world, -1)
    with beside() as start:
        with transaction.atomic():
            urge(obligation_id=late.pk, user=world.staff, now=NOW)
            second = start(lambda: urge(obligation_id=late.pk, user=world.leader, now=NOW))
            until(somebody_waits, what="the second urge, held up by the first")
        with pytest.raises(UnableToAct, match="今天 10:00 张志强"):
            second.result(timeout=20)
    assert (Event.objects.count(), Notice.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_urge_waits_for_whoever_is_settling_and_is_then_refused() -> None:
    from casework.services import lock_case

    world = build_world()
    late = owe(world, -1)
    with beside() as start:
        with transaction.atomic():
            settle(case=lock_case(case_id=late.case_id, seen_version=None), actor=world.unit_user, now=NOW)
            second = start(lambda: urge(obligation_id=late.pk, user=world.staff, now=NOW))
            until(somebody_waits, what="the urge, held up by the act")
        with pytest.raises(UnableToAct, match="已经办结"):
            second.result(timeout=20)
    assert nothing_written()


def test_urges_of_an_inactive_user_are_told_to_nobody(world: World) -> None:
    late = owe(world, -1)
    world.unit_user.is_active = False
    world.unit_user.save()
    make.UserFactory()
    assert urge(obligation_id=late.pk, user=world.staff, now=NOW) == 0
