"""The home page is the whole list of what a person owes, not its first page alone."""

import re

import pytest
from django.test import Client

from casework.models import Event
from tests.casework.owing import NOW, assign, case, owe
from tests.world import World

pytestmark = pytest.mark.django_db

TITLES = re.compile(r'class="owed__title[^>]*title="关于第(\d+)件事的建议"')


@pytest.fixture
def unit(client: Client, world: World) -> Client:
    """A clerk of the education office, which owes 23 replies, the oldest first."""
    for number in range(1, 24):
        row = case(world, number)
        assign(world, row)
        owe(world, number, row)
    client.force_login(world.unit_user)
    return client


def listed(page: Client, address: str) -> list[int]:
    answer = page.get(address)
    assert answer.status_code == 200
    return [int(number) for number in TITLES.findall(answer.content.decode())]


@pytest.mark.parametrize(
    ("address", "numbers"),
    [
        ("/", range(1, 21)),
        ("/?view=todo", range(1, 21)),
        ("/?view=todo&page=2", range(21, 24)),
        ("/?view=todo&page=99", range(21, 24)),
        ("/?view=todo&page=x%00", range(1, 21)),
        ("/?view=nothing", range(1, 21)),
        ("/?view=waiting", []),
    ],
)
def test_every_task_is_on_one_of_the_pages(address: str, numbers: range, unit: Client) -> None:
    assert listed(unit, address) == list(numbers)


def test_how_many_there_are_opens_onto_all_of_them(unit: Client) -> None:
    text = unit.get("/").content.decode()
    assert '<a href="?view=todo">查看全部 23 件待办</a>' in text
    assert "?view=waiting" not in text
    assert "没有等待他人办理的事项" in unit.get("/?view=waiting").content.decode()


def test_what_staff_wait_for_is_turned_by_pages(client: Client, world: World) -> None:
    for number in range(1, 24):
        row = case(world, number, created_by=world.staff)
        owe(world, number, row)
    client.force_login(world.staff)
    assert '<a href="?view=waiting">查看全部 23 件</a>' in client.get("/").content.decode()
    assert listed(client, "/?view=waiting&page=2") == [21, 22, 23]


def test_a_case_worked_on_often_stands_once_among_the_recent(client: Client, world: World) -> None:
    rows = [case(world, number) for number in (1, 2)]
    for row, step in ((rows[0], "审议"), (rows[1], "审议"), (rows[0], "交办")):
        Event.objects.create(case=row, at=NOW, actor=world.staff, verb="decide", sentence="……", step_label=step)
    client.force_login(world.staff)
    shown = client.get("/").context["recent"]
    assert [(row["title"], row["note"]) for row in shown] == [(str(rows[0]), "交办"), (str(rows[1]), "审议")]
