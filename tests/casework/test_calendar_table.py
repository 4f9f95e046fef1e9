"""Deadlines of all eleven presets, counted by hand on the State Council's notices for 2024, 2025 and 2026.

None of the expected dates was computed by the portal. 2027 and 2028 are not published: there the weekends count.
"""

import datetime as dt

import pytest
from chinese_calendar.constants import holidays, workdays

from casework.calendar import WorkCalendar
from proposals.models.arrangements import DEADLINES
from proposals.rule_presets import RULES


def days(year: int, *texts: str) -> set[dt.date]:
    """Days of a year written as 0101 or, from one to another, 0101-0103."""
    found = set()
    for text in texts:
        first, _, last = text.partition("-")
        day = dt.date(year, int(first[:2]), int(first[2:]))
        end = dt.date(year, int(last[:2]), int(last[2:])) if last else day
        found |= {day + dt.timedelta(days=number) for number in range((end - day).days + 1)}
    return found


# 元旦、春节、清明、劳动节、端午、中秋、国庆, then the make-up working days, as the notices have them.
REST = (
    days(2024, "0101", "0210-0217", "0404-0406", "0501-0505", "0610", "0915-0917", "1001-1007")
    | days(2025, "0101", "0128-0204", "0404-0406", "0501-0505", "0531-0602", "1001-1008")
    | days(2026, "0101-0103", "0215-0223", "0404-0406", "0501-0505", "0619-0621", "0925-0927", "1001-1007")
)
WORK = (
    days(2024, "0204", "0218", "0407", "0428", "0511", "0914", "0929", "1012")
    | days(2025, "0126", "0208", "0427", "0928", "1011")
    | days(2026, "0104", "0214", "0228", "0509", "0920", "1010")
)
CALENDAR = WorkCalendar(frozenset(REST), frozenset(WORK), frozenset({2024, 2025, 2026}))
PRESETS = {row["code"]: row for row in RULES}

TABLE = [
    # preset, deadline, start, expected, why
    ("national_2025", "reply", "2025-11-30", "2026-02-28", "no 30 February: the last day; that Saturday is worked"),
    ("national_2025", "reply", "2024-11-30", "2025-02-28", "no 30 February: the 28th, a Friday"),
    ("national_2025", "reply", "2023-11-30", "2024-02-29", "no 30 February: the 29th of a leap year"),
    ("national_2025", "reply", "2026-02-28", "2026-05-28", "the same day, not the month's last"),
    ("national_2025", "reply", "2026-07-01", "2026-10-08", "National Day, off until the 7th"),
    ("national_2025", "reply", "2025-07-08", "2025-10-09", "the last day off of National Day 2025"),
    (
        "national_2025",
        "reply_complex",
        "2025-08-31",
        "2026-02-28",
        "31 August to the last of February, a worked Saturday",
    ),
    ("national_2025", "reply_complex", "2025-08-15", "2026-02-24", "first day off of Spring Festival, until the 23rd"),
    ("national_2025", "reply_complex", "2024-03-31", "2024-09-30", "no 31 September; the Monday before National Day"),
    ("national_2025", "reply_complex", "2026-03-31", "2026-09-30", "no 31 September; a Wednesday"),
    ("qingdao_2021", "assign_recess", "2026-03-02", "2026-03-09", "Tuesday to Friday and Monday"),
    (
        "qingdao_2021",
        "assign_recess",
        "2026-02-13",
        "2026-02-27",
        "the worked Saturday, then from the 24th to the 27th",
    ),
    (
        "qingdao_2021",
        "return_request",
        "2025-09-26",
        "2025-10-10",
        "the worked Sunday, 29th, 30th; 9th and 10th of October",
    ),
    (
        "qingdao_2021",
        "assist_opinion",
        "2026-01-31",
        "2026-02-28",
        "31 January + 1 month; the last day is a worked Saturday",
    ),
    ("qingdao_2021", "assist_opinion", "2025-01-31", "2025-02-28", "31 January + 1 month; start within the holidays"),
    ("qingdao_2021", "assist_opinion", "2024-01-31", "2024-02-29", "31 January + 1 month of a leap year"),
    (
        "qingdao_2021",
        "extend_max",
        "2024-08-31",
        "2025-02-28",
        "six months from the last of August, over the year's end",
    ),
    ("qingdao_2021", "informal_opinion_reply", "2024-09-15", "2024-10-15", "received on Mid-autumn Day: no matter"),
    ("qingdao_2021", "reply", "2024-02-29", "2024-05-29", "from the leap day to the same day"),
    (
        "shandong_2017",
        "assign_recess",
        "2026-03-02",
        "2026-03-09",
        "calendar days to Saturday the 7th, moved to Monday",
    ),
    ("shandong_2017", "assign_recess", "2026-05-04", "2026-05-09", "a Saturday that is worked: stays"),
    ("shandong_2017", "return_request", "2025-04-25", "2025-04-30", "to the Wednesday before Labour Day"),
    ("shandong_2017", "return_request", "2025-04-26", "2025-05-06", "Labour Day, off until the 5th"),
    ("shandong_2017", "rehandle", "2025-12-31", "2026-02-02", "31 January, a Saturday; over the year's end"),
    ("shandong_2017", "extend_max", "2025-03-31", "2025-09-30", "no 31 September; a Tuesday"),
    ("shandong_2017", "assist_opinion", "2024-03-31", "2024-04-30", "no 31 April; a Tuesday"),
    ("shandong_2017", "reply", "2024-07-14", "2024-10-14", "Monday, after the worked Saturday the 12th"),
    ("shanghai_2015", "assign_recess", "2026-09-30", "2026-10-15", "8th, 9th, worked Saturday the 10th, 12th to 15th"),
    (
        "shanghai_2015",
        "return_request",
        "2024-09-27",
        "2024-10-12",
        "worked 29th, 30th; 8th to 11th; worked Saturday the 12th",
    ),
    ("shanghai_2015", "assign_session", "2026-01-15", "2026-02-24", "15 February begins Spring Festival"),
    ("shanghai_2015", "assign_session", "2025-01-17", "2025-02-17", "the festival lies between: months do not care"),
    ("shanghai_2015", "extend_by_max", "2026-06-30", "2026-09-30", "from the date of the reply: three months"),
    ("shanghai_2015", "extend_by_max", "2025-11-28", "2026-02-28", "a worked Saturday: stays"),
    (
        "shanghai_2015",
        "rehandle",
        "2026-04-05",
        "2026-05-06",
        "from Tomb-sweeping Day to Labour Day, off until the 5th",
    ),
    ("zhejiang_2016", "accept_notice", "2026-02-09", "2026-02-24", "the 16th lies in Spring Festival"),
    ("zhejiang_2016", "accept_notice", "2024-01-28", "2024-02-04", "a Sunday that is worked: stays"),
    ("zhejiang_2016", "return_request", "2025-12-22", "2026-01-04", "New Year; Sunday the 4th is worked"),
    ("zhejiang_2016", "return_request", "2026-04-26", "2026-05-06", "the first day after Labour Day: stays"),
    (
        "zhejiang_2016",
        "assist_opinion",
        "2025-12-31",
        "2026-02-28",
        "two months over the year's end; a worked Saturday",
    ),
    ("zhejiang_2016", "rehandle", "2024-12-31", "2025-02-05", "31 January lies in Spring Festival, off until the 4th"),
    ("zhejiang_2016", "extend_max", "2025-08-29", "2026-02-28", "no 29 February in 2026; a worked Saturday"),
    ("chongqing_2017", "assign_recess", "2026-01-30", "2026-02-13", "two plain weeks before Spring Festival"),
    ("chongqing_2017", "contact_deputy", "2026-02-02", "2026-03-06", "14th and 28th worked, 15th to 23rd off"),
    ("chongqing_2017", "assist_opinion", "2026-03-16", "2026-04-28", "thirty working days; Monday 6 April is off"),
    ("chongqing_2017", "assist_redo", "2024-04-30", "2024-05-10", "off until the 5th, then Monday to Friday"),
    ("chongqing_2017", "reassign", "2024-04-30", "2024-05-16", "6th to 10th, worked Saturday the 11th, 13th to 16th"),
    ("chongqing_2017", "feedback", "2025-01-20", "2025-02-21", "26 January and 8 February worked, eight days off"),
    ("chongqing_2017", "commitment_feedback", "2026-04-20", "2026-05-20", "1 to 5 May off, Saturday the 9th worked"),
    ("chongqing_2017", "return_request", "2026-09-18", "2026-10-09", "worked Sunday; Mid-autumn and National Day off"),
    ("chongqing_2017", "rehandle", "2025-12-30", "2026-02-28", "no 30 February; a worked Saturday"),
    ("chongqing_2017", "reply_complex", "2024-08-30", "2025-02-28", "no 30 February; a Friday"),
    ("henan_2017", "return_request", "2025-04-03", "2025-04-18", "Tomb-sweeping Friday off, then two weeks"),
    ("henan_2017", "reassign", "2025-05-29", "2025-06-13", "Friday; Dragon Boat until Monday; Tuesday on"),
    ("henan_2017", "feedback", "2025-12-31", "2026-01-15", "New Year off until the 3rd; Sunday the 4th worked"),
    ("henan_2017", "assist_opinion", "2025-07-31", "2025-09-30", "no 31 September; a Tuesday"),
    ("henan_2017", "rehandle", "2026-08-31", "2026-09-30", "no 31 September; a Wednesday"),
    ("henan_2017", "reply", "2025-10-31", "2026-02-02", "31 January, a Saturday"),
    ("beijing_2014", "feedback", "2024-02-08", "2024-03-06", "New Year's Eve and Sunday the 18th are worked"),
    ("beijing_2014", "rehandle", "2023-12-31", "2024-02-29", "the last of February in a leap year"),
    ("beijing_2014", "reply", "2026-01-25", "2026-04-27", "a Saturday, moved to Monday"),
    ("pingjiang_hunan", "return_request", "2024-09-05", "2024-09-18", "Mid-autumn, off until Tuesday the 17th"),
    ("pingjiang_hunan", "feedback", "2024-06-21", "2024-07-01", "ten calendar days to a Monday"),
    ("pingjiang_hunan", "feedback", "2024-12-22", "2025-01-02", "New Year 2025 is one day off"),
    ("yulin_2019", "return_request", "2025-10-09", "2025-10-17", "Friday, worked Saturday the 11th, a week"),
    ("yulin_2019", "return_request", "2025-12-24", "2026-01-05", "five days, then Sunday the 4th and Monday the 5th"),
    ("fujian_old", "assist_opinion", "2026-05-31", "2026-06-30", "no 31 June; a Tuesday"),
    ("fujian_old", "reply", "2026-06-25", "2026-09-28", "Mid-autumn, off until Sunday the 27th"),
    ("fujian_old", "extend_by_max", "2025-07-04", "2025-10-09", "within National Day, off until the 8th"),
]
NOT_PUBLISHED = [
    ("national_2025", "reply", "2026-11-30", "2027-03-01", "the last of February is a Sunday"),
    ("national_2025", "reply_complex", "2027-08-31", "2028-02-29", "a leap year, a Tuesday"),
    ("national_2025", "reply_complex", "2099-08-31", "2100-03-01", "2100 is no leap year: the 28th, a Sunday"),
    ("shandong_2017", "assign_recess", "2026-12-28", "2027-01-04", "Saturday 2 January, moved to Monday"),
    ("zhejiang_2016", "assist_opinion", "2026-12-31", "2027-03-01", "the last of February is a Sunday"),
    ("chongqing_2017", "feedback", "2026-12-14", "2027-01-11", "1 January counts as the Friday that it is"),
    ("beijing_2014", "extend_max", "2026-09-30", "2027-03-30", "a Tuesday, if it is no holiday"),
    ("yulin_2019", "return_request", "2026-12-25", "2027-01-05", "four days, then 1, 4 and 5 January"),
    ("yulin_2019", "return_request", "2027-12-30", "2028-01-10", "one day, then 3 to 7 and 10 January"),
    # The last day of what is published is not yet in doubt.
    ("shandong_2017", "return_request", "2026-12-26", "2026-12-31", "a Thursday of a published year", False),
]
NOT_MOVED = [
    ("national_2025", "reply", "2026-07-01", "2026-10-01", "National Day, and stays there"),
    ("shandong_2017", "assign_recess", "2026-03-02", "2026-03-07", "a Saturday"),
    ("national_2025", "reply", "2026-11-30", "2027-02-28", "a Sunday, whatever will be published"),
    # Working days end on a working day in any case.
    ("yulin_2019", "return_request", "2026-02-13", "2026-03-02", "worked 14th and 28th, 24th to 27th, 2 March"),
]


def rule_of(preset: str, field: str) -> str:
    return PRESETS[preset][field]


def test_the_calendar_of_this_table_is_the_published_one() -> None:
    years = CALENDAR.years
    assert {day for day in holidays if day.year in years} == CALENDAR.rest
    assert {day for day in workdays if day.year in years} == CALENDAR.work


@pytest.mark.parametrize(("preset", "field", "start", "on", "why"), TABLE)
def test_deadline_of_a_preset(preset: str, field: str, start: str, on: str, why: str) -> None:
    due = CALENDAR.due(dt.date.fromisoformat(start), rule_of(preset, field))
    assert (str(due.on), due.is_provisional) == (on, False), why


@pytest.mark.parametrize("row", NOT_PUBLISHED, ids=lambda row: "-".join(row[:4]))
def test_deadline_in_a_year_not_published_is_provisional(row: tuple) -> None:
    preset, field, start, on, why, *certain = row
    due = CALENDAR.due(dt.date.fromisoformat(start), rule_of(preset, field))
    provisional = certain[0] if certain else True
    assert (str(due.on), due.is_provisional) == (on, provisional), why
    assert due.basis.endswith("节假日安排尚未公布，按周末推算，暂定") == provisional


@pytest.mark.parametrize(("preset", "field", "start", "on", "why"), NOT_MOVED)
def test_deadline_whose_last_day_does_not_move(preset: str, field: str, start: str, on: str, why: str) -> None:
    due = CALENDAR.due(dt.date.fromisoformat(start), rule_of(preset, field), rolls=False)
    assert (str(due.on), due.is_provisional) == (on, False), why


def test_the_table_is_long_enough_and_covers_every_preset() -> None:
    assert len(TABLE) + len(NOT_PUBLISHED) + len(NOT_MOVED) >= 60
    assert {row[0] for row in TABLE} == set(PRESETS)
    assert {row[1] for row in TABLE} == {field for field in DEADLINES if any(field in row for row in RULES)}


def test_a_last_day_that_moves_into_a_year_not_published_is_provisional() -> None:
    only_2025 = WorkCalendar(CALENDAR.rest | {dt.date(2025, 12, 31)}, CALENDAR.work, frozenset({2025}))
    due = only_2025.due(dt.date(2025, 12, 26), "5D")
    assert (str(due.on), due.is_provisional) == ("2026-01-04", True)


def test_working_days_never_end_on_a_rest_day_and_more_of_them_end_later() -> None:
    for offset in range(0, 3 * 365, 3):
        start = dt.date(2024, 1, 1) + dt.timedelta(days=offset)
        ends = [CALENDAR.due(start, f"{amount}WD").on for amount in range(1, 31)]
        assert all(CALENDAR.is_workday(day) for day in ends)
        assert [start, *ends] == sorted({start, *ends})


SPOKEN = [
    (
        "2026-02-02", "20WD", True,
        "自2026年2月2日次日起20个工作日（其间节假日9天、周末3天不计，含调休上班2天），至2026年3月6日",
    ),
    ("2026-03-02", "1WD", True, "自2026年3月2日次日起1个工作日，至2026年3月3日"),
    ("2026-03-06", "1WD", True, "自2026年3月6日次日起1个工作日（其间周末2天不计），至2026年3月9日"),
    ("2026-01-31", "1M", True, "自2026年1月31日起1个月，至2026年2月28日"),
    (
        "2025-08-15", "6M", True,
        "自2025年8月15日起6个月，至2026年2月15日；2026年2月15日为休息日，顺延至2026年2月24日",
    ),
    ("2026-03-02", "5D", False, "自2026年3月2日起5日，至2026年3月7日；按规则遇休息日不顺延"),
    (
        "2026-12-28", "5D", True,
        "自2026年12月28日起5日，至2027年1月2日；2027年1月2日为休息日，顺延至2027年1月4日；2027年节假日安排尚未公布，按周末推算，暂定",
    ),
    (
        "2027-12-30", "7WD", True,
        "自2027年12月30日次日起7个工作日（其间周末4天不计），至2028年1月10日；2027年等年份节假日安排尚未公布，按周末推算，暂定",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("start", "rule", "rolls", "basis"), SPOKEN)
def test_deadline_says_how_it_was_computed(start: str, rule: str, rolls: bool, basis: str) -> None:
    assert CALENDAR.due(dt.date.fromisoformat(start), rule, rolls=rolls).basis == basis
