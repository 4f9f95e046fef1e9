"""Procedures that an office has changed: steps after the rating, opinions right after the assignment, silent units."""

import pytest
from django.core.exceptions import ValidationError

from casework.forms import DeadlineField
from casework.models import Act, Outcome, Procedure, Stage, Step
from casework.procedures import faults_of
from proposals import services
from proposals.models import Proposal, Withdrawal
from proposals.services.withdrawing import withdraw
from tests.factories import at
from tests.forms.support import run
from tests.proposals.handing import acknowledged, given, owed, said, waiting
from tests.proposals.reviewed import run_by
from tests.proposals.test_proposal_pages import as_user, case_url
from tests.proposals.test_proposal_path import answered, registered, submitted
from tests.world import World

pytestmark = pytest.mark.django_db


def procedure(code: str) -> Procedure:
    return Procedure.objects.get(code=code, is_active=True)


def step_of(row: Proposal) -> str:
    return Proposal.objects.select_related("step").get(pk=row.pk).step.label


def rated(world: World, row: Proposal, result: str) -> None:
    services.rate(
        proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 26),
        attitude="satisfied", result=result, opinion="请再研究。",
    )  # fmt: skip


def test_step_after_the_rating_is_entered_and_opens_no_round(world: World) -> None:
    last = procedure("standard5").steps.get(code="rate")
    tell = Step.objects.create(
        procedure=last.procedure, position=6, stage=Stage.RATE, code="tell", label="通报", act=Act.DECIDE,
        actor_role="staff", verb="通报",
    )  # fmt: skip
    Outcome.objects.create(step=tell, code="pass", label="通报", closes_as="rated")
    last.outcomes.filter(code="pass").update(goes_to=tell, closes_as="")
    assert faults_of(last.procedure) == []
    row = answered(world)
    rated(world, row, "satisfied")
    assert (step_of(row), row.rounds.count()) == ("通报", 1)
    assert [what[:2] for what in owed(row)] == [("代表工委", "review")]


def test_opinions_right_after_the_assignment_are_passed_where_nobody_assists(world: World) -> None:
    runs = procedure("dongkou351")
    assist = runs.steps.get(act=Act.ASSIST)
    Outcome.objects.filter(step__procedure=runs, step__act=Act.ASSIGN).update(goes_to=assist)
    alone = given(world, waiting(world, procedure="dongkou351"))
    assert step_of(alone) == "督办"
    with_opinion = given(world, waiting(world, 2, procedure="dongkou351"), assisting=[world.police])
    assert step_of(with_opinion) == "协办"
    # The government office may still name assisting units.
    to_split = given(world, waiting(world, 3, procedure="dongkou351"), via_office=True)
    assert step_of(to_split) == "协办"


def test_silent_units_hold_up_nothing_once_they_are_overdue(world: World) -> None:
    runs = procedure("dongkou351")
    assist = runs.steps.get(act=Act.ASSIST)
    Outcome.objects.filter(step__procedure=runs, step__act=Act.ASSIGN).update(goes_to=assist)
    row = given(world, waiting(world, procedure="dongkou351"), assisting=[world.police])
    [(unit, _, due)] = owed(row, "opinion")
    assert (unit, due) == ("县公安局", "2026-04-15")
    assert services.pass_over_silence(now=at(2026, 4, 15)) == 0
    assert step_of(row) == "协办"
    assert services.pass_over_silence(now=at(2026, 4, 16)) == 1
    assert step_of(row) == "督办"
    assert said(row) == "「协办」的协办意见都已逾期，不再等待，转入下一步"
    assert services.pass_over_silence(now=at(2026, 4, 17)) == 0


def test_units_decide_only_after_the_assignment_and_dissatisfaction_leads_back(world: World) -> None:
    runs = procedure("standard5")
    runs.steps.filter(code="review").update(actor_role="unit")
    Outcome.objects.filter(step__procedure=runs, code="redo").delete()
    found = "".join(faults_of(runs))
    assert "第2步「审议」不能由「承办单位」办理：交办以后才有承办单位。" in found
    assert "第5步「测评」应当有代表不满意时「重新办理」的结论，转入「反馈」阶段的步骤。" in found


def test_withdrawal_that_waits_lapses_with_the_reply(world: World) -> None:
    row = given(world, waiting(world, rules="shanghai_2015"))
    row.cosignatures.create(seat=world.other_seat, state="accepted")

    withdraw(proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 5), reason="已经解决。")
    assert Withdrawal.objects.get().state == "waiting"
    acknowledged(row, world.unit_user)
    answer_now(world, row)
    assert Withdrawal.objects.get().state == "refused"
    assert [what[:2] for what in owed(row)] == [("李春梅代表", "rate")]


def answer_now(world: World, row: Proposal) -> None:
    act = {"proposal_id": row.pk, "seen_version": None, "user": world.unit_user, "now": at(2026, 3, 10)}
    services.record_contact(**act, contacted_on=at(2026, 3, 10).date(), way="visit", summary="上门听取意见。")
    services.reply(
        **act,
        replied_on=at(2026, 3, 10).date(),
        document_no="云教〔2026〕9号",
        outcome=world.outcomes["A"],
        body="现答复。",
    )


def test_double_click_on_merging_into_what_units_have_already(world: World) -> None:
    main = given(world, registered(world))
    row = submitted(world, title="关于增加校车的建议")
    seen = {"version": row.version, "outcome": "merge", "merge_into": main.pk, "reason": ""}
    answers = [as_user(world.staff).post(case_url(row, "review"), seen) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert row.events.filter(verb="review").count() == 1


def test_a_township_owes_the_review_of_what_was_imported(world: World) -> None:
    run_by(world, "dongkou351")
    assert run(
        "proposals", {"标题": "关于校车的建议", "领衔代表": "李春梅", "提出日期": "2026-02-01"}, congress=world.congress
    ).ok
    row = Proposal.objects.get()
    assert row.obligations.open().owed_by(world.township_user).count() == 1


@pytest.mark.parametrize("text", ["9999日", "37个月", "751个工作日", "1099日"])
def test_deadlines_of_many_years_are_mistyped(text: str) -> None:

    with pytest.raises(ValidationError, match="期限最长 3 年"):
        DeadlineField("期限").clean(text)
    assert DeadlineField("期限").clean("36个月") == "36M"
