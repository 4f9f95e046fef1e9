import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bodies.lookup import UnitBook
from bodies.models import Unit, UnitAlias
from tests import factories as make
from tests.forms.support import counts, errors, exported, run, run_file, tables

pytestmark = pytest.mark.django_db


@pytest.fixture
def congress():
    return make.TermFactory().congress


def test_a_full_row_is_kept_as_it_is_read(congress):
    row = {
        "单位名称": "县教育局", "别名": "教育局、教体局、县教育局", "分组": "政府部门", "上级单位": "县政府",
        "联系人": "王芳", "联系电话": "０５５１－１２３４５６７８", "排序": "100",
    }  # fmt: skip
    assert counts(run("units", row, {"单位名称": "县政府"}, congress=congress)) == "新增 2、更新 0、未变 0"
    unit = Unit.objects.get(name="县教育局")
    assert (unit.system, unit.parent.name, unit.contact_name, unit.contact_phone, unit.sort) == (
        "政府部门", "县政府", "王芳", "0551-12345678", 100,
    )  # fmt: skip
    assert (unit.pinyin, unit.initials) == ("xian4 jiao4 yu4 ju2", "xjyj")
    assert sorted(alias.alias for alias in unit.aliases.all()) == ["教体局", "教育局"]
    assert counts(run("units", row, {"单位名称": "县政府"}, congress=congress)) == "新增 0、更新 0、未变 2"


def test_the_phone_is_not_readable_in_the_table(congress):
    run("units", {"单位名称": "县教育局", "联系电话": "13812345678"}, congress=congress)
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact_phone FROM bodies_unit")
        stored = cursor.fetchone()[0]
    assert "138" not in stored
    assert len(stored) > 60


def test_an_empty_cell_leaves_what_is_there_and_aliases_only_grow(congress):
    run("units", {"单位名称": "县教育局", "简称": "教育局", "联系人": "王芳", "排序": "5"}, congress=congress)
    again = {"单位名称": "县教育局", "简称": "教体局", "联系人": "无", "排序": ""}
    assert counts(run("units", again, congress=congress)) == "新增 0、更新 1、未变 0"
    unit = Unit.objects.get()
    assert (unit.contact_name, unit.sort) == ("王芳", 5)
    assert set(unit.aliases.values_list("alias", flat=True)) == {"教育局", "教体局"}


def test_a_unit_under_a_name_with_a_separator_is_one_unit(congress):
    run("units", {"单位名称": "市委统战部（侨办、台办）", "简称": "统战部，侨办"}, congress=congress)
    book = UnitBook(congress)
    unit = Unit.objects.get()
    assert unit.name == "市委统战部（侨办、台办）"
    assert [book.find(name) for name in ("市委统战部（侨办、台办）", "统战部", "侨办", "台办")] == [
        unit,
        unit,
        unit,
        None,
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [{"单位名称": "县委办", "简称": "县府办"}, {"单位名称": "县府办"}],
            ["表 Sheet1 第 2 行 简称「县府办」：「县府办」是另一个单位的名称，不能再作简称"],
        ),
        (
            [{"单位名称": "县委办", "简称": "两办"}, {"单位名称": "县府办", "简称": "两办"}],
            ["表 Sheet1 第 3 行 简称「两办」：「两办」已经是「县委办」的简称"],
        ),
        (
            [{"单位名称": "县委办", "简称": "老局"}],
            ["表 Sheet1 第 2 行 简称「老局」：「老局」已经是「老单位」的简称"],
        ),
        ([{"单位名称": "老局"}], ["表 Sheet1 第 2 行 单位名称「老局」：已经是「老单位」的简称，请改用单位名称"]),
        (
            [{"单位名称": "县委办", "上级单位": "老单"}],
            ["表 Sheet1 第 2 行 上级单位「老单」：不认识这个单位：是不是 老单位？"],
        ),
        (
            [{"单位名称": "县委办", "上级单位": "县委办"}],
            ["表 Sheet1 第 2 行 上级单位「县委办」：上级单位不能是本单位"],
        ),
        (
            [{"单位名称": "甲局", "上级单位": "乙局"}, {"单位名称": "乙局", "上级单位": "甲局"}],
            [
                "表 Sheet1 第 2 行 上级单位「乙局」：单位之间互为上级，请核对",
                "表 Sheet1 第 3 行 上级单位「甲局」：单位之间互为上级，请核对",
            ],
        ),
        (
            [{"单位名称": "甲局", "排序": "先"}, {"单位名称": "甲局", "联系电话": "没有电话"}],
            [
                "表 Sheet1 第 2 行 排序「先」：应为整数",
                "表 Sheet1 第 3 行 单位名称「甲局」：与单元格 A2 重复，同一张表里只能出现一次",
                "表 Sheet1 第 3 行 联系电话「没有电话」：不是电话号码，例如 13800000000 或 0551-12345678",
            ],
        ),
    ],
)
def test_contradictions_are_named_by_their_cell_and_nothing_is_written(congress, rows, expected):
    run("units", {"单位名称": "老单位", "简称": "老局"}, congress=congress)
    before = tables()
    assert errors(run("units", *rows, {"单位名称": "好单位"}, congress=congress)) == expected
    assert tables() == before


def test_the_superior_may_be_named_by_an_alias_and_may_change(congress):
    run("units", {"单位名称": "县政府", "简称": "政府"}, {"单位名称": "县委"}, congress=congress)
    run("units", {"单位名称": "县教育局", "上级单位": "政府"}, congress=congress)
    assert Unit.objects.get(name="县教育局").parent.name == "县政府"
    assert (
        counts(run("units", {"单位名称": "县教育局", "上级单位": "县委"}, congress=congress))
        == "新增 0、更新 1、未变 0"
    )
    assert Unit.objects.get(name="县教育局").parent.name == "县委"
    cycle = run("units", {"单位名称": "县委", "上级单位": "县教育局"}, congress=congress)
    assert errors(cycle) == ["表 Sheet1 第 2 行 上级单位「县教育局」：单位之间互为上级，请核对"]


def test_units_of_another_congress_are_others(congress):
    elsewhere = make.CongressFactory()
    run("units", {"单位名称": "教育局", "简称": "教局"}, congress=elsewhere)
    assert counts(run("units", {"单位名称": "教育局", "简称": "教局"}, congress=congress)) == "新增 1、更新 0、未变 0"
    assert UnitAlias.objects.count() == 2


def test_an_unknown_unit_comes_with_the_nearest_known_ones(congress):
    run("units", *({"单位名称": name} for name in ("市委农办", "市农业局", "市水利局", "市教育局")), congress=congress)
    assert UnitBook(congress).unknown_message(["市农办", "Ｘ"]) == (
        "不认识单位「市农办」：是不是 市委农办、市农业局？；不认识单位「Ｘ」"
    )


def test_the_export_comes_back_unchanged(congress):
    run(
        "units",
        {"单位名称": "县政府", "简称": "政府、府", "联系电话": "13812345678、0551-12345678", "排序": "-3"},
        {"单位名称": "=1+1", "上级单位": "县政府", "系统": "<script>alert(1)</script>"},
        congress=congress,
    )
    file = exported("units", Unit.objects.filter(congress=congress))
    assert counts(run_file("units", file, congress=congress)) == "新增 0、更新 0、未变 2"


def test_the_queries_do_not_grow_with_the_file(congress):
    def rows(size):
        return [{"单位名称": f"第{i}局", "简称": f"{i}局", "上级单位": "第0局" if i else ""} for i in range(size)]

    def queries(size):
        with CaptureQueriesContext(connection) as captured:
            run("units", *rows(size), congress=make.CongressFactory())
        return len(captured)

    assert queries(3) == queries(300)
