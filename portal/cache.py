"""The cache, which may go away: people must be able to log in and work while its server is down."""

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class ForgivingCache(RedisCache):
    """Redis while it answers; without it as empty as a cache that has just been cleared.

    It keeps counts for the rate limits and nothing that is needed: sessions are in the database.
    """

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._try(True, super().add, key, value, timeout, version)

    def get(self, key, default=None, version=None):
        return self._try(default, super().get, key, default, version)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._try(None, super().set, key, value, timeout, version)

    def incr(self, key, delta=1, version=None):
        try:
            return self._try(delta, super().incr, key, delta, version)
        except ValueError:  # It has run out since somebody looked.
            return delta

    def delete(self, key, version=None):
        return self._try(False, super().delete, key, version)

    def _try(self, otherwise, operation, *arguments):
        try:
            return operation(*arguments)
        except RedisError as error:
            log.warning("cache_unreachable", operation=operation.__name__, error=str(error))
            return otherwise
