"""Entries about what changes no row: log-ins, refusals, exports, looks at masked fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from audit.context import current, named
from audit.models import Entry, Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import Model
    from django.http import HttpResponseBase

R = TypeVar("R", bound="HttpResponseBase")


def record(
    *,
    kind: Kind,
    user: AbstractBaseUser | None = None,
    success: bool = True,
    target: Model | None = None,
    label: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Write an entry of this moment's context, in the transaction that is open if there is one.

    ``user`` where it is not the one who asks (at the log-in), ``target`` the row that it is about, ``label`` how to
    name it where its own name may not stand here. What is to outlive a rollback is recorded after it.
    """
    known = current().known() | named(user)
    if target is not None:
        known |= {"object_table": target._meta.db_table, "object_key": str(target.pk)}  # noqa: SLF001
    Entry.objects.create(
        kind=kind, success=success, object_label=label.replace("\x00", "")[:200], details=details, **known
    )


def record_failed_log_in(*, user: AbstractBaseUser | None, label: str = "") -> None:
    """Write down whose account was tried in vain. What is no account's name may be a password in the wrong field."""
    record(kind=Kind.LOG_IN_FAILED, user=user, success=False, label=label if user else "没有这个账号")


@dataclass(frozen=True)
class Taken:
    """What an answer lets its reader take away, and how many rows of it; None where nobody counted."""

    what: str
    rows: int | None


def taken(response: R, *, what: str, rows: int) -> R:
    """Mark an answer as an export, so that an entry says so when it goes out. Returns the answer."""
    response.audit_taken = Taken(what, rows)
    return response


def taken_by(response: HttpResponseBase) -> Taken | None:
    """Return what an answer lets its reader take away: what it is marked with, or any file to save."""
    if marked := getattr(response, "audit_taken", None):
        return marked
    disposition = response.headers.get("Content-Disposition", "")
    if not re.match("attachment", disposition, re.IGNORECASE):
        return None
    return Taken("文件", None)
