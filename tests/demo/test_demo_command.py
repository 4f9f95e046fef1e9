"""script/manage load_demo as a clerk and script/server call it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from bodies.models import Congress
from casework.models import Case
from portal.demo.logins import DEMO_TOTP_SECRET, LOGINS
from tests.factories import CongressFactory, UserFactory

pytestmark = pytest.mark.django_db


def load(*options: str) -> str:
    out = StringIO()
    call_command("load_demo", *options, stdout=out)
    return out.getvalue().strip()


def test_nothing_is_loaded_where_a_congress_is() -> None:
    CongressFactory(code="330281")
    assert load("--if-empty") == "已经有数据，没有装入演示数据。"
    assert (Congress.objects.count(), User.objects.count()) == (1, 0)
    assert load("--list-logins") == "没有装入演示数据。"


def test_a_user_name_in_use_is_not_taken_over() -> None:
    UserFactory(username="daibiao1", name="真实用户")
    with pytest.raises(CommandError, match="用户名「daibiao1」已经有人使用"):
        load()
    # The server starts all the same.
    assert "用户名「daibiao1」已经有人使用" in load("--if-empty")
    assert (Congress.objects.count(), User.objects.get().name) == (0, "真实用户")


def test_a_code_in_use_is_not_taken_over() -> None:
    CongressFactory(code="990200", name="石桥县")
    with pytest.raises(CommandError, match="代码「990200」已经是「石桥县」"):
        load()
    assert Congress.objects.count() == 1


@pytest.mark.slow
def test_loads_today_beside_other_data_and_lists_its_accounts() -> None:
    other = CongressFactory(code="330281", name="他县")
    said = load()
    assert said.startswith("已装入演示数据：云溪县，代表 260 人，承办单位 44 个，建议议案 ")
    assert "各级代表 1338 人编成 78 个代表小组，联络站和代表之家 97 个，接待 " in said
    assert Case.objects.exclude(congress__code="990100").count() == 0
    assert Congress.objects.get(pk=other.pk).name == "他县"
    lines = load("--list-logins").splitlines()
    assert [line.split()[:3] for line in lines[:2]] == [
        ["角色", "姓名", "用户名"],
        ["代表工委", "张志远", "daigongwei"],
    ]
    *rows, secret, phones = lines
    assert len(rows) == 1 + len(LOGINS)
    assert DEMO_TOTP_SECRET in secret
    assert "13800000001" in phones
    assert User.objects.get(username=LOGINS[0].username).phone == "13800000001"
    assert len(load("--code")) == 6
    cases = Case.objects.count()
    with pytest.raises(CommandError, match="演示县「云溪县」已经装入过，没有改动"):
        load()
    assert load("--if-empty") == "已经有数据，没有装入演示数据。"
    assert Case.objects.count() == cases
