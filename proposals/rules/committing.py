"""Who may do what about the commitments that units made in their replies, also after the proposal is closed."""

from __future__ import annotations

from accounts.models import Role
from proposals.rules.facts import Ability, Facts


def abilities(facts: Facts) -> list[Ability]:
    """Return registering, reporting, verifying, putting off, looking back at and rating commitments."""
    found = []
    task, made = facts.task, facts.commitments
    if task is not None and task.answers and task.has_reply:
        found.append(Ability("commit", "登记承诺事项", is_primary=made.owes, is_minor=not made.owes))
    if made.own_open:
        found.append(Ability("commitment-report", "报告承诺落实", is_primary=True))
    if facts.is_own_congress and facts.hat_role == Role.STAFF:
        if made.claimed:
            found.append(Ability("commitment-verify", "核实承诺", is_primary=True))
        if made.unrated:
            found.append(Ability("commitment-rate", "代录对承诺落实的评价", is_minor=True))
        if made.pending:
            found.append(Ability("commitment-change", "调整承诺期限", is_minor=True))
        if made.any:
            found.append(Ability("look-back", "登记回头督", is_minor=True))
    elif made.unrated and facts.is_lead:
        found.append(Ability("commitment-rate", "评价承诺落实", is_primary=True))
    return found
