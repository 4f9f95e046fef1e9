"""Where the row behind a subject is found. The apps above tell it in their ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User

# From a user and the keys after the colon to the addresses of those rows that the user may open.
Finder = Callable[["User", Collection[int]], dict[int, str]]
_finders: dict[str, Finder] = {}


def register(prefix: str, finder: Finder) -> None:
    """Make the pages of the rows known whose object keys are ``prefix:<number>``."""
    _finders[prefix] = finder


def addresses(user: User, object_keys: Collection[str]) -> dict[str, str]:
    """Return the addresses of those object keys that the user may open. One query per prefix at most."""
    found: dict[str, str] = {}
    numbers: dict[str, set[int]] = {}
    for key in object_keys:
        prefix, _, number = key.partition(":")
        if prefix in _finders and number.isdecimal():
            numbers.setdefault(prefix, set()).add(int(number))
    for prefix, keys in numbers.items():
        found |= {f"{prefix}:{number}": url for number, url in _finders[prefix](user, keys).items()}
    return found
