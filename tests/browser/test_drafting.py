"""What a deputy types on the phone survives the end of the log-in, a lost network and an error of the server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from proposals.models import Proposal
from tests import factories as make
from tests.browser.conftest import PHONE, Visitor
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TITLE, BODY = "关于增设公交站的建议", "城关中学门前没有公交站，建议增设。"
REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'out of order'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON casework_event FOR EACH ROW EXECUTE FUNCTION refuse();
"""


# Polls of a quarter of a second.
LATE = 40


@contextmanager
def database_out_of_order() -> Iterator[None]:
    """Let every handing in fail in the database."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSE)
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION refuse CASCADE")


def type_in(phone: Visitor, body: str = BODY) -> None:
    phone.page.get_by_role("textbox", name="标题").fill(TITLE)
    phone.page.get_by_role("textbox", name="正文").fill(body)


def typed(phone: Visitor) -> str:
    return phone.page.get_by_role("textbox", name="正文").input_value()


def restore(phone: Visitor) -> None:
    phone.page.get_by_role("button", name="恢复这份内容").click()
    for turn in range(120):
        if Proposal.objects.filter(body=typed(phone)).exists():
            return
        if turn == LATE:
            # On a slow machine the first try can meet a network that is not back yet; whoever types on saves as well.
            phone.page.get_by_role("textbox", name="正文").press("End")
            phone.page.keyboard.type(" ")
            phone.page.keyboard.press("Backspace")
        phone.page.wait_for_timeout(250)
    raise AssertionError(phone.page.locator("[data-save-state]").all_inner_texts())


def log_in_again(phone: Visitor, username: str) -> None:
    page = phone.page
    page.get_by_label("用户名").fill(username)
    page.locator("input[type=password]").fill(make.PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/proposals/new/")


def hand_in(phone: Visitor) -> None:
    page = phone.page
    page.get_by_label("已逐项核对").check()
    page.get_by_role("button", name="提交", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="提交").click()


def test_nothing_typed_is_lost(county: World, visit: Callable[..., Visitor]) -> None:
    phone = visit(PHONE)
    page = phone.log_in(county.deputy)

    # The log-in runs out while typing, and then again at the very moment of handing in.
    page.goto("/proposals/new/")
    Session.objects.all().delete()
    type_in(phone)
    page.get_by_text("登录已过期，没有存到系统，已存在本机").wait_for()
    assert not Proposal.objects.exists()
    hand_in(phone)
    log_in_again(phone, county.deputy.username)
    restore(phone)
    assert (typed(phone), Proposal.objects.get().body) == (BODY, BODY)

    # The network is gone: neither typing nor handing in loses anything.
    longer = BODY + "并加密班次。"
    phone.context.set_offline(True)
    type_in(phone, longer)
    page.get_by_text("没有网络，已存在本机").wait_for()
    hand_in(phone)
    page.get_by_text("没有网络，还没有提交").wait_for()
    url = page.url
    page.goto("about:blank")
    phone.context.set_offline(False)
    page.goto(url)
    restore(phone)
    assert (typed(phone), Proposal.objects.get().body) == (longer, longer)

    # The server fails: the draft is kept there, and the text on the page that one comes back to.
    with database_out_of_order():
        hand_in(phone)
        page.get_by_role("heading", name="系统出了问题").wait_for()
        page.go_back()
        assert typed(phone) == longer
    assert (Proposal.objects.get().body, Proposal.objects.get().submitted_on) == (longer, None)
    hand_in(phone)
    page.get_by_text("收件号 1").wait_for()
    row = Proposal.objects.get()
    assert (row.title, row.body, row.receipt_no) == (TITLE, longer, 1)
    page.goto("/proposals/new/")
    assert page.get_by_role("button", name="恢复这份内容").count() == 0


def test_the_form_shows_what_a_bill_needs(county: World, visit: Callable[..., Visitor]) -> None:
    phone = visit(PHONE)
    page = phone.log_in(county.deputy)
    page.goto("/proposals/new/")
    assert not page.get_by_role("textbox", name="案据").is_visible()
    phone.shoot("draft-suggestion")
    page.get_by_label("议案", exact=True).check()
    assert page.get_by_role("textbox", name="案据").is_visible()
    phone.shoot("draft-bill")
    assert phone.fits_the_screen()
    assert phone.complaints == []
