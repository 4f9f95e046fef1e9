"""`script/server`: web, worker and beat in one terminal, on embedded services where the environment names no others.

One thread only: a child asks the kernel for a signal when its parent dies, and "parent" means the thread that started
it; and code between fork and exec is safe only where no other thread can hold a lock.
"""

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from portal.embedded import Lease, ServiceError
from portal.places import REPOSITORY, var_folder

GRACE_SECONDS = 8
LONGEST_PAUSE_SECONDS = 30
STEADY_SECONDS = 60
# Every process of one server carries its token in the environment: that finds its orphans, whatever their pid is now.
TOKEN_NAME = "PORTAL_SERVER"  # noqa: S105 - a name
# Root on a trial machine knows who he is; in a container nobody is root.
WITHOUT_SERMON = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Runs in a child before its program: the kernel will end it when we are killed."""
    if libc:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Part:
    """One of the processes, and what is known of it."""

    name: str
    colour: int
    command: list[str]
    process: subprocess.Popen | None = None
    started: float = 0.0
    again_at: float = 0.0
    pause: float = 1.0
    unfinished: bytes = b""


def parts_of(host: str, port: int) -> list[Part]:
    """The three processes. docker-compose.yml starts the same ones."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    gunicorn = ["gunicorn", "portal.wsgi", "--config", "python:portal.gunicorn_conf"]
    worker = [
        "celery",
        "--quiet",
        "-A",
        "portal",
        "worker",
        "--pool",
        "threads",
        "--concurrency",
        "4",
        "--loglevel",
        "warning",
    ]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = ["celery", "--quiet", "-A", "portal", "beat", "--loglevel", "warning"]
    return [
        Part("网页", 36, [sys.executable, "-m", *gunicorn, "--bind", address]),
        Part("任务", 33, [sys.executable, "-m", *worker, *quiet]),
        Part("定时", 35, [sys.executable, "-m", *beat]),
    ]


@dataclass
class Server:
    """Starts the parts, prints what they say, restarts those that die, and ends them all."""

    parts: list[Part]
    lease: Lease
    token: str
    stopping: bool = False
    watch: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def start(self, part: Part) -> None:
        """Starts one part in a session of its own, so that the terminal's Ctrl-C reaches us alone."""
        part.process = subprocess.Popen(
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
            env=os.environ | WITHOUT_SERMON | {TOKEN_NAME: self.token},
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - safe: one thread
        )
        part.started = time.monotonic()
        self.watch.register(part.process.stdout, selectors.EVENT_READ, part)

    def step(self) -> None:
        """Half a second of work: print what was said, restart what died."""
        for key, _events in self.watch.select(timeout=0.5):
            self.read(key.data)
        for part in self.parts:
            if part.process and part.process.poll() is not None:
                self.bury(part)
            if part.process is None and not self.stopping and time.monotonic() >= part.again_at:
                self.start(part)

    def read(self, part: Part) -> None:
        """Prints the complete lines that a part has written; stops watching it at the end."""
        text = os.read(part.process.stdout.fileno(), 65536)
        if not text:
            self.watch.unregister(part.process.stdout)
            text = b"\n" if part.unfinished else b""
        *lines, part.unfinished = (part.unfinished + text).split(b"\n")
        for line in lines:
            say(line.decode(errors="replace"), part)

    def bury(self, part: Part) -> None:
        """Notes the end of a part and when to start it again: soon at first, then with growing pauses."""
        status = part.process.returncode
        kill_session(part.process.pid)
        # Its last words often say why.
        while part.process.stdout in self.watch.get_map():
            self.read(part)
        part.process.stdout.close()
        part.process = None
        if self.stopping:
            return
        if time.monotonic() - part.started > STEADY_SECONDS:
            part.pause = 1.0
        part.again_at = time.monotonic() + part.pause
        say(f"进程意外结束（代码 {status}），{part.pause:.0f} 秒后重新启动。", part)
        part.pause = min(part.pause * 2, LONGEST_PAUSE_SECONDS)

    def stop(self) -> None:
        """Asks all parts to finish, and ends those that do not."""
        self.stopping = True
        for part in self.parts:
            if part.process:
                part.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while any(part.process for part in self.parts):
            if time.monotonic() > deadline:
                for part in self.parts:
                    if part.process:
                        kill_session(part.process.pid)
            self.step()


def kill_session(leader: int) -> None:
    """Ends every process of the session that a part has led; a gunicorn master that is killed leaves its workers."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def say(text: str, part: Part | None = None) -> None:
    """One line on the terminal, with the part's name before it."""
    name, colour = (part.name, part.colour) if part else ("门户", 32)
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    prefix = f"\033[{colour}m{name} │\033[0m" if coloured else f"{name} │"
    print(prefix, text, flush=True)  # noqa: T201 - this is the terminal's program


def django(*arguments: str) -> subprocess.CompletedProcess:
    """Runs a Django command to its end; its messages go to the terminal, its output comes back."""
    command = [sys.executable, str(REPOSITORY / "manage.py"), *arguments]
    return subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False)


def must(what: str, *arguments: str) -> str:
    """Runs a Django command that may not fail. Raises SystemExit."""
    done = django(*arguments)
    if done.returncode:
        sys.exit(f"{what}没有成功，原因见上。")
    return done.stdout


def prepare(*, with_demo: bool) -> str:
    """Brings database and static files up to date; loads demo data into an empty trial. Returns the demo log-ins."""
    say("正在准备数据库和页面文件……")
    must("更新数据库", "migrate", "--verbosity", "0")
    must("准备页面文件", "collectstatic", "--noinput", "--verbosity", "0")
    if not with_demo or os.environ.get("PORTAL_ENV", "trial") != "trial":
        return ""
    say("正在准备演示数据（第一次需要一两分钟）……")
    must("装入演示数据", "load_demo", "--if-empty")
    return must("列出演示账号", "load_demo", "--list-logins")


def end_orphans(token: str) -> None:
    """Ends what a server that was killed left running."""
    orphans = []
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get(TOKEN_NAME) == token:
            orphans.append(process)
            process.terminate()
    _gone, alive = psutil.wait_procs(orphans, timeout=GRACE_SECONDS)
    for process in alive:
        process.kill()
    if orphans:
        say(f"已结束上次异常退出时留下的 {len(orphans)} 个进程。")


def only_server(var: Path) -> IO[str]:
    """The lock of this data folder's server, held until the file is closed. Raises SystemExit if one is running."""
    (var / "run").mkdir(parents=True, exist_ok=True)
    lock = (var / "run" / "server.json").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"这个数据文件夹（{var}）的门户已经在运行：{previous(lock).get('url', '')}")
    return lock


def previous(lock: IO[str]) -> dict[str, str]:
    """What the last server wrote about itself."""
    lock.seek(0)
    try:
        return json.loads(lock.read())
    except ValueError:
        return {}


def check_port(host: str, port: int) -> None:
    """Raises SystemExit with a reason if nobody could listen there."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError:
        sys.exit(f"没有权限使用端口 {port}，请换一个大于 1024 的端口：script/server --port 8000")
    except socket.gaierror:
        sys.exit(f"地址“{host}”不存在。")
    except OSError:
        sys.exit(f"{host} 的端口 {port} 不能使用（多半已被别的程序占用）。换一个端口：script/server --port {port + 1}")


def healthy(url: str) -> bool:
    """Whether all parts work."""
    try:
        with urllib.request.urlopen(f"{url}healthz", timeout=3) as answer:  # noqa: S310 - our own address
            return answer.status == 200
    except OSError:
        return False


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="script/server", description="启动代表工作管理门户（按 Ctrl-C 停止）")
    parser.add_argument("--port", type=port_number, default=8000, help="端口（默认 8000）")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1，只有本机能访问）")
    parser.add_argument("--no-demo", action="store_true", help="不装入演示数据")
    return parser.parse_args()


def port_number(text: str) -> int:
    """A port from the command line."""
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"端口应是 1 到 65535 之间的数，不能是“{text}”")


def main() -> None:
    """Runs until Ctrl-C or SIGTERM. Raises SystemExit."""
    options = arguments()
    var = var_folder()
    os.environ["PORTAL_VAR"] = str(var)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # Ignored under nohup.
            signal.signal(number, lambda *_: sys.exit(0))
    try:
        with only_server(var) as lock:
            if token := previous(lock).get("token"):
                end_orphans(token)
            check_port(options.host, options.port)
            token = uuid.uuid4().hex
            shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(options.host, options.host)  # noqa: S104
            url = f"http://{shown}:{options.port}/"
            lock.truncate(0)
            lock.write(json.dumps({"token": token, "url": url, "pid": os.getpid()}))
            lock.flush()
            with Lease(var) as lease:
                logins = prepare(with_demo=not options.no_demo)
                run(Server(parts_of(options.host, options.port), lease, token), url, logins)
    except ServiceError as error:
        sys.exit(str(error))


def run(server: Server, url: str, logins: str) -> None:
    """The server's life: until a signal raises SystemExit."""
    announced = False
    looked = 0.0
    try:
        while True:
            server.step()
            if time.monotonic() - looked < 1:
                continue
            looked = time.monotonic()
            try:
                server.lease.revive()
            except ServiceError as error:
                say(str(error))
            if not announced and healthy(url):
                announced = True
                announce(url, logins)
    finally:
        say("正在停止……")
        server.stop()
        say("已停止。")


def announce(url: str, logins: str) -> None:
    """Tells where the portal is and who can log in."""
    admin = os.environ.get("PORTAL_ADMIN_PATH", "admin/")
    for line in [
        "",
        f"代表工作管理门户已启动：{url}",
        f"管理后台：{url}{admin}",
        *logins.splitlines(),
        "按 Ctrl-C 停止。",
        "",
    ]:
        say(line)


if __name__ == "__main__":
    main()
