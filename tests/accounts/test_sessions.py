"""How long a log-in lasts, and that its owner sees and ends the others."""

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.sessions import device_of
from tests.accounts.conftest import enter, inside, with_password
from tests.factories import at
from tests.world import World

LIST = "/accounts/sessions/"
PHONE = "Mozilla/5.0 (Linux; Android 14; HONOR) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0"


@pytest.mark.parametrize(("who", "minutes"), [("staff", 120), ("keeper", 30)])
def test_idle_log_in_ends(world: World, keeper: User, who: str, minutes: int) -> None:
    user = with_password(world.staff if who == "staff" else keeper)
    with time_machine.travel(at(2026, 3, 5, 8), tick=False) as clock:
        enter(client := Client(), user.username)
        for _ in range(3):
            clock.shift(dt.timedelta(minutes=minutes))
            assert inside(client)
        clock.shift(dt.timedelta(minutes=minutes, seconds=61))
        response = client.get("/notices/?show=unread")
        assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/notices/%3Fshow%3Dunread")
        assert f"超过 {minutes} 分钟没有操作" in client.get(response["Location"]).content.decode()
        again = enter(client, user.username, next="/notices/?show=unread")
        assert again["Location"] == "/notices/?show=unread"
        assert inside(client)


def test_log_in_ends_after_a_working_day_whatever_is_done(world: World) -> None:
    with_password(world.staff)
    with time_machine.travel(at(2026, 3, 5, 8), tick=False) as clock:
        enter(client := Client(), "staff")
        for _ in range(12):
            clock.shift(dt.timedelta(minutes=60))
            assert inside(client)
        clock.shift(dt.timedelta(seconds=1))
        assert not inside(client)
        assert "登录已经超过 12 小时" in client.get("/accounts/login/").content.decode()


def test_button_pressed_after_the_end_leads_to_words_and_not_to_an_empty_page(world: World) -> None:
    with_password(world.staff)
    address = reverse("deputies:report", args=[world.seat.person_id])
    with time_machine.travel(at(2026, 3, 5, 8), tick=False) as clock:
        enter(client := Client(), "staff")
        clock.shift(dt.timedelta(minutes=121))
        assert client.post(address)["Location"] == f"/accounts/login/?next={address}"
        assert enter(client, "staff", next=address)["Location"] == address
        page = client.get(address)
        assert (page.status_code, page["Allow"]) == (405, "POST")
        assert "刚才点的那一步没有执行" in page.content.decode()
        # A program reads no words.
        assert (client.put(address).content, client.options(address).content) == (b"", b"")


def test_page_that_asks_by_itself_keeps_nobody_in(world: World) -> None:
    with_password(world.staff)
    poll = {"HX-Request": "true", "HX-Current-URL": "http://testserver/reports/annual/"}
    with time_machine.travel(at(2026, 3, 5, 8), tick=False) as clock:
        enter(client := Client(), "staff")
        for _ in range(2):
            clock.shift(dt.timedelta(minutes=55))
            assert client.get(reverse("reports:runs"), headers=poll).status_code == 200
        clock.shift(dt.timedelta(minutes=11))
        ended = client.get(reverse("reports:runs"), headers=poll)
        assert (ended.status_code, ended["HX-Redirect"]) == (200, "/accounts/login/?next=%2Freports%2Fannual%2F")


def test_typing_after_the_end_is_answered_in_words_that_the_page_shows(world: World) -> None:
    with_password(world.deputy)
    with time_machine.travel(at(2026, 3, 5, 8), tick=False) as clock:
        enter(client := Client(), "deputy")
        clock.shift(dt.timedelta(hours=3))
        answer = client.post(
            reverse("proposals:autosave-new"), {"title": "x"}, headers={"X-Requested-With": "autosave"}
        )
    assert answer.status_code == 401


def test_page_costs_no_write_within_a_minute(world: World, django_assert_num_queries: object) -> None:
    with_password(world.staff)
    with time_machine.travel(at(2026, 3, 5, 8), tick=False) as clock:
        enter(client := Client(), "staff")
        client.get(LIST)
        clock.shift(dt.timedelta(seconds=59))
        client.get("/notices/")
        assert UserSession.objects.get().last_seen_at == at(2026, 3, 5, 8)
        clock.shift(dt.timedelta(seconds=1))
        client.get("/notices/")
        assert UserSession.objects.get().last_seen_at == at(2026, 3, 5, 8) + dt.timedelta(minutes=1)


def test_own_sessions_are_listed_and_ended_one_by_one(world: World) -> None:
    with_password(world.staff)
    with_password(world.leader)
    here, phone, third = Client(HTTP_USER_AGENT=EDGE), Client(HTTP_USER_AGENT=PHONE, REMOTE_ADDR="10.9.9.9"), Client()
    for client in (here, phone, third):
        enter(client, "staff")
    enter(stranger := Client(REMOTE_ADDR="10.7.7.7"), "leader")
    page = here.get(LIST).content.decode()
    for words in ("3 处", "Edge 浏览器，Windows 电脑", "微信，安卓手机", "10.9.9.9", "这一台"):
        assert words in page
    assert "10.7.7.7" not in page
    of_phone = UserSession.objects.get(ip="10.9.9.9")
    end = reverse("accounts:end_session", args=[of_phone.pk])
    assert stranger.post(end).status_code == 404
    assert inside(phone)
    assert here.post(end).status_code == 302
    assert (inside(here), inside(phone), inside(third)) == (True, False, True)
    assert here.post(end).status_code == 404
    assert here.post(LIST).status_code == 302
    assert (inside(here), inside(third), inside(stranger)) == (True, False, True)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (EDGE, "Edge 浏览器，Windows 电脑"),
        (PHONE, "微信，安卓手机"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Safari/604.1",
            "Safari 浏览器，iPhone",
        ),
        ("curl/8.0", "其他设备"),
        ("", "其他设备"),
    ],
)
def test_devices_are_called_as_people_call_them(agent: str, name: str) -> None:
    assert device_of(agent) == name
