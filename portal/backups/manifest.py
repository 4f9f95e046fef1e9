"""What a backup says of itself, by which the restored data is checked."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import connection

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

VERSION = 1
MANIFEST, PROOF, DUMP, FILES = "manifest.json", "manifest.proof", "database.dump", "files/"


class UnableToBackUp(Exception):
    """A backup or restore that cannot be done; the message tells the person at the terminal why and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What was there when the backup was made: ``rows`` by table, ``numbers`` by sequence, ``files`` by path.

    ``numbers`` are the last values that the database gave out. A file is its size in bytes and its SHA-256.
    """

    made_at: str
    rows: dict[str, int]
    numbers: dict[str, int]
    migrations: list[list[str]]
    dump_sha256: str
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    version: int = VERSION

    def as_json(self) -> bytes:
        """Return the manifest as it stands in the archive."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()


def read_manifest(content: bytes) -> Manifest:
    """Return the manifest of an archive. Raises UnableToBackUp for one that this version cannot read."""
    try:
        said = json.loads(content)
        known = Manifest(**said | {"files": {name: tuple(about) for name, about in said["files"].items()}})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnableToBackUp("备份文件的目录读不出来，文件可能已经损坏。") from error
    if known.version != VERSION:
        raise UnableToBackUp(
            f"备份文件的格式是第 {known.version} 版，本系统只能读第 {VERSION} 版。请用做备份的那个版本恢复。"
        )
    return known


def proof_of(content: bytes) -> bytes:
    """Return the proof that a manifest was written by whoever holds the key of the personal data.

    Anybody may encrypt for a public key; this nobody else can make. It tells, too, that phones and ID numbers of the
    backup can be read with the keys at hand.
    """
    return Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).encrypt(hashlib.sha256(content).digest())


def is_proved(content: bytes, proof: bytes) -> bool:
    """Say whether one of the present keys made the proof of this manifest."""
    try:
        keys = MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
        return hmac.compare_digest(keys.decrypt(proof), hashlib.sha256(content).digest())
    except InvalidToken:
        return False


def counted(cursor: CursorWrapper) -> tuple[dict[str, int], dict[str, int], list[list[str]]]:
    """Return the rows by table, the last number by sequence, and the migrations applied, as the cursor sees them."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    rows = {}
    for (table,) in cursor.fetchall():
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names from the catalogue
        rows[table] = cursor.fetchone()[0]
    cursor.execute(
        "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
    )
    numbers = dict(cursor.fetchall())
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return rows, numbers, [list(row) for row in cursor.fetchall()]
