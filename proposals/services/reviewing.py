"""Decisions on a step: pass, return for revision, merge, not register, send back; and what a step demands before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from bodies.services import next_number
from casework import services as casework
from casework.calendar import spoken
from casework.models import Act, Obligation, Outcome, Stage
from casework.services import UnableToAct
from proposals.abilities import awaited_opinions
from proposals.models import (
    KIND,
    Contact,
    Gate,
    InPersonReply,
    NotRegisteredReason,
    Proposal,
    ReviewResult,
)
from proposals.services.assigning import follow_main
from proposals.services.common import latest_round, lead_owner, take
from proposals.services.merging import check_merge, is_still_joined, lock_with_main, release_merged
from proposals.services.stepping import move_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from casework.models import Case
    from proposals.models import Category

NATURE_LENGTH = 40
MEETING_LENGTH = 100
GATES = {f"gate_{gate.value}": gate for gate in Gate}
# What to do about what a step demands.
WANTED = {
    "category": "选择类别",
    "nature": "填写性质",
    "review_note": "写明说明意见",
    "meeting": "填写会议名称和日期",
    "contact": "登记与代表的联系",
    "assist_opinions": "等齐协办意见",
    "in_person": "登记当面答复",
} | {code: f"通过{gate.label}" for code, gate in GATES.items()}


@dataclass(frozen=True)
class Decision:
    """What was decided on a step. ``reason`` is the reason or the remark, whichever the outcome asks for."""

    outcome_code: str
    reason: str = ""
    not_registered_reason: str = ""
    category: Category | None = None
    nature: str = ""
    meeting: str = ""
    met_on: dt.date | None = None
    merge_into: Proposal | None = None


@transaction.atomic
def review(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    outcome_code: str,
    reason: str = "",
    not_registered_reason: str = "",
    category: Category | None = None,
    nature: str = "",
    meeting: str = "",
    met_on: dt.date | None = None,
    merge_into: Proposal | None = None,
) -> Proposal:
    """Decide on the current step: one of the outcomes that the step knows.

    Leaving the review registers and numbers the proposal, ``return`` sends it back to the deputy, ``merge`` joins it
    to another one (which is then assigned with it and answered separately), ``not_registered`` ends it. An item
    returned keeps its numbers. Raises as ``take`` does, and UnableToAct when something is missing that the outcome or
    the step asks for.
    """
    decision = Decision(outcome_code, reason.strip(), not_registered_reason, category, nature.strip(), meeting.strip(),
                        met_on, merge_into)  # fmt: skip
    main_case = lock_with_main(proposal_id=proposal_id, seen_version=seen_version, user=user, joins=merge_into)
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="review", now=now)
    outcome = casework.outcome_of(case=case, code=outcome_code)
    step = case.step
    check_decision(proposal=proposal, outcome=outcome, decision=decision, user=user, now=now)
    sentence = _decide(proposal, outcome, decision)
    Proposal.objects.filter(pk=proposal.pk).update(
        review_result=proposal.review_result,
        not_registered_reason=proposal.not_registered_reason,
        number=proposal.number,
        category=proposal.category,
        nature=proposal.nature,
        merged_into=proposal.merged_into,
        label=proposal.display_no,
    )
    case.label = proposal.label = proposal.display_no
    casework.log(
        case=case,
        actor=user,
        verb="review",
        sentence=f"{casework.actor_label(user)}{sentence}",
        data={"outcome": outcome_code, "number": proposal.number},
        now=now,
    )
    if outcome.code == "merge":
        _tell_main(main_case, proposal, user, now)
    if refuses(outcome) or _returns(outcome):
        release_merged(main=proposal, became=f"已经决定{outcome.label}", now=now)
    if refuses(outcome) or _returns(outcome):
        _tell(case, proposal, f"{outcome.label}：{proposal.title}", sentence, now)
    elif step.stage == Stage.REVIEW and _leaves_review(outcome):
        word = "已并案" if proposal.merged_into_id else "已立案"
        _tell(case, proposal, f"{word}：{proposal}", sentence, now)
    _go_on(case=case, proposal=proposal, outcome=outcome, user=user, now=now)
    proposal.refresh_from_db()
    return proposal


def _go_on(*, case: Case, proposal: Proposal, outcome: Outcome, user: User, now: dt.datetime) -> None:
    """Move the case; where several units decide on one step, the last of them does."""
    if user.hat.unit_id is not None:
        casework.settle(case=case, act="review", unit=user.hat.unit, actor=user, now=now)
        if outcome.code == "pass" and Obligation.objects.open().filter(case=case.pk, act="review").exists():
            return
    move_on(case=case, proposal=proposal, outcome=outcome, user=user, from_label=user.hat.label, now=now)
    if proposal.merged_into_id is not None and case.step is not None and case.step.act == Act.ASSIGN:
        follow_main(proposal=proposal, user=user, now=now)


def _tell(case: Case, proposal: Proposal, title: str, body: str, now: dt.datetime) -> None:
    casework.inform(case=case, owner=lead_owner(proposal.lead), title=title, body=body, now=now)


def _tell_main(main: Case, proposal: Proposal, user: User, now: dt.datetime) -> None:
    """Write into the history of the main item who joined it; who is at work on it need not look again."""
    casework.log(
        case=main,
        actor=user,
        verb="merge",
        sentence=f"{casework.actor_label(user)}将{proposal}并入本件，分别答复",
        data={"merged": proposal.pk},
        now=now,
        changes_case=False,
    )


def refuses(outcome: Outcome) -> bool:
    """Say whether an outcome ends the case because the proposal is none (不予立案)."""
    return outcome.closes_as == "not_registered"


def _returns(outcome: Outcome) -> bool:
    return outcome.goes_to is not None and outcome.goes_to.stage == Stage.SUBMIT


def _leaves_review(outcome: Outcome) -> bool:
    return outcome.goes_to is not None and outcome.goes_to.stage not in (Stage.SUBMIT, Stage.REVIEW)


def _decide(proposal: Proposal, outcome: Outcome, decision: Decision) -> str:
    """Set on the proposal what was decided and return the sentence of the history, without who did it."""
    said = outcome.label
    if refuses(outcome):
        proposal.merged_into, proposal.review_result = None, ReviewResult.NOT_REGISTERED
        proposal.not_registered_reason = decision.not_registered_reason
        said += f"：{NotRegisteredReason(decision.not_registered_reason).label}"
        return f"{said}。{decision.reason}" if decision.reason else said
    if _returns(outcome):
        if proposal.merged_into_id is not None:
            # What is written anew is looked at anew.
            proposal.merged_into, proposal.review_result = None, ""
        return f"{said}：{decision.reason}"
    proposal.category = decision.category or proposal.category
    proposal.nature = decision.nature or proposal.nature
    if decision.merge_into is not None:
        proposal.merged_into, proposal.review_result = decision.merge_into, ReviewResult.MERGED
        said += f"，并入{decision.merge_into}"
    if decision.met_on is not None:
        said += f"（{decision.meeting}，{spoken(decision.met_on)}）"
    if outcome.step.stage == Stage.REVIEW and _leaves_review(outcome):
        said += _register(proposal, decision)
    return f"{said}：{decision.reason}" if decision.reason else said


def _register(proposal: Proposal, decision: Decision) -> str:
    """Number what leaves the review, once; what it was to join and cannot any more, it goes on without."""
    said = ""
    if proposal.merged_into_id is not None and decision.merge_into is None and not is_still_joined(proposal):
        said = f"，原定并入的{proposal.merged_into}已不能并入，本件单独办理"
        proposal.merged_into = None
    if proposal.merged_into_id is None:
        proposal.review_result = ReviewResult.REGISTERED
        said += "，立案"
    if proposal.number is not None:
        return f"{said}，编号仍为{proposal.display_no}"
    proposal.number = next_number(session=proposal.session, kind=KIND)
    return f"{said}，编为{proposal.display_no}"


def check_decision(*, proposal: Proposal, outcome: Outcome, decision: Decision, user: User, now: dt.datetime) -> None:
    """Raise UnableToAct for what the outcome or the step asks for and the decision does not give."""
    if refuses(outcome):
        if decision.not_registered_reason not in NotRegisteredReason.values:
            raise UnableToAct(f"{outcome.label}应当选择理由。")
        return
    if goes_back(outcome):
        if not decision.reason and outcome.goes_to.stage == Stage.SUBMIT:
            raise UnableToAct(f"{outcome.label}应当写明理由，代表才知道怎样修改。")
        if not decision.reason:
            raise UnableToAct(f"「{outcome.label}」应当写明理由。")
        return
    if decision.category is not None and decision.category.congress_id != proposal.congress_id:
        raise UnableToAct("这个类别不是本级的建议类别，请重新选择。")
    if len(decision.nature) > NATURE_LENGTH or len(decision.meeting) > MEETING_LENGTH:
        raise UnableToAct(f"性质最多 {NATURE_LENGTH} 字，会议名称最多 {MEETING_LENGTH} 字。")
    check_meeting(decision.meeting, decision.met_on, proposal=proposal, now=now)
    if outcome.code == "merge":
        check_merge(proposal, decision.merge_into)
    elif decision.merge_into is not None:
        raise UnableToAct("只有结论为并案时才选择并入的建议。")
    missing = missing_for(proposal, outcome.step.required, decision, user, timezone.localdate(now))
    if missing:
        raise UnableToAct(f"「{outcome.step.label}」通过前还需要：{'；'.join(missing)}。")


def goes_back(outcome: Outcome) -> bool:
    """Say whether an outcome sends the case back to an earlier step."""
    return outcome.goes_to is not None and outcome.goes_to.position < outcome.step.position


def check_meeting(meeting: str, met_on: dt.date | None, *, proposal: Proposal, now: dt.datetime) -> None:
    """Raise UnableToAct for a meeting without its date or the other way round, and for an impossible date."""
    if bool(meeting) != (met_on is not None):
        raise UnableToAct("会议名称和会议日期应当一并填写。")
    if met_on is None:
        return
    if met_on > timezone.localdate(now):
        raise UnableToAct("会议日期不能晚于今天。")
    if proposal.submitted_on and met_on < proposal.submitted_on:
        raise UnableToAct(f"会议日期不能早于提出日期（{spoken(proposal.submitted_on)}）。")


def missing_for(
    proposal: Proposal, required: Iterable[str], decision: Decision, user: User, today: dt.date
) -> list[str]:
    """Return, in the clerk's words, what a step demands (``Step.required``) and is not there.

    What a unit must have done is looked for in its own part where a unit decides.
    """
    mine = {"assignment__round": latest_round(proposal)}
    if user.hat.unit_id is not None:
        mine["assignment__unit"] = user.hat.unit_id
    there = {
        "category": lambda: decision.category or proposal.category_id,
        "nature": lambda: decision.nature or proposal.nature,
        "review_note": lambda: decision.reason,
        "meeting": lambda: decision.met_on,
        "contact": lambda: Contact.objects.filter(**mine).exists(),
        "in_person": lambda: InPersonReply.objects.filter(**mine).exists(),
        "assist_opinions": lambda: not awaited_opinions(proposal.pk, today).exists(),
    }
    there |= {code: partial(proposal.gate_checks.filter(gate=gate).exists) for code, gate in GATES.items()}
    return [WANTED[code] for code in required if code in there and not there[code]()]
