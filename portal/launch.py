"""Entry of every Django command: lends it the embedded services and, from `script/manage`, migrates first."""

import os
import signal
import sys
from pathlib import Path

from portal.embedded import Lease, ServiceError
from portal.places import var_folder

# They ask no database; `migrate` and `makemigrations` must not find their work done.
NEED_NO_SERVICES = {"", "help", "-h", "--help", "version", "--version", "collectstatic", "findstatic", "diffsettings"}
NEED_NO_MIGRATION = {*NEED_NO_SERVICES, "migrate", "makemigrations", "showmigrations", "sqlmigrate", "check", "test"}
ADVISORY_LOCK = 0x6465_7075


def run_command(argv: list[str], *, migrate_first: bool = False) -> None:
    """Runs one Django command as `manage.py` does. Raises SystemExit with its status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # Without this a terminated command would leave its servers running. Under nohup the hang-up stays ignored.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, lambda number, frame: sys.exit(128 + number))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    name = argv[1] if len(argv) > 1 else ""
    try:
        if name in NEED_NO_SERVICES or {"-h", "--help"} & set(argv):
            execute_from_command_line(argv)
            return
        with Lease(var_folder()):
            if migrate_first and name not in NEED_NO_MIGRATION:
                migrate_if_needed()
            execute_from_command_line(argv)
    except (ServiceError, ImproperlyConfigured) as error:
        # Both say in Chinese what the person at the terminal has to change; where in our code would not help.
        sys.exit(str(error))


def migrate_if_needed() -> None:
    """Applies missing migrations, one process at a time. Says so on stderr: stdout is the command's."""
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    if not unapplied():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            if unapplied():
                sys.stderr.write("正在更新数据库……\n")
                call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def unapplied() -> bool:
    """Whether the database lacks a migration that the code has."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    run_command([str(Path("script/manage")), *sys.argv[1:]], migrate_first=True)
