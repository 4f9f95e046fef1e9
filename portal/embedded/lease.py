"""Who uses the embedded services: everybody holds a shared lock, the last to leave stops the servers.

The kernel drops the locks of a process that is killed. What it leaves running is joined by the next process, and
stopped when that one leaves as the last.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from portal.embedded.folders import ServiceError
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey


def wanted(var: Path) -> list[Postgres | Valkey]:
    """The services that the environment does not give: these have to be embedded."""
    services: list[Postgres | Valkey] = []
    if not os.environ.get("DATABASE_URL"):
        services.append(Postgres(var))
    if not os.environ.get("REDIS_URL"):
        services.append(Valkey(var))
    return services


class Lease:
    """The right to use the embedded services of a data folder, from `with` to its end."""

    def __init__(self, var: Path):
        self.var = var
        self.services = wanted(var)
        self.users: IO | None = None

    def __enter__(self) -> Self:
        if not self.services:
            return self
        try:
            (self.var / "run").mkdir(parents=True, exist_ok=True)
            with self._alone():
                self.users = (self.var / "run" / "users.lock").open("a")
                fcntl.flock(self.users, fcntl.LOCK_SH)
                for service in self.services:
                    service.start()
        except PermissionError as error:
            self._leave()
            raise ServiceError(
                f"没有权限使用 {error.filename or self.var}：数据文件夹由别的用户建立。"
                "请用那个用户运行，或者用 PORTAL_VAR 换一个数据文件夹。"
            ) from error
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *error) -> None:
        self._leave()

    def revive(self) -> None:
        """Brings up again what has died meanwhile. Raises ServiceError."""
        if any(service.find() is None for service in self.services):
            with self._alone():
                for service in self.services:
                    service.start()

    def _leave(self) -> None:
        if self.users is None:
            return
        with self._alone(), self.users:
            fcntl.flock(self.users, fcntl.LOCK_UN)
            try:
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            for service in reversed(self.services):
                service.stop()
            self.users = None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps everybody else from joining or leaving."""
        with (self.var / "run" / "start.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
