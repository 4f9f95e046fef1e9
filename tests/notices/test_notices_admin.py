"""The ledger for staff: what went into which digest, what failed and is sent again, and the words of reminders."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notices.models import Digest, Notice, NoticeText
from notices.texts import why_refused
from tests.factories import at
from tests.world import World

NOW = at(2026, 3, 2)


def failed_digest(user: User) -> Digest:
    row = Digest.objects.create(
        recipient=user, day=NOW.date(), channel="email", title="3月2日提醒：逾期 1 项", total=1, state="failed",
        lines=[{"light": "red", "light_words": "逾期 2 天", "text": "请<答复>", "more": "", "url": "/"}],
        created_at=NOW, next_try_at=NOW, attempts=76, last_error="邮件服务器拒收",
    )  # fmt: skip
    notice(user, digest=row, state="failed", channel="email")
    return row


def notice(user: User, **fields: object) -> Notice:
    given = {"rule": "overdue-2", "object_key": "obligation:1", "due_on": NOW.date(), "title": "请答复，已过{天数}天"}
    return Notice.objects.create(recipient=user, created_at=NOW, next_try_at=NOW, **(given | fields))


def again(client: Client, register: str, **data: object) -> int:
    return client.post(reverse(f"admin:notices_{register}_again"), data).status_code


def test_ledger_shows_the_digest_and_the_state(client: Client, world: World) -> None:
    row = failed_digest(world.unit_user)
    notice(world.unit_user, object_key="obligation:2", state="void")
    client.force_login(world.staff)
    page = client.get(reverse("admin:notices_notice_changelist")).content.decode()
    for words in (str(row), "发送失败", "已失效", "重新发送失败的 1 条", "请答复，已过…天"):
        assert words in page
    page = client.get(reverse("admin:notices_digest_change", args=[row.pk])).content.decode()
    assert "<li>逾期 2 天 请&lt;答复&gt; </li>" in page
    assert "重新发送" in page


@pytest.mark.parametrize("register", ["digest", "notice"])
def test_failed_ones_are_sent_again_by_staff_alone(register: str, client: Client, world: World) -> None:
    ours, theirs = failed_digest(world.unit_user), failed_digest(world.stranger)
    alone = notice(world.police_user, rule="urge", state="failed")
    model = Digest if register == "digest" else Notice
    for user, status in ((world.leader, 403), (world.unit_user, 302)):
        client.force_login(user)
        assert again(client, register) == status
    assert set(Digest.objects.values_list("state", flat=True)) == {"failed"}
    client.force_login(world.staff)
    for key in ("x", "²", "9" * 30, "\x00", model.objects.get(recipient=world.stranger).pk):
        assert again(client, register, key=key) == 302
    assert client.get(reverse(f"admin:notices_{register}_again")).status_code == 405
    assert set(Digest.objects.values_list("state", flat=True)) == {"failed"}
    assert again(client, register) == 302
    ours.refresh_from_db()
    theirs.refresh_from_db()
    alone.refresh_from_db()
    assert (ours.state, ours.attempts, ours.last_error) == ("pending", 0, "")
    assert ours.next_try_at > NOW + dt.timedelta(days=1)
    assert ours.notices.get().state == "pending"
    assert theirs.state == "failed"
    assert alone.state == ("failed" if register == "digest" else "pending")


def test_words_with_a_preview(client: Client, world: World) -> None:
    client.force_login(world.staff)
    typed = {"congress": world.congress.pk, "rule": "overdue", "title": "请{责任方}速{动作}", "body": "已过{天数}天"}
    assert client.post(reverse("admin:notices_noticetext_add"), typed).status_code == 302
    row = NoticeText.objects.get()
    page = client.get(reverse("admin:notices_noticetext_change", args=[row.pk])).content.decode()
    assert "请县教育局速答复　已过2天" in page
    assert "可以使用：{动作}、{事项}、{期限}、{天数}、{责任方}" in page
    second = client.post(reverse("admin:notices_noticetext_add"), typed)
    assert second.status_code == 200
    assert "这种提醒已经有了用语，请直接修改那一条。" in second.content.decode()


@pytest.mark.parametrize("wrong", ["{姓名}", "{动作", "动作}", "{{动作}}", "{}", "{ 动作 }"])
def test_unknown_placeholders_are_refused_by_name(wrong: str, client: Client, world: World) -> None:
    client.force_login(world.staff)
    typed = {"congress": world.congress.pk, "rule": "near_due", "title": f"请{wrong}办理", "body": ""}
    page = client.post(reverse("admin:notices_noticetext_add"), typed).content.decode()
    assert "不能使用。可以用的有：{动作}、{事项}、{期限}、{天数}、{责任方}。" in page
    assert f"请{wrong}办理" in page
    assert not NoticeText.objects.exists()


def test_known_placeholders_are_taken() -> None:
    assert why_refused("{动作}{事项}{期限}{天数}{责任方}{动作}") == ""
