"""Time and peak memory of a job in a process of its own."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

SAMPLED_EVERY = 0.01  # seconds


@dataclass(frozen=True)
class Cost:
    """Seconds of the job, and megabytes that its process and those that it started held at most at one moment."""

    seconds: float
    megabytes: float


def report(job: Callable[..., Any], *arguments: str) -> None:
    """Run the job and print how long it took, for `cost_of` in the process that asked."""
    start = time.perf_counter()
    job(*arguments)
    sys.stdout.write(str(time.perf_counter() - start))


def cost_of(suite: str, database: str, job: str, *arguments: object) -> Cost:
    """Measure one job in a new process. Raises RuntimeError when it fails.

    Memory is sampled from here: what the system remembers as a process's peak contains what its parent held.
    """
    command = [sys.executable, "-m", "bench", suite, "--job", database, job, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, _held_by(psutil.Process(process.pid)))
            time.sleep(SAMPLED_EVERY)
        answer = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{job} failed: {answer}")
    return Cost(float(answer), peak / 1024**2)


def _held_by(process: psutil.Process) -> int:
    held = 0
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            held += one.memory_info().rss
    return held


def least_of(costs: Sequence[Cost]) -> Cost:
    """The least time and the least memory of several runs: other programs only ever add to them."""
    return Cost(min(cost.seconds for cost in costs), min(cost.megabytes for cost in costs))


def head(title: str) -> None:
    """Print the head of a table."""
    sys.stdout.write(f"\n{title:<44}{'seconds':>9}{'peak MB':>9}{'x time':>9}{'x memory':>10}\n")


def line(title: str, cost: Cost, first: Cost) -> None:
    """Print one line of the table; the ratios are to the table's first line."""
    ratios = f"{cost.seconds / first.seconds:>9.2f}{cost.megabytes / first.megabytes:>10.2f}"
    sys.stdout.write(f"  {title:<42}{cost.seconds:>9.2f}{cost.megabytes:>9.0f}{ratios}\n")
