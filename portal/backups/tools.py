"""PostgreSQL's own programs, run against the portal's database."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

from django.db import connection

from portal.backups.manifest import UnableToBackUp
from portal.embedded.postgres import binaries

if TYPE_CHECKING:
    from pathlib import Path


def environment() -> dict[str, str]:
    """Return how libpq finds the database; the password stays out of the list of processes."""
    database = connection.settings_dict
    named = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    found = {name: str(database[key]) for name, key in named.items() if database.get(key)}
    if sslmode := database.get("OPTIONS", {}).get("sslmode"):
        found["PGSSLMODE"] = sslmode
    # Whoever waits for a lock would wait for a server that nobody has stopped.
    return os.environ | found | {"PGOPTIONS": "-c lock_timeout=10s", "PGCONNECT_TIMEOUT": "5"}


def run(name: str, *args: str, **options: Any) -> None:
    """Run one of PostgreSQL's programs to its end. Raises UnableToBackUp with the last line that it complained in."""
    try:
        done = subprocess.run(
            [str(binaries() / name), *args], env=environment(), stderr=subprocess.PIPE, check=False, **options
        )
    except OSError as error:
        raise UnableToBackUp(
            f"找不到 PostgreSQL 的 {name} 程序，请安装 postgresql-client。（{error.strerror}）"
        ) from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        complaint = next((line for line in lines if "ERROR" in line or "error:" in line), lines[-1] if lines else "")
        if "lock timeout" in complaint:
            raise UnableToBackUp("有程序正在使用数据库。请先停止 web、worker 和 beat 再恢复；现在没有改动。")
        raise UnableToBackUp(f"{name} 没有完成：{complaint}")


def dump(to: Path, *, snapshot: str) -> None:
    """Write the database, as the exported snapshot sees it, in PostgreSQL's custom format."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    run("pg_dump", *options, f"--file={to}")


def as_sql(dumped: Path, to: Path) -> None:
    """Write a dump as the statements that make its database again."""
    run("pg_restore", "--no-owner", "--no-privileges", f"--file={to}", str(dumped))


def execute(*scripts: Path) -> None:
    """Run statements in one transaction: all of them or none."""
    files = [f"--file={path}" for path in scripts]
    run(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        *files,
        stdout=subprocess.DEVNULL,
    )
