"""Tokens: made once, shown once, good as long as their time, their hat and their user's account are."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, Membership, Role
from accounts.tokens import MOST_TOKENS, UnableToMakeToken, make_token
from proposals.models import Proposal
from tests import factories as make
from tests.api.conftest import Program, program
from tests.world import World

pytestmark = pytest.mark.django_db
NOT_GOOD = {"detail": "令牌无效：可能已到期、已撤销，或者它的任职身份已取消。请在「接口令牌」页面核对。"}


def refused(who: Program) -> None:
    answer = who.get("/api/v1/todo/")
    assert (answer.status_code, answer.json(), answer["WWW-Authenticate"]) == (401, NOT_GOOD, "Token")


def test_a_token_is_good_until_it_is_taken_back(world: World) -> None:
    who = program(world.staff)
    assert who.read("todo/")["count"] == 0
    token = ApiToken.objects.get()
    page = Client()
    page.force_login(world.staff)
    assert page.post(f"/tokens/{token.pk}/revoke/").status_code == 302
    refused(who)
    assert "已撤销令牌「测试系统」" in page.get("/tokens/").content.decode()


def test_a_token_expires_to_the_second(world: World) -> None:
    with time_machine.travel(dt.datetime(2026, 3, 5, 4, 0, tzinfo=dt.UTC), tick=False) as clock:
        who = program(world.staff, days=30)
        clock.shift(dt.timedelta(days=30, seconds=-1))
        assert who.read("todo/")["count"] == 0
        clock.shift(1)
        refused(who)


def test_a_token_goes_with_its_hat(world: World) -> None:
    who = program(world.staff)
    world.staff.memberships.get().delete()
    Membership.objects.create(user=world.staff, role=Role.LEADER, congress=world.congress)
    refused(who)
    assert ApiToken.objects.get().membership is None
    page = Client()
    page.force_login(world.staff)
    assert "身份已取消，令牌已失效" in page.get("/tokens/").content.decode()


@pytest.mark.parametrize("change", [{"is_active": False}, {"administers": "audit"}])
def test_a_token_goes_with_the_account(world: World, change: dict) -> None:
    who = program(world.staff)
    type(world.staff).objects.filter(pk=world.staff.pk).update(**change)
    refused(who)


def test_a_token_acts_under_its_own_hat(world: World) -> None:
    second = Membership.objects.create(user=world.staff, role=Role.UNIT, congress=world.congress, unit=world.education)
    first = program(world.staff, membership=world.staff.memberships.order_by("pk").first())
    other = program(world.staff, membership=second)
    assert first.get("/api/v1/seats/").status_code == 200
    answer = other.get("/api/v1/seats/")
    assert (answer.status_code, answer.json()) == (403, {"detail": "您的身份不能查阅这个登记簿。"})


def test_a_token_that_only_reads_writes_nothing(world: World) -> None:
    who = program(world.deputy, is_read_only=True)
    answer = who.send("proposals/", {"title": "关于校车安全的建议", "body": "校车超载。"})
    assert (answer.status_code, answer.json()) == (403, {"detail": "这个令牌只能读取，不能办理和登记。"})
    assert Proposal.objects.count() == 0
    assert who.read("proposals/")["count"] == 0
    answer = program(world.staff, is_read_only=True).send("units/", {"name": "县水利局"})
    assert (answer.status_code, answer.json()) == (403, {"detail": "这个令牌只能读取，不能办理和登记。"})


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Token", "Authorization 应写成：Token 加一个空格加令牌。"),
        ("Token a b", "Authorization 应写成：Token 加一个空格加令牌。"),
        ("Token 令牌", "Authorization 应写成：Token 加一个空格加令牌。"),
        ("Token \x80\xff", "Authorization 应写成：Token 加一个空格加令牌。"),
        ("Token " + "a" * 5000, "Authorization 应写成：Token 加一个空格加令牌。"),
        ("Token npc_wrong", NOT_GOOD["detail"]),
        ("Bearer npc_wrong", "请先登录，或者在 Authorization 里带上接口令牌。"),
    ],
)
def test_what_is_no_token_is_refused(header: str, words: str) -> None:
    answer = Client().get("/api/v1/todo/", headers={"Authorization": header})
    assert (answer.status_code, answer.json()) == (401, {"detail": words})


def test_the_last_use_is_noted_once_a_minute(world: World) -> None:
    with time_machine.travel(dt.datetime(2026, 3, 5, 4, 0, tzinfo=dt.UTC), tick=False) as clock:
        who = program(world.staff)
        who.read("todo/")
        clock.shift(30)
        who.read("todo/")
        assert ApiToken.objects.get().last_used_at == dt.datetime(2026, 3, 5, 4, 0, tzinfo=dt.UTC)
        clock.shift(31)
        who.read("todo/")
        assert ApiToken.objects.get().last_used_at == dt.datetime(2026, 3, 5, 4, 1, 1, tzinfo=dt.UTC)


def test_the_page_shows_the_secret_once_and_nothing_of_it_is_kept(world: World) -> None:
    page = Client()
    page.force_login(world.deputy)
    hat = world.deputy.memberships.get()
    answer = page.post("/tokens/", {"name": "办公系统", "membership": hat.pk, "days": "90", "is_read_only": "on"})
    assert answer.status_code == 200
    text = answer.content.decode()
    secret = text.split('api-secret__text">')[1].split("<")[0]
    assert secret.startswith("npc_")
    assert len(secret) == 47
    token = ApiToken.objects.get()
    assert (token.user, token.membership, token.is_read_only) == (world.deputy, hat, True)
    assert token.expires_at - token.created_at == dt.timedelta(days=90)
    assert secret not in str(vars(token))
    assert secret not in page.get("/tokens/").content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert Program(secret).read("proposals/")["count"] == 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请填写用途。"),
        ({"name": "\x00"}, "空字符"),
        ({"name": "系统", "membership": "9" * 5000}, "请从列表中选择使用身份。"),
        ({"name": "系统", "membership": "1", "days": "100000"}, "请从列表中选择有效期。"),
    ],
)
def test_a_wrong_form_makes_no_token(world: World, data: dict, words: str) -> None:
    page = Client()
    page.force_login(world.deputy)
    answer = page.post("/tokens/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert ApiToken.objects.count() == 0


def test_nobody_makes_a_token_with_the_hat_of_another(world: World) -> None:
    page = Client()
    page.force_login(world.deputy)
    answer = page.post("/tokens/", {"name": "系统", "membership": world.staff.memberships.get().pk, "days": "30"})
    assert answer.status_code == 422
    with pytest.raises(UnableToMakeToken):
        program(world.deputy, membership=world.staff.memberships.get())
    assert ApiToken.objects.count() == 0


def test_nobody_takes_back_the_token_of_another(world: World) -> None:
    who = program(world.staff)
    page = Client()
    page.force_login(world.leader)
    assert page.post(f"/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 404
    assert who.read("todo/")["count"] == 0
    assert "测试系统" not in page.get("/tokens/").content.decode()


def test_an_administrator_has_no_tokens(world: World) -> None:
    root = make.UserFactory(username="root", name="系统管理员", administers="system", is_staff=True)
    page = Client()
    page.force_login(root)
    assert page.get("/tokens/").status_code == 404
    assert 'href="/tokens/"' not in page.get("/api/v1/").content.decode().split("<main")[0]
    with pytest.raises(UnableToMakeToken):
        make_token(
            user=root, membership=world.staff.memberships.get(), name="x", days=1, is_read_only=True, now=timezone.now()
        )


def test_tokens_of_a_user_have_an_end(world: World) -> None:
    for _ in range(MOST_TOKENS):
        program(world.staff)
    page = Client()
    page.force_login(world.staff)
    answer = page.post("/tokens/", {"name": "再一个", "membership": world.staff.memberships.get().pk, "days": "30"})
    assert answer.status_code == 422
    assert "一个账号最多有 20 个有效的令牌，请先撤销不再使用的。" in answer.content.decode()
    assert ApiToken.objects.count() == MOST_TOKENS
