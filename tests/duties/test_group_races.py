"""A form that is sent twice at the same moment, and two leaders at once: one activity, one line each."""

import threading

import pytest
from django.db import IntegrityError

import duties.group_services
from duties.group_services import UnableToRecord
from duties.models import DutyRecord, DutyType, GroupActivity, GroupAttendance
from notices.models import Notice
from tests.duties.groups import Circle, build_circle, enter, register
from tests.threads import at_once
from tests.world import build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def circle() -> Circle:
    return build_circle(build_world())


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (GroupActivity, GroupAttendance, DutyRecord, Notice))


def test_a_double_submit_is_one_activity(circle: Circle) -> None:
    first, second = at_once(*[lambda: register(circle)] * 2)
    assert first == second
    assert counts() == (1, 4, 2, 2)


def test_leader_and_liaison_at_once_are_one_activity_and_a_refusal(circle: Circle) -> None:
    results = at_once(lambda: register(circle), lambda: register(circle, circle.liaison))
    assert sorted(type(result).__name__ for result in results) == ["GroupActivity", "UnableToRecord"]
    assert "没有重复保存" in str(next(result for result in results if isinstance(result, UnableToRecord)))
    assert counts()[:3] == (1, 4, 2)


def test_a_double_submit_is_one_line(circle: Circle) -> None:
    first, second = at_once(*[lambda: enter(circle, "member")] * 2)
    assert first == second
    assert counts() == (0, 0, 1, 1)


def test_without_the_lock_one_of_them_fails(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look before either writes: what the lock of the ledger prevents."""
    DutyType.objects.create(congress=circle.world.congress, name="小组活动")
    both_looked, look = threading.Barrier(2), duties.group_services._same

    def look_together(*args: object) -> object:
        found = look(*args)
        both_looked.wait(timeout=20)
        return found

    monkeypatch.setattr(duties.group_services, "lock_ledger", lambda congress: None)
    monkeypatch.setattr(duties.group_services, "_same", look_together)
    results = at_once(*[lambda: register(circle)] * 2)
    assert [type(result) for result in results if isinstance(result, Exception)] == [IntegrityError]
    assert counts() == (1, 4, 2, 2)
