"""What the tests read of the trail, and how they tamper with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from audit.models import Entry


@contextmanager
def new_entries() -> Iterator[list[Entry]]:
    """The entries that the block makes, oldest first, once it is done."""
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    found: list[Entry] = []
    yield found
    found += Entry.objects.filter(pk__gt=last).order_by("pk")


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def tamper(statement: str, *values: Any) -> None:
    """What an owner of the database can do who switches the triggers off."""
    for table in ("audit_entry", "audit_seal"):
        sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    sql(statement, *values)
    for table in ("audit_entry", "audit_seal"):
        sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
