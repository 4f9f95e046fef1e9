"""What people really upload: each form answers in a sentence and writes nothing."""

import io

import pytest

from bodies.models import Meeting, Session, Township, Unit, UnitAlias
from deputies.models import Delegation, DeputyGroup, Person, Seat
from duties.models import DutyType
from liaison_stations.models import OpinionItem, Reception
from proposals.models import Category, Proposal, Reply
from tests.forms.samples import SAMPLES, each_kind
from tests.forms.support import book, counts, errors, run, run_file, tables
from workbooks.cleaners import Names, Text
from workbooks.columns import ImportRefused, get_form
from workbooks.reading import WorkbookError

pytestmark = pytest.mark.django_db

HELD_BY = {"deputies": [Person, Seat], "receptions": [Reception, OpinionItem]}
# Where a column's text is kept under another name, or in a table of its own. 公开属性 is read, not kept.
ELSEWHERE = {
    ("appointments", "meeting"): (Meeting, "name"),
    ("duty_records", "type"): (DutyType, "name"),
    ("stations", "township"): (Township, "name"),
    ("units", "aliases"): (UnitAlias, "alias"),
    ("units", "parent"): (Unit, "name"),
    ("deputies", "delegation"): (Delegation, "name"),
    ("deputies", "groups"): (DeputyGroup, "name"),
    ("proposals", "session"): (Session, "name"),
    ("proposals", "category"): (Category, "name"),
    ("proposals", "document_no"): (Reply, "document_no"),
    ("proposals", "disclosure"): (Proposal, "body"),
}
CHECKED = {
    "appointments": 4, "deputies": 13, "duty_records": 3, "proposals": 5, "receptions": 2, "stations": 6,
    "trainings": 4, "units": 4,
}  # fmt: skip


@each_kind
def test_a_half_bad_file_writes_nothing_anywhere(stocked, kind):
    before = tables()
    rows = SAMPLES[kind].rows(20)
    column, value = SAMPLES[kind].wrong
    result = run(kind, *rows[:10], rows[10] | {column: value}, *rows[11:], congress=stocked.congress)
    assert [error.split("：")[0] for error in errors(result)] == [f"表 Sheet1 第 12 行 {column}「{value}」"]
    assert result.summary() == "共 1 处错误，没有导入任何数据"
    assert tables() == before
    assert counts(run(kind, *rows, congress=stocked.congress)) == "新增 20、更新 0、未变 0"
    assert tables() != before


@each_kind
def test_missing_columns_are_named(stocked, kind):
    before = tables()
    required = [column.header for column in get_form(kind).columns if column.required]
    kept = dict.fromkeys([column.header for column in get_form(kind).columns if not column.required][:2], "1")
    kept |= dict.fromkeys(required[:-1], "1")
    assert errors(run(kind, kept, congress=stocked.congress)) == [f"表 Sheet1 缺少必填列：{required[-1]}"]
    assert tables() == before


@each_kind
def test_what_is_no_form_is_refused_in_words(stocked, kind):
    before = tables()
    for content in b"", b"%PDF-1.7 ...", b"\x89PNG\r\n", b"PK\x03\x04 broken", b"\x00" * 50, b"a,b\n1,2\n":
        with pytest.raises(WorkbookError, match=r"[一-鿿]"):
            run_file(kind, io.BytesIO(content), congress=stocked.congress)
    assert tables() == before


@each_kind
def test_ten_thousand_columns_are_too_many(stocked, kind):
    with pytest.raises(WorkbookError, match="最多 256 列"):
        run_file(kind, book(SAMPLES[kind].row | {f"列{i}": "x" for i in range(10_000)}), congress=stocked.congress)


@each_kind
def test_only_a_header_is_no_data(stocked, kind):
    empty = dict.fromkeys(SAMPLES[kind].row, "")
    assert errors(run(kind, empty, congress=stocked.congress)) == ["表 Sheet1 表头下面没有数据"]


@each_kind
def test_a_column_that_stands_twice_is_an_error(stocked, kind):
    file = io.BytesIO(
        "\n".join(
            [",".join([*SAMPLES[kind].row, SAMPLES[kind].named]), ",".join([*SAMPLES[kind].row.values(), "另一个"])]
        ).encode()
    )
    found = errors(run_file(kind, file, congress=stocked.congress))
    assert len(found) == 1
    assert "这一列出现了 2 次" in found[0]


TEXTS = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "<script>alert(1)</script>",
    "𠮷𡈽𪚥",
    "'; DROP TABLE bodies_unit; --",
    "{{ 7*7 }}",
]


@each_kind
def test_text_is_kept_as_text(stocked, kind):
    rows = [SAMPLES[kind].row | {SAMPLES[kind].named: text} for text in TEXTS]
    assert counts(run(kind, *rows, congress=stocked.congress)) == "新增 6、更新 0、未变 0"
    assert set(TEXTS) <= SAMPLES[kind].names()
    assert counts(run(kind, *rows, congress=stocked.congress)) == "新增 0、更新 0、未变 6"


@each_kind
def test_a_name_that_is_too_long_hears_the_limit(stocked, kind):
    before = tables()
    named = SAMPLES[kind].named
    limit = next(column.clean.max_length for column in get_form(kind).columns if column.header == named)
    result = run(kind, SAMPLES[kind].row | {named: "长" * 600}, congress=stocked.congress)
    assert errors(result) == [f"表 Sheet1 第 2 行 {named}「{'长' * 40}…」：有 600 个字，最多 {limit} 个字"]
    assert tables() == before


@each_kind
def test_every_column_full_of_rubbish_is_an_error_or_kept_but_never_a_crash(stocked, kind):
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
        result = run(kind, row, congress=stocked.congress)
        assert result.errors, text
    assert tables() == before


@each_kind
def test_unknown_columns_are_told_and_left_out(stocked, kind):
    result = run(kind, SAMPLES[kind].row | {"星座": "双鱼"}, congress=stocked.congress)
    assert (counts(result), result.hints) == ("新增 1、更新 0、未变 0", ["提示 没有用到的列：星座"])


@each_kind
def test_no_column_accepts_more_than_its_table_holds(kind):
    checked = set()
    for column in get_form(kind).columns:
        held_by = ELSEWHERE.get((kind, column.attr)) or next(
            (
                (model, column.attr)
                for model in HELD_BY.get(kind, [SAMPLES[kind].model])
                if column.attr in {f.name for f in model._meta.fields}
            ),
            None,
        )
        limit = held_by and getattr(held_by[0]._meta.get_field(held_by[1]), "max_length", None)
        if limit and isinstance(column.clean, Text | Names):
            assert column.clean.max_length <= limit, column.header
            checked.add(column.attr)
    assert len(checked) >= CHECKED[kind], checked


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
