"""Whom what the leader of a group enters is told: those of whom it is entered, so that they can object."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.urls import reverse

from accounts.models import User
from duties.models import AttendanceState
from notices import services as notices

if TYPE_CHECKING:
    from duties.models import DutyRecord, GroupActivity

OBJECT = "与实际不符的，请告诉登记人或者代表工委更正。"


def tell_activity(
    activity: GroupActivity, states: Mapping[int, str], *, act: str, user: User, now: dt.datetime
) -> None:
    """Tell people how they stand in an activity, by the keys of their seats; ``act`` is 登记, 更正 or 撤回."""
    gone = act == "撤回"
    for state in AttendanceState:
        seats = [pk for pk, found in states.items() if found == state]
        words = f"{user}撤回了小组活动：" if gone else f"{user}{act}您{state.label}小组活动："
        _tell(
            seats,
            rule="group_activity",
            object_key=f"group_activity:{activity.pk}:{act}:{activity.version}",
            due_on=activity.held_on,
            title=f"{words}{activity.topic}"[:300],
            body=f"{activity.held_on} {activity.group}，{activity.type}。" + ("" if gone else OBJECT),
            url=reverse("duties:group", args=[activity.group_id]) if gone else activity.get_absolute_url(),
            user=user,
            now=now,
        )


def tell_line(record: DutyRecord, *, act: str, user: User, now: dt.datetime) -> None:
    """Tell a deputy what was entered for him, put right or taken back."""
    words = {"登记": "代您登记了履职", "更正": "更正了代您登记的履职", "撤回": "撤回了代您登记的履职"}[act]
    _tell(
        [record.seat_id],
        rule="duty_entered",
        object_key=f"duty:{record.pk}:{act}:{now.timestamp()}",
        due_on=record.done_on,
        title=f"{user}{words}：{record.topic}"[:300],
        body=f"{record.done_on} {record.type}。" + ("" if act == "撤回" else OBJECT),
        url=f"{reverse('deputies:me')}#duties",
        user=user,
        now=now,
    )


def _tell(seats: list[int], *, user: User, **notice: object) -> None:
    """Tell the holders of seats who have an account, but not the one who did it."""
    recipients = User.objects.filter(person__seats__in=seats, is_active=True).exclude(pk=user.pk)
    notices.tell(recipients=recipients, **notice)
