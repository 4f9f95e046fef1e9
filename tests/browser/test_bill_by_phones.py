"""A bill, for which nine deputies sign on their phones: with nine signatures it is refused, with ten handed in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from proposals.models import Cosignature, Proposal
from tests import factories as make
from tests.browser.conftest import Visitor
from tests.browser.walking import Walker
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SMALL = {"width": 360, "height": 740}
TITLE = "关于制定校车安全管理办法的议案"
SUBJECT, GROUNDS, PLAN = "校车管理没有地方性规定。", "《校车安全管理条例》第三条。", "由县人大常委会作出决定。"
TOO_FEW = "议案应当有10名以上代表联名（含领衔代表），现有9名，还差1名。"


def test_a_bill_of_ten_is_signed_on_phones(county: World, visit: Callable[..., Visitor]) -> None:
    signers = [county.other_deputy]
    for n in range(8):
        user = make.UserFactory(name=f"联名代表{n}", role="deputy", role__congress=county.congress)
        make.SeatFactory(term=county.term, delegation=county.seat.delegation, person__name=user.name, person__user=user)
        signers.append(user)

    lead = Walker(visit(SMALL))
    lead.visitor.log_in(county.deputy)
    lead.page.get_by_role("link", name="提出建议").first.click()
    lead.page.get_by_label("议案", exact=True).check()
    lead.type(标题=TITLE, 正文=SUBJECT, 案据=GROUNDS, 方案=PLAN)
    lead.submit("保存草稿", "草稿已保存，可以随时继续填写。")
    row = Proposal.objects.get()
    lead.page.locator("main form").get_by_role("link", name="邀请联名").click()
    lead.reads("议案须有 10 名以上代表联名，现有 1 名，还差 9 名。")
    lead.choose("邀请联名的代表", *[user.name for user in signers])
    lead.fits()
    lead.submit("发出邀请", "已发出联名邀请。")

    for user in signers[:-1]:
        sign(Walker(visit(SMALL)), user)
    lead.page.reload()
    lead.reads("现有 9 名，还差 1 名。")
    lead.visitor.shoot("34-bill-nine-signed")
    lead.page.get_by_role("link", name="返回填写").first.click()
    lead.page.get_by_label("已逐项核对").check()
    lead.confirm("提交", TOO_FEW)
    lead.visitor.shoot("34-bill-refused")
    expect(lead.field("方案")).to_have_value(PLAN)
    # The browser notes down that the server refused.
    assert ["422" in words for words in lead.visitor.complaints] == [True]
    lead.visitor.complaints.clear()
    lead.fits()
    assert Proposal.objects.get(pk=row.pk).submitted_on is None

    sign(Walker(visit(SMALL)), signers[-1])
    lead.confirm("提交", "已提交，收件号 1。")
    lead.reads("等待代表工委审查", "9 人：", *[user.name for user in signers])
    lead.fits()

    row = Proposal.objects.get()
    assert (row.form, row.receipt_no, row.title) == ("bill", 1, TITLE)
    assert (row.body, row.grounds, row.plan) == (SUBJECT, GROUNDS, PLAN)
    assert row.step.code == "review"
    signed = Cosignature.objects.signed().filter(proposal=row).values_list("seat__person__user", flat=True)
    assert sorted(signed) == sorted(user.pk for user in signers)
    said = [event.actor_id for event in row.events.filter(verb="cosign").order_by("pk")]
    assert said == [user.pk for user in signers]


def sign(phone: Walker, user: object) -> None:
    """Log in, find the invitation among what is to be done, read the bill and sign it."""
    phone.visitor.log_in(user)
    phone.page.get_by_role("link", name=f"联名：{TITLE}").click()
    phone.act("答复联名邀请")
    phone.reads("李春梅代表（城关代表团）邀请您联名", TITLE, SUBJECT, GROUNDS, PLAN)
    phone.choose("您的意见", "同意联名")
    phone.fits()
    phone.submit("提交答复", "您已同意联名。")
