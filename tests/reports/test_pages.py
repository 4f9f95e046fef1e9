"""总览 and the pages behind its numbers, through the browser's door."""

import re
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from reports.definitions import FIGURES
from tests.reports.year_of_county import write_year
from tests.world import World

STAT = re.compile(
    r'<a class="stat" href="([^"]+)">\s*<span class="stat__label">([^<]+)</span>\s*<span class="stat__value">([^<]+)<'
)
TOTAL = re.compile(r'<span class="total">\s*([^< ]+)')
ALL_ROWS = re.compile(r"共 (\d+) 条")


def as_(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def numbers(client: Client, year: int = 2025) -> dict[str, tuple[str, str]]:
    """Return value and link of every figure on the page by its name."""
    html = client.get(f"/reports/{year}/").content.decode()
    return {name: (value, url) for url, name, value in STAT.findall(html)}


def test_page_and_sheet_show_the_same_numbers(world: World) -> None:
    write_year(world)
    client = as_(world.staff)
    shown = {name: float(value) for name, (value, _) in numbers(client).items()}
    file = b"".join(client.get("/reports/2025/annual.xlsx").streaming_content)
    sheet = openpyxl.load_workbook(BytesIO(file))["总览"]
    assert shown == {row[0]: row[1] for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert len(shown) == len(FIGURES)


@pytest.mark.parametrize("who", ["staff", "leader", "gov_office"])
def test_following_each_number_opens_that_many_rows(world: World, who: str) -> None:
    write_year(world)
    client = as_(getattr(world, who))
    found = numbers(client)
    assert len(found) == len(FIGURES)
    for name, (value, url) in found.items():
        html = client.get(url).content.decode()
        assert TOTAL.search(html)[1] == value, name
        if name != "解决率":
            assert (ALL_ROWS.search(html)[1], html.count("<tr>")) == (value, 1 + int(value)), name


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
    paths = ["", "2025/", "2025/proposals/", "annual/", "2025/annual.xlsx"]
    assert [client.get(f"/reports/{path}").status_code for path in paths] == [404] * 5


def test_government_office_gets_no_workbook(world: World) -> None:
    client = as_(world.gov_office)
    assert [client.get(f"/reports/{path}").status_code for path in ("annual/", "2025/annual.xlsx")] == [404, 404]
    assert "年度报表" not in client.get("/reports/2025/").content.decode()


def test_nobody_gets_in_without_logging_in(db: None) -> None:
    for path in ("", "2025/", "2025/proposals/", "annual/", "2025/annual.xlsx"):
        response = Client().get(f"/reports/{path}")
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize(
    "path", ["2035/", "0/", "99999999999/", "2025/nonsense/", "2035/proposals/", "2035/annual.xlsx"]
)
def test_unknown_year_or_figure_is_not_found(world: World, path: str) -> None:
    assert as_(world.staff).get(f"/reports/{path}").status_code == 404


def test_choosing_a_year_leads_to_its_page_and_nonsense_to_the_latest(world: World) -> None:
    client = as_(world.staff)
    response = client.get("/reports/?year=2024")
    assert (response.status_code, response["Location"]) == (302, "/reports/2024/")
    this_year = f"<h1>{timezone.localdate().year}年总览</h1>"
    for query in ("", "?year=", "?year=abc", "?year=1066", "?year=%00"):
        assert this_year in client.get(f"/reports/{query}").content.decode()


def test_odd_page_numbers_and_parts_are_forgiven(world: World) -> None:
    write_year(world)
    client = as_(world.staff)
    for query in ("?page=0", "?page=x", "?page=99999999999999999999", "?part=%00"):
        assert client.get(f"/reports/2025/solved-rate/{query}").status_code == 200


def test_county_without_a_term_is_told_what_is_missing(world: World) -> None:
    client = as_(world.stranger)
    assert "还没有可以统计的数据" in client.get("/reports/").content.decode()
    assert "请先登记本级人大的届次和起止日期" in client.get("/reports/annual/").content.decode()


def test_workbook_is_offered_under_its_chinese_name(world: World) -> None:
    client = as_(world.leader)
    assert 'href="/reports/2025/annual.xlsx"' in client.get("/reports/annual/").content.decode()
    response = client.get("/reports/2025/annual.xlsx")
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E4%BA%91%E6%BA%AA%E5%8E%BF2025%E5%B9%B4%E5%BA%A6%E6%8A%A5%E8%A1%A8.xlsx"
    )
    assert b"".join(response.streaming_content)[:2] == b"PK"


def test_page_of_a_figure_that_is_nothing_says_so(world: World) -> None:
    html = as_(world.staff).get("/reports/2025/bills/").content.decode()
    assert TOTAL.search(html)[1] == "0"
    assert ("<tr>" in html, "这个数字是 0" in html) == (False, True)
