"""What people really upload: each form answers in a sentence and writes nothing."""

import io

import pytest

from bodies.models import Session, Unit, UnitAlias
from deputies.models import Delegation, DeputyGroup, Person, Seat
from proposals.models import Category, Proposal, Reply
from tests.forms.support import book, counts, errors, run, run_file, tables
from tests.real_data import write_csv
from workbooks.cleaners import Names, Text
from workbooks.columns import ImportRefused, get_form
from workbooks.reading import WorkbookError

pytestmark = pytest.mark.django_db

GOOD = {
    "units": {"单位名称": "县水利局", "排序": "3"},
    "deputies": {"姓名": "王芳", "性别": "女", "代表团": "城关代表团", "出生年月": "1970.05"},
    "proposals": {"标题": "关于增设校车的建议", "领衔代表": "李春梅", "提出日期": "2023-02-01"},
}
NAMED = {"units": "单位名称", "deputies": "姓名", "proposals": "标题"}
LIMIT = {"units": 100, "deputies": 100, "proposals": 200}
WRONG = {"units": {"排序": "三"}, "deputies": {"性别": "未知"}, "proposals": {"提出日期": "去年"}}

HELD_BY = {"units": [Unit], "deputies": [Person, Seat], "proposals": [Proposal]}
# Where a column's text is kept under another name, or in a table of its own. 公开属性 is read, not kept.
ELSEWHERE = {
    ("units", "aliases"): (UnitAlias, "alias"),
    ("units", "parent"): (Unit, "name"),
    ("deputies", "delegation"): (Delegation, "name"),
    ("deputies", "groups"): (DeputyGroup, "name"),
    ("proposals", "session"): (Session, "name"),
    ("proposals", "category"): (Category, "name"),
    ("proposals", "document_no"): (Reply, "document_no"),
    ("proposals", "disclosure"): (Proposal, "body"),
}

each_kind = pytest.mark.parametrize("kind", sorted(GOOD))


def names(kind):
    return {
        "units": Unit.objects.values_list("name", flat=True),
        "deputies": Person.objects.values_list("name", flat=True),
        "proposals": Proposal.objects.values_list("title", flat=True),
    }[kind]


@each_kind
def test_a_half_bad_file_writes_nothing_anywhere(world, kind):
    before = tables()
    rows = [GOOD[kind] | {NAMED[kind]: f"好的第{i}"} for i in range(20)]
    result = run(kind, *rows[:10], rows[10] | WRONG[kind], *rows[11:], congress=world.congress)
    column, value = next(iter(WRONG[kind].items()))
    assert [error.split("：")[0] for error in errors(result)] == [f"表 Sheet1 第 12 行 {column}「{value}」"]
    assert result.summary() == "共 1 处错误，没有导入任何数据"
    assert tables() == before
    assert counts(run(kind, *rows, congress=world.congress)) == "新增 20、更新 0、未变 0"
    assert tables() != before


@each_kind
def test_missing_columns_are_named(world, kind):
    before = tables()
    kept = dict(list(GOOD[kind].items())[:2])
    missing = [column.header for column in get_form(kind).columns if column.required and column.header not in kept]
    if not missing:
        kept, missing = {"排序": "3", "联系人": "王芳"}, ["单位名称"]
    assert errors(run(kind, kept, congress=world.congress)) == [f"表 Sheet1 缺少必填列：{'、'.join(missing)}"]
    assert tables() == before


@each_kind
@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 ...", b"\x89PNG\r\n", b"PK\x03\x04 broken", b"\x00" * 50, b"a,b\n1,2\n"]
)
def test_what_is_no_form_is_refused_in_words(world, kind, content):
    before = tables()
    with pytest.raises(WorkbookError, match=r"[一-鿿]"):
        run_file(kind, io.BytesIO(content), congress=world.congress)
    assert tables() == before


@each_kind
def test_ten_thousand_columns_are_too_many(world, kind):
    with pytest.raises(WorkbookError, match="最多 256 列"):
        run_file(kind, book(GOOD[kind] | {f"列{i}": "x" for i in range(10_000)}), congress=world.congress)


@each_kind
def test_only_a_header_is_no_data(world, kind):
    empty = dict.fromkeys(GOOD[kind], "")
    assert errors(run(kind, empty, congress=world.congress)) == ["表 Sheet1 表头下面没有数据"]


@each_kind
def test_a_column_that_stands_twice_is_an_error(world, kind):
    file = io.BytesIO(
        "\n".join([",".join([*GOOD[kind], NAMED[kind]]), ",".join([*GOOD[kind].values(), "另一个"])]).encode()
    )
    found = errors(run_file(kind, file, congress=world.congress))
    assert len(found) == 1
    assert "这一列出现了 2 次" in found[0]


@each_kind
def test_gbk_csv_is_read(world, kind, tmp_path):
    file = write_csv(tmp_path / "表.csv", [GOOD[kind]], encoding="gbk")
    assert counts(run_file(kind, file, congress=world.congress)) == "新增 1、更新 0、未变 0"
    assert GOOD[kind][NAMED[kind]] in names(kind)
    assert counts(run_file(kind, file, congress=world.congress)) == "新增 0、更新 0、未变 1"


@each_kind
@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://x","y")',
        "<script>alert(1)</script>",
        "𠮷𡈽𪚥",
        "'; DROP TABLE bodies_unit; --",
        "{{ 7*7 }}",
    ],
)
def test_text_is_kept_as_text(world, kind, text):
    row = GOOD[kind] | {NAMED[kind]: text}
    assert counts(run(kind, row, congress=world.congress)) == "新增 1、更新 0、未变 0"
    assert text in names(kind)
    assert counts(run(kind, row, congress=world.congress)) == "新增 0、更新 0、未变 1"


@each_kind
def test_a_name_of_500_characters_hears_the_limit(world, kind):
    before = tables()
    result = run(kind, GOOD[kind] | {NAMED[kind]: "长" * 500}, congress=world.congress)
    assert errors(result) == [f"表 Sheet1 第 2 行 {NAMED[kind]}「{'长' * 40}…」：有 500 个字，最多 {LIMIT[kind]} 个字"]
    assert tables() == before


@each_kind
def test_every_column_full_of_rubbish_is_an_error_or_kept_but_never_a_crash(world, kind):
    before = tables()
    for text in (
        "９" * 300,
        "\u202e\x07\ud7ff",
        "=" * 40,
        "1e999",
        "-0",
        "9999-99-99",
        "、、、",
        "（" * 50,
        "𠮷" * 120,
        "0" * 33,
    ):
        row = {column.header: text for column in get_form(kind).columns}
        result = run(kind, row, congress=world.congress)
        assert result.errors, text
    assert tables() == before


@each_kind
def test_unknown_columns_are_told_and_left_out(world, kind):
    result = run(kind, GOOD[kind] | {"星座": "双鱼"}, congress=world.congress)
    assert (counts(result), result.hints) == ("新增 1、更新 0、未变 0", ["提示 没有用到的列：星座"])


@each_kind
def test_no_column_accepts_more_than_its_table_holds(kind):
    checked = set()
    for column in get_form(kind).columns:
        held_by = ELSEWHERE.get((kind, column.attr)) or next(
            ((model, column.attr) for model in HELD_BY[kind] if column.attr in {f.name for f in model._meta.fields}),
            None,
        )
        limit = held_by and getattr(held_by[0]._meta.get_field(held_by[1]), "max_length", None)
        if limit and isinstance(column.clean, Text | Names):
            assert column.clean.max_length <= limit, column.header
            checked.add(column.attr)
    assert len(checked) >= {"units": 4, "deputies": 13, "proposals": 5}[kind], checked


def test_the_congress_must_be_known_and_open_to_the_user(world):
    form = get_form("units")
    with pytest.raises(ImportRefused, match="没有代码为「000」的人大"):
        form.make_context(congress_code="000")
    with pytest.raises(ImportRefused, match="系统中有多个人大，请指明代码：990100（云溪县）、"):
        form.make_context()
    with pytest.raises(ImportRefused, match="或您不能向它导入；可用的有：990100（云溪县）"):
        form.make_context(congress_code="990200", user=world.staff)
    assert form.make_context(user=world.staff).congress == world.congress
    assert form.congress_choices(world.staff) == [("990100", "云溪县")]
