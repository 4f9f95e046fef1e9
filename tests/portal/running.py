"""Helpers for tests of real processes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from portal.places import REPOSITORY

T = TypeVar("T")


def bare_environment(**more: str) -> dict[str, str]:
    """What a program needs to be found and loaded; none of the test run's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONUTF8": "1"} | more


def start_python(code: str, environment: dict[str, str], *arguments: str) -> subprocess.Popen:
    """A process of ours with pipes at both ends."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=REPOSITORY,
    )


def until(find: Callable[[], T], *, what: str, seconds: float = 60) -> T:
    """What `find` answers once it is true; fails when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.05)
    return found
