"""The deputy's rating, which ends the matter or opens another round."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from casework import services as casework
from casework.services import UnableToAct
from proposals.models import AssignmentRole, Feedback, Grade
from proposals.rules import opens_new_round
from proposals.services.assigning import open_round, terms_of
from proposals.services.common import latest_round, take
from proposals.services.stepping import demand, move_on, pass_by

if TYPE_CHECKING:
    from accounts.models import User

RATED = (Grade.SATISFIED, Grade.BASICALLY, Grade.DISSATISFIED)


@transaction.atomic
def rate(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    attitude: str,
    result: str,
    opinion: str = "",
) -> Feedback:
    """Record the lead deputy's rating of the round on both dimensions (办理态度, 办理结果).

    Dissatisfied with the result: the next round opens in the same transaction, with the same units and a deadline of
    its own. Raises as ``take`` does, and UnableToAct for an unknown grade or dissatisfaction without an opinion.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="rate", now=now)
    if attitude not in RATED or result not in RATED:
        raise UnableToAct("请对办理态度和办理结果分别作出评价。")
    if Grade.DISSATISFIED in (attitude, result) and not opinion.strip():
        raise UnableToAct("评价为不满意的，请写明具体意见，以便重新办理。")
    round_ = latest_round(proposal)
    redo = opens_new_round(result)
    outcome = casework.outcome_of(case=case, code="redo" if redo else "pass")
    feedback = Feedback.objects.create(
        round=round_,
        seat=proposal.lead,
        attitude=attitude,
        result=result,
        opinion=opinion.strip(),
        given_at=now,
        recorded_by=user,
    )
    grades = f"办理态度{Grade(attitude).label}，办理结果{Grade(result).label}"
    by_proxy = "" if proposal.lead.person.user_id == user.pk else f"代{proposal.lead.person.name}代表"
    said = f"；意见：{feedback.opinion}" if feedback.opinion else ""
    casework.log(
        case=case,
        actor=user,
        verb="rate",
        sentence=f"{casework.actor_label(user)}{by_proxy}评价{round_}办理：{grades}{said}",
        now=now,
    )
    from_label = f"{proposal.lead.person.name}代表"
    if not redo:
        move_on(case=case, proposal=proposal, outcome=outcome, user=user, from_label=from_label, now=now)
    else:
        casework.move(case=case, outcome=outcome, actor=user, now=now)
        proposal.step, proposal.status = case.step, case.status
        units = [(row.unit, row.role) for row in round_.assignments.in_force().select_related("unit")]
        answering = [pair for pair in units if pair[1] != AssignmentRole.ASSIST]
        new_round = open_round(
            case=case,
            proposal=proposal,
            units=answering + [pair for pair in units if pair[1] == AssignmentRole.ASSIST],
            terms=terms_of(
                proposal, outcome=outcome, start=timezone.localdate(now), is_complex=round_.is_complex, by_hand=None
            ),
            is_complex=round_.is_complex,
            reason=f"代表对{round_}办理结果不满意",
            from_label=from_label,
            now=now,
        )
        casework.log(
            case=case,
            actor=None,
            verb="reopen",
            sentence=f"代表不满意，开始{new_round}办理，承办单位和分工不变",
            now=now,
        )
        via_office = round_.assignments.in_force().filter(via_office=True).values("unit")
        new_round.assignments.filter(unit__in=via_office).update(via_office=True)
        if not demand(case=case, proposal=proposal, outcome=outcome, from_label=from_label, now=now):
            pass_by(case=case, proposal=proposal, from_label=from_label, now=now)
    return feedback
