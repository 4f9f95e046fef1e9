"""Assisting units answer to the lead unit, which may send an opinion back until it has replied itself."""

import pytest

from casework.services import UnableToAct
from proposals import services
from proposals.abilities import abilities
from proposals.models import AssistOpinion, Proposal
from tests.factories import at
from tests.proposals.handing import acknowledged, answered, given, owed, said, told, transport_user, waiting
from tests.world import World

SENT = at(2026, 3, 18)


def opine(row: Proposal, user: object, body: str = "可以增设警示标志。", now: object = SENT) -> AssistOpinion:
    return services.give_opinion(proposal_id=row.pk, seen_version=None, user=user, now=now, body=body)


def send_back(world: World, row: Proposal, opinion: AssistOpinion, reason: str = "请写明时间。") -> AssistOpinion:
    return services.send_back_opinion(
        proposal_id=row.pk,
        seen_version=None,
        user=world.unit_user,
        now=at(2026, 3, 20),
        opinion_id=opinion.pk,
        reason=reason,
    )


def running(world: World, **fields: object) -> Proposal:
    row = given(world, waiting(world, **fields), assisting=[world.police])
    acknowledged(row, world.unit_user, world.police_user)
    return row


def test_opinion_settles_and_the_lead_unit_is_told(world: World) -> None:
    row = running(world)
    opine(row, world.police_user)
    assert owed(row, "opinion") == []
    assert said(row) == "周强（县公安局）提出协办意见：可以增设警示标志。"
    assert told(world.unit_user)[-1] == f"收到协办意见：第1号 {row.title}"
    assert "opinion" not in abilities(world.police_user, Proposal.objects.get(pk=row.pk))
    with pytest.raises(UnableToAct):
        opine(row, world.police_user)
    assert AssistOpinion.objects.count() == 1


@pytest.mark.parametrize(("body", "why"), [("  \n", "请填写协办意见"), ("字" * 20_001, "协办意见最多 20000 字")])
def test_opinion_says_something(world: World, body: str, why: str) -> None:
    row = running(world)
    with pytest.raises(UnableToAct, match=why):
        opine(row, world.police_user, body)


def test_opinion_before_acknowledging_is_refused(world: World) -> None:
    row = given(world, waiting(world), assisting=[world.police])
    with pytest.raises(UnableToAct, match="请先签收"):
        opine(row, world.police_user)


@pytest.mark.parametrize(
    ("rules", "due", "basis"),
    [
        # 重庆 20: five working days. 青岛 says nothing: the date stays that of the first time.
        ("chongqing_2017", "2026-03-27", "自2026年3月20日次日起5个工作日"),
        ("qingdao_2021", "2026-04-06", "退回重提，期限不变：自2026年3月4日起1个月"),
        # The national law says nothing at all: before the lead unit's own date.
        ("national_2025", "2026-06-03", "退回重提，期限不变：应当早于主办单位的答复期限2026年6月4日"),
    ],
)
def test_sent_back_opinion_is_owed_again(world: World, rules: str, due: str, basis: str) -> None:
    row = running(world, rules=rules)
    opinion = opine(row, world.police_user)
    with pytest.raises(UnableToAct, match="请写明退回的理由"):
        send_back(world, row, opinion, " ")
    send_back(world, row, opinion)
    assert owed(row, "opinion") == [("县公安局", "opinion", due)]
    assert row.obligations.open().get(act="opinion").due_basis.startswith(basis)
    assert said(row) == "孙丽（县教育局）退回县公安局的协办意见：请写明时间。"
    assert told(world.police_user)[-1] == f"请重新提出协办意见：第1号 {row.title}"
    with pytest.raises(UnableToAct):
        send_back(world, row, opinion)
    opine(row, world.police_user, "六月底前完成。", at(2026, 3, 23))
    rows = AssistOpinion.objects.order_by("pk")
    assert [(row.body, row.sent_back_why) for row in rows] == [
        ("可以增设警示标志。", "请写明时间。"),
        ("六月底前完成。", ""),
    ]


def test_only_who_answers_sends_back_and_only_until_then(world: World) -> None:
    row = running(world)
    opinion = opine(row, world.police_user)
    assert "send-back" in abilities(world.unit_user, Proposal.objects.get(pk=row.pk))
    for user in (world.police_user, world.staff, world.gov_office, world.deputy):
        assert "send-back" not in abilities(user, Proposal.objects.get(pk=row.pk))
    answered(world, row, world.unit_user, at(2026, 3, 19))
    with pytest.raises(UnableToAct, match="本件当前不能办理这一步"):
        send_back(world, row, opinion)


def test_step_that_waits_for_opinions_goes_on_with_the_last(world: World) -> None:
    newcomer = transport_user(world)
    row = given(world, waiting(world, procedure="dongkou351"), assisting=[world.police, world.transport])
    acknowledged(row, world.unit_user, world.police_user, newcomer)
    act = {"proposal_id": row.pk, "seen_version": None, "user": world.unit_user, "now": at(2026, 3, 6)}
    services.record_contact(**act, contacted_on=act["now"].date(), way="phone", summary="电话沟通。")
    services.review(**act, outcome_code="pass", reason="先排查后施工。")
    assert Proposal.objects.get(pk=row.pk).step.code == "assist"
    first = opine(row, world.police_user)
    assert Proposal.objects.get(pk=row.pk).step.code == "assist"
    # One that is sent back is waited for again.
    send_back(world, row, first)
    opine(row, newcomer, now=at(2026, 3, 23))
    assert Proposal.objects.get(pk=row.pk).step.code == "assist"
    opine(row, world.police_user, "六月底前完成。", at(2026, 3, 24))
    assert Proposal.objects.get(pk=row.pk).step.code == "oversee"
    assert owed(row) == [("代表工委", "review", "2026-04-07"), ("县教育局", "reply", "2026-06-04")]
