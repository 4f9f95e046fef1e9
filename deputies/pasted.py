"""Names of deputies that a clerk pastes into a page, looked up like a cell of a workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from bodies.workbooks import Terms
from deputies.cells import DeputyFinder
from workbooks.columns import ImportRefused

if TYPE_CHECKING:
    from bodies.models import Congress
    from deputies.models import Seat
    from workbooks.cleaners import NameList


class PastedNames(dict):
    """Stands in for a row of a workbook; what is wrong with the names is collected in ``errors``."""

    columns = ()

    def __init__(self, names: NameList) -> None:
        super().__init__(names=names)
        self.errors: list[str] = []

    def error(self, attr: str, message: str, *, value: str | None = None) -> None:
        """Keep what is wrong with the names."""
        self.errors.append(f"{message}。")

    def seats(self, congress: Congress, day: dt.date | None = None) -> Sequence[Seat]:
        """Return the deputies meant, of the term in office on the day (today) or of other levels."""
        today = timezone.localdate()
        try:
            terms = Terms(congress, today=today)
        except ImportRefused as refusal:
            self.error("names", str(refusal))
            return ()
        term = terms.on(day or today) or terms.default
        return DeputyFinder(congress, [term]).several(self, "names", term)
