"""Asking for annual workbooks, and making them.

The table is the truth and the broker only a bell: what was asked for is a row, and whoever makes workbooks takes the
unfinished ones. A bell that nobody hears, or a worker that is killed, delays a workbook until the next sweep.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self
from zlib import crc32

import structlog
from celery import current_app
from django.db import connection, transaction
from django.urls import reverse
from kombu.exceptions import OperationalError as BrokerError

from notices.services import tell
from reports.annual import write_annual
from reports.models import UNFINISHED, ReportFile, ReportRun, RunState
from reports.scope import UnableToReport, scope_of, snapshot

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Congress

log = structlog.get_logger(__name__)

# A workbook that three workers began and none finished has something in it that no fourth will finish either.
ATTEMPTS = 3
GIVEN_UP = f"连续{ATTEMPTS}次没有写完，可能是系统出错或者服务重新启动。请稍后再生成一次；仍不成功的，请联系系统管理员。"
_LOCKS = crc32(b"reports.services") & 0x7FFF_FFFF


class UnableToCancel(Exception):
    """The workbook cannot be cancelled any more; the message is for the clerk."""


class _Stopped(Exception):
    """Somebody cancelled the workbook while it was being written."""


@transaction.atomic
def ask_for_report(*, congress: Congress, year: int, user: User, now: dt.datetime) -> ReportRun:
    """Note that the user wants the annual workbook of a year, and ring for a worker after the commit.

    Whoever asks again while it is not finished gets the same one. Raises UnableToReport when no term was in office in
    that year.
    """
    scope_of(congress=congress, year=year, as_of=now.date(), user=user)
    run, is_new = ReportRun.objects.get_or_create(
        congress=congress, year=year, asked_by=user, state__in=UNFINISHED, defaults={"asked_at": now}
    )
    if is_new:
        transaction.on_commit(_ring, robust=True)
    return run


@transaction.atomic
def cancel_report(*, run_id: int, user: User, now: dt.datetime) -> ReportRun:
    """Cancel a workbook that is not finished; its worker stops at the next sheet.

    Raises ReportRun.DoesNotExist when the user may not see it, and UnableToCancel when it is finished or somebody
    else asked for it.
    """
    run = ReportRun.objects.visible_to(user).select_for_update(of=("self",)).get(pk=run_id)
    if run.asked_by_id != user.pk:
        raise UnableToCancel("这份年度报表是别人要的，只有本人可以取消。")
    if not run.is_unfinished:
        raise UnableToCancel(f"这份年度报表{run.get_state_display()}，不能再取消。")
    run.state, run.finished_at = RunState.CANCELLED, now
    run.save(update_fields=["state", "finished_at"])
    return run


def make_reports(*, clock: Callable[[], dt.datetime]) -> int:
    """Make every workbook that waits, those that never failed first. Returns how many were finished.

    Any number may run at once: each takes what no other is writing. An error leaves the run to the next sweep, until
    it is given up.
    """
    waiting = ReportRun.objects.unfinished().order_by("attempts", "pk").values_list("pk", flat=True)
    return sum(make_report(run_id=pk, clock=clock) for pk in list(waiting))


def make_report(*, run_id: int, clock: Callable[[], dt.datetime]) -> bool:
    """Write one workbook from one state of the database, store it and tell whoever asked.

    Does nothing when it is finished or another worker is writing it. Returns whether it was finished here, with a
    file or with the reason why there is none. Must not be called inside a transaction.
    """
    with tempfile.TemporaryFile() as file:
        made = _write(run_id, file)
        if made is None:
            return False
        file.seek(0)
        return _finish(run_id, made, file.read(), clock())


@dataclass(frozen=True)
class _Made:
    """What came of an attempt: how many rows, or why there is no file."""

    rows: int = 0
    error: str = ""


def _write(run_id: int, file: IO[bytes]) -> _Made | None:
    """Write the file; None when there is nothing to do. The lock goes with the transaction, and with its worker."""
    with snapshot(), _Desk(run_id) as desk:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCKS, run_id])
            if not cursor.fetchone()[0]:
                return None
        run = ReportRun.objects.select_related("congress", "asked_by").filter(pk=run_id).first()
        if run is None or not desk.begin():
            return None
        if run.attempts >= ATTEMPTS:
            return _Made(error=GIVEN_UP)
        try:
            rows = write_annual(
                scope_of(congress=run.congress, year=run.year, as_of=run.as_of, user=_reader(run)),
                file,
                watch=desk.note,
            )
        except _Stopped:
            return None
        except UnableToReport as unable:
            return _Made(error=str(unable))
    return _Made(rows=sum(rows.values()))


def _reader(run: ReportRun) -> User:
    """Return who asked, with whose eyes the rows are read. Raises UnableToReport when he may no longer read them."""
    user = run.asked_by
    if user is None or not user.is_active or not ReportRun.objects.visible_to(user).filter(pk=run.pk).exists():
        raise UnableToReport("生成人已经不再负责本级人大的报表，请由现在的工作人员重新生成。")
    return user


@transaction.atomic
def _finish(run_id: int, made: _Made, content: bytes, now: dt.datetime) -> bool:
    run = ReportRun.objects.select_for_update(of=("self",)).select_related("congress", "asked_by").get(pk=run_id)
    if run.state != RunState.RUNNING:
        return False
    run.state, run.error, run.finished_at, run.sheet = RunState.DONE, made.error, now, ""
    if made.error:
        run.state = RunState.FAILED
    else:
        ReportFile.objects.create(run=run, content=content, rows=made.rows)
    run.save(update_fields=["state", "error", "finished_at", "sheet"])
    if run.asked_by:
        tell(
            rule="annual_report",
            object_key=f"report:{run.pk}",
            due_on=run.as_of,
            recipients=[run.asked_by],
            title=f"{run}{'没有生成' if made.error else '已经生成，可以下载'}",
            body=made.error,
            url=reverse("reports:annual"),
            now=now,
        )
    log.info("annual_report_finished", run=run.pk, state=run.state, rows=made.rows, size=len(content))
    return True


class _Desk:
    """Where a worker notes how far it has come, and learns that it is to stop.

    A connection of its own: the one that reads the sheets sees one state of the database and can write nothing.
    """

    BEGIN = (
        "UPDATE reports_reportrun SET state = 'running', attempts = attempts + 1, sheet = '', sheet_number = 0"
        " WHERE id = %s AND state IN ('waiting', 'running')"
    )
    NOTE = "UPDATE reports_reportrun SET sheet = %s, sheet_number = %s WHERE id = %s AND state = 'running'"

    def __init__(self, run_id: int):
        self._run_id = run_id
        self._connection = connection.copy()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def begin(self) -> bool:
        """Note that a worker has begun; False when the run is finished."""
        return self._run(self.BEGIN, self._run_id) == 1

    def note(self, sheet: str, number: int) -> None:
        """Note which sheet is being written. Raises _Stopped when the run was cancelled."""
        if self._run(self.NOTE, sheet, number, self._run_id) != 1:
            raise _Stopped

    def _run(self, statement: str, *values: object) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.rowcount


def _ring() -> None:
    """Ask a worker to begin now. Without a broker nothing happens: the next sweep finds the row."""
    try:
        current_app.send_task("reports.tasks.make_reports", retry=False)
    except BrokerError as error:
        log.warning("report_bell_silent", error=type(error.__cause__ or error).__name__)
