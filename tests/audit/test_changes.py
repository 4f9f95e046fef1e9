"""Every change of a watched row is an entry: who, from where, before and after."""

import pytest
from celery import shared_task
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client, RequestFactory

from accounts.models import Membership, Role
from audit.context import Context, acting
from audit.models import Entry
from bodies.models import Unit, UnitAlias
from deputies.models import Person
from tests.audit.trail import new_entries
from tests.world import World


def request_of(user: object, **meta: str) -> Context:
    request = RequestFactory().post("/somewhere/", REMOTE_ADDR="10.1.2.3", **meta)
    request.user = user
    return Context(request)


def test_who_from_where_before_and_after(world: World) -> None:
    unit = world.education
    with acting(request_of(world.staff)), new_entries() as entries:
        Unit.objects.filter(pk=unit.pk).update(name="县教育体育局", sort=7)
    (entry,) = entries
    assert (entry.kind, entry.operation, entry.success) == ("change", "change", True)
    assert (entry.actor_id, entry.actor, entry.hat) == (world.staff.pk, "张志强（staff）", "云溪县 代表工委")
    assert (entry.address, entry.method, entry.path, entry.task) == ("10.1.2.3", "POST", "/somewhere/", "")
    assert (entry.object_table, entry.object_key, entry.object_label) == ("bodies_unit", str(unit.pk), "县教育体育局")
    assert entry.before == {"name": "县教育局", "sort": unit.sort}
    assert entry.after == {"name": "县教育体育局", "sort": 7}


def test_rows_that_come_and_go(world: World) -> None:
    with new_entries() as entries:
        alias = UnitAlias.objects.create(congress=world.congress, unit=world.education, alias="教体局")
        key = alias.pk
        alias.delete()
    added, removed = entries
    row = {"id": key, "congress_id": world.congress.pk, "unit_id": world.education.pk, "alias": "教体局"}
    assert (added.operation, added.object_key, added.before, added.after) == ("add", str(key), None, row)
    assert (removed.operation, removed.object_key, removed.before, removed.after) == ("remove", str(key), row, None)
    assert added.actor == removed.actor == "系统"


def test_one_statement_of_many_rows_is_as_many_entries(world: World) -> None:
    with new_entries() as entries:
        people = Person.objects.bulk_create(Person(name=f"代表{n}", gender="女", ethnicity="汉族") for n in range(300))
        Person.objects.filter(pk__in=[person.pk for person in people]).update(ethnicity="苗族")
    keys = [str(person.pk) for person in people]
    assert sorted(entry.object_key for entry in entries if entry.operation == "add") == sorted(keys)
    assert sorted(entry.object_key for entry in entries if entry.operation == "change") == sorted(keys)
    assert len(entries) == 600
    assert {str(entry.before | entry.after) for entry in entries if entry.operation == "change"} == {
        "{'ethnicity': '苗族'}"
    }


def test_what_changes_nothing_and_what_only_counts_makes_no_entry(world: World) -> None:
    moved = Unit.objects.exclude(sort=0).count()
    with new_entries() as entries:
        Unit.objects.update(sort=0, pinyin="x")
        Unit.objects.update(sort=0, pinyin="y")
        get_user_model().objects.update(last_login="2026-01-01T00:00Z")
    assert [(entry.object_table, entry.after) for entry in entries] == [("bodies_unit", {"sort": 0})] * moved
    assert moved == 2


def test_permissions_are_a_kind_of_their_own(world: World) -> None:
    user = world.unit_user
    with new_entries() as entries:
        hat = Membership.objects.create(user=user, role=Role.STAFF, congress=world.congress)
        get_user_model().objects.filter(pk=user.pk).update(is_active=False)
        get_user_model().objects.filter(pk=user.pk).update(name="孙小丽")
        hat.delete()
    assert [(entry.kind, entry.operation, entry.object_table) for entry in entries] == [
        ("grant", "add", "accounts_membership"),
        ("grant", "change", "accounts_user"),
        ("change", "change", "accounts_user"),
        ("grant", "remove", "accounts_membership"),
    ]
    assert entries[0].after["role"] == "staff"
    assert (entries[1].before, entries[1].after) == ({"is_active": True}, {"is_active": False})


def test_a_statement_from_elsewhere_names_the_account_of_the_database(world: World) -> None:
    """Somebody with psql tells no context; on this connection the last transaction's is gone."""
    unit = world.education
    with acting(request_of(world.staff)):
        Unit.objects.filter(pk=unit.pk).update(sort=5)
    with new_entries() as entries, connection.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.audit', '', true)")
        cursor.execute("UPDATE bodies_unit SET sort = 6 WHERE id = %s", [unit.pk])
    connection.audit_told = ""
    (entry,) = entries
    assert entry.actor == f"数据库账号 {connection.settings_dict['USER']}"
    assert (entry.actor_id, entry.address) == (None, "")


def test_a_rollback_takes_back_what_was_told_but_not_for_long(world: World) -> None:
    """A savepoint's rollback undoes the setting: the next write must say again who acts."""
    unit = world.education
    with acting(request_of(world.staff)), new_entries() as entries:
        with transaction.atomic():
            Unit.objects.filter(pk=unit.pk).update(sort=11)
            transaction.set_rollback(True)
        Unit.objects.filter(pk=unit.pk).update(sort=12)
    assert [(entry.actor, entry.after) for entry in entries] == [("张志强（staff）", {"sort": 12})]


@pytest.mark.django_db(transaction=True)
def test_transactions_do_not_inherit_names() -> None:
    """Committed, rolled back, outside any transaction, and on a new connection: each write bears its own name."""
    from tests.factories import UnitFactory

    unit = UnitFactory()
    rows = Unit.objects.filter(pk=unit.pk)

    def move(sort: int, who: str) -> None:
        with acting(Context(task=who)):
            rows.update(sort=sort)

    with new_entries() as entries:
        with transaction.atomic():
            move(1, "in a transaction")
        move(2, "alone")
        move(3, "alone")
        with transaction.atomic():
            move(4, "rolled back")
            transaction.set_rollback(True)
        with transaction.atomic():
            list(rows)
            move(5, "after a read")
            move(6, "another in the same")
        connection.close()
        move(7, "after a reconnect")
        move(8, "after a reconnect")
    assert [(entry.task, entry.after["sort"]) for entry in entries] == [
        ("in a transaction", 1),
        ("alone", 2),
        ("alone", 3),
        ("after a read", 5),
        ("another in the same", 6),
        ("after a reconnect", 7),
        ("after a reconnect", 8),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('portal.audit', true)")
        assert cursor.fetchone() == ("",)


def test_nothing_is_said_for_reads_and_once_for_many_writes(world: World, django_assert_num_queries) -> None:
    assert world.staff.hat  # As any page has asked by then.
    with acting(request_of(world.staff)), django_assert_num_queries(3):
        list(Unit.objects.filter(pk=world.education.pk))
        Unit.objects.filter(pk=world.education.pk).update(sort=1)
        Unit.objects.filter(pk=world.education.pk).update(sort=2)


def test_a_page_that_saves_says_who_and_by_which_request(world: World, client: Client) -> None:
    client.force_login(world.staff)
    with new_entries() as entries:
        response = client.post(
            f"/admin/bodies/unit/{world.education.pk}/change/",
            {
                "congress": world.congress.pk,
                "name": "县教育局",
                "sort": "9",
                "is_active": "on",
                "contact_phone": "13812345678",
                "aliases-TOTAL_FORMS": "0",
                "aliases-INITIAL_FORMS": "0",
            },
        )
    assert response.status_code == 302, response.content.decode()
    (entry,) = [entry for entry in entries if entry.object_table == "bodies_unit"]
    assert (entry.actor_id, entry.hat, entry.address) == (world.staff.pk, "云溪县 代表工委", "127.0.0.1")
    assert (entry.method, entry.path) == ("POST", f"/admin/bodies/unit/{world.education.pk}/change/")
    assert len(entry.request_id) == 36
    assert entry.after == {"sort": 9, "contact_phone": Entry.HIDDEN}


def test_a_task_of_the_worker_bears_its_name(world: World) -> None:
    @shared_task(name="tests.audit.move")
    def move() -> None:
        Unit.objects.filter(pk=world.education.pk).update(sort=91)

    with new_entries() as entries:
        move.apply()
        Unit.objects.filter(pk=world.education.pk).update(sort=92)
        with acting(request_of(world.staff)):
            move.apply()
    assert [(entry.actor, entry.task == "tests.audit.move") for entry in entries] == [
        ("系统", True),
        ("系统", False),
        ("张志强（staff）", False),
    ]
