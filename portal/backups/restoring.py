"""Bringing a backup back, all of it or nothing."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
from django.conf import settings
from django.db import connection

from portal.backups import tools
from portal.backups.making import clear_away, sha256
from portal.backups.manifest import DUMP, FILES, MANIFEST, PROOF, Manifest, UnableToBackUp, is_proved, read_manifest

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

RESTORING = ".restoring-"
DAMAGED = "备份文件打不开：已经损坏，或者私钥不是做这份备份的那一把。"


def check_backup(*, path: Path, identity: str) -> Manifest:
    """Open a backup and check every byte of it; nothing is changed. Raises UnableToBackUp."""
    with _opened(path, identity) as (manifest, _):
        return manifest


def restore_backup(
    *, path: Path, identity: str, now: dt.datetime, replace: bool = False
) -> tuple[Manifest, Path | None]:
    """Put a backup in the place of the database and the files that are there.

    The database is replaced in one transaction that ends with the checks: rows of every table and the last number of
    every sequence are what the manifest says, or nothing has changed. The files that were there are moved aside, not
    deleted: returned as the second value. Raises UnableToBackUp, also when somebody has worked in this database and
    ``replace`` does not say that it may go.
    """
    with _opened(path, identity) as (manifest, place):
        if not replace and _is_in_use():
            raise UnableToBackUp("这个数据库里已经有账号。确定要用备份替换它，请加 --replace；现在没有改动。")
        script, first, last = place / "restore.sql", place / "first.sql", place / "last.sql"
        tools.as_sql(place / DUMP, script)
        first.write_text("DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n")
        last.write_text(_checks(manifest))
        connection.close()
        tools.execute(first, script, last)
        return manifest, _swap_files(place / FILES, now)


@contextmanager
def _opened(path: Path, identity: str) -> Iterator[tuple[Manifest, Path]]:
    """Decrypt and unpack a backup beside the files, check it against its manifest, and clear away at the end."""
    try:
        key = pyrage.x25519.Identity.from_str(identity.strip())
    except pyrage.IdentityError as error:
        raise UnableToBackUp("备份私钥不对（应以 AGE-SECRET-KEY-1 开头）。用 --key 指明私钥文件。") from error
    root = Path(settings.MEDIA_ROOT)
    root.parent.mkdir(parents=True, exist_ok=True)
    clear_away(root.parent, RESTORING)
    with tempfile.TemporaryDirectory(dir=root.parent, prefix=RESTORING) as name:
        place = Path(name)
        try:
            with path.open("rb") as source, (place / "archive.tar").open("wb") as plain:
                pyrage.decrypt_io(source, plain, [key])
            with tarfile.open(place / "archive.tar") as tar:
                tar.extractall(place, filter="data")
        except FileNotFoundError as error:
            raise UnableToBackUp(f"没有这个文件：{path}") from error
        except (pyrage.DecryptError, tarfile.TarError, OSError) as error:
            raise UnableToBackUp(DAMAGED) from error
        (place / "archive.tar").unlink()
        yield _checked(place), place


def _checked(place: Path) -> Manifest:
    """Return the manifest of an unpacked backup that holds what it says. Raises UnableToBackUp."""
    if not ((place / MANIFEST).is_file() and (place / PROOF).is_file()):
        raise UnableToBackUp(DAMAGED)
    content = (place / MANIFEST).read_bytes()
    if not is_proved(content, (place / PROOF).read_bytes()):
        raise UnableToBackUp(
            "这份备份不是用现在的 FIELD_ENCRYPTION_KEYS 做的，里面加密的电话和证件号码读不出来。"
            "请先换成做备份时的密钥；密钥没有换过的，说明备份被人改过。没有改动。"
        )
    manifest = read_manifest(content)
    wanted = {DUMP: manifest.dump_sha256} | {FILES + name: digest for name, (_, digest) in manifest.files.items()}
    for name, digest in wanted.items():
        if not (place / name).is_file() or sha256(place / name) != digest:
            raise UnableToBackUp(f"备份里的 {name} 缺失或者与目录不符，没有改动。")
    return manifest


def _is_in_use() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.accounts_user') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM accounts_user)")
        return cursor.fetchone()[0]


def _checks(manifest: Manifest) -> str:
    """Return statements that fail where the restored database is not what the manifest says."""
    found = {
        f"(SELECT count(*) FROM public.{connection.ops.quote_name(table)})": (count, f"rows of {table}")  # noqa: S608
        for table, count in manifest.rows.items()
    }
    last = "(SELECT coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public' AND sequencename = '{}')"
    found |= {last.format(name): (number, f"number of {name}") for name, number in manifest.numbers.items()}
    # The proof vouches for the names.
    lines = [
        f"IF {query} IS DISTINCT FROM {int(wanted)} THEN RAISE 'ERROR {what}'; END IF;"
        for query, (wanted, what) in found.items()
    ]
    return "DO $checks$ BEGIN\n" + "\n".join(lines) + "\nEND $checks$;\n"


def _swap_files(restored: Path, now: dt.datetime) -> Path | None:
    root, aside = Path(settings.MEDIA_ROOT), None
    if root.exists() and any(root.iterdir()):
        aside = root.with_name(f"{root.name}-before-{now:%Y%m%d-%H%M%S}")
        root.rename(aside)
    elif root.exists():
        shutil.rmtree(root)
    if restored.exists():
        restored.rename(root)
    else:
        root.mkdir()
    return aside
