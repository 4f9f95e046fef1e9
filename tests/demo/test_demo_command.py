"""script/manage load_demo where it refuses; test_demo_county.py loads with it."""

import pytest
from django.core.management import CommandError

from accounts.models import User
from bodies.models import Congress
from tests.demo.loading import load_demo
from tests.factories import CongressFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_nothing_is_loaded_where_a_congress_is() -> None:
    CongressFactory(code="330281")
    assert load_demo("--if-empty") == "已经有数据，没有装入演示数据。"
    assert (Congress.objects.count(), User.objects.count()) == (1, 0)
    assert load_demo("--list-logins") == "没有装入演示数据。"


def test_a_user_name_in_use_is_not_taken_over() -> None:
    UserFactory(username="daibiao1", name="真实用户")
    with pytest.raises(CommandError, match="用户名「daibiao1」已经有人使用"):
        load_demo()
    # The server starts all the same.
    assert "用户名「daibiao1」已经有人使用" in load_demo("--if-empty")
    assert (Congress.objects.count(), User.objects.get().name) == (0, "真实用户")


def test_a_code_in_use_is_not_taken_over() -> None:
    CongressFactory(code="990200", name="石桥县")
    with pytest.raises(CommandError, match="代码「990200」已经是「石桥县」"):
        load_demo()
    assert Congress.objects.count() == 1
