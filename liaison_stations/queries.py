"""Reads of receptions."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.urls import reverse

from accounts import permissions
from liaison_stations.models import Reception

if TYPE_CHECKING:
    from accounts.models import User


def addresses_of(user: User, keys: Collection[int]) -> dict[int, str]:
    """Return the pages of those of the receptions that the user may open; a deputy has none. At most one query."""
    if not permissions.reads_registers(user):
        return {}
    visible = Reception.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    return {pk: reverse("admin:liaison_stations_reception_change", args=[pk]) for pk in visible}
