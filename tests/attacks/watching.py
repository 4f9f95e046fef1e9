"""What a request left behind: rows that it wrote, what it was about to send, files that it opened for writing."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from celery.signals import before_task_publish
from django.core import mail
from django.db import connection, transaction

# What a refusal may write: that it was refused, and that somebody was there.
OF_A_REFUSAL = {"audit_entry", "django_session", "usersessions_usersession"}
# As pg_stat_xact_user_tables has it, which reads the indexes of every table as well.
COUNTERS = """
SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
    + pg_stat_get_xact_tuples_deleted(oid)
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
CONTENT = "SELECT md5(coalesce(string_agg(line, '|' ORDER BY line), '')) FROM (SELECT t::text AS line FROM {} t) lines"
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
OPENED: list[str] | None = None


def _note_files(event: str, arguments: tuple) -> None:
    """Python tells this hook of every file that is opened, whoever opens it."""
    if OPENED is None or event not in {"open", "os.mkdir", "os.rename", "os.remove"}:
        return
    path, mode, flags = (*arguments, None, None)[:3] if event == "open" else (arguments[0], "w", 0)
    writes = set(mode) & set("wxa+") if isinstance(mode, str) else (flags or 0) & WRITING
    is_there = event == "os.mkdir" and os.path.isdir(path)  # noqa: PTH112 - the hook is told a text
    if isinstance(path, str) and writes and path != "/dev/null" and not is_there:
        OPENED.append(path)


sys.addaudithook(_note_files)


@dataclass
class Traces:
    """``tables`` whose rows are others than before, ``sent`` in how many ways, ``files`` that were opened to write."""

    tables: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.tables or self.sent or self.files)


def _counters() -> dict[str, int]:
    """How many rows this transaction has inserted, changed and deleted in each table, taken back or not."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTERS)
        return dict(cursor.fetchall())


def _content(tables: set[str]) -> dict[str, str]:
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(tables):
            cursor.execute(CONTENT.format(connection.ops.quote_name(name)))
            found[name] = cursor.fetchone()[0]
    return found


@contextmanager
def watched() -> Iterator[Traces]:
    """Tell what happens meanwhile, and then take back everything that was written.

    The counters of the server find the tables; a service that wrote and rolled back has counted too, so that the
    content of these tables has the last word.
    """
    global OPENED  # noqa: PLW0603 - a hook of the interpreter cannot be taken away again
    traces, published, letters = Traces(), [], len(mail.outbox)

    def note_task(sender: str | None = None, **_: object) -> None:
        published.append(f"task {sender}")

    before_task_publish.connect(note_task, weak=False)
    before, waiting, OPENED = _counters(), len(connection.run_on_commit), []
    try:
        block = transaction.atomic()
        # What must be the outermost transaction (durable) is, as in the transactions of Django's own test cases.
        block._from_testcase = True
        with block:
            yield traces
            traces.sent = published + [f"mail {letter.subject}" for letter in mail.outbox[letters:]]
            traces.sent += [f"on commit: {call[1]}" for call in connection.run_on_commit[waiting:]]
            touched = {name for name, count in _counters().items() if count != before[name]} - OF_A_REFUSAL
            after = _content(touched)
            transaction.set_rollback(True)
        traces.tables = {name for name, content in _content(touched).items() if content != after[name]}
        traces.files = OPENED
    finally:
        OPENED = None
        del mail.outbox[letters:]
        before_task_publish.disconnect(note_task)
