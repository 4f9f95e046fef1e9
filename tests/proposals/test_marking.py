"""Gates of quality, bills and suggestions turned into each other, key items, and what became of them over the years."""

import datetime as dt

import pytest
from django.urls import reverse

from casework.models import CaseStatus
from casework.services import UnableToAct
from notices.models import Notice
from proposals import services
from proposals.abilities import abilities
from proposals.models import GateCheck, Milestone, Proposal
from proposals.rules import text_digest
from tests import factories as make
from tests.factories import at
from tests.proposals.reviewed import TODAY, decide, fresh, last_line, run_by
from tests.proposals.test_proposal_pages import as_user
from tests.proposals.test_proposal_path import answered, assigned, registered, submitted
from tests.world import World

WHY = "没有列入会议议程"


def act(service: object, row: Proposal, user: object, now: dt.datetime = TODAY, **given: object) -> object:
    return service(proposal_id=row.pk, seen_version=fresh(row).version, user=user, now=now, **given)


def test_each_gate_is_recorded_once_with_who_and_when(world: World) -> None:
    row = submitted(world)
    act(services.pass_gates, row, world.township_user, gates=["study", "guidance"], note="已实地调研")
    assert last_line(row) == "吴军（乡镇人大）通过指导关、调研关：已实地调研"
    with pytest.raises(UnableToAct, match="调研关已由吴军于2026年3月3日登记通过，不用再登记。"):
        act(services.pass_gates, row, world.staff, gates=["quality", "study"])
    act(services.pass_gates, row, world.staff, gates=["quality"])
    assert list(GateCheck.objects.values_list("gate", "passed_by__name")) == [
        ("guidance", "吴军"),
        ("study", "吴军"),
        ("quality", "张志强"),
    ]


@pytest.mark.parametrize("gates", [[], ["无"], ["quality", "无"]])
def test_no_gate_and_unknown_gates_are_refused(world: World, gates: list[str]) -> None:
    row = submitted(world)
    with pytest.raises(UnableToAct, match="请选择这次通过的关口"):
        act(services.pass_gates, row, world.staff, gates=gates)
    with pytest.raises(UnableToAct, match="说明最多 500 字，现在有 501 字"):
        act(services.pass_gates, row, world.staff, gates=["quality"], note="说" * 501)
    assert not GateCheck.objects.exists()


def test_gates_are_for_the_review_by_office_and_township(world: World) -> None:
    row = submitted(world)
    assert "gate" not in abilities(world.leader, fresh(row))
    assert "gate" not in abilities(world.deputy, fresh(row))
    assert abilities(world.staff, fresh(row))["gate"].is_minor
    run_by(world, "standard5", review=["gate_study"])
    assert not abilities(world.township_user, fresh(row))["gate"].is_minor
    assert "gate" not in abilities(world.staff, fresh(decide_with_gate(world, row)))


def decide_with_gate(world: World, row: Proposal) -> Proposal:
    act(services.pass_gates, row, world.staff, gates=["study"])
    return decide(world.staff, row)


def bill(world: World, *, signers: int) -> Proposal:
    """Return a bill under review, signed by so many deputies beside the lead one."""
    row = submitted(world, title="关于校车安全的议案")
    Proposal.objects.filter(pk=row.pk).update(form="bill", grounds="事故多发", plan="增加校车")
    row = fresh(row)
    for _ in range(signers):
        seat = make.SeatFactory(term=world.term, delegation=world.seat.delegation)
        row.cosignatures.create(seat=seat, text_digest=text_digest(row))
    return row


@pytest.mark.django_db(transaction=True)
def test_bill_that_is_not_on_the_agenda_becomes_a_suggestion() -> None:
    from tests.world import build_world

    world = build_world()
    row = bill(world, signers=2)
    act(services.convert, row, world.staff, reason=WHY)
    row = fresh(row)
    assert (row.form, row.receipt_no, row.step.code) == ("suggestion", 1, "review")
    assert last_line(row) == f"张志强（代表工委）将本件由议案转为建议：{WHY}"
    assert Notice.objects.get(recipient=world.deputy).title == "已由议案转为建议：关于校车安全的议案"
    # Who signed the bill stands by the suggestion.
    assert set(row.cosignatures.values_list("text_digest", flat=True)) == {text_digest(row)}
    assert decide(world.staff, row).number == 1


def test_suggestion_becomes_a_bill_only_with_what_a_bill_needs(world: World) -> None:
    row = submitted(world)
    with pytest.raises(
        UnableToAct, match="应有 10 名以上代表联名（含领衔代表），现有 1 名；没有写明案据；没有写明方案"
    ):
        act(services.convert, row, world.staff, reason="代表要求")
    for n in range(8):
        seat = make.SeatFactory(term=world.term, delegation=world.seat.delegation)
        row.cosignatures.create(seat=seat, state="accepted" if n < 7 else "declined")
    Proposal.objects.filter(pk=row.pk).update(grounds="案据", plan="方案", paper_cosigners=1)
    with pytest.raises(UnableToAct, match="现有 9 名（地方组织法第二十二条）"):
        act(services.convert, row, world.staff, reason="代表要求")
    assert fresh(row).form == "suggestion"
    Proposal.objects.filter(pk=row.pk).update(paper_cosigners=2)
    act(services.convert, row, world.staff, reason="代表要求")
    assert fresh(row).form == "bill"


def test_conversion_asks_for_a_reason_and_the_review(world: World) -> None:
    row = submitted(world)
    with pytest.raises(UnableToAct, match="请填写转换的理由"):
        act(services.convert, row, world.staff, reason=" \x00 ")
    with pytest.raises(UnableToAct, match="当前不能办理这一步"):
        act(services.convert, row, world.township_user, reason=WHY)
    row = decide(world.staff, row)
    with pytest.raises(UnableToAct, match="当前不能办理这一步"):
        act(services.convert, row, world.staff, reason=WHY)


def test_council_of_chairpersons_makes_a_key_item_and_takes_it_back(world: World) -> None:
    row = decide(world.staff, submitted(world), nature="重点")
    meeting = {"meeting": "第二十三次主任会议", "decided_on": dt.date(2026, 3, 3)}
    act(services.mark_key, row, world.staff, **meeting)
    row = fresh(row)
    assert (row.is_key, row.key_meeting, row.key_decided_on) == (True, "第二十三次主任会议", dt.date(2026, 3, 3))
    assert last_line(row) == "张志强（代表工委）登记：第二十三次主任会议（2026年3月3日）确定本件为重点督办建议"
    with pytest.raises(UnableToAct, match="本件已由第二十三次主任会议确定"):
        act(services.mark_key, row, world.staff, **meeting)
    with pytest.raises(UnableToAct, match="请填写取消的理由"):
        act(services.unmark_key, row, world.staff, reason="")
    act(services.unmark_key, row, world.staff, reason="登记有误")
    row = fresh(row)
    assert (row.is_key, row.key_meeting, row.key_decided_on, row.nature) == (False, "", None, "重点")
    assert last_line(row) == "张志强（代表工委）取消重点督办（原由第二十三次主任会议，2026年3月3日确定）：登记有误"
    with pytest.raises(UnableToAct, match="不用取消"):
        act(services.unmark_key, row, world.staff, reason="再取消")


def test_meeting_typed_while_another_clerk_was_first_is_kept(world: World) -> None:
    row = registered(world)
    other = make.UserFactory(name="王敏", role="staff", role__congress=world.congress)
    client, url = as_user(other), reverse("proposals:key", args=[row.pk])
    typed = {"version": fresh(row).version, "meeting": "第二十四次主任会议", "decided_on": "2026-03-03"}
    act(services.mark_key, row, world.staff, meeting="第二十三次主任会议", decided_on=dt.date(2026, 3, 3))
    page = client.post(url, typed)
    assert (page.status_code, "第二十四次主任会议" in page.content.decode()) == (409, True)
    typed = {"version": fresh(row).version, "reason": "主任会议另有安排"}
    act(services.unmark_key, row, world.staff, reason="登记有误")
    page = client.post(url, typed)
    assert (page.status_code, "主任会议另有安排" in page.content.decode()) == (409, True)
    assert not fresh(row).is_key


@pytest.mark.parametrize(
    ("meeting", "on", "words"),
    [
        ("", dt.date(2026, 3, 3), "请填写主任会议的名称"),
        ("会" * 101, dt.date(2026, 3, 3), "主任会议的名称最多 100 字"),
        ("主任会议", dt.date(2026, 3, 4), "会议日期不能晚于今天"),
        ("主任会议", dt.date(2026, 3, 1), "会议日期不能早于提出日期（2026年3月2日）"),
    ],
)
def test_impossible_meetings_make_no_key_item(world: World, meeting: str, on: dt.date, words: str) -> None:
    row = registered(world)
    with pytest.raises(UnableToAct, match=words):
        act(services.mark_key, row, world.staff, meeting=meeting, decided_on=on)
    assert not fresh(row).is_key


def test_key_items_are_the_offices_and_registered_ones(world: World) -> None:
    row = submitted(world)
    assert "key" not in abilities(world.staff, fresh(row))
    row = assigned(world, title="乙")
    assert "key" in abilities(world.staff, fresh(row))
    for user in (world.leader, world.gov_office, world.unit_user, world.deputy, world.township_user):
        assert not {"key", "milestone", "convert"} & set(abilities(user, fresh(row))), user


def test_bill_is_followed_over_three_years_also_after_it_was_closed(world: World) -> None:
    """D13: one bill, on the agenda, reported on, inquired into, inspected, until 42 buses carry 2600 pupils."""
    row = answered(world)
    services.rate(
        proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=at(2026, 3, 25), attitude="satisfied",
        result="satisfied",
    )  # fmt: skip
    assert fresh(row).status == CaseStatus.CLOSED
    years = [
        ("agenda", at(2026, 4, 2), "第三十一次常委会会议", "列入会议议程，决定由县政府报告。"),
        ("report", at(2026, 12, 20), "第三十五次常委会会议", "听取校车安全专项报告。"),
        ("inquiry", at(2027, 6, 10), "第三十九次常委会会议", "专题询问 5 个部门。"),
        ("inspection", at(2028, 5, 8), "", "视察 6 所学校。"),
        ("progress", at(2028, 9, 1), "", "新增 42 辆校车，接送 2600 名学生。"),
    ]
    for kind, now, meeting, text in years:
        act(
            services.add_milestone, row, world.staff, now, kind=kind, happened_on=now.date(), meeting=meeting, text=text
        )
    assert list(Milestone.objects.values_list("kind", "happened_on")) == [(k, n.date()) for k, n, _, _ in years]
    assert row.events.filter(verb="milestone").count() == 5
    assert last_line(row) == (
        "张志强（代表工委）登记跟踪情况：2028年9月1日，办理进展：新增 42 辆校车，接送 2600 名学生。"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "无"}, "请选择跟踪的事项"),
        ({"text": "  "}, "请填写情况"),
        ({"text": "情" * 1001}, "情况最多 1000 字"),
        ({"meeting": "会" * 101}, "会议名称最多 100 字"),
        ({"happened_on": dt.date(2026, 3, 4)}, "日期不能晚于今天"),
        ({"happened_on": dt.date(2026, 3, 1)}, "日期不能早于提出日期（2026年3月2日）"),
    ],
)
def test_wrong_milestones_are_refused(world: World, given: dict, words: str) -> None:
    row = registered(world)
    good = {"kind": "progress", "happened_on": dt.date(2026, 3, 3), "text": "进展"}
    with pytest.raises(UnableToAct, match=words):
        act(services.add_milestone, row, world.staff, **(good | given))
    assert not Milestone.objects.exists()


def test_what_was_not_registered_is_not_followed(world: World) -> None:
    row = decide(world.staff, submitted(world), "not_registered", not_registered_reason="empty")
    assert "milestone" not in abilities(world.staff, fresh(row))
