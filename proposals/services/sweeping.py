"""What beat has done to many cases at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)


def one_by_one(keys: Iterable[int], act: Callable[[int], bool]) -> int:
    """Act on each case in a transaction of its own; return on how many something was done.

    What fails, for whatever reason, is logged, keeps no other waiting, and is tried again by the next sweep.
    """
    done = 0
    for key in list(keys):
        try:
            with transaction.atomic():
                done += act(key)
        except Exception:
            log.exception("case_left_by_sweep", case=key)
    return done
