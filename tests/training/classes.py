"""Classes for tests, and what the ledger says of them."""

import datetime as dt

from deputies.models import Seat
from duties.models import DutyRecord, DutyType, Source
from tests import factories as make
from tests.factories import at
from tests.world import World
from training.models import TrainingClass
from training.services import ClassEntry, save_classes

NOW = at(2026, 3, 10)
VALUES = {
    "name": "代表履职培训班",
    "kind": "duty",
    "starts_on": dt.date(2026, 3, 5),
    "place": "县委党校",
    "attended": 40,
}


def held(world: World, *seats: Seat, **values: object) -> TrainingClass:
    """A class at which these deputies were, as the service writes it."""
    entry = ClassEntry(None, VALUES | values, seats)
    save_classes(congress=world.congress, entries=[entry], user=world.staff, now=NOW)
    return TrainingClass.objects.latest("pk")


def typed(world: World, seat: Seat, **values: object) -> DutyRecord:
    """A line as somebody typed it; unless told otherwise it says what the class says."""
    kind = DutyType.objects.get_or_create(congress=world.congress, name="学习培训")[0]
    told = {
        "congress": world.congress, "seat": seat, "type": kind, "done_on": VALUES["starts_on"], "topic": VALUES["name"],
        "source": Source.SELF, "recorded_at": NOW,
    }  # fmt: skip
    return DutyRecord.objects.create(**told | values)


def ledger() -> list[tuple]:
    """Who did what when where, from which register, in the order of names."""
    names = ("seat__person__name", "done_on", "type__name", "topic", "place", "source", "source_id")
    return sorted(DutyRecord.objects.values_list(*names))


def deputies(world: World, number: int) -> list[Seat]:
    """As many more deputies of the county."""
    delegation = world.seat.delegation
    return [
        make.SeatFactory(term=world.term, delegation=delegation, person__name=f"代表甲{n}", certificate_no=f"{n:04d}")
        for n in range(number)
    ]
