"""Writes to handling units, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from bodies.models import Unit, UnitAlias
from bodies.pinyin import initials, sort_key
from workbooks.columns import Counts

if TYPE_CHECKING:
    from bodies.models import Congress


@dataclass(frozen=True)
class UnitEntry:
    """What is to be known of a unit; ``unit`` is None for a new one. ``values`` holds only what is to be set.

    ``aliases`` are those to be added. ``parent`` is the name of a unit that is there or comes with the same call.
    """

    name: str
    unit: Unit | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    aliases: Sequence[str] = ()
    parent: str | Unit | None = None


@transaction.atomic
def save_units(*, congress: Congress, entries: Sequence[UnitEntry]) -> Counts:
    """Create and change units. The caller has looked them up under a lock and has seen to aliases being free.

    A fixed number of queries, however many units. Returns how many were new, changed and as they were.
    """
    saved: dict[str, Unit] = {}
    for entry in entries:
        saved[entry.name] = entry.unit or Unit(
            congress=congress, name=entry.name, pinyin=sort_key(entry.name), initials=initials(entry.name)
        )
    changed_fields: set[str] = set()
    changed: dict[int, Unit] = {}
    for entry in entries:
        unit = saved[entry.name]
        for attr, value in entry.values.items():
            if getattr(unit, attr) != value:
                setattr(unit, attr, value)
                if entry.unit is not None:
                    changed_fields.add(attr)
                    changed[unit.pk] = unit
    Unit.objects.bulk_create([unit for unit in saved.values() if unit.pk is None])
    for entry in entries:
        unit, parent = saved[entry.name], entry.parent
        parent = saved[parent] if isinstance(parent, str) else parent
        if parent is not None and unit.parent_id != parent.pk:
            unit.parent = parent
            changed_fields.add("parent")
            changed[unit.pk] = unit
    if changed:
        Unit.objects.bulk_update(changed.values(), sorted(changed_fields))
    aliases = [
        UnitAlias(congress=congress, unit=saved[entry.name], alias=alias)
        for entry in entries
        for alias in entry.aliases
    ]
    UnitAlias.objects.bulk_create(aliases)
    added = {saved[entry.name].pk for entry in entries if entry.unit is None}
    updated = (changed.keys() | {alias.unit_id for alias in aliases}) - added
    return Counts(len(added), len(updated), len(entries) - len(added) - len(updated))
