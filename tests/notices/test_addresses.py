"""我的提醒方式: each keeps his own addresses, encrypted, and nothing else is ever called."""

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from notices.models import Address
from notices.rules import why_webhook_refused
from tests.world import World

ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
DING = "https://oapi.dingtalk.com/robot/send?access_token=66d"


@pytest.fixture
def page(client: Client, world: World) -> Client:
    """A browser of the education office."""
    world.unit_user.email = "sun@example.org"
    world.unit_user.save()
    client.force_login(world.unit_user)
    return client


def save(page: Client, **typed: str) -> object:
    return page.post(reverse("notices:addresses"), typed)


def kept(world: World) -> list[tuple[str, str, str, bool]]:
    rows = Address.objects.filter(user=world.unit_user).order_by("channel")
    return [(row.channel, row.address, row.secret, row.is_active) for row in rows]


def test_box_leads_to_the_page_which_offers_the_accounts_address(page: Client) -> None:
    assert reverse("notices:addresses") in page.get(reverse("notices:inbox")).content.decode()
    form = page.get(reverse("notices:addresses")).context["form"]
    assert (form["email"].value(), form["email_on"].value(), form["wecom"].value()) == ("sun@example.org", None, None)


def test_saved_changed_and_given_up(page: Client, world: World) -> None:
    all_on = {"email_on": "on", "wecom_on": "on", "dingtalk_on": "on"}
    given = {"email": "s@example.org", "wecom": ROBOT, "dingtalk": DING, "dingtalk_secret": "SEC1"}
    assert save(page, **given, **all_on).status_code == 302
    assert kept(world) == [
        ("dingtalk", DING, "SEC1", True),
        ("email", "s@example.org", "", True),
        ("wecom", ROBOT, "", True),
    ]
    opened = page.get(reverse("notices:addresses"))
    assert opened.context["form"]["wecom_on"].value() is True
    assert "SEC1" not in opened.content.decode()
    # An empty secret keeps the one that is stored; an empty address gives the channel up.
    assert save(page, dingtalk=DING, email="s@example.org").status_code == 302
    assert kept(world) == [("dingtalk", DING, "SEC1", False), ("email", "s@example.org", "", False)]


def test_stored_encrypted(page: Client) -> None:
    save(page, dingtalk=DING, dingtalk_secret="SEC1", email="s@example.org")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(address || secret, ' ') FROM notices_address")
        (stored,) = cursor.fetchone()
    assert not any(word in stored for word in ("dingtalk", "SEC1", "example"))


def test_whatever_is_sent_only_the_own_addresses_change(page: Client, world: World) -> None:
    theirs = Address.objects.create(user=world.staff, channel="email", address="staff@example.org")
    save(page, email="evil@example.org", email_on="on", user=str(world.staff.pk), id=str(theirs.pk))
    theirs.refresh_from_db()
    assert theirs.address == "staff@example.org"
    page.force_login(world.staff)
    assert "evil@example.org" not in page.get(reverse("notices:addresses")).content.decode()


REFUSED = [
    ("email", "not an address", "这不是一个电子邮件地址，请核对。"),
    ("email", "a@b.org\nBcc: c@d.org", "这不是一个电子邮件地址，请核对。"),
    ("email", "甲\x00@b.org", "不允许是用空字符串。"),
    ("wecom", "https://evil.example/send", "这不是可以使用的机器人地址。"),
    ("wecom", "w" * 501, "请不要超过 500 个字符。"),
    ("dingtalk", "http://oapi.dingtalk.com/robot/send", "这不是可以使用的机器人地址。"),
]


@pytest.mark.parametrize(("channel", "typed", "said"), REFUSED)
def test_refused_with_everything_typed(channel: str, typed: str, said: str, page: Client, world: World) -> None:
    other = "dingtalk" if channel == "wecom" else "wecom"
    right = ROBOT if other == "wecom" else DING
    response = save(page, **{channel: typed, other: right, f"{channel}_on": "on", "dingtalk_secret": "SEC9"})
    assert response.status_code == 422
    form = response.context["form"]
    assert (form[channel].value(), form[other].value(), form["dingtalk_secret"].value()) == (typed, right, "SEC9")
    assert said in " ".join(form.errors[channel])
    assert kept(world) == []


ELSEWHERE = [
    "https://qyapi.weixin.qq.com@evil.example/x",
    "https://qyapi.weixin.qq.com.evil.example/x",
    "https://qyapi.weixin.qq.com:8443/x",
    "https://qyapi.weixin.qq.com\\@evil.example/x",
    "https://qyapi.weixin.qq.com/\r\nHost: evil.example",
    "https://qyapi.weixin.qq.com",
    "http://qyapi.weixin.qq.com/x",
    "http://169.254.169.254/latest/meta-data/",
    "https://[::1]/x",
    "file:///etc/passwd",
    "HTTPS://QYAPI.WEIXIN.QQ.COM/x",
    " https://qyapi.weixin.qq.com/x",
    "https://qyapi.weixin.qq.com/x#@evil.example",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_robots_live_on_the_named_hosts_alone(url: str) -> None:
    allowed = ["qyapi.weixin.qq.com", "oapi.dingtalk.com", ""]
    assert why_webhook_refused(url, allowed).endswith("主机是：qyapi.weixin.qq.com、oapi.dingtalk.com。")
    assert why_webhook_refused(ROBOT, allowed) == why_webhook_refused(DING, allowed) == ""


def test_a_host_with_a_scheme_is_allowed_as_it_stands() -> None:
    allowed = ["http://10.1.2.3:8080/"]
    assert why_webhook_refused("http://10.1.2.3:8080/hook", allowed) == ""
    assert why_webhook_refused("http://10.1.2.3:80801/hook", allowed) != ""
    assert why_webhook_refused("https://10.1.2.3:8080/hook", allowed) != ""


@override_settings(DIGEST_HOUR=9)
def test_page_says_from_when_on(page: Client) -> None:
    assert "每天 9 点起" in page.get(reverse("notices:addresses")).content.decode()
