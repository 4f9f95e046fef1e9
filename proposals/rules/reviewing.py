"""What the office may do until a proposal is assigned, and what it keeps on record beside the steps."""

from __future__ import annotations

from accounts.models import Role
from casework.models import Act, CaseStatus, Stage
from proposals.rules.facts import Ability, Facts

OFFICE_FIRST = "政府办还没有分办完，请等待分办后再办这一步。"


def decides(facts: Facts) -> bool:
    """Say whether the current step waits for a decision of this user.

    Where the lead deputy's delegation belongs to no township, the commission stands in for the township.
    """
    if facts.act != Act.DECIDE:
        return False
    if facts.actor_role == Role.TOWNSHIP:
        stands_in = not facts.has_township and facts.is_own_congress and facts.hat_role == Role.STAFF
        return facts.is_township or stands_in
    if facts.actor_role == Role.UNIT:
        return facts.task is not None and facts.task.owes_decision
    if facts.actor_role == Role.DEPUTY:
        return facts.is_lead
    return facts.is_own_congress and facts.hat_role == facts.actor_role


def abilities(facts: Facts, verb: str) -> list[Ability]:
    """Return deciding, with what belongs to the review, and the office's own records."""
    found = []
    is_open = facts.status == CaseStatus.OPEN
    staff = facts.is_own_congress and facts.hat_role == Role.STAFF
    if is_open and decides(facts):
        waits = facts.stage == Stage.REPLY and facts.office_waits
        found.append(Ability("review", verb, OFFICE_FIRST if waits else "", is_primary=not waits))
    if is_open and facts.stage == Stage.REVIEW:
        if staff or facts.is_township:
            asked = any(code.startswith("gate_") for code in facts.required)
            found.append(Ability("gate", "登记把关", is_minor=not asked))
        if staff:
            found.append(Ability("convert", "转为议案" if facts.form == "suggestion" else "转为建议", is_minor=True))
    elif staff and facts.is_registered and facts.stage != Stage.SUBMIT:
        if is_open:
            found.append(Ability("key", "取消重点督办" if facts.is_key else "确定重点督办", is_minor=True))
        found.append(Ability("milestone", "登记跟踪情况", is_minor=True))
    return found
