"""A round in real browsers: prepared at a desk, voted in on small phones with and without an account, read at a desk."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from ratings.models import RatingRound
from tests.browser.conftest import PHONE, Visitor
from tests.ratings.rounds import codes_of, typed
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL = {"width": 360, "height": 740}
NAMES = (
    "关于加快推进城乡供水一体化建设切实解决北岭片区群众季节性饮水困难问题的建议",
    "关于加密校车班次的建议",
    "关于整治城区占道停车的建议",
)


def test_round_on_phones(county: World, visit: Callable[..., Visitor]) -> None:
    desk = visit()
    page = desk.log_in(county.staff)
    page.goto(reverse("ratings:list"))
    desk.shoot("rating-empty")
    page.get_by_role("link", name="新建测评").first.click()
    page.get_by_label("名称").fill("2026年重点建议办理情况评议")
    page.get_by_label("测评对象").fill("\n".join(NAMES))
    page.get_by_label("无记名").check()
    page.get_by_label("可以选“弃权”").check()
    page.get_by_label("每个对象可以写意见").check()
    desk.shoot("rating-new")
    page.get_by_role("button", name="保存").click()
    desk.shoot("rating-draft")
    round_ = RatingRound.objects.get()
    page.get_by_role("link", name="确定测评人").click()
    page.get_by_label("全体代表").check()
    desk.shoot("rating-voters")
    page.get_by_role("button", name="增加测评人").click()
    page.goto(reverse("ratings:codes", args=[round_.pk]))
    page.get_by_role("button", name="印发票码").click()
    page.get_by_role("link", name="打印没有用过的票码").click()
    desk.shoot("rating-codes")
    page.goto(reverse("ratings:round", args=[round_.pk]))
    page.get_by_role("button", name="开始测评").click()
    page.get_by_role("dialog").get_by_role("button", name="开始测评").click()
    page.get_by_text("测评已开始").wait_for()

    phone = visit(SMALL)
    paper = phone.log_in(county.deputy)
    paper.get_by_role("navigation", name="底部导航").get_by_role("link", name="测评").click()
    phone.shoot("rating-list-360")
    assert phone.fits_the_screen()
    paper.get_by_role("link", name="去投票").click()
    phone.shoot("rating-vote-360")
    assert phone.fits_the_screen()
    paper.get_by_role("group", name=NAMES[0]).get_by_label("满意", exact=True).check()
    paper.get_by_role("group", name=NAMES[1]).get_by_label("弃权").check()
    paper.get_by_role("button", name="提交投票").click()
    paper.get_by_text("请选择一项").first.wait_for()
    phone.shoot("rating-vote-missing-360")
    assert paper.get_by_role("group", name=NAMES[0]).get_by_label("满意", exact=True).is_checked()
    paper.get_by_role("group", name=NAMES[2]).get_by_label("不满意").check()
    paper.get_by_text("写意见").last.click()
    paper.get_by_label(f"对“{NAMES[2]}”的意见").fill("停车位还是不够")
    paper.get_by_role("button", name="提交投票").click()
    paper.get_by_text("您已投过票").wait_for()
    phone.shoot("rating-voted-360")

    guest = visit(PHONE)
    slip = guest.page
    slip.goto(reverse("ballot:enter"))
    guest.shoot("rating-enter-390")
    code = codes_of(round_)[0]
    slip.get_by_label("票码").fill(f"{code[:4]}-{code[4:]}")
    slip.get_by_role("button", name="打开选票").click()
    guest.shoot("rating-guest-390")
    assert guest.fits_the_screen()
    for name in NAMES:
        slip.get_by_role("group", name=name).get_by_label("基本满意").check()
    slip.get_by_role("button", name="提交投票").click()
    slip.get_by_text("您已投过票").wait_for()

    page.goto(reverse("ratings:paper", args=[round_.pk]))
    desk.shoot("rating-paper-empty")
    typed(county, round_, 10, *[[6, 2, 1, 1]] * 3, note="第一会场")
    page.reload()
    desk.shoot("rating-paper")
    page.goto(reverse("ratings:round", args=[round_.pk]))
    desk.shoot("rating-open")
    page.get_by_role("button", name="结束测评").click()
    page.get_by_role("dialog").get_by_role("button", name="结束测评").click()
    page.get_by_role("link", name="查看结果").click()
    desk.shoot("rating-results")
    assert page.get_by_text("停车位还是不够").is_visible()
    page.get_by_role("link", name="看表格").click()
    desk.shoot("rating-table")
    page.set_viewport_size(SMALL)
    assert desk.fits_the_screen()
    desk.shoot("rating-table-360")
    page.get_by_role("link", name="看图").click()
    assert desk.fits_the_screen()
    desk.shoot("rating-results-360")
    # The one complaint is the browser's about the refused ballot.
    assert [len(one.complaints) for one in (desk, guest, phone)] == [0, 0, 1]
