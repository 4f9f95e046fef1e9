"""A suggestion under each of the shipped procedures, from the deputy's phone to the reply, by the buttons of its page.

五步法: returned for revision, another deputy's suggestion merged into it, each answered separately. 八步法: a unit that is
not in charge returns it, the next one is given more time. 三审五办一测评: assigned in two levels.
"""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from casework import services as casework
from casework.calendar import spoken
from casework.models import Obligation
from proposals.models import Assignment, AssistOpinion, Distribution, ExtensionRequest, Proposal, ReturnRequest
from tests import factories as make
from tests.browser.conftest import Visitor
from tests.browser.walking import Walk, answer, decide, hand_in, parts, replies, take_up, user_of, verbs
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TITLE, BODY = "关于加强中心小学周边校车停靠管理的建议", "放学时段校车占道停靠，建议划定停靠区，安排专人疏导。"
ALIKE = "关于规范中心小学周边校车停靠管理的建议"
Visit = Callable[..., Visitor]


def three_months() -> dt.date:
    """By when what is assigned today is answered (代表法 51)."""
    return casework.compute_due(start=timezone.localdate(), rule="3M", rolls=True, source="").on


def owed(row: Proposal) -> list[tuple[str, str]]:
    rows = Obligation.objects.open().filter(case=row.pk)
    return sorted(rows.values_list("owner_label", "act"))


def number_of(row: Proposal) -> str:
    return Proposal.objects.get(pk=row.pk).display_no


def test_standard5_revised_merged_and_answered_separately(county: World, visit: Visit, live_server: LiveServer) -> None:
    walk = Walk(county, visit, live_server.url, "standard5")
    deputy, other = walk.phone(county.deputy), walk.phone(county.other_deputy)
    staff, office = walk.desk(county.staff), walk.desk(county.unit_user)

    first = hand_in(deputy, TITLE, BODY, 1)
    staff.open(first)
    decide(staff, "审查", "退回修改", "已退回修改，理由已告知代表。", 说明="请写明具体路段。")
    staff.reads("等待李春梅代表修改")

    deputy.page.goto("/")
    deputy.page.get_by_role("link", name=f"修改：{TITLE}").click()
    deputy.reads("张志强（代表工委）退回修改：请写明具体路段。")
    deputy.act("修改")
    deputy.type(正文=f"{BODY}路段为城关大街中段。")
    deputy.page.get_by_label("已逐项核对").check()
    deputy.confirm("提交", "已提交，收件号 1。")

    staff.open(first)
    decide(staff, "审查", "审查通过", "已立案，编为第1号，下一步：交办。")

    second = hand_in(other, ALIKE, "校车占道，建议设停靠点。", 2)
    staff.open(second)
    staff.act("审查")
    staff.choose("结论", "并案")
    alike = staff.page.get_by_role("complementary", name="相似的建议")
    expect(alike).to_contain_text("相似度")
    expect(alike).to_contain_text("第1号")
    alike.get_by_label("并入这一件").check()
    staff.submit("提交审查结论", "编为第2号，随主件一并交办，分别答复。")
    staff.reads("并入：第1号", "与主件一并交办，分别答复")

    staff.open(first)
    staff.act("交办")
    staff.reads("一并交办的并案建议", ALIKE)
    staff.choose("主办单位", "县教育局")
    staff.submit("交办", "已交办，承办单位已收到通知。")
    staff.reads("并入本件的建议", f"第2号 {ALIKE}", "县教育局", f"答复期限{spoken(three_months())}")

    for row, number in ((first, 7), (second, 8)):
        take_up(office, row)
        answer(office, f"云教〔2026〕{number}号", f"第{number}号答复：已划定停靠区。")

    for phone, row, theirs, others in ((deputy, first, 7, 8), (other, second, 8, 7)):
        phone.page.goto("/")
        phone.page.get_by_role("link", name=f"评价：{row.title}").click()
        phone.reads(f"云教〔2026〕{theirs}号", f"第{theirs}号答复：已划定停靠区。", "已经解决", number_of(row))
        phone.reads_not(f"云教〔2026〕{others}号")
        phone.visitor.shoot(f"31-standard5-reply-{theirs}")
    walk.clean()

    first, second = Proposal.objects.get(pk=first.pk), Proposal.objects.get(pk=second.pk)
    assert (first.number, first.merged_into, first.review_result, first.step.code) == (1, None, "registered", "rate")
    assert (second.number, second.merged_into, second.review_result, second.step.code) == (2, first, "merged", "rate")
    assert first.body == f"{BODY}路段为城关大街中段。"
    assert (replies(first), replies(second)) == ([("县教育局", "云教〔2026〕7号")], [("县教育局", "云教〔2026〕8号")])
    assert verbs(first) == [
        "submit",
        "review",
        "submit",
        "review",
        "merge",
        "assign",
        "acknowledge",
        "contact",
        "reply",
    ]
    assert verbs(second) == ["submit", "review", "assign", "acknowledge", "contact", "reply"]
    assert (owed(first), owed(second)) == ([("李春梅代表", "rate")], [("阿卜杜拉·买买提代表", "rate")])


def test_yanshou8_returned_by_a_unit_and_extended(county: World, visit: Visit, live_server: LiveServer) -> None:
    walk = Walk(county, visit, live_server.url, "yanshou8")
    deputy, staff = walk.phone(county.deputy), walk.desk(county.staff)
    police, office = walk.desk(county.police_user), walk.desk(county.unit_user)

    row = hand_in(deputy, TITLE, BODY, 1)
    staff.open(row)
    decide(staff, "审议", "审议通过", "下一步：定性。")
    decide(staff, "定性", "确定性质", "下一步：分类。", 性质="当年")
    staff.act("分类")
    staff.field("类别").select_option("教科文卫")
    staff.submit("分类", "下一步：会商。")
    decide(staff, "会商", "会商同意立案", "已立案，编为第1号，下一步：交办。", 说明意见="会商一致，同意立案。")
    staff.act("交办")
    staff.choose("主办单位", "县公安局")
    staff.submit("交办", "已交办，承办单位已收到通知。")

    police.open(row)
    police.act("申请退办")
    police.type(退办理由="校车停靠由教育部门主管。", 单位负责人="周局长")
    police.choose("建议改由哪个单位承办", "县教育局")
    police.submit("提交退办申请", "退办申请已提交。批准之前请继续办理。")
    staff.page.goto("/")
    staff.page.get_by_role("link", name=f"审批退办：{TITLE}").click()
    staff.reads("校车停靠由教育部门主管。", "周局长")
    staff.choose("审批意见", "同意")
    expect(staff.page.get_by_role("radio", name="县教育局")).to_be_checked()
    staff.submit("提交审批意见", "审批意见已保存，申请单位已收到通知。")
    staff.reads("已退办", "等待县教育局签收")
    police.page.goto("/")
    police.reads("今天没有待办")

    due = three_months()
    later = due + dt.timedelta(days=30)
    take_up(office, row)
    office.act("申请延期")
    office.reads(spoken(due))
    office.type(申请延至=later.isoformat(), 延期理由="需要与道路改造一并实施。", 单位负责人="孙局长")
    office.submit("提交延期申请", "延期申请已提交。批准之前仍按原期限办理。")
    staff.open(row)
    staff.act("审批延期")
    staff.reads("需要与道路改造一并实施。", f"{spoken(due)}")
    staff.choose("审批意见", "同意")
    expect(staff.field("批准延至")).to_have_value(later.isoformat())
    staff.submit("提交审批意见", "审批意见已保存，申请单位已收到通知。")
    staff.reads(f"原期限{spoken(due)}", f"同意延期至{spoken(later)}")
    expect(staff.owed()).to_contain_text(["县教育局 答复"])

    office.open(row)
    answer(office, "云教〔2026〕11号", "停靠区与道路改造一并实施。")
    deputy.page.goto("/")
    deputy.page.get_by_role("link", name=f"问效评价：{TITLE}").click()
    deputy.reads("第1号", "县教育局", "云教〔2026〕11号", "停靠区与道路改造一并实施。")
    deputy.visitor.shoot("32-yanshou8-reply")
    walk.clean()

    row = Proposal.objects.get(pk=row.pk)
    assert (row.number, row.nature, row.category, row.step.code) == (1, "当年", county.category, "report")
    assert parts(row) == [("县公安局", "lead", False, "returned"), ("县教育局", "lead", False, "")]
    asked = ReturnRequest.objects.get()
    assert (asked.state, asked.suggested_unit, asked.decided_by) == ("granted", county.education, county.staff)
    asked = ExtensionRequest.objects.get()
    assert (asked.state, asked.due_before, asked.granted_until) == ("granted", due, later)
    assert Assignment.objects.get(ended_at=None).due_on == later
    assert replies(row) == [("县教育局", "云教〔2026〕11号")]
    assert owed(row) == [("李春梅代表", "rate")]
    assert verbs(row)[5:] == [
        "assign", "return", "decide-return", "acknowledge", "contact", "extend", "decide-extension", "reply",
    ]  # fmt: skip


def test_dongkou351_in_two_levels_with_opinions(county: World, visit: Visit, live_server: LiveServer) -> None:
    walk = Walk(county, visit, live_server.url, "dongkou351")
    finance_user = user_of(county, make.UnitFactory(congress=county.congress, name="县财政局", sort=9))
    transport_user = user_of(county, county.transport)
    deputy, staff, gov = walk.phone(county.deputy), walk.desk(county.staff), walk.desk(county.gov_office)
    township, lead, separate = walk.desk(county.township_user), walk.desk(county.unit_user), walk.desk(transport_user)

    row = hand_in(deputy, TITLE, BODY, 1)
    township.open(row)
    decide(township, "初审", "初审通过", "下一步：代工委复审。")
    staff.open(row)
    staff.act("复审")
    staff.field("类别").select_option("教科文卫")
    staff.choose("结论", "复审通过")
    staff.submit("提交复审结论", "下一步：主任会议审定。")
    today = row.submitted_on.isoformat()
    decide(
        staff, "审定", "审定立案", "已立案，编为第1号，下一步：交办。", 会议名称="第二十三次主任会议", 会议日期=today
    )
    staff.act("交办")
    staff.choose("分办单位", "县交通运输局")
    staff.page.get_by_label("交政府办分办").check()
    staff.type(给政府办的交办意见="请明确牵头部门。")
    staff.submit("交办", "已交办，承办单位已收到通知。")
    staff.reads("交政府办，等待分办：请明确牵头部门。")

    gov.page.goto("/")
    gov.page.get_by_role("link", name=f"分办：{TITLE}").click()
    gov.reads("请明确牵头部门。", "县交通运输局（分办）", spoken(three_months()))
    gov.visitor.shoot("33-dongkou351-distribute")
    gov.choose("主办单位", "县教育局")
    gov.choose("协办单位", "县公安局", "县财政局")
    gov.submit("分办", "已分办，承办单位已收到通知。")
    gov.reads("县教育局", "县公安局", "县财政局", "县交通运输局")

    for desk in (separate, lead):
        take_up(desk, row)
        decide(desk, "提出办理方案", "", "已办理：提出办理方案", 说明意见="两个月内办结。")
    for user, name in ((county.police_user, "县公安局"), (finance_user, "县财政局")):
        desk = walk.desk(user)
        desk.open(row)
        desk.act("签收")
        desk.reads("已签收。")
        desk.act("提出协办意见")
        desk.reads("县教育局（主办）")
        desk.type(协办意见=f"{name}同意配合。")
        desk.submit("提交协办意见", "协办意见已提交，主办单位已收到通知。")
    staff.open(row)
    decide(staff, "督办", "督办通过", "下一步：答复。", 说明意见="方案可行。")

    lead.open(row)
    lead.reads("县公安局同意配合。", "县财政局同意配合。")
    answer(lead, "云教〔2026〕21号", "已会同公安、财政部门办理。")
    lead.reads("等待县交通运输局答复")
    separate.open(row)
    answer(separate, "云交〔2026〕5号", "已增设停靠点。")
    deputy.page.goto("/")
    deputy.page.get_by_role("link", name=f"评价：{TITLE}").click()
    deputy.reads("第1号", "云教〔2026〕21号", "已会同公安、财政部门办理。", "云交〔2026〕5号", "已增设停靠点。")
    deputy.visitor.shoot("33-dongkou351-reply")
    deputy.reads_not("同意配合。")
    walk.clean()

    row = Proposal.objects.get(pk=row.pk)
    assert (row.number, row.step.code, row.category) == (1, "rate", county.category)
    assert parts(row) == [
        ("县交通运输局", "separate", False, ""),
        ("县教育局", "lead", True, ""),
        ("县财政局", "assist", True, ""),
        ("县公安局", "assist", True, ""),
    ]
    assert set(Assignment.objects.values_list("due_on", flat=True)) == {three_months()}
    handed = Distribution.objects.get()
    assert (handed.note, handed.distributed_by) == ("请明确牵头部门。", county.gov_office)
    said = AssistOpinion.objects.order_by("pk").values_list("assignment__unit__name", "body", "sent_back_at")
    assert list(said) == [("县公安局", "县公安局同意配合。", None), ("县财政局", "县财政局同意配合。", None)]
    assert replies(row) == [("县教育局", "云教〔2026〕21号"), ("县交通运输局", "云交〔2026〕5号")]
    assert owed(row) == [("李春梅代表", "rate")]
