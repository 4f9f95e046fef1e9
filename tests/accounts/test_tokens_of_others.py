"""Tokens are taken back by others too: by whoever may shut the account out, by a new password, by closing it."""

import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import permissions
from accounts.models import ApiToken, Membership, Role, SecurityAct, User
from accounts.tokens import UnableToMakeToken
from audit.models import Entry, Kind
from notices.models import Notice
from tests import factories as make
from tests.accounts.conftest import ANOTHER, PASSWORD, enter, with_password
from tests.admin.conftest import url
from tests.admin.test_admin_writes import formset
from tests.api.conftest import program
from tests.world import World

pytestmark = pytest.mark.django_db
REGISTER = "/accounts/tokens/"


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def save_account(client: Client, account: User, *, is_active: bool) -> None:
    """Save the form of an account as the system administrator does, whose hats are not his."""
    data = {"username": account.username, "name": account.name} | ({"is_active": "on"} if is_active else {})
    assert client.post(url(User, "change", account.pk), data | formset("memberships")).status_code == 302


def works(who: Any) -> bool:
    return who.get("/api/v1/todo/").status_code == 200


def revoke(client: Client, token: ApiToken, reason: str = "系统已经下线") -> Any:
    return client.post(reverse("accounts:revoke_token", args=[token.pk]), {"reason": reason})


def test_the_security_administrator_takes_any_back_and_its_owner_is_told(world: World, guardian: User) -> None:
    who = program(world.deputy, name="办公系统")
    other = program(world.staff)
    token = world.deputy.api_tokens.get()
    client = logged_in(guardian)
    page = client.get(REGISTER).content.decode()
    for words in (
        "李春梅",
        "办公系统（读取和办理）",
        "云溪县 代表",
        "没有使用过",
        f"{token.expires_at:%Y-%m-}",
        "2 个",
    ):
        assert words in page
    assert token.digest not in page
    refused = revoke(client, token, " ")
    assert (refused.status_code, "请写明撤销的原因" in refused.content.decode()) == (422, True)
    assert works(who)
    assert revoke(client, token).status_code == 302
    assert not works(who)
    assert works(other)
    act = SecurityAct.objects.get()
    assert (act.user, act.by, act.kind, act.about, act.reason) == (
        world.deputy, guardian, "token", "办公系统", "系统已经下线",
    )  # fmt: skip
    assert "撤销接口令牌「办公系统」：系统已经下线" in client.get("/accounts/guard/").content.decode()
    told = Notice.objects.get()
    assert (told.recipient, told.title, told.body, told.url) == (
        world.deputy, "您的接口令牌「办公系统」已被撤销", "沈安（安全管理员）撤销，原因：系统已经下线", "/tokens/",
    )  # fmt: skip
    entries = Entry.objects.filter(kind=Kind.GRANT, actor_id=guardian.pk)
    assert {(row.object_table, row.operation) for row in entries} == {
        ("accounts_apitoken", "remove"), ("accounts_securityact", "add"),
    }  # fmt: skip
    # A second click finds nothing.
    assert revoke(client, token).status_code == 404
    assert SecurityAct.objects.count() == Notice.objects.count() == 1


def test_whose_tokens_are_seen_is_whose_account_may_be_changed(world: World, guardian: User, keeper: User) -> None:
    """One rule in two forms: a query for many accounts, words for one."""
    both = make.UserFactory(
        username="both", name="两职", role=Role.UNIT, role__congress=world.congress, role__unit=world.police
    )
    Membership.objects.create(user=both, role=Role.LEADER, congress=world.congress)
    for user in (world.staff, world.leader, world.gov_office, world.deputy, guardian, keeper, both):
        seen = set(User.objects.kept_by(user))
        rows = User.objects.visible_to(user) if permissions.takes_tokens_back(user) else User.objects.none()
        assert seen == {row for row in rows if not permissions.why_account_is_fixed(user, row)}, user
    assert {world.deputy, world.unit_user, world.township_user} <= set(User.objects.kept_by(world.staff))
    assert not {world.leader, both, world.staff, keeper} & set(User.objects.kept_by(world.staff))


def test_staff_take_back_those_of_deputies_and_units_alone(world: World) -> None:
    deputy, leader = program(world.deputy, name="代表的"), program(world.leader, name="领导的")
    own = program(world.staff, name="自己的")
    client = logged_in(world.staff)
    page = client.get(REGISTER).content.decode()
    assert ("代表的" in page, "领导的" in page, "自己的" in page) == (True, False, False)
    for user in (world.leader, world.staff):
        assert revoke(client, user.api_tokens.get()).status_code == 404
    assert revoke(client, world.deputy.api_tokens.get()).status_code == 302
    assert (works(deputy), works(leader), works(own)) == (False, True, True)
    # The own page takes back the own.
    program(world.deputy, name="另一个")
    assert client.post(f"/tokens/{world.deputy.api_tokens.get().pk}/revoke/").status_code == 404
    assert "另一个" not in client.get("/tokens/").content.decode()


@pytest.mark.parametrize("who", ["leader", "deputy", "unit_user", "gov_office"])
def test_to_others_there_is_no_such_page(world: World, who: str) -> None:
    program(world.staff)
    client = logged_in(getattr(world, who))
    assert client.get(REGISTER).status_code == 404
    assert revoke(client, ApiToken.objects.get()).status_code == 404
    assert not SecurityAct.objects.exists()


@pytest.mark.parametrize("count", [3, 300])
def test_register_asks_as_much_for_many(world: World, guardian: User, count: int) -> None:
    told = {
        "user": world.deputy,
        "membership": world.deputy.hat,
        "created_at": timezone.now(),
        "expires_at": timezone.now(),
    }
    ApiToken.objects.bulk_create(ApiToken(name=f"第{n}个", digest=str(n), **told) for n in range(count))
    client = logged_in(guardian)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(REGISTER).content.decode().count('name="reason"') == min(count, 20)
    assert len(asked) == 6


@pytest.mark.parametrize("query", ["q=%00", "q=%25_", "page=9999999999999999999999", "page=x", "q=" + "长" * 500])
def test_any_search_is_answered(guardian: User, query: str) -> None:
    assert logged_in(guardian).get(f"{REGISTER}?{query}").status_code == 200


def test_changing_the_own_password_takes_all_back_and_says_so_before(world: World) -> None:
    who, others = program(with_password(world.deputy)), program(world.staff)
    client = Client()
    enter(client, world.deputy.username)
    page = client.get("/accounts/password/change/").content.decode()
    assert "改密码后，1 个接口令牌一并撤销" in page
    refused = client.post(
        "/accounts/password/change/", {"oldpassword": "x", "password1": ANOTHER, "password2": ANOTHER}
    )
    assert refused.status_code == 200
    assert works(who)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER})
    assert not works(who)
    assert works(others)
    assert not world.deputy.api_tokens.exists()
    assert "接口令牌一并撤销" not in client.get("/accounts/password/change/").content.decode()


def test_a_password_set_by_somebody_else_takes_all_back(world: World, keeper: User) -> None:
    who = program(world.deputy)
    client = logged_in(keeper)
    address = reverse("admin:auth_user_password_change", args=[world.deputy.pk])
    assert "1 个接口令牌一并撤销" in client.get(address).content.decode()
    assert client.post(address, {"password1": ANOTHER, "password2": ANOTHER}).status_code == 302
    world.deputy.refresh_from_db()
    world.deputy.must_change_password = False
    world.deputy.save()
    assert not works(who)


def test_a_password_set_on_the_server_takes_all_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    who = program(world.deputy)
    monkeypatch.setattr("getpass.getpass", lambda **_: ANOTHER)
    call_command("changepassword", world.deputy.username, stdout=io.StringIO())
    assert not works(who)


def test_a_token_made_while_the_password_was_changed_is_not_made(world: World) -> None:
    """Who is in with the old password asks for a token; the new one was saved a moment ago."""
    stale = User.objects.get(pk=world.deputy.pk)
    with_password(world.deputy)
    with pytest.raises(UnableToMakeToken, match="密码刚刚改过"):
        program(stale)
    User.objects.filter(pk=stale.pk).update(is_active=False)
    with pytest.raises(UnableToMakeToken):
        program(User.objects.get(pk=stale.pk))
    assert not ApiToken.objects.exists()


def test_closing_an_account_takes_all_back_for_good(world: World, keeper: User) -> None:
    who, others = program(world.deputy), program(world.staff)
    client = logged_in(keeper)
    save_account(client, world.deputy, is_active=True)
    assert works(who)
    save_account(client, world.deputy, is_active=False)
    save_account(client, world.deputy, is_active=True)
    assert User.objects.get(pk=world.deputy.pk).is_active
    assert not works(who)
    assert works(others)


def test_the_page_of_an_account_leads_to_its_tokens(world: World, keeper: User, guardian: User) -> None:
    program(world.deputy)
    address = reverse("admin:accounts_user_change", args=[world.deputy.pk])
    for user in (keeper, guardian, world.staff):
        page = logged_in(user).get(address).content.decode()
        assert f'1 个 <a href="/accounts/tokens/?q={world.deputy.username}">查看和撤销</a>' in page, user


def test_a_token_sleeps_while_the_password_is_too_old(world: World, settings: Any) -> None:
    settings.PASSWORD_DAYS = 90
    with time_machine.travel(dt.datetime(2026, 3, 5, 4, tzinfo=dt.UTC), tick=False) as clock:
        who = program(with_password(world.deputy), days=365)
        clock.shift(dt.timedelta(days=90))
        assert works(who)
        clock.shift(1)
        assert not works(who)
        with CaptureQueriesContext(connection) as asked:
            works(who)
    # The token with its user, and by whom a request was refused.
    assert len(asked) == 2
    assert timezone.now() > ApiToken.objects.get().created_at


def test_what_was_sought_stays_on_the_page_of_a_refusal(world: World, guardian: User) -> None:
    program(world.deputy, name="办公系统")
    program(world.staff, name="另一个")
    client = logged_in(guardian)
    page = client.get(REGISTER, {"q": "李春梅"}).content.decode()
    address = reverse("accounts:revoke_token", args=[world.deputy.api_tokens.get().pk])
    (sent,) = [line.split('"')[0] for line in page.split('action="') if line.startswith(address)]
    refused = client.post(sent.replace("&amp;", "&"), {"reason": " "})
    text = refused.content.decode()
    assert (refused.status_code, "办公系统" in text, "另一个" in text) == (422, True, False)
    assert f'method="get" action="{REGISTER}"' in text
