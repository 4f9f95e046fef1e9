"""Several deputies who signed: each rates, or the lead sums up; and what is never rated."""

import datetime as dt
from collections.abc import Sequence

import pytest
from django.test import Client
from django.urls import reverse

from casework.models import CaseStatus, Obligation, ObligationState, Outcome, Step
from casework.services import UnableToAct
from deputies.models import Seat
from notices.models import Notice
from proposals import services
from proposals.abilities import abilities
from proposals.models import Afterwards, Cosignature, Feedback, HandlingRules, Proposal, Raters
from proposals.rules import verdict
from reports.proposal_stats import with_facts
from tests import factories as make
from tests.factories import at
from tests.proposals.replying import page, ready, reply_as, send, talked
from tests.world import World

RATED_AT = at(2026, 3, 25)


def rules(world: World, **fields: object) -> HandlingRules:
    fields = {"code": "own", "name": "云溪规则", "congress": world.congress, "feedback": "20WD"} | fields
    return HandlingRules.objects.create(**fields)


def signed(row: Proposal, *seats: Seat) -> None:
    for seat in seats:
        Cosignature.objects.create(proposal=row, seat=seat)


def to_rate(world: World, *seats: Seat, **how: object) -> Proposal:
    """An answered suggestion that waits for the rating."""
    rules(world, **how)
    row = ready(world, rules="own")
    signed(row, *seats)
    reply_as(world.unit_user, row, world)
    return Proposal.objects.get(pk=row.pk)


@pytest.fixture
def without_account(world: World) -> Seat:
    return make.SeatFactory(term=world.term, delegation=world.seat.delegation, person__name="王老师")


def rate(row: Proposal, user: object, result: str, **how: object) -> Feedback:
    return services.rate(
        proposal_id=row.pk,
        seen_version=None,
        user=user,
        now=how.pop("now", RATED_AT),
        attitude="satisfied",
        result=result,
        opinion="还没有办好。" if result == "dissatisfied" else "",
        **how,
    )


def grade_of(row: Proposal) -> str:
    return with_facts(Proposal.objects.filter(pk=row.pk), as_of=dt.date(2026, 12, 31)).get().grade


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        (["satisfied"], "satisfied"),
        (["satisfied", "satisfied", "dissatisfied"], "satisfied"),
        (["satisfied", "basically", "dissatisfied"], "basically"),
        (["satisfied", "dissatisfied"], "dissatisfied"),
        (["satisfied", "basically"], "basically"),
        (["satisfied", "satisfied", "basically", "dissatisfied"], "basically"),
        (["dissatisfied", "dissatisfied", "satisfied"], "dissatisfied"),
    ],
)
def test_half_of_them_dissatisfied_makes_it_dissatisfied(grades: Sequence[str], expected: str) -> None:
    assert verdict(grades) == expected


def test_each_who_signed_is_asked_and_the_last_rating_decides(world: World, without_account: Seat) -> None:
    row = to_rate(world, world.other_seat, without_account, raters=Raters.EACH)
    owed = Obligation.objects.open().filter(case=row, act="rate").order_by("pk")
    assert [(o.owner_label, o.owner_user, o.about) for o in owed] == [
        ("李春梅代表", world.deputy, f"seat:{world.seat.pk}"),
        ("阿卜杜拉·买买提代表", world.other_deputy, f"seat:{world.other_seat.pk}"),
        ("王老师代表", None, f"seat:{without_account.pk}"),
    ]
    rate(row, world.deputy, "satisfied")
    with pytest.raises(UnableToAct, match="当前不能办理"):
        rate(row, world.deputy, "dissatisfied")
    rate(row, world.other_deputy, "dissatisfied")
    row.refresh_from_db()
    assert row.step.code == "rate"
    assert [o.owner_label for o in owed.all()] == ["王老师代表"]
    services.rate(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=RATED_AT, attitude="satisfied", result="basically",
    )  # fmt: skip
    row = Proposal.objects.get(pk=row.pk)
    assert (row.status, row.closed_as) == (CaseStatus.CLOSED, "rated")
    round_ = row.rounds.get()
    assert (round_.joint_attitude, round_.joint_result, grade_of(row)) == ("satisfied", "basically", "basically")
    assert row.events.get(verb="verdict").sentence == (
        "3名代表分别评价，第1轮办理综合评价：办理态度满意，办理结果基本满意"
    )
    assert row.events.filter(verb="rate").first().sentence == (
        "张志强（代表工委）代王老师代表评价第1轮办理：办理态度满意，办理结果基本满意"
    )


def test_half_dissatisfied_opens_the_next_round(world: World) -> None:
    row = to_rate(world, world.other_seat, raters=Raters.EACH)
    rate(row, world.other_deputy, "dissatisfied")
    assert Proposal.objects.get(pk=row.pk).rounds.count() == 1
    rate(row, world.deputy, "satisfied")
    row = Proposal.objects.get(pk=row.pk)
    assert row.step.code == "reply"
    assert [(r.number, r.joint_result) for r in row.rounds.all()] == [(1, "dissatisfied"), (2, "")]
    # One month by the step: the rules are silent.
    assert str(row.obligations.open().get(act="reply").due_on) == "2026-04-27"
    assert not row.obligations.open().filter(act="rate").exists()


def test_the_office_says_for_whom_it_enters(world: World) -> None:
    row = to_rate(world, world.other_seat, raters=Raters.EACH)
    with pytest.raises(UnableToAct, match="请选择代哪一位代表录入评价"):
        rate(row, world.staff, "satisfied")
    assert Feedback.objects.count() == 0
    rate(row, world.staff, "satisfied", seat_id=world.other_seat.pk)
    assert Feedback.objects.get().seat == world.other_seat
    text = page(world.staff, "rate", row)
    assert "阿卜杜拉·买买提" not in text.split("<form")[-1]
    response = send(world.staff, "rate", row, version=Proposal.objects.get(pk=row.pk).version,
                    attitude="satisfied", result="satisfied")  # fmt: skip
    assert response.status_code == 302
    assert Proposal.objects.get(pk=row.pk).closed_as == "rated"


def test_where_the_lead_sums_up_the_others_are_not_asked(world: World) -> None:
    row = to_rate(world, world.other_seat)
    assert [o.owner_label for o in row.obligations.open().filter(act="rate")] == ["李春梅代表"]
    with pytest.raises(UnableToAct, match="当前不能办理"):
        rate(row, world.other_deputy, "dissatisfied")
    text = page(world.deputy, "rate", row)
    assert "联名代表的意见" in text
    assert "已增加班次。" in text
    send(world.deputy, "rate", row, version=row.version, attitude="satisfied", result="basically",
         communication="phone", adoption="partly", cosigners_said="阿卜杜拉代表希望再加一班。")  # fmt: skip
    given = Feedback.objects.get()
    assert (given.seat, given.communication, given.adoption, given.cosigners_said) == (
        world.seat, "phone", "partly", "阿卜杜拉代表希望再加一班。",
    )  # fmt: skip
    client = Client()
    client.force_login(world.staff)
    seen = client.get(reverse("proposals:case", args=[row.pk])).content.decode()
    for words in ("沟通方式：电话", "采纳情况：部分采纳", "阿卜杜拉代表希望再加一班。"):
        assert words in seen


@pytest.mark.parametrize(
    "wrong",
    [{"attitude": "x"}, {"communication": "x"}, {"adoption": "x"}, {"seat_id": "x"}, {"opinion": "很" * 2001}],
)
def test_what_cannot_be_is_refused_and_kept(world: World, wrong: dict) -> None:
    row = to_rate(world, world.other_seat, raters=Raters.EACH)
    fields = {"version": row.version, "attitude": "satisfied", "result": "satisfied", "opinion": "很好"}
    fields |= {"seat_id": world.seat.pk} | wrong
    response = send(world.staff, "rate", row, **fields)
    assert response.status_code == 422
    assert "很" in response.content.decode()
    assert Feedback.objects.count() == 0


def test_nobody_rates_it_and_the_rules_end_it(world: World) -> None:
    row = to_rate(world, unrated_close="10D")
    # Twenty working days from 20 March, then ten days; no holiday of the year is known here.
    assert str(row.obligations.open().get(act="rate").due_on) == "2026-04-17"
    assert services.close_unrated_by_rule(now=at(2026, 4, 27)) == 0
    assert Proposal.objects.get(pk=row.pk).status == CaseStatus.OPEN
    assert services.close_unrated_by_rule(now=at(2026, 5, 20)) == 1
    assert services.close_unrated_by_rule(now=at(2026, 5, 20)) == 0
    row = Proposal.objects.get(pk=row.pk)
    assert (row.status, row.closed_as, row.step) == (CaseStatus.CLOSED, "unrated", None)
    assert grade_of(row) == "none"
    assert row.events.first().sentence == (
        "代表评价期限2026年4月17日届满，至2026年4月27日仍没有评价，按规则办结，不计入满意率"
    )
    assert row.obligations.get(act="rate").state == ObligationState.CANCELLED
    told = Notice.objects.filter(title=f"未评价办结：{row}").values_list("recipient__username", flat=True)
    assert sorted(told) == ["deputy", "unit"]


def test_without_such_a_rule_the_office_ends_it_after_the_date(world: World) -> None:
    row = to_rate(world)
    assert services.close_unrated_by_rule(now=at(2027, 1, 10)) == 0
    with pytest.raises(UnableToAct, match="评价期限还没有过"):
        services.close_unrated(proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 4, 17))
    with pytest.raises(UnableToAct, match="当前不能办理"):
        services.close_unrated(proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 4, 18))
    assert Proposal.objects.get(pk=row.pk).status == CaseStatus.OPEN
    services.close_unrated(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 4, 18), note="已两次电话提醒。"
    )
    row = Proposal.objects.get(pk=row.pk)
    assert row.closed_as == "unrated"
    assert row.events.first().sentence == (
        "张志强（代表工委）按未评价办结：已两次电话提醒；代表超过评价期限没有评价，不计入满意率"
    )


def test_ratings_that_are_in_decide_when_the_others_never_come(world: World, without_account: Seat) -> None:
    row = to_rate(world, world.other_seat, without_account, raters=Raters.EACH, unrated_close="10D")
    rate(row, world.deputy, "basically")
    assert services.close_unrated_by_rule(now=at(2026, 5, 20)) == 1
    row = Proposal.objects.get(pk=row.pk)
    assert (row.closed_as, grade_of(row)) == ("rated", "basically")
    states = row.obligations.filter(act="rate").order_by("pk").values_list("state", flat=True)
    assert list(states) == ["done", "cancelled", "cancelled"]


def test_dissatisfied_again_is_studied_where_the_rules_say_so(world: World) -> None:
    row = to_rate(world, second_time=Afterwards.STUDY)
    rate(row, world.deputy, "dissatisfied")
    assert Proposal.objects.get(pk=row.pk).step.code == "reply"
    services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=RATED_AT)
    talked(row, world.unit_user, day=25, now=RATED_AT)
    reply_as(world.unit_user, row, world, now=RATED_AT, replied_on=RATED_AT.date(), document_no="云教〔2026〕8号")
    rate(row, world.deputy, "dissatisfied", now=at(2026, 3, 26))
    row = Proposal.objects.get(pk=row.pk)
    assert (row.status, row.closed_as, row.rounds.count(), grade_of(row)) == ("closed", "rated", 2, "dissatisfied")
    owed = row.obligations.open().get()
    assert (owed.act, owed.verb, owed.owner_label, str(owed.due_on)) == (
        "study", "组织评估研究", "代表工委", "2026-04-09",
    )  # fmt: skip


def test_who_left_office_rates_neither_for_himself_nor_for_another(world: World) -> None:
    row = to_rate(world, world.other_seat, raters=Raters.EACH)
    world.other_seat.status, world.other_seat.ended_on = "ended", dt.date(2026, 3, 21)
    world.other_seat.save()
    for how in ({}, {"seat_id": world.seat.pk}):
        with pytest.raises(UnableToAct, match="当前不能办理"):
            rate(row, world.other_deputy, "dissatisfied", **how)
    assert send(world.other_deputy, "rate", row, version=row.version, seat_id=world.seat.pk,
                attitude="satisfied", result="satisfied").status_code == 409  # fmt: skip
    assert Feedback.objects.count() == 0


def test_a_deputy_rates_for_nobody_else(world: World) -> None:
    row = to_rate(world, world.other_seat, raters=Raters.EACH)
    rate(row, world.other_deputy, "satisfied", seat_id=world.seat.pk)
    assert Feedback.objects.get().seat == world.other_seat
    assert Proposal.objects.get(pk=row.pk).step.code == "rate"


def test_one_that_cannot_be_closed_does_not_hold_up_the_others(world: World) -> None:
    stuck = to_rate(world, world.other_seat, raters=Raters.EACH, unrated_close="10D")
    rate(stuck, world.deputy, "dissatisfied")
    Outcome.objects.filter(step=stuck.step, code="redo").delete()
    free = ready(world, 2, rules="own")
    reply_as(world.unit_user, free, world, document_no="云教〔2026〕8号")
    assert services.close_unrated_by_rule(now=at(2026, 5, 20)) == 1
    assert Proposal.objects.get(pk=stuck.pk).status == CaseStatus.OPEN
    assert Proposal.objects.get(pk=free.pk).closed_as == "unrated"


def test_a_seat_that_ended_is_not_asked_but_the_lead_is(world: World) -> None:
    """The term is over, the deputies are not re-elected: what they proposed goes on to its end."""
    row = ready(world, rules="national_2025")
    for seat in (world.seat, world.other_seat):
        seat.status, seat.ended_on = "ended", dt.date(2026, 3, 11)
        seat.save()
    world.term.ends_on = dt.date(2026, 3, 12)
    world.term.save()
    make.TermFactory(congress=world.congress, name="第十九届", starts_on=dt.date(2026, 3, 13))
    signed(row, world.other_seat)
    reply_as(world.unit_user, row, world)
    assert [o.owner_user for o in row.obligations.open()] == [world.deputy]
    rate(row, world.deputy, "satisfied")
    assert Proposal.objects.get(pk=row.pk).closed_as == "rated"


def test_the_only_rating_given_is_a_cosigners_and_counts(world: World) -> None:
    row = to_rate(world, world.other_seat, raters=Raters.EACH, unrated_close="10D")
    rate(row, world.other_deputy, "basically")
    assert services.close_unrated_by_rule(now=at(2026, 5, 20)) == 1
    row = Proposal.objects.get(pk=row.pk)
    assert (row.closed_as, grade_of(row)) == ("rated", "basically")
    assert row.rounds.values_list("joint_attitude", "joint_result").get() == ("satisfied", "basically")


def leaves_office(seat: Seat) -> None:
    seat.status, seat.ended_on = "ended", dt.date(2026, 3, 26)
    seat.save()


def test_who_leaves_office_while_others_rate_is_waited_for_no_longer(world: World, without_account: Seat) -> None:
    row = to_rate(world, world.other_seat, without_account, raters=Raters.EACH)
    rate(row, world.deputy, "satisfied")
    assert services.excuse_who_left(now=at(2026, 3, 27)) == 0
    leaves_office(world.other_seat)
    assert services.excuse_who_left(now=at(2026, 3, 27)) == 1
    assert services.excuse_who_left(now=at(2026, 3, 27)) == 0
    row = Proposal.objects.get(pk=row.pk)
    assert row.events.first().sentence == f"{world.other_seat.person.name}代表已不再担任代表，不再等待其评价"
    assert [owed.owner_label for owed in row.obligations.open()] == ["王老师代表"]
    leaves_office(without_account)
    assert services.excuse_who_left(now=at(2026, 3, 28)) == 1
    row = Proposal.objects.get(pk=row.pk)
    assert (row.closed_as, grade_of(row), row.obligations.open().exists()) == ("rated", "satisfied", False)
    states = row.obligations.filter(act="rate").order_by("pk").values_list("state", flat=True)
    assert list(states) == ["done", "cancelled", "cancelled"]


def test_nobody_is_excused_whose_own_rating_is_the_only_one_asked(world: World) -> None:
    row = to_rate(world, world.other_seat)
    leaves_office(world.seat)
    leaves_office(world.other_seat)
    assert services.excuse_who_left(now=at(2026, 3, 27)) == 0
    assert row.obligations.open().get().act == "rate"


def test_rules_changed_under_way_take_nobodys_rating_away(world: World) -> None:
    """The lead was asked for all; now each rates, and who signed has left."""
    row = to_rate(world, world.other_seat)
    leaves_office(world.other_seat)
    HandlingRules.objects.filter(code="own").update(raters=Raters.EACH)
    assert services.excuse_who_left(now=at(2026, 3, 27)) == 0
    assert [owed.owner_user for owed in row.obligations.open()] == [world.deputy]


def test_staff_who_signed_as_deputies_still_enter_the_ratings_of_others(world: World) -> None:
    """The head of the office is often a deputy."""
    world.other_seat.person.user = world.staff
    world.other_seat.person.save()
    row = to_rate(world, world.other_seat, raters=Raters.EACH)
    rate(row, world.staff, "satisfied", seat_id=world.seat.pk)
    assert Feedback.objects.get().seat == world.seat
    row = Proposal.objects.get(pk=row.pk)
    assert {"rate", "close-unrated"} <= abilities(world.staff, row, dt.date(2026, 12, 1)).keys()
    rate(row, world.staff, "satisfied")
    assert Proposal.objects.get(pk=row.pk).closed_as == "rated"


def test_without_a_date_for_rating_the_office_can_still_end_it(world: World) -> None:
    Step.objects.filter(act="rate").update(deadline="")
    row = to_rate(world, feedback="")
    assert row.obligations.open().get(act="rate").due_on is None
    services.close_unrated(proposal_id=row.pk, seen_version=None, user=world.staff, now=at(2026, 8, 1))
    row = Proposal.objects.get(pk=row.pk)
    assert row.closed_as == "unrated"
    assert row.events.first().sentence == "张志强（代表工委）按未评价办结：代表一直没有评价，不计入满意率"
