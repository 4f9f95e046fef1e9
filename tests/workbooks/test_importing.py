import datetime as dt
import io
import threading

import pytest
import xlsxwriter
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection

from tests.workbooks.people import HEADER, People, book, person
from workbooks.cleaners import Name, PartialDate
from workbooks.columns import Column, Counts, Form, ImportRefused, all_forms, get_form, register
from workbooks.importing import run_import

pytestmark = pytest.mark.django_db


def lines(result):
    return [str(error) for error in result.errors]


def test_the_line_of_an_error_is_exactly_as_promised():
    rows = [HEADER, *[person(name=f"代表{number}") for number in range(7)], person(sex="未知")]
    result = run_import(People(), book(rows))
    assert lines(result) == ["表 Sheet1 第 9 行 性别「未知」：只能是 男 或 女"]
    assert result.summary() == "共 1 处错误，没有导入任何数据"
    assert result.counts is None


def test_every_error_is_listed_in_the_order_of_the_sheet_and_nothing_is_written():
    form = People()
    result = run_import(
        form,
        book([HEADER, person(name="", phone="abc"), person(), person(name="李四", elected="2026-02-30", sex="")]),
    )
    assert lines(result) == [
        "表 Sheet1 第 2 行 姓名「」：不能为空",
        "表 Sheet1 第 2 行 手机「abc」：不是电话号码，例如 13800000000 或 0551-12345678",
        "表 Sheet1 第 4 行 性别「」：不能为空",
        "表 Sheet1 第 4 行 当选日期「2026-02-30」：没有这一天，请核对年月日",
    ]
    assert form.store == {}


def test_values_arrive_cleaned():
    form = People()
    result = run_import(
        form,
        book(
            [
                HEADER,
                person(
                    name="张　三",
                    born="1967年3月",
                    party="无",
                    card=741928,
                    phone=13800000000,
                    again="是",
                    elected=dt.date(2026, 3, 5),
                    seconds=3,
                    hours=1.5,
                    units="市教育局、市委统战部（侨办、台办）",
                    remark="一\n二",
                ),
            ]
        ),
    )
    assert (result.errors, result.summary()) == ([], "people: 新增 1、更新 0、未变 0")
    record = form.store["第一代表团", "张三"]
    assert record["born"] == PartialDate(dt.date(1967, 3, 1), "month")
    assert (record["party"], record["card"], record["phone"]) == ("", "741928", "13800000000")
    assert (record["again"], record["elected"], record["seconds"]) == (True, dt.date(2026, 3, 5), 3)
    assert record["units"] == ("市教育局", "市委统战部（侨办、台办）")
    assert record["remark"] == "一\n二"


def test_an_empty_cell_and_a_missing_column_have_the_default():
    form = People()
    run_import(form, book([["姓名", "性别", "代表团", "学时"], ["张三", "男", "第一代表团", "—"]]))
    record = form.store["第一代表团", "张三"]
    assert (record["again"], record["hours"], record["units"], record["remark"]) == (False, None, (), "")


def test_a_row_knows_which_columns_the_file_has():
    class Given(People):
        def resolve(self, rows, context):
            self.seen = [(rows[0].given("phone"), rows[0].given("card"))]

    form = Given()
    run_import(form, book([["姓名", "性别", "代表团", "手机"], ["张三", "男", "第一代表团", ""]]))
    assert form.seen == [(True, False)]


def test_the_same_file_twice_changes_nothing():
    form = People()
    rows = [HEADER, person(), person(name="李四", born="1970")]
    assert run_import(form, book(rows)).summary() == "people: 新增 2、更新 0、未变 0"
    assert run_import(form, book(rows)).summary() == "people: 新增 0、更新 0、未变 2"


def test_the_later_of_two_rows_with_one_key_is_the_error():
    result = run_import(People(), book([HEADER, person(), person(name="李四"), person(name="张 三", sex="女")]))
    assert lines(result) == ["表 Sheet1 第 4 行 姓名「张 三」：与单元格 A2 重复，同一张表里只能出现一次"]


def test_hints_name_cells_and_stop_nothing():
    result = run_import(
        People(),
        book(
            [
                ["序号", *HEADER],
                [1, *person(post="村民")],
                [2, *person(name="李四", post="村民")],
                [3, *person(name="王五", post="会计")],
            ]
        ),
    )
    assert result.hints == [
        "提示 没有用到的列：序号",
        "提示 F3 工作单位及职务「村民」：出现 2 次（F2、F3），请核对是不是重复",
    ]
    assert result.summary() == "people: 新增 3、更新 0、未变 0"


def test_look_ups_add_errors_beside_those_of_cleaning():
    form = People()
    form.known_units = {"市教育局", "市公安局"}
    result = run_import(
        form,
        book(
            [
                HEADER,
                person(units="市教育局、市教育厅"),
                person(name="李四", sex="?", units="不明"),
                person(name="王五", hours="x", units="某"),
            ]
        ),
    )
    assert lines(result) == [
        "表 Sheet1 第 2 行 协办单位「市教育厅」：没有这个单位",
        "表 Sheet1 第 3 行 性别「?」：只能是 男 或 女",
        "表 Sheet1 第 4 行 学时「x」：应为数字",
        "表 Sheet1 第 4 行 协办单位「某」：没有这个单位",
    ]


def test_header_problems_are_errors_of_the_sheet():
    result = run_import(People(), book([["名册"], ["姓名", "姓名", "性别"]]))
    assert lines(result) == [
        "表 Sheet1 第 2 行 姓名「姓名」：这一列出现了 2 次（A、B 列），请只留一列",
        "表 Sheet1 缺少必填列：代表团",
    ]


def test_a_header_without_rows():
    assert lines(run_import(People(), book([HEADER, ["", " ", "\u200b"]]))) == ["表 Sheet1 表头下面没有数据"]


def test_blank_rows_and_rows_with_nothing_but_a_serial_number_are_skipped():
    form = People()
    header = ["序号", *HEADER]
    rows = [["名册"], [], header, [1, *person()], [], [2, " "], [3, *person(name="李四", sex="x")], [4]]
    assert lines(run_import(form, book(rows))) == ["表 Sheet1 第 7 行 性别「x」：只能是 男 或 女"]


def test_the_sample_of_the_template_is_skipped():
    sample = [column.sample for column in People.columns]
    result = run_import(People(), book([HEADER, sample, person()]))
    assert (result.hints, result.summary()) == (["提示 模板自带的示例已跳过"], "people: 新增 1、更新 0、未变 0")
    assert lines(run_import(People(), book([HEADER, sample]))) == ["表 Sheet1 表头下面没有数据"]
    further_down = run_import(People(), book([HEADER, person(), sample]))
    assert (further_down.hints, further_down.summary()) == ([], "people: 新增 2、更新 0、未变 0")


def test_a_cell_merged_downwards_counts_for_every_row():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as written:
        sheet = written.add_worksheet()
        sheet.write_row(0, 0, ["代表团", "姓名", "性别"])
        sheet.merge_range("A2:A4", "第一代表团")
        for at, name in enumerate(["张三", "李四", "王五"], start=1):
            sheet.write_row(at, 1, [name, "男"])
    form = People()
    assert run_import(form, out).ok
    assert sorted(form.store) == [("第一代表团", "张三"), ("第一代表团", "李四"), ("第一代表团", "王五")]


def test_formulas_give_their_value_and_formula_like_text_stays_text():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as written:
        sheet = written.add_worksheet()
        sheet.write_row(0, 0, ["姓名", "性别", "代表团", "附议人数", "备注"])
        sheet.write_row(1, 0, ["张三", "男", "第一代表团"])
        sheet.write_formula(1, 3, "=1+2", None, 3)
        sheet.write_string(1, 4, '=HYPERLINK("http://example.com")')
    form = People()
    assert run_import(form, out).ok
    record = form.store["第一代表团", "张三"]
    assert (record["seconds"], record["remark"]) == (3, '=HYPERLINK("http://example.com")')


def test_rare_characters_and_script_tags_are_plain_text():
    form = People()
    assert run_import(form, book([HEADER, person(name="𠮷野", remark="<script>alert('x')</script>")])).ok
    assert form.store["第一代表团", "𠮷野"]["remark"] == "<script>alert('x')</script>"


def test_a_name_of_500_characters_is_quoted_short():
    (line,) = lines(run_import(People(), book([HEADER, person(name="名" * 500)])))
    assert line == f"表 Sheet1 第 2 行 姓名「{'名' * 40}…」：有 500 个字，最多 100 个字"


def test_twenty_thousand_rows_with_one_wrong_near_the_end():
    form = People()
    rows = [HEADER, *[person(name=f"代表{number}", born="1967.03") for number in range(20_000)]]
    rows[19_998] = person(sex="未知")
    result = run_import(form, book(rows))
    assert lines(result) == ["表 Sheet1 第 19999 行 性别「未知」：只能是 男 或 女"]
    assert form.store == {}


class Groups(Form):
    """A form that writes to the database."""

    kind = "groups"
    title = "小组"
    key = ("name",)
    columns = (Column("名称", "name", Name(), required=True),)
    after = staticmethod(lambda: None)

    def apply(self, rows, context):
        known = set(Group.objects.values_list("name", flat=True))
        added = [Group(name=row["name"]) for row in rows if row["name"] not in known]
        Group.objects.bulk_create(added)
        self.after()
        return Counts(len(added), 0, len(rows) - len(added))


def test_a_dry_run_gives_the_same_verdict_and_writes_nothing():
    file = book([["名称"], ["甲"], ["乙"]])
    assert run_import(Groups(), file, dry_run=True).summary() == "groups: 新增 2、更新 0、未变 0"
    assert Group.objects.count() == 0
    assert run_import(Groups(), file).summary() == "groups: 新增 2、更新 0、未变 0"
    assert Group.objects.count() == 2


def test_a_refusal_half_way_leaves_nothing():
    form = Groups()

    def refuse():
        raise ImportRefused("本届已经结束")

    form.after = refuse
    with pytest.raises(ImportRefused, match="本届已经结束"):
        run_import(form, book([["名称"], ["甲"]]))
    assert Group.objects.count() == 0


def test_what_the_database_refuses_is_told_without_a_trace():
    form = Groups()

    def collide():
        raise IntegrityError("duplicate key")

    form.after = collide
    with pytest.raises(ImportRefused, match="数据库没有接受这批数据，什么都没有写入"):
        run_import(form, book([["名称"], ["甲"]]))
    assert Group.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_no_doubles():
    """The second starts while the first has written but not yet ended, and waits for it."""
    summaries = []

    def import_second():
        try:
            summaries.append(run_import(Groups(), book([["名称"], ["甲"], ["乙"]])).summary())
        finally:
            connection.close()

    second = threading.Thread(target=import_second)

    def wait_until_the_second_waits():
        second.start()
        waiting = 0
        while second.is_alive() and not waiting:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                (waiting,) = cursor.fetchone()

    first = Groups()
    first.after = wait_until_the_second_waits
    assert run_import(first, book([["名称"], ["甲"], ["乙"]])).summary() == "groups: 新增 2、更新 0、未变 0"
    second.join()
    assert summaries == ["groups: 新增 0、更新 0、未变 2"]
    assert Group.objects.count() == 2


@pytest.fixture
def no_forms(monkeypatch):
    monkeypatch.setattr("workbooks.columns._forms", {})


@pytest.mark.usefixtures("no_forms")
def test_forms_are_found_by_kind():
    form = register(People())
    assert get_form("people") is form
    assert all_forms() == [form]
    with pytest.raises(ImportRefused, match="没有名为“x”的表，可用的有：people（代表名册）"):
        get_form("x")


@pytest.mark.usefixtures("no_forms")
def test_two_forms_cannot_share_a_kind():
    register(People())

    class Other(People):
        pass

    with pytest.raises(ValueError, match="two forms of kind people"):
        register(Other())
