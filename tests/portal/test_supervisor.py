"""`script/server` as its users meet it: started, disturbed, killed, stopped."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from portal.embedded import processes
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from portal.places import REPOSITORY
from portal.supervisor import TOKEN_NAME
from tests.portal.conftest import empty_folder
from tests.portal.running import until

pytestmark = [pytest.mark.processes, pytest.mark.slow]


class Terminal:
    """A running `script/server` and what it has printed."""

    def __init__(self, environment: dict[str, str], port: int, log: Path):
        self.port = port
        self.log = log
        with log.open("ab") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.supervisor", "--port", str(port), "--no-demo"],
                cwd=REPOSITORY,
                env=environment,
                stdout=lines,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.log.read_text()

    def healthy(self) -> bool:
        """Whether all four parts work; fails at once if the server has given up."""
        assert self.process.poll() is None, self.said()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def parts(self, word: str) -> list[psutil.Process]:
        """Its own children whose command line holds `word`."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # It may be dying.
                found += [child] if word in child.cmdline() else []
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One folder for all: the first start sets it up, and what one test leaves is what the next one starts from."""
    with pytest.MonkeyPatch.context() as monkeypatch, empty_folder(monkeypatch) as path:
        yield path


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def terminal(environment, port, tmp_path) -> Iterator[Terminal]:
    running = Terminal(environment, port, tmp_path / "terminal.log")
    yield running
    running.end()


def of_server(var: Path) -> list[psutil.Process]:
    """Every living process that carries the token of this folder's last server."""
    token = json.loads((var / "run" / "server.json").read_text())["token"]
    return [p for p in psutil.process_iter(["environ"]) if (p.info["environ"] or {}).get(TOKEN_NAME) == token]


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_server_survives_the_death_of_every_part_and_leaves_nothing(terminal, var, environment, port):
    until(terminal.healthy, what="all four ok", seconds=120)
    until(lambda: f"代表工作管理门户已启动：http://127.0.0.1:{port}/" in terminal.said(), what="the address")
    assert {line.split(" ")[0] for line in terminal.said().splitlines()} <= {"门户", "网页", "任务", "定时"}

    for word in ("gunicorn", "worker", "beat"):
        (old,) = terminal.parts(word)
        old.kill()
        until(lambda word=word, old=old: [p for p in terminal.parts(word) if p != old], what=f"a new {word}")
    until(terminal.healthy, what="all four ok again", seconds=120)
    assert terminal.said().count("进程意外结束（代码 -9），1 秒后重新启动。") == 3

    for service in (Postgres(var), Valkey(var)):
        old = service.find()
        old.kill()
        until(lambda service=service, old=old: service.find() not in (None, old), what="a new server")
    until(terminal.healthy, what="all four ok with new servers", seconds=120)

    # A command beside it joins its servers and leaves them running.
    pid = Postgres(var).find().pid
    beside = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=REPOSITORY, env=environment, capture_output=True, check=True
    )
    assert b"no issues" in beside.stdout
    assert Postgres(var).find().pid == pid

    terminal.process.send_signal(signal.SIGINT)
    assert terminal.process.wait(timeout=30) == 0
    assert of_server(var) == []
    assert [Postgres(var).find(), Valkey(var).find()] == [None, None]
    assert not listening(port)


def test_second_server_and_taken_port_are_refused_with_a_reason(terminal, var, environment, port):
    mark = var / "run" / "server.json"
    until(lambda: mark.exists() and f"127.0.0.1:{port}" in mark.read_text(), what="the server's mark")
    second = subprocess.run(
        [sys.executable, "-m", "portal.supervisor"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr == f"这个数据文件夹（{var}）的门户已经在运行：http://127.0.0.1:{port}/\n"
    terminal.process.terminate()
    assert terminal.process.wait(timeout=60) == 0

    with socket.create_server(("127.0.0.1", port)):
        third = subprocess.run(
            [sys.executable, "-m", "portal.supervisor", "--port", str(port)],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert third.returncode == 1
    assert f"127.0.0.1 的端口 {port} 不能使用" in third.stderr
    assert Postgres(var).find() is None


def test_killed_server_takes_its_parts_along_and_the_next_start_works(terminal, var, environment, port):
    until(terminal.healthy, what="all four ok", seconds=120)
    parts = of_server(var)
    assert len(parts) >= 5
    # One that cannot hear the kernel's signal: only the next start can end it.
    (deaf,) = terminal.parts("beat")
    deaf.suspend()
    terminal.end()
    until(lambda: [p for p in parts if processes.living(p.pid) and p != deaf] == [], what="the end of its parts")
    assert processes.living(deaf.pid)

    following = Terminal(environment, port, terminal.log)
    try:
        until(following.healthy, what="all four ok", seconds=120)
        assert "已结束上次异常退出时留下的 1 个进程。" in following.said()
        assert processes.living(deaf.pid) is None
    finally:
        following.process.terminate()
        following.process.wait(timeout=60)
    assert Postgres(var).find() is None


@pytest.mark.parametrize("port", ["0", "65536", "八千", "-1"])
def test_impossible_port_is_named(environment, port):
    done = subprocess.run(
        [sys.executable, "-m", "portal.supervisor", f"--port={port}"],
        cwd=REPOSITORY,
        env=environment | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"端口应是 1 到 65535 之间的数，不能是“{port}”" in done.stderr
