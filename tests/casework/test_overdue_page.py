"""The supervision page: who sees what, filters, and the urge button."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework.models import Event
from notices.models import Notice
from tests.casework.owing import assign, case, owe
from tests.world import World

LIST = "/overdue/"


@pytest.fixture(autouse=True)
def _today_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page asks the clock; its obligations are due around the real today."""
    monkeypatch.setattr("tests.casework.owing.TODAY", timezone.localdate())


def early(**fields: object) -> dict:
    """Dates that let an obligation be due at any time."""
    return {"start_on": dt.date(2020, 1, 1)} | fields


def rows(client: Client, query: str = "") -> list[tuple]:
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return [(r["number"], r["light_words"], r["urge_allowed"]) for r in response.context["page_obj"]]


def test_most_urgent_first_and_nothing_that_has_time(client: Client, world: World) -> None:
    for number, due in enumerate([2, -5, 4, 0], start=1):
        owe(world, due, case(world, number), **early())
    client.force_login(world.staff)
    assert rows(client) == [("第2号", "逾期 5 天", True), ("第4号", "今天到期", True), ("第1号", "还有 2 天", True)]
    assert rows(client, "show=overdue") == [("第2号", "逾期 5 天", True)]
    assert [number for number, *_ in rows(client, "show=near")] == ["第4号", "第1号"]


def test_filters_by_unit_and_act(client: Client, world: World) -> None:
    owe(world, -1, case(world, 1), **early())
    owe(world, -1, case(world, 2), **early(owner_unit=world.police, owner_label="县公安局"))
    owe(world, -1, case(world, 3), **early(act="acknowledge", verb="签收"))
    client.force_login(world.staff)
    assert [n for n, *_ in rows(client, f"unit={world.education.pk}")] == ["第1号", "第3号"]
    assert [n for n, *_ in rows(client, f"unit={world.education.pk}&act=acknowledge")] == ["第3号"]
    page = client.get(f"{LIST}?unit={world.police.pk}")
    assert [chip["label"] for chip in page.context["chips"]] == ["县公安局"]
    assert [view["count"] for view in page.context["views"]] == [1, 1, 0]
    assert [view["count"] for view in client.get(LIST).context["views"]] == [3, 3, 0]


@pytest.mark.parametrize(
    "query",
    ["unit=x", "unit=999999999999999999999", "act=%00", "page=-1", "page=9999", "show=%F0%A0%AE%B7", "unit=&unit=1"],
)
def test_any_query_is_answered(query: str, client: Client, world: World) -> None:
    owe(world, -1, **early())
    client.force_login(world.staff)
    assert len(rows(client, query)) == 1


@pytest.mark.parametrize("count", [3, 300])
def test_queries_do_not_grow(count: int, client: Client, world: World, django_assert_num_queries) -> None:
    for number in range(1, count + 1):
        owe(world, -1, case(world, number), **early())
    with connection.cursor() as cursor:
        # Plans made for what other tests had in the tables can take minutes.
        cursor.execute("ANALYZE")
    client.force_login(world.staff)
    # Session, user, hat; facets, count, page, urges, own ones; unread for the header.
    with django_assert_num_queries(9):
        assert client.get(LIST).status_code == 200


def test_only_those_who_supervise_see_the_page_and_only_their_congress(client: Client, world: World) -> None:
    late = owe(world, -1, **early())
    assign(world, late.case.proposal)
    seen = {}
    for who in ["staff", "leader", "gov_office", "unit_user", "deputy", "township_user", "stranger"]:
        client.force_login(getattr(world, who))
        response = client.get(LIST)
        seen[who] = len(response.context["page_obj"]) if response.status_code == 200 else response.status_code
    assert seen == {
        "staff": 1,
        "leader": 1,
        "gov_office": 1,
        "unit_user": 404,
        "deputy": 404,
        "township_user": 404,
        "stranger": 0,
    }


def test_urge_button_works_once_and_comes_back_to_the_filtered_list(client: Client, world: World) -> None:
    late = owe(world, -1, **early())
    client.force_login(world.staff)
    back = f"{LIST}?show=overdue"
    response = client.post(reverse("casework:urge", args=[late.pk]), {"next": back}, follow=True)
    assert response.redirect_chain == [(back, 302)]
    assert "已催办，通知了 1 人，并记入办理经过。" in response.content.decode()
    (row,) = response.context["page_obj"]
    assert (row["urged_count"], row["urge_allowed"], row["urge_reason"]) == (1, False, "今天已催办")
    again = client.post(reverse("casework:urge", args=[late.pk]), {"next": "https://evil.example/"}, follow=True)
    assert again.redirect_chain == [(LIST, 302)]
    assert "张志强（代表工委）已经催办过，请明天再催。" in again.content.decode()
    assert (Event.objects.count(), Notice.objects.count()) == (1, 1)


def test_own_obligation_has_no_button(client: Client, world: World) -> None:
    owe(world, -1, **early(owner_unit=None, owner_role="staff", owner_label="代表工委"))
    client.force_login(world.staff)
    (row,) = client.get(LIST).context["page_obj"]
    assert (row["urge_allowed"], row["urge_reason"]) == (False, "由您办理")


def test_unit_without_an_account_is_said_so(client: Client, world: World) -> None:
    late = owe(world, -1, **early(owner_unit=world.transport, owner_label="县交通运输局"))
    client.force_login(world.staff)
    response = client.post(reverse("casework:urge", args=[late.pk]), follow=True)
    assert "责任方没有可用的账号" in response.content.decode()


def test_refused_urges_write_nothing(client: Client, world: World) -> None:
    late = owe(world, -1, **early())
    address = reverse("casework:urge", args=[late.pk])
    assert client.post(address).status_code == 302
    client.force_login(world.stranger)
    assert client.post(address).status_code == 404
    assert client.post(reverse("casework:urge", args=[10**30])).status_code == 404
    client.force_login(world.staff)
    assert client.get(address).status_code == 405
    response = client.post(address, {"text": "a\0b"}, follow=True)
    assert "含有无法保存的字符" in response.content.decode()
    response = client.post(address, {"text": "长" * 501}, follow=True)
    assert "请不要超过 500 字" in response.content.decode()
    assert not Event.objects.exists()
    assert not Notice.objects.exists()
