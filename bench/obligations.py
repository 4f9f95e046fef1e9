"""The scan over open obligations beside the bare SQL that finds and writes the same rows; deliveries and their queries."""

import datetime as dt
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership, Role, User
from bench.archive import Archive, new_county
from casework.models import Obligation
from casework.reminding import make_digests, scan_obligations
from notices.services import deliver_pending, tell
from proposals.models import KIND

SIZES = tuple(map(int, os.environ.get("BENCH_SIZES", "10000,100000,1000000").split(",")))
PER_CASE = 10
TOLD_AT_ONCE = 5_000
# Reading alone takes little time and varies much.
REPEAT_AGAIN = 3

CASES = """
INSERT INTO casework_case (kind, congress_id, title, label, procedure_id, step_id, status, closed_as, version,
                           is_imported, created_at)
SELECT %s, %s, '关于第' || number || '件事的建议', '第' || number || '号', %s, %s, 'open', '', 1, false, now()
FROM generate_series(%s::int, %s::int) AS number
"""
# Six weeks of due dates around today: a third is far, the others are near or late.
OBLIGATIONS = """
INSERT INTO casework_obligation (case_id, act, verb, owner_unit_id, owner_role, owner_congress_id, about, owner_label,
                                 from_label, opened_at, start_on, rule, due_on, due_basis, rolls, rule_source,
                                 is_provisional, is_silent, state)
SELECT id, 'act' || number, '答复', %s + (id + number) %% %s, 'unit', congress_id, '', '县第一局', '代表工委', now(),
       %s, '', %s::date - 28 + (id * 7 + number)::int %% 42, '', true, '', false, false, 'open'
FROM casework_case, generate_series(1, %s) AS number
WHERE NOT EXISTS (SELECT FROM casework_obligation WHERE case_id = casework_case.id)
"""
BARE_LEVELS = """
CASE WHEN due_on <= %(today)s - 8 THEN 'overdue-8' WHEN due_on <= %(today)s - 4 THEN 'overdue-4'
     WHEN due_on <= %(today)s - 2 THEN 'overdue-2' WHEN due_on < %(today)s THEN 'overdue-1' ELSE 'near_due' END
"""
BARE_INSERT = """
INSERT INTO notices_notice (rule, object_key, due_on, recipient_id, title, body, url, channel, state, created_at,
                            next_try_at, attempts, last_error)
SELECT rule, 'obligation:' || due.id, due_on, due.user_id, begins || verb || '：' || label || ' ' || title,
       '期限' || to_char(due_on, 'FMYYYY"年"FMMM"月"FMDD"日"') || ends, '/proposals/' || case_id || '/',
       'in_site', 'waiting', %(now)s, %(now)s, 0, ''
FROM ({due}) AS due JOIN casework_case ON casework_case.id = case_id
WHERE NOT EXISTS (
    SELECT FROM notices_notice AS old
    WHERE (old.rule, old.object_key, old.due_on, old.recipient_id, old.channel)
        = (due.rule, 'obligation:' || due.id, due.due_on, due.user_id, 'in_site')
)
ON CONFLICT DO NOTHING
"""
BARE_OWNERS = f"""
SELECT owed.id, owed.case_id, due_on, verb, hat.user_id, {BARE_LEVELS} AS rule,
       CASE WHEN due_on < %(today)s THEN '请尽快' ELSE '请' END AS begins, '' AS ends
FROM casework_obligation AS owed JOIN accounts_membership AS hat ON hat.unit_id = owner_unit_id
WHERE state = 'open' AND NOT is_silent AND due_on <= %(today)s + 3
"""  # noqa: S608 - our own SQL
BARE_OFFICE = """
SELECT owed.id, owed.case_id, due_on, verb, hat.user_id, 'escalated' AS rule,
       owner_label || '应' AS begins, '，请过问' AS ends
FROM casework_obligation AS owed
JOIN accounts_membership AS hat ON hat.congress_id = owner_congress_id AND hat.role IN ('staff', 'leader')
WHERE state = 'open' AND NOT is_silent AND due_on <= %(today)s - 3
"""
# What a ledger holds, whatever the order in which it was written.
LEDGER = """
SELECT count(*), sum(hashtextextended(concat_ws('|', rule, object_key, due_on, recipient_id, channel, title, body, url,
                                                state, created_at, next_try_at, attempts, last_error), 0))
FROM notices_notice
"""


def run(_database: str, _folder: Path, repeat: int) -> None:
    """Measure at each size, each job ``repeat`` times in turn, and print the least seconds and their ratio."""
    logging.disable(logging.INFO)
    archive = new_county()
    users = User.objects.bulk_create(User(username=f"u{n}", name=f"u{n}") for n in range(len(archive.units) - 1))
    Membership.objects.bulk_create(
        Membership(user=user, role=Role.UNIT, congress=archive.congress, unit=unit)
        for user, unit in zip(users, archive.units[1:], strict=True)
    )
    _nothing_owed()
    sys.stdout.write(
        f"\n{'obligations':>12}{'notices':>10}{'scan':>9}{'bare':>9}{'ratio':>8}{'again':>9}{'bare':>9}{'ratio':>8}\n"
    )
    for size in SIZES:
        _grow(archive, size)
        _measure(size, 1 if size > 100_000 else repeat)
    _deliveries(archive)


def _grow(archive: Archive, size: int) -> None:
    today = timezone.localdate()
    step = archive.procedure.steps.get(code="reply")
    first = Obligation.objects.count() // PER_CASE + 1
    with connection.cursor() as cursor:
        cursor.execute(CASES, [KIND, archive.congress.pk, archive.procedure.pk, step.pk, first, size // PER_CASE])
        units = [archive.units[0].pk, len(archive.units)]
        cursor.execute(OBLIGATIONS, [*units, today - dt.timedelta(days=90), today, PER_CASE])
        cursor.execute("VACUUM ANALYZE")


def _bare(now: dt.datetime) -> int:
    known = {"today": timezone.localdate(now), "now": now}
    with connection.cursor() as cursor:
        found = 0
        for due in (BARE_OWNERS, BARE_OFFICE):
            cursor.execute(BARE_INSERT.format(due=due), known)
            found += cursor.rowcount
    return found


def _scan(now: dt.datetime) -> int:
    return sum(scan_obligations(now=now).values())


def _measure(size: int, repeat: int) -> None:
    """Each job writes into an empty ledger and commits; it runs again beside what it wrote.

    Raises RuntimeError when the two do not write the same, or write anything again.
    """
    now = timezone.now()
    taken: dict[tuple[Callable, str], list[float]] = {}
    ledgers = set()
    for _run in range(repeat):
        for job in (_scan, _bare):
            _settle("TRUNCATE notices_notice CASCADE")
            _timed(taken, job, "first", now)
            _settle()
            again = [_timed(taken, job, "again", now) for _again in range(REPEAT_AGAIN)]
            ledgers.add((*_ledger(), sum(again)))
    if len(ledgers) > 1 or (told := ledgers.pop())[2]:
        raise RuntimeError("The scan and the bare SQL differ, or write again what they wrote.")
    least = {key: min(times) for key, times in taken.items()}
    columns = ""
    for which in ("first", "again"):
        ours, bare = least[_scan, which], least[_bare, which]
        columns += f"{ours:>9.2f}{bare:>9.2f}{ours / bare:>8.2f}"
    sys.stdout.write(f"{size:>12}{told[0]:>10}{columns}\n")


def _ledger() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(LEDGER)
        return cursor.fetchone()


def _settle(*statements: str) -> None:
    """What the server does by itself in a quiet minute comes before the clock starts, not during a job or another's."""
    with connection.cursor() as cursor:
        for statement in (*statements, "VACUUM ANALYZE notices_notice", "CHECKPOINT"):
            cursor.execute(statement)


def _timed(taken: dict, job: Callable[[dt.datetime], int], which: str, now: dt.datetime) -> int:
    start = time.perf_counter()
    found = job(now)
    taken.setdefault((job, which), []).append(time.perf_counter() - start)
    return found


def _nothing_owed() -> None:
    """Print what a scan takes that finds nothing: making and planning five statements, part of every line below."""
    taken: dict[tuple[Callable, str], list[float]] = {}
    for _run in range(10):
        for job in (_scan, _bare):
            _timed(taken, job, "", timezone.now())
    ours, bare = (min(times) for times in taken.values())
    sys.stdout.write(f"\nnothing owed: scan {ours:.3f} s, bare {bare:.3f} s\n")


def _deliveries(archive: Archive) -> None:
    """Deliver many at once, and put together as many digests; print how many queries that takes."""
    now = timezone.now().replace(hour=4)
    late = Obligation.objects.filter(owner_unit=archive.units[0], due_on__lt=timezone.localdate(now)).first()
    _settle("TRUNCATE casework_obligation CASCADE")
    late.save(force_insert=True)
    for count in (TOLD_AT_ONCE // 10, TOLD_AT_ONCE):
        _settle("TRUNCATE notices_notice, notices_digest CASCADE", "ANALYZE")
        _told_at_once(archive, count, now)


def _told_at_once(archive: Archive, count: int, now: dt.datetime) -> None:
    people = User.objects.bulk_create(User(username=f"p{count}-{n}", name=f"p{n}") for n in range(count))
    tell(rule="new", object_key="obligation:0", due_on=now.date(), recipients=people, title="请答复", url="/", now=now)
    _counted("notices delivered in one run", lambda: deliver_pending(now=now).sent)
    hats = Membership.objects.bulk_create(
        Membership(user=user, role=Role.UNIT, congress=archive.congress, unit=archive.units[0]) for user in people
    )
    _counted("people reminded by one scan", lambda: _scan(now))
    _counted("digests put together in one run", lambda: make_digests(now=now))
    Membership.objects.filter(pk__in=[hat.pk for hat in hats]).delete()


def _counted(title: str, job: Callable[[], int]) -> None:
    start = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        done = job()
    sys.stdout.write(f"{done} {title}: {time.perf_counter() - start:.2f} s, {len(queries)} queries\n")
