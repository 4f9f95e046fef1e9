"""A passkey in a real browser, under the portal's own policy: registered, asked for, enough by itself, removed."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from tests import factories as make
from tests.browser.conftest import PHONE, Visitor
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_key(visitor: Visitor, *, verifies: bool = True) -> None:
    """Give a browser a device that knows its owner."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verifies, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def leave(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/accounts/login/**")


def test_from_registering_to_removing(county: World, visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    with_key(visitor)
    page = visitor.log_in(county.deputy)
    page.goto("/accounts/security/")
    page.get_by_role("link", name="通行密钥").click()
    page.get_by_role("link", name="登记通行密钥").click()
    page.locator("input[type=password]").fill(make.PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.get_by_label("名称").fill("我的手机")
    visitor.shoot("passkey-add")
    assert visitor.fits_the_screen()
    page.get_by_role("button", name="登记通行密钥").click()
    expect(page.get_by_role("heading", name="备用码")).to_be_visible()
    # As the second factor.
    leave(page)
    page.get_by_label("用户名").fill(county.deputy.username)
    page.locator("input[type=password]").fill(make.PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="二次验证")).to_be_visible()
    visitor.shoot("passkey-second")
    page.get_by_role("button", name="使用通行密钥").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    # Alone.
    leave(page)
    visitor.shoot("passkey-login")
    assert visitor.fits_the_screen()
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto("/accounts/2fa/webauthn/")
    visitor.shoot("passkey-list")
    assert visitor.fits_the_screen()
    page.get_by_role("link", name="删除我的手机").click()
    page.locator("input[type=password]").fill(make.PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.get_by_role("button", name="删除通行密钥").click()
    expect(page.get_by_text("没有通行密钥", exact=True)).to_be_visible()
    assert not Authenticator.objects.exists()
    # Gone from the portal, not from the device: refused in words.
    leave(page)
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_text("通行密钥不正确")).to_be_visible()
    assert visitor.complaints == []


def test_a_device_that_has_none_says_so_and_the_password_still_works(
    county: World, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    with_key(visitor, verifies=False)
    page = visitor.page
    page.goto("/accounts/login/")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_text("没有完成：已经取消、等待太久")).to_be_visible()
    expect(page.get_by_role("button", name="用通行密钥登录")).to_be_enabled()
    visitor.log_in(county.deputy)
    assert visitor.complaints == []
