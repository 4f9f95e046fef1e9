"""Reads of training classes."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.urls import reverse

from accounts import permissions
from training.models import TrainingClass

if TYPE_CHECKING:
    from accounts.models import User


def addresses_of(user: User, keys: Collection[int]) -> dict[int, str]:
    """Return the pages of those of the classes that the user may open; a deputy has none. At most one query."""
    if not permissions.reads_registers(user):
        return {}
    visible = TrainingClass.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    return {pk: reverse("admin:training_trainingclass_change", args=[pk]) for pk in visible}
