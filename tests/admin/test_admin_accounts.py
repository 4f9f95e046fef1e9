"""Accounts in the admin: who opens them, who grants hats, who names the administrators; and that nobody does two of these."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Membership, Role, User
from tests import factories as make
from tests.admin.conftest import Registers, url
from tests.admin.test_admin_writes import errors, formset, user_data
from tests.world import World


def test_staff_open_accounts_within_their_reach(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    data = user_data(world, administers="system", is_staff="on", user_permissions="1", groups="1")
    assert client.post(url(User, "add"), data).status_code == 302
    user = User.objects.get(username="new")
    assert (user.administers, user.is_staff, user.hat.unit) == ("", False, world.police)
    assert user.check_password("云溪之水天上来9a")
    data = user_data(world, {"id": user.hat.pk, "user": user.pk}, is_active="on", administers="system", is_staff="on")
    data["memberships-INITIAL_FORMS"] = 1
    response = client.post(url(User, "change", user.pk), data)
    assert response.status_code == 302, errors(response)
    user = User.objects.get(pk=user.pk)
    assert (user.administers, user.is_staff) == ("", False)
    below = {"role": Role.STAFF, "congress": world.township.pk, "unit": ""}
    response = client.post(url(User, "add"), user_data(world, below, username="other"))
    assert errors(response) == ["在下级人大只能登记「乡镇人大」身份。"]
    response = client.post(url(User, "add"), user_data(world, below | {"role": Role.TOWNSHIP}, username="other"))
    assert response.status_code == 302
    response = client.post(url(User, "add"), user_data(world, username="third") | formset("memberships"))
    assert errors(response) == ["至少要填写 1 行。"]
    for role in (Role.STAFF, Role.LEADER, Role.GOV_OFFICE, Role.COMMITTEE):
        given = user_data(world, {"role": role, "unit": ""}, username="third")
        assert f"「{role.label}」身份由安全管理员登记。" in errors(client.post(url(User, "add"), given))
    response = client.post(url(User, "add"), user_data(world, {"role": Role.DEPUTY}, username="third"))
    assert errors(response) == ["承办单位角色要选单位，其他角色不选单位。"]
    assert not User.objects.filter(username="third").exists()


def test_staff_cannot_take_over_an_account_that_can_do_more(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    boss = make.UserFactory(username="boss", administers="system")
    Membership.objects.create(user=boss, role=Role.DEPUTY, congress=world.congress)
    colleague = make.UserFactory(username="colleague", role=Role.STAFF, role__congress=world.congress)
    both = make.UserFactory(username="both", role=Role.LEADER, role__congress=world.congress)
    Membership.objects.create(user=both, role=Role.LEADER, congress=world.foreign_congress)
    reasons = {
        boss: "这是系统管理员的账号",
        both: "此账号有「云溪县」常委会领导身份，账号由系统管理员修改，身份由安全管理员修改。",
        colleague: "此账号有「云溪县」代表工委身份",
        world.staff: "自己的账号不能在这里修改",
    }
    for user, reason in reasons.items():
        before = user.password
        assert reason in client.get(url(User, "change", user.pk)).content.decode()
        assert client.post(url(User, "change", user.pk), user_data(world)).status_code == 403
        password = reverse("admin:auth_user_password_change", args=[user.pk])
        assert client.get(password).status_code == 403
        data = {"password1": "云溪之水天上来9a", "password2": "云溪之水天上来9a"}
        assert client.post(password, data).status_code == 403
        assert User.objects.get(pk=user.pk).password == before
    assert client.get(reverse("admin:auth_user_password_change", args=[world.stranger.pk])).status_code in (403, 404)


def test_no_page_shows_a_password_or_its_hash(registers: Registers, world: World) -> None:
    world.police_user.set_password("云溪之水天上来9a")
    world.police_user.save()
    for role in ("staff", "administrator"):
        page = registers.client(role).get(url(User, "change", world.police_user.pk)).content.decode()
        assert "重设密码" in page
        assert world.police_user.password not in page
        assert 'name="password"' not in page


def grant(user: User, **fields: object) -> dict:
    """What the security administrator's form posts: a hat for an account, or whom it administers."""
    hats = [{"user": user.pk} | fields] if "role" in fields else []
    return formset("memberships", hats) | ({} if hats else fields)


def test_the_system_administrator_opens_accounts_and_grants_nothing(registers: Registers, world: World) -> None:
    client = registers.client("administrator")
    data = user_data(world, {"congress": world.foreign_congress.pk, "unit": world.foreign_unit.pk}, administers="audit")
    assert client.post(url(User, "add"), data).status_code == 302
    new = User.objects.get(username="new")
    assert (new.hats, new.administers, new.check_password("云溪之水天上来9a")) == ([], "", True)
    change = {"username": "new", "name": "改名", "is_active": "on", "administers": "security"}
    change |= formset("memberships", [{"user": new.pk, "role": Role.STAFF, "congress": world.congress.pk, "unit": ""}])
    assert client.post(url(User, "change", new.pk), change).status_code == 302
    new = User.objects.get(pk=new.pk)
    assert (new.name, new.hats, new.administers) == ("改名", [], "")


def test_the_security_administrator_grants_and_opens_nothing(registers: Registers, world: World) -> None:
    client = registers.client("security")
    new = make.UserFactory(username="new", name="新人", password="!")
    assert client.get(url(User, "add")).status_code == 403
    assert client.post(url(User, "add"), user_data(world, username="other")).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[new.pk])
    assert client.get(password).status_code == 403
    data = {"password1": "云溪之水天上来9a", "password2": "云溪之水天上来9a"}
    assert client.post(password, data).status_code == 403
    given = grant(new, role=Role.LEADER, congress=world.foreign_congress.pk) | {"username": "hacked", "name": "改名"}
    assert client.post(url(User, "change", new.pk), given).status_code == 302
    new = User.objects.get(pk=new.pk)
    assert (new.username, new.name, str(new.hat), new.password) == (
        "new", "新人", "石桥县 常委会领导", "!",
    )  # fmt: skip
    response = client.post(url(User, "change", world.police_user.pk), grant(new, role=Role.UNIT, congress=world.congress.pk, unit=world.foreign_unit.pk))  # fmt: skip
    assert "「石桥县教育局」不是云溪县的承办单位。" in errors(response)
    assert not User.objects.filter(username="other").exists()


def test_nobody_is_two_administrators_or_wears_a_hat_beside(registers: Registers, world: World) -> None:
    client, safe = registers.client("security"), registers.users["security"]
    new = make.UserFactory(username="new", name="新人")
    assert client.post(url(User, "change", new.pk), grant(new, administers="audit")).status_code == 302
    assert User.objects.get(pk=new.pk).administers == "audit"
    refused = client.post(url(User, "change", new.pk), grant(new, role=Role.DEPUTY, congress=world.congress.pk))
    assert errors(refused) == ["审计管理员的账号不能登记任职身份，请另开账号。"]
    refused = client.post(url(User, "change", world.deputy.pk), grant(world.deputy, administers="system"))
    assert errors(refused) == ["这个账号有任职身份，不能再作管理员。请另开账号，或先取消它的任职身份。"]
    # Nobody changes his own rights; nobody takes over another administrator's account.
    assert client.post(url(User, "change", safe.pk), grant(safe, administers="system")).status_code == 403
    assert client.post(url(User, "change", new.pk), grant(new, administers="system audit")).status_code == 200
    assert User.objects.get(pk=new.pk).administers == "audit"
    root = registers.client("administrator")
    assert root.get(reverse("admin:auth_user_password_change", args=[safe.pk])).status_code == 403
    assert root.post(url(User, "change", safe.pk), {"username": "mine", "is_active": ""}).status_code == 403
    assert (User.objects.get(pk=safe.pk).username, User.objects.get(pk=safe.pk).administers) == ("safe", "security")
    with pytest.raises(IntegrityError, match="user_administers_one"), transaction.atomic():
        User.objects.filter(pk=new.pk).update(administers="both")
    with pytest.raises(IntegrityError, match="user_is_no_superuser"), transaction.atomic():
        User.objects.filter(pk=new.pk).update(is_superuser=True)
