"""The bell: asks the worker to deliver now. Nobody depends on it, for every sweep finds what it missed."""

from __future__ import annotations

import time

import structlog
from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerError

log = structlog.get_logger(__name__)

# A broker that is gone says so at once; one that swallows packets costs two seconds, and not every request pays them.
BELL_RESTS_SECONDS = 15


class _Bell:
    """When the bell may ring again after a failure, in this process."""

    rests_until = 0.0


def ring_after_commit() -> None:
    """Have the worker deliver what this transaction writes, as soon as it is committed; once per transaction."""
    if not any(entry[1] is ring for entry in connection.run_on_commit):
        transaction.on_commit(ring, robust=True)


def ring(task: str = "notices.tasks.deliver_pending", **kwargs: str) -> None:
    """Ask the worker to deliver now. Without a broker nothing happens: the next sweep finds the rows."""
    if time.monotonic() < _Bell.rests_until:
        return
    try:
        current_app.send_task(task, kwargs=kwargs, retry=False)
    except BrokerError as error:
        _Bell.rests_until = time.monotonic() + BELL_RESTS_SECONDS
        log.warning("notice_bell_silent", error=type(error.__cause__ or error).__name__)
