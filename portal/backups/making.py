"""Making a backup."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pyrage
from django.conf import settings
from django.db import connection

from portal.backups import tools
from portal.backups.manifest import DUMP, FILES, MANIFEST, PROOF, Manifest, UnableToBackUp, counted, proof_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

CHUNK = 1024 * 1024
SUFFIX = ".portal-backup"
MAKING = ".making-"
# Nothing takes that long: what is older was left by a run that was killed.
LEFT_BEHIND_SECONDS = 24 * 3600


def make_backup(*, folder: Path, now: dt.datetime) -> tuple[Path, Manifest]:
    """Write an encrypted backup of database and files into a folder, while the portal goes on working.

    What the dump holds and what the manifest counts are one snapshot of the database. A file appears complete or not
    at all. Returns where it is and what it holds. Raises UnableToBackUp without a public key (PORTAL_BACKUP_KEY).
    """
    recipient = _recipient(settings.BACKUP_KEY)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        clear_away(folder, MAKING)
        with tempfile.TemporaryDirectory(dir=folder, prefix=MAKING) as place:
            dumped, draft = Path(place) / DUMP, Path(place) / "draft"
            rows, numbers, migrations = _snapshot(dumped)
            files = {name: (path.stat().st_size, sha256(path)) for name, path in _stored().items()}
            manifest = Manifest(
                made_at=now.isoformat(),
                rows=rows,
                numbers=numbers,
                migrations=migrations,
                dump_sha256=sha256(dumped),
                files=files,
            )
            with draft.open("wb") as sink:
                _encrypted(sink, recipient, lambda tar: _pack(tar, manifest, dumped))
                sink.flush()
                os.fsync(sink.fileno())
            target = folder / f"{now:%Y%m%d-%H%M%S}{SUFFIX}"
            if target.exists():
                raise UnableToBackUp(f"{target.name} 已经存在，请稍后再做。")
            draft.chmod(0o600)
            draft.rename(target)
    except OSError as error:
        raise UnableToBackUp(f"写不进 {folder}：{error.strerror}。请检查磁盘空间和权限。") from error
    return target, manifest


def prune(*, folder: Path, keep: int) -> list[str]:
    """Remove all but the newest backups of a folder. Returns the names of those removed."""
    old = sorted(folder.glob(f"*{SUFFIX}"))[:-keep]
    for path in old:
        path.unlink()
    return [path.name for path in old]


def clear_away(folder: Path, prefix: str) -> None:
    """Remove the working folders that killed runs left."""
    for path in folder.glob(f"{prefix}*"):
        if path.stat().st_mtime < time.time() - LEFT_BEHIND_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _recipient(key: str) -> pyrage.x25519.Recipient:
    if not key:
        raise UnableToBackUp(
            "没有设置备份公钥。先运行 script/manage backup_key 生成一对密钥：公钥写进 PORTAL_BACKUP_KEY，私钥离线保存。"
        )
    try:
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        raise UnableToBackUp("PORTAL_BACKUP_KEY 不是备份公钥（应以 age1 开头）。") from error


def _snapshot(dumped: Path) -> tuple[dict[str, int], dict[str, int], list[list[str]]]:
    # A connection of its own: the snapshot lasts as long as its transaction, and reads only.
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            tools.dump(dumped, snapshot=cursor.fetchone()[0])
            return counted(cursor)
    finally:
        own.close()


def _stored() -> dict[str, Path]:
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}


def _pack(tar: tarfile.TarFile, manifest: Manifest, dumped: Path) -> None:
    content = manifest.as_json()
    for name, text in ((MANIFEST, content), (PROOF, proof_of(content))):
        about = tarfile.TarInfo(name)
        about.size = len(text)
        tar.addfile(about, io.BytesIO(text))
    tar.add(dumped, DUMP)
    for name in manifest.files:
        tar.add(Path(settings.MEDIA_ROOT) / name, FILES + name)


def _encrypted(sink: BinaryIO, recipient: pyrage.x25519.Recipient, pack: Callable[[tarfile.TarFile], None]) -> None:
    """Let ``pack`` write a tar file that reaches the sink encrypted; nothing of it is ever on a disk in plain."""
    source, drain = os.pipe()
    failed: list[BaseException] = []

    def fill() -> None:
        try:
            with os.fdopen(drain, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|", bufsize=CHUNK) as tar:
                pack(tar)
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            failed.append(error)

    writer = threading.Thread(target=fill)
    writer.start()
    with os.fdopen(source, "rb") as pipe:
        pyrage.encrypt_io(pipe, sink, [recipient])
    writer.join()
    if failed:
        raise failed[0]
