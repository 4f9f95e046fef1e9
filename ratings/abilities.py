"""What may this person do now: one answer that draws the buttons and refuses the requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ratings.rules import Ability, Facts, abilities_of

if TYPE_CHECKING:
    from accounts.models import User
    from ratings.models import RatingRound


def abilities(user: User, round_: RatingRound) -> dict[str, Ability]:
    """Return the acts open to the user on a round that he may see, by code. Three queries."""
    if user.hat is None:
        return {}
    mine = round_.voters.filter(user=user).values_list("has_voted", flat=True).first()
    return abilities_of(
        Facts(
            state=round_.state,
            is_secret=round_.is_secret,
            audience=round_.audience,
            hat_role=user.hat.role,
            is_own_congress=user.hat.congress_id == round_.congress_id,
            subjects=round_.subjects.count(),
            rights=round_.voters.count(),
            is_voter=mine is not None,
            has_voted=bool(mine),
        )
    )
