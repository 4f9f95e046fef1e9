"""The leader's page: what he oversees, which units are overdue, the lights of a year; the same few queries always."""

import datetime as dt

import pytest
from django.db import connection
from django.urls import reverse

from bodies.models import Unit
from casework.models import CaseStatus, Event, Obligation
from notices.models import Notice
from proposals.light_chart import BAR, HEIGHT, light_chart
from proposals.models import Evaluation, Inspection, Oversight, Proposal, Reply
from proposals.queries.oversight import lights_by_month, overdue_by_unit
from proposals.services import scoring
from tests import factories as make
from tests.factories import at
from tests.proposals.oversight.acts import MEETING, NOW, overseen
from tests.proposals.rows import write_proposals
from tests.proposals.test_proposal_pages import as_user
from tests.proposals.test_proposal_path import assigned
from tests.proposals.test_proposal_query_counts import fill, warm
from tests.world import World

TODAY = dt.date(2026, 6, 10)


def parts(world: World) -> None:
    """Answering parts due in May and June of 2026, one for each light; and what must not count."""
    dues = [
        # due, replied on, status
        ((5, 20), (5, 20), "open"),
        ((5, 20), (5, 21), "closed"),
        ((5, 30), None, "open"),
        ((6, 12), None, "open"),
        ((6, 30), None, "open"),
        ((6, 30), None, "open"),
        ((6, 30), None, "closed"),
    ]
    rows = write_proposals(
        world, [{"title": f"关于第{n}件事的建议", "number": n + 1} for n in range(len(dues))], step="reply"
    )
    for row, (due, replied, status) in zip(rows, dues, strict=True):
        round_ = row.rounds.create(number=1, opened_at=NOW)
        part = round_.assignments.create(unit=world.education, role="lead", due_on=dt.date(2026, *due))
        round_.assignments.create(unit=world.police, role="assist", due_on=dt.date(2026, *due))
        if replied:
            Reply.objects.create(
                assignment=part, unit=part.unit, replied_on=dt.date(2026, *replied), recorded_at=NOW, is_imported=True
            )
        if status == "closed":
            Proposal.objects.filter(pk=row.pk).update(status=CaseStatus.CLOSED, step=None, closed_at=NOW)
    # An earlier round does not count beside the last one.
    earlier = rows[0].rounds.get()
    rows[0].rounds.filter(pk=earlier.pk).update(number=2)
    first = rows[0].rounds.create(number=1, opened_at=NOW)
    first.assignments.create(unit=world.education, role="lead", due_on=dt.date(2026, 5, 1))


COUNTS = {(5, "in_time"): 1, (5, "late"): 1, (5, "red"): 1, (6, "yellow"): 1, (6, "green"): 2}


def test_lights_are_counted_by_the_month_in_which_the_reply_is_due(world: World) -> None:
    parts(world)
    assert lights_by_month(world.leader, 2026, TODAY) == COUNTS
    assert lights_by_month(world.leader, 2025, TODAY) == {}
    assert lights_by_month(world.stranger, 2026, TODAY) == {}


def test_bars_stand_on_each_other_and_end_at_the_total() -> None:
    chart = light_chart(COUNTS, lambda month, light: f"/{month}/{light}")
    may, june = chart["months"][4], chart["months"][5]
    assert [(one["light"], one["n"]) for one in may["segments"]] == [("in_time", 1), ("late", 1), ("red", 1)]
    assert (may["total"], june["total"], chart["months"][0]["segments"], chart["total"]) == (3, 3, [], 6)
    for upper, lower in zip(may["segments"][1:], may["segments"], strict=False):
        assert upper["y"] + upper["height"] == lower["y"]
    assert may["segments"][0]["y"] + may["segments"][0]["height"] == chart["floor"]
    assert all(0 < one["y"] < HEIGHT for one in (*may["segments"], *june["segments"]))
    assert june["x"] - may["x"] > BAR
    assert [line["n"] for line in chart["lines"]] == [0, 1, 2, 3]
    assert chart["legend"][0] == {
        "light": "in_time", "words": "按时答复", "n": 1, "url": "/0/in_time", "fill": "",
    }  # fmt: skip
    assert chart["table"][4]["cells"][1] == {"n": 1, "url": "/5/late"}
    assert light_chart({}, lambda month, light: "")["total"] == 0
    assert light_chart({(1, "red"): 123_456}, lambda month, light: "")["months"][0]["segments"][0]["height"] > 0


def test_every_segment_opens_onto_its_rows(world: World) -> None:
    parts(world)
    client = as_user(world.leader)
    page = client.get(reverse("proposals:oversight"), {"year": "2026"})
    segments = [one for month in page.context["chart"]["months"] for one in month["segments"]]
    assert sum(one["n"] for one in segments) == 6
    for one in [*segments, *page.context["chart"]["legend"]]:
        assert client.get(one["url"]).context["page_obj"].paginator.count == one["n"], one
    lights = reverse("proposals:oversight-lights")
    assert client.get(lights, {"year": "2026"}).context["page_obj"].paginator.count == 6
    for bad in ({"light": "blue"}, {"month": "13"}, {"month": "x"}):
        assert client.get(lights, bad).status_code == 404, bad
    for year in ("", "x", "0000", "99999", "2999"):
        for name in ("oversight", "oversight-lights", "oversight-items", "coverage", "inspections"):
            assert client.get(reverse(f"proposals:{name}"), {"year": year}).status_code == 200, (name, year)


def test_what_the_leader_oversees_is_urged_with_one_click_and_he_comes_back(world: World) -> None:
    row, other = assigned(world), assigned(world, title="不归他督办的建议")
    overseen(world, row, world.leader)
    overseen(world, other)
    client, url = as_user(world.leader), reverse("proposals:oversight")
    page = client.get(url)
    assert [one["url"] for one in page.context["mine"]] == [row.get_absolute_url()]
    shown = page.context["mine"][0]
    assert (shown["overseers"], shown["unit"], shown["urged_today"]) == (["对口督办：陈主任"], "县教育局", False)
    first = row.obligations.open().order_by("due_on", "pk").first()
    assert (shown["urge_url"], shown["owed"]) == (
        reverse("casework:urge", args=[first.pk]),
        f"{first.owner_label}{first.verb}",
    )
    back = client.post(shown["urge_url"], {"next": f"{url}?year=2026"})
    assert back["Location"] == f"{url}?year=2026"
    assert Event.objects.filter(case=row.pk, verb="urge").count() == 1
    assert Notice.objects.filter(rule="urge").exists()
    assert "今天已催办" in client.get(url).content.decode()
    staff = as_user(world.staff).get(url)
    assert staff.context["mine"] == []
    assert "目前没有由您督办的件" in staff.content.decode()


def test_overdue_units_lead_to_the_page_of_supervision(world: World) -> None:
    row = assigned(world)
    Obligation.objects.filter(case=row.pk).update(due_on=dt.date(2026, 4, 1))
    assert overdue_by_unit(world.leader, TODAY) == [
        (world.police.pk, "县公安局", 2), (world.education.pk, "县教育局", 2),
    ]  # fmt: skip
    client = as_user(world.leader)
    page = client.get(reverse("proposals:oversight"))
    for bar in page.context["late"]:
        assert client.get(bar["url"]).context["page_obj"].paginator.count == bar["value"], bar
    assert overdue_by_unit(world.stranger, TODAY) == []


def test_navigation_leads_leaders_to_it_first_and_marks_one_entry(world: World) -> None:
    for user, place in ((world.leader, 0), (world.staff, 2)):
        nav = as_user(user).get(reverse("proposals:oversight")).context["nav"]
        assert nav[place]["label"] == "督办"
        assert [entry["label"] for entry in nav if entry["active"]] == ["督办"]
    for user in (world.gov_office, world.unit_user, world.deputy, world.township_user):
        client = as_user(user)
        page = client.get(reverse("proposals:list"))
        assert [entry["label"] for entry in page.context["nav"] if entry["active"]] == ["建议议案"]
        assert "督办" not in [entry["label"] for entry in page.context["nav"]]
        for name in ("oversight", "oversight-items", "oversight-lights", "evaluations", "inspections", "coverage"):
            assert client.get(reverse(f"proposals:{name}")).status_code == 404, (user, name)


def filled(world: World, rows: int) -> dict[str, str]:
    """So many proposals, all overseen by the leader, evaluated and inspected; the pages that list them."""
    fill(world, rows)
    everything = list(Proposal.objects.order_by("pk"))
    by = {"set_at": NOW, "set_by": world.staff, "meeting": "主任会议", "decided_on": MEETING["decided_on"]}
    Oversight.objects.bulk_create(
        Oversight(proposal=row, kind="field", overseer=world.leader, **by) for row in everything
    )
    Evaluation.objects.bulk_create(
        Evaluation(
            proposal=row, why="原因", evaluators="专班", meeting="主任会议", decided_on=MEETING["decided_on"],
            due_on=TODAY, opened_at=NOW, opened_by=world.staff,
        )
        for row in everything
    )  # fmt: skip
    units = [world.education, *make.UnitFactory.create_batch(rows // 10, congress=world.congress)]
    for n in range(rows):
        made = Inspection.objects.create(
            congress=world.congress, unit=units[n % len(units)], held_on=dt.date(2026, 5, 1), inspectors="专班",
            saw_site=True, findings="情况", request_key=f"00000000-0000-0000-0000-{n:012}", recorded_at=NOW,
            recorded_by=world.staff,
        )  # fmt: skip
        made.items.add(everything[n])
    row = scoring.create_scheme(user=world.staff, now=at(2026, 6, 10), year=2026, preset="records")
    scoring.activate_scheme(scheme_id=row.pk, user=world.staff)
    unit = [row.pk, world.education.pk]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {
        reverse("proposals:oversight") + "?year=2026": 12,
        reverse("proposals:oversight-items"): 10,
        reverse("proposals:oversight-lights") + "?year=2026": 7,
        reverse("proposals:evaluations"): 6,
        reverse("proposals:inspections"): 7,
        reverse("proposals:coverage") + "?year=2026": 7,
        reverse("proposals:coverage-file") + "?year=2026": 7,
        reverse("proposals:coverage-unit", args=[world.education.pk]) + "?year=2026": 9,
        reverse("proposals:scoring-scheme", args=[row.pk]): 9,
        reverse("proposals:scoring-file", args=[row.pk]): 9,
        reverse("proposals:scoring-unit", args=unit): 10,
        reverse("proposals:scoring-rows", args=[*unit, row.items.get(measure="contacted").pk]): 9,
    }


@pytest.mark.slow
@pytest.mark.parametrize("rows", [3, 300])
def test_pages_ask_the_same_whatever_their_length(world: World, rows: int, django_assert_num_queries: object) -> None:
    pages = filled(world, rows)
    assert Unit.objects.filter(congress=world.congress).count() == 3 + rows // 10
    client = as_user(world.leader)
    warm(client)
    for url, expected in pages.items():
        with django_assert_num_queries(expected, info=url):
            answer = client.get(url)
            assert answer.status_code == 200, url
            assert b"".join(answer)
