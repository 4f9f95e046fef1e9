"""Where the row behind a line is found. The apps above tell it in their ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from duties.models import Source

if TYPE_CHECKING:
    from accounts.models import User

# From a user and keys of rows to the addresses of those rows that the user may open.
Finder = Callable[["User", Collection[int]], dict[int, str]]
_finders: dict[str, Finder] = {}


def register(source: Source, finder: Finder) -> None:
    """Make the pages of a source's rows known."""
    _finders[source] = finder


def addresses(user: User, rows: Collection[tuple[str, int | None]]) -> dict[tuple[str, int], str]:
    """Return the addresses of (source, key) pairs that the user may open. One query per source at most."""
    found: dict[tuple[str, int], str] = {}
    for source in dict.fromkeys(source for source, _ in rows):
        if source in _finders:
            keys = {key for name, key in rows if name == source and key is not None}
            found |= {(source, key): url for key, url in _finders[source](user, keys).items()} if keys else {}
    return found
