"""When beat last sent, and a worker last carried out, a heartbeat: two stamps beside the broker's queues."""

import time
from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

KEY = "portal:pulse:"
KEPT_SECONDS = 24 * 3600
# Three missed heartbeats of ten seconds each, and a little.
SILENT_SECONDS = 35


@cache
def broker() -> redis.Redis:
    """A client of the broker's server that gives up within a second instead of retrying."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )


def stamp(part: str) -> None:
    """Notes that `part` ("worker" or "beat") is alive now."""
    broker().set(KEY + part, repr(time.time()), ex=KEPT_SECONDS)


def age_seconds(part: str) -> float | None:
    """Seconds since the last stamp of `part`; None if there was none within a day. Raises `redis.RedisError`."""
    value = broker().get(KEY + part)
    return None if value is None else max(0.0, time.time() - float(value))
