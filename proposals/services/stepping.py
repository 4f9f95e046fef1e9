"""From step to step: what the entered step demands, from whom and by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import Role
from casework import services as casework
from casework.models import Act, ObligationState, Stage
from casework.services import Owner
from proposals.abilities import awaited_opinions
from proposals.models import AssignmentRole, Consent, Period, Withdrawal
from proposals.queries.rating import raters_of
from proposals.rules import Deadline, deadline_of
from proposals.rules.submitting import BEFORE_REPLY
from proposals.services.common import latest_round, lead_owner, rating_about, unit_owner

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case, Outcome, Step
    from proposals.models import Proposal


def move_on(
    *, case: Case, proposal: Proposal, outcome: Outcome, user: User | None, from_label: str, now: dt.datetime
) -> Step | None:
    """End the current step and open what the next one demands; a step that nobody owes anything in is passed at once.

    Within the handling the replies stay owed. The caller has written the history line of the act itself. Returns the
    step that the case stands in then, None when it is closed.
    """
    left = case.step
    if outcome.goes_to is None or outcome.goes_to.stage not in BEFORE_REPLY:
        _drop_withdrawal(case=case, now=now)
    within = left.stage == Stage.REPLY and outcome.goes_to is not None and outcome.goes_to.stage == Stage.REPLY
    step = casework.move(case=case, outcome=outcome, actor=user, now=now, settles="review" if within else None)
    proposal.step, proposal.status = case.step, case.status
    if step is None:
        return None
    if demand(case=case, proposal=proposal, outcome=outcome, from_label=from_label, now=now):
        return step
    return pass_by(case=case, proposal=proposal, from_label=from_label, now=now)


def _drop_withdrawal(*, case: Case, now: dt.datetime) -> None:
    """Let a request to withdraw lapse that the co-signers have not answered while it could be granted."""
    waiting = Withdrawal.objects.filter(proposal=case.pk, state=Consent.WAITING)
    if waiting.update(state=Consent.REFUSED, settled_at=now):
        casework.settle(case=case, act="consent", actor=None, now=now, state=ObligationState.CANCELLED)
        said = "联名代表没有在答复以前一致同意，本件不再撤回"
        casework.log(case=case, actor=None, verb="withdraw", sentence=said, now=now)


def pass_by(
    *, case: Case, proposal: Proposal, from_label: str, now: dt.datetime, why: str = "没有需要办理的事项"
) -> Step | None:
    """Go on from a step in which nobody has anything to do; return where the case stands then."""
    casework.log(case=case, actor=None, verb="pass", sentence=f"「{case.step.label}」{why}，转入下一步", now=now)
    onward = casework.outcome_of(case=case, code="pass")
    return move_on(case=case, proposal=proposal, outcome=onward, user=None, from_label=from_label, now=now)


def demand(
    *,
    case: Case,
    proposal: Proposal,
    outcome: Outcome | None,
    from_label: str,
    now: dt.datetime,
    units: Collection[int] | None = None,
) -> bool:
    """Open the obligations of the step that was entered; say whether anybody owes anything in it.

    Acknowledgements, opinions and replies are owed since the assignment, whatever steps lie between. ``units`` asks
    only those units, by key: others have decided already.
    """
    step = case.step
    deadline = deadline_of(step, proposal.rules, outcome=outcome, in_session=proposal.period == Period.IN_SESSION)
    if step.act == Act.ASSIST:
        # What the government office has yet to split may bring assisting units.
        to_split = case.obligations.open().filter(act="distribute")
        return awaited_opinions(case.pk, timezone.localdate(now)).exists() or to_split.exists()
    if step.act == Act.REPLY:
        return True
    if step.act == Act.ASSIGN and proposal.merged_into_id is not None:
        # It is assigned together with the main item.
        return True
    act = {Act.DECIDE: "review"}.get(step.act, step.act)
    verb = "修改" if step.act == Act.SUBMIT else step.verb
    for owner, about in _asked(step, proposal):
        if units is not None and (owner.unit is None or owner.unit.pk not in units):
            continue
        casework.oblige(
            case=case,
            act=act,
            verb=verb,
            about=about,
            owner=owner,
            from_label=from_label,
            now=now,
            **_terms(deadline, proposal, step, timezone.localdate(now)),
        )
    return True


def _asked(step: Step, proposal: Proposal) -> list[tuple[Owner, str]]:
    """Return who is asked to act in a step; of several deputies who rate each by the seat."""
    if step.act == Act.RATE and step.actor_role == Role.DEPUTY:
        raters = raters_of(proposal)
        return [(lead_owner(seat), rating_about(seat) if len(raters) > 1 else "") for seat in raters]
    return [(owner, "") for owner in owners_of(step, proposal)]


def _terms(deadline: Deadline, proposal: Proposal, step: Step, today: dt.date) -> dict[str, object]:
    """Return rule and start; what was raised in a session is assigned within a time from its end (上海 10)."""
    ended = proposal.session.ends_on
    since_session = (
        step.act == Act.ASSIGN
        and proposal.period == Period.IN_SESSION
        and proposal.rules is not None
        and deadline.rule == proposal.rules.assign_session
        and ended is not None
        and ended >= today
    )
    return {
        "rule": deadline.rule,
        "rolls": deadline.rolls,
        "source": deadline.source,
        "start_on": ended if since_session else today,
    }


def owners_of(step: Step, proposal: Proposal) -> Sequence[Owner]:
    """Return who acts in a step.

    The township is that which sent the lead deputy's delegation, without one the commission. Of the units each that
    answers the deputy.
    """
    match step.actor_role:
        case Role.DEPUTY:
            return [lead_owner(proposal.lead)]
        case Role.TOWNSHIP:
            township = proposal.lead.delegation.township
            return [casework.role_owner(Role.TOWNSHIP, township) if township else casework.role_owner(Role.STAFF)]
        case Role.UNIT:
            round_ = latest_round(proposal)
            rows = list(round_.assignments.in_force().select_related("unit")) if round_ else []
            return [unit_owner(row.unit) for row in rows if row.role != AssignmentRole.ASSIST]
        case role:
            return [casework.role_owner(role)]
