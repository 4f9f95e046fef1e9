"""Merging: into what, with which number, and how both are handled and answered from then on."""

import pytest
from django.db import transaction

from casework.services import UnableToAct
from notices.models import Notice
from proposals import services
from proposals.models import Proposal
from proposals.services.merging import release_merged
from tests.factories import at
from tests.proposals.reviewed import TODAY, decide, fresh, handed_over, last_line, run_by, to_final_review
from tests.proposals.test_proposal_path import answer, answered, registered, submitted
from tests.proposals.test_reviewing_steps import MET
from tests.world import World


def merged(world: World, main: Proposal, title: str = "关于增加校车的建议") -> Proposal:
    return decide(world.staff, submitted(world, title=title), "merge", merge_into=main)


def test_merged_item_has_its_own_number_and_waits_for_the_main_one(world: World) -> None:
    main = registered(world)
    row = merged(world, main)
    assert (row.number, row.merged_into, row.review_result, row.step.code) == (2, main, "merged", "assign")
    assert last_line(row) == f"张志强（代表工委）并案，并入{main}，编为第2号"
    assert last_line(main) == f"张志强（代表工委）将{row}并入本件，分别答复"
    assert fresh(main).version == main.version
    assert not row.obligations.open().exists()
    with pytest.raises(UnableToAct, match="随主件一并交办"):
        handed_over(world, row)
    handed_over(world, main)
    for one in (main, row):
        assert [(a.unit, a.role) for a in one.rounds.get().assignments.order_by("pk")] == [
            (world.education, "lead"),
            (world.police, "assist"),
        ]
    answer(world, main)
    assert [fresh(one).step.code for one in (main, row)] == ["rate", "reply"]
    answer(world, row, document_no="云教〔2026〕8号")
    assert fresh(row).step.code == "rate"


def test_item_merged_into_one_that_units_have_follows_at_once(world: World) -> None:
    main = handed_over(world, registered(world))
    row = merged(world, main)
    assert (row.step.code, row.number) == ("reply", 2)
    assert row.rounds.get().assignments.count() == 2
    assert row.obligations.open().filter(act="reply", owner_unit=world.education).count() == 1


def test_merged_before_the_council_it_is_numbered_there_and_follows(world: World) -> None:
    run_by(world, "dongkou351")
    main = decide(world.staff, to_final_review(world, "主件"), **MET)
    row = decide(world.township_user, submitted(world, title="从件"))
    row = decide(world.staff, row, "merge", category=world.category, merge_into=main)
    assert (row.step.code, row.number, row.merged_into) == ("final_review", None, main)
    handed_over(world, main)
    row = decide(world.staff, row, **MET)
    assert (row.step.code, row.number) == ("lead", 2)


@pytest.mark.parametrize("outcome", ["return", "not_registered"])
def test_council_that_sends_back_a_merged_item_parts_it_from_the_main_one(world: World, outcome: str) -> None:
    run_by(world, "dongkou351")
    main = decide(world.staff, to_final_review(world, "主件"), **MET)
    row = decide(world.township_user, submitted(world, title="从件"))
    row = decide(world.staff, row, "merge", category=world.category, merge_into=main)
    row = decide(world.staff, row, outcome, reason="另行研究", not_registered_reason="empty")
    assert (row.merged_into, row.number) == (None, None)
    assert row.review_result == ("" if outcome == "return" else "not_registered")


def test_main_item_that_was_answered_meanwhile_takes_nothing_along(world: World) -> None:
    run_by(world, "dongkou351")
    main = decide(world.staff, to_final_review(world, "主件"), **MET)
    row = decide(world.township_user, submitted(world, title="从件"))
    row = decide(world.staff, row, "merge", category=world.category, merge_into=main)
    Proposal.objects.filter(pk=main.pk).update(status="closed", step=None, closed_as="rated", closed_at=TODAY)
    row = decide(world.staff, row, **MET)
    assert (row.merged_into, row.review_result, row.number) == (None, "registered", 2)
    assert f"原定并入的{main}已不能并入，本件单独办理，立案，编为第2号" in last_line(row)
    assert row.obligations.open().get().act == "assign"


def test_what_cannot_be_joined_is_refused_with_words(world: World) -> None:
    row, other = submitted(world, title="从件"), submitted(world, title="还在审查")
    main, done = registered(world, title="主件"), answered(world, title="已答复")
    follower = merged(world, main, title="已并")
    bill = submitted(world, title="议案")
    Proposal.objects.filter(pk=bill.pk).update(form="bill")
    closed = decide(world.staff, submitted(world, title="不立"), "not_registered", not_registered_reason="empty")
    for target, words in [
        (None, "应当选择并入哪一件"),
        (row, "不能并入它自己"),
        (other, "还没有立案"),
        (done, "已经答复"),
        (follower, "已经并入别的建议"),
        (bill, "只能并入本级的同类"),
        (closed, "已经办结"),
    ]:
        with pytest.raises(UnableToAct, match=words):
            decide(world.staff, row, "merge", merge_into=target)
    with pytest.raises(UnableToAct, match="只有结论为并案时"):
        decide(world.staff, row, "pass", merge_into=main)
    assert (fresh(row).step.code, fresh(row).merged_into) == ("review", None)


def test_main_item_with_others_merged_into_it_joins_none(world: World) -> None:
    run_by(world, "standard5")
    main, other = registered(world, title="主件"), registered(world, title="另一主件")
    merged(world, main)
    review = main.procedure.steps.get(code="review")
    Proposal.objects.filter(pk=main.pk).update(step=review)
    main.step_runs.filter(left_at=None).update(step=review)
    with pytest.raises(UnableToAct, match="已有别的建议并入本件"):
        decide(world.staff, main, "merge", merge_into=other)
    # Not registered after all: what was merged into it goes on by itself.
    follower = Proposal.objects.get(merged_into=main)
    decide(world.staff, main, "not_registered", not_registered_reason="jurisdiction")
    follower.refresh_from_db()
    assert (follower.merged_into, follower.review_result) == (None, "registered")
    assert follower.obligations.open().get().act == "assign"
    assert last_line(follower) == f"并入的「{main}」已经决定不予立案，本件单独办理"


def test_nothing_joins_an_item_whose_deputy_asks_to_withdraw(world: World) -> None:
    main = registered(world)
    main.withdrawals.create(reason="已经解决", asked_at=TODAY, asked_by=world.deputy)
    with pytest.raises(UnableToAct, match="正在申请撤回，不能并入"):
        merged(world, main)


@pytest.mark.django_db(transaction=True)
def test_released_item_is_owed_and_its_deputy_told() -> None:
    from tests.world import build_world

    world = build_world()
    main = registered(world)
    row = merged(world, main)
    with transaction.atomic():
        release_merged(main=main, became="已经撤回", now=at(2026, 3, 9))
    row = fresh(row)
    assert (row.merged_into, row.review_result) == (None, "registered")
    assert (row.obligations.open().get().act, row.obligations.open().get().from_label) == ("assign", "主件已经撤回")
    assert Notice.objects.filter(recipient=world.deputy, title=f"单独办理：{row}").count() == 1
    services.assign(
        proposal_id=row.pk, seen_version=row.version, user=world.staff, now=at(2026, 3, 9), lead=world.police
    )
    assert row.rounds.get().assignments.get().unit == world.police
