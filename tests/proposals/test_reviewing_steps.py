"""Deciding on the steps of the three procedures: what each outcome leaves behind, and what each step demands."""

import datetime as dt

import pytest

from bodies.models import Counter
from casework.models import CaseStatus, Outcome, Step
from casework.services import CaseWasChanged, UnableToAct
from proposals import services
from proposals.abilities import abilities
from proposals.models import Category, Proposal
from tests import factories as make
from tests.factories import at
from tests.proposals.reviewed import TODAY, decide, fresh, handed_over, last_line, run_by, to_final_review
from tests.proposals.test_proposal_path import submitted
from tests.world import World

MET = {"meeting": "第二十三次主任会议", "met_on": dt.date(2026, 3, 3)}


def test_passing_registers_numbers_and_says_so(world: World) -> None:
    row = decide(world.staff, submitted(world), category=world.category, nature="当年", reason="属于政府职权")
    assert (row.review_result, row.number, row.label, row.step.code) == ("registered", 1, "第1号", "assign")
    assert (row.category, row.nature) == (world.category, "当年")
    assert last_line(row) == "张志强（代表工委）审查通过，立案，编为第1号：属于政府职权"
    assert row.obligations.open().get().act == "assign"


def test_not_registered_ends_the_case_with_the_reason_and_takes_no_number(world: World) -> None:
    row = submitted(world)
    with pytest.raises(UnableToAct, match="不予立案应当选择理由"):
        decide(world.staff, row, "not_registered", not_registered_reason="为什么不")
    row = decide(world.staff, row, "not_registered", not_registered_reason="judicial", reason="请走诉讼程序")
    assert (row.status, row.closed_as, row.review_result) == (CaseStatus.CLOSED, "not_registered", "not_registered")
    assert (row.number, row.label) == (None, "收件1号")
    assert last_line(row) == "张志强（代表工委）不予立案：涉及具体司法案件。请走诉讼程序"
    assert not Counter.objects.filter(kind="proposal").exists()


def test_returned_and_handed_in_again_keeps_its_receipt_number_and_is_registered_once(world: World) -> None:
    row = submitted(world)
    with pytest.raises(UnableToAct, match="退回修改应当写明理由"):
        decide(world.staff, row, "return")
    row = decide(world.staff, row, "return", reason="请写明路段")
    assert (row.step.code, row.review_result, row.receipt_no) == ("submit", "", 1)
    row = services.submit(proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=TODAY)
    assert decide(world.staff, row).number == 1
    assert decide(world.staff, submitted(world, title="下一件")).number == 2


def test_number_stays_when_a_registered_item_goes_back_to_the_review(world: World) -> None:
    steps = {step.code: step for step in run_by(world, "dongkou351", oversee=[]).steps.all()}
    Outcome.objects.filter(step=steps["oversee"], code="back").update(goes_to=steps["final_review"])
    Step.objects.filter(pk=steps["lead"].pk).update(required=[])
    row = handed_over(world, decide(world.staff, to_final_review(world, "甲"), **MET))
    assert row.number == 1
    row = decide(world.unit_user, row, now=at(2026, 3, 5))
    row.obligations.open().filter(act="opinion").update(state="done", closed_at=TODAY)
    Proposal.objects.filter(pk=row.pk).update(step=steps["oversee"])
    row.step_runs.filter(left_at=None).update(step=steps["oversee"])
    row = decide(world.staff, row, "back", reason="审定有误", now=at(2026, 3, 6))
    row = decide(world.staff, row, now=at(2026, 3, 6), **MET)
    assert (row.number, row.step.code) == (1, "assign")
    assert last_line(row) == "张志强（代表工委）审定立案（第二十三次主任会议，2026年3月3日），立案，编号仍为第1号"


def test_yanshou_asks_step_by_step_and_registers_at_the_end(world: World) -> None:
    run_by(world, "yanshou8")
    row = decide(world.staff, submitted(world))
    assert (row.step.code, row.number, row.review_result) == ("qualify", None, "")
    with pytest.raises(UnableToAct, match="「定性」通过前还需要：填写性质。"):
        decide(world.staff, row)
    row = decide(world.staff, row, nature="多年重复")
    with pytest.raises(UnableToAct, match="「分类」通过前还需要：选择类别。"):
        decide(world.staff, row)
    row = decide(world.staff, row, category=world.category)
    with pytest.raises(UnableToAct, match="「会商」通过前还需要：写明说明意见。"):
        decide(world.staff, row, reason="  ")
    row = decide(world.staff, row, reason="各委室同意")
    assert (row.step.code, row.number, row.nature) == ("assign", 1, "多年重复")
    assert [event.step_label for event in row.events.filter(verb="review").order_by("pk")] == [
        "审议",
        "定性",
        "分类",
        "会商",
    ]


def test_dongkou_goes_from_township_to_council_and_back(world: World) -> None:
    run_by(world, "dongkou351")
    row = submitted(world)
    assert row.obligations.open().get().owner_congress == world.township
    with pytest.raises(UnableToAct, match="当前不能办理这一步"):
        decide(world.staff, row)
    row = decide(world.township_user, row)
    assert last_line(row) == "吴军（乡镇人大）初审通过"
    row = decide(world.staff, row, category=world.category)
    with pytest.raises(UnableToAct, match="填写会议名称和日期"):
        decide(world.staff, row)
    row = decide(world.staff, row, "return", reason="主任会议要求补充数据")
    assert (row.step.code, row.receipt_no) == ("submit", 1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"meeting": "主任会议"}, "应当一并填写"),
        ({"met_on": dt.date(2026, 3, 3)}, "应当一并填写"),
        ({"meeting": "主任会议", "met_on": dt.date(2026, 3, 4)}, "不能晚于今天"),
        ({"meeting": "主任会议", "met_on": dt.date(2026, 3, 1)}, "不能早于提出日期（2026年3月2日）"),
        ({"meeting": "会" * 101, "met_on": dt.date(2026, 3, 3)}, "会议名称最多 100 字"),
        ({"nature": "性" * 41}, "性质最多 40 字"),
    ],
)
def test_impossible_meetings_and_long_words_are_refused(world: World, given: dict, words: str) -> None:
    row = submitted(world)
    with pytest.raises(UnableToAct, match=words):
        decide(world.staff, row, **given)
    assert fresh(row).step.code == "review"


def test_category_of_another_congress_and_outcome_of_another_step_are_refused(world: World) -> None:
    row = submitted(world)
    foreign = Category.objects.create(congress=world.foreign_congress, name="别处的")
    with pytest.raises(UnableToAct, match="不是本级的建议类别"):
        decide(world.staff, row, category=foreign)
    for code in ("back", "redo", "无"):
        with pytest.raises(UnableToAct, match="「审议」没有这个办理结论"):
            decide(world.staff, row, code)


def test_unit_proposes_how_to_handle_it_only_after_its_own_contact(world: World) -> None:
    run_by(world, "dongkou351")
    row = handed_over(world, decide(world.staff, to_final_review(world, "甲"), **MET))
    now = at(2026, 3, 5)
    assert abilities(world.unit_user, fresh(row))["review"].label == "提出办理方案"
    with pytest.raises(UnableToAct, match="「主办」通过前还需要：登记与代表的联系；写明说明意见。"):
        decide(world.unit_user, row, now=now)
    services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=now)
    services.record_contact(
        proposal_id=row.pk, seen_version=None, user=world.unit_user, now=now, contacted_on=now.date(), way="phone",
        summary="听取意见",
    )  # fmt: skip
    row = decide(world.unit_user, row, reason="分三批增加校车", now=now)
    assert (row.step.code, row.number) == ("assist", 1)
    assert last_line(row) == "孙丽（县教育局）提出办理方案：分三批增加校车"


def test_gate_that_was_not_passed_holds_up_the_step(world: World) -> None:
    run_by(world, "standard5", review=["gate_guidance", "gate_quality"])
    row = submitted(world)
    with pytest.raises(UnableToAct, match="「审议」通过前还需要：通过指导关；通过质量关。"):
        decide(world.staff, row)
    services.pass_gates(
        proposal_id=row.pk, seen_version=None, user=world.township_user, now=TODAY, gates=["guidance", "quality"]
    )
    assert decide(world.staff, row).number == 1


def test_late_reviewer_reads_who_was_first(world: World) -> None:
    row = submitted(world)
    services.review(proposal_id=row.pk, seen_version=row.version, user=world.staff, now=TODAY, outcome_code="pass")
    with pytest.raises(CaseWasChanged, match="3月3日 10:00 张志强（代表工委）审查通过，立案，编为第1号"):
        services.review(
            proposal_id=row.pk,
            seen_version=row.version,
            user=world.staff,
            now=TODAY,
            outcome_code="return",
            reason="再写",
        )


def test_others_do_not_find_it(world: World) -> None:
    row = submitted(world)
    elsewhere = make.CongressFactory(name="北岭镇", level=world.township.level, parent=world.congress)
    neighbour = make.UserFactory(role="township", role__congress=elsewhere)
    for user in (world.stranger, neighbour, world.other_deputy, world.unit_user, world.gov_office):
        with pytest.raises(Proposal.DoesNotExist):
            decide(user, row)
