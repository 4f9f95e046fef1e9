"""Finds the units that cells name, and the nearest known ones for those that it does not find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from bodies.models import UnitAlias
from workbooks.cleaners import normal_name

if TYPE_CHECKING:
    from bodies.models import Congress, Unit

NEAREST = 3
# Below this the names share a syllable by chance.
ALIKE = 50


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three known names that are most like a name, the best first."""
    found = process.extract(name, list(known), scorer=fuzz.WRatio, limit=NEAREST, score_cutoff=ALIKE)
    return [match for match, _score, _index in found]


def unknown_message(what: str, unknown: Sequence[str], near: Sequence[Sequence[str]]) -> str:
    """Say which names are not known, each with the names that it may have meant: 不认识单位「甲」：是不是 乙、丙？"""
    parts = [
        f"不认识{what}「{name}」" + (f"：是不是 {'、'.join(names)}？" if names else "")
        for name, names in zip(unknown, near, strict=True)
    ]
    return "；".join(parts)


class UnitBook:
    """The units of one congress by name and by alias. Two queries; ``lock`` keeps the units as they are found."""

    def __init__(self, congress: Congress, *, lock: bool = False) -> None:
        units = congress.units.order_by("pk")
        if lock:
            units = units.select_for_update(of=("self",))
        self.by_pk: dict[int, Unit] = {unit.pk: unit for unit in units}
        self.by_name: dict[str, Unit] = {normal_name(unit.name): unit for unit in self.by_pk.values()}
        aliases = UnitAlias.objects.filter(unit__in=self.by_pk)
        self.by_alias: dict[str, Unit] = {normal_name(row.alias): self.by_pk[row.unit_id] for row in aliases}

    def __contains__(self, name: str) -> bool:
        return name in self.by_name or name in self.by_alias

    def find(self, name: str) -> Unit | None:
        """Return the unit of that name or alias, in its normal spelling; None for an unknown one."""
        return self.by_name.get(name) or self.by_alias.get(name)

    def nearest(self, name: str) -> list[str]:
        """Return the names of the units whose name or alias is most like a name."""
        found = (self.find(match).name for match in nearest(name, [*self.by_name, *self.by_alias]))
        return list(dict.fromkeys(found))

    def unknown_message(self, names: Sequence[str]) -> str:
        """Say that these units are not known, and which ones may be meant."""
        return unknown_message("单位", names, [self.nearest(name) for name in names])
