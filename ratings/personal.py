"""A person's ratings in the report on his data, and what of them is not settled. What he voted stands nowhere here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deputies.personal import Line, Section, readable
from deputies.retention import Rest
from ratings.models import RatingRound, RoundState, Voter

if TYPE_CHECKING:
    from accounts.models import User
    from deputies.models import Person


def sections_of(person: Person, user: User) -> list[Section]:
    """Return the rounds in which the person's account may or might vote. One query."""
    if person.user_id is None:
        return [Section("测评")]
    mine = Voter.objects.filter(user=person.user_id).values("round")
    rounds = readable(RatingRound.objects.filter(pk__in=mine).exclude(state=RoundState.DRAFT), person, user)
    return [
        Section(
            "测评",
            [Line(row.title, f"有测评权，{row.held_on:%Y-%m-%d}", row.get_absolute_url()) for row in rounds],
        )
    ]


def unsettled(person: Person) -> list[str]:
    """Say in how many open rounds the person may still vote. One query."""
    rights = Voter.objects.filter(user=person.user_id, has_voted=False, round__state=RoundState.OPEN)
    number = rights.count() if person.user_id else 0
    return [f"没有投票的测评 {number} 次"] if number else []


REST = Rest(unsettled=unsettled, erase=lambda person: [])
