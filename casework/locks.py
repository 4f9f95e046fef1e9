"""Acts and changes of the calendar take turns: no date is counted by days that are being corrected meanwhile.

An act takes its share before it locks a case, a change takes all before it touches any, so that neither waits for the
other in a circle.
"""

from __future__ import annotations

from zlib import crc32

from django.db import connection

_CALENDAR = crc32(b"casework.holidays")


def hold_calendar() -> None:
    """Keep the calendar as it is until the caller's transaction ends; other acts go on beside it. One query."""
    _take("SELECT pg_advisory_xact_lock_shared(%s)")


def lock_calendar() -> None:
    """Wait, in the caller's transaction, until no act counts by the calendar and nobody else is changing it.

    Whoever locks days or years too takes this lock first.
    """
    _take("SELECT pg_advisory_xact_lock(%s)")


def _take(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_CALENDAR])
