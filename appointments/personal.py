"""Appointments in the report on a person's data: they name people without knowing who is a deputy."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from appointments.models import Appointment
from deputies.personal import Line, Section, is_own

if TYPE_CHECKING:
    from accounts.models import User
    from deputies.models import Person


def sections_of(person: Person, user: User) -> list[Section]:
    """Return for staff how many items bear the person's name; it may be a namesake's, so nobody else is told. One query."""
    if is_own(person, user):
        return []
    number = Appointment.objects.visible_to(user).filter(name=person.name).count()
    url = f"{reverse('admin:appointments_appointment_changelist')}?{urlencode({'q': person.name})}" if number else ""
    return [Section("人事任免", [Line("同姓名的任免事项（请核对是不是同一人）", f"{number} 项", url)])]
