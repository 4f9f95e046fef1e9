"""Exact interleavings on the test's own database: other connections, threads that use them, and real workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

from django.db import connection

from portal.places import REPOSITORY

T = TypeVar("T")
PATIENCE_SECONDS = 60
WORKER = "celery --quiet -A portal worker --pool threads --concurrency 2 --loglevel warning"
QUIET = "--without-gossip --without-mingle --without-heartbeat"
BEAT = "celery --quiet -A portal beat --loglevel warning"


def until(find: Callable[[], T], *, what: str) -> T:
    """What `find` answers once it is true; fails when that never comes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := find()):
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.02)
    return found


@contextmanager
def beside() -> Iterator[Callable[[Callable[[], Any]], Future]]:
    """A thread with a database connection of its own; call what is given to start something there."""

    def with_own_connection(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as thread:
        yield lambda work: thread.submit(with_own_connection, work)


def somebody_waits() -> bool:
    """Whether this connection holds up another one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0


def waiting_for(table: str) -> list[int]:
    """The backends that wait for a lock on a table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
        return [pid for (pid,) in cursor.fetchall()]


def backend_exists(pid: int) -> bool:
    """Whether the server still runs a connection's backend."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone()[0] > 0


@contextmanager
def table_locked(table: str, mode: str) -> Iterator[None]:
    """Holds a lock on a table from another connection."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield
    finally:
        other.rollback()
        other.close()


def process_environment() -> dict[str, str]:
    """For a process of the portal on the test's own database and broker."""
    of = connection.settings_dict
    password = f":{quote(of['PASSWORD'], safe='')}" if of["PASSWORD"] else ""
    port = f":{of['PORT']}" if of["PORT"] else ""
    address = f"{quote(of['USER'], safe='')}{password}@{quote(of['HOST'], safe='')}{port}/{of['NAME']}"
    return os.environ | {
        "DATABASE_URL": f"postgres://{address}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONWARNINGS": "ignore",
    }


@contextmanager
def worker() -> Iterator[subprocess.Popen]:
    """A real worker; killed at the end if it still runs."""
    with _started(f"{WORKER} {QUIET}", process_environment()) as process:
        yield process


@contextmanager
def beat() -> Iterator[subprocess.Popen]:
    """A real beat that starts every sweep each second; killed at the end."""
    with _started(BEAT, process_environment() | {"TEST_BEAT_SECONDS": "1"}) as process:
        yield process


@contextmanager
def _started(command: str, environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command.split()],
        stdin=subprocess.DEVNULL,
        cwd=REPOSITORY,
        env=environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen) -> None:
    """Ends a process and all that it has started, as `kill -9` does."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
