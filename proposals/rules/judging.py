"""Who rates, and what a rating leads to."""

from __future__ import annotations

from accounts.models import Role
from casework.models import Act, CaseStatus
from proposals.models import Grade
from proposals.rules.facts import Ability, Facts


def abilities(facts: Facts) -> list[Ability]:
    """Return rating, by the lead deputy or entered for him by the office."""
    if facts.status != CaseStatus.OPEN or facts.act != Act.RATE:
        return []
    if facts.is_lead:
        return [Ability("rate", "评价", is_primary=True)]
    if facts.is_own_congress and facts.hat_role == Role.STAFF:
        return [Ability("rate", "代录评价")]
    return []


def opens_new_round(result: str) -> bool:
    """Say whether a rating sends the proposal back: only dissatisfaction with the result does."""
    return result == Grade.DISSATISFIED
