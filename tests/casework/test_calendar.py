"""Deadlines against the published holidays: every date here was counted by hand on the State Council's notices."""

import datetime as dt

import pytest
from django.core.management import call_command

from casework.calendar import UnableToComputeDeadline, WorkCalendar
from casework.holidays import load_holidays
from casework.models import CalendarDay, CalendarYear, DayKind
from casework.queries import work_calendar
from casework.services import compute_due

TABLE = [
    # Working days: plain weeks.
    ("2026-01-05", "5WD", "2026-01-12"),
    ("2026-03-02", "1WD", "2026-03-03"),
    ("2026-03-06", "1WD", "2026-03-09"),
    ("2026-03-07", "1WD", "2026-03-09"),
    # New Year 2026: 1 to 3 January off, Sunday the 4th worked.
    ("2025-12-31", "1WD", "2026-01-04"),
    ("2025-12-31", "5WD", "2026-01-08"),
    # Spring Festival 2026: 15 to 23 February off, Saturdays 14 and 28 worked.
    ("2026-02-13", "1WD", "2026-02-14"),
    ("2026-02-13", "2WD", "2026-02-24"),
    ("2026-02-13", "5WD", "2026-02-27"),
    ("2026-02-13", "6WD", "2026-02-28"),
    ("2026-02-13", "7WD", "2026-03-02"),
    ("2026-02-20", "1WD", "2026-02-24"),
    # Spring Festival 2025: 28 January to 4 February off, Sunday 26 January and Saturday 8 February worked.
    ("2025-01-24", "1WD", "2025-01-26"),
    ("2025-01-27", "1WD", "2025-02-05"),
    ("2025-02-07", "1WD", "2025-02-08"),
    # Spring Festival 2024: 10 to 17 February off; New Year's Eve and Sunday the 18th worked.
    ("2024-02-08", "1WD", "2024-02-09"),
    ("2024-02-09", "1WD", "2024-02-18"),
    # Tomb-sweeping, Labour Day, Dragon Boat, Mid-autumn 2026.
    ("2026-04-03", "1WD", "2026-04-07"),
    ("2026-04-30", "1WD", "2026-05-06"),
    ("2026-04-30", "4WD", "2026-05-09"),
    ("2026-06-18", "1WD", "2026-06-22"),
    ("2026-09-18", "1WD", "2026-09-20"),
    ("2026-09-24", "1WD", "2026-09-28"),
    # National Day 2026: 1 to 7 October off, Saturday the 10th worked. 2025: 1 to 8 October, Saturday the 11th.
    ("2026-09-30", "1WD", "2026-10-08"),
    ("2026-09-30", "3WD", "2026-10-10"),
    ("2026-09-30", "4WD", "2026-10-12"),
    ("2025-09-26", "1WD", "2025-09-28"),
    ("2025-09-30", "1WD", "2025-10-09"),
    ("2025-09-30", "3WD", "2025-10-11"),
    # The leap day.
    ("2024-02-28", "1WD", "2024-02-29"),
    ("2024-02-28", "2WD", "2024-03-01"),
    ("2024-01-31", "1M", "2024-02-29"),
    ("2023-11-29", "3M", "2024-02-29"),
    ("2024-02-29", "12M", "2025-02-28"),
    # Months: the same day, or the last one of a shorter month.
    ("2026-03-04", "3M", "2026-06-04"),
    ("2026-03-31", "6M", "2026-09-30"),
    ("2026-08-31", "1M", "2026-09-30"),
    # The last of February 2026 is a Saturday that is worked, so nothing moves.
    ("2026-01-31", "1M", "2026-02-28"),
    ("2025-11-30", "3M", "2026-02-28"),
    # A last day that is off moves to the next working day.
    ("2026-01-17", "1M", "2026-02-24"),
    ("2026-07-01", "3M", "2026-10-08"),
    ("2026-03-25", "1M", "2026-04-27"),
    ("2026-03-02", "30D", "2026-04-01"),
    ("2026-03-05", "30D", "2026-04-07"),
    ("2026-09-01", "30D", "2026-10-08"),
    ("2026-04-09", "30D", "2026-05-09"),
    ("2026-08-21", "30D", "2026-09-20"),
]
NOT_PUBLISHED = [
    ("2026-12-28", "5WD", "2027-01-04"),
    ("2026-12-31", "1D", "2027-01-01"),
    ("2026-11-30", "3M", "2027-03-01"),
    ("2027-01-29", "1WD", "2027-02-01"),
]


@pytest.fixture
def holidays(db: None) -> None:
    CalendarDay.objects.all().delete()
    CalendarYear.objects.all().delete()
    load_holidays()


def due(start: str, rule: str):
    return compute_due(start=dt.date.fromisoformat(start), rule=rule)


@pytest.mark.usefixtures("holidays")
@pytest.mark.parametrize(("start", "rule", "on"), TABLE)
def test_deadline(start: str, rule: str, on: str) -> None:
    found = due(start, rule)
    assert (str(found.on), found.is_provisional) == (on, False)


@pytest.mark.usefixtures("holidays")
@pytest.mark.parametrize(("start", "rule", "on"), NOT_PUBLISHED)
def test_deadline_in_a_year_not_published_is_provisional(start: str, rule: str, on: str) -> None:
    found = due(start, rule)
    assert (str(found.on), found.is_provisional) == (on, True)
    assert found.basis.endswith("2027年节假日安排尚未公布，按周末推算，暂定")


@pytest.mark.usefixtures("holidays")
def test_deadline_says_how_it_was_counted() -> None:
    assert (
        due("2026-02-13", "2WD").basis
        == "自2026年2月13日次日起2个工作日（其间节假日9天不计，含调休上班1天），至2026年2月24日"
    )
    assert (
        due("2026-07-01", "3M").basis
        == "自2026年7月1日起3个月，至2026年10月1日；2026年10月1日为休息日，顺延至2026年10月8日"
    )


@pytest.mark.parametrize("rule", ["", "0WD", "5", "WD", "-5WD", "5wd", "99999D", "5WD\n5WD", "9999M", "9999WD", "5 WD"])
def test_rule_that_makes_no_sense_is_refused(rule: str) -> None:
    with pytest.raises(UnableToComputeDeadline, match=r"^期限「"):
        WorkCalendar().due(dt.date(2026, 3, 2), rule)


@pytest.mark.usefixtures("holidays")
def test_holidays_are_loaded_with_names_for_2004_to_2026() -> None:
    assert list(CalendarYear.objects.order_by("year").values_list("year", flat=True)) == list(range(2004, 2027))
    of_2026 = CalendarDay.objects.filter(day__year=2026)
    assert of_2026.filter(kind=DayKind.REST).count() == 33
    assert [str(row.day) for row in of_2026.filter(kind=DayKind.WORK).order_by("day")] == [
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ]
    assert CalendarDay.objects.get(day="2026-02-17").name == "春节"


@pytest.mark.usefixtures("holidays")
def test_loading_again_changes_nothing_and_keeps_what_the_office_entered() -> None:
    CalendarDay.objects.filter(day="2026-02-28").delete()
    CalendarDay.objects.filter(day="2026-02-14").update(kind=DayKind.REST, name="临时放假")
    CalendarDay.objects.create(day="2026-11-02", kind=DayKind.REST, name="县庆")
    before = list(CalendarDay.objects.values())
    assert load_holidays().years == []
    assert list(CalendarDay.objects.values()) == before


@pytest.mark.usefixtures("holidays")
def test_a_year_published_later_brings_its_december_before_and_touches_nothing_else() -> None:
    CalendarYear.objects.filter(year=2019).delete()
    CalendarDay.objects.filter(day__range=("2018-12-01", "2019-12-31")).delete()
    CalendarDay.objects.filter(day="2018-10-01").delete()
    loaded = load_holidays()
    assert loaded.years == [2019]
    # New Year 2019: Sunday 30 and Monday 31 December off, Saturday 29 December worked.
    days = CalendarDay.objects.filter(day__year=2018, day__month=12).order_by("day")
    assert [(str(row.day), row.kind) for row in days] == [
        ("2018-12-29", "work"),
        ("2018-12-30", "rest"),
        ("2018-12-31", "rest"),
    ]
    assert not CalendarDay.objects.filter(day="2018-10-01").exists()


@pytest.mark.usefixtures("holidays")
def test_command_says_what_is_new(capsys: pytest.CaptureFixture) -> None:
    call_command("load_holidays")
    assert capsys.readouterr().out == "没有新公布的年份。\n"


@pytest.mark.django_db
def test_calendar_takes_two_queries(django_assert_num_queries) -> None:
    load_holidays()
    with django_assert_num_queries(2):
        assert work_calendar(dt.date(2026, 1, 1)).is_workday(dt.date(2026, 2, 14))
