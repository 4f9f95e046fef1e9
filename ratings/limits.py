"""How often one address may try ballot codes that do not exist. A hall full of guests shares one, and some mistype."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.core.cache import cache

if TYPE_CHECKING:
    from django.http import HttpRequest

MOST, SECONDS = 60, 60


def _key(request: HttpRequest) -> str:
    return f"unknown-ballot-code:{get_adapter().get_client_ip(request)}"


def is_exhausted(request: HttpRequest) -> bool:
    """Say whether the address has tried too many wrong codes within a minute."""
    return (cache.get(_key(request)) or 0) >= MOST


def count_wrong(request: HttpRequest) -> None:
    """Note one more wrong code. Without a cache nothing is limited: people must be able to vote."""
    key = _key(request)
    if not cache.add(key, 1, SECONDS):
        cache.incr(key)
