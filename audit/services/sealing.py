"""Chains the entries: each seal is the SM3 (GB/T 32905) of the seal before it and of its entry.

Entries are sealed by a sweep and not where they are written: a chain that grew with each write would make all writers of
the portal wait for one another. What is not sealed yet is protected by its trigger alone; that is a minute's work.
"""

from __future__ import annotations

import datetime as dt
from zlib import crc32

from cryptography.hazmat.primitives import hashes
from django.db import connection, transaction

BATCH = 5000
# Nobody's transaction takes longer. An entry that is older than the chain's end by more was not there in its time.
LATEST = dt.timedelta(days=1)
BEFORE_ALL = "0" * 64
BEFORE_ANY = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
LOCK = crc32(b"audit.chain")

# The entry as it is sealed. jsonb has one spelling for one value; an array keeps the columns apart.
CANONICAL = """jsonb_build_array(
    e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.kind, e.success, e.operation, e.actor_id,
    e.actor, e.hat, e.address, e.request_id, e.method, e.path, e.task, e.object_table, e.object_key, e.object_label,
    e.before, e.after, e.details)::text"""
UNSEALED = f"""
    SELECT e.id, e.at, {CANONICAL} FROM audit_entry e
    WHERE e.at >= %s AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.entry_id = e.id)
    ORDER BY e.at, e.id LIMIT %s
"""  # noqa: S608 - made of constants
SEAL = """
    INSERT INTO audit_seal (number, entry_id, digest) SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[])
"""
LAST = """
    SELECT s.number, s.digest, e.at FROM audit_seal s LEFT JOIN audit_entry e ON e.id = s.entry_id
    ORDER BY s.number DESC LIMIT 1
"""


def digest_of(before: str, entry: str) -> str:
    """Return the digest of an entry in its canonical spelling that follows a digest; both hexadecimal."""
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(bytes.fromhex(before))
    sm3.update(entry.encode())
    return sm3.finalize().hex()


def lock_chain() -> None:
    """Wait until nobody else lengthens or cuts the chain; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def seal_entries() -> int:
    """Seal every entry that is committed and not sealed yet; return how many.

    Entries of transactions that are still open come later: the chain's order is that of sealing, which needs no entry
    to wait for another.
    """
    total, since = 0, None
    while (sealed := _seal_some(since))[0]:
        total, since = total + sealed[0], sealed[1]
    return total


@transaction.atomic
def _seal_some(since: dt.datetime | None) -> tuple[int, dt.datetime | None]:
    """Seal the oldest BATCH entries from a moment on; return how many, and the moment of the last."""
    lock_chain()
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        number, digest, at = cursor.fetchone() or (0, BEFORE_ALL, None)
        since = since or (at - LATEST if at else BEFORE_ANY)
        cursor.execute(UNSEALED, [since, BATCH])
        rows = cursor.fetchall()
        digests = []
        for _, _, text in rows:
            digest = digest_of(digest, text)
            digests.append(digest)
        numbers, keys = list(range(number + 1, number + 1 + len(rows))), [key for key, _, _ in rows]
        cursor.execute(SEAL, [numbers, keys, digests])
    return len(rows), rows[-1][1] if rows else None
