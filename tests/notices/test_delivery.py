"""What is written is delivered once: one bad row, two deliverers, a killed worker, a broker that is gone."""

import datetime as dt
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from notices import services, tasks
from notices.models import Message, Notice, NoticeState
from notices.queries import oldest_unsent_seconds
from portal.places import REPOSITORY
from tests.concurrently import (
    backend_exists,
    beside,
    kill,
    process_environment,
    table_locked,
    until,
    waiting_for,
    worker,
)
from tests.factories import UserFactory, at

NOW = at(2026, 3, 2)
DUE = dt.date(2026, 3, 5)
MINUTE = dt.timedelta(minutes=1)


def tell(title: str = "请答复", *, key: str = "obligation:1", now: dt.datetime = NOW, **fields: object) -> int:
    recipients = fields.pop("recipients", None) or [UserFactory()]
    given = {"rule": "new", "object_key": key, "due_on": DUE, "title": title, "url": "/", "now": now} | fields
    return services.tell(recipients=recipients, **given)


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """The test's own broker, empty."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.mark.django_db
def test_told_twice_is_one_notice_and_one_message() -> None:
    user = UserFactory()
    assert (tell(recipients=[user]), tell(recipients=[user])) == (1, 0)
    assert services.deliver_pending(now=NOW) == services.Delivery(sent=1)
    assert services.deliver_pending(now=NOW) == services.Delivery()
    assert [(m.recipient, m.title, m.created_at) for m in Message.objects.all()] == [(user, "请答复", NOW)]
    notice = Notice.objects.get()
    assert (notice.state, notice.sent_at, notice.attempts, notice.last_error) == (NoticeState.SENT, NOW, 1, "")


@pytest.mark.django_db
def test_limit_is_kept_and_oldest_goes_first() -> None:
    tell("后", key="obligation:2", now=NOW)
    tell("先", key="obligation:1", now=NOW - MINUTE)
    assert services.deliver_pending(now=NOW, limit=1).sent == 1
    assert [m.title for m in Message.objects.all()] == ["先"]


@pytest.fixture
def poison(db: None) -> None:
    """The database refuses a message with the title 毒."""
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.title = '毒' THEN RAISE EXCEPTION 'poison'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER refuse_poison BEFORE INSERT ON notices_message
                FOR EACH ROW EXECUTE FUNCTION refuse_poison();
        """)


@pytest.mark.usefixtures("poison")
def test_poison_does_not_stop_the_others_and_says_why() -> None:
    for number, title in enumerate(["甲", "毒", "乙"]):
        tell(title, key=f"obligation:{number}")
    assert services.deliver_pending(now=NOW) == services.Delivery(sent=2, postponed=1)
    assert set(Message.objects.values_list("title", flat=True)) == {"甲", "乙"}
    bad = Notice.objects.get(title="毒")
    assert (bad.state, bad.attempts, bad.next_try_at) == (NoticeState.PENDING, 1, NOW + MINUTE)
    assert bad.last_error == "数据库没有接受这条消息（错误代码 P0001）。"


@pytest.mark.usefixtures("poison")
def test_poison_is_tried_at_growing_intervals_and_then_given_up() -> None:
    tell("毒")
    tries, now = [], NOW
    for _ in range(services.ATTEMPTS):
        early = services.deliver_pending(now=now - dt.timedelta(seconds=1))
        assert early.total == 0
        services.deliver_pending(now=now)
        tries.append((now - NOW) // MINUTE)
        now = Notice.objects.get().next_try_at
    assert tries == [0, 1, 3, 7, 15, 31, 63, 127]
    assert Notice.objects.get().state == NoticeState.FAILED
    assert services.deliver_pending(now=now + dt.timedelta(days=1)).total == 0
    assert oldest_unsent_seconds(now) is None


@pytest.mark.django_db
def test_a_message_that_lies_in_the_box_is_not_put_there_again() -> None:
    tell()
    services.deliver_pending(now=NOW)
    Notice.objects.update(state=NoticeState.PENDING, sent_at=None)
    assert services.deliver_pending(now=NOW).sent == 1
    assert Message.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("count", [3, 150])
def test_queries_of_delivery_do_not_grow(count: int, django_assert_num_queries) -> None:
    tell(recipients=UserFactory.create_batch(count))
    # Claim, insert, mark, each batch in its transaction and savepoint; then a batch that finds nothing.
    with django_assert_num_queries(10):
        assert services.deliver_pending(now=NOW).sent == count


@pytest.mark.django_db
def test_age_of_the_oldest_unsent() -> None:
    assert oldest_unsent_seconds(NOW) is None
    tell(key="obligation:1", now=NOW - dt.timedelta(seconds=90))
    tell(key="obligation:2", now=NOW - dt.timedelta(seconds=30))
    assert oldest_unsent_seconds(NOW) == 90.0
    services.deliver_pending(now=NOW)
    assert oldest_unsent_seconds(NOW) is None


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_at_once_take_each_row_once() -> None:
    tell()
    with beside() as start:
        with transaction.atomic():
            assert services.deliver_pending(now=NOW).sent == 1
            other = start(lambda: services.deliver_pending(now=NOW)).result(timeout=20)
        assert other.total == 0
    assert Message.objects.count() == 1


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("table", "mode"),
    [
        pytest.param("notices_message", "SHARE ROW EXCLUSIVE", id="before the message is put in the box"),
        pytest.param("notices_notice", "SHARE", id="after it is put there, before it is marked as sent"),
    ],
)
def test_worker_killed_between_written_and_sent(table: str, mode: str, broker: redis.Redis) -> None:
    now = timezone.now()
    tell(now=now)
    with table_locked(table, mode), worker() as first:
        (backend,) = until(lambda: waiting_for(table), what="the worker in the middle of its delivery")
        kill(first)
    until(lambda: not backend_exists(backend), what="the end of the killed worker's connection")
    assert (Message.objects.count(), Notice.objects.get().state) == (0, NoticeState.PENDING)
    with worker():
        services.ring()
        until(lambda: Notice.objects.filter(state=NoticeState.SENT).exists(), what="delivery by the next worker")
    assert services.deliver_pending(now=timezone.now()).total == 0
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_bell_rings_once_per_transaction_and_only_if_it_is_committed(broker: redis.Redis) -> None:
    with transaction.atomic():
        tell(key="obligation:1")
        tell(key="obligation:2")
        assert broker.llen("celery") == 0
    assert broker.llen("celery") == 1
    with transaction.atomic():
        tell(key="obligation:3")
        transaction.set_rollback(True)
    assert broker.llen("celery") == 1
    assert Notice.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_bell_rings_when_only_the_outer_part_of_a_transaction_is_committed(broker: redis.Redis) -> None:
    with transaction.atomic():
        with transaction.atomic():
            tell(key="obligation:1")
            transaction.set_rollback(True)
        tell(key="obligation:2")
    assert broker.llen("celery") == 1


@pytest.mark.django_db(transaction=True)
def test_flushed_broker_loses_no_notice(broker: redis.Redis) -> None:
    tell()
    broker.flushdb()
    tasks.deliver_pending.run(argument_of_an_older_release=True)
    assert Message.objects.count() == 1


ACT = """
import datetime as dt, django
django.setup()
from django.db import transaction
from django.utils import timezone
from accounts.models import User
from notices.services import tell
for number in range(3):
    with transaction.atomic():
        tell(rule="new", object_key=f"obligation:{number}", due_on=dt.date(2026, 3, 5), recipients=User.objects.all(),
             title="请答复", url="/", now=timezone.now())
print("done")
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("listens", [False, True], ids=["refuses", "says nothing"])
def test_without_a_broker_the_act_succeeds_and_the_sweep_sends_later(listens: bool, broker: redis.Redis) -> None:
    UserFactory()
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        if listens:
            deaf.listen()
        address = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        done = subprocess.run(
            [sys.executable, "-c", ACT],
            env=process_environment() | {"REDIS_URL": address},
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["done"]), done.stderr
    # Tried once, then left alone: three acts do not wait three times.
    assert (done.stdout + done.stderr).count("notice_bell_silent") == 1
    assert services.deliver_pending(now=timezone.now()).sent == 3
    assert Message.objects.count() == 3
