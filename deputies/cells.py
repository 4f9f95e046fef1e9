"""Deputies as cells of workbooks name them, found and written: one wording of what is wrong for every form."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from bodies.lookup import nearest, unknown_message
from deputies.lookup import SeatBook
from deputies.models import GroupMember, Seat, SeatStatus
from workbooks.cleaners import normal_name

if TYPE_CHECKING:
    from bodies.models import Congress, Term
    from workbooks.importing import Row

# 张三（第一代表团）: how people, and our exports, tell namesakes apart in one cell.
WITH_DELEGATION = re.compile(r"^(.+?) ?[(（](.+)[)）]$")


def seats_beside(congress: Congress) -> Iterable[Seat]:
    """Return the seats of other levels with which a congress works: those of its groups, of the delegation that it sends, of the congresses below."""
    grouped = GroupMember.objects.filter(group__term__congress=congress)
    beside = Q(pk__in=grouped.values("seat")) | Q(delegation__township=congress) | Q(term__congress__parent=congress)
    return (
        Seat.objects.filter(beside)
        .exclude(term__congress=congress)
        .exclude(status=SeatStatus.ENDED)
        .select_related("person", "delegation")
        .defer("person__id_number", "person__phone", "person__address")
        .order_by("pk")
    )


class DeputyFinder:
    """Finds the deputies that cells name: those of the terms given, and those of other levels where none of these fits.

    One query, two with ``beside``.
    """

    def __init__(self, congress: Congress, terms: Iterable[Term], *, beside: bool = True) -> None:
        self.book = SeatBook(terms)
        self._beside: dict[str, list[Seat]] = defaultdict(list)
        for seat in seats_beside(congress) if beside else ():
            self._beside[normal_name(seat.person.name)].append(seat)
            if seat.certificate_no:
                self._beside[seat.certificate_no].append(seat)

    def one(self, row: Row, attr: str, name: str, term: Term, *, delegation: str = "") -> Seat | None:
        """Return the deputy of that name or certificate number; report why there is none, or not one, at the cell."""
        found = self._find(term, name, delegation)
        if len(found) == 1:
            return found[0]
        if found:
            where = "、".join(sorted({seat.delegation.name for seat in found}))
            more = "，或填写代表团" if "delegation" in {column.attr for column in row.columns} else ""
            row.error(attr, f"本届有 {len(found)} 位代表叫「{name}」（{where}），请改填代表证号{more}", value=name)
        else:
            row.error(attr, self._unknown([name], term), value=name)
        return None

    def several(self, row: Row, attr: str, term: Term) -> tuple[Seat, ...]:
        """Return the deputies that a cell of names means, each once; report those that are unknown or not unique."""
        names = [row[attr].whole] if self._find(term, row[attr].whole, "") else list(row[attr])
        found = [(name, self._find(term, name, "")) for name in names]
        if unknown := [name for name, seats in found if not seats]:
            row.error(attr, self._unknown(unknown, term), value=unknown[0])
        for name, seats in found:
            if len(seats) > 1:
                self.one(row, attr, name, term)
        return tuple({seats[0].pk: seats[0] for _, seats in found if len(seats) == 1}.values())

    def _find(self, term: Term, name: str, delegation: str) -> Sequence[Seat]:
        found = self._of_name(term, name, delegation)
        if not found and (parts := WITH_DELEGATION.match(name)):
            found = self._of_name(term, *parts.groups())
            found = [seat for seat in found if normal_name(seat.delegation.name) == parts[2]]
        return found

    def _of_name(self, term: Term, name: str, delegation: str) -> Sequence[Seat]:
        """The own deputies come first, but where the delegation plainly means one of another level."""
        seats, beside = self.book.find(term, name, delegation=delegation), self._beside.get(name, ())
        exact = [seat for seat in (*seats, *beside) if delegation and normal_name(seat.delegation.name) == delegation]
        return exact or seats or beside

    def _unknown(self, names: Sequence[str], term: Term) -> str:
        near = [self.book.nearest(term, name) or nearest(name, self._beside) for name in names]
        return unknown_message("代表", names, near)


class DeputyNames:
    """Writes deputies so that ``DeputyFinder`` finds them again: by name, namesakes with the delegation. One query.

    Namesakes of one delegation go by their certificate numbers. Whoever also sits at another level is meant there only
    where the delegation says so.
    """

    def __init__(self, congress: Congress) -> None:
        seats = Seat.objects.filter(Q(term__congress=congress) | Q(pk__in=seats_beside(congress).values("pk")))
        namesakes = seats.filter(person__name__in=_names_held_twice(seats)).order_by()
        self._delegations: dict[int, str] = {}
        self._people: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._own: set[int] = set()
        for name, pk, delegation, person, holder in namesakes.values_list(
            "person__name", "delegation", "delegation__name", "person", "term__congress"
        ):
            self._delegations[pk] = delegation
            self._people[name][pk].add(person)
            if holder == congress.pk:
                self._own.add(pk)

    def of(self, seat: Seat) -> str:
        """Return what a cell says of a deputy."""
        name, delegation = seat.person.name, seat.delegation_id
        if name not in self._people or delegation not in self._delegations:
            return name
        if len(self._people[name][delegation]) > 1:
            return seat.certificate_no or name
        if delegation in self._own and len(set().union(*self._people[name].values())) == 1:
            return name
        return f"{name}（{self._delegations[delegation]}）"


def _names_held_twice(seats: QuerySet[Seat]) -> QuerySet:
    names = seats.order_by().values("person__name").annotate(n=Count("pk", distinct=True))
    return names.filter(n__gt=1).values("person__name")
