"""What assigns, and what the units and the offices above them may do until the reply."""

from __future__ import annotations

from accounts.models import Role
from casework.calendar import spoken
from casework.models import Act, CaseStatus, Stage
from proposals.rules.facts import Ability, Facts, Task

CONTACT_FIRST = "请先登记与代表的联系沟通情况，再提交答复（代表法第五十一条）。"
IN_PERSON_FIRST = "本件应当当面答复，请先登记当面答复记录，再提交答复。"
ACKNOWLEDGE_FIRST = "请先签收，再办理。"
FOLLOWS_MAIN = "本件已并案，随主件一并交办，分别答复。"
SUPERVISES = (Role.STAFF, Role.GOV_OFFICE)


def abilities(facts: Facts) -> list[Ability]:
    """Return assigning, deciding on units' requests, and the units' own acts."""
    found: list[Ability] = []
    if facts.status != CaseStatus.OPEN:
        return found
    office = facts.is_own_congress and facts.hat_role in SUPERVISES
    if facts.act == Act.ASSIGN and facts.is_own_congress and facts.hat_role == facts.actor_role:
        found.append(Ability("assign", "交办", FOLLOWS_MAIN if facts.is_merged else "", is_primary=True))
    if facts.stage == Stage.REPLY and office:
        if facts.office_waits and facts.hat_role == Role.GOV_OFFICE:
            found.append(Ability("distribute", "分办", is_primary=True))
        if facts.returns_to_decide:
            found.append(Ability("decide-return", "审批退办", is_primary=True))
        if facts.extensions_to_decide:
            found.append(Ability("decide-extension", "审批延期", is_primary=True))
        if facts.parts_to_reassign:
            found.append(Ability("reassign", "改办", is_minor=True))
    if facts.task is not None and facts.stage == Stage.REPLY:
        found += _of_unit(facts, facts.task)
    elif facts.task is not None and facts.stage == Stage.RATE and (facts.task.is_acknowledged or facts.task.has_reply):
        found.append(Ability("contact", "登记联系"))
    if facts.task is not None and facts.task.answers and facts.task.has_reply:
        found.append(Ability("in-person", "登记当面答复", is_minor=True))
    return found


def _of_unit(facts: Facts, task: Task) -> list[Ability]:
    if task.has_reply:
        return [Ability("contact", "登记联系")]
    if not task.is_acknowledged:
        wait = ACKNOWLEDGE_FIRST
        return [
            Ability("acknowledge", "签收", is_primary=True),
            Ability("contact", "登记联系", wait),
            Ability("reply", "提交答复", wait) if task.answers else Ability("opinion", "提出协办意见", wait),
            _return(facts, task),
        ]
    found = [Ability("contact", "登记联系", is_primary=task.answers and not task.has_contact)]
    if task.answers:
        found += [_reply(facts, task), *_extension(facts, task)]
        if task.has_opinions_of_others:
            found.append(Ability("send-back", "退回协办意见", is_minor=True))
        found.append(Ability("in-person", "登记当面答复", is_minor=True))
    elif not task.has_opinion:
        found.append(Ability("opinion", "提出协办意见", is_primary=True))
    found.append(_return(facts, task))
    return found


def _reply(facts: Facts, task: Task) -> Ability:
    if facts.act != Act.REPLY:
        return Ability("reply", "提交答复", "本件还没有办到答复这一步，请先完成前面的步骤。")
    if not task.has_contact:
        return Ability("reply", "提交答复", CONTACT_FIRST)
    if "assist_opinions" in facts.required and task.waits_for:
        return Ability("reply", "提交答复", f"还有 {task.waits_for} 家协办单位没有提出协办意见，请等待或者催办。")
    if "in_person" in facts.required and not task.has_in_person:
        return Ability("reply", "提交答复", IN_PERSON_FIRST)
    return Ability("reply", "提交答复", is_primary=True)


def _extension(facts: Facts, task: Task) -> list[Ability]:
    if task.due_on is None:
        return []
    reason = ""
    if task.asked_extension:
        reason = "已申请延期，正在等待审批。"
    elif facts.today > task.due_on:
        reason = f"答复期限{spoken(task.due_on)}已过，延期应当在期限届满前申请。"
    return [Ability("extend", "申请延期", reason, is_minor=True)]


def _return(facts: Facts, task: Task) -> Ability:
    reason = ""
    if task.asked_return:
        reason = "已申请退办，正在等待审批。"
    elif task.return_until is not None and facts.today > task.return_until:
        reason = f"退办申请的期限{spoken(task.return_until)}已过，逾期不再调整承办单位。"
    return Ability("return", "申请退办", reason, is_minor=True)
