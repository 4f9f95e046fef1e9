"""What an app tells the engine about its kind of case. Filled in the apps' ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User


@dataclass(frozen=True)
class CaseKind:
    """One kind of case: its code and name, the page that shows one, and which of them a user may see."""

    code: str
    label: str
    url_name: str
    visible_ids: Callable[[User], QuerySet]


_kinds: dict[str, CaseKind] = {}


def register(kind: CaseKind) -> None:
    """Make a kind of case known to the engine."""
    _kinds[kind.code] = kind


def kind(code: str) -> CaseKind:
    """Return a kind by its code; raises KeyError for an unknown one."""
    return _kinds[code]


def kinds() -> Iterable[CaseKind]:
    """Return every kind of case."""
    return _kinds.values()
