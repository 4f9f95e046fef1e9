"""All acts of one user on one proposal."""

from __future__ import annotations

from proposals.rules import committing, handling, judging, overseeing, reviewing, submitting
from proposals.rules.facts import Ability, Facts


def abilities_of(facts: Facts, verb: str = "") -> dict[str, Ability]:
    """Return the acts that the page shows to the user, by code; an act with a reason is shown but refused.

    What is not in the answer is neither shown nor accepted. ``verb`` is what the current step calls its decision.
    """
    found = [
        *submitting.abilities(facts),
        *reviewing.abilities(facts, verb),
        *handling.abilities(facts),
        *judging.abilities(facts),
        *committing.abilities(facts),
        *overseeing.abilities(facts),
    ]
    found.sort(key=lambda ability: (ability.is_minor, not ability.is_primary))
    return {ability.code: ability for ability in found}
