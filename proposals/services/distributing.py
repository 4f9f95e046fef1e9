"""The second level of assignment: the government office splits an item among departments (分办)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from casework import services as casework
from casework.calendar import spoken
from casework.models import CaseStatus
from casework.services import UnableToAct
from proposals.models import AssignmentRole, Distribution, Proposal
from proposals.services.assigning import ANSWERING, Units, checked_units, demand_of_units, give, terms_of
from proposals.services.common import latest_round, lead_owner, loaded, take
from proposals.services.replacing import go_on

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Unit
    from casework.models import Case
    from proposals.models import HandlingRound


@transaction.atomic
def distribute(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    lead: Unit | None = None,
    assisting: Sequence[Unit] = (),
    separate: Sequence[Unit] = (),
    nothing_more: bool = False,
) -> Proposal:
    """Split among departments what the committee handed to the government office (第二级交办), merged items with it.

    Where the committee named a lead unit the office adds separate and assisting ones only, or by ``nothing_more``
    none. The time of the reply counts from the committee's assignment: passing it on gains nobody time. Raises as
    ``take`` does, and UnableToAct for a contradictory choice of units.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="distribute", now=now)
    round_ = latest_round(proposal)
    given = list(round_.assignments.in_force().prefetch_related("replies"))
    units = checked_units(
        proposal, lead=lead, separate=separate, assisting=assisting, taken={row.unit_id for row in given}
    )
    _check(units, given, nothing_more=nothing_more)
    _distribute_one(case=case, proposal=proposal, round_=round_, units=units, user=user, now=now)
    waiting = Distribution.objects.filter(
        round__proposal__merged_into=proposal, round__proposal__status=CaseStatus.OPEN, distributed_at__isnull=True
    )
    for key in list(waiting.order_by("round__proposal").values_list("round__proposal", flat=True)):
        follower = casework.lock_case(case_id=key, seen_version=None)
        item = loaded(key)
        turn = latest_round(item)
        if Distribution.objects.filter(round=turn, distributed_at__isnull=True).exists():
            has = dict(turn.assignments.in_force().values_list("unit", "role"))
            led = AssignmentRole.LEAD in has.values()
            new = [
                (unit, role) for unit, role in units if unit.pk not in has and not (led and role == AssignmentRole.LEAD)
            ]
            _distribute_one(case=follower, proposal=item, round_=turn, units=new, user=user, now=now)
    proposal.refresh_from_db()
    return proposal


def _check(units: Units, given: list, *, nothing_more: bool) -> None:
    named = [row for row in given if row.role in ANSWERING]
    lead = next((row for row in named if row.role == AssignmentRole.LEAD), None)
    if nothing_more and units:
        raise UnableToAct("勾选了「不再增加承办单位」，就不能再选择单位；请取消其中一项。")
    if nothing_more and not named:
        raise UnableToAct("本件还没有答复代表的单位，请选择主办单位或者分办单位。")
    if lead and any(role == AssignmentRole.LEAD for _, role in units):
        raise UnableToAct("人大常委会已经确定了主办单位，政府办分办的单位请作为分办单位或者协办单位。")
    if not units and not nothing_more:
        raise UnableToAct("请选择主办单位或者分办单位。" if not named else "请选择分办单位或者协办单位。")
    answers = any(role in ANSWERING for _, role in units)
    if units and not answers and not any(not row.replies.all() for row in named):
        if named:
            raise UnableToAct(
                "已经交办的单位都已答复，不再需要协办意见；请选择分办单位，或者勾选「不再增加承办单位」。"
            )
        raise UnableToAct("请选择主办单位或者分办单位：协办单位不直接答复代表。")


def _distribute_one(
    *, case: Case, proposal: Proposal, round_: HandlingRound, units: Units, user: User, now: dt.datetime
) -> None:
    handed = round_.distribution
    Distribution.objects.filter(pk=handed.pk).update(distributed_at=now, distributed_by=user)
    casework.settle(case=case, act="distribute", actor=user, now=now)
    terms = terms_of(
        proposal, outcome=None, start=handed.handed_on, is_complex=round_.is_complex, by_hand=handed.due_on
    )
    parts = "、".join(f"{unit}（{AssignmentRole(role).label}）" for unit, role in units)
    until = f"，答复期限{spoken(terms.due_on)}" if terms.due_on else ""
    said = f"将本件分办给{parts}{until}" if units else "分办本件：不再增加承办单位"
    casework.log(case=case, actor=user, verb="distribute", sentence=f"{casework.actor_label(user)}{said}", now=now)
    give(
        case=case,
        proposal=proposal,
        round_=round_,
        units=units,
        terms=terms,
        from_label=user.hat.label,
        now=now,
        via_office=True,
    )
    demand_of_units(
        case=case, proposal=proposal, units={unit.pk for unit, _ in units}, from_label=user.hat.label, now=now
    )
    if units:
        casework.inform(
            case=case, owner=lead_owner(proposal.lead), title=f"已分办：{case}", body=f"政府办分办给{parts}", now=now
        )
    go_on(case=case, proposal=proposal, round_=round_, user=user, now=now)
