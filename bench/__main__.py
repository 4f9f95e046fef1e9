"""`script/bench SUITE [--repeat N]`: sets up a database of its own, measures, prints a table, drops the database."""

import argparse
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

SUITES = ("workbooks", "proposals", "obligations")


def main() -> None:
    """Run one suite, or (in a process that a suite started) one job of it."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each job")
    parser.add_argument("--job", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if given.job:
        run_job(given.suite, given.job)
        return
    from portal.embedded import Lease
    from portal.places import var_folder

    with Lease(var_folder()), tempfile.TemporaryDirectory() as folder:
        run_suite(given.suite, Path(folder), given.repeat)


def run_suite(suite: str, folder: Path, repeat: int) -> None:
    """Measure everything in a new database, which goes afterwards whatever happens."""
    import django

    django.setup()
    from django.db import connection

    given = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{os.getpid()}"
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        import_module(f"bench.{suite}").run(name, folder, repeat)
    finally:
        connection.creation.destroy_test_db(given, verbosity=0)


def run_job(suite: str, job: list[str]) -> None:
    """Measure one job in this process, in the database that the suite made."""
    import django

    django.setup()
    from django.db import connection

    from bench import measure

    connection.settings_dict["NAME"] = job[0]
    measure.report(getattr(import_module(f"bench.{suite}"), job[1]), *job[2:])


if __name__ == "__main__":
    sys.exit(main())
