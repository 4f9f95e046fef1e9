"""Reads for whoever judges the handling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Role
from casework.models import Act
from proposals.models import Feedback, HandlingRound, Raters, Reply
from proposals.queries.parts import round_in_progress

if TYPE_CHECKING:
    from accounts.models import User
    from deputies.models import Seat
    from proposals.models import Proposal


def judgement(round_ref: str, lead_ref: str, dimension: str = "result") -> Coalesce:
    """Return how a round was judged on a dimension, as a column: by several deputies together, or by the lead.

    Null without a judgement. ``round_ref`` and ``lead_ref`` name the columns with the keys of round and lead's seat.
    """
    joint = HandlingRound.objects.filter(pk=OuterRef(round_ref)).exclude(**{f"joint_{dimension}": ""})
    given = Feedback.objects.filter(round=OuterRef(round_ref), seat=OuterRef(lead_ref)).order_by("-pk")
    return Coalesce(Subquery(joint.values(f"joint_{dimension}")), Subquery(given.values(dimension)[:1]))


def raters_of(proposal: Proposal) -> list[Seat]:
    """Return whose judgement a proposal waits for: the lead deputy's, or by its rules that of each who signed.

    Who is no longer a deputy is not asked, but for the lead.
    """
    if proposal.rules is None or proposal.rules.raters != Raters.EACH:
        return [proposal.lead]
    signed = proposal.cosignatures.signed().filter(seat__ended_on__isnull=True).exclude(seat=proposal.lead_id)
    rows = signed.select_related("seat__person__user").order_by("pk")
    return [proposal.lead, *(row.seat for row in rows)]


def unrated(raters: list[Seat], round_: HandlingRound) -> list[Seat]:
    """Return those of the deputies asked who have not rated a round. One query."""
    rated = set(round_.feedbacks.values_list("seat", flat=True))
    return [seat for seat in raters if seat.pk not in rated]


@dataclass(frozen=True)
class RatingDesk:
    """What is judged, and who has not judged it yet.

    ``for_others``: those for whom the office may enter it. ``sums_up``: the lead deputy speaks for those who signed.
    """

    round: HandlingRound | None
    replies: list[Reply]
    left: list[Seat]
    for_others: list[Seat]
    sums_up: bool


def rating_desk(user: User, proposal: Proposal) -> RatingDesk:
    """Return the replies of the round in progress and who is asked to rate them. At most five queries."""
    round_ = round_in_progress(proposal) if proposal.step and proposal.step.act == Act.RATE else None
    if round_ is None:
        return RatingDesk(None, [], [], [], sums_up=False)
    left = unrated(raters_of(proposal), round_)
    replies = Reply.objects.filter(assignment__round=round_, assignment__ended_at__isnull=True)
    each = proposal.rules is not None and proposal.rules.raters == Raters.EACH
    return RatingDesk(
        round=round_,
        replies=list(replies.select_related("unit", "outcome").order_by("pk")),
        left=left,
        for_others=left if user.has_role(Role.STAFF) else [],
        sums_up=not each and proposal.cosignatures.signed().exists(),
    )
