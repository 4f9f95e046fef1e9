"""Failed tries lock the account, by whatever name and from wherever; time or the security administrator unlocks it."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from axes.models import AccessAttempt
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.locking import locked_accounts
from accounts.models import SecurityAct, User
from accounts.services import UnableToHelp
from tests import factories as make
from tests.accounts.conftest import PASSWORD, enter, inside, with_factor, with_password, with_phone
from tests.concurrently import beside, somebody_waits, until
from tests.factories import at
from tests.threads import at_once
from tests.world import World

PHONE = "13800000001"


@pytest.fixture
def deputy(world: World) -> User:
    return with_phone(with_password(world.deputy), PHONE)


def fail(name: str, times: int = 5) -> list[int]:
    """Try wrong passwords, each from another office; return the answers."""
    return [
        Client(REMOTE_ADDR=f"10.0.0.{number}").post(
            reverse("account_login"), {"login": name, "password": f"wrong{number}"}
        ).status_code
        for number in range(1, times + 1)
    ]  # fmt: skip


def test_five_failures_lock(deputy: User) -> None:
    assert fail("deputy") == [200, 200, 200, 200, 429]
    for name in ("deputy", "DEPUTY", PHONE):
        client = Client()
        locked = enter(client, name)
        assert locked.status_code == 429
        assert "账号已锁定" in locked.content.decode()
        assert not inside(client)


def test_name_and_phone_are_counted_together(deputy: User) -> None:
    assert fail(PHONE, 3) + fail("deputy", 2) == [200, 200, 200, 200, 429]


def test_other_accounts_of_the_office_are_not_locked(deputy: User, world: World) -> None:
    with_password(world.other_deputy)
    for _ in range(5):
        enter(Client(), "deputy", "wrong")
    assert enter(Client(), "deputy").status_code == 429
    assert enter(Client(), "deputy2").status_code == 302


def test_unknown_names_are_locked_alike_and_not_kept(deputy: User) -> None:
    for name in ("nobody", "13900000009"):
        assert fail(name) == [200, 200, 200, 200, 429]
    kept = str(list(AccessAttempt.objects.values()))
    assert "nobody" not in kept
    assert "13900000009" not in kept
    assert "wrong1" not in kept


def test_log_in_forgets_the_failures_before(deputy: User) -> None:
    for _ in range(3):
        assert fail("deputy", 4) == [200, 200, 200, 200]
        assert enter(Client(), PHONE).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_lock_ends_by_itself_and_is_not_made_longer(deputy: User) -> None:
    with time_machine.travel(at(2026, 3, 5, 9), tick=False) as clock:
        fail("deputy")
        clock.shift(dt.timedelta(minutes=29))
        assert fail("deputy", 3) == [429, 429, 429]
        clock.shift(dt.timedelta(minutes=1, seconds=1))
        assert enter(Client(), "deputy").status_code == 302


def test_machine_is_told_in_words(deputy: User) -> None:
    fail("deputy")
    answer = Client().post(
        reverse("account_login"), {"login": "deputy", "password": "x"}, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()) == (429, {"detail": "连续登录失败，账号已锁定 30 分钟。"})


def test_asking_for_the_password_once_more_is_counted_too(deputy: User) -> None:
    client = Client()
    enter(client, "deputy")
    answers = [client.post(reverse("account_reauthenticate"), {"password": "wrong"}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]


def test_security_administrator_sees_and_unlocks(deputy: User, guardian: User) -> None:
    with time_machine.travel(at(2026, 3, 5, 9), tick=False):
        fail("deputy", 4)
        fail("nobody")
        client = Client()
        client.force_login(guardian)
        assert "没有锁定的账号" in client.get(reverse("accounts:guard")).content.decode()
        fail("deputy", 1)
        page = client.get(reverse("accounts:guard")).content.decode()
        for words in ("李春梅", "2026-03-05 09:00", "09:30", "5 次", "10.0.0.1、10.0.0.2、10.0.0.3、10.0.0.4"):
            assert words in page
        address = reverse("accounts:unlock", args=[deputy.pk])
        refused = client.post(address, {"reason": "  "})
        assert refused.status_code == 422
        assert "请写明原因" in refused.content.decode()
        assert enter(Client(), "deputy").status_code == 429
        assert client.post(address, {"reason": "当面核实"}).status_code == 302
        assert enter(Client(), "deputy").status_code == 302
        late = client.post(address, {"reason": "又来一次"})
        assert late.status_code == 422
        assert "「李春梅」现在没有锁定" in late.content.decode()
        assert "又来一次" not in client.get(reverse("accounts:guard")).content.decode()
    (act,) = SecurityAct.objects.all()
    assert (act.user, act.by, act.kind, act.reason, act.at) == (
        deputy,
        guardian,
        "unlock",
        "当面核实",
        at(2026, 3, 5, 9),
    )


@pytest.mark.parametrize("who", ["staff", "leader", "other_deputy", "keeper"])
def test_to_others_there_is_no_such_page(deputy: User, world: World, keeper: User, who: str) -> None:
    fail("deputy")
    client = Client()
    client.force_login(keeper if who == "keeper" else getattr(world, who))
    assert client.get(reverse("accounts:guard")).status_code == 404
    assert client.post(reverse("accounts:unlock", args=[deputy.pk]), {"reason": "x"}).status_code == 404
    assert client.post(reverse("accounts:remove_second_factor", args=[deputy.pk]), {"reason": "x"}).status_code == 404
    with pytest.raises(User.DoesNotExist):
        services.unlock(account_id=deputy.pk, user=world.staff, reason="x", now=timezone.now())
    assert not SecurityAct.objects.exists()
    assert enter(Client(), "deputy").status_code == 429


@pytest.mark.parametrize("count", [3, 60])
def test_list_of_the_locked_asks_three_queries(guardian: User, count: int) -> None:
    now = timezone.now()
    users = [make.UserFactory() for _ in range(count)]
    AccessAttempt.objects.bulk_create(
        AccessAttempt(username=user.username, ip_address="10.0.0.1", failures_since_start=5, attempt_time=now)
        for user in users
    )
    with CaptureQueriesContext(connection) as asked:
        assert len(locked_accounts(user=guardian, now=now)) == count
    # One of them is the hat of whoever asks.
    assert len(asked) == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [services.unlock, services.remove_second_factor])
def test_two_help_at_once_and_the_second_is_told(transactional_db: None, act: Callable[..., User]) -> None:
    """The second one begins while the first is not done: fails when what is there is asked before it is deleted."""
    user = with_factor(with_password(make.UserFactory(username="who", name="某人")))
    first, second = (make.UserFactory(administers="security") for _ in range(2))
    fail("who")
    told = {"account_id": user.pk, "reason": "核实", "now": timezone.now()}
    with beside() as start:
        with transaction.atomic():
            act(user=first, **told)
            late = start(lambda: act(user=second, **told))
            until(somebody_waits, what="the second one at the rows that the first has deleted")
        assert isinstance(late.exception(), UnableToHelp)
    assert [(row.user, row.by) for row in SecurityAct.objects.all()] == [(user, first)]


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_all_counted(transactional_db: None) -> None:
    with_password(make.UserFactory(username="who"))
    at_once(*[lambda: enter(Client(), "who", "wrong") for _ in range(5)])
    assert enter(Client(), "who", PASSWORD).status_code == 429
