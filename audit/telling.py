"""Tells the database who acts, so that its triggers can write it down.

Before the first write of a transaction the context is set for that transaction alone, and again when it has changed
or a savepoint was rolled back, which takes it back too. A write outside a transaction gets one of its own. Nothing is
sent for reads, and nothing outlives its transaction: no request can inherit another's name, on a connection that is
used again, or behind a pooler that hands out connections by transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from psycopg.pq import TransactionStatus

from audit.context import current

WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|MERGE|WITH)\b", re.IGNORECASE)
# Written with every request, and no matter of the audit.
BESIDE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "(?:django_session|audit_\w+)"')
ROLLS_BACK = re.compile(r"\s*ROLLBACK\b", re.IGNORECASE)


def tell(execute: Callable, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run a statement; before one that writes, say who acts."""
    connection = context["connection"]
    if connection.connection.pgconn.transaction_status == TransactionStatus.IDLE:
        connection.audit_told = ""
    if not isinstance(sql, str):
        return execute(sql, params, many, context)
    if ROLLS_BACK.match(sql):
        connection.audit_told = ""
    elif WRITES.match(sql) and not BESIDE.match(sql):
        if connection.get_autocommit():
            with transaction.atomic(using=connection.alias):
                _say(connection)
                return execute(sql, params, many, context)
        _say(connection)
    return execute(sql, params, many, context)


def _say(connection: BaseDatabaseWrapper) -> None:
    line = current().line()
    # In a transaction that has failed the statement itself shall say so.
    if line == connection.audit_told or connection.connection.pgconn.transaction_status == TransactionStatus.INERROR:
        return
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.audit', %s, true)", [line.replace("\x00", "").replace("\\u0000", "")])
    connection.audit_told = line


@receiver(connection_created)
def listen(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Stand before every statement of a new connection."""
    connection.audit_told = ""
    if tell not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, tell)
