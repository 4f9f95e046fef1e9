"""What the oversight adds to the acts on a proposal, whether it is open or closed."""

from __future__ import annotations

from accounts.models import Role
from casework.models import CaseStatus, Stage
from proposals.rules.facts import Ability, Facts


def abilities(facts: Facts) -> list[Ability]:
    """Return setting and lifting the oversight and the evaluation, by the office, and the unit's own rectification."""
    if facts.owes_rectification:
        return [Ability("rectify", "报告整改情况", is_primary=facts.status == CaseStatus.CLOSED)]
    staff = facts.is_own_congress and facts.hat_role == Role.STAFF
    if not (staff and facts.is_registered) or facts.stage in (Stage.SUBMIT, Stage.REVIEW):
        return []
    found = [Ability("oversee", "确定督办", is_minor=True)]
    if facts.is_overseen:
        found.append(Ability("lift", "解除督办", is_minor=True))
    if facts.awaits_evaluation:
        found.append(Ability("evaluate", "登记评估结论"))
    else:
        found.append(Ability("evaluate", "提出评估", is_minor=True))
    return found
