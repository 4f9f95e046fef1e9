"""What waits for a user outside of any case: lines of the home page. Filled in the apps' ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Errand:
    """So many things of one kind wait on a page."""

    label: str
    count: int
    url: str


Source = Callable[["User"], list[Errand]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a function that returns what waits for a user, nothing for whom it does not concern."""
    _sources.append(source)


def waiting(user: User) -> list[Errand]:
    """Return what waits for the user, with something in it."""
    return [errand for source in _sources for errand in source(user) if errand.count]
