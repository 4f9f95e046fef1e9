"""Deputies who sign together, and drafts that they sign."""

from accounts.models import User
from deputies.models import Seat
from proposals.models import Cosignature, HandlingRules, Proposal
from proposals.rules import text_digest
from proposals.services import signing
from tests import factories as make
from tests.factories import at
from tests.proposals.test_proposal_path import draft
from tests.world import World

NOW = at(2026, 3, 2)
BILL = {"form": "bill", "title": "关于制定校车安全管理办法的议案", "grounds": "有关法律规定。", "plan": "分三步实施。"}


def colleagues(world: World, count: int) -> list[Seat]:
    """Make further deputies of the county with accounts."""
    found = []
    for n in range(count):
        user = make.UserFactory(name=f"联名{n}", role="deputy", role__congress=world.congress)
        delegation = world.seat.delegation
        found.append(
            make.SeatFactory(term=world.term, delegation=delegation, person__name=user.name, person__user=user)
        )
    return found


def invited(world: World, *seats: Seat, **fields: object) -> Proposal:
    """Return a draft that deputies were asked to sign."""
    row = draft(world, **fields)
    return ask(world, row, *seats) if seats else row


def ask(world: World, row: Proposal, *seats: Seat) -> Proposal:
    signing.invite(proposal_id=row.pk, seen_version=None, user=world.deputy, now=NOW, seats=[seat.pk for seat in seats])
    return Proposal.objects.get(pk=row.pk)


def answer(row: Proposal, user: User, *, agrees: bool = True) -> Proposal:
    """Answer an invitation after reading the text as it stands."""
    digest = text_digest(Proposal.objects.get(pk=row.pk))
    return signing.answer_invitation(proposal_id=row.pk, seen_digest=digest, user=user, now=NOW, agrees=agrees)


def signed_by(world: World, *seats: Seat, **fields: object) -> Proposal:
    """Return a draft that deputies have signed."""
    row = invited(world, *seats, **fields)
    for seat in seats:
        answer(row, seat.person.user)
    return Proposal.objects.get(pk=row.pk)


def states(row: Proposal) -> dict[str, str]:
    """Return the state of each signature by the deputy's name."""
    return dict(Cosignature.objects.filter(proposal=row).values_list("seat__person__name", "state"))


def with_consent(world: World) -> None:
    """Let the term run under rules that ask co-signers before a withdrawal (上海 10)."""
    world.term.arrangement.rules = HandlingRules.objects.get(code="shanghai_2015")
    world.term.arrangement.save()
