"""The holidays of a year as text: the notices of the State Council as they are, short forms, and every kind of mistake."""

import datetime as dt

import pytest
from chinese_calendar.constants import holidays, workdays
from hypothesis import given
from hypothesis import strategies as st

from casework.holiday_text import UnableToReadHolidays, read, write
from casework.models import CalendarDay, DayKind

NOTICE_2026 = """
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""
NOTICE_2025 = """
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
"""


def found(text: str, year: int) -> dict[str, set[str]]:
    """The days of a text, by their kind."""
    rows = read(text, year)
    return {kind: {str(row.day) for row in rows if row.kind == kind} for kind in DayKind.values}


@pytest.mark.parametrize(("year", "notice"), [(2025, NOTICE_2025), (2026, NOTICE_2026)])
def test_notice_of_the_state_council_is_read_as_it_is(year: int, notice: str) -> None:
    assert found(notice, year) == {
        "rest": {str(day) for day in holidays if day.year == year},
        "work": {str(day) for day in workdays if day.year == year},
    }


def test_names_are_those_of_the_lines() -> None:
    names = {str(row.day): row.name for row in read(NOTICE_2025, 2025)}
    assert (names["2025-01-01"], names["2025-02-08"], names["2025-09-28"]) == ("元旦", "春节", "国庆节、中秋节")


WEEK = {f"2027-02-{day:02}" for day in range(5, 12)}


@pytest.mark.parametrize(
    "line",
    [
        "春节 2027-02-05 至 2027-02-11",
        "春节 2月5日至2月11日",
        "春节2月5日至11日放假",
        "春节：2月5日-11日",
        "(二)春节 2027年2月5日到2027年2月11日，共7天",
        "２、春节　２月５日～２月１１日",
        "放假 2.5-2.11",
        "2/5—2/11 放假",
        "春节 2027.02.05-2027.02.11",
        "春节 2月5日、6日、7日，8日和2月9日至10日、2月11日",
        "春节 2 月 5 日 至 2 月 11 日",
    ],
)
def test_short_forms(line: str) -> None:
    assert found(line, 2027) == {"rest": WEEK, "work": set()}


@pytest.mark.parametrize(
    "line",
    [
        "调休上班 2027-01-30、2027-02-20",
        "调休上班：1月30日（周六）、2月20日（周六）",
        "1月30日和2月20日上班",
        "补班 2027-01-30 2027-02-20",
    ],
)
def test_working_days_on_a_line_of_their_own(line: str) -> None:
    rows = read(f"春节 2月5日至11日\n\n{line}\n", 2027)
    assert {(str(row.day), row.name) for row in rows if row.kind == "work"} == {("2027-01-30", ""), ("2027-02-20", "")}


@pytest.mark.parametrize("text", ["元旦 2026年12月31日至1月2日", "元旦：2026年12月31日至2027年1月2日放假，共3天。"])
def test_new_year_may_begin_in_december(text: str) -> None:
    assert found(text, 2027)["rest"] == {"2026-12-31", "2027-01-01", "2027-01-02"}


WRONG = [
    ("", "没有写放假的日子。请一行写一个节日，例如：春节 2月5日至2月11日。"),
    (" \n\t\n", "没有写放假的日子。请一行写一个节日，例如：春节 2月5日至2月11日。"),
    ("调休上班 1月30日", "没有写放假的日子。请一行写一个节日，例如：春节 2月5日至2月11日。"),
    ("春节", "第1行「春节」无法识别：没有写日期，日期应如 2月5日 或 2027-02-05。"),
    ("春节 2月30日", "第1行「春节 2月30日」没有2027年2月30日这一天。"),
    ("春节 13月5日", "第1行「春节 13月5日」没有2027年13月5日这一天。"),
    ("春节 2月29日", "第1行「春节 2月29日」没有2027年2月29日这一天。"),
    ("春节 0000-01-01", "第1行「春节 0000-01-01」没有0年1月1日这一天。"),
    ("春节 2月5日至", "第1行「春节 2月5日至」无法识别：「至」后面应当是日期。"),
    ("春节 2月11日至2月5日", "第1行「春节 2月11日至2月5日」从2027年2月11日到2028年2月5日，起止日期不对。"),
    ("春节 2月5日至5日", "第1行「春节 2月5日至5日」从2027年2月5日到2027年2月5日，起止日期不对。"),
    ("春节 2月5日至4月11日", "第1行「春节 2月5日至4月11日」从2027年2月5日到2027年4月11日，起止日期不对。"),
    ("春节 2028-02-05", "第1行「春节 2028-02-05」中2028年2月5日不是2027年的日子。"),
    ("元旦 2026-11-30", "第1行「元旦 2026-11-30」中2026年11月30日不是2027年的日子。"),
    ("春节 2月5日\n元宵 2月5日", "第2行「元宵 2月5日」中2027年2月5日与第1行重复。"),
    ("春节 2月5日、2月5日", "第1行「春节 2月5日、2月5日」中2027年2月5日与第1行重复。"),
    ("春节 2月6日\n2月6日上班", "第2行「2月6日上班」中2027年2月6日在第1行是放假，在这里是调休上班。"),
    ("春节 2月6日\n2月8日上班", "第2行「2月8日上班」中2027年2月8日是星期一，本来就上班，请核对日期。"),
    (
        "春节 2月5日放假，2月20日上班",
        "第1行「春节 2月5日放假，2月20日上班」无法识别：放假和上班请用句号隔开，或分两行写。",
    ),
    ("春节 2月5日至11日放假，共8天", "第1行「春节 2月5日至11日放假，共8天」写的是共8天，按日期数是7天。"),
    ("春节 2月5日放假鼓励休息", "第1行「春节 2月5日放假鼓励休息」无法识别：看不懂「放假鼓励休息」。"),
    (f"{'长' * 41} 2月5日", f"第1行「{'长' * 40}…」无法识别：节日名称有 41 个字，最多 40 个字。"),
]


@pytest.mark.parametrize(("text", "problem"), WRONG)
def test_what_cannot_be_read_is_said_in_words(text: str, problem: str) -> None:
    with pytest.raises(UnableToReadHolidays) as error:
        read(text, 2027)
    assert error.value.problems == [problem]


def test_each_line_has_its_own_message_and_many_are_cut_short() -> None:
    with pytest.raises(UnableToReadHolidays) as error:
        read("元旦 1月1日\n" + "无日期\n" * 25, 2027)
    assert [problem[:6] for problem in error.value.problems[:2]] == ["第2行「无日", "第3行「无日"]
    assert error.value.problems[20:] == ["另有 5 行无法识别。"]


def test_written_text_is_read_back_the_same() -> None:
    rows = [CalendarDay(day=row.day, kind=row.kind, name=row.name) for row in read(NOTICE_2026, 2026)]
    text = write(rows)
    assert text.splitlines()[:2] == [
        "元旦 2026-01-01 至 2026-01-03；2026-01-04 上班",
        "春节 2026-02-15 至 2026-02-23；2026-02-14、2026-02-28 上班",
    ]
    assert read(text, 2026) == read(NOTICE_2026, 2026)


def test_days_without_a_name_and_names_with_digits_are_read_back() -> None:
    rows = [
        CalendarDay(day=dt.date(2027, 5, 1), kind=DayKind.REST, name=""),
        CalendarDay(day=dt.date(2027, 5, 4), kind=DayKind.REST, name="建县70周年"),
        CalendarDay(day=dt.date(2027, 5, 8), kind=DayKind.WORK, name=""),
        CalendarDay(day=dt.date(2027, 5, 9), kind=DayKind.WORK, name="劳动节"),
    ]
    text = write(rows)
    assert text.splitlines() == [
        "放假 2027-05-01",
        "调休上班 2027-05-08",
        "建县70周年 2027-05-04",
        "劳动节调休上班 2027-05-09",
    ]
    assert [(row.day, row.kind, row.name) for row in read(text, 2027)] == [
        (row.day, row.kind, row.name) for row in rows
    ]


PIECES = [
    "春节",
    "2月5日",
    "至",
    "11日",
    "2027-02-05",
    "、",
    "上班",
    "放假",
    "，",
    "。",
    "（",
    "）",
    "共",
    "7天",
    "\n",
    " ",
    "0",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join) | st.text(max_size=80))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    problems: list[str] = []
    try:
        rows = read(text, 2027)
    except UnableToReadHolidays as error:
        problems, rows = error.problems, []
    assert bool(problems) != bool(rows)
    assert all(problem.endswith("。") for problem in problems)
    assert len({row.day for row in rows}) == len(rows)
