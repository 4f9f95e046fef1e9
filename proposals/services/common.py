"""What every act on a proposal begins and ends with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils import timezone

from accounts.models import Role
from casework import services as casework
from casework.rules import URGERS
from casework.services import CaseWasChanged, Owner, UnableToAct
from deputies.models import Seat, SeatStatus
from proposals.abilities import abilities
from proposals.models import Proposal
from proposals.presets import BETWEEN_OFFICES

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Unit
    from casework.models import Case
    from proposals.models import HandlingRound

NOT_IN_OFFICE = "只有在任代表可以提出建议；如有疑问，请联系代表工委核对您的代表信息。"


def take(
    *, proposal_id: int, seen_version: int | None, user: User, act: str, now: dt.datetime | None = None
) -> tuple[Case, Proposal]:
    """Lock a proposal for one act of the user, which the facts of the day ``now`` must allow.

    Raises Proposal.DoesNotExist when the user may not see it, CaseWasChanged when somebody acted since the page was
    opened, UnableToAct when the user may not do this now.
    """
    if not Proposal.objects.visible_to(user).filter(pk=proposal_id).exists():
        raise Proposal.DoesNotExist
    try:
        case = casework.lock_case(case_id=proposal_id, seen_version=seen_version)
    except CaseWasChanged as error:
        if error.event is None or error.event.verb not in BETWEEN_OFFICES or user.has_role(*URGERS, Role.UNIT):
            raise
        # Who was first is told, but not what passes between offices.
        raise CaseWasChanged(None) from error
    proposal = loaded(proposal_id)
    ability = abilities(user, proposal, today=timezone.localdate(now)).get(act)
    if ability is None:
        raise UnableToAct("本件当前不能办理这一步，请刷新页面查看最新情况。")
    if not ability.allowed:
        raise UnableToAct(ability.reason)
    return case, proposal


def loaded(proposal_id: int) -> Proposal:
    """Return a proposal whose case is locked, with what its acts read."""
    return Proposal.objects.select_related(
        "lead__person__user", "lead__delegation__township", "session", "step", "congress", "rules"
    ).get(pk=proposal_id)


def check_in_office(proposal: Proposal, today: dt.date) -> None:
    """Raise UnableToAct unless the lead deputy holds the seat today, and is not suspended (代表法 61, 62). One query."""
    if not Seat.objects.in_office_on(today).filter(pk=proposal.lead_id, status=SeatStatus.IN_OFFICE).exists():
        raise UnableToAct(NOT_IN_OFFICE)


def lead_owner(seat: Seat) -> Owner:
    """Return the lead deputy as the one who owes something; without an account it stays in the deputy's name."""
    return Owner(role=Role.DEPUTY, label=f"{seat.person.name}代表", user=seat.person.user)


def rating_about(seat: Seat) -> str:
    """Return how the ratings that several deputies owe on one proposal are told apart."""
    return f"seat:{seat.pk}"


def unit_owner(unit: Unit) -> Owner:
    """Return a unit as the one who owes something."""
    return Owner(role=Role.UNIT, label=unit.name, unit=unit)


def latest_round(proposal: Proposal) -> HandlingRound | None:
    """Return the round in progress, or None before the first assignment."""
    return proposal.rounds.order_by("-number").first()


def next_round_number(proposal: Proposal) -> int:
    """Return the number of the round to come; the locked case keeps it unique."""
    return (proposal.rounds.aggregate(last=Max("number"))["last"] or 0) + 1
