"""Writes to the register of appointments and removals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from appointments.models import Appointment
from bodies.meetings import meetings_of
from workbooks.cleaners import normal_name
from workbooks.columns import Counts

if TYPE_CHECKING:
    from bodies.models import Congress


class UnableToSaveAppointment(Exception):
    """The item cannot be saved so; the message is for the clerk."""


@dataclass(frozen=True)
class AppointmentEntry:
    """What is to be known of one item; ``appointment`` is None for a new one. ``values`` holds only what is to be set."""

    appointment: Appointment | None
    values: Mapping[str, Any]


@transaction.atomic
def save_appointments(*, congress: Congress, entries: Sequence[AppointmentEntry]) -> Counts:
    """Create and change items. The caller has looked them up under a lock.

    At most two queries, however many entries. Returns how many were new, changed and as they were.
    """
    new, changed, fields = [], [], set()
    for entry in entries:
        row = entry.appointment
        if row is None:
            new.append(Appointment(congress=congress, **entry.values))
            continue
        different = {name: value for name, value in entry.values.items() if getattr(row, name) != value}
        for name, value in different.items():
            setattr(row, name, value)
        if different:
            changed.append(row)
            fields |= different.keys()
    Appointment.objects.bulk_create(new, batch_size=5000)
    if changed:
        Appointment.objects.bulk_update(changed, sorted(fields), batch_size=2000)
    return Counts(len(new), len(changed), len(entries) - len(new) - len(changed))


@transaction.atomic
def save_appointment(*, appointment: Appointment, meeting: str) -> None:
    """Save one item, new or changed, as decided at the meeting of that name; an empty name is none.

    A meeting that is not known yet is made, in the term of the item's date. Raises UnableToSaveAppointment when no term
    covers that date, unless the item already stands under that meeting.
    """
    name, stands = normal_name(meeting), appointment.meeting
    term = appointment.congress.term_on(appointment.decided_on) if name else None
    if not name:
        appointment.meeting = None
    elif term is not None:
        appointment.meeting = meetings_of(names={term: [name]})[term.pk, name]
    elif stands is None or normal_name(stands.name) != name:
        raise UnableToSaveAppointment(
            f"日期 {appointment.decided_on} 不在{appointment.congress}的任何一届之内，会次「{name}」无处可归。"
            "请核对日期，或先登记这一届，或不填会次。"
        )
    appointment.save()
