"""`/healthz`: says what is down, and is quick about it."""

import datetime as dt
import json
import socket
import subprocess
import sys
import time

import pytest
from django.test import Client
from django.utils import timezone

from notices.models import Notice, NoticeState
from portal import pulse
from portal.places import REPOSITORY
from portal.tasks import heartbeat
from tests.factories import UserFactory
from tests.portal.running import bare_environment

ASK = """
import django
django.setup()
from django.test import Client
answer = Client().get("/healthz")
print(answer.status_code)
print(answer.content.decode())
"""


@pytest.fixture(autouse=True)
def _no_pulse():
    pulse.broker().delete(pulse.KEY + "worker", pulse.KEY + "beat")


def stamped(part: str, seconds_ago: float) -> None:
    pulse.broker().set(pulse.KEY + part, repr(time.time() - seconds_ago))


def ask_with(**servers: str) -> tuple[int, dict]:
    """The answer of a process that has these servers."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=REPOSITORY,
        env=bare_environment(DJANGO_SETTINGS_MODULE="portal.settings", **servers),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    status, text = done.stdout.splitlines()
    return int(status), json.loads(text)


@pytest.mark.django_db
def test_all_ok():
    stamped("worker", 5)
    stamped("beat", 5)
    answer = Client().get("/healthz")
    state = answer.json()
    age = state.pop("beat_age_s")
    assert state == {"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok", "oldest_unsent_s": None}
    assert 5 <= age < 60
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_age_of_the_oldest_notice_that_waits():
    reader = UserFactory()
    now = timezone.now()
    for days, state in ((3, NoticeState.SENT), (2, NoticeState.PENDING), (1, NoticeState.PENDING)):
        written = now - dt.timedelta(days=days)
        Notice.objects.create(
            rule="test",
            object_key=str(days),
            due_on=written.date(),
            recipient=reader,
            title="测试",
            state=state,
            created_at=written,
            next_try_at=written,
            sent_at=written if state == NoticeState.SENT else None,
        )
    assert 2 * 86400 <= Client().get("/healthz").json()["oldest_unsent_s"] < 2 * 86400 + 600


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("silent", "reason"), [("worker", "任务进程没有在运行，或者忙不过来"), ("beat", "定时进程没有在运行")]
)
@pytest.mark.parametrize("stopped", [True, False])
def test_silent_part(silent, reason, stopped):
    for part in ("worker", "beat"):
        stamped(part, 0)
    if stopped:
        stamped(silent, 36)
    else:
        pulse.broker().delete(pulse.KEY + silent)
    answer = Client().get("/healthz")
    state = answer.json()
    assert answer.status_code == 503
    assert {part: state[part] for part in ("database", "broker", "worker", "beat")} == {
        "database": "ok",
        "broker": "ok",
        "worker": "ok",
        "beat": "ok",
        silent: reason,
    }


@pytest.mark.processes
def test_everything_down(tmp_path):
    status, state = ask_with(
        PORTAL_VAR=str(tmp_path),
        DATABASE_URL=f"postgres://portal@{str(tmp_path).replace('/', '%2F')}/portal",
        REDIS_URL=f"unix://{tmp_path}/nothing.sock",
    )
    unknown = "消息服务连接不上，无法判断"
    assert status == 503
    assert state == {
        "database": "数据库连接不上",
        "broker": "消息服务连接不上",
        "worker": unknown,
        "beat": unknown,
        "beat_age_s": None,
        "oldest_unsent_s": None,
    }


@pytest.mark.processes
def test_servers_that_take_the_call_and_say_nothing(tmp_path):
    """A hanging server must not hang the question: a monitor waits two seconds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        status, state = ask_with(
            PORTAL_VAR=str(tmp_path),
            DATABASE_URL=f"postgres://portal@127.0.0.1:{port}/portal",
            REDIS_URL=f"redis://127.0.0.1:{port}",
        )
    assert status == 503
    assert state["database"] == "数据库在 1.5 秒内没有应答"
    assert state["broker"] in ("消息服务连接不上", "消息服务在 1.5 秒内没有应答")


def test_heartbeat_is_the_workers_sign_of_life():
    assert pulse.age_seconds("worker") is None
    heartbeat.apply(kwargs={"from_an_older_release": 1}).get()
    assert pulse.age_seconds("worker") < 60
    assert pulse.age_seconds("beat") is None


def test_sending_a_heartbeat_is_beats_sign_of_life():
    heartbeat.delay()
    assert pulse.age_seconds("beat") < 60
    assert pulse.age_seconds("worker") is None
