"""Real workers on a real broker: killed in the middle, two beats at once, a broker that forgets everything."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from notices import services
from notices.models import Address, Digest, Message, Notice, NoticeState
from tests.casework.owing import case, owe
from tests.concurrently import backend_exists, beat, kill, table_locked, until, waiting_for, worker
from tests.factories import UserFactory
from tests.notices.servers import Post, mail_server
from tests.world import build_world

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """The test's own broker, empty; whatever the hour, the digests' hour has come."""
    monkeypatch.setenv("PORTAL_DIGEST_HOUR", "0")
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """A mail server that the worker uses."""
    with mail_server() as post:
        monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{post.port}")
        monkeypatch.setenv("TEST_MAIL_SERVER", "1")
        yield post


def test_worker_killed_in_a_batch_of_200_mails_doubles_one_at_most(broker: redis.Redis, post: Post) -> None:
    now = timezone.now()
    users = UserFactory.create_batch(200)
    Address.objects.bulk_create(Address(user=user, channel="email", address=f"{user.pk}@example.org") for user in users)
    Digest.objects.bulk_create(
        Digest(recipient=user, day=now.date(), channel="email", title="提醒", created_at=now, next_try_at=now)
        for user in users
    )
    with worker() as first:
        services.ring("notices.tasks.send_outside", channel="email")
        until(lambda: len(post.taken) > 20, what="the middle of the batch")
        # Sent, but not to be marked: the next update waits for this lock.
        with table_locked("notices_digest", "SHARE"):
            (backend,) = until(lambda: waiting_for("notices_digest"), what="the worker between sent and marked")
            kill(first)
        until(lambda: not backend_exists(backend), what="the end of the killed worker's connection")
    with worker():
        # What an older release asked for, and what nobody knows, troubles nobody.
        for kwargs in ({"channel": "fax"}, {"older": "release"}, {"channel": "email", "batch": 7}):
            services.ring("notices.tasks.send_outside", **kwargs)
        until(lambda: not Digest.objects.exclude(state=NoticeState.SENT).exists(), what="the rest of the batch")
    to = [address for address, _ in post.taken]
    assert set(to) == {f"{user.pk}@example.org" for user in users}
    assert len(to) == 201


def senders(broker: redis.Redis) -> set[str]:
    """The processes that have asked for a scan."""
    waiting = (json.loads(message)["headers"] for message in broker.lrange("celery", 0, -1))
    return {task["origin"] for task in waiting if task["task"] == "casework.tasks.scan_obligations"}


def test_two_beats_two_workers_and_a_flushed_broker_tell_everybody_once(broker: redis.Redis) -> None:
    world = build_world()
    today = timezone.localdate()
    for number in range(1, 6):
        owe(world, None, case(world, number), due_on=today - dt.timedelta(days=number))
    services.ring("casework.tasks.scan_obligations")
    broker.flushdb()
    assert Notice.objects.count() == 0
    with beat(), beat():
        until(lambda: len(senders(broker)) == 2, what="a scan from each of the two beats")
    with worker(), worker():
        until(lambda: Message.objects.count() == 3, what="a digest for the unit, the leader and the staff")
        services.ring()
        until(lambda: broker.llen("celery") == 0, what="the end of the queue")
    mine = Digest.objects.get(recipient=world.unit_user)
    assert (mine.total, [line["light_words"] for line in mine.lines]) == (5, [f"逾期 {n} 天" for n in (5, 4, 3, 2, 1)])
    assert sorted(Digest.objects.values_list("recipient__username", "total")) == [
        ("leader", 3),
        ("staff", 3),
        ("unit", 5),
    ]
    assert Notice.objects.count() == 11
    assert Message.objects.count() == Digest.objects.count() == 3
