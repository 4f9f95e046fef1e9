"""总览 and the pages behind its numbers, through the browser's door."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from reports.definitions import FIGURES
from tests.reports.test_figures import EXPECTED, OF_THE_OFFICE_ALONE
from tests.reports.year_of_county import write_year
from tests.world import World
from training.models import TrainingClass

FIGURE = re.compile(
    r'<a class="figure" href="([^"]+)">\s*<span class="figure__label">([^<]+)</span>\s*<span class="figure__value">([^<]+)<'
)
TOTAL = re.compile(r'<span class="total">\s*([^< ]+)')
ALL_ROWS = re.compile(r"共 (\d+) 条")
ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r'<td data-label="([^"]+)"[^>]*>(.*?)</td>', re.DOTALL)
NEXT = re.compile(r'<a rel="next" href="([^"]+)"')


def as_(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def numbers(client: Client, path: str = "2025/") -> dict[str, tuple[str, str]]:
    """Return value and link of every figure on the page by its name."""
    html = client.get(f"/reports/{path}").content.decode()
    return {name: (value, url) for url, name, value in FIGURE.findall(html)}


def rows_behind(client: Client, url: str) -> list[dict[str, str]]:
    """Return the cells of every row that a list shows on all its pages, by their labels."""
    found = []
    while url:
        html = client.get(url).content.decode()
        assert html.count("<tbody>") <= 1
        body = html.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in html else ""
        found += [dict(CELL.findall(row)) for row in ROW.findall(body)]
        more = NEXT.search(html)
        url = url.split("?", maxsplit=1)[0] + more[1].replace("&amp;", "&") if more else ""
    return found


@pytest.mark.parametrize("who", ["staff", "leader", "gov_office"])
def test_page_shows_each_role_the_figures_whose_rows_it_may_open(world: World, who: str) -> None:
    write_year(world)
    client = as_(getattr(world, who))
    found = numbers(client)
    assert set(found) == set(EXPECTED) - (OF_THE_OFFICE_ALONE if who == "gov_office" else set())
    for figure in FIGURES:
        status = client.get(f"/reports/2025/{figure.code}/").status_code
        assert status == (200 if figure.name in found else 404), figure.name
    for name, (value, url) in found.items():
        if name in ("代表总数", "建议总数"):
            assert str(len(rows_behind(client, url))) == value


def test_sum_over_several_pages_has_its_total_on_the_last(world: World) -> None:
    for number in range(1, 61):
        TrainingClass.objects.create(
            congress=world.congress,
            name=f"第{number}班",
            kind="topic",
            starts_on=dt.date(2025, 3, 1),
            attended=number,
        )
    client = as_(world.staff)
    rows = rows_behind(client, "/reports/2025/trainees/")
    assert (len(rows), sum(int(row["实到人次"]) for row in rows)) == (60, 1830)
    first, last = (client.get(f"/reports/2025/trainees/?page={page}").content.decode() for page in (1, 2))
    assert ("<tfoot>" in first, "<tfoot>" in last) == (False, True)
    assert '<td class="num">1830</td>' in last
    assert TOTAL.search(first)[1] == TOTAL.search(last)[1] == "1830"


def test_body_below_shows_its_deputies_and_keeps_its_name_in_the_links(world: World) -> None:
    write_year(world)
    client = as_(world.staff)
    response = client.get("/reports/?year=2025&congress=990100101")
    assert (response.status_code, response["Location"]) == (302, "/reports/2025/?congress=990100101")
    html = client.get(response["Location"]).content.decode()
    assert ("城关镇2025年总览" in html, "其他登记由城关镇自己管理" in html) == (True, True)
    found = numbers(client, "2025/?congress=990100101")
    assert set(found) == {"代表总数", "本级代表数", "女代表数", "少数民族代表数", "代表小组数"}
    assert found["代表总数"] == ("2", "/reports/2025/deputies/?congress=990100101")
    assert [len(rows_behind(client, url)) for _, url in found.values()] == [2, 2, 1, 1, 0]
    assert client.get("/reports/2025/trainings/?congress=990100101").status_code == 404
    assert client.get("/reports/2025/sheets/structure/?congress=990100101").status_code == 200
    assert client.get("/reports/2025/sheets/by-unit/?congress=990100101").status_code == 404


@pytest.mark.parametrize("code", ["990200", "1", "%00", "云溪县"])
def test_body_of_somebody_else_is_not_found(world: World, code: str) -> None:
    client = as_(world.staff)
    for path in ("", "2025/", "2025/deputies/", "2025/sheets/structure/"):
        assert client.get(f"/reports/{path}?congress={code}").status_code == 404
    assert as_(world.gov_office).get("/reports/2025/?congress=990100101").status_code == 404
    assert as_(world.gov_office).get("/reports/2025/?congress=990100").status_code == 200


def test_sheets_behind_the_charts_show_what_the_workbook_says(world: World) -> None:
    write_year(world)
    client = as_(world.staff)
    page = client.get("/reports/2025/").content.decode()
    assert 'href="/reports/2025/sheets/by-unit/"' in page
    html = client.get("/reports/2025/sheets/by-unit/").content.decode()
    assert '<th scope="row">县教育局</th>' in html
    assert re.findall(r'<td class="num">(\d+)</td>', html.split("<tfoot>")[1])[:3] == ["10", "1", "8"]
    assert client.get("/reports/2025/sheets/structure/").content.decode().count("<td>小计</td>") == 8
    assert client.get("/reports/2025/sheets/by-category/").status_code == 200
    assert client.get("/reports/2025/sheets/roster/").status_code == 404


def test_charts_draw_what_the_figures_say(world: World) -> None:
    write_year(world)
    page = as_(world.staff).get("/reports/2025/").content.decode()
    assert re.findall(r'<rect class="bar" width="([\d.]+)%"', page)[:3] == ["100.0", "75.0", "75.0"]
    assert ("任免各事项的人次" in page, "满意 2 件，基本满意 1 件，不满意 1 件" in page) == (True, True)
    assert ("style=" in page, "<script>" in page) == (False, False)
    empty = as_(world.staff).get("/reports/2024/").content.decode()
    assert "任免各事项的人次" in empty
    assert "rect" not in as_(world.staff).get("/reports/2023/").content.decode()


def test_rate_opens_numerator_and_denominator(world: World) -> None:
    write_year(world)
    client = as_(world.staff)
    above = client.get("/reports/2025/solved-rate/").content.decode()
    below = client.get("/reports/2025/solved-rate/?part=denominator").content.decode()
    assert (ALL_ROWS.search(above)[1], ALL_ROWS.search(below)[1]) == ("2", "6")
    assert ("分子：已经解决或正在解决数" in above, "分母：已答复数" in above) == (True, True)
    assert TOTAL.search(above)[1] == TOTAL.search(below)[1] == "33.3"


def test_rows_of_another_county_do_not_leak(world: World) -> None:
    write_year(world)
    html = as_(world.staff).get("/reports/2025/proposals/").content.decode()
    assert ("=1+1" in html, "foreign" in html, "draft" in html) == (True, False, False)
    foreign = as_(world.stranger).get("/reports/2025/proposals/").content.decode()
    assert ("foreign" in foreign, "=1+1" in foreign) == (True, False)


@pytest.mark.parametrize("who", ["deputy", "unit_user", "township_user"])
def test_others_find_nothing(world: World, who: str) -> None:
    write_year(world)
    client = as_(getattr(world, who))
    paths = ["", "2025/", "2025/proposals/", "2025/sheets/by-unit/", "annual/", "annual/runs/", "annual/1/file.xlsx"]
    assert [client.get(f"/reports/{path}").status_code for path in paths] == [404] * 7


def test_government_office_gets_no_workbook(world: World) -> None:
    client = as_(world.gov_office)
    assert [client.get(f"/reports/{path}").status_code for path in ("annual/", "annual/runs/")] == [404, 404]
    assert [client.post(f"/reports/{path}").status_code for path in ("annual/ask/", "annual/1/cancel/")] == [404, 404]
    assert "年度报表" not in client.get("/reports/2025/").content.decode()


def test_nobody_gets_in_without_logging_in(db: None) -> None:
    for path in ("", "2025/", "2025/proposals/", "2025/sheets/structure/", "annual/", "annual/1/file.xlsx"):
        response = Client().get(f"/reports/{path}")
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize(
    "path", ["2035/", "0/", "99999999999/", "2025/nonsense/", "2035/proposals/", "2035/sheets/structure/"]
)
def test_unknown_year_or_figure_is_not_found(world: World, path: str) -> None:
    assert as_(world.staff).get(f"/reports/{path}").status_code == 404


def test_choosing_a_year_leads_to_its_page_and_nonsense_to_the_latest(world: World) -> None:
    client = as_(world.staff)
    response = client.get("/reports/?year=2024")
    assert (response.status_code, response["Location"]) == (302, "/reports/2024/")
    this_year = f"<h1>云溪县{timezone.localdate().year}年总览</h1>"
    for query in ("", "?year=", "?year=abc", "?year=1066", "?year=%00"):
        assert this_year in client.get(f"/reports/{query}").content.decode()
    assert this_year in client.get("/reports/2025/?year=1066").content.decode()


def test_odd_page_numbers_and_parts_are_forgiven(world: World) -> None:
    write_year(world)
    client = as_(world.staff)
    for query in ("?page=0", "?page=x", "?page=99999999999999999999", "?part=%00"):
        assert client.get(f"/reports/2025/solved-rate/{query}").status_code == 200


def test_county_without_a_term_is_told_what_is_missing(world: World) -> None:
    client = as_(world.stranger)
    assert "还没有可以统计的数据" in client.get("/reports/").content.decode()
    assert "请先登记本级人大的届次和起止日期" in client.get("/reports/annual/").content.decode()


def test_page_of_a_figure_that_is_nothing_says_so(world: World) -> None:
    html = as_(world.staff).get("/reports/2025/bills/").content.decode()
    assert TOTAL.search(html)[1] == "0"
    assert ("<tr>" in html, "这个数字是 0" in html) == (False, True)


def test_composition_of_the_judgements_is_made_of_the_three_grades(world: World) -> None:
    write_year(world)
    shown = as_(world.staff).get("/reports/2025/").context["composition"]
    assert [(part["label"], part["value"], str(part["share"])) for part in shown["parts"]] == [
        ("满意", 2, "50.0"), ("基本满意", 1, "25.0"), ("不满意", 1, "25.0"),
    ]  # fmt: skip
    assert shown["note"] == "占已作出评价的4件的比例；没有评价的不在内。"
