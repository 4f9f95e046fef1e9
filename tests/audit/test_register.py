"""The register of the trail: the audit administrator reads, filters and exports it, and nobody else."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.context import Context, acting
from audit.models import Entry, Kind
from audit.services import record, seal_entries
from bodies.models import Unit
from tests import factories as make
from tests.audit.trail import new_entries, sql, tamper
from tests.world import World

LIST, EXPORT = "/admin/audit/entry/", "/admin/audit/entry/export/"


@pytest.fixture
def auditor(world: World) -> User:
    return make.UserFactory(username="auditor", name="何审计", administers="audit", is_staff=True)


@pytest.fixture
def client(auditor: User, client: Client) -> Client:
    client.force_login(auditor)
    return client


def rows_of(client: Client, query: str = "") -> list[tuple[str, ...]]:
    response = client.get(LIST + query)
    assert response.status_code == 200, query
    return (
        [tuple(cell.words for cell in line.cells) for line in response.context["lines"]]
        if "lines" in response.context
        else []
    )


def words(client: Client, query: str = "") -> str:
    response = client.get(LIST + query)
    assert response.status_code == 200, query
    return response.content.decode()


@pytest.mark.parametrize("who", ["staff", "leader", "deputy", "system", "security"])
def test_nobody_else_reads_it(world: World, who: str) -> None:
    user = getattr(world, who, None) or make.UserFactory(username=who, name=who, administers=who, is_staff=True)
    client = Client()
    client.force_login(user)
    record(kind=Kind.EXPORT, label="机密的表")
    key = Entry.objects.latest("pk").pk
    for address in (
        LIST,
        EXPORT,
        f"{LIST}print/",
        f"{LIST}{key}/change/",
        f"{LIST}{key}/history/",
        f"{LIST}{key}/delete/",
    ):
        response = client.get(address, follow=True)
        assert response.status_code in (403, 404), address
        assert "机密的表" not in response.content.decode()
    assert not Entry.objects.visible_to(user).exists()


def test_the_auditor_reads_and_changes_nothing(client: Client) -> None:
    record(kind=Kind.EXPORT, label="一份表")
    entry = Entry.objects.latest("pk")
    assert "一份表" in words(client)
    assert client.get("/admin/").status_code == 200
    assert f"{LIST}{entry.pk}/history/" not in words(client, f"{entry.pk}/change/")
    for address in (f"{LIST}add/", f"{LIST}{entry.pk}/delete/"):
        assert client.get(address).status_code == 403
    assert client.post(f"{LIST}{entry.pk}/change/", {"actor": "别人"}).status_code == 403
    for address in (
        "/admin/bodies/unit/",
        "/admin/accounts/user/",
        "/admin/deputies/person/",
        "/proposals/",
        "/reports/",
    ):
        assert client.get(address, follow=True).status_code in (403, 404), address


def test_filters_find_what_they_say(world: World, client: Client) -> None:
    tamper("TRUNCATE audit_entry, audit_seal")
    record(kind=Kind.LOG_IN, user=world.staff)
    record(kind=Kind.LOG_IN_FAILED, user=world.leader, success=False)
    record(kind=Kind.EXPORT, user=world.leader, label="建议议案目录", details={"rows": 3})
    Unit.objects.filter(pk=world.education.pk).update(sort=77)
    sql("INSERT INTO audit_entry (kind, at, object_label) VALUES ('export', '2026-01-31 15:59:59Z', '一月的')")
    sql("INSERT INTO audit_entry (kind, at, object_label) VALUES ('export', '2026-01-31 16:00Z', '二月的')")
    today = timezone.localdate()
    for query, expected in {
        "?kind__exact=log_in": ["张志强（staff）"],
        "?result=no": ["陈主任（leader）"],
        "?result=maybe": [],
        "?who=陈主": ["陈主任（leader）", "陈主任（leader）"],
        "?who=leader&kind__exact=export": ["陈主任（leader）"],
        "?who=nobody": [],
        f"?from={today}": ["系统", "陈主任（leader）", "陈主任（leader）", "张志强（staff）"],
        "?from=2026-02-01&until=2026-02-01": ["未登录"],
        "?until=2026-01-31": ["未登录"],
        "?from=2026-02-31": [],
        "?from=x": [],
        "?from=0001-01-01&until=9999-12-31": [],
        "?q=教育局": ["系统"],
        f"?q={world.education.pk}": ["系统"],
        "?q=目录": ["陈主任（leader）"],
        "?q=%00": ["系统", "陈主任（leader）", "陈主任（leader）", "张志强（staff）", "未登录", "未登录"],
    }.items():
        assert [line[1] for line in rows_of(client, query)] == expected, query
    assert [line[4:6] for line in rows_of(client, "?q=教育局")] == [
        ("修改承办单位", f"县教育局（编号 {world.education.pk}）")
    ]
    assert [line[5] for line in rows_of(client, "?q=目录")] == ["建议议案目录（3 条）"]
    assert "没有符合条件的审计记录" in words(client, "?who=nobody")
    assert client.get(LIST + "?actor=x").status_code == 400


def test_a_page_shows_field_by_field_what_changed(world: World, client: Client) -> None:
    with new_entries() as entries:
        Unit.objects.filter(pk=world.education.pk).update(
            name="县教育体育局", is_active=False, contact_phone="57461234567"
        )
    page = client.get(f"{LIST}{entries[0].pk}/change/").content.decode()
    for name, before, after in (
        ("单位名称", "县教育局", "县教育体育局"),
        ("在用", "是", "否"),
        ("联系电话", "—", "（有内容，审计不保存）"),
    ):
        assert f'<tr><th scope="row">{name}</th><td>{before}</td><td>{after}</td></tr>' in page
    assert "等待封存（每分钟一次）" in page
    seal_entries()
    page = client.get(f"{LIST}{entries[0].pk}/change/").content.decode()
    assert f"第 {entries[0].seal.number} 条，摘要 {entries[0].seal.digest}" in page


def test_choices_and_references_in_words(world: World, client: Client) -> None:
    with new_entries() as entries:
        hat = world.unit_user.memberships.get()
        hat.delete()
    page = client.get(f"{LIST}{entries[0].pk}/change/").content.decode()
    assert '<tr><th scope="row">角色</th><td>承办单位</td><td>—</td></tr>' in page
    assert f'<tr><th scope="row">人大</th><td>编号 {world.congress.pk}</td><td>—</td></tr>' in page
    assert "删除任职身份" in page


def test_the_export_is_what_the_filters_show_and_an_entry_itself(world: World, client: Client) -> None:
    for n in range(3):
        record(kind=Kind.UNMASK, user=world.staff, label=f"=电话{n}")
    record(kind=Kind.EXPORT, label="别的")
    with new_entries() as entries:
        response = client.get(EXPORT + "?kind__exact=unmask")
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert lines[0] == [
        "时间",
        "谁",
        "身份",
        "从哪里",
        "做了什么",
        "对象",
        "结果",
        "变动前后",
        "页面或任务",
        "记录编号",
    ]
    assert [(line[1], line[4], line[5], line[6]) for line in lines[1:]] == [
        ("张志强（staff）", "查看隐私", f"=电话{n}", "成功") for n in (2, 1, 0)
    ]
    assert [(e.kind, e.object_label, e.details, e.actor) for e in entries] == [
        ("export", "审计记录", {"rows": 3}, "何审计（auditor）")
    ]


def test_an_empty_trail_says_so(client: Client) -> None:
    tamper("TRUNCATE audit_entry, audit_seal")
    page = words(client)
    assert "还没有登记审计记录" in page
    assert "登录、越权被拒、数据变动、导出等，会自动记在这里。" in page


def test_long_trails_are_not_counted_to_their_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.admin.audit.LongList.most", 100)
    for n in range(120):
        record(kind=Kind.EXPORT, label=f"表{n}")
    assert "共 100 以上 条" in words(client, "?kind__exact=export")
    assert "共 20 条" not in words(client, "?kind__exact=export&p=3")


@pytest.mark.parametrize(
    "query", ["", "?who=staff", "?kind__exact=export&result=yes&from=2026-01-01&until=2100-01-01", "?q=表"]
)
def test_queries_are_as_many_for_3_entries_as_for_300(
    world: World, client: Client, query: str, django_assert_num_queries: Callable
) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            words(client, query)
        return len(queries)

    def fill(number: int) -> None:
        for n in range(number):
            record(kind=Kind.EXPORT, user=world.staff, label=f"表{n}")

    fill(3)
    few = count()
    fill(297)
    assert count() == few
    assert few == (7 if "who" in query else 6)


def test_details_are_in_words(client: Client) -> None:
    client.get("/proposals/987654/")
    entry = Entry.objects.latest("pk")
    page = client.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert "页面代号：proposals:case，答复代码：404" in page
    assert "越权被拒" in page
    assert "未成功" in page


def test_the_task_is_named(world: World, client: Client) -> None:
    with acting(Context(task="manage import_data")):
        Unit.objects.filter(pk=world.education.pk).update(sort=78)
    entry = Entry.objects.latest("pk")
    page = client.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert "manage import_data" in page
