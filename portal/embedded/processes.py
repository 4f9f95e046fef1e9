"""Starting, recognising and stopping the servers' processes."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from portal.embedded.folders import ServiceError

PATIENCE_SECONDS = 15
# Nothing of the caller's locale or library paths may change what the servers do.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def spawn(command: Sequence[str | Path], log: Path, *, as_user: tuple[int, int] | None = None) -> int:
    """Starts a server that outlives us and holds none of our files open; returns its pid.

    A shell in between makes it an orphan, so that it never becomes our zombie. `as_user` is (uid, gid).
    """
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity = {} if as_user is None else {"user": as_user[0], "group": as_user[1], "extra_groups": []}
    with log.open("ab") as lines:
        started = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=lines,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            check=True,
            umask=0o077,
            **identity,
        )
    return int(started.stdout)


def living(pid: int) -> psutil.Process | None:
    """The process of that number, unless it is dead or a zombie nobody has fetched yet."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.NoSuchProcess:
        return None


def recorded(pid_file: Path, sign: str) -> psutil.Process | None:
    """The living process that `pid_file` names, if its command line holds `sign`.

    A pid file survives a crash, and its number may since have gone to somebody else. The command line tells; it is
    readable even where a container forbids looking further into another user's process.
    """
    try:
        process = living(int(pid_file.read_text().split("\n", 1)[0]))
        return process if process and sign in " ".join(process.cmdline()) else None
    except (OSError, ValueError, psutil.Error):
        return None


def titled(title: str) -> list[psutil.Process]:
    """Every living process whose command line holds `title`."""
    return [
        process
        for process in psutil.process_iter(["status", "cmdline"])
        if process.info["status"] != psutil.STATUS_ZOMBIE and title in " ".join(process.info["cmdline"] or [])
    ]


def start(name: str, *, find: Callable, launch: Callable[[], int], answers: Callable[[], bool], log: Path) -> None:
    """Brings a server up, or joins the one that runs; tries again for 15 seconds, for a crash leaves things behind
    that vanish on their own. Raises ServiceError with the end of its log.
    """
    deadline = None
    while True:
        running = find()
        pid = running.pid if running else launch()
        # Only now: the first launch may have had a whole cluster to make.
        deadline = deadline or time.monotonic() + PATIENCE_SECONDS
        while living(pid):
            if answers():
                return
            if time.monotonic() > deadline:
                raise ServiceError(f"{name}启动后 {PATIENCE_SECONDS} 秒内没有应答。日志：{log}\n{tail(log)}")
            time.sleep(0.05)
        if time.monotonic() > deadline:
            raise ServiceError(f"{name}启动不了。日志：{log}\n{tail(log)}")
        time.sleep(0.2)


def stop(process: psutil.Process, *signals: signal.Signals) -> None:
    """Ends a process with each of `signals` in turn, ten seconds apart, until it is gone; at last by SIGKILL."""
    for number in (*signals, signal.SIGKILL):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if living(process.pid) is None or not process.is_running():
                return
            time.sleep(0.02)


def tail(log: Path, lines: int = 5) -> str:
    """The last lines of a log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4000))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
