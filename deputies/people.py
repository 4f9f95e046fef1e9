"""Writes to one person or seat at a time, from the register; whole rosters are written by ``deputies.services``."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bodies import pinyin
from deputies.models import Person, Seat, SeatStatus

# With which an erased person who takes a seat again may have data again.
NOT_ERASED = {"erased_at": None, "erased_by": None, "erased_why": ""}


def save_person(*, person: Person) -> None:
    """Save a person with the keys by which he or she is sorted and found; one who was erased only with a seat anew."""
    _let_data_in(person)
    person.pinyin, person.initials = pinyin.sort_key(person.name), pinyin.initials(person.name)
    person.save()


@transaction.atomic
def save_seat(*, seat: Seat) -> None:
    """Save a seat; who was erased and takes one again may have data again."""
    seat.save()
    erased = Person.objects.exclude(erased_at=None).select_for_update().filter(pk=seat.person_id).first()
    if erased and _let_data_in(erased):
        erased.save(update_fields=NOT_ERASED)


def holds_seat(person: Person) -> bool:
    """Say whether the person is a deputy, or is to be one. One query."""
    today = timezone.localdate()
    there = Seat.objects.filter(person=person, term__ends_on__gte=today)
    return there.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=today)).exists()


def _let_data_in(person: Person) -> bool:
    """Take it from an erased person who has a seat that he or she is erased; say whether that was so."""
    if not (person.erased_at and holds_seat(person)):
        return False
    for name, value in NOT_ERASED.items():
        setattr(person, name, value)
    return True


def label_of(seat: Seat, *, here: bool, namesake: bool) -> str:
    """Return how a picker names a deputy: 张三（城关代表团）, and what tells apart whoever else that may mean.

    ``here`` says whether the seat is one of the congress that the user acts for, ``namesake`` whether somebody of the
    same name sits in the same delegation.
    """
    parts = [seat.delegation.name if here else f"{seat.term.congress.name} {seat.delegation.name}"]
    if namesake:
        number = f"证号 {seat.certificate_no}" if seat.certificate_no else ""
        parts += filter(None, [number, seat.person.born_label, seat.person.post])
    if seat.status == SeatStatus.ENDED or seat.term.ends_on < timezone.localdate():
        parts += [seat.term.name, "已不在任"]
    return f"{seat.person.name}（{'，'.join(parts)}）"


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
