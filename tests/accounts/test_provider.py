"""Log-in by an office's identity provider: the portal's server and the provider's, each in a place of its own."""

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts.models import User
from portal.places import REPOSITORY
from tests import factories as make
from tests.accounts.conftest import code_now, with_factor
from tests.accounts.office_provider import CLIENT, PASSWORD, SECRET
from tests.concurrently import kill
from tests.portal.running import bare_environment

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
LOG_IN, TO_PROVIDER = "/accounts/login/", "/accounts/oidc/office/login/"


def switch_on(settings: object, address: str) -> None:
    app = {
        "provider_id": "office",
        "name": "县统一认证",
        "client_id": CLIENT,
        "secret": SECRET,
        "settings": {"server_url": address},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    settings.OIDC_URL, settings.OIDC_NAME = address, "县统一认证"


@pytest.fixture
def provider(live_server: object, tmp_path: Path, settings: object) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.accounts.office_provider", live_server.url, str(tmp_path)],
        cwd=REPOSITORY,
        env=bare_environment(OAUTHLIB_INSECURE_TRANSPORT="1"),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), "the provider has not started"
        switch_on(settings, address)
        yield address
    finally:
        kill(process)
        process.stdout.close()


def field(page: str, name: str) -> str:
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])


def to_the_callback(portal: str, name: str, next_: str = "/") -> tuple[requests.Session, str]:
    """Go to the provider and log in there; return the browser and the address that leads back."""
    browser = requests.Session()
    page = browser.get(f"{portal}{TO_PROVIDER}", params={"next": next_})
    assert page.url.startswith("http://127.0.0.1:")
    assert not page.url.startswith(portal)
    data = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": field(page.text, "csrfmiddlewaretoken")}
    answer = browser.post(page.url, data | {"next": field(page.text, "next")}, allow_redirects=False)
    while not answer.headers["Location"].startswith(portal):
        answer = browser.get(requests.compat.urljoin(answer.url, answer.headers["Location"]), allow_redirects=False)
    return browser, answer.headers["Location"]


def inside(browser: requests.Session, portal: str) -> bool:
    return browser.get(f"{portal}/notices/", allow_redirects=False).status_code == 200


def test_people_with_an_account_come_in_and_nobody_else(
    live_server: object, provider: str, settings: object, guardian: User
) -> None:
    settings.SECOND_FACTOR = "administrators"
    portal = live_server.url
    # Who never knew the password that was set for him need not change it to come in by the provider.
    make.UserFactory(username="staff", name="张志远", must_change_password=True)
    make.UserFactory(username="closed", name="停用", is_active=False)
    assert "用县统一认证登录" in requests.Session().get(f"{portal}{LOG_IN}").text

    browser, back = to_the_callback(portal, "staff", "/notices/?show=unread")
    assert browser.get(back).url == f"{portal}/notices/?show=unread"
    assert inside(browser, portal)
    # The same answer does not open the door twice.
    again = requests.Session()
    assert not inside(again, portal)
    again.get(back)
    assert not inside(again, portal)

    browser, back = to_the_callback(portal, "unknown")
    refused = browser.get(back)
    assert refused.url == f"{portal}{LOG_IN}"
    assert "县统一认证里的这个账号在本系统没有开通" in refused.text
    assert not inside(browser, portal)

    browser, back = to_the_callback(portal, "closed")
    assert browser.get(back).url == f"{portal}/accounts/inactive/"
    assert not inside(browser, portal)

    browser, back = to_the_callback(portal, "staff")
    for wrong in (re.sub("state=[^&]*", "state=made-up", back), re.sub("code=[^&]*", "code=made-up", back)):
        refused = browser.get(wrong)
        assert (refused.url, "没有通过县统一认证登录" in refused.text) == (f"{portal}{LOG_IN}", True)
        assert not inside(browser, portal)

    # An administrator needs the second factor all the same, and is led to set it up first.
    browser, back = to_the_callback(portal, "anquan")
    assert "/accounts/2fa/totp/activate/" in requests.compat.unquote(browser.get(back).url)
    with_factor(guardian)
    browser, back = to_the_callback(portal, "anquan")
    asked = browser.get(back)
    assert asked.url == f"{portal}/accounts/2fa/authenticate/"
    assert not inside(browser, portal)
    token = field(asked.text, "csrfmiddlewaretoken")
    browser.post(asked.url, {"code": code_now(), "csrfmiddlewaretoken": token})
    assert inside(browser, portal)

    assert User.objects.count() == 3
    assert not SocialAccount.objects.exists()


def test_provider_that_does_not_answer_is_told_in_words(settings: object) -> None:
    client = Client()
    switch_on(settings, "http://127.0.0.1:9")
    assert client.get(TO_PROVIDER)["Location"] == LOG_IN
    assert "县统一认证没有正常回答" in client.get(LOG_IN).content.decode()
    for query in ("?code=x&state=y", "?error=access_denied", "?state=%00", ""):
        answer = client.get(f"{TO_PROVIDER}callback/{query}")
        assert (answer.status_code, answer["Location"]) == (302, LOG_IN), query


def test_without_a_provider_there_is_no_such_door(settings: object) -> None:
    assert "统一" not in Client().get(LOG_IN).content.decode()
    for address in (TO_PROVIDER, f"{TO_PROVIDER}callback/", "/accounts/oidc/other/login/"):
        assert Client().get(address).status_code == 404
