"""Writes to people and seats: the roster of a term."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F

from bodies.fields import DigestField
from bodies.pinyin import initials, sort_key
from deputies.models import Delegation, DeputyGroup, GroupMember, Person, Seat
from deputies.people import NOT_ERASED
from workbooks.cleaners import normal_name
from workbooks.columns import Counts

if TYPE_CHECKING:
    from bodies.models import Term


@dataclass(frozen=True)
class RosterEntry:
    """What is to be known of one deputy. ``seat`` is the one to change; without it a new seat is made.

    ``person`` is who takes a new seat, None for somebody not known yet. The two mappings hold only what is to be set.
    ``groups`` are the names of the groups that the deputy belongs to; None leaves them as they are.
    """

    term: Term
    name: str
    delegation: str
    seat: Seat | None = None
    person: Person | None = None
    of_person: Mapping[str, Any] = field(default_factory=dict)
    of_seat: Mapping[str, Any] = field(default_factory=dict)
    groups: Collection[str] | None = None


@transaction.atomic
def save_roster(*, entries: Sequence[RosterEntry]) -> Counts:
    """Create and change people with their seats, delegations and groups; delegations and groups are made on first use.

    The caller has looked the people up under a lock. A fixed number of queries, however many entries. Returns how many
    deputies were new, changed (in their seat, their person or their groups) and as they were.
    """
    terms = {entry.term.pk: entry.term for entry in entries}
    delegations = _named(Delegation, terms, ((entry.term, entry.delegation) for entry in entries))
    people, changed_people = [], _Changes()
    for entry in entries:
        person = entry.seat.person if entry.seat else entry.person
        if person is None:
            person = Person(name=entry.name, pinyin=sort_key(entry.name), initials=initials(entry.name))
        anew = NOT_ERASED if person.erased_at and entry.seat is None else {}
        changed_people.set(person, {**anew, **entry.of_person})
        people.append(person)
    Person.objects.bulk_create([person for person in people if person.pk is None])
    changed_people.save(Person)
    seats, changed_seats = [], _Changes()
    for entry, person in zip(entries, people, strict=True):
        seat = entry.seat or Seat(person=person, term=entry.term, started_on=entry.term.starts_on)
        changed_seats.set(seat, {"delegation": delegations[entry.term.pk, entry.delegation], **entry.of_seat})
        seats.append(seat)
    Seat.objects.bulk_create([seat for seat in seats if seat.pk is None])
    changed_seats.save(Seat)
    regrouped = _save_groups(entries, seats, terms)
    added = sum(entry.seat is None for entry in entries)
    touched = changed_people.pks | {seat.person_id for seat in seats if seat.pk in changed_seats.pks | regrouped}
    updated = sum(
        entry.seat is not None and seat.person_id in touched for entry, seat in zip(entries, seats, strict=True)
    )
    return Counts(added, updated, len(entries) - added - updated)


def _save_groups(entries: Sequence[RosterEntry], seats: Sequence[Seat], terms: Mapping[int, Term]) -> set[int]:
    """Put the seats into exactly the groups that their entries name. Returns the seats whose groups changed."""
    wanted = {
        seat.pk: (entry.term, entry.groups)
        for entry, seat in zip(entries, seats, strict=True)
        if entry.groups is not None
    }
    if not wanted:
        return set()
    groups = _named(DeputyGroup, terms, ((term, name) for term, names in wanted.values() for name in names))
    ids = {(pk, groups[term.pk, name].pk) for pk, (term, names) in wanted.items() for name in names}
    # Who also belongs to a group of another congress (四级代表编组) stays in it: that group is not this roster's.
    own = GroupMember.objects.filter(seat__in=wanted, group__term=F("seat__term"))
    members = {(row.seat_id, row.group_id): row for row in own}
    gone = [row.pk for pair, row in members.items() if pair not in ids]
    if gone:
        GroupMember.objects.filter(pk__in=gone).delete()
    new = sorted(ids - members.keys())
    GroupMember.objects.bulk_create(GroupMember(seat_id=seat, group_id=group) for seat, group in new)
    return {seat for seat, _group in new} | {seat for seat, group in members.keys() - ids}


def _named(
    model: type[Delegation | DeputyGroup], terms: Mapping[int, Term], wanted: Iterable[tuple[Term, str]]
) -> dict[tuple[int, str], Any]:
    """Return the delegations or groups by term and name, with those made that are missing."""
    found = {(row.term_id, normal_name(row.name)): row for row in model.objects.filter(term__in=terms)}
    missing = {(term.pk, name): model(term=term, name=name) for term, name in wanted if (term.pk, name) not in found}
    model.objects.bulk_create(missing.values())
    return found | missing


class _Changes:
    """Sets values on rows, and saves those of the stored ones that really changed."""

    def __init__(self) -> None:
        self._rows: dict[int, models.Model] = {}
        self._fields: set[str] = set()

    @property
    def pks(self) -> set[int]:
        return set(self._rows)

    def set(self, row: models.Model, values: Mapping[str, Any]) -> None:
        for attr, value in values.items():
            if row.pk is not None and getattr(row, attr) == value:
                continue
            setattr(row, attr, value)
            if row.pk is not None:
                self._rows[row.pk] = row
                self._fields.add(attr)

    def save(self, model: type[models.Model]) -> None:
        if self._rows:
            digests = {
                field.name
                for field in model._meta.concrete_fields  # noqa: SLF001
                if isinstance(field, DigestField) and field.of in self._fields
            }
            model.objects.bulk_update(self._rows.values(), sorted(self._fields | digests))
