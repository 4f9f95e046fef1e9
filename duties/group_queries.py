"""Reads of deputy groups: their members, what they did, and what was entered for a member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import Role
from deputies.models import DeputyGroup, GroupMember, GroupOffice
from duties.abilities import groups_of
from duties.models import AttendanceState, DutyRecord, GroupActivity, Source

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from deputies.models import Seat

RANK = {GroupOffice.LEADER: 0, GroupOffice.DEPUTY_LEADER: 1, GroupOffice.LIAISON: 2}
PRIVATE = [f"seat__person__{name}" for name in ("id_number", "phone", "address")]


def visible_groups(user: User, today: dt.date) -> QuerySet[DeputyGroup]:
    """Return the groups whose pages the user may open: a deputy's own, those of the congress for staff and leaders."""
    if user.has_role(Role.STAFF, Role.LEADER):
        return DeputyGroup.objects.visible_to(user)
    return groups_of(user, today)


def members_of(group: DeputyGroup, today: dt.date) -> list[GroupMember]:
    """Return the members who hold their seats today, offices first. One query.

    Whoever belongs to the group with seats of several levels stands there once, with that of the group's congress.
    """
    rows = (
        GroupMember.objects.filter(
            Q(seat__ended_on__isnull=True) | Q(seat__ended_on__gt=today),
            group=group,
            seat__started_on__lte=today,
            seat__term__ends_on__gte=today,
        )
        .select_related("seat__person", "seat__term__congress", "seat__delegation")
        .defer(*PRIVATE)
    )
    here = group.term.congress_id
    by_person: dict[int, GroupMember] = {}
    for row in sorted(rows, key=lambda row: (row.seat.term.congress_id != here, row.pk)):
        by_person.setdefault(row.seat.person_id, row)
    return sorted(by_person.values(), key=lambda row: (RANK.get(row.office, 9), row.seat.person.pinyin, row.pk))


def was_held_on(seat: Seat, day: dt.date) -> bool:
    """Say whether somebody was a deputy with this seat on a day."""
    return seat.started_on <= day <= seat.term.ends_on and (seat.ended_on is None or seat.ended_on > day)


def activities_of(group: DeputyGroup) -> QuerySet[GroupActivity]:
    """Return what a group did, newest first, with how many were ``present``, on ``leave`` and ``absent``."""
    counts = {state.value: Count("attendances", filter=Q(attendances__state=state)) for state in AttendanceState}
    rows = GroupActivity.objects.filter(group=group).select_related("type", "registered_by").annotate(**counts)
    # Counting makes Django forget the order of the model.
    return rows.order_by("-held_on", "-pk")


def entered_by(user: User, group: DeputyGroup) -> QuerySet[DutyRecord]:
    """Return the lines that the user entered for members of a group, the latest entered first."""
    members = GroupMember.objects.filter(group=group)
    return (
        DutyRecord.objects.filter(
            congress=group.term.congress_id,
            source=Source.LEADER,
            recorded_by=user,
            seat__in=members.values("seat"),
        )
        .select_related("seat__person", "type")
        .defer(*PRIVATE)
        .order_by("-recorded_at", "-pk")
    )


def addresses_of(user: User, keys: Collection[int]) -> dict[int, str]:
    """Return the pages of those of the activities that the user may open. At most one query."""
    visible = GroupActivity.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    return {pk: reverse("duties:activity", args=[pk]) for pk in visible}
