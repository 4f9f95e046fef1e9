"""Finds the deputies that cells and rosters name: by name, by certificate number, by date of birth."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bodies.lookup import nearest
from bodies.models import Congress, Term
from deputies.models import BirthPrecision, Person, Seat
from workbooks.cleaners import normal_name

if TYPE_CHECKING:
    from accounts.models import User

Month = tuple[int, int | None]


def birth_month(born_on: dt.date | None, precision: str) -> Month | None:
    """Return year and month of a birth as far as they are known: what tells apart people of one name."""
    if born_on is None:
        return None
    return born_on.year, None if precision == BirthPrecision.YEAR else born_on.month


@dataclass(frozen=True)
class Identity:
    """What makes a deputy one and the same in a roster: term, delegation, name and month of birth."""

    term_id: int
    delegation: str
    name: str
    born: Month | None


class SeatBook:
    """The seats of some terms. One query; ``lock`` keeps the seats as they are found."""

    def __init__(self, terms: Iterable[Term], *, lock: bool = False) -> None:
        seats = Seat.objects.filter(term__in=list(terms)).select_related("person__user", "delegation").order_by("pk")
        # What is encrypted costs time to read: only who may change it needs it.
        unread = ["person__id_number"] if lock else ["person__id_number", "person__phone", "person__address"]
        if lock:
            seats = seats.select_for_update(of=("self", "person"))
        self.by_certificate: dict[tuple[int, str], Seat] = {}
        self.by_identity: dict[Identity, list[Seat]] = defaultdict(list)
        self.by_name: dict[tuple[int, str], list[Seat]] = defaultdict(list)
        self.names: dict[int, dict[str, None]] = defaultdict(dict)
        for seat in seats.defer(*unread):
            name = normal_name(seat.person.name)
            if seat.certificate_no:
                self.by_certificate[seat.term_id, seat.certificate_no] = seat
            self.by_identity[identity_of(seat)].append(seat)
            self.by_name[seat.term_id, name].append(seat)
            self.names[seat.term_id][name] = None

    def knows(self, term: Term, name: str) -> bool:
        return (term.pk, name) in self.by_name or (term.pk, name) in self.by_certificate

    def find(self, term: Term, name: str, *, delegation: str = "") -> list[Seat]:
        """Return the seats that a name or certificate number may mean; the delegation decides between namesakes."""
        seats = self.by_name.get((term.pk, name), [])
        if not seats and (term.pk, name) in self.by_certificate:
            return [self.by_certificate[term.pk, name]]
        if len(seats) > 1 and delegation:
            return [seat for seat in seats if normal_name(seat.delegation.name) == delegation] or seats
        return seats

    def nearest(self, term: Term, name: str) -> list[str]:
        """Return the names of the term's deputies that are most like a name."""
        return nearest(name, self.names[term.pk])


def identity_of(seat: Seat) -> Identity:
    """Return what makes a stored seat one and the same in a roster."""
    person = seat.person
    return Identity(
        seat.term_id,
        normal_name(seat.delegation.name),
        normal_name(person.name),
        birth_month(person.born_on, person.born_precision),
    )


def _line_of(congress: Congress) -> list[int]:
    """Return the keys of the congresses in which a deputy of this one may sit too: itself, those above, those below.

    Nobody sits in two areas of which neither contains the other (选举法 48). Where the office has not said what a
    congress belongs to, any of another level may be above it. One query.
    """
    rows = {row.pk: row for row in Congress.objects.all()}

    def may_be_above(lower: Congress, upper: Congress) -> bool:
        if lower.level <= upper.level:
            return False
        parent = rows.get(lower.parent_id)
        return parent is None or parent.pk == upper.pk or may_be_above(parent, upper)

    return [
        pk
        for pk, row in rows.items()
        if pk == congress.pk or may_be_above(congress, row) or may_be_above(row, congress)
    ]


class PersonBook:
    """People who may be those of some names who have no seat yet in the terms in question. Two queries."""

    def __init__(self, names: Sequence[str], terms: Iterable[Term], congress: Congress, user: User | None) -> None:
        # Seats are joined only to people whom whoever imports sees: another county's people are not his to change.
        # On the command line these are the people of the congresses above and below, among whom one person may sit twice.
        known = Person.objects.filter(seats__term__congress__in=_line_of(congress)).distinct()
        if user is not None:
            known = Person.objects.visible_to(user)
        people = Person.objects.filter(pk__in=known.values("pk"), name__in=names, born_on__isnull=False).exclude(
            born_precision=BirthPrecision.YEAR
        )
        self._found: dict[tuple[str, str, Month], list[Person]] = defaultdict(list)
        for person in people.select_for_update().order_by("pk") if names else ():
            month = birth_month(person.born_on, person.born_precision)
            self._found[person.name, person.gender, month].append(person)
        pks = [person.pk for people in self._found.values() for person in people]
        seated = Seat.objects.filter(term__in=list(terms), person__in=pks) if pks else Seat.objects.none()
        self._seated = set(seated.values_list("person_id", "term_id"))

    def find(self, *, name: str, gender: str, born: Month | None, term: Term) -> Person | None:
        """Return the one person of that name, gender, year and month of birth without a seat in the term, if any."""
        if born is None or born[1] is None:
            return None
        people = [row for row in self._found.get((name, gender, born), ()) if (row.pk, term.pk) not in self._seated]
        return people[0] if len(people) == 1 else None
