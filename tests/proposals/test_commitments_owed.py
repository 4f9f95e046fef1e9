"""A unit that says it will solve a matter owes what it promises, once, and no longer than that makes sense."""

import datetime as dt

import pytest

from casework.models import ObligationState
from notices.models import Notice
from proposals import services
from proposals.models import Assignment, Commitment, Proposal
from tests.factories import at
from tests.proposals.replying import ready, reply_as, talked
from tests.proposals.test_commitments import MATTER, promised, rated
from tests.proposals.test_rating_together import RATED_AT, rate
from tests.world import World


def promises_later(world: World) -> Proposal:
    """The first reply says 正在解决 and names no promise; the deputy is not satisfied."""
    row = ready(world, rules="national_2025")
    reply_as(world.unit_user, row, world, outcome=world.outcomes["B"])
    rate(row, world.deputy, "dissatisfied")
    return row


def registration(row: Proposal) -> str:
    return row.obligations.get(act="commit").state


@pytest.mark.parametrize(
    ("outcome", "state"), [("A", ObligationState.CANCELLED), ("B", ObligationState.OPEN), ("B+", ObligationState.DONE)]
)
def test_second_reply_decides_on_the_registration_owed_since_the_first(world: World, outcome: str, state: str) -> None:
    row = promises_later(world)
    services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=RATED_AT)
    talked(row, world.unit_user, day=25, now=RATED_AT)
    promise = {"matter": MATTER, "responsible": "", "promised_for": dt.date(2026, 12, 31)} if "+" in outcome else {}
    reply_as(
        world.unit_user, row, world, now=RATED_AT, replied_on=RATED_AT.date(), document_no="云教〔2026〕8号",
        outcome=world.outcomes[outcome[0]], **promise,
    )  # fmt: skip
    assert registration(row) == state
    assert Commitment.objects.count() == ("+" in outcome)


def test_who_hands_the_matter_on_owes_no_registration(world: World) -> None:
    row = promises_later(world)
    part = Assignment.objects.get(round__proposal=row, round__number=2)
    services.reassign(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=RATED_AT, part_id=part.pk, unit=world.police,
        reason="改由公安办理。",
    )  # fmt: skip
    assert registration(row) == ObligationState.CANCELLED


def test_every_look_back_is_told(world: World) -> None:
    row = rated(world, promised(world))
    key, now = Commitment.objects.get().pk, at(2026, 6, 1)
    services.change_commitment(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=now, commitment_id=key,
        due_on=dt.date(2027, 1, 31), reason="财政评审。",
    )  # fmt: skip
    for text in ("现场没有开工。", "再次查看，还差一条线路。"):
        services.look_back(
            proposal_id=row.pk, seen_version=None, user=world.staff, now=now, commitment_id=key,
            happened_on=now.date(), text=text,
        )  # fmt: skip
    told = Notice.objects.filter(title__startswith="回头督", recipient=world.unit_user, channel="in_site")
    assert sorted(told.values_list("body", flat=True)) == sorted(
        [f"{MATTER}：现场没有开工。", f"{MATTER}：再次查看，还差一条线路。"]
    )
