"""A person's page shows what he or she did, by year, with the way to each source."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from duties.models import DutyRecord, Source
from tests import factories as make
from tests.duties.ledger import followed, line, typed
from tests.proposals.test_proposal_path import submitted
from tests.world import World

pytestmark = pytest.mark.django_db


def get(user: User, world: World) -> tuple[dict, str]:
    client = Client()
    client.force_login(user)
    response = client.get(reverse("deputies:person", args=[world.seat.person_id]))
    assert response.status_code == 200
    return response.context.get("duties"), response.content.decode()


def test_lines_stand_by_year_newest_first_with_counts_by_type(world: World) -> None:
    typed(
        world,
        line(world.seat, topic="旧的", done_on=dt.date(2025, 5, 1)),
        line(world.seat, topic="早的", done_on=dt.date(2026, 1, 2), place="党校", suggestions=2),
        line(world.seat, topic="晚的", done_on=dt.date(2026, 9, 1), type="专题调研"),
        line(world.other_seat, topic="别人的"),
    )
    duties, html = get(world.staff, world)
    assert duties["total"] == 3
    assert [(bar["label"], bar["value"], bar["share"]) for bar in duties["kinds"]] == [
        ("学习培训", 2, 100.0),
        ("专题调研", 1, 50.0),
    ]
    assert [(year["year"], year["total"], [row["topic"] for row in year["lines"]]) for year in duties["years"]] == [
        (2026, 2, ["晚的", "早的"]),
        (2025, 1, ["旧的"]),
    ]
    assert duties["years"][0]["kinds"] == [{"label": "专题调研", "value": 1}, {"label": "学习培训", "value": 1}]
    assert "别人的" not in html
    assert "提出建议 2 件" in html
    assert html.count('<details class="ledger"') == 2
    assert html.count('<details class="ledger" open>') == 1


def test_each_line_leads_to_its_source_for_whom_may_open_it(world: World) -> None:
    row = submitted(world)
    (mine,) = typed(world, line(world.seat, topic="代录的"))
    followed(world, {5: [line(world.seat, topic="没有页面的登记")]}, Source.RECEPTION)
    case = reverse("proposals:case", args=[row.pk])
    record = reverse("admin:duties_dutyrecord_change", args=[mine.pk])

    def addresses(user: User) -> set[tuple[str, str]]:
        duties, _ = get(user, world)
        return {(line["source_label"], line["url"]) for year in duties["years"] for line in year["lines"]}

    assert addresses(world.staff) == {("建议议案", case), ("本人", record), ("接待登记", "")}
    # The deputy reads the own case; the register of the office is closed to him or her.
    assert addresses(world.deputy) == {("建议议案", case), ("本人", ""), ("接待登记", "")}


def test_who_sees_nothing_of_it_has_no_such_section(world: World) -> None:
    typed(world, line(world.seat))
    for user in (world.unit_user, world.gov_office, world.other_deputy):
        duties, html = get(user, world)
        assert duties is None
        assert "履职记录" not in html
    assert get(world.township_user, world)[0]["total"] == 1


def test_an_empty_ledger_says_what_will_stand_there(world: World) -> None:
    duties, html = get(world.deputy, world)
    assert duties == {"total": 0, "kinds": [], "years": []}
    assert "还没有履职记录" in html


def test_the_page_takes_the_same_queries_for_3_and_300_lines(world: World) -> None:
    submitted(world)

    client = Client()
    client.force_login(world.staff)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("deputies:person", args=[world.seat.person_id])).status_code == 200
        return len(captured)

    queries()

    typed(world, line(world.seat, topic="一"))
    followed(world, {5: [line(world.seat, topic="二")]}, Source.RECEPTION)
    few = queries()
    lines = [line(world.seat, topic=f"第{n}次", done_on=dt.date(2024 + n % 3, 1, 1 + n % 28)) for n in range(300)]
    typed(world, *lines)
    followed(world, {100 + n: [line(world.seat, topic=f"接待{n}")] for n in range(20)}, Source.RECEPTION)
    assert DutyRecord.objects.count() == 323
    assert queries() == few


def test_the_page_keeps_to_the_strict_policy(world: World) -> None:
    typed(world, line(world.seat, topic="<script>alert(1)</script>", content='"><img src=x onerror=y>'))
    _, html = get(world.staff, world)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert not re.search(r"<[^>]+\sstyle\s*=", html)


def test_the_township_sees_what_its_deputies_did_for_the_county(world: World) -> None:
    seat = make.SeatFactory(term=make.TermFactory(congress=world.township), person=world.seat.person)
    followed(world, {5: [line(seat, topic="在乡镇的席位上")]})
    assert get(world.township_user, world)[0]["total"] == 1
    assert get(world.staff, world)[0]["total"] == 1
