"""The townships of a congress by name, made on first use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from bodies.models import Congress, Township

if TYPE_CHECKING:
    from bodies.models import TownshipQuerySet


@transaction.atomic
def townships_of(*, congress: Congress, names: Iterable[str]) -> dict[str, Township]:
    """Return the townships of these names, with those made that are missing. A fixed number of queries.

    One that has no congress of its own yet is joined to the child congress of its name, as soon as there is one.
    """
    names = set(names)
    found = {row.name: row for row in _named(congress, names)}
    bodies = _free_bodies(congress, [name for name in names if name not in found or found[name].body_id is None])
    missing = [Township(congress=congress, name=name, body=bodies.get(name)) for name in sorted(names - found.keys())]
    if missing:
        # Two at once may create the same name; whoever comes second takes the first one's.
        Township.objects.bulk_create(missing, ignore_conflicts=True)
        found = {row.name: row for row in _named(congress, names)}
    alone = [row for row in found.values() if row.body_id is None and row.name in bodies]
    for row in alone:
        row.body = bodies[row.name]
    if alone:
        Township.objects.bulk_update(alone, ["body"])
    return found


def _named(congress: Congress, names: Iterable[str]) -> TownshipQuerySet:
    return Township.objects.filter(congress=congress, name__in=names)


def _free_bodies(congress: Congress, names: Iterable[str]) -> dict[str, Congress]:
    free = Congress.objects.filter(parent=congress, name__in=names, township=None)
    return {body.name: body for body in free}
