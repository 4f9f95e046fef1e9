# ruff: noqa: DTZ001 -- a spreadsheet knows no time zones
import datetime as dt
import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbooks.any_cell import CHINESE, any_cell
from tests.workbooks.people import CLEANERS
from workbooks.cells import TRUNCATION_MARK, position, quoted, tidy
from workbooks.cleaners import (
    Boolean,
    CellError,
    Choice,
    Code,
    Date,
    Decimal,
    DocumentNumber,
    Integer,
    Name,
    NameList,
    Names,
    PartialDate,
    PartialDateCleaner,
    Phone,
    Text,
)


@pytest.mark.parametrize("cleaner", CLEANERS, ids=lambda cleaner: type(cleaner).__name__)
@given(cell=any_cell)
def test_any_cell_gives_a_value_or_a_named_error_and_the_shown_value_reads_the_same(cleaner, cell):
    assert isinstance(cleaner.is_blank(cell, required=False), bool)
    try:
        value = cleaner.clean(cell)
    except CellError as error:
        value = str(error)
        assert value, "an error says what is wrong"
        return
    hash(value)
    shown = cleaner.show(value)
    again = cleaner.empty if cleaner.is_blank(shown, required=True) else cleaner.clean(shown)
    assert again == value


@given(st.one_of(st.text(), st.text(CHINESE)))
def test_tidy_is_stable_and_leaves_nothing_invisible(text):
    once = tidy(text)
    assert tidy(once) == once
    assert not set(once) & set("\0\n\r\t\u200b\ufeff\u3000")


@given(any_cell)
def test_any_cell_can_be_quoted(cell):
    assert len(quoted(cell)) <= 41
    assert "\n" not in quoted(cell)


def cleaned(cleaner, cell):
    """The value, or the message."""
    try:
        return cleaner.clean(cell)
    except CellError as error:
        return str(error)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("  城 市\u3000建设\u200b ", "城 市 建设"),
        ("关于老小区\n物业的建议", "关于老小区物业的建议"),
        ("first\nsecond", "first second"),
        ("\ufeff𠀀字\0", "𠀀字"),
        (741928.0, "741928"),
        (3.5, "3.5"),
        (True, "是"),
        (dt.date(2026, 3, 5), "2026-03-05"),
        (dt.datetime(2026, 3, 5), "2026-03-05"),
        (dt.datetime(2026, 3, 5, 8, 30), "2026-03-05 08:30"),
        ("e\u0301", "é"),
        ("=1+1", "=1+1"),
        ("字" * 201, "有 201 个字，最多 200 个字"),
        (340111199001011234.0, "数字过长，表格软件已丢掉末尾几位；请把这一格设为“文本”格式后重新填写"),
        ("正文" + TRUNCATION_MARK, "这一格是导出时截短的内容，导入会丢失后文；请补全或删去这一列"),
    ],
)
def test_text(cell, value):
    assert cleaned(Text(), cell) == value


def test_text_of_several_lines():
    assert Text(lines=True).clean("一、概况 \r\n\r\n\r\n\r\n二、\t建议\x0b三") == "一、概况\n\n二、 建议\n三"


@pytest.mark.parametrize(
    ("cell", "value"),
    [(741928.0, "741928"), ("００７ 8", "0078"), ("Ａ-1", "A-1"), (7, "7"), ("2 ", "2")],
)
def test_code(cell, value):
    assert cleaned(Code(), cell) == value


def test_code_with_a_pattern():
    postcode = Code(pattern=r"\d{6}", wanted="六位数字")
    assert cleaned(postcode, 315300.0) == "315300"
    assert cleaned(postcode, "3153") == "应为六位数字"


@pytest.mark.parametrize(
    "cell",
    [
        "慈人大（2017）5号",
        "慈人大〔2017〕5号",
        "慈人大﹝2017﹞5号",
        "慈人大 [ 2017 ] 5 号",
        "慈人大(２０１７)５号",
        "慈人大【2017】5号",
    ],
)
def test_document_numbers_have_one_form(cell):
    assert DocumentNumber().clean(cell) == "慈人大〔2017〕5号"


def test_other_brackets_of_a_document_number_stay():
    assert DocumentNumber().clean("甬政办(函)[2017]3号") == "甬政办（函）〔2017〕3号"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (("男", "女"), "只能是 男 或 女"),
        (("立案", "并案", "不予立案"), "只能是 立案、并案 或 不予立案"),
        (("建议",), "只能是 建议"),
    ],
)
def test_choice_says_what_is_allowed(choices, message):
    assert cleaned(Choice(*choices), "未知") == message


def test_choice_takes_aliases_and_ignores_blanks_and_width():
    choice = Choice("农民(含农民工)", "接受辞职", aliases={"批准辞职": "接受辞职"})
    assert choice.clean(" 农民（含 农民工）") == "农民(含农民工)"
    assert choice.clean("批准辞职") == "接受辞职"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("是", True),
        ("否", False),
        ("√", True),
        ("×", False),
        (1.0, True),
        (0, False),
        (True, True),
        ("Ｙ", True),
        ("也许", "只能是 是 或 否"),
    ],
)
def test_boolean(cell, value):
    assert cleaned(Boolean(), cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (12.0, 12),
        ("１２", 12),
        ("1,200", 1200),
        ("3.0", 3),
        ("3.5", "应为整数"),
        (3.5, "应为整数"),
        (True, "应为整数"),
        ("12人", "应为整数"),
        ("9" * 5000, "应为整数"),
        (-1, "应在 0 至 1000000000 之间"),
    ],
)
def test_integer(cell, value):
    assert cleaned(Integer(), cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (94.8, decimal.Decimal("94.80")),
        ("1,234.565", decimal.Decimal("1234.57")),
        (float("inf"), "数字过长，表格软件已丢掉末尾几位；请把这一格设为“文本”格式后重新填写"),
        ("九", "应为数字"),
        ("1e99", "应在 0 至 1000000000 之间"),
    ],
)
def test_decimal(cell, value):
    assert cleaned(Decimal(), cell) == value


MARCH_5 = dt.date(2026, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-05",
        "2026/3/5",
        "2026.3.5",
        "2026年3月5日",
        "２０２６年３月５日",
        " 2026 年 3 月 5 日 ",
        "2026-3-5 10:12:00",
        "2026-03-05T00:00:00",
        "20260305",
        20260305.0,
        46086,
        46086.0,
        46086.75,
        "46086",
        dt.date(2026, 3, 5),
        dt.datetime(2026, 3, 5, 23, 59),
    ],
)
def test_dates_in_every_form(cell):
    assert Date().clean(cell) == MARCH_5


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("2026-02-30", "没有这一天，请核对年月日"),
        ("26.3.5", "不是日期，请写成 2026-03-05"),
        ("2026年3月", "不是日期，请写成 2026-03-05"),
        ("去年", "不是日期，请写成 2026-03-05"),
        (True, "不是日期，请写成 2026-03-05"),
        (dt.time(8), "不是日期，请写成 2026-03-05"),
        (5, "年份应在 1949 至 2099 之间"),
        ("0026-03-05", "年份应在 1949 至 2099 之间"),
        ("9999-12-31", "年份应在 1949 至 2099 之间"),
    ],
)
def test_what_is_no_date(cell, message):
    assert cleaned(Date(), cell) == message


@pytest.mark.parametrize(
    ("cell", "first", "precision"),
    [
        ("1967年3月", dt.date(1967, 3, 1), "month"),
        ("1967.03", dt.date(1967, 3, 1), "month"),
        (1967.03, dt.date(1967, 3, 1), "month"),
        ("1967.3", dt.date(1967, 3, 1), "month"),
        ("1967-10", dt.date(1967, 10, 1), "month"),
        ("1967.10", dt.date(1967, 10, 1), "month"),
        ("196703", dt.date(1967, 3, 1), "month"),
        ("1967年3月生", dt.date(1967, 3, 1), "month"),
        ("1988年", dt.date(1988, 1, 1), "year"),
        (1988.0, dt.date(1988, 1, 1), "year"),
        ("1967-03-05", dt.date(1967, 3, 5), "day"),
        ("1967年3月5日", dt.date(1967, 3, 5), "day"),
        (24536.0, dt.date(1967, 3, 5), "day"),
        (dt.date(1967, 3, 5), dt.date(1967, 3, 5), "day"),
        # What a spreadsheet makes of a typed 1967年3月.
        (dt.date(1967, 3, 1), dt.date(1967, 3, 1), "month"),
        ("1967-03-01", dt.date(1967, 3, 1), "day"),
    ],
)
def test_births(cell, first, precision):
    assert PartialDateCleaner().clean(cell) == PartialDate(first, precision)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (1967.1, "看不出是 1 月还是 10 月，请写成 1967年1月 或 1967年10月"),
        ("1967.1", "看不出是 1 月还是 10 月，请写成 1967年1月 或 1967年10月"),
        ("1967.13", "没有这一天，请核对年月日"),
        ("67.3", "年份应在 1900 至 2099 之间"),
        ("不详", "不是年月，请写成 1967.03 或 1967年3月"),
        ("1867", "年份应在 1900 至 2099 之间"),
    ],
)
def test_what_is_no_birth(cell, message):
    cleaner = PartialDateCleaner(1901) if cell == "67.3" else PartialDateCleaner()
    assert cleaned(cleaner, cell) == message.replace("1900", str(cleaner.first_year))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (13800000000.0, "13800000000"),
        ("138-0000-0000", "13800000000"),
        ("+86 138 0000 0000", "13800000000"),
        ("（0551）12345678", "055112345678"),
        ("0551-12345678转803", "0551-12345678转803"),
        ("13800000000；0551—1234567", "13800000000、0551-1234567"),
        ("138****0000", "不是电话号码，例如 13800000000 或 0551-12345678"),
        ("张三", "不是电话号码，例如 13800000000 或 0551-12345678"),
    ],
)
def test_phone(cell, value):
    assert cleaned(Phone(), cell) == value


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("张　三", "张三"),
        ("王 小\n明", "王小明"),
        ("阿卜杜拉.买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("市委统战部(侨办、台办)", "市委统战部（侨办、台办）"),
        ("第１代表团", "第1代表团"),
        ("𠮷野", "𠮷野"),
        ("John  Smith (Jr.)", "John Smith (Jr.)"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("名" * 500, "有 500 个字，最多 100 个字"),
    ],
)
def test_name(cell, name):
    assert cleaned(Name(), cell) == name


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("市教育局、市公安局", ("市教育局", "市公安局")),
        (
            "市教育局，市公安局,市财政局;市水利局；市农办\n市府办",
            ("市教育局", "市公安局", "市财政局", "市水利局", "市农办", "市府办"),
        ),
        ("市委统战部（侨办、台办）、市民政局", ("市委统战部（侨办、台办）", "市民政局")),
        ("市委统战部(侨办，台办)", ("市委统战部（侨办,台办）",)),
        ("甲（乙、丙", ("甲（乙", "丙")),
        ("甲）、乙", ("甲）", "乙")),
        ("张 三、张三、", ("张三",)),
        ("、、", ()),
    ],
)
def test_names_are_split_outside_brackets(cell, names):
    assert Names().clean(cell) == names


def test_a_known_name_is_not_split():
    known = {"市教育局、体育局", "市公安局", "浒山街道"}
    names = Names()
    assert names.clean("市教育局、体育局").within(known) == ("市教育局、体育局",)
    assert names.clean("市公安局、市教育局、体育局，浒山街道").within(known) == (
        "市公安局",
        "市教育局、体育局",
        "浒山街道",
    )
    assert names.clean("市教育局、市公安局").within(known) == ("市教育局", "市公安局")
    assert names.clean("甲，乙").within({"甲,乙"}) == ("甲,乙",)
    assert names.empty.within(known) == ()
    assert isinstance(names.clean("甲"), NameList)


def test_too_many_or_too_long_names():
    assert cleaned(Names(max_names=2), "甲、乙、丙") == "有 3 个名称，最多 2 个"
    assert cleaned(Names(max_length=3), "甲乙丙丁") == "名称“甲乙丙丁…”有 4 个字，最多 3 个字"


@pytest.mark.parametrize("word", ["无", "無", "—", "——", "-", " ", "\u200b", "", None, float("nan")])
def test_words_for_nothing_in_an_optional_cell(word):
    assert Text().is_blank(word, required=False)


def test_a_required_cell_takes_such_a_word_for_what_it_is():
    assert not Text().is_blank("无", required=True)
    assert not Text().is_blank(0, required=False)


def test_positions():
    assert [position(column, 12) for column in (1, 26, 27, 703)] == ["A12", "Z12", "AA12", "AAA12"]
