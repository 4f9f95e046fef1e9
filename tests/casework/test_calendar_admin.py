"""Entering a year and correcting days in the admin: what the administrator reads, and what becomes of bad input."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import User
from casework.models import CalendarDay, CalendarYear, Event, Obligation
from tests.casework.owing import case, owe
from tests.factories import UserFactory
from tests.world import World

TEXT = "元旦 1月1日至3日\n春节 2月5日至2月11日\n调休上班 1月30日、2月20日"


@pytest.fixture
def administrator(db: None) -> User:
    return UserFactory(username="root", name="系统管理员", administers="system", is_staff=True)


@pytest.fixture
def client(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


@pytest.fixture
def owed(world: World) -> Obligation:
    """Due on a day that is off in the text."""
    row = owe(world, None, case(world), rule="3M", start_on=dt.date(2026, 11, 8), is_provisional=True)
    Obligation.objects.filter(pk=row.pk).update(due_on="2027-02-08")
    return row


def url(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:casework_{model._meta.model_name}_{page}", args=args)


def said(response: object) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def problems(response: object) -> list[str]:
    assert response.status_code == 200
    return [str(error) for errors in response.context["errors"] for error in errors]


def due(row: Obligation) -> str:
    row.refresh_from_db()
    return str(row.due_on)


def test_entering_a_year_publishes_it_and_moves_dates(client: Client, owed: Obligation) -> None:
    response = client.post(url(CalendarYear, "add"), {"year": 2027, "arrangement": TEXT})
    assert response.status_code == 302
    assert "已公布2027年安排：1 件未办事项的期限中有 1 件调整。" in said(response)
    assert (due(owed), owed.is_provisional) == ("2027-02-12", False)
    assert Event.objects.get(verb="recompute").actor.username == "root"
    page = client.get(url(CalendarYear, "changelist")).content.decode()
    assert all(words in page for words in ("2027", "放假天数", "调休上班天数"))


def test_a_year_is_corrected_by_its_text(client: Client, owed: Obligation) -> None:
    client.post(url(CalendarYear, "add"), {"year": 2027, "arrangement": TEXT})
    row = CalendarYear.objects.get(year=2027)
    shown = client.get(url(CalendarYear, "change", row.pk)).context["adminform"].form["arrangement"].value()
    assert shown == ("元旦 2027-01-01 至 2027-01-03\n春节 2027-02-05 至 2027-02-11\n调休上班 2027-01-30、2027-02-20")
    response = client.post(url(CalendarYear, "change", row.pk), {"arrangement": shown.replace("02-11", "02-12")})
    assert "已更正2027年安排：1 件未办事项的期限中有 1 件调整。" in said(response)
    assert due(owed) == "2027-02-15"


def test_two_administrators_at_one_year(client: Client, owed: Obligation) -> None:
    client.post(url(CalendarYear, "add"), {"year": 2027, "arrangement": TEXT})
    row = CalendarYear.objects.get(year=2027)
    opened = client.get(url(CalendarYear, "change", row.pk)).context["seen"]
    day = CalendarDay.objects.get(day="2027-02-11")
    client.post(url(CalendarDay, "change", day.pk), {"day": "2027-02-12", "kind": "rest", "name": "春节"})
    typed = "元旦 1月1日"
    response = client.post(url(CalendarYear, "change", row.pk), {"arrangement": typed, "_seen": opened})
    assert "本页打开以后，这条记录已经被修改" in problems(response)[0]
    assert typed in response.content.decode()
    assert CalendarDay.objects.filter(day__year=2027).count() == 12


def test_deleting_a_year_takes_its_days_and_says_so_before(client: Client, owed: Obligation) -> None:
    client.post(url(CalendarYear, "add"), {"year": 2027, "arrangement": TEXT})
    row = CalendarYear.objects.get(year=2027)
    assert client.get(url(CalendarYear, "delete", row.pk)).context["model_count"]
    assert dict(client.get(url(CalendarYear, "delete", row.pk)).context["model_count"])["节假日"] == 12
    response = client.post(url(CalendarYear, "delete", row.pk), {"post": "yes"})
    assert "已撤销2027年安排：1 件未办事项的期限中有 1 件调整。" in said(response)
    assert (due(owed), owed.is_provisional) == ("2027-02-08", True)
    assert not CalendarDay.objects.filter(day__year=2027).exists()


def test_single_days_are_corrected_and_deleted(client: Client, owed: Obligation) -> None:
    client.post(url(CalendarYear, "add"), {"year": 2027, "arrangement": TEXT})
    data = {"day": "2027-02-12", "kind": "rest", "name": "春节"}
    response = client.post(url(CalendarDay, "add"), data)
    assert "已登记2027-02-12 放假：1 件未办事项的期限中有 1 件调整。" in said(response)
    assert due(owed) == "2027-02-15"
    day = CalendarDay.objects.get(day="2027-02-12")
    client.post(url(CalendarDay, "change", day.pk), data | {"day": "2027-02-19"})
    assert due(owed) == "2027-02-12"
    client.post(url(CalendarDay, "change", day.pk), data | {"day": "2027-02-12"})
    response = client.post(url(CalendarDay, "delete", day.pk), {"post": "yes"})
    assert "已取消2027-02-12 放假：1 件未办事项的期限中有 1 件调整。" in said(response)
    assert due(owed) == "2027-02-12"


BAD = [
    ({}, 2),
    ({"year": "2027"}, 1),
    ({"year": "2027", "arrangement": ""}, 1),
    ({"year": "2027", "arrangement": " \n "}, 1),
    ({"year": "2027", "arrangement": "春节 2月5日" * 1000}, 1),
    ({"year": "2027", "arrangement": "春节 2月30日\n清明\n元旦 2028-01-01"}, 3),
    ({"year": "2027", "arrangement": "春节 2月5日\n春节 2月5日"}, 1),
    ({"year": "2027", "arrangement": "春节 2月6日\n2月6日上班"}, 1),
    ({"year": "2027", "arrangement": "春节\x002月5日"}, 1),
    ({"year": "1900", "arrangement": "春节 2月5日"}, 1),
    ({"year": "32768", "arrangement": "春节 2月5日"}, 1),
    ({"year": "9" * 40, "arrangement": "春节 2月5日"}, 1),
    ({"year": "今年", "arrangement": "春节 2月5日"}, 1),
    ({"year": ["2027", "2028"], "arrangement": ["春节 2027-02-05", "春节 2027-02-06"]}, 1),
    ({"year": "-1", "arrangement": "<script>alert(1)</script> 2月5日 𠮷"}, 1),
]


@pytest.mark.parametrize(("data", "number"), BAD)
def test_bad_input_is_answered_in_words_and_kept(client: Client, data: dict, number: int) -> None:
    response = client.post(url(CalendarYear, "add"), data)
    assert len(problems(response)) >= number
    assert not CalendarYear.objects.exists()
    assert not CalendarDay.objects.exists()


def test_each_wrong_line_is_named(client: Client) -> None:
    response = client.post(url(CalendarYear, "add"), {"year": 2027, "arrangement": "春节 2月5日\n清明节\n元旦 2月30日"})
    assert problems(response) == [
        "第2行「清明节」无法识别：没有写日期，日期应如 2月5日 或 2027-02-05。",
        "第3行「元旦 2月30日」没有2027年2月30日这一天。",
    ]
    assert "清明节" in response.content.decode()


def test_a_year_that_is_there_is_not_entered_twice(client: Client) -> None:
    data = {"year": 2027, "arrangement": TEXT}
    client.post(url(CalendarYear, "add"), data)
    assert problems(client.post(url(CalendarYear, "add"), data)) == ["这一年已经登记，请打开它的页面修改。"]


@pytest.mark.parametrize("day", ["", "2027-02-30", "1900-01-01", "9999-12-31", "x" * 10_000, "2027-02-05\x00"])
def test_a_wrong_single_day_is_answered_in_words(client: Client, day: str) -> None:
    assert problems(client.post(url(CalendarDay, "add"), {"day": day, "kind": "rest"}))
    assert problems(client.post(url(CalendarDay, "add"), {"day": "2027-02-05", "kind": "never"}))
    assert not CalendarDay.objects.exists()


def test_staff_read_the_year_and_change_nothing(client: Client, world: World) -> None:
    client.post(url(CalendarYear, "add"), {"year": 2027, "arrangement": TEXT})
    row = CalendarYear.objects.get(year=2027)
    reader = Client()
    reader.force_login(world.staff)
    page = reader.get(url(CalendarYear, "change", row.pk)).content.decode()
    assert "春节 2027-02-05 至 2027-02-11" in page
    assert "<textarea" not in page
    for name, data in (("change", {"arrangement": "元旦 1月1日"}), ("delete", {"post": "yes"})):
        assert reader.post(url(CalendarYear, name, row.pk), data).status_code == 403
    assert reader.post(url(CalendarYear, "add"), {"year": 2028, "arrangement": "元旦 1月1日"}).status_code == 403
    assert CalendarDay.objects.filter(day__year=2027).count() == 12
