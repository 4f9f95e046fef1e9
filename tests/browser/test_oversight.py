"""The pages of the oversight on a desk, a tablet and a phone: nothing sticks out, the browser has no complaint."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import F
from django.urls import reverse

from bodies.models import Unit
from proposals.models import Proposal
from proposals.services import scoring
from tests import factories as make
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.proposals.oversight.acts import demanded, evaluated, inspected, overseen
from tests.proposals.oversight.test_scoring import NOW, give, records, scheme
from tests.proposals.test_proposal_path import assigned
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TABLET = {"width": 768, "height": 1024}
LONG = "关于加强城关镇中心小学周边校车停靠和接送秩序管理、完善安全护栏和减速设施并建立部门联动长效机制的若干建议"


def build(world: World) -> dict[str, str]:
    """A year with every light, two overseen items, inspections, a scheme in use; the pages by name."""
    rows = records(world)
    Proposal.objects.filter(pk=rows[0].pk).update(title=LONG)
    # Written straight into the table, they took the numbers that the counter gives next.
    Proposal.objects.update(number=F("number") + 50)
    row = assigned(world, title="关于推进老旧小区加装电梯的建议")
    overseen(world, row, world.leader, kind="leading", body="城建环资委员会")
    overseen(world, rows[3], world.leader)
    overseen(world, rows[0])
    visit = inspected(world, items=[row.pk])
    demanded(world, visit, row, within="", due_on=dt.date(2099, 6, 30))
    evaluated(world, rows[1], due_on=dt.date(2099, 6, 30))
    make.UnitFactory.create_batch(3, congress=world.congress)
    year = scheme(world)
    give(world, year, world.education, "8", note="有方案")
    draft = scoring.create_scheme(user=world.staff, now=NOW, year=2026, preset="procedure30")
    unit = [year.pk, world.education.pk]
    return {
        "board": reverse("proposals:oversight") + "?year=2026",
        "items": reverse("proposals:oversight-items"),
        "lights": reverse("proposals:oversight-lights") + "?year=2026",
        "coverage": reverse("proposals:coverage") + "?year=2026",
        "inspections": reverse("proposals:inspections"),
        "inspection": reverse("proposals:inspection", args=[visit.pk]),
        "inspection-new": reverse("proposals:inspection-new") + f"?unit={world.education.pk}",
        "inspection-unit": reverse("proposals:inspection-new"),
        "evaluations": reverse("proposals:evaluations"),
        "scoring-list": reverse("proposals:scoring"),
        "scoring": reverse("proposals:scoring-scheme", args=[year.pk]),
        "scoring-unit": reverse("proposals:scoring-unit", args=unit),
        "scoring-rows": reverse("proposals:scoring-rows", args=[*unit, year.items.get(measure="on_time").pk]),
        "scoring-items": reverse("proposals:scoring-items", args=[draft.pk]),
        "oversee": reverse("proposals:oversee", args=[row.pk]),
        "lift": reverse("proposals:lift", args=[row.pk]),
        "evaluate": reverse("proposals:evaluate", args=[row.pk]),
        "conclude": reverse("proposals:evaluate", args=[rows[1].pk]),
        "case": reverse("proposals:case", args=[row.pk]),
    }


def test_pages_fit_every_screen(county: World, visit: Callable[..., Visitor]) -> None:
    pages = build(county)
    assert Unit.objects.filter(congress=county.congress).count() == 6
    for name, viewport in (("desk", DESK), ("tablet", TABLET), ("phone", PHONE)):
        visitor = visit(viewport)
        page = visitor.log_in(county.staff)
        for what, url in pages.items():
            page.goto(url)
            visitor.shoot(f"oversight-{what}-{name}")
            assert visitor.fits_the_screen(), (what, name)
        assert visitor.complaints == [], name
    leader = visit(DESK)
    leader.log_in(county.leader).goto(pages["board"])
    leader.shoot("oversight-board-leader")
    segment = leader.page.locator(".lights__svg a").first
    segment.focus()
    segment.press("Enter")
    leader.page.get_by_role("heading", name="到期的答复").wait_for()
    leader.page.goto(pages["board"])
    leader.page.emulate_media(media="print")
    leader.shoot("oversight-board-print")
    assert leader.complaints == []
