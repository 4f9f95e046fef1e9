"""What every test stands on: the embedded services, unless the environment names others."""

import gc
from collections.abc import Iterator

import hypothesis
import pytest
import pytest_django
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase

from portal.embedded import Lease
from portal.places import var_folder
from tests.emptying import empty_tables
from tests.standing import STANDING, chain_of

# How long an example takes says how busy the machine is, nothing more.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")

LEASE = pytest.StashKey[Lease]()


def pytest_configure(config: pytest.Config) -> None:
    """The first process brings the services up for all; the processes of xdist join it by being its children."""
    if not hasattr(config, "workerinput"):
        config.stash[LEASE] = Lease(var_folder())
        config.stash[LEASE].__enter__()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the services, if nobody else uses them."""
    if lease := config.stash.get(LEASE, None):
        lease.__exit__(None, None, None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with dear tests come first: at the end of a run no process waits long for the others."""
    dear = {item.path for item in items if any(map(item.get_closest_marker, ("browser", "processes", "slow")))}
    items.sort(key=lambda item: item.path not in dear)


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


NO_AUTOVACUUM = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE 'ALTER TABLE ' || name || ' SET (autovacuum_enabled = false)';
    END LOOP;
END $$
"""

END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """Keep PostgreSQL from learning, between two tests, that every table is empty.

    Rolled-back tests leave tables that autovacuum counts as empty; plans made for no rows take minutes with 300.
    At the end, whatever a process that a test killed still holds open must not keep the database from being dropped.
    """
    if not connection.settings_dict["NAME"].startswith("test_"):
        # Where no test of the run asks for a database, none was made, and this is the real one.
        yield
        return
    # Django is ready only now.
    from proposals.services import install_procedures

    TransactionTestCase._fixture_teardown = empty_tables
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(NO_AUTOVACUUM)
        # Every world needs them; a test that empties the tables makes its own again.
        install_procedures()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        STANDING.only(())
        cursor.execute(END_OTHERS)


@pytest.fixture
def _layers(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        STANDING.only(chain_of(request))


@pytest.fixture
def _django_db_helper(_layers: None, _django_db_helper: None) -> None:
    """Pytest-django's transaction of a test begins above the layers that the test asks for."""


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """No test sees another's rate limits."""
    yield
    if settings.CACHES["default"]["KEY_PREFIX"] == "test":
        cache.clear()
