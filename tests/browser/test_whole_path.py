"""One suggestion from a deputy's phone to the second round and the end, as its people do it."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from casework.models import CaseStatus
from proposals.models import Proposal
from tests.browser.conftest import PHONE, Visitor
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TITLE = "关于加强城关镇中心小学周边校车停靠和接送秩序管理的建议"


def confirm(visitor: Visitor, words: str) -> None:
    """Press the button of the page and the same words in the question that it asks."""
    visitor.page.get_by_role("button", name=words, exact=True).click()
    visitor.page.get_by_role("dialog").get_by_role("button", name=words).click()


def shoot(visitor: Visitor, name: str) -> None:
    visitor.shoot(name)
    assert visitor.fits_the_screen(), name
    assert visitor.complaints == [], name


def test_from_the_phone_to_satisfied(county: World, visit: Callable[..., Visitor]) -> None:
    phone, desk, office = visit(PHONE), visit(), visit()

    deputy = phone.log_in(county.deputy)
    shoot(phone, "01-deputy-home")
    deputy.get_by_role("link", name="提出建议").click()
    deputy.get_by_role("textbox", name="标题").fill(TITLE)
    deputy.get_by_role("textbox", name="正文").fill(
        "放学时段校车占道停靠，接送车辆拥堵。建议划定停靠区，安排专人疏导。"
    )
    deputy.get_by_text("已保存").wait_for()
    shoot(phone, "02-deputy-draft")
    assert Proposal.objects.get().title == TITLE
    deputy.get_by_label("已逐项核对").check()
    confirm(phone, "提交")
    deputy.get_by_text("收件号 1").wait_for()
    shoot(phone, "03-deputy-submitted")

    staff = desk.log_in(county.staff)
    shoot(desk, "04-staff-home")
    staff.get_by_role("link", name=f"审查：{TITLE}").or_(
        staff.get_by_role("link", name="审查", exact=False)
    ).first.click()
    staff.get_by_role("link", name="审查", exact=True).click()
    shoot(desk, "05-staff-review")
    staff.get_by_label("审查通过").check()
    staff.get_by_role("button", name="提交审查结论").click()
    staff.get_by_role("link", name="交办", exact=True).click()
    staff.get_by_role("group", name="主办单位").get_by_label("县教育局").check()
    staff.get_by_role("group", name="协办单位").get_by_label("县公安局").check()
    shoot(desk, "06-staff-assign")
    staff.get_by_role("button", name="交办", exact=True).click()
    staff.get_by_text("已交办，承办单位已收到通知。").wait_for()
    shoot(desk, "07-staff-case")

    unit = office.log_in(county.unit_user)
    shoot(office, "08-unit-home")
    answer(office, "云教〔2026〕7号", "10-unit")
    rate(phone, attitude="满意", result="不满意", opinion="停靠区还没有划线。")
    shoot(phone, "13-deputy-dissatisfied")

    unit.goto("/")
    shoot(office, "14-unit-second-round")
    answer(office, "云教〔2026〕9号", "15-unit", promise="年底前在学校东侧划定停靠区")
    rate(phone, attitude="满意", result="满意", opinion="")
    shoot(phone, "17-deputy-closed")
    keep(office, desk)

    row = Proposal.objects.get()
    made = row.commitments.get()
    assert (made.matter, made.state, made.steps.count()) == ("年底前在学校东侧划定停靠区", "kept", 3)
    assert not row.obligations.open().exists()
    deputy.goto(row.get_absolute_url())
    deputy.get_by_text("停靠区已划线启用。").first.wait_for()
    shoot(phone, "17-deputy-kept")
    assert (row.status, row.closed_as, row.number) == (CaseStatus.CLOSED, "rated", 1)
    assert [(r.number, r.feedbacks.get().result) for r in row.rounds.all()] == [(1, "dissatisfied"), (2, "satisfied")]
    staff.goto(row.get_absolute_url())
    staff.get_by_text("第 1 轮办理").click()
    for words in ("云教〔2026〕7号", "停靠区还没有划线。", "云教〔2026〕9号"):
        assert staff.get_by_text(words).first.is_visible(), words
    shoot(desk, "18-staff-closed")
    staff.goto("/proposals/")
    shoot(desk, "19-staff-list")
    staff.goto("/notices/")
    shoot(desk, "20-staff-inbox")


def keep(office: Visitor, desk: Visitor) -> None:
    """Report progress and that the promise is kept, and have it verified, though the matter is closed."""
    unit, staff = office.page, desk.page
    for kind, text in (("报告进展，继续落实", "已完成设计。"), ("已经落实，再次答复代表", "停靠区已划线启用。")):
        unit.goto("/")
        unit.get_by_role("link", name="落实承诺：").click()
        unit.get_by_label(kind).check()
        unit.get_by_label("落实情况").fill(text)
        shoot(office, "21-unit-report")
        unit.get_by_role("button", name="提交", exact=True).click()
        unit.get_by_text("已告知代表。").wait_for()
    staff.goto("/proposals/commitments/?view=claimed")
    shoot(desk, "22-staff-commitments")
    staff.goto("/")
    staff.get_by_role("link", name="核实承诺落实：").click()
    staff.get_by_label("情况属实").check()
    shoot(desk, "23-staff-verify")
    staff.get_by_role("button", name="提交核实结果").click()
    staff.get_by_text("已核实：已落实。").wait_for()
    shoot(desk, "24-staff-kept")


def answer(office: Visitor, document_no: str, shots: str, promise: str = "") -> None:
    """Acknowledge, record the contact and reply, as the unit does."""
    unit = office.page
    unit.goto(Proposal.objects.get().get_absolute_url())
    unit.get_by_role("button", name="签收", exact=True).click()
    unit.get_by_text("已签收。").wait_for()
    unit.get_by_role("link", name="登记联系").click()
    unit.get_by_label("上门征求意见").check()
    unit.get_by_label("沟通情况").fill("到校现场察看，听取代表意见。")
    unit.get_by_role("button", name="登记联系").click()
    unit.get_by_text("联系情况已登记。").wait_for()
    unit.get_by_role("link", name="提交答复").click()
    unit.get_by_label("答复文号").fill(document_no)
    unit.get_by_label("答复内容").fill("您提出的建议收悉，现答复如下：已经办理。")
    unit.get_by_label("正在解决" if promise else "已经解决").check()
    if promise:
        unit.get_by_label("承诺解决的事项").fill(promise)
        unit.get_by_label("承诺完成期限").fill(f"{timezone.localdate() + dt.timedelta(days=60):%Y-%m-%d}")
    shoot(office, f"{shots}-reply")
    confirm(office, "提交答复")
    unit.get_by_text("答复已提交，等待代表评价。").wait_for()
    shoot(office, f"{shots}-case")


def rate(phone: Visitor, *, attitude: str, result: str, opinion: str) -> None:
    """Rate on the phone, from the home page."""
    page = phone.page
    page.goto("/")
    page.get_by_role("link", name="评价").first.click()
    page.get_by_role("link", name="评价", exact=True).click()
    page.get_by_role("group", name="办理态度").get_by_label(attitude, exact=True).check()
    page.get_by_role("group", name="办理结果").get_by_label(result, exact=True).check()
    page.get_by_label("具体意见").fill(opinion)
    shoot(phone, f"12-deputy-rate-{result}")
    page.get_by_role("button", name="提交评价").click()
    page.get_by_text("评价已提交。").wait_for()
