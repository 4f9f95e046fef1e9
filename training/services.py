"""Writes to training classes: what the office keeps of them, who attended, and the duty lines that follow from it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from deputies.models import Seat
from duties.models import Source
from duties.presets import TRAINED
from duties.services import DutyLine, follow
from training.models import Attendance, TrainingClass
from workbooks.columns import Counts

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Congress


class UnableToSaveClass(Exception):
    """The class cannot be saved so; the message is for the clerk."""


@dataclass(frozen=True)
class ClassEntry:
    """What is to be known of a class; ``training_class`` is None for a new one. ``values`` holds only what is to be set.

    ``attendees`` are all who attended by name; None leaves them as they are.
    """

    training_class: TrainingClass | None
    values: Mapping[str, Any]
    attendees: Sequence[Seat] | None = None


@transaction.atomic
def save_classes(*, congress: Congress, entries: Sequence[ClassEntry], user: User | None, now: dt.datetime) -> Counts:
    """Create and change classes with their attendances, and make the duty ledger say the same.

    The caller has looked the classes up under a lock. A fixed number of queries, however many entries. Returns how many
    classes were new, changed (in what is known of them or in who attended) and as they were. Raises UnableToSaveClass
    when more names than attendances are given.
    """
    classes, changed, fields = [], {}, set()
    for entry in entries:
        row = entry.training_class or TrainingClass(congress=congress)
        for name, value in entry.values.items():
            if row.pk is None or getattr(row, name) != value:
                setattr(row, name, value)
                if row.pk is not None:
                    changed[row.pk] = row
                    fields.add(name)
        classes.append(row)
    TrainingClass.objects.bulk_create([row for row in classes if row.pk is None])
    if changed:
        TrainingClass.objects.bulk_update(changed.values(), sorted(fields))
    attendees = {
        row.pk: entry.attendees for row, entry in zip(classes, entries, strict=True) if entry.attendees is not None
    }
    touched = changed.keys() | _settle(congress, classes, attendees, user, now)
    added = sum(entry.training_class is None for entry in entries)
    updated = sum(entry.training_class is not None and entry.training_class.pk in touched for entry in entries)
    return Counts(added, updated, len(entries) - added - updated)


@transaction.atomic
def save_class(
    *,
    training_class: TrainingClass,
    user: User | None,
    now: dt.datetime,
    joining: Collection[Seat] = (),
    leaving: Collection[int] = (),
) -> None:
    """Save one class, new or changed; ``joining`` attended too, ``leaving`` (keys of seats) did not.

    Who is named in neither stays as he is, so that two clerks may add names at the same time. Raises UnableToSaveClass
    when the class is there no more, or more deputies are named than attended.
    """
    if training_class.pk is not None:
        _lock(training_class)
    training_class.save()
    there = Seat.objects.filter(attendances__training_class=training_class).exclude(pk__in=leaving)
    wanted = {seat.pk: seat for seat in [*there.order_by("attendances__pk"), *joining]}
    _settle(training_class.congress, [training_class], {training_class.pk: list(wanted.values())}, user, now)


@transaction.atomic
def delete_class(*, training_class: TrainingClass, user: User | None, now: dt.datetime) -> None:
    """Delete a class that was entered by mistake, with its attendances and the duty lines that followed from them.

    Raises UnableToSaveClass when the class is there no more.
    """
    _lock(training_class)
    follow(congress=training_class.congress, source=Source.TRAINING, lines={training_class.pk: ()}, user=user, now=now)
    training_class.delete()


def why_not_attended(seats: Collection[Seat], attended: int) -> str:
    """Say why these deputies cannot all have attended a class with so many attendances; empty when they can.

    A person comes once to a class, however many seats he or she holds.
    """
    people = Counter(seat.person_id for seat in seats)
    if twice := {seat.person_id: seat for seat in seats if people[seat.person_id] > 1}:
        names = "、".join(seat.person.name for seat in twice.values())
        return f"{names} 以不同的代表资格列了不止一次，一个人在一个班次里只登记一次"
    if len(seats) > attended:
        return f"参训代表有 {len(seats)} 名，多于实到人次 {attended}"
    return ""


def _lock(training_class: TrainingClass) -> None:
    if TrainingClass.objects.select_for_update(of=("self",)).filter(pk=training_class.pk).first() is None:
        raise UnableToSaveClass(f"班次「{training_class}」刚刚被别人删除，没有保存。需要的话请重新登记。")


def _settle(
    congress: Congress,
    classes: Sequence[TrainingClass],
    attendees: Mapping[int, Sequence[Seat]],
    user: User | None,
    now: dt.datetime,
) -> set[int]:
    """Make attendances what ``attendees`` says by the classes' keys, and the ledger what the classes say.

    Returns the keys of the classes whose attendances changed.
    """
    there: dict[int, dict[int, Attendance]] = {row.pk: {} for row in classes}
    for row in Attendance.objects.filter(training_class__in=there).select_related("seat").order_by("pk"):
        there[row.training_class_id][row.seat_id] = row
    new, gone, lines, changed = [], [], {}, set()
    for training_class in classes:
        before = there[training_class.pk]
        seats = {pk: row.seat for pk, row in before.items()}
        if training_class.pk in attendees:
            seats = {seat.pk: seat for seat in attendees[training_class.pk]}
        if refusal := why_not_attended(seats.values(), training_class.attended):
            raise UnableToSaveClass(f"{refusal}。请核对班次「{training_class}」的参训代表和实到人次。")
        if seats.keys() != before.keys():
            changed.add(training_class.pk)
        gone += [row.pk for pk, row in before.items() if pk not in seats]
        new += [Attendance(training_class=training_class, seat=seat) for pk, seat in seats.items() if pk not in before]
        lines[training_class.pk] = [_line(training_class, seat) for seat in seats.values()]
    if gone:
        Attendance.objects.filter(pk__in=gone).delete()
    Attendance.objects.bulk_create(new, batch_size=5000)
    follow(congress=congress, source=Source.TRAINING, lines=lines, user=user, now=now)
    return changed


def _line(training_class: TrainingClass, seat: Seat) -> DutyLine:
    return DutyLine(
        seat=seat,
        done_on=training_class.starts_on,
        type=TRAINED,
        topic=training_class.name,
        place=training_class.place,
    )
