"""To the outside: each person's mail or robot, at least once, whatever the servers do."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import override_settings

from accounts.models import User
from notices import services
from notices.channels.webhooks import signed
from notices.models import Address, Digest, Notice, NoticeState
from tests.concurrently import beside
from tests.factories import UserFactory, at
from tests.notices.servers import Post, Robots, closed_port, mail_server, robots_host

NOW = at(2026, 3, 2)
MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)
LINE = {
    "light": "red",
    "light_words": "逾期 2 天",
    "text": "请尽快答复：第1号 关于校车[点我](http://evil.example)的建议",
    "more": "期限2026年2月28日",
    "url": "/proposals/1/",
    "overseen": False,
}


def person(name: str = "sun", channel: str = "email", address: str = "", secret: str = "") -> User:
    """Somebody with one outside address."""
    user = UserFactory(username=name)
    Address.objects.create(user=user, channel=channel, address=address or f"{name}@example.org", secret=secret)
    return user


def digest(user: User, channel: str = "email", **fields: object) -> Digest:
    """A digest that waits to be sent."""
    given = {"day": NOW.date(), "title": "3月2日提醒：逾期 1 项", "lines": [LINE], "total": 1}
    return Digest.objects.create(recipient=user, channel=channel, created_at=NOW, next_try_at=NOW, **(given | fields))


def found() -> list[tuple[str, str, int, dt.datetime]]:
    rows = Digest.objects.order_by("pk").select_related("recipient")
    return [(row.recipient.username, row.state, row.attempts, row.next_try_at) for row in rows]


@pytest.fixture
def post() -> Iterator[Post]:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with mail_server() as post, override_settings(
        EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=post.port, EMAIL_TIMEOUT=0.5,
        PORTAL_URL="https://portal.example", DEFAULT_FROM_EMAIL="云溪人大 <portal@yunxi.example>",
    ):  # fmt: skip
        yield post


@pytest.fixture
def host() -> Iterator[Robots]:
    with (
        robots_host() as host,
        override_settings(WEBHOOK_HOSTS=[host.origin], WEBHOOK_TIMEOUT=0.5, PORTAL_URL="https://portal.example"),
    ):
        yield host


def send(channel: str = "email", now: dt.datetime = NOW) -> tuple[int, int, int]:
    done = services.send_outside(channel=channel, now=now)
    return done.sent, done.postponed, done.failed


@pytest.mark.django_db
def test_mail_says_what_the_digest_says(post: Post) -> None:
    row = digest(person(), total=35)
    Notice.objects.create(
        rule="overdue-2", object_key="obligation:1", due_on=NOW.date(), recipient=row.recipient, channel="email",
        title="请答复", created_at=NOW, next_try_at=NOW, digest=row,
    )  # fmt: skip
    assert services.channels_with_work(now=NOW) == ["email"]
    assert (send(), send()) == ((1, 0, 0), (0, 0, 0))
    ((to, mail),) = post.taken
    assert (to, mail["Message-ID"]) == ("sun@example.org", f"<digest-{row.pk}-20260302020000@yunxi.example>")
    body = mail.get_payload(decode=True).decode()
    assert body.splitlines() == [
        "逾期 2 天  请尽快答复：第1号 关于校车[点我](http://evil.example)的建议  期限2026年2月28日",
        "    https://portal.example/proposals/1/",
        "共 35 项，其余请到待办查看",
    ]
    assert list(Notice.objects.values_list("state", "sent_at", "attempts")) == [("sent", NOW, 1)]


@pytest.mark.django_db
def test_one_bad_address_among_a_hundred(post: Post) -> None:
    for number in range(100):
        digest(person(f"p{number}"))
    post.refuses = {"p7@example.org": "550 no such user", "p8@example.org": "451 try later"}
    assert send() == (98, 1, 1)
    assert {to for to, _ in post.taken} == {f"p{n}@example.org" for n in range(100)} - {*post.refuses}
    # One connection, and one more after each refusal.
    assert post.connections == 3
    bad, later = (Digest.objects.get(recipient__username=name) for name in ("p7", "p8"))
    assert (bad.state, bad.last_error) == ("failed", "邮件服务器拒收，请核对收件地址（550 no such user）。")
    assert (later.state, later.next_try_at) == ("pending", NOW + MINUTE)
    assert later.last_error == "邮件服务器暂时不收（451 try later）。"
    post.refuses = {}
    assert (send(now=NOW + MINUTE), len(post.taken)) == ((1, 0, 0), 99)


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["refuses", "says nothing"])
def test_without_the_mail_server_all_wait_and_one_is_tried(how: str, post: Post) -> None:
    for number in range(30):
        digest(person(f"p{number}"))
    waits, now = [], NOW
    port = closed_port() if how == "refuses" else post.port
    post.hangs.set()
    with override_settings(EMAIL_PORT=port):
        for _ in range(9):
            assert send(now=now) == (0, 30, 0)
            first, *_, again = Digest.objects.order_by("next_try_at").values_list("next_try_at", flat=True)
            # The one that was tried is tried after the others.
            assert again - first == 30 * SECOND
            waits.append((first - now) // MINUTE)
            now = again
            if how == "says nothing":
                break
    assert waits == [1, 2, 4, 8, 16, 32, 64, 64, 64][: len(waits)]
    assert post.connections == (0 if how == "refuses" else 1)
    error = Digest.objects.values_list("last_error", flat=True).distinct().get()
    assert (
        error == f"连接不上邮件服务器（{'ConnectionRefusedError' if how == 'refuses' else 'SMTPServerDisconnected'}）。"
    )
    post.hangs.clear()
    assert send(now=now) == (30, 0, 0)


@pytest.mark.django_db
def test_mail_on_which_the_server_breaks_off_does_not_stop_the_others(post: Post) -> None:
    for name in ("poison", "p1", "p2"):
        digest(person(name))
    post.breaks_off_at = "poison@example.org"
    assert (send(), send(now=NOW + MINUTE)) == ((0, 3, 0), (2, 0, 0))
    assert [to for to, _ in post.taken] == ["p1@example.org", "p2@example.org"]


@pytest.mark.django_db
def test_who_left_or_gave_the_channel_up_gets_nothing(post: Post) -> None:
    gone, changed = person("gone"), person("changed")
    digest(gone), digest(changed)
    gone.is_active = False
    gone.save()
    Address.objects.filter(user=changed).update(is_active=False)
    assert (send(), post.taken) == ((0, 0, 2), [])
    assert {state for _, state, _, _ in found()} == {"void"}


@pytest.mark.django_db
def test_robots_are_told_in_markdown_without_strange_links(host: Robots) -> None:
    digest(person("w", "wecom", f"{host.origin}/cgi-bin/webhook/send?key=1-a"), "wecom")
    digest(person("d", "dingtalk", f"{host.origin}/robot/send?access_token=2", secret="SEC机密"), "dingtalk")
    assert (send("wecom"), send("dingtalk")) == ((1, 0, 0), (1, 0, 0))
    text = (
        "**3月2日提醒：逾期 1 项**\n\n逾期 2 天 [请尽快答复：第1号 关于校车［点我］（http://evil.example）的建议]"
        "(https://portal.example/proposals/1/) 期限2026年2月28日"
    )
    (first, said), (second, also) = host.asked
    assert (first, said) == ("/cgi-bin/webhook/send?key=1-a", {"msgtype": "markdown", "markdown": {"content": text}})
    assert also == {"msgtype": "markdown", "markdown": {"title": "3月2日提醒：逾期 1 项", "text": text}}
    stamp = second.partition("timestamp=")[2].partition("&")[0]
    assert second == f"/robot/send?access_token=2&timestamp={stamp}&sign={signed(stamp, 'SEC机密')}"


def test_signature_is_the_one_that_dingtalk_computes() -> None:
    # HMAC-SHA256 with the secret as key over "time stamp, line feed, secret", in base64 as it stands in an address.
    assert signed("1700000000000", "SECtest") == "aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g%3D"


@pytest.mark.django_db
def test_a_long_digest_fits_into_a_robots_message(host: Robots) -> None:
    lines = [LINE | {"text": f"{n}" + "建" * 200} for n in range(20)]
    digest(person("w", "wecom", f"{host.origin}/send?key=1"), "wecom", lines=lines, total=35)
    assert send("wecom") == (1, 0, 0)
    content = host.asked[0][1]["markdown"]["content"]
    assert len(content.encode()) <= 4000
    assert content.endswith("共 35 项，其余请到待办查看")
    assert content.count("逾期 2 天") == 5


ANSWERS = [
    (
        200,
        b'{"errcode":93000,"errmsg":"invalid webhook url"}',
        "failed",
        "企业微信没有接受（93000 invalid webhook url）。",
    ),
    (200, b'{"errcode":45009,"errmsg":"freq"}', "pending", "企业微信没有接受（45009 freq）。"),
    (200, b"<html>", "pending", "企业微信的服务器答复看不懂，不能确定是否送达。"),
    (200, b"[]", "pending", "企业微信的服务器答复看不懂，不能确定是否送达。"),
    (200, b'{"errcode":Infinity}', "pending", "企业微信的服务器答复看不懂，不能确定是否送达。"),
    (200, b"[" * 60_000, "pending", "企业微信的服务器答复看不懂，不能确定是否送达。"),
    (200, b'{"errcode":7,"errmsg":"\\ud800\\u0000 no"}', "failed", "企业微信没有接受（7 ? no）。"),
    (500, b"", "pending", "企业微信的服务器没有接受（HTTP 500）。"),
    (404, b"", "failed", "企业微信的服务器没有接受（HTTP 404）。"),
    (302, b"", "failed", "企业微信的服务器没有接受（HTTP 302）。"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "answer", "state", "reason"), ANSWERS)
def test_answers_of_a_robot(status: int, answer: bytes, state: str, reason: str, host: Robots) -> None:
    row = digest(person("w", "wecom", f"{host.origin}/send?key=1"), "wecom")
    host.status, host.answer, host.headers = status, answer, {"Location": f"{host.origin}/elsewhere"}
    other = digest(person("w2", "wecom", f"{host.origin}/send?key=2"), "wecom")
    assert sum(send("wecom")) == 2
    for one in (row, other):
        one.refresh_from_db()
        assert (one.state, one.last_error) == (state, reason)
    # Redirects are not followed, and no answer keeps the next from being sent.
    assert [path for path, _ in host.asked] == ["/send?key=1", "/send?key=2"]
    host.status, host.answer = 200, b'{"errcode":0}'
    assert send("wecom", now=NOW + MINUTE) == ((2, 0, 0) if state == "pending" else (0, 0, 0))


@pytest.mark.django_db
def test_hanging_robot_is_asked_once_and_the_others_wait(host: Robots, post: Post) -> None:
    for number in range(20):
        digest(person(f"w{number}", "wecom", f"{host.origin}/send?key={number}"), "wecom")
    digest(person())
    host.hangs.set()
    assert (send("wecom"), len(host.asked)) == ((0, 20, 0), 1)
    assert send() == (1, 0, 0)
    host.hangs.clear()
    assert send("wecom", now=NOW + 2 * MINUTE) == (20, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x",
        "https://qyapi.weixin.qq.com.evil.example/x",
        "https://evil.example/",
        "file:///etc/passwd",
    ],
)
def test_address_that_the_setting_no_longer_allows_is_not_called(address: str, host: Robots) -> None:
    row = digest(person("w", "wecom", address), "wecom")
    assert send("wecom") == (0, 0, 1)
    row.refresh_from_db()
    assert row.last_error.startswith("这不是可以使用的机器人地址。")
    assert host.asked == []


@pytest.mark.django_db
def test_given_up_after_three_days(post: Post) -> None:
    row = digest(person())
    tries, now = 0, NOW
    with override_settings(EMAIL_PORT=closed_port()):
        while Digest.objects.get().state == NoticeState.PENDING:
            send(now=now)
            tries, now = tries + 1, Digest.objects.get().next_try_at
    assert (tries, (now - NOW).days) == (76, 3)
    row.refresh_from_db()
    assert row.state == "failed"


@pytest.mark.django_db
def test_urgent_notice_goes_alone(post: Post) -> None:
    user = person()
    told = {"rule": "urge", "object_key": "obligation:1", "due_on": NOW.date(), "title": "催办，请答复", "url": "/x/"}
    assert services.tell(recipients=[user], now=NOW, urgent=True, body="请尽快", **told) == 1
    assert (send(), services.deliver_pending(now=NOW).sent) == ((1, 0, 0), 1)
    ((_, mail),) = post.taken
    assert mail.get_payload(decode=True).decode().splitlines() == [
        "催办，请答复  请尽快",
        "    https://portal.example/x/",
    ]


@pytest.mark.django_db
def test_address_of_a_lost_key_fails_alone(post: Post) -> None:
    lost = digest(person("lost"))
    digest(person("kept"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notices_address SET address = 'gAAAAAnonsense' WHERE user_id = %s", [lost.recipient_id])
    assert send() == (1, 0, 1)
    lost.refresh_from_db()
    assert lost.last_error == "地址无法解密（密钥已更换），请接收人重新填写。"


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_take_each_row_once(post: Post) -> None:
    digest(person())
    with beside() as start, transaction.atomic():
        assert send() == (1, 0, 0)
        assert start(send).result(timeout=20) == (0, 0, 0)
    assert len(post.taken) == 1
