"""Short ways to write lines and to say what the ledger holds."""

import datetime as dt
from typing import Any

from deputies.models import Seat
from duties.models import DutyRecord, Source
from duties.presets import TRAINED
from duties.services import DutyLine, TypedEntry, follow, save_typed
from tests.factories import at
from tests.world import World

DAY = dt.date(2026, 3, 5)
TOPIC = "履职能力培训班"


def line(seat: Seat, **values: Any) -> DutyLine:
    return DutyLine(**({"seat": seat, "done_on": DAY, "type": TRAINED, "topic": TOPIC} | values))


def typed(world: World, *lines: DutyLine, source: str = Source.SELF) -> list[DutyRecord]:
    """The lines as people type them."""
    entries = [TypedEntry(row, source) for row in lines]
    save_typed(congress=world.congress, entries=entries, user=world.staff, now=at(2026, 3, 6))
    return list(DutyRecord.objects.order_by("-pk")[: len(lines)])[::-1]


def followed(world: World, lines: dict[int, list[DutyLine]], source: Source = Source.TRAINING) -> None:
    """What the rows of a register say."""
    follow(congress=world.congress, source=source, lines=lines, user=world.staff, now=at(2026, 3, 7))


def ledger() -> list[tuple]:
    """Name, day, topic, place, source, the register's row and what it had been typed as; in the order of the rows."""
    names = ("seat__person__name", "done_on", "topic", "place", "source", "source_id", "typed_as")
    return sorted(DutyRecord.objects.values_list(*names), key=lambda row: (row[5] or 0, row[2], row[0]))
