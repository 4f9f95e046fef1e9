"""Stations and receptions in the report on a person's data; and visitors, whose names are not kept for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deputies.personal import Line, Section, readable, url_for_keepers
from deputies.retention import Falling
from liaison_stations.models import Reception, Station
from liaison_stations.services import count_expired_visitors, forget_visitors

if TYPE_CHECKING:
    from accounts.models import User
    from deputies.models import Person


def sections_of(person: Person, user: User) -> list[Section]:
    """Return the stations that the person is assigned to and the receptions that he held. Two queries."""
    stations = readable(Station.objects.filter(deputies__person=person), person, user).distinct()
    receptions = readable(Reception.objects.filter(seat__person=person), person, user)
    return [
        Section("编入的联络站", [Line(row.name, row.get_kind_display()) for row in stations]),
        Section(
            "接待群众",
            [
                Line(
                    f"{row.received_on:%Y-%m-%d}",
                    row.matter,
                    url_for_keepers(user, "admin:liaison_stations_reception_change", row.pk),
                )
                for row in receptions.only("received_on", "matter")
            ],
        ),
    ]


VISITORS = Falling(code="visitors", label="来访人的姓名和联系方式", count=count_expired_visitors, erase=forget_visitors)
