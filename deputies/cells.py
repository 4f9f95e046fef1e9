"""Deputies as cells of workbooks name them, found and written: one wording of what is wrong for every form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from bodies.lookup import nearest, unknown_message
from deputies.lookup import SeatBook
from deputies.models import GroupMember, Seat, SeatStatus
from workbooks.cleaners import normal_name

if TYPE_CHECKING:
    from bodies.models import Congress, Term
    from workbooks.importing import Row


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
        seats = self.book.find(term, name, delegation=delegation) or self._beside.get(name, ())
        if len(seats) > 1 and delegation:
            return [seat for seat in seats if normal_name(seat.delegation.name) == delegation] or seats
        return seats

    def _unknown(self, names: Sequence[str], term: Term) -> str:
        near = [self.book.nearest(term, name) or nearest(name, self._beside) for name in names]
        return unknown_message("代表", names, near)


class DeputyNames:
    """Writes deputies so that ``DeputyFinder`` finds them again: by name, namesakes by certificate number. One query."""

    def __init__(self, congress: Congress) -> None:
        twice = (
            Seat.objects.filter(Q(term__congress=congress) | Q(pk__in=seats_beside(congress).values("pk")))
            .values("person__name")
            .annotate(n=Count("person", distinct=True))
            .filter(n__gt=1)
        )
        self._twice = set(twice.values_list("person__name", flat=True))

    def of(self, seat: Seat) -> str:
        """Return what a cell says of a deputy."""
        name = seat.person.name
        return (seat.certificate_no or name) if name in self._twice else name
