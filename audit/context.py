"""Who acts now, from where and by which request, task or command."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from structlog.contextvars import get_contextvars

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

SYSTEM = "系统"
# By which a management command is started: as it stands, or by script/manage.
PROGRAMS = {"manage.py", "launch.py"}


def address_of(request: HttpRequest) -> str:
    """Return the client's address as the rate limits take it; behind a proxy that does not say it, the proxy's."""
    try:
        return get_client_ip(request) or ""
    except (ImproperlyConfigured, ValueError):
        return request.META.get("REMOTE_ADDR", "")


def path_of(request: HttpRequest) -> str:
    """Return the path without the query (people search for names) and without what is as good as a key."""
    path = request.path.replace("\x00", "")
    for pattern in settings.AUDIT_HIDDEN_PATHS:
        path = re.sub(pattern, r"\1-", path)
    return path[:500]


def named(user: AbstractBaseUser | None) -> dict[str, Any]:
    """Return how entries name a user; nothing for nobody."""
    if user is None or not user.is_authenticated:
        return {}
    name = f"{user}（{user.get_username()}）"
    return {"actor_id": user.pk, "actor": name[:300], "hat": str(getattr(user, "acts_as", ""))[:300]}


class Context:
    """What is known of the moment: of a request, or of a task or command by its name."""

    def __init__(self, request: HttpRequest | None = None, *, task: str = "") -> None:
        self.request, self.task = request, task
        self._asking = False
        self._actors: dict[Any, dict[str, Any]] = {}

    @cached_property
    def origin(self) -> dict[str, Any]:
        if self.request is None:
            return {"task": self.task, "actor": SYSTEM}
        return {
            "address": address_of(self.request),
            "method": (self.request.method or "")[:10],
            "path": path_of(self.request),
            "request_id": str(get_contextvars().get("request_id", "")),
        }

    def known(self) -> dict[str, Any]:
        """Return all that is known, by the names of the entry's columns. The user may have logged in meanwhile."""
        return self.origin | self._actor()

    def line(self) -> str:
        """Return the same for the database."""
        return json.dumps(self.known(), ensure_ascii=False)

    def _actor(self) -> dict[str, Any]:
        # Finding out who asks can write itself: a session that is no longer good is taken away.
        if self.request is None or self._asking or not hasattr(self.request, "user"):
            return {}
        self._asking = True
        try:
            user = self.request.user
            if user.pk not in self._actors:
                self._actors[user.pk] = named(user)
            return self._actors[user.pk]
        finally:
            self._asking = False


_current: ContextVar[Context | None] = ContextVar("audit", default=None)


@lru_cache(maxsize=1)
def _of_process() -> Context:
    program = Path(sys.argv[0]).name
    return Context(task=f"manage {sys.argv[1]}" if program in PROGRAMS and len(sys.argv) > 1 else program)


def current() -> Context:
    """Return the context of this thread; that of the process outside requests and tasks."""
    return _current.get() or _of_process()


@contextmanager
def acting(context: Context) -> Iterator[Context]:
    """Make everything in the block happen in a context."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
