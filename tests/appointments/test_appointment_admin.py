"""The register of appointments in the browser: staff keep it, leaders read it, nobody else is let in."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from appointments.models import Appointment
from bodies.models import Meeting
from tests import factories as make
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 5)


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(page: str, *args: object) -> str:
    return reverse(f"admin:appointments_appointment_{page}", args=args)


def data(world: World, **values: object) -> dict:
    return {
        "congress": world.congress.pk, "name": "王建国", "post": "县教育局局长", "wording": "decide_appoint",
        "decided_on": "2026-03-05",
    } | values  # fmt: skip


def item(world: World, **values: object) -> Appointment:
    stored = {"name": "王建国", "post": "县教育局局长", "wording": "decide_appoint", "decided_on": DAY}
    return Appointment.objects.create(congress=world.congress, **stored | values)


def errors(response: object) -> list[str]:
    """Every error of the form, in the order of the page."""
    assert response.status_code == 200
    found = [[error] if isinstance(error, str) else list(error) for error in response.context["errors"]]
    return [str(error) for errors in found for error in errors]


def test_staff_add_change_and_delete_an_item(world: World) -> None:
    client = as_user(world.staff)
    added = data(
        world, name="阿卜杜拉.买买提", meeting_name="第三十次 会议", exam_score="92.5", made_statement="on", expected=30
    )
    assert client.post(url("add"), added).status_code == 302
    row = Appointment.objects.get()
    assert (row.name, row.meeting.name, row.meeting.term, row.exam_score, row.made_statement, row.took_oath) == (
        "阿卜杜拉·买买提", "第三十次会议", world.term, 92.5, True, False,
    )  # fmt: skip
    page = client.get(url("change", row.pk)).content.decode()
    assert '<option value="第三十次会议"></option>' in page
    changed = data(
        world, name="阿卜杜拉·买买提", meeting_name="第三十一次会议", took_oath="on", expected=30, in_favour=28
    )
    assert client.post(url("change", row.pk), changed).status_code == 302
    row.refresh_from_db()
    assert (row.meeting.name, row.took_oath, row.made_statement, row.in_favour) == ("第三十一次会议", True, False, 28)
    assert client.post(url("change", row.pk), changed | {"meeting_name": ""}).status_code == 302
    row.refresh_from_db()
    assert row.meeting is None
    assert client.post(url("delete", row.pk), {"post": "yes"}).status_code == 302
    assert (Appointment.objects.count(), Meeting.objects.count()) == (0, 2)


def test_what_cannot_be_is_an_error_of_the_form(world: World) -> None:
    item(world)
    client = as_user(world.staff)
    for sent, expected in [
        ({}, ["同一天、同一人、同一职务的这一事项已经登记。"]),
        ({"name": " "}, ["请填写这一项。"]),
        ({"name": "新人", "exam_score": "100.5"}, ["法律考试成绩应当在0到100之间。"]),
        ({"name": "新人", "expected": 2, "in_favour": 1, "against": 2}, ["赞成、反对、弃权之和不能多于应到人数。"]),
        (
            {"name": "新人", "decided_on": "2015-01-01", "meeting_name": "第一次会议"},
            [
                "日期 2015-01-01 不在云溪县的任何一届之内，会次「第一次会议」无处可归。请核对日期，或先登记这一届，或不填会次。"
            ],
        ),
        ({"name": "新人", "congress": world.foreign_congress.pk}, ["所选内容不在可选范围内，请重新选择。"]),
    ]:
        response = client.post(url("add"), data(world, **sent))
        assert errors(response) == expected
    assert (Appointment.objects.count(), Meeting.objects.count()) == (1, 0)


def test_who_may_do_what(world: World) -> None:
    row = item(world, meeting=Meeting.objects.create(term=world.term, name="第三十次会议"))
    foreign_term = make.TermFactory(congress=world.foreign_congress)
    Meeting.objects.create(term=foreign_term, name="石桥会议")
    for name in ("deputy", "unit_user", "gov_office", "township_user"):
        assert as_user(getattr(world, name)).get(url("changelist")).status_code in (302, 403), name
    assert "石桥会议" not in as_user(world.staff).get(url("add")).content.decode()
    leader = as_user(world.leader)
    page = leader.get(url("change", row.pk)).content.decode()
    assert "第三十次会议" in page
    assert "meeting_name" not in page
    assert b"".join(leader.get(url("export")).streaming_content)[:2] == b"PK"
    assert {leader.get(url(name)).status_code for name in ("add", "import", "template")} == {403}
    assert leader.post(url("change", row.pk), data(world, name="改名")).status_code == 403
    stranger = as_user(world.stranger)
    assert "王建国" not in stranger.get(url("changelist")).content.decode()
    pages = [url(name, row.pk) for name in ("change", "delete", "history")]
    assert [stranger.get(page).status_code for page in pages] == [404, 404, 404]
    assert stranger.post(url("delete", row.pk), {"post": "yes"}).status_code == 404
    assert Appointment.objects.get().name == "王建国"


def test_the_list_filters_searches_and_adds_up(world: World) -> None:
    meeting = Meeting.objects.create(term=world.term, name="第三十次会议")
    item(world, exam_score=90, made_statement=True, letter_issued=True, took_oath=True)
    item(world, name="李四", post="审判员", wording="remove", decided_on=dt.date(2025, 6, 1), meeting=meeting)
    client = as_user(world.staff)

    def found(**query: str) -> tuple[list[str], list[str]]:
        response = client.get(url("changelist"), query)
        assert response.status_code == 200, query
        listed = response.context["cl"]
        return [row.name for row in listed.result_list], [number for _, number in listed.totals]

    assert found() == (["王建国", "李四"], ["2", "1", "1", "1", "1"])
    one = (["李四"], ["1", "0", "0", "0", "0"])
    for query in (
        {"wording__exact": "remove"}, {"q": "李"}, {"q": "审判"}, {"year": "2025"}, {"meeting": str(meeting.pk)},
    ):  # fmt: skip
        assert found(**query) == one, query
    assert found(meeting="0") == ([], [])


@pytest.mark.parametrize("rows", [3, 300])
def test_the_list_asks_the_same_whatever_its_length(world: World, rows: int, django_assert_num_queries: object) -> None:
    for n in range(rows):
        meeting = Meeting.objects.create(term=world.term, name=f"第{n}次会议")
        item(world, name=f"第{n}人", meeting=meeting, decided_on=DAY - dt.timedelta(n))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = as_user(world.staff)
    row = Appointment.objects.first()
    pages = [
        (url("changelist"), 9),
        (url("changelist") + "?q=第&wording__exact=decide_appoint", 9),
        (url("change", row.pk), 10),
    ]
    for page, expected in pages:
        # The first request of a session does what no later one does.
        client.get(page)
        with django_assert_num_queries(expected, info=page):
            assert client.get(page).status_code == 200
