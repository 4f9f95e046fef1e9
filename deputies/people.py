"""Writes to one person or seat at a time, from the register; whole rosters are written by ``deputies.services``."""

from __future__ import annotations

from django.db import transaction

from bodies import pinyin
from deputies.models import Person, Seat


def save_person(*, person: Person) -> None:
    """Save a person with the keys by which he or she is sorted and found."""
    person.pinyin, person.initials = pinyin.sort_key(person.name), pinyin.initials(person.name)
    person.save()


def goes_with_seat(seat: Seat) -> bool:
    """Say whether nothing but this seat holds on to its person: no other seat and no account. At most two queries."""
    return seat.person.user_id is None and not seat.person.seats.exclude(pk=seat.pk).exists()


@transaction.atomic
def delete_seat(*, seat: Seat) -> bool:
    """Delete a seat that was entered by mistake, and its person when nothing else holds on to it.

    A person without a seat is in nobody's view, and personal data that nobody can see must not lie about. Returns
    whether the person went too. Raises ProtectedError when something refers to the seat, and changes nothing.
    """
    seat.person = Person.objects.select_for_update().get(pk=seat.person_id)
    along = goes_with_seat(seat)
    seat.delete()
    if along:
        seat.person.delete()
    return along
