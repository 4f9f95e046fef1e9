"""Another unit in the place of one (改办), and where the case goes when a unit's part is over."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Role
from casework import services as casework
from casework.calendar import spoken
from casework.models import Act, Case, CaseStatus, Obligation, ObligationState, Stage, StepRun
from casework.services import UnableToAct
from proposals.abilities import awaited_opinions, own_parts
from proposals.models import Assignment, AssignmentRole, Distribution, EndedAs, Proposal
from proposals.services.assigning import ANSWERING, demand_of_units, give, terms_again
from proposals.services.common import latest_round, lead_owner, loaded, take
from proposals.services.handling import hand_to_deputy, is_answered
from proposals.services.parts import checked_new_unit, checked_text, end_part, tell_unit
from proposals.services.stepping import demand, move_on, owners_of, pass_by
from proposals.services.sweeping import one_by_one

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Unit
    from proposals.models import HandlingRound


def replace_part(
    *, case: Case, proposal: Proposal, part: Assignment, unit: Unit, ended_as: EndedAs, user: User, now: dt.datetime
) -> Assignment:
    """Give one unit's part to another in the same role; an assisting unit that takes the lead assists no longer.

    The time of the reply counts anew, from the day on which the new unit is given its part. The case is locked and
    the unit was checked. Returns the new part.
    """
    round_ = part.round
    for held in round_.assignments.in_force().filter(unit=unit).select_related("unit"):
        end_part(case=case, part=held, ended_as=EndedAs.REASSIGNED, user=user, now=now)
    end_part(case=case, part=part, ended_as=ended_as, user=user, now=now)
    terms = terms_again(proposal, round_, start=timezone.localdate(now))
    if part.role not in ANSWERING:
        terms = replace(terms, by_hand=_due_of_answer(round_))
    give(
        case=case,
        proposal=proposal,
        round_=round_,
        units=[(unit, part.role)],
        terms=terms,
        from_label=user.hat.label,
        now=now,
        via_office=part.via_office,
    )
    new = round_.assignments.in_force().get(unit=unit)
    if part.role == AssignmentRole.LEAD:
        date_of_lead(round_, new.due_on)
    demand_of_units(case=case, proposal=proposal, units={unit.pk}, from_label=user.hat.label, now=now)
    return new


def anew(proposal: Proposal, part: Assignment, now: dt.datetime) -> str:
    """Return the words that say until when the unit answers that is given a part now; none for an assisting part."""
    if part.role not in ANSWERING:
        return ""
    due_on = terms_again(proposal, part.round, start=timezone.localdate(now)).due_on
    return f"，办理时间自改办之日起重新计算，答复期限{spoken(due_on)}" if due_on else ""


def _due_of_answer(round_: HandlingRound) -> dt.date | None:
    rows = round_.assignments.in_force().filter(role__in=ANSWERING, replies__isnull=True, due_on__isnull=False)
    dates = {row.role: row.due_on for row in rows.order_by("-due_on")}
    return dates.get(AssignmentRole.LEAD) or dates.get(AssignmentRole.SEPARATE)


def date_of_lead(round_: HandlingRound, due_on: dt.date | None) -> None:
    """Let the assisting units carry the date of the lead one, before which they tell their opinion."""
    round_.assignments.in_force().filter(role=AssignmentRole.ASSIST).update(due_on=due_on)


def go_on(*, case: Case, proposal: Proposal, round_: HandlingRound, user: User, now: dt.datetime) -> None:
    """Go on from a step of the handling when nobody owes anything in it any more, as when a unit's part has ended.

    Where a decision is due of the units, those that have it before them now are asked first.
    """
    step = case.step
    if step is None or step.stage != Stage.REPLY:
        return
    if Distribution.objects.filter(round=round_, distributed_at__isnull=True).exists():
        return
    if step.act == Act.REPLY:
        if is_answered(round_):
            hand_to_deputy(case=case, proposal=proposal, user=user, now=now)
        return
    if step.act == Act.DECIDE and step.actor_role == Role.UNIT:
        if case.obligations.open().filter(act="review").exists() or _ask_others(case, proposal, user, now):
            return
    elif step.act != Act.ASSIST or awaited_opinions(case.pk, timezone.localdate(now)).exists():
        return
    outcome = casework.outcome_of(case=case, code="pass")
    move_on(case=case, proposal=proposal, outcome=outcome, user=user, from_label=user.hat.label, now=now)


def pass_over_silence(*, now: dt.datetime) -> int:
    """Let cases go on that wait for opinions alone, all of them overdue; return how many did.

    The lead unit's date does not wait for an assisting one that says nothing.
    """
    today = timezone.localdate(now)
    waits = Obligation.objects.open().filter(case=OuterRef("pk"))
    held_up = waits.filter(Q(act="distribute") | Q(act="opinion") & (Q(due_on__isnull=True) | Q(due_on__gte=today)))
    silent = Case.objects.filter(Exists(waits.filter(act="opinion")), ~Exists(held_up), step__act=Act.ASSIST)
    keys = silent.order_by("pk").values_list("pk", flat=True)
    return one_by_one(keys, lambda key: _pass_over(key, now))


def _pass_over(key: int, now: dt.datetime) -> bool:
    case = casework.lock_case(case_id=key, seen_version=None)
    if case.step is None or case.step.act != Act.ASSIST:
        return False
    if awaited_opinions(key, timezone.localdate(now)).exists():
        return False
    proposal = loaded(key)
    pass_by(case=case, proposal=proposal, from_label="系统", now=now, why="的协办意见都已逾期，不再等待")
    return True


def _ask_others(case: Case, proposal: Proposal, user: User, now: dt.datetime) -> bool:
    """Ask the units for their decision that have not given it in this stay; say whether there are any."""
    since = StepRun.objects.get(case_id=case.pk, left_at__isnull=True).entered_at
    gave = case.obligations.filter(act="review", state=ObligationState.DONE, closed_at__gte=since)
    decided = set(gave.values_list("owner_unit", flat=True))
    proposal.step = case.step
    units = {owner.unit.pk for owner in owners_of(case.step, proposal) if owner.unit and owner.unit.pk not in decided}
    if units:
        demand(case=case, proposal=proposal, outcome=None, from_label=user.hat.label, now=now, units=units)
    return bool(units)


@transaction.atomic
def reassign(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    part_id: int,
    unit: Unit,
    reason: str,
) -> Assignment:
    """Give a unit's part to another one without a request (改办); merged items that the unit has too go along.

    Raises as ``take`` does, and UnableToAct for a part that is not the user's to give or was answered, a unit that
    cannot take it, or a missing reason.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="reassign", now=now)
    parts = own_parts(user).filter(round=latest_round(proposal)).select_related("unit", "round")
    part = parts.filter(pk=part_id).first()
    if part is None:
        raise UnableToAct("请选择要改办的单位：已经答复的、已经退办或者改办的不能再改办。")
    reason = checked_text(reason, missing="请写明改办的理由。", what="改办理由")
    checked_new_unit(proposal, part, unit)
    new = _reassign_one(case=case, proposal=proposal, part=part, unit=unit, reason=reason, user=user, now=now)
    for key in proposal.merged.filter(status=CaseStatus.OPEN).order_by("pk").values_list("pk", flat=True):
        follower = casework.lock_case(case_id=key, seen_version=None)
        item = loaded(key)
        round_ = latest_round(item)
        if follower.step is None or follower.step.stage != Stage.REPLY or round_ is None:
            continue
        same = own_parts(user).filter(round=round_, unit=part.unit_id).select_related("unit", "round").first()
        if same is None or round_.assignments.in_force().filter(unit=unit, role__in=ANSWERING).exists():
            continue
        _reassign_one(case=follower, proposal=item, part=same, unit=unit, reason=reason, user=user, now=now)
    return new


def _reassign_one(
    *, case: Case, proposal: Proposal, part: Assignment, unit: Unit, reason: str, user: User, now: dt.datetime
) -> Assignment:
    role = part.get_role_display()
    until = anew(proposal, part, now)
    casework.log(
        case=case,
        actor=user,
        verb="reassign",
        sentence=f"{casework.actor_label(user)}将{part.unit}的{role}任务改由{unit}承办{until}。理由：{reason}",
        data={"from": part.unit_id, "to": unit.pk},
        now=now,
    )
    new = replace_part(
        case=case, proposal=proposal, part=part, unit=unit, ended_as=EndedAs.REASSIGNED, user=user, now=now
    )
    tell_unit(case=case, unit=part.unit, title=f"已改办：{case}", body=f"本件改由{unit}承办，你单位不再承办。", now=now)
    casework.inform(
        case=case,
        owner=lead_owner(proposal.lead),
        title=f"承办单位有调整：{case}",
        body=f"{role}单位由{part.unit}改为{unit}",
        now=now,
    )
    go_on(case=case, proposal=proposal, round_=part.round, user=user, now=now)
    return new
