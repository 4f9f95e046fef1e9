"""Screening by staff: register, return for revision, or not register."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from bodies.services import next_number
from casework import services as casework
from casework.services import UnableToAct
from proposals.models import KIND, NotRegisteredReason, Proposal, ReviewResult
from proposals.services.common import lead_owner, take

if TYPE_CHECKING:
    from accounts.models import User
    from proposals.models import Category


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
) -> Proposal:
    """Decide on a submitted proposal: ``pass`` registers and numbers it, ``return``, ``not_registered`` end the review.

    Raises as ``take`` does, and UnableToAct when a refusal gives no reason. An item returned keeps its numbers.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="review")
    outcome = casework.outcome_of(case=case, code=outcome_code)
    who, lead = casework.actor_label(user), lead_owner(proposal.lead)
    data: dict = {}
    if outcome_code == "return":
        if not reason.strip():
            raise UnableToAct("退回修改应当写明理由，代表才知道怎样修改。")
        sentence = f"{who}将本件退回修改：{reason.strip()}"
    elif outcome_code == "not_registered":
        if not_registered_reason not in NotRegisteredReason.values:
            raise UnableToAct("不予立案应当选择理由。")
        label = NotRegisteredReason(not_registered_reason).label
        sentence = f"{who}审查决定不予立案：{label}" + (f"。{reason.strip()}" if reason.strip() else "")
        proposal.review_result = ReviewResult.NOT_REGISTERED
        proposal.not_registered_reason = not_registered_reason
    else:
        if outcome.goes_to is None or outcome.goes_to.stage != case.step.stage:
            proposal.review_result = ReviewResult.REGISTERED
            if proposal.number is None:
                proposal.number = next_number(session=proposal.session, kind=KIND)
        if category is not None:
            proposal.category = category
        sentence = f"{who}审查通过" + (f"，立案，编为{proposal.display_no}" if proposal.number else "")
        data = {"number": proposal.number}
    Proposal.objects.filter(pk=proposal.pk).update(
        review_result=proposal.review_result,
        not_registered_reason=proposal.not_registered_reason,
        number=proposal.number,
        category=proposal.category,
        label=proposal.display_no,
    )
    case.label = proposal.display_no
    casework.log(case=case, actor=user, verb="review", sentence=sentence, data=data, now=now)
    step = casework.move(case=case, outcome=outcome, actor=user, now=now)
    if step is None:
        casework.inform(case=case, owner=lead, title=f"不予立案：{proposal.title}", body=sentence, now=now)
    elif outcome_code == "return":
        casework.oblige(
            case=case,
            act="submit",
            verb="修改",
            owner=lead,
            from_label=user.hat.label,
            rule=outcome.deadline or step.deadline,
            now=now,
        )
    else:
        casework.oblige(
            case=case,
            act=step.stage,
            verb=step.verb,
            owner=casework.role_owner(step.actor_role),
            from_label=user.hat.label,
            rule=outcome.deadline or step.deadline,
            now=now,
        )
        if proposal.review_result == ReviewResult.REGISTERED:
            casework.inform(case=case, owner=lead, title=f"已立案：{proposal}", body=sentence, now=now)
    proposal.refresh_from_db()
    return proposal
