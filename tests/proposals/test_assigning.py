"""Assignment in one level and in two, with merged items: who owes what by when, and what is refused in words."""

import datetime as dt

import pytest

from casework.services import UnableToAct
from proposals import services
from proposals.abilities import abilities
from proposals.models import Distribution, Proposal
from proposals.services.common import loaded
from tests.factories import at
from tests.proposals.handing import (
    acknowledged,
    answered,
    asked_return,
    given,
    joined,
    owed,
    parts,
    said,
    told,
    transport_user,
    waiting,
)
from tests.world import World

SPLIT = at(2026, 3, 16)


def split(world: World, row: Proposal, **how: object) -> Proposal:
    return services.distribute(proposal_id=row.pk, seen_version=None, user=world.gov_office, now=SPLIT, **how)


def test_lead_and_assisting_unit_owe_each_its_own(world: World) -> None:
    row = given(world, waiting(world), assisting=[world.police])
    assert parts(row) == [("县教育局", "lead", "", "2026-06-04"), ("县公安局", "assist", "", "2026-06-04")]
    assert owed(row) == [
        ("县公安局", "acknowledge", "2026-03-11"),
        ("县公安局", "opinion", "2026-04-15"),
        ("县教育局", "acknowledge", "2026-03-11"),
        ("县教育局", "contact", "2026-04-01"),
        ("县教育局", "reply", "2026-06-04"),
    ]
    assert said(row) == ("张志强（代表工委）将本件交办给县教育局（主办）、县公安局（协办），答复期限2026年6月4日")
    basis = row.obligations.get(act="reply").due_basis
    assert basis.startswith("自2026年3月4日起3个月，至2026年6月4日")
    assert basis.endswith("（依据《重庆市人民代表大会代表建议批评和意见工作条例》（2017年））")


def test_opinion_is_due_before_the_date_of_the_lead(world: World) -> None:
    # 30 working days would end after the lead unit's own date, a Monday.
    row = given(world, waiting(world), assisting=[world.police], due_on=dt.date(2026, 4, 6))
    owes = row.obligations.get(act="opinion")
    assert (str(owes.due_on), owes.rule) == ("2026-04-03", "")
    assert owes.due_basis == "应当早于主办单位的答复期限2026年4月6日"
    assert row.obligations.get(act="reply").due_basis == "交办时确定"


def test_complex_item_has_the_longer_period(world: World) -> None:
    row = given(world, waiting(world), is_complex=True)
    assert parts(row) == [("县教育局", "lead", "", "2026-09-04")]


def test_separate_units_all_answer_before_the_deputy_judges(world: World) -> None:
    row = given(world, waiting(world), lead=None, separate=[world.education, world.police])
    acknowledged(row, world.unit_user, world.police_user)
    answered(world, row, world.unit_user, at(2026, 3, 20))
    assert Proposal.objects.get(pk=row.pk).step.code == "reply"
    answered(world, row, world.police_user, at(2026, 3, 21))
    assert Proposal.objects.get(pk=row.pk).step.code == "rate"
    assert owed(row) == [("李春梅代表", "rate", "2026-04-17")]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"lead": None}, "请选择主办单位，或者选择分办单位"),
        ({"assisting": ["education"]}, "「县教育局」重复"),
        ({"separate": ["police"], "assisting": ["police"]}, "「县公安局」重复"),
        ({"assisting": ["foreign_unit"]}, "「石桥县教育局」不是本级可以交办的承办单位"),
        ({"due_on": dt.date(2026, 3, 4)}, "答复期限应当晚于今天"),
        ({"due_on": dt.date(2036, 3, 4)}, "最长不超过三年"),
        ({"office_note": "请分办"}, "请勾选「交政府办分办」"),
        ({"via_office": True, "office_note": "字" * 501}, "最多 500 字，现有 501 字"),
    ],
)
def test_contradictions_are_refused_in_words(world: World, how: dict, why: str) -> None:
    row = waiting(world)
    named = {
        name: [getattr(world, unit) for unit in value] if isinstance(value, list) else value
        for name, value in how.items()
    }
    with pytest.raises(UnableToAct, match=why):
        given(world, row, **named)
    assert (row.rounds.count(), row.events.count()) == (0, 0)


def test_two_levels_with_a_separate_lead_and_two_assisting_units(world: World) -> None:
    row = waiting(world)
    given(world, row, lead=None, via_office=True, office_note="请会同有关部门办理。")
    # Ten working days for assigning are ten for splitting: the regulation names none of its own.
    assert owed(row) == [("政府办", "distribute", "2026-03-18")]
    row = split(world, row, lead=world.education, assisting=[world.police, world.transport])
    assert [(unit, role, due) for unit, role, _, due in parts(row)] == [
        ("县教育局", "lead", "2026-06-04"),
        ("县公安局", "assist", "2026-06-04"),
        ("县交通运输局", "assist", "2026-06-04"),
    ]
    assert owed(row, "reply") == [("县教育局", "reply", "2026-06-04")]
    assert [str(part.assigned_on) for part in row.rounds.get().assignments.all()] == ["2026-03-16"] * 3
    assert said(row) == (
        "赵敏（政府办）将本件分办给县教育局（主办）、县公安局（协办）、县交通运输局（协办），答复期限2026年6月4日"
    )
    # Counted from the day on which the unit got it, not from the committee's.
    asked_return(row, world.unit_user, now=at(2026, 3, 30))
    assert owed(row, "decide-return") == [("政府办", "decide-return", "2026-04-13")]


def test_office_adds_to_what_the_committee_gave_and_must_name_who_answers(world: World) -> None:
    row = given(world, waiting(world), via_office=True)
    with pytest.raises(UnableToAct, match="人大常委会已经确定了主办单位"):
        split(world, row, lead=world.police)
    with pytest.raises(UnableToAct, match="请选择分办单位或者协办单位"):
        split(world, row)
    with pytest.raises(UnableToAct, match="「县教育局」重复"):
        split(world, row, assisting=[world.education])
    split(world, row, separate=[world.police])
    assert [row[:2] for row in parts(row)] == [("县教育局", "lead"), ("县公安局", "separate")]
    other = given(world, waiting(world, 2), lead=None, via_office=True)
    with pytest.raises(UnableToAct, match="协办单位不直接答复代表"):
        split(world, other, assisting=[world.police])
    with pytest.raises(UnableToAct, match="还没有答复代表的单位"):
        split(world, other, nothing_more=True)


def test_office_that_adds_nobody_lets_an_answered_item_go_on(world: World) -> None:
    row = given(world, waiting(world), via_office=True)
    acknowledged(row, world.unit_user)
    answered(world, row, world.unit_user, at(2026, 3, 10))
    assert Proposal.objects.get(pk=row.pk).step.code == "reply"
    with pytest.raises(UnableToAct, match="已经交办的单位都已答复，不再需要协办意见"):
        split(world, row, assisting=[world.police])
    split(world, row, nothing_more=True)
    assert Proposal.objects.get(pk=row.pk).step.code == "rate"
    assert owed(row) == [("李春梅代表", "rate", "2026-04-13")]


def test_merged_items_go_along_at_both_levels(world: World) -> None:
    main = waiting(world)
    follower = joined(world, main)
    withdrawn = joined(world, main, 3)
    given(world, main, lead=None, via_office=True, office_note="一并办理。")
    assert owed(follower) == [("政府办", "distribute", "2026-03-18")]
    Proposal.objects.filter(pk=withdrawn.pk).update(
        step=None, status="closed", closed_as="withdrawn", closed_at=at(2026, 3, 5)
    )
    split(world, main, lead=world.education)
    for row in (main, follower):
        assert parts(row) == [("县教育局", "lead", "", "2026-06-04")]
        assert owed(row, "reply") == [("县教育局", "reply", "2026-06-04")]
    assert parts(withdrawn) == []
    assert Distribution.objects.get(round__proposal=withdrawn).distributed_at is None
    acknowledged(main, world.unit_user)
    answered(world, main, world.unit_user, at(2026, 3, 20))
    assert [Proposal.objects.get(pk=row.pk).step.code for row in (main, follower)] == ["rate", "reply"]


def test_item_merged_later_is_given_under_the_same_offices(world: World) -> None:
    main = given(world, waiting(world), via_office=True)
    split(world, main, separate=[world.police])
    late = joined(world, main)
    from proposals.services.assigning import follow_main

    follow_main(proposal=Proposal.objects.get(pk=late.pk), user=world.staff, now=at(2026, 3, 20))
    rows = late.rounds.get().assignments.order_by("pk")
    assert [(part.unit.name, part.role, part.via_office, str(part.due_on)) for part in rows] == [
        ("县教育局", "lead", False, "2026-06-22"),
        ("县公安局", "separate", True, "2026-06-22"),
    ]


def test_step_of_the_lead_unit_is_owed_by_whom_the_office_chose(world: World) -> None:
    row = given(world, waiting(world, procedure="dongkou351"), lead=None, via_office=True)
    assert row.step.code == "lead"
    split(world, row, lead=world.education)
    # 20 working days in which to contact the deputy, by 重庆 18.
    assert owed(row, "review") == [("县教育局", "review", "2026-04-13")]


def test_each_answering_unit_owes_its_plan_whoever_was_given_its_part_first(world: World) -> None:
    together = given(world, waiting(world, procedure="dongkou351"), separate=[world.police])
    first = given(world, waiting(world, 2, procedure="dongkou351"), lead=None, separate=[world.police], via_office=True)
    split(world, first, lead=world.education)
    later = given(world, waiting(world, 3, procedure="dongkou351"), via_office=True)
    split(world, later, separate=[world.police])
    for row in (together, first, later):
        assert [unit for unit, _, _ in owed(row, "review")] == ["县公安局", "县教育局"]


def test_step_of_the_lead_unit_waits_until_the_office_has_chosen_the_others(world: World) -> None:
    row = given(world, waiting(world, procedure="dongkou351"), via_office=True)
    review = abilities(world.unit_user, loaded(row.pk), today=SPLIT.date())["review"]
    assert (review.label, review.reason) == ("提出办理方案", "政府办还没有分办完，请等待分办后再办这一步。")
    split(world, row, assisting=[world.police])
    review = abilities(world.unit_user, loaded(row.pk), today=SPLIT.date())["review"]
    assert (review.label, review.reason) == ("提出办理方案", "")


def test_twelve_assisting_units_are_told_once_each(world: World) -> None:
    from tests import factories as make

    units = [make.UnitFactory(congress=world.congress, name=f"第{n}科") for n in range(12)]
    row = given(world, waiting(world), assisting=units)
    assert row.obligations.filter(act="opinion").count() == 12
    user = transport_user(world)
    assert told(user) == []
    assert told(world.unit_user) == [
        f"请签收：第1号 {row.title}",
        f"请联系代表：第1号 {row.title}",
        f"请答复：第1号 {row.title}",
    ]
