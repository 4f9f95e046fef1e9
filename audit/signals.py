"""Log-ins, log-outs, and the names of background tasks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from celery.signals import task_postrun, task_prerun
from django.contrib.auth import user_logged_in, user_logged_out
from django.dispatch import receiver

from audit.context import Context, acting, current
from audit.models import Kind
from audit.services import record

if TYPE_CHECKING:
    from celery import Task
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

_running: dict[str, ExitStack] = {}


@receiver(user_logged_in)
def logged_in(request: HttpRequest | None, user: AbstractBaseUser, **kwargs: Any) -> None:
    """Write down who came in."""
    record(kind=Kind.LOG_IN, user=user)


@receiver(user_logged_out)
def logged_out(request: HttpRequest | None, user: AbstractBaseUser | None, **kwargs: Any) -> None:
    """Write down who went."""
    if user is not None:
        record(kind=Kind.LOG_OUT, user=user)


@task_prerun.connect
def task_begins(task_id: str, task: Task, **kwargs: Any) -> None:
    """What the task writes is its doing; within a request that runs it at once, the request's."""
    if current().request is None:
        stack = _running[task_id] = ExitStack()
        stack.enter_context(acting(Context(task=task.name)))


@task_postrun.connect
def task_ends(task_id: str, **kwargs: Any) -> None:
    """The worker goes on without it."""
    if stack := _running.pop(task_id, None):
        stack.close()
