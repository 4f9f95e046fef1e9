"""Accounts that failed to log in too often: django-axes counts and locks; what it asks us, and who is locked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.backends import account_named
from accounts.models import User
from bodies.fields import digest_of

TOO_MANY = 429


def attempted(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """Return the name under which tries are counted: the account's user name, by whatever name it was meant.

    A name without an account is counted just the same, but kept as its digest: people type passwords, and phones of
    others, into the wrong box.
    """
    login = str((credentials or {}).get("username") or "")
    known = getattr(request, "attempted_names", {})
    if login not in known:
        account = account_named(login) if login else None
        known[login] = account.username if account else digest_of(login)
        if request is not None:
            request.attempted_names = known
    return known[login]


def locked_page(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer a try to log in to a locked account: whether there is such an account makes no difference."""
    minutes = settings.LOCK_MINUTES
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"detail": f"连续登录失败，账号已锁定 {minutes} 分钟。"}, status=TOO_MANY)
    context = {"minutes": minutes, "failures": settings.AXES_FAILURE_LIMIT}
    return render(request, "account/locked.html", context, status=TOO_MANY)


@dataclass(frozen=True)
class Locked:
    """A locked account: since when, until when, after how many failures, from which addresses."""

    user: User
    since: dt.datetime
    until: dt.datetime
    failures: int
    addresses: list[str]


def locked_accounts(*, user: User, now: dt.datetime) -> list[Locked]:
    """Return the locked accounts that the user may look up, the latest first. Three queries."""
    lasting = dt.timedelta(minutes=settings.LOCK_MINUTES)
    tries = AccessAttempt.objects.filter(attempt_time__gt=now - lasting)
    sums = tries.values("username").annotate(failures=Sum("failures_since_start"), since=Max("attempt_time"))
    locked = {row["username"]: row for row in sums.filter(failures__gte=settings.AXES_FAILURE_LIMIT).order_by()}
    addresses: dict[str, list[str]] = {}
    for name, address in tries.filter(username__in=locked).order_by("pk").values_list("username", "ip_address"):
        if address and address not in addresses.setdefault(name, []):
            addresses[name].append(address)
    found = [
        Locked(
            user=account,
            since=locked[account.username]["since"],
            until=locked[account.username]["since"] + lasting,
            failures=locked[account.username]["failures"],
            addresses=addresses.get(account.username, []),
        )
        for account in User.objects.visible_to(user).filter(username__in=locked)
    ]
    return sorted(found, key=lambda one: one.since, reverse=True)
