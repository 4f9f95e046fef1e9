"""The embedded servers: whatever happened before, the next start ends in working ones."""

import os
import pwd
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from portal import embedded
from portal.embedded import Lease, ServiceError, processes
from portal.embedded.folders import LONGEST_SOCKET_PATH, private_folder, socket_folder
from portal.embedded.postgres import Postgres, server_user, sockets
from portal.embedded.valkey import Valkey, socket_path
from portal.places import REPOSITORY
from tests.portal.running import start_python, until

pytestmark = pytest.mark.processes

HOLD_A_LEASE = """
import sys
from portal.embedded import Lease
from portal.places import var_folder
with Lease(var_folder()):
    print("up", flush=True)
    sys.stdin.readline()
"""


def trigrams(var: Path) -> list[str]:
    with psycopg.connect(embedded.database_url(var)) as database:
        return database.execute("SELECT show_trgm('校车')").fetchone()[0]


def broker(var: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(var))


def works(var: Path) -> bool:
    return len(trigrams(var)) == 3 and broker(var).ping()


def postmaster(var: Path) -> int | None:
    process = Postgres(var).find()
    return process and process.pid


def crash(process: psutil.Process) -> None:
    """Ends a server as a power cut would, and waits for no more than its own death."""
    process.kill()
    until(lambda: processes.living(process.pid) is None, what="its death")


def test_services_work_and_end_with_the_only_user(var):
    with Lease(var):
        servers = [Postgres(var).find(), Valkey(var).find()]
        assert works(var)
    assert [processes.living(server.pid) for server in servers] == [None, None]


@pytest.mark.parametrize("locale", ["C", "zh_CN.UTF-8", "en_US.ISO-8859-1"])
def test_callers_locale_does_not_reach_the_servers(var, monkeypatch, locale):
    """zh_CN does not exist on most hosts; under C, pg_trgm would find no Chinese letter."""
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setenv("LANG", locale)
    with Lease(var):
        assert works(var)
        with psycopg.connect(embedded.database_url(var)) as database:
            ctype, encoding, fsync = database.execute(
                "SELECT datctype, pg_encoding_to_char(encoding), current_setting('fsync') FROM pg_database"
                " WHERE datname = 'portal'"
            ).fetchone()
    assert (ctype, encoding, fsync) == ("C.UTF-8", "UTF8", "on")


def test_servers_listen_on_private_sockets_alone(var):
    with Lease(var):
        for process in (Postgres(var).find(), Valkey(var).find()):
            assert [c for c in process.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN] == []
        for folder in (sockets(var), socket_path(var).parent):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_second_user_joins_and_the_last_one_stops(var):
    first, second = Lease(var), Lease(var)
    with first:
        pid = postmaster(var)
        with second:
            assert postmaster(var) == pid
        assert postmaster(var) == pid
        assert works(var)
    assert postmaster(var) is None


def test_users_that_come_at_once_share_one_server(var, environment):
    users = [start_python(HOLD_A_LEASE, environment) for _ in range(3)]
    assert [user.stdout.readline() for user in users] == ["up\n"] * 3
    assert len(processes.titled(f"-D {var / 'postgres'}")) == 1
    for user in users:
        user.communicate("\n", timeout=30)
    assert postmaster(var) is None


def test_two_data_folders_run_side_by_side(var):
    other = var.parent / "other"
    with Lease(var), Lease(other):
        assert works(var)
        assert works(other)
        with psycopg.connect(embedded.database_url(var), autocommit=True) as database:
            database.execute("CREATE TABLE only_here ()")
        with psycopg.connect(embedded.database_url(other)) as database:
            assert database.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
    assert (postmaster(var), postmaster(other)) == (None, None)


def test_start_right_after_postgres_was_killed_keeps_what_was_committed(var):
    with Lease(var) as lease:
        with psycopg.connect(embedded.database_url(var), autocommit=True) as database:
            database.execute("CREATE TABLE kept (n int)")
            database.execute("INSERT INTO kept VALUES (42)")
            # A connection is open: its server process outlives the first one by a moment.
            Postgres(var).find().kill()
            with Lease(var):
                assert works(var)
                with psycopg.connect(embedded.database_url(var)) as again:
                    assert again.execute("SELECT n FROM kept").fetchall() == [(42,)]
        lease.revive()
        assert works(var)


def test_start_right_after_the_broker_was_killed_keeps_what_was_on_disk(var):
    with Lease(var):
        broker(var).rpush("queue", "task")
        broker(var).waitaof(1, 0, 5000)
        crash(Valkey(var).find())
        with Lease(var):
            assert broker(var).lrange("queue", 0, -1) == [b"task"]


def test_revive_starts_what_died_and_leaves_the_rest(var):
    with Lease(var) as lease:
        pid = postmaster(var)
        crash(Valkey(var).find())
        lease.revive()
        assert works(var)
        assert postmaster(var) == pid


def test_pid_file_whose_number_belongs_to_somebody_else(var):
    with Lease(var):
        owner = Postgres(var).home.stat().st_uid
    identity = {"user": owner} if os.geteuid() == 0 else {}
    # Of the same user, so that PostgreSQL itself would take it for a running server.
    bystander = subprocess.Popen(["sleep", "600"], cwd="/", **identity)
    try:
        for pid_file in (Postgres(var).pid_file, Valkey(var).pid_file):
            pid_file.write_text(f"{bystander.pid}\n{Postgres(var).home}\n")
        (sockets(var) / ".s.PGSQL.5432.lock").write_text(f"{bystander.pid}\n")
        with Lease(var):
            assert works(var)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("rubbish", ["", "rubbish", "4194399\n"])
def test_pid_file_of_nobody(var, rubbish):
    with Lease(var):
        pass
    for pid_file in (Postgres(var).pid_file, Valkey(var).pid_file):
        pid_file.write_text(rubbish)
    with Lease(var):
        assert works(var)


def test_initdb_that_was_killed_leaves_no_half_of_a_cluster(var):
    with Lease(var):
        owner = Postgres(var).home.stat().st_uid
    half = private_folder(var / "postgres.new", owner)
    (half / "PG_VERSION").write_text("18\n")
    (var / "postgres").rename(var / "away")
    with Lease(var):
        assert works(var)


def test_killed_users_servers_are_joined_and_stopped_by_the_next(var, environment):
    user = start_python(HOLD_A_LEASE, environment)
    assert user.stdout.readline() == "up\n"
    pid = postmaster(var)
    user.kill()
    user.communicate()
    with Lease(var):
        assert postmaster(var) == pid
        assert works(var)
    assert postmaster(var) is None


def test_servers_hold_no_file_of_the_one_that_started_them(var, environment):
    user = start_python(HOLD_A_LEASE, environment)
    assert user.stdout.readline() == "up\n"
    with Lease(var):
        # `x=$(script/manage check)` ends when nobody holds the pipe any more, though the servers still run.
        assert user.communicate("\n", timeout=30) == ("", None)
        assert works(var)


def test_terminated_command_stops_its_servers(var, environment):
    command = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", "print('up', flush=True); input()"],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert command.stdout.readline() == "up\n"
    assert postmaster(var) is not None
    command.terminate()
    command.communicate(timeout=30)
    assert command.returncode == 128 + signal.SIGTERM
    assert postmaster(var) is None


def test_long_path_gets_a_short_socket(own_services, var, monkeypatch):
    deep = var / ("很长的文件夹名" * 6)
    assert len(os.fsencode(deep)) > LONGEST_SOCKET_PATH
    monkeypatch.setenv("PORTAL_VAR", str(deep))
    with Lease(deep):
        assert works(deep)
        assert str(sockets(deep)).startswith("/tmp/dp-")
        assert stat.S_IMODE(sockets(deep).stat().st_mode) == 0o700
    for folder in (sockets(deep), socket_path(deep).parent):
        folder.rmdir()


def test_socket_folder_is_under_the_data_folder_if_that_is_short_enough():
    short, long = Path("/v"), Path("/" + "v" * 90)
    assert socket_folder(short, "valkey", "valkey.sock") == Path("/v/run/valkey")
    assert socket_folder(long, "valkey", "valkey.sock").parent == Path("/tmp")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_somebody_elses_socket_folder_is_refused(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(ServiceError, match="属于别的用户"):
        private_folder(theirs, 0)


def test_link_in_place_of_a_socket_folder_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(ServiceError, match="属于别的用户"):
        private_folder(tmp_path / "link", os.geteuid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
@pytest.mark.parametrize("closed", [True, False])
def test_roots_server_changes_no_permission_outside_its_folder(var, closed):
    """The parents are closed to all others, as /root is; the server passes through all the same."""
    home = var.parent / "home"
    data = home / "office" / "var"
    data.parent.mkdir(parents=True)
    neighbour = home / "letter"
    neighbour.write_text("private")
    for path in (home, home / "office", neighbour):
        path.chmod(0o700 if closed else 0o755)
    around = [*data.parents, neighbour, Path.home(), REPOSITORY, REPOSITORY / ".venv"]

    def modes() -> list[tuple[int, int, int]]:
        return [(s.st_mode, s.st_uid, s.st_gid) for s in (path.stat() for path in around if path.exists())]

    before = modes()
    with Lease(data):
        assert works(data)
        assert Postgres(data).find().uids().real not in (0, None)
        status = Path(f"/proc/{postmaster(data)}/status").read_text()
        capabilities = int(status.partition("CapEff:")[2].split()[0], 16)
        everybody_may_pass = all(path.stat().st_mode & 1 for path in (*data.parents, *REPOSITORY.parents, REPOSITORY))
        assert (capabilities == 0) == everybody_may_pass
    assert modes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root chooses the server's user")
def test_data_of_a_user_without_name_are_refused_with_a_reason(tmp_path):
    os.chown(tmp_path, 54321, -1)
    with pytest.raises(ServiceError, match="编号 54321"):
        server_user(tmp_path)


def test_data_of_another_version_are_refused_and_kept(var):
    with Lease(var):
        pass
    version = var / "postgres" / "PG_VERSION"
    version.write_text("9\n")
    with pytest.raises(ServiceError, match="是 PostgreSQL 9 的数据"), Lease(var):
        pass
    assert version.read_text() == "9\n"
    assert postmaster(var) is None


def test_servers_of_the_environment_take_the_place_of_embedded_ones(var, monkeypatch):
    assert [type(service) for service in embedded.wanted(var)] == [Postgres, Valkey]
    monkeypatch.setenv("DATABASE_URL", "postgres://db/portal")
    assert [type(service) for service in embedded.wanted(var)] == [Valkey]
    monkeypatch.setenv("REDIS_URL", "redis://broker")
    assert embedded.wanted(var) == []
    with Lease(var):
        assert not var.exists()


@pytest.mark.skipif(not Path("/usr/lib/postgresql/15/bin").exists(), reason="Debian's PostgreSQL is not installed")
def test_system_server_can_take_the_wheels_place(var, monkeypatch):
    monkeypatch.setenv("PORTAL_PG_BIN", "/usr/lib/postgresql/15/bin")
    with Lease(var):
        assert works(var)
        assert "/usr/lib/postgresql/15/bin/postgres" in Postgres(var).find().cmdline()


def test_server_that_dies_just_after_it_was_found_running(var):
    """As when a start comes in the moment between the blow and the death."""

    class SeenAlive(Postgres):
        looks = 0

        def find(self) -> psutil.Process | None:
            self.looks += 1
            if self.looks == 1:
                process = super().find()
                crash(process)
                return process
            return super().find()

    with Lease(var):
        SeenAlive(var).start()
        assert works(var)
