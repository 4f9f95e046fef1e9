"""`script/manage`: sets up, migrates, passes output and status through, leaves nothing running."""

import subprocess
import sys

import pytest

from portal.embedded.postgres import Postgres
from portal.places import REPOSITORY

pytestmark = pytest.mark.processes

COUNT = "from notices.models import Notice; print(Notice.objects.count())"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "portal.launch", *arguments]


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(*arguments), cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=200, check=False
    )


def test_first_command_migrates_and_output_and_status_are_its_own(var, environment):
    first = run(environment, "shell", "--no-imports", "-c", COUNT)
    assert (first.returncode, first.stdout, first.stderr) == (0, "0\n", "正在更新数据库……\n")
    second = run(environment, "shell", "--no-imports", "-c", COUNT)
    assert (second.returncode, second.stdout, second.stderr) == (0, "0\n", "")
    assert run(environment, "shell", "--no-imports", "-c", "import sys; sys.exit(7)").returncode == 7
    assert Postgres(var).find() is None


def test_commands_that_come_at_once_on_an_empty_folder_all_succeed(environment):
    commands = [
        subprocess.Popen(
            command("shell", "--no-imports", "-c", COUNT),
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=250) for process in commands]
    assert [out for out, _err in outputs] == ["0\n"] * 3
    assert "".join(err for _out, err in outputs) == "正在更新数据库……\n"


def test_help_starts_no_server(var, environment):
    assert run(environment, "migrate", "--help").returncode == 0
    assert not Postgres(var).home.exists()


def test_what_production_lacks_is_said_in_one_line(var, environment):
    done = run(environment | {"PORTAL_ENV": "production"}, "check")
    assert done.returncode == 1
    assert done.stderr == (
        "正式运行（PORTAL_ENV=production）缺少环境变量：SECRET_KEY、FIELD_ENCRYPTION_KEYS、PORTAL_DIGEST_KEY、ALLOWED_HOSTS。\n"
    )
