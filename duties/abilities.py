"""Who may do what for a deputy group: it follows from the office that he holds there, and from nothing else."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from accounts.models import Role
from accounts.permissions import keeps_registers
from deputies.models import DeputyGroup, GroupMember, GroupOffice, Seat, SeatStatus

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from duties.models import GroupActivity

LEADING = (GroupOffice.LEADER, GroupOffice.DEPUTY_LEADER, GroupOffice.LIAISON)


def _memberships(user: User, today: dt.date) -> QuerySet[GroupMember]:
    """Return what the user is in which group, as the deputy whose hat he wears: while seat and group's term last."""
    if not user.has_role(Role.DEPUTY):
        return GroupMember.objects.none()
    seats = Seat.objects.in_office_on(today).filter(person__user=user, term__congress=user.hat.congress_id)
    return GroupMember.objects.filter(
        seat__in=seats, group__term__starts_on__lte=today, group__term__ends_on__gte=today
    )


def groups_of(user: User, today: dt.date) -> QuerySet[DeputyGroup]:
    """Return the groups to which the user belongs now, under the hat that he wears."""
    return DeputyGroup.objects.filter(pk__in=_memberships(user, today).values("group"))


def leads_group(user: User, group: DeputyGroup, today: dt.date) -> bool:
    """Say whether the user enters for a group what it does: as its 组长, 副组长 or 联络员. One query at most.

    The right ends with the office, with the group's term, with the seat (also while it is suspended, 代表法 61), and
    while another hat is worn.
    """
    held = _memberships(user, today).filter(group=group, office__in=LEADING, seat__status=SeatStatus.IN_OFFICE)
    return held.exists()


def may_change(user: User, activity: GroupActivity, today: dt.date) -> bool:
    """Say whether the user corrects an activity or takes it back. One query at most.

    Whoever registered it, as long as he leads the group; staff of the congress at any time.
    """
    if keeps_registers(user):
        return activity.group.term.congress_id == user.hat.congress_id
    return activity.registered_by_id == user.pk and leads_group(user, activity.group, today)
