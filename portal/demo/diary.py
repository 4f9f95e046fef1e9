"""What day it is in the made-up county, and when its office enters what has happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils import timezone

from portal.demo.plan import DAY


@dataclass(frozen=True)
class Diary:
    """The moment at which the county is loaded."""

    now: dt.datetime

    @property
    def today(self) -> dt.date:
        return timezone.localdate(self.now)

    @property
    def year_start(self) -> dt.date:
        return self.today.replace(month=1, day=1)

    @property
    def elapsed(self) -> float:
        """The share of this year that is over, today included."""
        return ((self.today - self.year_start).days + 1) / 365

    def moment(self, day: dt.date) -> dt.datetime:
        """Return when something of a day is entered: at the end of that day, but never ahead of time."""
        return min(timezone.make_aware(dt.datetime.combine(day, dt.time(17, 10))), self.now)

    def months(
        self, rows: Iterable[Any], day_of: Callable[[Any], dt.date] = lambda row: row
    ) -> Iterator[tuple[list[Any], dt.datetime]]:
        """Yield rows in the order of their days by the month, with the moment at which the office enters them."""
        for _, batch in groupby(rows, key=lambda row: (day_of(row).year, day_of(row).month)):
            found = list(batch)
            last = (day_of(found[0]).replace(day=28) + 4 * DAY).replace(day=1) - DAY
            yield found, self.moment(last)
