"""The classes that a person attended in the report on his data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deputies.personal import Line, Section, readable, url_for_keepers
from training.models import Attendance, TrainingClass

if TYPE_CHECKING:
    from accounts.models import User
    from deputies.models import Person


def sections_of(person: Person, user: User) -> list[Section]:
    """Return the classes, newest first. One query."""
    mine = Attendance.objects.filter(seat__person=person).values("training_class")
    rows = readable(TrainingClass.objects.filter(pk__in=mine), person, user)
    return [
        Section(
            "参加的培训",
            [
                Line(
                    row.name,
                    f"{row.starts_on:%Y-%m-%d}",
                    url_for_keepers(user, "admin:training_trainingclass_change", row.pk),
                )
                for row in rows
            ],
        )
    ]
