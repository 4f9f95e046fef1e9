"""What a register shows: cells, totals, conditions, empty lists, paper."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import format_html

from accounts.registers import Cell, cell_of, number_of
from bodies.models import Congress, Level, Meeting, Term, Unit
from deputies.models import Seat
from duties.models import DutyRecord, DutyType
from proposals.models import Proposal
from tests import factories as make
from tests.admin.conftest import Registers, url
from tests.factories import at
from tests.world import World

HEADS = re.compile(r"<th scope=\"col\" class=\"column-(\S+) is-(\S+)\"")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, Cell("—", "none")),
        ("  ", Cell("—", "none")),
        (True, Cell("是", "short")),
        (False, Cell("否", "short")),
        (0, Cell("0", "number")),
        (Decimal("12.50"), Cell("12.5", "number")),
        (Decimal(100), Cell("100", "number")),
        (dt.date(2026, 3, 5), Cell("2026-03-05", "date")),
        (at(2026, 3, 5, 17), Cell("2026-03-05 17:00", "date")),
        ("县教育局", Cell("县教育局", "short")),
        ("一二三四五六七八九十一", Cell("一二三四五六七八九十一", "text")),
        ("12345678901234567890", Cell("12345678901234567890", "short")),
    ],
)
def test_cells(value: object, cell: Cell) -> None:
    assert cell_of(value) == cell


def test_cells_of_choices_and_of_links() -> None:
    assert cell_of(Level.COUNTY, Congress._meta.get_field("level")) == Cell("县", "short")
    link = cell_of(format_html('<a href="/x/">{}</a>', "甲&乙"))
    assert (link.kind, link.shown, link.words) == ("short", '<a href="/x/">甲&amp;乙</a>', "甲&amp;乙")
    assert number_of(None) == "0"


def test_numbers_and_dates_stand_in_their_columns(registers: Registers) -> None:
    page = registers.client("staff").get(url(DutyRecord, "changelist")).content.decode()
    kinds = dict(HEADS.findall(page))
    assert (kinds["done_on"], kinds["quantity"], kinds["suggestions"]) == ("date", "number", "number")
    assert ">2026-03-05<" in page
    assert "年3月" not in page


def test_rows_open_and_long_titles_say_themselves_in_full(registers: Registers) -> None:
    row = registers.own[Proposal]
    title = "关于" + "加快推进农村饮用水水源地保护" * 6 + "的建议"
    Proposal.objects.filter(pk=row.pk).update(title=title)
    page = registers.client("staff").get(url(Proposal, "changelist") + "?status__exact=open").content.decode()
    address = f"{url(Proposal, 'change', row.pk)}?_changelist_filters=status__exact%3Dopen"
    assert f'<tr data-href="{address}">' in page
    assert f'<a class="clamp" href="{address}" title="{title}">{title}</a>' in page


def records(world: World, *numbers: int) -> None:
    kind = DutyType.objects.create(congress=world.congress, name="调研")
    for place, number in enumerate(numbers):
        DutyRecord.objects.create(
            congress=world.congress, seat=world.seat if place % 2 else world.other_seat, done_on=dt.date(2025, 1, 1),
            type=kind, topic=f"调研{place}", suggestions=number, recorded_at=at(2025, 1, 2),
        )  # fmt: skip


def test_totals_are_those_of_the_filtered_list_on_all_its_pages(registers: Registers, world: World) -> None:
    records(world, *range(120))
    # A deputy in two groups is found by a filter that joins them; no line counts twice.
    for name in ("一组", "二组"):
        make.DeputyGroupFactory(term=world.term, name=name).members.create(seat=world.seat)
    client = registers.client("staff")

    def totals(query: str) -> dict[str, str]:
        return dict(client.get(f"{url(DutyRecord, 'changelist')}?{query}").context["cl"].totals)

    every = DutyRecord.objects.filter(congress=world.congress)
    assert totals("")["履职记录"] == str(every.count())
    assert totals("")["提出建议数"] == str(sum(every.values_list("suggestions", flat=True)))
    of_2025 = {"履职记录": "120", "参加代表": "2", "提出建议数": str(sum(range(120)))}
    assert totals("year=2025") == totals("year=2025&p=2") == of_2025
    assert totals(f"year=2025&q={world.seat.person.name}")["提出建议数"] == str(sum(range(1, 120, 2)))
    assert totals("year=2025&q=没有这个词") == {}
    page = client.get(f"{url(DutyRecord, 'changelist')}?year=2025").content.decode()
    assert f"提出建议数 <strong>{sum(range(120))}</strong>" in page


def test_totals_take_one_query(registers: Registers) -> None:
    client, register = registers.client("staff"), admin.site.get_model_admin(DutyRecord)
    taken = []
    for totals in (register.totals, ()):
        register.totals, stock = totals, register.totals
        try:
            with CaptureQueriesContext(connection) as queries:
                client.get(url(DutyRecord, "changelist"))
        finally:
            register.totals = stock
        taken.append(len(queries))
    assert taken[0] == taken[1] + 1


def test_chips_say_what_is_on_and_clear_it(registers: Registers, world: World) -> None:
    client = registers.client("staff")
    make.UnitFactory(congress=world.congress, name="县旧局", is_active=False)
    response = client.get(f"{url(Unit, 'changelist')}?is_active__exact=0&q=旧&o=1")
    cl, page = response.context["cl"], response.content.decode()
    assert [(row["label"], row["value"]) for row in cl.conditions] == [("查找", "旧"), ("在用", "否")]
    assert cl.conditions[0]["url"] == "?is_active__exact=0&o=1"
    assert cl.conditions[1]["url"] == "?o=1&q=%E6%97%A7"
    assert cl.cleared == "?o=1"
    assert "<summary>在用：<strong>否</strong></summary>" in page
    assert '<a class="pick__clear" href="?o=1&amp;q=%E6%97%A7"' in page
    assert "县旧局" in page
    assert "1 个" in page
    plain = client.get(url(Unit, "changelist"))
    assert plain.context["cl"].conditions == []
    assert "<summary>在用</summary>" in plain.content.decode()
    assert "pick__clear" not in plain.content.decode()


def test_empty_lists_say_what_to_do_next(registers: Registers, world: World) -> None:
    Unit.objects.filter(pk=registers.foreign[Unit].pk).delete()
    client, nobody_yet = registers.client("staff"), registers.own[Meeting]
    page = client.get(f"{url(Unit, 'changelist')}?q=没有这个词&is_active__exact=1").content.decode()
    assert "没有符合条件的承办单位" in page
    assert "查找：没有这个词；在用：是" in page
    assert '<a class="button" href="?">清除全部条件</a>' in page
    type(registers.own[DutyRecord]).objects.filter(pk=registers.own[DutyRecord].pk).delete()
    DutyRecord.objects.filter(congress=world.congress).delete()
    page = client.get(url(DutyRecord, "changelist")).content.decode()
    assert "还没有登记履职记录" in page
    assert f'href="{url(DutyRecord, "import")}">导入表格</a>' in page
    assert f'href="{url(DutyRecord, "add")}">增加一条</a>' in page
    leader = registers.client("leader").get(url(DutyRecord, "changelist")).content.decode()
    assert "登记以后，会出现在这里。" in leader
    assert "导入表格" not in leader
    assert nobody_yet.pk


def test_print_page_holds_all_that_the_filters_find(registers: Registers, world: World) -> None:
    records(world, *range(60))
    client = registers.client("staff")
    listed = client.get(f"{url(DutyRecord, 'changelist')}?year=2025&p=2")
    assert f'href="{url(DutyRecord, "print")}?year=2025&amp;p=2">打印</a>' in listed.content.decode()
    response = client.get(f"{url(DutyRecord, 'print')}?year=2025&p=2")
    page = response.content.decode()
    assert page.count("<tr>") == 61
    assert "<h1>履职记录</h1>" in page
    assert "共 60 条" in page
    assert "年份：2025年" in page
    assert f"<span>{world.congress}</span>" in page
    assert f"提出建议数 {sum(range(60))}" in page
    assert f'href="{url(DutyRecord, "changelist")}?year=2025"' in page
    assert "石桥" not in client.get(url(DutyRecord, "print")).content.decode()


def test_print_page_says_where_it_ends(registers: Registers, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    records(world, 1, 2, 3)
    monkeypatch.setattr("accounts.registers.PRINTED_ROWS", 2)
    page = registers.client("staff").get(f"{url(DutyRecord, 'print')}?year=2025").content.decode()
    assert page.count("<tr>") == 3
    assert "这里只列出前 2 条" in page
    assert "共 3 条" in page


def test_print_page_keeps_the_rights_of_the_list(registers: Registers) -> None:
    administrator = registers.client("administrator")
    assert administrator.get(url(Seat, "print")).status_code == 403
    assert registers.client("leader").get(url(Seat, "print")).status_code == 200
    client = registers.client("staff")
    assert client.get(url(Seat, "print") + "?person__phone__startswith=1").status_code == 400
    response = client.get(url(Unit, "print") + "?is_active__exact=maybe")
    assert (response.status_code, response["Location"]) == (302, url(Unit, "changelist") + "?e=1")
    page = client.get(url(Proposal, "print")).content.decode()
    assert "打开办件" not in page


def test_forms_show_dates_as_lists_do(registers: Registers, world: World) -> None:
    page = registers.client("staff").get(url(Term, "change", world.term.pk)).content.decode()
    assert 'name="starts_on" value="2022-01-01"' in page
    page = registers.client("leader").get(url(Meeting, "change", registers.own[Meeting].pk)).content.decode()
    assert '<div class="readonly">2026-03-05</div>' in page
