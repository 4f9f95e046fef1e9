"""Reads for the acts on units' parts: what goes along, what waits, what can be given to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.models import Act, CaseStatus
from proposals.abilities import own_parts, waiting_requests
from proposals.models import Assignment, AssistOpinion, Distribution, HandlingRound, Proposal

if TYPE_CHECKING:
    from accounts.models import User
    from proposals.models import ExtensionRequest, ReturnRequest


def round_in_progress(proposal: Proposal) -> HandlingRound | None:
    """Return the last round with what was handed to the government office, None before the first. One query."""
    return proposal.rounds.select_related("distribution").order_by("-number").first()


def parts_of(round_: HandlingRound | None) -> list[Assignment]:
    """Return the parts of a round that are in force. One query."""
    rows = Assignment.objects.in_force().filter(round=round_).select_related("unit")
    return list(rows.order_by("pk")) if round_ else []


def own_part(user: User, round_: HandlingRound | None) -> Assignment | None:
    """Return the part of the user's unit. One query."""
    if round_ is None or user.hat.unit_id is None:
        return None
    rows = Assignment.objects.in_force().filter(round=round_, unit_id=user.hat.unit_id)
    return rows.select_related("unit", "round").first()


def assigned_along(proposal: Proposal) -> list[Proposal]:
    """Return the merged items that are assigned together with the main one. One query."""
    return list(proposal.merged.filter(step__act=Act.ASSIGN).order_by("pk"))


def distributed_along(proposal: Proposal) -> list[Proposal]:
    """Return the merged items that the government office splits together with the main one. One query."""
    waiting = Distribution.objects.filter(distributed_at__isnull=True, round__proposal__merged_into=proposal)
    keys = waiting.values("round__proposal")
    return list(Proposal.objects.filter(pk__in=keys, status=CaseStatus.OPEN).order_by("pk"))


def parts_to_reassign(user: User, round_: HandlingRound | None) -> list[Assignment]:
    """Return the parts of a round that the user's office may give to another unit. One query."""
    return list(own_parts(user).filter(round=round_).select_related("unit").order_by("pk")) if round_ else []


def parts_along(user: User, proposal: Proposal, parts: list[Assignment]) -> dict[Proposal, list[Assignment]]:
    """Return the parts of the same units in merged items that the user's office may give to another. One query."""
    same = own_parts(user).filter(
        round__proposal__merged_into=proposal,
        round__proposal__status=CaseStatus.OPEN,
        unit__in=[part.unit_id for part in parts],
    )
    found: dict[Proposal, list[Assignment]] = {}
    for part in same.select_related("unit", "round__proposal").order_by("round__proposal", "pk"):
        found.setdefault(part.round.proposal, []).append(part)
    return found


def waiting_returns(user: User, proposal: Proposal, round_: HandlingRound | None) -> list[ReturnRequest]:
    """Return the requests to return that wait for the user's office. One query."""
    if round_ is None:
        return []
    rows = waiting_requests(user, proposal.rules, round_, of_extensions=False)
    return list(rows.select_related("assignment__unit", "suggested_unit"))


def waiting_extensions(user: User, proposal: Proposal, round_: HandlingRound | None) -> list[ExtensionRequest]:
    """Return the requests for a later date that wait for the user's office. One query."""
    if round_ is None:
        return []
    rows = waiting_requests(user, proposal.rules, round_, of_extensions=True)
    return list(rows.select_related("assignment__unit"))


def standing_opinions(round_: HandlingRound | None) -> list[AssistOpinion]:
    """Return the opinions of assisting units that stand. One query."""
    rows = AssistOpinion.objects.filter(
        assignment__round=round_, assignment__ended_at__isnull=True, sent_back_at__isnull=True
    )
    return list(rows.select_related("assignment__unit")) if round_ else []
