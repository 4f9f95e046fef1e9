"""What the apps above add to a person's page. Filled in their ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import User
    from deputies.models import Person

Panel = Callable[["Person", "User"], dict[str, Any]]
_panels: list[Panel] = []


def register(panel: Panel) -> None:
    """Add a function that returns more context for the page of a person, as far as the user may see it."""
    _panels.append(panel)


def context_of(person: Person, user: User) -> dict[str, Any]:
    """Return what all panels add."""
    found: dict[str, Any] = {}
    for panel in _panels:
        found |= panel(person, user)
    return found
