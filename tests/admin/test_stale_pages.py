"""Two clerks at one row: the second is told, keeps what he typed, overwrites nothing unawares."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from bodies.models import Congress, Session, Term, Unit, UnitAlias
from deputies.models import Person
from tests import factories as make
from tests.admin.conftest import Registers, url
from tests.admin.test_admin_writes import errors, formset, person_data, unit_data, user_data
from tests.concurrently import beside, somebody_waits, until
from tests.world import World

MARK = re.compile(r'name="_seen" value="([^"]+)"')
CHANGED = "本页打开以后，这条记录已经被修改，本次没有保存。请看上面的说明。"


def opened(client: Client, model: type, key: int) -> str:
    (mark,) = MARK.findall(client.get(url(model, "change", key)).content.decode())
    return mark


def two_clerks(registers: Registers, world: World) -> tuple[Client, Client]:
    make.UserFactory(username="second", name="林晓燕", role=Role.STAFF, role__congress=world.congress)
    registers.users["second"] = User.objects.get(username="second")
    return registers.client("second"), registers.client("staff")


def test_second_clerk_is_told_and_overwrites_only_knowingly(registers: Registers, world: World) -> None:
    first, second = two_clerks(registers, world)
    unit = world.education
    page = url(Unit, "change", unit.pk)
    marks = [opened(client, Unit, unit.pk) for client in (first, second)]
    theirs = unit_data(world, name="县教育局", contact_name="王主任", contact_phone="0551-1234567", _seen=marks[0])
    assert first.post(page, theirs).status_code == 302
    mine = unit_data(world, name="县教育局", contact_name="李科长", system="政府部门", _seen=marks[1])
    response = second.post(page, mine)
    assert errors(response) == [CHANGED]
    shown = response.content.decode()
    entry = LogEntry.objects.get(object_id=str(unit.pk))
    assert f"林晓燕已于 {timezone.localtime(entry.action_time):%Y-%m-%d %H:%M} 修改了这条记录" in shown
    assert response.context["stale"]["differences"] == [
        {"name": "系统", "stored": "—", "typed": "政府部门"},
        {"name": "联系人", "stored": "王主任", "typed": "李科长"},
        {"name": "联系电话", "stored": "0551-1234567", "typed": "—"},
    ]
    assert 'value="李科长"' in shown
    unit.refresh_from_db()
    assert (unit.contact_name, unit.contact_phone, unit.system) == ("王主任", "0551-1234567", "")
    (again,) = MARK.findall(shown)
    assert second.post(page, mine | {"_seen": again}).status_code == 302
    unit.refresh_from_db()
    assert (unit.contact_name, unit.contact_phone, unit.system) == ("李科长", "", "政府部门")


@pytest.mark.django_db(transaction=True)
def test_who_saves_at_the_same_moment_waits_and_is_told(registers: Registers, world: World) -> None:
    client, unit = registers.client("staff"), world.education
    data = unit_data(world, name="县教育局", contact_name="李科长", _seen=opened(client, Unit, unit.pk))
    with beside() as start:
        with transaction.atomic():
            Unit.objects.filter(pk=unit.pk).update(contact_name="王主任")
            answer = start(lambda: client.post(url(Unit, "change", unit.pk), data))
            until(somebody_waits, what="the second clerk")
        response = answer.result(timeout=60)
    assert errors(response) == [CHANGED]
    unit.refresh_from_db()
    assert unit.contact_name == "王主任"


def test_what_was_not_changed_is_saved_at_once(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    mark = opened(client, Unit, world.police.pk)
    opened(client, Unit, world.police.pk)
    data = unit_data(world, name="县公安局", contact_name="张队长", _seen=mark)
    assert client.post(url(Unit, "change", world.police.pk), data).status_code == 302


def test_an_error_of_the_form_keeps_the_mark_good(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    data = unit_data(world, name="", _seen=opened(client, Unit, world.police.pk))
    response = client.post(url(Unit, "change", world.police.pk), data)
    assert errors(response) == ["请填写这一项。"]
    (mark,) = MARK.findall(response.content.decode())
    data = unit_data(world, name="县公安局", _seen=mark)
    assert client.post(url(Unit, "change", world.police.pk), data).status_code == 302


def test_rows_inside_the_form_are_watched(registers: Registers, world: World) -> None:
    client, term = registers.client("staff"), world.term
    mark = opened(client, Term, term.pk)
    Session.objects.filter(pk=world.session.pk).update(name="第五次会议（补充）")
    Session.objects.create(term=term, name="第六次会议")
    row = {"id": world.session.pk, "term": term.pk, "name": "第五次会议", "starts_on": "2026-01-12"}
    data = {
        "congress": world.congress.pk, "name": "第十八届", "starts_on": term.starts_on, "ends_on": term.ends_on, "_seen": mark,
    }  # fmt: skip
    response = client.post(url(Term, "change", term.pk), data | formset("sessions", [row], initial=1))
    assert CHANGED in errors(response)
    assert "这条记录在本页打开以后已经被修改（例如导入了表格）" in response.content.decode()
    differences = {row["name"]: row for row in response.context["stale"]["differences"]}
    assert differences["会次第 1 行 · 会次"] == {
        "name": "会次第 1 行 · 会次", "stored": "第五次会议（补充）", "typed": "第五次会议",
    }  # fmt: skip
    names = Session.objects.filter(term=term).values_list("name", flat=True)
    assert sorted(names) == ["第五次会议（补充）", "第六次会议"]


def test_a_row_deleted_meanwhile_is_an_error_not_a_failure(registers: Registers, world: World) -> None:
    client, unit = registers.client("staff"), world.transport
    alias = UnitAlias.objects.create(congress=world.congress, unit=unit, alias="交通")
    mark = opened(client, Unit, unit.pk)
    row = {"id": alias.pk, "unit": unit.pk, "alias": "交通局"}
    alias.delete()
    data = unit_data(world, name=unit.name, _seen=mark) | formset("aliases", [row], initial=1)
    response = client.post(url(Unit, "change", unit.pk), data)
    assert CHANGED in errors(response)
    (mark,) = MARK.findall(response.content.decode())
    assert client.post(url(Unit, "change", unit.pk), data | {"_seen": mark}).status_code == 200
    page = url(Unit, "change", unit.pk)
    unit.delete()
    assert client.post(page, data).status_code == 404


def test_choices_people_and_own_words_in_the_comparison(registers: Registers, world: World) -> None:
    client, person = registers.client("staff"), world.seat.person
    mark = opened(client, Person, person.pk)
    Person.objects.filter(pk=person.pk).update(gender="男", party="中共", user=None)
    data = person_data(world, name=person.name, gender="女", birth="1967.03", user=world.deputy.pk, _seen=mark)
    data |= formset("seats")
    response = client.post(url(Person, "change", person.pk), data)
    assert CHANGED in errors(response)
    differences = {row["name"]: (row["stored"], row["typed"]) for row in response.context["stale"]["differences"]}
    assert differences["性别"] == ("男", "女")
    assert differences["党派"] == ("中共", "—")
    assert differences["登录账号"] == ("—", str(world.deputy))
    assert differences["出生年月"][1] == "1967.03"


def test_logging_in_does_not_make_an_account_stale(registers: Registers, world: World) -> None:
    client, user = registers.client("staff"), world.police_user
    mark = opened(client, User, user.pk)
    user.last_login = timezone.now()
    user.save()
    hat = user.memberships.get()
    row = {"id": hat.pk, "user": user.pk}
    data = user_data(world, row, username=user.username, name="周强", is_active="on", _seen=mark)
    data["memberships-INITIAL_FORMS"] = 1
    response = client.post(url(User, "change", user.pk), data)
    assert response.status_code == 302, errors(response)


def test_rubbish_in_place_of_the_mark(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    for rubbish in ("", "x", ":::", "a:b:c", "\x00", "长" * 5000, "٣:٣:٣"):
        data = unit_data(world, name="县公安局", _seen=rubbish)
        response = client.post(url(Unit, "change", world.police.pk), data)
        assert errors(response) == [CHANGED], rubbish
    other = opened(client, Unit, world.education.pk)
    data = unit_data(world, name="县公安局", _seen=other)
    assert errors(client.post(url(Unit, "change", world.police.pk), data)) == [CHANGED]


def test_who_only_reads_gets_no_mark(registers: Registers, world: World) -> None:
    for role, model, key in (("leader", Unit, world.police.pk), ("staff", Congress, world.congress.pk)):
        page = registers.client(role).get(url(model, "change", key)).content.decode()
        assert "_seen" not in page, role
