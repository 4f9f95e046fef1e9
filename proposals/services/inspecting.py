"""Inspections of units by the overseers, what they demand on single items, and the units' answers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from casework import services as casework
from casework.calendar import spoken
from casework.services import UnableToAct
from notices import services as notices
from proposals.models import Assignment, Inspection, Means, Proposal, Rectification
from proposals.services.common import take, unit_owner
from proposals.services.marking import checked

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Unit

INSPECTORS_LENGTH = 300
FINDINGS_LENGTH = 5_000
DEMAND_LENGTH = 1_000
ANSWER_LENGTH = 5_000
# Within these an inspection has something put right; a date may be set instead.
WITHIN = {"10WD": "10个工作日", "15WD": "15个工作日", "1M": "1个月", "2M": "2个月", "3M": "3个月"}


@transaction.atomic
def record_inspection(
    *,
    user: User,
    now: dt.datetime,
    request_key: uuid.UUID,
    unit: Unit,
    held_on: dt.date,
    inspectors: str,
    means: Collection[str],
    findings: str,
    items: Collection[int] = (),
) -> Inspection:
    """Record that the overseers inspected a unit of the user's congress; the same form sent twice is one inspection.

    Raises UnableToAct for others than staff, a unit of another congress, a day to come, no means, missing texts, or
    items that the unit was not given.
    """
    if not user.has_role(Role.STAFF):
        raise UnableToAct("督办检查由代表工委登记。")
    known = Inspection.objects.visible_to(user).filter(request_key=request_key).first()
    if known is not None:
        return known
    if unit.congress_id != user.hat.congress_id:
        raise UnableToAct("请选择本级的承办单位。")
    if held_on > timezone.localdate(now):
        raise UnableToAct("检查日期不能晚于今天：检查以后再登记。")
    if not means or not set(means) <= set(Means.values):
        raise UnableToAct("请选择检查的方式，至少一种。")
    inspectors = checked(inspectors, what="检查人员", limit=INSPECTORS_LENGTH)
    findings = checked(findings, what="检查情况", limit=FINDINGS_LENGTH)
    looked_at = set(items_of(unit).filter(pk__in=items).values_list("pk", flat=True)) if items else set()
    if looked_at != set(items):
        raise UnableToAct("查看的件应当是交给这个单位办理的，请重新选择。")
    row, made = Inspection.objects.get_or_create(
        request_key=request_key,
        defaults={
            "congress": user.hat.congress, "unit": unit, "held_on": held_on, "inspectors": inspectors,
            "findings": findings, "recorded_at": now, "recorded_by": user,
            **dict.fromkeys(means, True),
        },
    )  # fmt: skip
    if made:
        row.items.set(looked_at)
    return row


def items_of(unit: Unit) -> Proposal.objects:
    """Return the proposals that a unit was given in any round and still has."""
    parts = Assignment.objects.in_force().filter(unit=unit)
    return Proposal.objects.filter(pk__in=parts.order_by().values("round__proposal"))


@transaction.atomic
def demand_rectification(
    *,
    inspection_id: int,
    user: User,
    now: dt.datetime,
    proposal_id: int,
    demand: str,
    within: str = "",
    due_on: dt.date | None = None,
) -> Rectification:
    """Demand of the inspected unit that it puts something right on one of its items, within a time or by a day.

    The unit owes its answer also where the item was closed. Raises Inspection.DoesNotExist when the user may not see
    it, and UnableToAct for others than staff, an item that the unit was not given, a second demand on the same item,
    a missing text, both or neither of the deadlines, or a day that has passed.
    """
    inspection = Inspection.objects.visible_to(user).select_related("unit").get(pk=inspection_id)
    if not user.has_role(Role.STAFF):
        raise UnableToAct("整改要求由代表工委登记。")
    if not items_of(inspection.unit).visible_to(user).filter(pk=proposal_id).exists():
        raise UnableToAct("请从这个单位承办的件中选择需要整改的件。")
    demand = checked(demand, what="整改要求", limit=DEMAND_LENGTH)
    if bool(within) == (due_on is not None):
        raise UnableToAct("请选择整改时限，或者填写整改期限的日期，只填一项。")
    if within and within not in WITHIN:
        raise UnableToAct("请从列表中选择整改时限。")
    today = timezone.localdate(now)
    if due_on is not None and due_on < today:
        raise UnableToAct("整改期限不能早于今天。")
    case = casework.lock_case(case_id=proposal_id, seen_version=None)
    if inspection.demands.filter(proposal=proposal_id).exists():
        raise UnableToAct(f"这次检查已经对{case}提出过整改要求，请另选一件。")
    owed = casework.oblige(
        case=case, act="rectify", verb="报告整改情况", owner=unit_owner(inspection.unit),
        from_label=user.hat.label, now=now, rule=within, due_on=due_on, basis="督办检查时确定" if due_on else "",
        about=f"inspection:{inspection.pk}",
    )  # fmt: skip
    row = Rectification.objects.create(
        inspection=inspection,
        proposal_id=proposal_id,
        demand=demand,
        due_on=owed.due_on,
        demanded_at=now,
        demanded_by=user,
    )
    said = f"督办检查（{spoken(inspection.held_on)}）要求{inspection.unit}整改，期限{spoken(owed.due_on)}：{demand}"
    casework.log(
        case=case, actor=user, verb="inspect", sentence=f"{casework.actor_label(user)}{said}", now=now,
        data={"units": [inspection.unit_id]}, changes_case=False,
    )  # fmt: skip
    return row


@transaction.atomic
def rectify(
    *, proposal_id: int, seen_version: int | None, user: User, now: dt.datetime, demand_id: int, answer: str
) -> Rectification:
    """Answer, for the user's unit, what an inspection demanded on an item; who demanded it is told.

    Raises as ``take`` does, and UnableToAct for a demand that was answered before, or a missing text.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="rectify", now=now)
    answer = checked(answer, what="整改情况", limit=ANSWER_LENGTH)
    row = next((one for one in demands_of(user, proposal_id) if one.pk == demand_id), None)
    if row is None:
        raise UnableToAct("这项整改要求已经报告过，请刷新页面查看最新情况。")
    row.answer, row.answered_at, row.answered_by = answer, now, user
    row.save(update_fields=["answer", "answered_at", "answered_by"])
    casework.settle(case=case, act="rectify", about=f"inspection:{row.inspection_id}", actor=user, now=now)
    casework.log(
        case=case, actor=user, verb="rectify", sentence=f"{casework.actor_label(user)}报告整改情况：{answer}", now=now,
        data={"units": [user.hat.unit_id]},
    )  # fmt: skip
    notices.tell(
        rule="inform", object_key=f"rectification:{row.pk}", due_on=timezone.localdate(now),
        recipients=[row.demanded_by], title=f"{user.hat.label}已报告整改情况：{proposal}", body=answer[:200],
        url=case.get_absolute_url(), now=now,
    )  # fmt: skip
    return row


def demands_of(user: User, proposal_id: int) -> list[Rectification]:
    """Return what waits for an answer of the user's unit on a proposal, oldest first. One query."""
    rows = Rectification.objects.visible_to(user).waiting().filter(proposal=proposal_id)
    return list(rows.select_related("inspection", "demanded_by"))
