"""Document numbers: one way of writing them, and words for what is not a number."""

import datetime as dt

import pytest

from proposals.documents import normalise_document_no, why_not_document_no

DAY = dt.date(2026, 3, 20)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("慈农建（2017）8 号", "慈农建〔2017〕8号"),
        ("云教[2026]第007号", "云教〔2026〕7号"),
        (" 云政办函【２０２６】１２号\n", "云政办函〔2026〕12号"),
        ("慈商园建﹝2017﹞1号", "慈商园建〔2017〕1号"),
        ("云教\u200b〔2026〕\x007号", "云教〔2026〕7号"),
    ],
)
def test_brackets_spaces_and_padding_are_put_right(typed: str, number: str) -> None:
    assert normalise_document_no(typed) == number
    assert why_not_document_no(number, replied_on=DAY.replace(year=int(number.split("〔")[1][:4]))) == ""


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("云教2026年7号", "应当有一对括号"),
        ("云教〔2026〕〔7〕号", "应当有一对括号"),
        ("〔2026〕7号", "前面应当是发文机关代字"),
        ("云教😀〔2026〕7号", "前面应当是发文机关代字"),
        ("云教〔26〕7号", "年份应当写全四位数字"),
        ("云教〔二〇二六〕7号", "年份应当写全四位数字"),
        ("云教〔2024〕7号", "年份是2024年，与答复日期的年份（2026年）不一致"),
        ("云教〔2027〕7号", "年份是2027年"),
        ("云教〔2026〕7", "后面应当是序号和“号”字"),
        ("云教〔2026〕第0号", "后面应当是序号和“号”字"),
        ("云教〔2026〕七号", "后面应当是序号和“号”字"),
        ("云教〔2026〕7号之一", "后面应当是序号和“号”字"),
        ("云" * 61, "最多 60 个字符"),
    ],
)
def test_what_is_wrong_is_said_with_an_example(typed: str, why: str) -> None:
    said = why_not_document_no(normalise_document_no(typed), replied_on=DAY)
    assert why in said
    assert said.endswith("正确的写法如：云教〔2026〕7号。")


def test_year_before_is_right_too() -> None:
    assert why_not_document_no("云教〔2025〕112号", replied_on=dt.date(2026, 1, 4)) == ""
