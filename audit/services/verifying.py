"""Reads the chain from its first seal to its last and says where it breaks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from audit.models import Entry, Kind
from audit.services.sealing import BATCH, BEFORE_ALL, CANONICAL, LATEST, digest_of, seal_entries

SEALS = f"""
    SELECT s.number, s.entry_id, s.digest, e.at, {CANONICAL} FROM audit_seal s
    LEFT JOIN audit_entry e ON e.id = s.entry_id
    WHERE s.number > %s ORDER BY s.number LIMIT %s
"""  # noqa: S608 - made of constants
UNSEALED = """
    SELECT e.id FROM audit_entry e WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.entry_id = e.id)
    AND e.at < %s ORDER BY e.id LIMIT 1
"""


@dataclass(frozen=True)
class Fault:
    """The first place where the chain is broken: the number of the seal (0: outside the chain) and what is wrong."""

    number: int
    words: str


@dataclass(frozen=True)
class Verdict:
    """How many entries were compared, the last seal that holds, and the first fault."""

    checked: int
    number: int
    digest: str
    fault: Fault | None


def verify(*, expected: tuple[int, str] | None = None) -> Verdict:
    """Seal what is unsealed, then compare every entry with its seal.

    ``expected`` is a number and digest that somebody wrote down earlier: nothing inside the database can tell that its
    newest rows were cut off. Reads BATCH rows at a time.
    """
    seal_entries()
    number, digest, fault = _beginning()
    checked, at, met = 0, None, expected is None
    while fault is None and (rows := _rows(number)):
        for row in rows:
            if fault := _compare(row, number + 1, digest, at):
                break
            number, _, digest, at, _ = row
            checked += 1
            if expected and number == expected[0]:
                met = digest == expected[1]
                if not met:
                    fault = Fault(number, "摘要与抄记的不一致，这一条或它之前的记录被改动过")
                    break
    if fault is None and not met:
        fault = Fault(expected[0], f"抄记的是第 {expected[0]} 条，现在只有第 {number} 条以前的，之后的记录被删除")
    return Verdict(checked, number, digest, fault or (_slipped_in(at) if at else None))


def _compare(row: tuple, number: int, digest: str, at: dt.datetime | None) -> Fault | None:
    """What is wrong with a row that should be of this number, after this digest, and not much older than ``at``."""
    place, entry, sealed, happened, text = row
    if place != number:
        return Fault(number, "封存被删除")
    if happened is None:
        return Fault(number, f"记录 {entry} 被删除")
    if digest_of(digest, text) != sealed:
        return Fault(number, f"记录 {entry} 或它的封存被改动")
    if at and happened < at - LATEST:
        return Fault(number, f"记录 {entry} 是事后补入的")
    return None


def _rows(number: int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(SEALS, [number, BATCH])
        return cursor.fetchall()


def _beginning() -> tuple[int, str, Fault | None]:
    """The number and digest after which the chain begins: 0, or what the last clearing left behind."""
    first = _rows(0)[:1]
    if not first or first[0][0] == 1:
        return 0, BEFORE_ALL, None
    before = first[0][0] - 1
    left = Entry.objects.filter(kind=Kind.TRIM, seal__isnull=False, details__number=before).order_by("-pk").first()
    if left is None:
        return 0, BEFORE_ALL, Fault(1, f"第 1 条至第 {before} 条被删除，没有相应的清理记录")
    return before, left.details["digest"], None


def _slipped_in(at: dt.datetime) -> Fault | None:
    """An entry that claims to be older than the chain, and is not in it."""
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED, [at - LATEST])
        row = cursor.fetchone()
    return Fault(0, f"记录 {row[0]} 不在封存之列，是事后补入的") if row else None
