"""Writes to units."""

from __future__ import annotations

from bodies import pinyin
from bodies.models import Unit


def save_unit(*, unit: Unit) -> None:
    """Save a unit with the keys by which it is sorted and found."""
    unit.pinyin, unit.initials = pinyin.sort_key(unit.name), pinyin.initials(unit.name)
    unit.save()
