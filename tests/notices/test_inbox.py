"""The message box: one's own, in pages, read once."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notices import services
from notices.models import Message
from tests.factories import UserFactory, at
from tests.world import World

NOW = at(2026, 3, 2)


def give(user: User, count: int = 1, url: str = "/large/") -> list[Message]:
    """Puts messages into the user's box, 第1条 first."""
    for number in range(1, count + 1):
        services.tell(
            rule="new",
            object_key=f"obligation:{number}",
            due_on=NOW.date(),
            recipients=[user],
            title=f"第{number}条",
            body="期限2026年3月5日",
            url=url,
            now=NOW,
        )
    services.deliver_pending(now=NOW)
    return list(Message.objects.filter(recipient=user).order_by("pk"))


def test_inbox_shows_own_messages_newest_first(client: Client, world: World) -> None:
    give(world.staff, 2)
    give(world.leader, 1)
    client.force_login(world.staff)
    response = client.get(reverse("notices:inbox"))
    assert response.status_code == 200
    assert [row["subject"] for row in response.context["page_obj"]] == ["第2条", "第1条"]
    assert "2 条未读" in response.content.decode()


@pytest.mark.parametrize("count", [3, 300])
def test_inbox_queries_do_not_grow(count: int, client: Client, world: World, django_assert_num_queries) -> None:
    give(world.staff, count)
    client.force_login(world.staff)
    # Session, user, hat, count, page, unread for the page and for the header.
    with django_assert_num_queries(7):
        assert client.get(reverse("notices:inbox")).status_code == 200


@pytest.mark.parametrize("query", ["page=2", "page=999999999999999999999", "page=x", "show=unread&page=2", "show=%00"])
def test_any_page_number_is_answered(query: str, client: Client, world: World) -> None:
    give(world.staff, 25)
    client.force_login(world.staff)
    assert client.get(f"{reverse('notices:inbox')}?{query}").status_code == 200


def test_opening_marks_as_read_once_and_goes_to_the_matter(client: Client, world: World) -> None:
    (message,) = give(world.staff, url="/somewhere/")
    client.force_login(world.staff)
    response = client.get(reverse("notices:open", args=[message.pk]))
    assert (response.status_code, response["Location"]) == (302, "/somewhere/")
    message.refresh_from_db()
    first = message.read_at
    assert first is not None
    client.get(reverse("notices:open", args=[message.pk]))
    message.refresh_from_db()
    assert message.read_at == first


def test_message_without_address_goes_to_the_box(client: Client, world: World) -> None:
    (message,) = give(world.staff, url="")
    client.force_login(world.staff)
    assert client.get(reverse("notices:open", args=[message.pk]))["Location"] == reverse("notices:inbox")


@pytest.mark.parametrize(("name", "method"), [("open", "get"), ("read", "post")])
def test_anothers_message_is_not_found_and_stays_unread(name: str, method: str, client: Client, world: World) -> None:
    (message,) = give(world.staff)
    client.force_login(world.stranger)
    assert getattr(client, method)(reverse(f"notices:{name}", args=[message.pk])).status_code == 404
    assert getattr(client, method)(reverse(f"notices:{name}", args=[10**30])).status_code == 404
    message.refresh_from_db()
    assert message.read_at is None


def test_read_and_read_all_touch_own_messages_only(client: Client, world: World) -> None:
    mine = give(world.staff, 3)
    give(world.leader, 1)
    client.force_login(world.staff)
    client.post(reverse("notices:read", args=[mine[0].pk]))
    assert Message.objects.unread().filter(recipient=world.staff).count() == 2
    response = client.post(reverse("notices:read_all"), follow=True)
    assert "已将 2 条消息标为已读。" in response.content.decode()
    assert list(Message.objects.unread().values_list("recipient", flat=True)) == [world.leader.pk]


def test_reading_is_a_post_and_needs_a_log_in(client: Client, world: World) -> None:
    (message,) = give(world.staff)
    for name, args, method in [("inbox", [], "get"), ("open", [message.pk], "get"), ("read_all", [], "post")]:
        response = getattr(client, method)(reverse(f"notices:{name}", args=args))
        assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("account_login"))
    client.force_login(world.staff)
    assert client.get(reverse("notices:read_all")).status_code == 405
    assert client.get(reverse("notices:read", args=[message.pk])).status_code == 405


@pytest.mark.django_db
def test_marking_all_counts_what_was_unread() -> None:
    user = UserFactory()
    give(user, 3)
    later = NOW + dt.timedelta(hours=1)
    assert services.mark_all_read(user=user, now=later) == 3
    assert services.mark_all_read(user=user, now=later) == 0
