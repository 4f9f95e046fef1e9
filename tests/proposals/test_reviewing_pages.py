"""The pages of the review and of what the office keeps on record: what they show, and what bad input comes to."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casework.models import Event
from proposals import services
from proposals.models import GateCheck, Proposal
from tests import factories as make
from tests.proposals.reviewed import TODAY, decide, fresh, handed_over, run_by, to_final_review
from tests.proposals.rows import write_proposals
from tests.proposals.test_proposal_pages import as_user, case_url, page
from tests.proposals.test_proposal_path import registered, submitted
from tests.proposals.test_reviewing_steps import MET
from tests.world import World

HUGE = "长" * 30_000
ACTS = ["review", "gate", "convert", "key", "milestone"]


def post(client: Client, row: Proposal, act: str = "review", **data: object) -> object:
    return client.post(case_url(row, act), {"version": fresh(row).version} | data)


def words(answer: object) -> str:
    """Return what the page says, without marks."""
    text = answer.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


def outcome_codes(text: str) -> list[str]:
    return re.findall(r'name="outcome" value="(\w+)"', text)


def test_review_shows_text_similar_items_and_the_outcomes_of_the_step(world: World) -> None:
    earlier = registered(world, title="关于加强学校周边校车安全管理的建议")
    row = submitted(world)
    text = page(as_user(world.staff), case_url(row, "review"))
    assert outcome_codes(text) == ["pass", "return", "merge", "not_registered"]
    assert "校车超载，建议加密班次。" in text
    assert re.search(rf'<a href="{earlier.get_absolute_url()}" target="_blank" rel="noopener">', text)
    assert re.search(
        r"相似度 \d+</span><span>第1号</span><span>[^<]*第五次会议</span><span>李春梅</span><span>交办<", text
    )
    assert f'name="merge_into" value="{earlier.pk}"' in text
    assert "审查通过后立案并编号，转入「交办」。退回修改、不予立案会告知代表。" in text


def test_no_similar_items_are_said_in_words(world: World) -> None:
    assert "没有发现相似的建议。" in page(as_user(world.staff), case_url(submitted(world), "review"))


def test_decision_of_a_unit_does_not_speak_of_the_review(world: World) -> None:
    run_by(world, "dongkou351")
    row = handed_over(world, decide(world.staff, to_final_review(world, "甲"), **MET))
    text = page(as_user(world.unit_user), case_url(row, "review"))
    main = text[text.index("<main") : text.index("</main")]
    for word in ("审查", "立案", "相似", "类别", "并案"):
        assert word not in main, word
    assert "<h1>提出办理方案</h1>" in main
    assert "通过前还需要：登记与代表的联系。" in main
    assert 'type="hidden" name="outcome" value="pass"' in main


def test_final_review_asks_for_the_meeting_and_puts_the_rest_away(world: World) -> None:
    run_by(world, "dongkou351")
    row = to_final_review(world, "甲")
    text = page(as_user(world.staff), case_url(row, "review"))
    before, after = text[text.index('id="decide"') :].split("<details", 1)
    assert 'name="meeting"' in before
    assert 'name="met_on"' in before
    assert 'name="nature"' in after
    answer = post(as_user(world.staff), row, outcome="pass", meeting="第二十三次主任会议", met_on="2999-01-01")
    assert answer.status_code == 422
    assert "会议日期不能晚于今天" in words(answer)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"outcome": "pass", "nature": "当年"}, "已立案，编为第2号，下一步：交办。"),
        ({"outcome": "return", "reason": "请补充"}, "已退回修改，理由已告知代表。"),
        ({"outcome": "not_registered", "not_registered_reason": "empty"}, "已决定不予立案，已告知代表。"),
        ({"outcome": "merge", "merge_number": "第1号"}, "，编为第2号，随主件一并交办，分别答复。"),
        # What was filled in for another outcome than the one chosen does not count.
        ({"outcome": "pass", "not_registered_reason": "empty", "merge_number": "99"}, "已立案，编为第2号"),
    ],
)
def test_decision_is_said_in_words(world: World, data: dict, said: str) -> None:
    registered(world, title="主件")
    row = submitted(world)
    client = as_user(world.staff)
    answer = post(client, row, **data)
    assert (answer.status_code, answer.url) == (302, case_url(row))
    assert said in words(client.get(answer.url))


def test_bad_input_is_answered_with_words(world: World) -> None:
    main, row = registered(world, title="主件"), submitted(world)
    foreign_category = 10**30
    cases = [
        ({}, "请选择结论。"),
        ({"outcome": "back"}, "没有这个办理结论"),
        ({"outcome": HUGE}, "没有这个结论，请重新选择。"),
        ({"outcome": "pa\x00ss"}, "没有这个结论，请重新选择。"),
        ({"outcome": "return"}, "退回修改应当写明理由，代表才知道怎样修改。"),
        ({"outcome": "return", "reason": HUGE}, "2000"),
        ({"outcome": "return", "reason": "甲\x00乙"}, "空字符"),
        ({"outcome": "not_registered"}, "不予立案应当选择理由。"),
        ({"outcome": "not_registered", "not_registered_reason": "随便"}, "没有这个理由，请重新选择。"),
        ({"outcome": "pass", "category": foreign_category}, "没有这个类别，请重新选择。"),
        ({"outcome": "pass", "nature": HUGE}, "40"),
        ({"outcome": "pass", "met_on": "2026-13-45", "meeting": "主任会议"}, "有效的日期"),
        ({"outcome": "pass", "meeting": "主任会议"}, "会议名称和会议日期应当一并填写。"),
        ({"outcome": "merge"}, "并案应当选择并入哪一件，或者填写编号。"),
        ({"outcome": "merge", "merge_into": row.pk}, "不能并入它自己。"),
        ({"outcome": "merge", "merge_into": "abc"}, "没有找到这一件"),
        ({"outcome": "merge", "merge_into": 10**40}, "没有找到这一件"),
        ({"outcome": "merge", "merge_number": "第99号"}, "没有编号为「第99号」的件"),
        ({"outcome": "merge", "merge_number": "١٢"}, "没有编号为"),
        ({"outcome": "merge", "merge_number": "2147483648"}, "没有编号为"),
    ]
    client, events = as_user(world.staff), Event.objects.count()
    for data, said in cases:
        answer = post(client, row, **data)
        assert (answer.status_code, said in words(answer)) == (422, True), (data.keys(), words(answer)[:900])
    other = submitted(world, title="另一件")
    Proposal.objects.filter(pk=other.pk).update(number=7)
    answer = post(client, row, outcome="merge", merge_into=main.pk, merge_number="7")
    assert "请只留一件" in words(answer)
    assert re.search(rf'value="{main.pk}" form="decide" checked', answer.content.decode())
    assert Event.objects.count() == events + 1
    assert fresh(row).step.code == "review"


def test_main_item_of_another_congress_or_out_of_sight_is_not_found(world: World) -> None:
    row = submitted(world)
    hidden = write_proposals(
        world, [{"title": "外县的件", "congress": world.foreign_congress, "receipt_no": 9}], step="assign"
    )[0]
    for pk in (hidden.pk, 10**9):
        assert "没有找到这一件" in words(post(as_user(world.staff), row, outcome="merge", merge_into=pk))


def test_late_reviewer_keeps_the_text_and_reads_who_was_first(world: World) -> None:
    colleague = make.UserFactory(name="王建国", role="staff", role__congress=world.congress)
    row = submitted(world)
    seen = row.version
    decide(world.staff, row)
    answer = as_user(colleague).post(
        case_url(row, "review"), {"version": seen, "outcome": "return", "reason": "我写了很久的意见"}
    )
    said = words(answer)
    assert answer.status_code == 409
    assert "张志强（代表工委）审查通过，立案，编为第1号" in said
    assert "我写了很久的意见" in said


def test_late_reviewer_of_an_earlier_step_sees_the_present_one(world: World) -> None:
    run_by(world, "yanshou8")
    colleague = make.UserFactory(name="王建国", role="staff", role__congress=world.congress)
    row = submitted(world)
    seen = row.version
    decide(world.staff, row)
    answer = as_user(colleague).post(
        case_url(row, "review"), {"version": seen, "outcome": "return", "reason": "我写了很久的意见"}
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "<h1>定性</h1>" in text
    assert outcome_codes(text) == ["pass", "not_registered"]
    assert "我写了很久的意见" in text


def test_others_get_no_page(world: World) -> None:
    row = submitted(world)
    elsewhere = make.CongressFactory(name="北岭镇", level=world.township.level, parent=world.congress)
    neighbour = make.UserFactory(role="township", role__congress=elsewhere)
    for act in ACTS:
        for user in (world.stranger, neighbour, world.unit_user, world.gov_office, world.other_deputy):
            assert as_user(user).get(case_url(row, act)).status_code == 404, (act, user)
            assert post(as_user(user), row, act).status_code == 404, (act, user)
        for user in (world.leader, world.deputy):
            assert as_user(user).get(case_url(row, act)).status_code == 409, (act, user)


def test_gates_page_says_who_passed_what(world: World) -> None:
    run_by(world, "standard5", review=["gate_guidance", "gate_study"])
    row = submitted(world)
    client = as_user(world.township_user)
    assert page(client, case_url(row, "gate")).count("本步骤通过前必须登记") == 2
    answer = post(client, row, "gate", gates=["guidance"], note="已指导修改")
    assert "已登记，还没有通过的：调研关、质量关。" in words(client.get(answer.url))
    text = page(client, case_url(row, "gate"))
    assert "吴军" in text
    assert "已指导修改" in text
    assert 'value="guidance"' not in text
    review = as_user(world.staff).get(case_url(row, "review"))
    assert "通过前还需要：通过调研关。" in words(review)
    for data in ({}, {"gates": ["无"]}, {"gates": [HUGE, "\x00"]}, {"gates": ["study"], "note": HUGE}):
        assert post(client, row, "gate", **data).status_code == 422
    assert "指导关已由吴军于" in words(post(client, row, "gate", gates=["guidance", "study"]))
    post(client, row, "gate", gates=["study", "quality"])
    assert GateCheck.objects.count() == 3
    assert "三关都已登记" in page(client, case_url(row, "gate"))


def test_office_marks_are_made_and_said(world: World) -> None:
    client, row = as_user(world.staff), registered(world)
    day = {"meeting": "第二十三次主任会议"}
    today = fresh(row).submitted_on.isoformat()
    for data in ({}, day, {"decided_on": today}, day | {"decided_on": "x"}, {"meeting": HUGE, "decided_on": today}):
        assert post(client, row, "key", **data).status_code == 422, data.keys()
    answer = post(client, row, "key", decided_on=today, **day)
    assert "已登记：第二十三次主任会议确定第1号为重点督办" in words(client.get(answer.url))
    assert "第二十三次主任会议（2026年3月2日）确定为重点督办" in words(client.get(case_url(row, "key")))
    assert post(client, row, "key", reason=" ").status_code == 422
    answer = post(client, row, "key", reason="登记有误")
    assert "已取消重点督办。" in words(client.get(answer.url))
    good = {"kind": "progress", "happened_on": today, "text": "新增 42 辆校车，接送 2600 名学生。"}
    for wrong in ({"kind": "无"}, {"kind": ""}, {"happened_on": "9999-99-99"}, {"text": HUGE}, {"text": "甲\x00"},
                  {"meeting": HUGE}, {"happened_on": "2999-01-01"}):  # fmt: skip
        assert post(client, row, "milestone", **(good | wrong)).status_code == 422, wrong.keys()
    answer = post(client, row, "milestone", **good)
    assert "已登记跟踪情况：2026年3月2日，办理进展。" in words(client.get(answer.url))
    assert "新增 42 辆校车" in page(client, case_url(row, "milestone"))


def test_conversion_is_made_and_said(world: World) -> None:
    client, row = as_user(world.staff), submitted(world)
    assert post(client, row, "convert").status_code == 422
    assert "现有 1 名" in words(post(client, row, "convert", reason="代表要求"))
    Proposal.objects.filter(pk=row.pk).update(form="bill")
    assert "<h1>转为建议</h1>" in page(client, case_url(row, "convert"))
    answer = post(client, row, "convert", reason="没有列入议程")
    assert "已转为建议，已告知代表。" in words(client.get(answer.url))


@pytest.mark.parametrize("rows", [3, 300])
def test_review_page_asks_the_same_whatever_there_is(world: World, rows: int) -> None:
    run_by(world, "standard5", review=["gate_guidance", "category"])
    write_proposals(
        world,
        [{"title": f"关于校车安全管理的第{n}件建议", "number": n + 10, "receipt_no": n + 10} for n in range(rows)],
        step="assign",
    )
    row = submitted(world)
    client = as_user(world.staff)
    client.get(case_url(row, "review"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        text = page(client, case_url(row, "review"))
    assert text.count('class="tag">相似度') == min(rows, 5)
    assert len(queries) == 14, "\n".join(query["sql"][:160] for query in queries)
    services.pass_gates(proposal_id=row.pk, seen_version=None, user=world.staff, now=TODAY, gates=["guidance"])
