"""What the lead deputy and those asked to sign may do, and what must be there before a proposal is handed in."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Role
from casework.models import Act, CaseStatus, Stage
from proposals.models import NotRegisteredReason, ProposalKind
from proposals.rules.facts import Ability, Facts

WITHDRAWAL_WAITS = "已申请撤回，正在等待联名代表的意见。"
BEFORE_REPLY = (Stage.SUBMIT, Stage.REVIEW, Stage.ASSIGN, Stage.REPLY)
AS_LETTER = "所反映的情况也可以作为代表来信交代表工委转交有关机关。"
# What to do with what is no suggestion; the reasons are those for which a review refuses it.
INSTEAD = {
    NotRegisteredReason.PERSONAL: f"请改写为带有普遍性的意见后再提交。{AS_LETTER}",
    NotRegisteredReason.FORWARDED: "请作为代表来信交代表工委，转信访部门或者有关机关依法处理。",
    NotRegisteredReason.JUDICIAL: f"具体案件由司法机关依法办理，请改写为对司法工作的一般性意见后再提交。{AS_LETTER}",
    NotRegisteredReason.TENDER: "中标意见不作为建议提出；对招标投标工作的一般性意见，请改写后再提交。",
    NotRegisteredReason.ACADEMIC: "请改写为对本级国家机关工作的具体意见后再提交。",
    NotRegisteredReason.JURISDICTION: f"请改写为本级职权范围内能够办理的事项后再提交。{AS_LETTER}",
    NotRegisteredReason.EMPTY: "请补充具体问题、理由和意见后再提交。",
}


def missing_parts(form: str, parts: Mapping[str, str]) -> dict[str, str]:
    """Return what must be written before handing in and is not, by field, in the deputy's words.

    A suggestion is clear and specific (代表法 36), a bill states its subject, grounds and plan (组织法 22, 代表法 15).
    """
    if form == ProposalKind.BILL:
        needed = {
            "body": "请填写案由后再提交。",
            "grounds": "议案应当写明案据，请填写后再提交。",
            "plan": "议案应当写明方案，请填写后再提交。",
        }
    else:
        needed = {"body": "请填写正文后再提交：建议应当写明问题、理由和具体意见。"}
    return {name: words for name, words in needed.items() if not parts[name].strip()}


def abilities(facts: Facts) -> list[Ability]:
    """Return drafting, signing and withdrawing."""
    if facts.status == CaseStatus.CLOSED:
        return []
    found = []
    if facts.act == Act.SUBMIT:
        if facts.is_lead:
            found += [
                Ability("edit", "修改"),
                Ability("submit", "提交", is_primary=True),
                Ability("invite", "邀请联名"),
            ]
        elif facts.has_signed:
            found.append(Ability("cosign", "修改联名意见"))
        elif facts.is_asked_to_sign:
            found.append(Ability("cosign", "答复联名邀请", is_primary=True))
    if facts.is_submitted and facts.stage in BEFORE_REPLY:
        found += _withdrawing(facts)
    return found


def _withdrawing(facts: Facts) -> list[Ability]:
    found = []
    staff = facts.is_own_congress and facts.hat_role == Role.STAFF
    if facts.is_asked_to_consent:
        found.append(Ability("consent", "答复撤回意见", is_primary=True))
    elif staff and facts.withdrawal_waits:
        found.append(Ability("consent", "代录撤回意见", is_minor=True))
    if facts.is_lead or staff:
        reason = WITHDRAWAL_WAITS if facts.withdrawal_waits else ""
        label = "撤回" if facts.is_lead else "代录撤回"
        found.append(Ability("withdraw", label, reason, is_minor=True))
    return found
