"""A unit asks to be relieved, the office decides or gives the part to another without being asked."""

import datetime as dt

import pytest

from casework.models import ObligationState
from casework.services import UnableToAct
from proposals import services
from proposals.abilities import abilities
from proposals.models import Assignment, ExtensionRequest, Proposal, RequestState, ReturnRequest
from proposals.queries import list_rows, view_filter
from tests.factories import at
from tests.proposals.handing import (
    acknowledged,
    answered,
    asked_extension,
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

DECIDED = at(2026, 3, 9)


def decide(world: World, row: Proposal, request: int, *, agreed: bool = True, **how: object) -> ReturnRequest:
    user = how.pop("user", world.staff)
    return services.decide_return(
        proposal_id=row.pk, seen_version=None, user=user, now=DECIDED, request_id=request, agreed=agreed, **how
    )


def move(world: World, row: Proposal, part: Assignment, **how: object) -> Assignment:
    return services.reassign(
        proposal_id=row.pk,
        seen_version=None,
        user=how.pop("user", world.staff),
        now=DECIDED,
        part_id=part.pk,
        unit=how.pop("unit", world.transport),
        reason=how.pop("reason", "职责已经调整。"),
    )


def part_of(row: Proposal, name: str) -> Assignment:
    return Assignment.objects.in_force().get(round__proposal=row, unit__name=name)


def test_returned_part_goes_to_another_unit_with_its_time_anew(world: World) -> None:
    newcomer = transport_user(world)
    row = given(world, waiting(world), assisting=[world.police])
    key = asked_return(row, world.unit_user, suggested_unit=world.transport)
    assert owed(row, "decide-return") == [("代表工委", "decide-return", "2026-03-20")]
    assert said(row) == (
        "孙丽（县教育局）申请退办，建议改由县交通运输局承办。理由：不属于本局职责。（单位负责人：王局长）"
    )
    decide(world, row, key, unit=world.transport)
    assert parts(row) == [
        ("县教育局", "lead", "returned", "2026-06-04"),
        ("县公安局", "assist", "", "2026-06-09"),
        ("县交通运输局", "lead", "", "2026-06-09"),
    ]
    assert owed(row) == [
        ("县交通运输局", "acknowledge", "2026-03-16"),
        ("县交通运输局", "contact", "2026-04-06"),
        ("县交通运输局", "reply", "2026-06-09"),
        ("县公安局", "acknowledge", "2026-03-11"),
        ("县公安局", "opinion", "2026-04-15"),
    ]
    assert row.obligations.get(act="reply", state="open").due_basis.startswith("自2026年3月9日起3个月，至2026年6月9日")
    assert said(row) == (
        "张志强（代表工委）同意县教育局退办，主办任务改由县交通运输局承办，办理时间自改办之日起重新计算，答复期限2026年6月9日"
    )
    assert told(world.unit_user)[-1] == f"已同意退办：第1号 {row.title}"
    assert told(world.deputy)[-1] == f"承办单位有调整：第1号 {row.title}"
    assert told(newcomer)[-1] == f"请答复：第1号 {row.title}"
    assert set(abilities(world.unit_user, Proposal.objects.get(pk=row.pk))) == set()
    assert Proposal.objects.visible_to(world.unit_user).get().pk == row.pk
    shown = {
        view: list_rows(world.unit_user).filter(view_filter(view, world.unit_user, DECIDED.date())).count()
        for view in ("all", "todo", "open", "closed")
    }
    assert shown == {"all": 1, "todo": 0, "open": 0, "closed": 1}
    acknowledged(row, newcomer, now=at(2026, 3, 10))
    answered(world, row, newcomer, at(2026, 3, 20))
    assert Proposal.objects.get(pk=row.pk).step.code == "rate"


def test_refused_return_is_told_to_the_unit_and_may_be_asked_again(world: World) -> None:
    row = given(world, waiting(world))
    key = asked_return(row, world.unit_user)
    with pytest.raises(UnableToAct, match="不同意的，请写明理由"):
        decide(world, row, key, agreed=False, note=" ")
    decide(world, row, key, agreed=False, note="属于教育局职责。")
    assert parts(row) == [("县教育局", "lead", "", "2026-06-04")]
    assert owed(row, "decide-return") == []
    assert said(row) == "张志强（代表工委）不同意县教育局退办。意见：属于教育局职责。"
    assert told(world.unit_user)[-1] == f"退办申请未获同意：第1号 {row.title}"
    with pytest.raises(UnableToAct):
        decide(world, row, key, unit=world.police)
    assert asked_return(row, world.unit_user, now=at(2026, 3, 10)) != key


def test_return_after_the_limit_is_refused_with_the_date(world: World) -> None:
    row = given(world, waiting(world))
    # Ten working days from 4 March.
    with pytest.raises(UnableToAct, match="退办申请的期限2026年3月18日已过，逾期不再调整承办单位"):
        asked_return(row, world.unit_user, now=at(2026, 3, 19))
    assert asked_return(row, world.unit_user, now=at(2026, 3, 18))


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"reason": "  "}, "请写明退办的理由"),
        ({"reason": "字" * 2001}, "退办理由最多 2000 字，现有 2001 字"),
        ({"signed_by": ""}, "请填写单位负责人"),
        ({"signed_by": "字" * 61}, "单位负责人最多 60 字"),
        ({"suggested_unit": "education"}, "「县教育局」就是现在的承办单位"),
        ({"suggested_unit": "foreign_unit"}, "「石桥县教育局」不是本级可以交办的承办单位"),
        ({"suggested_unit": "police"}, "「县公安局」已经是本件的分办单位"),
    ],
)
def test_request_that_says_too_little_is_refused_in_words(world: World, how: dict, why: str) -> None:
    row = given(world, waiting(world), lead=None, separate=[world.education, world.police])
    if "suggested_unit" in how:
        how = {"suggested_unit": getattr(world, how["suggested_unit"])}
    with pytest.raises(UnableToAct, match=why):
        asked_return(row, world.unit_user, **how)
    assert ReturnRequest.objects.count() == 0


def test_lead_part_needs_a_unit_unless_others_answer(world: World) -> None:
    row = given(world, waiting(world))
    key = asked_return(row, world.unit_user)
    with pytest.raises(UnableToAct, match="退办后没有单位答复代表"):
        decide(world, row, key)
    other = given(world, waiting(world, 2), lead=None, separate=[world.education, world.police])
    acknowledged(other, world.police_user)
    key = asked_return(other, world.unit_user)
    answered(world, other, world.police_user, DECIDED)
    assert Proposal.objects.get(pk=other.pk).step.code == "reply"
    decide(world, other, key)
    # The one that had not answered is gone: the deputy judges what the other one answered.
    assert Proposal.objects.get(pk=other.pk).step.code == "rate"
    assert owed(other) == [("李春梅代表", "rate", "2026-04-06")]


def test_assisting_unit_becomes_the_lead_one(world: World) -> None:
    row = given(world, waiting(world), assisting=[world.police])
    key = asked_return(row, world.unit_user, suggested_unit=world.police)
    decide(world, row, key, unit=world.police)
    assert parts(row) == [
        ("县教育局", "lead", "returned", "2026-06-04"),
        ("县公安局", "assist", "reassigned", "2026-06-04"),
        ("县公安局", "lead", "", "2026-06-09"),
    ]
    assert [act for _, act, _ in owed(row)] == ["acknowledge", "contact", "reply"]


def test_returned_assisting_part_may_lapse_or_pass_on(world: World) -> None:
    row = given(world, waiting(world), assisting=[world.police])
    decide(world, row, asked_return(row, world.police_user))
    assert parts(row)[1] == ("县公安局", "assist", "returned", "2026-06-04")
    other = given(world, waiting(world, 2), assisting=[world.police])
    decide(world, other, asked_return(other, world.police_user), unit=world.transport)
    assert parts(other)[2] == ("县交通运输局", "assist", "", "2026-06-04")
    # Thirty working days from the day on which the new unit got it.
    assert owed(other, "opinion") == [("县交通运输局", "opinion", "2026-04-20")]


def test_the_office_that_gave_decides(world: World) -> None:
    row = given(world, waiting(world), lead=None, via_office=True)
    services.distribute(
        proposal_id=row.pk, seen_version=None, user=world.gov_office, now=at(2026, 3, 5), lead=world.education
    )
    key = asked_return(row, world.unit_user)
    with pytest.raises(UnableToAct, match="本件当前不能办理这一步"):
        decide(world, row, key, unit=world.police)
    decide(world, row, key, unit=world.police, user=world.gov_office)
    assert part_of(row, "县公安局").via_office
    assert (
        said(row)
        == "赵敏（政府办）同意县教育局退办，主办任务改由县公安局承办，办理时间自改办之日起重新计算，答复期限2026年6月9日"
    )


def test_step_of_the_lead_unit_is_owed_by_the_new_one(world: World) -> None:
    newcomer = transport_user(world)
    row = given(world, waiting(world, procedure="dongkou351"))
    assert owed(row, "review") == [("县教育局", "review", "2026-04-01")]
    decide(world, row, asked_return(row, world.unit_user), unit=world.transport)
    assert owed(row, "review") == [("县交通运输局", "review", "2026-04-06")]
    assert "review" in abilities(newcomer, Proposal.objects.get(pk=row.pk))


def test_step_goes_on_when_only_the_returned_unit_had_not_decided(world: World) -> None:
    row = given(world, waiting(world, procedure="dongkou351"), lead=None, separate=[world.education, world.police])
    acknowledged(row, world.police_user)
    services.record_contact(
        proposal_id=row.pk,
        seen_version=None,
        user=world.police_user,
        now=at(2026, 3, 6),
        contacted_on=dt.date(2026, 3, 6),
        way="phone",
        summary="电话沟通。",
    )
    services.review(
        proposal_id=row.pk,
        seen_version=None,
        user=world.police_user,
        now=at(2026, 3, 6, 11),
        outcome_code="pass",
        reason="分两步办理。",
    )
    assert Proposal.objects.get(pk=row.pk).step.code == "lead"
    decide(world, row, asked_return(row, world.unit_user, now=at(2026, 3, 6, 12)))
    assert Proposal.objects.get(pk=row.pk).step.code == "oversee"
    assert owed(row, "reply") == [("县公安局", "reply", "2026-06-04")]


def test_second_round_keeps_its_own_period_for_a_new_unit(world: World) -> None:
    row = given(world, waiting(world))
    acknowledged(row, world.unit_user)
    answered(world, row, world.unit_user, at(2026, 3, 5))
    services.rate(
        proposal_id=row.pk,
        seen_version=None,
        user=world.deputy,
        now=at(2026, 3, 5, 15),
        attitude="satisfied",
        result="dissatisfied",
        opinion="没有解决。",
    )
    assert owed(row, "reply") == [("县教育局", "reply", "2026-05-05")]
    decide(world, row, asked_return(row, world.unit_user), unit=world.police)
    # Two months for handling anew (重庆 27), from 9 March.
    assert owed(row, "reply") == [("县公安局", "reply", "2026-05-11")]


def test_reassigned_without_a_request_and_merged_items_with_it(world: World) -> None:
    main = waiting(world)
    same, other = joined(world, main), joined(world, main, 3)
    given(world, main)
    acknowledged(other, world.unit_user)
    answered(world, other, world.unit_user, at(2026, 3, 6))
    request = asked_return(same, world.unit_user)
    acknowledged(main, world.unit_user)
    asked_extension(main, world.unit_user, dt.date(2026, 7, 1), now=at(2026, 3, 6))
    move(world, main, part_of(main, "县教育局"))
    for row in (main, same):
        assert parts(row) == [
            ("县教育局", "lead", "reassigned", "2026-06-04"),
            ("县交通运输局", "lead", "", "2026-06-09"),
        ]
        assert not row.obligations.open().exclude(owner_unit=world.transport).exists()
    assert parts(other) == [("县教育局", "lead", "", "2026-06-04")]
    assert said(same) == (
        "张志强（代表工委）将县教育局的主办任务改由县交通运输局承办，"
        "办理时间自改办之日起重新计算，答复期限2026年6月9日。理由：职责已经调整。"
    )
    # What the unit had asked for lapsed with its part.
    assert ReturnRequest.objects.get(pk=request).state == RequestState.VOID
    assert ExtensionRequest.objects.get().state == RequestState.VOID
    lapsed = main.obligations.get(act="decide-extension")
    assert lapsed.state == ObligationState.CANCELLED
    assert told(world.unit_user)[-2:] == [f"已改办：第1号 {main.title}", f"已改办：第2号 {same.title}"]


def test_what_is_answered_or_another_offices_is_not_reassigned(world: World) -> None:
    row = given(world, waiting(world), lead=None, separate=[world.education, world.police])
    acknowledged(row, world.unit_user)
    answered(world, row, world.unit_user, at(2026, 3, 6))
    with pytest.raises(UnableToAct, match="已经答复的、已经退办或者改办的不能再改办"):
        move(world, row, part_of(row, "县教育局"))
    with pytest.raises(UnableToAct, match="「县教育局」已经是本件的分办单位"):
        move(world, row, part_of(row, "县公安局"), unit=world.education)
    with pytest.raises(UnableToAct, match="请写明改办的理由"):
        move(world, row, part_of(row, "县公安局"), reason=" ")
    with pytest.raises(UnableToAct, match="本件当前不能办理这一步"):
        move(world, row, part_of(row, "县公安局"), user=world.gov_office)
    assert [how for _, _, how, _ in parts(row)] == ["", ""]
