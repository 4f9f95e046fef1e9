"""Who can be made a voter: the deputies of the term by all, delegation, group or one by one, and users by role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from accounts.models import Membership, Role, User
from deputies.models import Delegation, DeputyGroup, Seat, SeatStatus

if TYPE_CHECKING:
    from bodies.models import Congress

ROLES = (Role.LEADER, Role.STAFF, Role.GOV_OFFICE, Role.UNIT)


@dataclass(frozen=True)
class Chosen:
    """The users who were meant, and the names of deputies among those meant who have no account."""

    users: list[User]
    without_account: list[str]


def seats_of(congress: Congress, day: dt.date) -> QuerySet[Seat]:
    """Return the seats of a congress whose holders may vote on a day: those suspended may not (代表法 61)."""
    return Seat.objects.in_office_on(day).filter(
        term__congress=congress, term__starts_on__lte=day, status=SeatStatus.IN_OFFICE
    )


def circles(congress: Congress, day: dt.date) -> list[tuple[str, str]]:
    """Return what can be chosen as a whole: key and words with the number of people. Four queries."""
    seats = seats_of(congress, day)
    sums = seats.aggregate(all=Count("pk"), committee=Count("pk", filter=Q(is_committee_member=True)))
    found = [("all", f"全体代表（{sums['all']} 人）")]
    if sums["committee"]:
        found.append(("committee", f"常委会组成人员（{sums['committee']} 人）"))
    delegations = Delegation.objects.filter(seats__in=seats).annotate(n=Count("seats"))
    found += [(f"delegation-{row.pk}", f"{row.name}（{row.n} 人）") for row in delegations.order_by("sort", "pk")]
    groups = DeputyGroup.objects.filter(term__congress=congress, members__seat__in=seats).annotate(n=Count("members"))
    found += [(f"group-{row.pk}", f"{row.name}（{row.n} 人）") for row in groups.order_by("sort", "pk")]
    by_role = dict(
        Membership.objects.filter(congress=congress, role__in=ROLES, user__is_active=True)
        .values_list("role")
        .annotate(n=Count("user", distinct=True))
        .order_by()
    )
    return found + [(f"role-{role}", f"{role.label}用户（{by_role[role]} 人）") for role in ROLES if role in by_role]


def people(congress: Congress, day: dt.date) -> list[Seat]:
    """Return the deputies that can be chosen one by one. One query."""
    return list(
        seats_of(congress, day)
        .select_related("person", "delegation")
        .only("person__name", "person__initials", "delegation__name", "term_id", "delegation_id")
    )


def chosen(congress: Congress, day: dt.date, *, keys: Collection[str], seats: Collection[int]) -> Chosen:
    """Return whom keys of ``circles`` and seats of ``people`` mean. Keys that mean nothing here mean nobody. Two queries."""
    wanted, roles = Q(pk__in=list(seats)), []
    for key in keys:
        kind, _, name = key.partition("-")
        if kind == "all":
            wanted |= Q(pk__isnull=False)
        elif kind == "committee":
            wanted |= Q(is_committee_member=True)
        elif kind == "delegation":
            wanted |= Q(delegation=int(name))
        elif kind == "group":
            wanted |= Q(group_memberships__group=int(name))
        elif kind == "role":
            roles.append(name)
    rows = seats_of(congress, day).filter(wanted).select_related("person__user").distinct()
    users, without = {}, []
    for seat in rows:
        user = seat.person.user
        if user is not None and user.is_active:
            users[user.pk] = user
        else:
            without.append(seat.person.name)
    if roles:
        hats = Membership.objects.filter(congress=congress, role__in=roles, user__is_active=True)
        users |= {user.pk: user for user in User.objects.filter(pk__in=hats.values("user"))}
    return Chosen(list(users.values()), without)
