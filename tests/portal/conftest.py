"""Real servers in data folders of their own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.embedded import Lease
from portal.places import REPOSITORY
from tests.portal.running import bare_environment
from tests.world import world  # noqa: F401 - a fixture


def without_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it as if the environment named no servers, also where it does."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def own_services(monkeypatch: pytest.MonkeyPatch) -> None:
    without_servers(monkeypatch)


@contextmanager
def empty_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder that everybody may pass through; whatever runs there at the end is stopped."""
    without_servers(monkeypatch)
    with tempfile.TemporaryDirectory(prefix="dpv-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        path = Path(folder).resolve() / "var"
        monkeypatch.setenv("PORTAL_VAR", str(path))
        yield path
        for service in Lease(path).services:
            service.stop()


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_folder(monkeypatch) as path:
        yield path


@pytest.fixture
def environment(var: Path) -> dict[str, str]:
    """For a process of the portal on that folder: none of the test run's own settings."""
    return bare_environment(PORTAL_VAR=str(var), PYTHONPATH=str(REPOSITORY))
