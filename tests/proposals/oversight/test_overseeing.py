"""Who oversees what: set and lifted, told once, counted by kind and form, and nobody else's business."""

import datetime as dt

import pytest
from django.urls import reverse

from casework.models import CaseStatus
from casework.services import UnableToAct
from notices.models import Notice
from proposals import services
from proposals.abilities import abilities
from proposals.models import Oversight, Proposal
from proposals.queries.oversight import counts_by_kind, overseers
from tests import factories as make
from tests.factories import at
from tests.proposals.oversight.acts import MEETING, NOW, closed, overseen
from tests.proposals.reviewed import fresh, last_line
from tests.proposals.test_proposal_pages import as_user
from tests.proposals.test_proposal_path import answered, assigned, registered, submitted
from tests.threads import at_once
from tests.world import World, build_world


def test_leader_oversees_after_a_meeting_and_is_told_once(world: World) -> None:
    row = assigned(world)
    made = overseen(world, row, world.leader, kind="leading", note="每月听一次进展")
    assert (str(made), made.meeting, made.decided_on, made.set_by) == (
        "领衔督办：陈主任", "第二十三次主任会议", dt.date(2026, 3, 4), world.staff,
    )  # fmt: skip
    assert last_line(row) == (
        "张志强（代表工委）登记：第二十三次主任会议（2026年3月4日）确定由陈主任领衔督办本件：每月听一次进展"
    )
    told = Notice.objects.filter(rule="inform", recipient=world.leader)
    assert [one.title for one in told] == [f"请您领衔督办：{row}"]
    assert list(overseers()) == [{"case_id": row.pk, "user_id": world.leader.pk}]


def test_same_oversight_is_in_force_once_and_others_beside_it(world: World) -> None:
    row = assigned(world)
    overseen(world, row, world.leader)
    with pytest.raises(UnableToAct, match="陈主任已经对口督办本件（第二十三次主任会议确定），不用重复登记"):
        overseen(world, row, world.leader)
    overseen(world, row, world.leader, kind="overall")
    overseen(world, row)
    assert [str(one) for one in Oversight.objects.all()] == [
        "对口督办：陈主任", "统筹督办：陈主任", "对口督办：教科文卫委员会",
    ]  # fmt: skip
    assert Notice.objects.filter(rule="inform", recipient=world.leader).count() == 2


def test_oversight_is_lifted_with_a_reason_and_stays_on_record(world: World) -> None:
    row = assigned(world)
    made = overseen(world, row, world.leader)
    lift = {"proposal_id": row.pk, "seen_version": None, "user": world.staff, "now": NOW, "oversight_id": made.pk}
    with pytest.raises(UnableToAct, match="请填写解除的原因"):
        services.lift_oversight(**lift, reason=" \x00")
    services.lift_oversight(**lift, reason="已办结")
    made.refresh_from_db()
    assert (made.ended_at, made.ended_by, made.ended_why) == (NOW, world.staff, "已办结")
    assert last_line(row) == "张志强（代表工委）解除陈主任对本件的对口督办：已办结"
    assert "lift" not in abilities(world.staff, fresh(row))
    with pytest.raises(UnableToAct, match="当前不能办理这一步"):
        services.lift_oversight(**lift, reason="再解除")
    overseen(world, row, world.leader)
    with pytest.raises(UnableToAct, match="这项督办已经解除"):
        services.lift_oversight(**lift, reason="再解除")
    assert list(overseers()) == [{"case_id": row.pk, "user_id": world.leader.pk}]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "无"}, "请选择督办方式"),
        ({"body": " "}, "请选择督办人，或者填写督办的专委会、工委"),
        ({"body": "会" * 101}, "督办机构最多 100 字"),
        ({"meeting": ""}, "请填写确定督办的会议"),
        ({"decided_on": dt.date(2026, 5, 9)}, "会议日期不能晚于今天"),
        ({"decided_on": dt.date(2026, 3, 1)}, "会议日期不能早于提出日期"),
        ({"note": "注" * 501}, "说明最多 500 字"),
    ],
)
def test_wrong_oversights_are_refused(world: World, given: dict, words: str) -> None:
    row = assigned(world)
    events = row.events.count()
    with pytest.raises(UnableToAct, match=words):
        overseen(world, row, **given)
    assert (Oversight.objects.count(), row.events.count()) == (0, events)


def test_overseer_is_a_leader_or_clerk_of_the_congress(world: World) -> None:
    row = assigned(world)
    away = make.UserFactory(name="离任领导", role="leader", role__congress=world.congress, is_active=False)
    for user in (world.unit_user, world.deputy, world.stranger, away):
        with pytest.raises(UnableToAct, match=f"{user}不是本级的常委会领导、专委会成员或者工作人员"):
            overseen(world, row, user)
    assert (Oversight.objects.count(), Notice.objects.filter(title__contains="督办").count()) == (0, 0)


def test_staff_oversee_what_is_registered_also_after_it_was_closed(world: World) -> None:
    row = submitted(world)
    assert "oversee" not in abilities(world.staff, fresh(row))
    row = closed(world, answered(world, title="乙"))
    assert row.status == CaseStatus.CLOSED
    assert abilities(world.staff, fresh(row))["oversee"].allowed
    overseen(world, row, world.leader)
    for user in (world.leader, world.gov_office, world.unit_user, world.deputy, world.township_user):
        assert not {"oversee", "lift", "evaluate", "rectify"} & set(abilities(user, fresh(row))), user


def test_paired_oversight_of_hefei_is_counted_by_kind_and_form_and_opens(world: World) -> None:
    """6 bills and 22 key suggestions under paired oversight (HF); what was lifted or next door does not count."""
    rows = [registered(world, title=f"关于第{n}件事的建议") for n in range(4)]
    Proposal.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(form="bill")
    for row in rows[:3]:
        overseen(world, row)
    overseen(world, rows[0], world.leader)
    overseen(world, rows[3], world.leader, kind="leading")
    ended = overseen(world, rows[3])
    services.lift_oversight(
        proposal_id=rows[3].pk, seen_version=None, user=world.staff, now=NOW, oversight_id=ended.pk, reason="调整"
    )
    assert counts_by_kind(world.leader) == {
        ("field", "bill"): 2,
        ("field", "suggestion"): 1,
        ("leading", "suggestion"): 1,
    }
    assert (counts_by_kind(world.leader, "2025"), counts_by_kind(world.stranger)) == ({}, {})
    page = as_user(world.leader).get(reverse("proposals:oversight-items") + "?kind=field&form=bill")
    assert {row["url"] for row in page.context["page_obj"].object_list} == {
        row.get_absolute_url() for row in rows[:2]
    }  # fmt: skip
    assert '督办件<span class="total">2 件</span>' in page.content.decode()


def test_page_of_the_act_keeps_what_was_typed(world: World) -> None:
    row = assigned(world)
    client, url = as_user(world.staff), reverse("proposals:oversee", args=[row.pk])
    typed = {"version": fresh(row).version, "kind": "leading", "overseer": world.leader.pk, "note": "每月听一次进展"}
    page = client.post(url, typed | {"meeting": "主任会议", "decided_on": "2027-01-01"})
    assert (page.status_code, Oversight.objects.count()) == (422, 0)
    assert "每月听一次进展" in page.content.decode()
    for overseer in (world.unit_user.pk, world.stranger.pk, "x", 10**30):
        page = client.post(url, typed | {"meeting": "主任会议", "decided_on": "2026-03-04", "overseer": overseer})
        assert page.status_code == 422, overseer
    page = client.post(url, typed | {"meeting": "主任会议", "decided_on": "2026-03-04"}, follow=True)
    assert "陈主任领衔督办本件。已通知督办人。" in page.content.decode()
    assert Oversight.objects.get().overseer == world.leader
    stale = client.post(url, typed | {"meeting": "主任会议", "decided_on": "2026-03-04", "kind": "overall"})
    assert (stale.status_code, Oversight.objects.count()) in {(302, 1), (409, 1)}
    page = client.get(reverse("proposals:lift", args=[row.pk]))
    assert "领衔督办：陈主任，主任会议（2026年3月4日）确定。" in page.content.decode()
    lift = {"version": fresh(row).version, "oversight_id": 10**30, "reason": "办结"}
    assert client.post(reverse("proposals:lift", args=[row.pk]), lift).status_code == 422
    lift |= {"oversight_id": Oversight.objects.get().pk}
    assert client.post(reverse("proposals:lift", args=[row.pk]), lift).status_code == 302
    assert Oversight.objects.get().ended_why == "办结"


def test_deputies_learn_nothing_of_who_oversees(world: World) -> None:
    row = answered(world)
    overseen(world, row, world.leader, note="机密说明")
    url = reverse("proposals:case", args=[row.pk])
    for user in (world.deputy, world.other_deputy):
        page = as_user(user).get(url).content.decode()
        assert not any(word in page for word in ("领衔督办", "对口督办", "陈主任", "机密说明")), user
    for user in (world.staff, world.leader, world.gov_office, world.unit_user):
        page = as_user(user).get(url).content.decode()
        assert "对口督办" in page
        assert "陈主任" in page
    for user in (world.deputy, world.unit_user, world.gov_office, world.township_user, world.stranger):
        assert not Oversight.objects.visible_to(user).exists(), user
        if user != world.stranger:
            assert as_user(user).get(reverse("proposals:oversight")).status_code == 404
    page = as_user(world.stranger).get(reverse("proposals:oversight-items"))
    assert (page.status_code, row.title in page.content.decode()) == (200, False)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_set_it_once() -> None:
    world = build_world()
    row = assigned(world)

    def set_it() -> Oversight:
        return services.set_oversight(
            proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 5, 8), kind="leading",
            overseer=world.leader, **MEETING,
        )  # fmt: skip

    results = at_once(set_it, set_it)
    assert sorted(type(one).__name__ for one in results) == ["Oversight", "UnableToAct"]
    assert Oversight.objects.count() == 1
    assert Notice.objects.filter(rule="inform", recipient=world.leader).count() == 1
