"""Who may do what to a proposal now: pure decisions from facts, no database."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Role
from casework.models import CaseStatus, Stage
from proposals.models import AssignmentRole, Grade

CONTACT_FIRST = "请先登记与代表的联系沟通情况，再提交答复（代表法第五十一条）。"
ACKNOWLEDGE_FIRST = "请先签收，再办理。"


@dataclass(frozen=True)
class Task:
    """The part of one unit in the round in progress."""

    assignment_id: int
    role: str
    is_acknowledged: bool
    has_contact: bool
    has_reply: bool

    @property
    def answers(self) -> bool:
        """Say whether this unit answers the deputy itself: an assisting unit does not."""
        return self.role != AssignmentRole.ASSIST


@dataclass(frozen=True)
class Facts:
    """What decides the abilities of one user on one proposal."""

    status: str
    stage: str
    actor_role: str
    hat_role: str
    is_own_congress: bool
    is_lead: bool
    task: Task | None = None


@dataclass(frozen=True)
class Ability:
    """One act, whether the user may do it now, and if not, why."""

    code: str
    label: str
    reason: str = ""
    is_primary: bool = False

    @property
    def allowed(self) -> bool:
        return not self.reason


def abilities_of(facts: Facts) -> dict[str, Ability]:
    """Return the acts that the page shows to the user, by code; an act with a reason is shown but refused.

    What is not in the answer is neither shown nor accepted.
    """
    found: list[Ability] = []
    staff_acts = facts.is_own_congress and facts.hat_role == facts.actor_role
    match facts.stage if facts.status != CaseStatus.CLOSED else "":
        case Stage.SUBMIT if facts.is_lead:
            found += [Ability("edit", "修改"), Ability("submit", "提交", is_primary=True)]
        case Stage.REVIEW if staff_acts:
            found.append(Ability("review", "审查", is_primary=True))
        case Stage.ASSIGN if staff_acts:
            found.append(Ability("assign", "交办", is_primary=True))
        case Stage.REPLY if facts.task is not None:
            found += _unit_abilities(facts.task)
        case Stage.RATE if facts.is_lead:
            found.append(Ability("rate", "评价", is_primary=True))
        case Stage.RATE if facts.is_own_congress and facts.hat_role == Role.STAFF:
            found.append(Ability("rate", "代录评价"))
    return {ability.code: ability for ability in found}


def _unit_abilities(task: Task) -> list[Ability]:
    if task.has_reply:
        return []
    if not task.is_acknowledged:
        return [
            Ability("acknowledge", "签收", is_primary=True),
            Ability("contact", "登记联系", ACKNOWLEDGE_FIRST),
            *([Ability("reply", "提交答复", ACKNOWLEDGE_FIRST)] if task.answers else []),
        ]
    found = [Ability("contact", "登记联系", is_primary=not task.has_contact)]
    if task.answers:
        found.append(
            Ability("reply", "提交答复", "" if task.has_contact else CONTACT_FIRST, is_primary=task.has_contact)
        )
    return found


def opens_new_round(result: str) -> bool:
    """Say whether a rating sends the proposal back: only dissatisfaction with the result does."""
    return result == Grade.DISSATISFIED
