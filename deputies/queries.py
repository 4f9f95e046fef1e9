"""Reads of people and seats."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Model, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import keeps_registers
from bodies.models import Level
from casework.errands import Errand
from deputies.models import (
    HAN,
    Correction,
    Delegation,
    DeputyGroup,
    GroupMember,
    GroupOffice,
    Person,
    Seat,
    SeatQuerySet,
)
from deputies.private import by_number
from deputies.retention import due, falling

if TYPE_CHECKING:
    from accounts.models import User
    from deputies.models import DeputyGroupQuerySet

OWN, ALL = "", "all"
# Each word costs a condition on every row.
LONGEST_SEARCH = 100
IS_MINORITY = ~Q(person__ethnicity="") & ~Q(person__ethnicity__in=HAN)


def roster(user: User, today: dt.date) -> SeatQuerySet:
    """Return the seats in office today that the user may see, with what a roster row shows. One query."""
    return (
        Seat.objects.visible_to(user)
        .in_office_on(today)
        .select_related("person", "delegation", "term__congress")
        .defer("person__id_number", "person__phone", "person__address")
        .order_by("term__congress__level", "term__congress", "delegation__sort", "delegation", "person__pinyin", "pk")
    )


def search(rows: SeatQuerySet, text: str, *, numbers: bool = False) -> SeatQuerySet:
    """Return the seats that every word typed fits: by name, pinyin or its initials, certificate number, post or group.

    With ``numbers`` a whole phone or ID number finds whose it is.
    """
    if numbers and (condition := by_number(text)) is not None:
        return rows.filter(person__in=Person.objects.filter(condition))
    for word in text.replace("\x00", "")[:LONGEST_SEARCH].split():
        grouped = GroupMember.objects.filter(seat=OuterRef("pk"), group__name__icontains=word)
        condition = (
            Q(person__name__icontains=word)
            | Q(certificate_no=word)
            | Q(person__post__icontains=word)
            | Q(Exists(grouped))
        )
        if word.isascii() and word.isalpha():
            letters = word.lower()
            condition |= Q(person__initials__startswith=letters) | Q(person__pinyin__startswith=letters)
        rows = rows.filter(condition)
    return rows


def for_picker(rows: SeatQuerySet, user: User) -> SeatQuerySet:
    """Return seats as a picker offers them: the own congress's before others, those in office before former ones.

    ``has_namesake`` says whether the name stands twice in the delegation, ``is_here`` whether it is the user's congress.
    """
    here = user.hat.congress_id if user.hat else None
    alike = Seat.objects.filter(delegation=OuterRef("delegation"), person__name=OuterRef("person__name"))
    return (
        rows.annotate(
            has_namesake=Exists(alike.exclude(pk=OuterRef("pk"))),
            is_here=ExpressionWrapper(Q(term__congress=here), output_field=BooleanField()),
        )
        .select_related("term__congress")
        .order_by("-is_here", "-term__starts_on", "person__pinyin", "pk")
    )


@dataclass(frozen=True)
class LevelCount:
    """How many of the seats that a user sees are of one level; ``key`` is what the page's address says of it."""

    key: str
    label: str
    count: int


def level_name(level: int) -> str:
    """Return how a level is called: 全国, 省级, 县级."""
    return Level(level).label if level == Level.NATIONAL else f"{Level(level).label}级"


def levels(user: User, today: dt.date) -> list[LevelCount]:
    """Return the own congress's seats, those of other congresses by level, and all of them; one entry when all are own.

    One query.
    """
    found = (
        Seat.objects.visible_to(user)
        .in_office_on(today)
        .order_by()
        .values_list("term__congress_id", "term__congress__level")
        .annotate(n=Count("pk"))
    )
    here, own, others = user.hat.congress, 0, dict.fromkeys(Level.values, 0)
    for congress, level, n in found:
        if congress == here.pk:
            own += n
        else:
            others[level] += n
    counts = [LevelCount(OWN, f"{level_name(here.level)}（本级）", own)]
    for level, n in others.items():
        if n:
            elsewhere = "（其他）" if level == here.level else ""
            counts.append(LevelCount(str(level), f"{level_name(level)}{elsewhere}", n))
    return [*counts, LevelCount(ALL, "全部层级", own + sum(others.values()))] if len(counts) > 1 else counts


def of_level(rows: SeatQuerySet, user: User, key: str) -> SeatQuerySet:
    """Return the seats of one entry of ``levels``."""
    if key == ALL:
        return rows
    here = Q(term__congress=user.hat.congress_id)
    return rows.filter(here) if key == OWN else rows.filter(~here, term__congress__level=int(key))


def totals(rows: SeatQuerySet) -> dict[str, int]:
    """Return how many seats there are, and how many of women, of minorities and of committee members. One query."""
    return rows.order_by().aggregate(
        all=Count("pk"),
        women=Count("pk", filter=Q(person__gender="女")),
        minorities=Count("pk", filter=IS_MINORITY),
        committee=Count("pk", filter=Q(is_committee_member=True)),
    )


def delegations(user: User, today: dt.date, key: str = OWN) -> list[tuple[int, str]]:
    """Return the delegations of the seats of one level that the user sees, elsewhere with their congress. One query."""
    seats = of_level(Seat.objects.visible_to(user).in_office_on(today), user, key)
    rows = Delegation.objects.filter(pk__in=seats.values("delegation")).order_by("term__congress__code", "sort", "pk")
    names = rows.values_list("pk", "name", "term__congress", "term__congress__name")
    return [(pk, name if body == user.hat.congress_id else f"{of} {name}") for pk, name, body, of in names]


def groups(user: User, today: dt.date) -> list[tuple[int, str]]:
    """Return the groups of the terms in office that the user sees. One query."""
    rows = DeputyGroup.objects.visible_to(user).filter(term__starts_on__lte=today, term__ends_on__gte=today)
    return list(rows.values_list("pk", "name"))


def with_size(rows: DeputyGroupQuerySet) -> DeputyGroupQuerySet:
    """Return the groups with ``size``, the number of members, and ``has_leader``."""
    leaders = GroupMember.objects.filter(group=OuterRef("pk"), office=GroupOffice.LEADER)
    return rows.annotate(size=number_of(GroupMember, "group"), has_leader=Exists(leaders))


def number_of(model: type[Model], of: str) -> Coalesce:
    """Return the number of rows that refer to a row by the field ``of``; no join that other conditions would multiply."""
    counted = model.objects.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


def errands_of(user: User) -> list[Errand]:
    """Return what of people's personal data waits for staff: requests, and what is due to be erased. At most a query each."""
    if not keeps_registers(user):
        return []
    today = timezone.localdate()
    expired = sum(number for _, number in falling(user.hat.congress, today))
    return [
        Errand("更正申请", Correction.objects.kept_by(user).open().count(), reverse("deputies:corrections")),
        Errand("个人信息保存期限已到", due(user, today).count() + (expired > 0), reverse("deputies:retention")),
    ]
