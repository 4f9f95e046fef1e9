"""What an app tells the engine about its kind of case. Filled in the apps' ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from casework.models import Obligation, Procedure


@dataclass(frozen=True)
class CaseKind:
    """One kind of case: its code and name, the page that shows one, and which of them a user may see.

    ``dates_moved`` is told of open obligations of this kind whose due date the calendar has moved, in the transaction
    that moves them, for what the app keeps of these dates itself.
    """

    code: str
    label: str
    url_name: str
    visible_ids: Callable[[User], QuerySet]
    dates_moved: Callable[[Sequence[Obligation]], None] | None = None
    # What procedures of the kind may name, by code with Chinese words: what a step demands, whose deadlines the rules
    # set, in which ways a step ends and a case is closed, and to which endings it may come before its last stage.
    needs: Mapping[str, str] = field(default_factory=dict)
    rule_keys: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    early_ends: Collection[str] = ("not_registered",)
    # Acts that are owed whatever step the case stands in.
    beside: Collection[str] = ()
    # Acts that are owed even after the case is closed.
    outlives: Collection[str] = ()
    # The addresses of the pages on which acts are done, by act; what has none is done on the case's own page.
    act_pages: Mapping[str, str] = field(default_factory=dict)
    # Who oversees which open case, as rows (case_id, user_id): they are told when it is long overdue. Where a case has
    # no row, or nobody among its overseers has an account in use and does not owe it himself, the congress's leaders
    # and staff are told.
    overseers: Callable[[], QuerySet] | None = None
    # Called with a procedure that was put into force and the version before it, within the transaction.
    procedure_activated: Callable[[Procedure, Procedure | None], None] | None = None


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
