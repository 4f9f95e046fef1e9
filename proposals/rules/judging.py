"""Who rates, and what a rating leads to."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Role
from casework.models import Act, CaseStatus
from proposals.models import Grade
from proposals.rules.facts import Ability, Facts

RATED = (Grade.SATISFIED, Grade.BASICALLY, Grade.DISSATISFIED)
NOT_YET = "评价期限还没有过，请等待代表评价。"


def abilities(facts: Facts) -> list[Ability]:
    """Return rating, by the lead deputy and where each rates by those who signed, or entered for them by the office.

    What is not rated in time the office may close as it stands.
    """
    if facts.status != CaseStatus.OPEN or facts.act != Act.RATE:
        return []
    if facts.is_lead or facts.is_rater:
        return [] if facts.has_rated else [Ability("rate", "评价", is_primary=True)]
    if facts.is_own_congress and facts.hat_role == Role.STAFF:
        late = "" if facts.rating_is_overdue else NOT_YET
        return [Ability("rate", "代录评价"), Ability("close-unrated", "按未评价办结", late, is_minor=True)]
    return []


def opens_new_round(result: str) -> bool:
    """Say whether a rating sends the proposal back: only dissatisfaction with the result does."""
    return result == Grade.DISSATISFIED


def verdict(grades: Sequence[str]) -> Grade:
    """Return what several deputies' grades come to: the middle one, of two middle ones the worse.

    So half of them dissatisfied make it dissatisfied, as half of those who raised an interpellation may ask for
    another answer (组织法 24). Raises ValueError without a grade.
    """
    if not grades:
        raise ValueError("no grade to judge by")
    ranks = sorted(RATED.index(Grade(grade)) for grade in grades)
    return RATED[ranks[len(ranks) // 2]]
