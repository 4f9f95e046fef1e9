"""Replies given face to face (当面答复), recorded by the unit."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from casework import services as casework
from casework.calendar import spoken
from casework.services import UnableToAct
from proposals.models import InPersonReply
from proposals.services.common import take
from proposals.services.handling import check_since_given, own_assignment
from proposals.services.parts import checked_text

if TYPE_CHECKING:
    from accounts.models import User

PLACE_LENGTH = 100
PEOPLE_LENGTH = 300
MINUTES_LENGTH = 20_000


@transaction.atomic
def record_in_person(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    held_on: dt.date,
    place: str,
    unit_people: str,
    deputies: str,
    minutes: str,
    is_signed: bool,
) -> InPersonReply:
    """Record a meeting in which the user's unit answered the deputies face to face (山东 22).

    ``is_signed`` says that a deputy signed the record on paper. Raises as ``take`` does, and UnableToAct for a missing
    text or a day in the future or before the assignment.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="in-person", now=now)
    part = own_assignment(proposal, user)
    if held_on > timezone.localdate(now):
        raise UnableToAct("面复日期不能晚于今天。")
    check_since_given(held_on, "面复日期", proposal=proposal, assignment=part)
    row = InPersonReply.objects.create(
        assignment=part,
        held_on=held_on,
        place=checked_text(place, missing="请填写面复的地点。", what="地点", longest=PLACE_LENGTH),
        unit_people=checked_text(
            unit_people, missing="请填写承办单位参加人。", what="承办单位参加人", longest=PEOPLE_LENGTH
        ),
        deputies=checked_text(deputies, missing="请填写参加代表。", what="参加代表", longest=PEOPLE_LENGTH),
        minutes=checked_text(minutes, missing="请写明面复情况。", what="面复情况", longest=MINUTES_LENGTH),
        is_signed=is_signed,
        recorded_at=now,
        recorded_by=user,
    )
    signed = "代表已在记录上签字" if is_signed else "代表尚未在记录上签字"
    casework.log(
        case=case,
        actor=user,
        verb="in-person",
        sentence=(
            f"{casework.actor_label(user)}登记当面答复：{spoken(held_on)}在{row.place}当面答复{row.deputies}，{signed}"
        ),
        now=now,
    )
    return row
