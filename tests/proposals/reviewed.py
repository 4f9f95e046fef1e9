"""Proposals on their way through the review, under whichever procedure."""

from typing import Any

from accounts.models import User
from casework.models import Procedure
from proposals import services
from proposals.models import Arrangement, Proposal
from tests.factories import at
from tests.proposals.test_proposal_path import submitted
from tests.world import World

TODAY = at(2026, 3, 3)


def run_by(world: World, code: str, **required: list[str]) -> Procedure:
    """Let the term's new proposals run by a procedure; ``required`` says by code what its steps demand instead."""
    procedure = Procedure.objects.get(code=code, is_active=True)
    for step, codes in required.items():
        procedure.steps.filter(code=step).update(required=codes)
    Arrangement.objects.filter(term=world.term).update(procedure=procedure)
    return procedure


def fresh(row: Proposal) -> Proposal:
    return Proposal.objects.select_related("step").get(pk=row.pk)


def decide(user: User, row: Proposal, outcome: str = "pass", **given: Any) -> Proposal:
    version = Proposal.objects.values_list("version", flat=True).get(pk=row.pk)
    return services.review(
        proposal_id=row.pk, seen_version=version, user=user, now=given.pop("now", TODAY), outcome_code=outcome, **given
    )


def handed_over(world: World, row: Proposal, **given: Any) -> Proposal:
    """Assign to the education and, assisting, the police unit."""
    return services.assign(
        proposal_id=row.pk,
        seen_version=fresh(row).version,
        user=world.staff,
        now=at(2026, 3, 4),
        lead=world.education,
        assisting=[world.police],
        **given,
    )


def to_final_review(world: World, title: str) -> Proposal:
    """Bring a proposal under dongkou351 to the council of chairpersons."""
    row = decide(world.township_user, submitted(world, title=title))
    return decide(world.staff, row, category=world.category)


def last_line(row: Proposal) -> str:
    return row.events.latest("pk").sentence
