"""承诺落实率 and 联系代表率 of real records: a unit is judged by what it did, not by what others did with it."""

import datetime as dt
from decimal import Decimal

from django.urls import reverse

from proposals import services
from proposals.models import Commitment, Measure, Proposal, ScoringScheme
from proposals.queries.scoring import facts_of, standing
from proposals.rules.scoring import PartFacts, verdict
from proposals.scoring_presets import ItemPreset
from proposals.services import scoring
from proposals.services.withdrawing import withdraw
from tests.factories import at
from tests.proposals.handing import given, waiting
from tests.proposals.replying import ready, reply_as
from tests.proposals.test_proposal_pages import as_user
from tests.world import World

DUE = dt.date(2026, 6, 30)
VERIFIED = at(2026, 8, 3)
TODAY = dt.date(2026, 8, 4)


def scheme(world: World) -> ScoringScheme:
    row = scoring.create_scheme(user=world.staff, now=VERIFIED, year=2026, preset="records")
    scoring.change_scheme(
        scheme_id=row.pk,
        seen_version=None,
        user=world.staff,
        name=row.name,
        items=[ItemPreset("落实承诺", Decimal(10), Measure.COMMITMENTS)],
    )
    return scoring.activate_scheme(scheme_id=row.pk, user=world.staff)


def promised(world: World, number: int, due_on: dt.date = DUE) -> Proposal:
    row = ready(world, number, rules="national_2025")
    fields = {"matter": f"第{number}项", "responsible": "王局长", "promised_for": due_on}
    reply_as(world.unit_user, row, world, outcome=world.outcomes["B"], document_no=f"云教〔2026〕{number}号", **fields)
    return row


def reported(world: World, row: Proposal, month: int, day: int, kind: str = "claim") -> None:
    """The unit reports on that day what it did on that day."""
    services.report_commitment(
        proposal_id=row.pk, seen_version=None, user=world.unit_user, now=at(2026, month, day), kind=kind,
        commitment_id=Commitment.objects.get(proposal=row).pk, happened_on=dt.date(2026, month, day), text="情况。",
    )  # fmt: skip


def verified(world: World, row: Proposal, *, agreed: bool = True) -> None:
    services.verify_commitment(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=VERIFIED, agreed=agreed, text="已查看。",
        commitment_id=Commitment.objects.get(proposal=row).pk,
    )  # fmt: skip


def test_rate_of_commitments_is_what_comes_out_by_hand(world: World) -> None:
    rows = {number: promised(world, number) for number in range(1, 9)}
    promised(world, 9, dt.date(2026, 12, 31))
    # 1 and 2 kept in time, the office took five weeks to verify it; 3 kept a day late.
    for number, day in ((1, (6, 30)), (2, (6, 1)), (3, (7, 1))):
        reported(world, rows[number], *day)
        verified(world, rows[number])
    # 4 claimed in time and not verified yet; 5 claimed late.
    reported(world, rows[4], 6, 30)
    reported(world, rows[5], 7, 1)
    # 6 given up; 7 claimed in time, but it was not so, and it is overdue now; 8 overdue; 9 not due.
    reported(world, rows[6], 6, 20, "explain")
    verified(world, rows[6])
    reported(world, rows[7], 6, 20)
    verified(world, rows[7], agreed=False)
    row = scheme(world)
    [item], [line] = row.items.all(), standing(row, list(row.items.all()), TODAY)
    # 1 and 2 of 1, 2, 3, 5, 6, 7, 8; nothing is said of 4 and 9. 10 points × 2 ÷ 7 = 2.857
    assert (line.unit, line.cells[item.pk].words, line.cells[item.pk].points) == ("县教育局", "2／7", Decimal("2.9"))
    page = as_user(world.leader).get(reverse("proposals:scoring-rows", args=[row.pk, world.education.pk, item.pk]))
    shown = {one["fact"].title: (one["words"], *one["days"]) for one in page.context["rows"]}
    assert (shown["第1项"], shown["第3项"], shown["第8项"]) == (
        ("按期落实", DUE, DUE),
        ("没有按期落实", DUE, dt.date(2026, 7, 1)),
        ("没有按期落实", DUE, None),
    )
    assert "第4项" not in shown
    assert "以承办单位申报的落实日期为准" in page.content.decode()


def test_withdrawn_item_is_not_counted_as_never_contacted(world: World) -> None:
    row = given(world, waiting(world))
    given(world, waiting(world, 2))
    withdraw(proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 5), reason="已解决。")
    facts = [one for one in facts_of(scheme(world), TODAY) if isinstance(one, PartFacts)]
    found = {one.number: verdict(Measure.CONTACTED, one, TODAY) for one in facts}
    assert found == {"第1号": None, "第2号": False}
