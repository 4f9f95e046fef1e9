"""The demo's arithmetic: whatever day it is loaded on, dates are possible and every light is there."""

import datetime as dt
import random
from collections import Counter

import pytest
from chinese_calendar.constants import holidays, workdays

from casework.calendar import WorkCalendar
from portal.demo.extras import add_extras, plan_followed_bill
from portal.demo.last_year import plan_last_year
from portal.demo.plan import OFFICE_ACTS, Plan, Window, sessions_of
from portal.demo.this_year import plan_this_year

CALENDAR = WorkCalendar(frozenset(holidays), frozenset(workdays), frozenset({day.year for day in holidays}))
DAYS = [dt.date(2025, 1, 1) + n * dt.timedelta(days=11) for n in range(67)]
HARD_DAYS = [dt.date(2026, 1, 1), dt.date(2026, 1, 2), dt.date(2024, 2, 29), dt.date(2026, 10, 3), dt.date(2031, 1, 4)]


def live(today: dt.date) -> list[Plan]:
    return plan_this_year(Window(today, CALENDAR, sessions_of(today.year)), random.Random(1))


def closed(year: int, seed: int = 1) -> list[Plan]:
    return plan_last_year(Window(dt.date(year, 12, 31), CALENDAR, sessions_of(year)), random.Random(seed))


def due_of(plan: Plan) -> dt.date | None:
    """The due date of what the plan's last stay owes first, by the rules of the shipped procedure."""
    moves = [act for act in plan.acts if act.kind not in {"acknowledge", "contact"}]
    last = moves[-1]
    if last.kind in {"draft", "refuse"} or plan.state == "rated":
        return None
    if last.kind == "assign" and plan.due_by_hand:
        return plan.due_by_hand
    rule = {"submit": "5WD", "pass": "5WD", "return": "10D", "assign": "3M", "reply": "30D", "rate": "1M"}[last.kind]
    return CALENDAR.due(last.day, rule).on


@pytest.mark.parametrize("today", DAYS + HARD_DAYS, ids=str)
def test_live_year_is_possible_and_shows_every_light(today: dt.date) -> None:
    plans = live(today)
    for plan in plans:
        days = [act.day for act in plan.acts]
        assert days == sorted(days)
        assert days[-1] <= today
        # Last year's figures are published: nothing of this list may be counted in them.
        if plan.state != "draft":
            assert days[0].year in {today.year, today.year - 2}
        assigned = [act.day for act in plan.acts if act.kind == "assign"]
        if plan.due_by_hand and assigned:
            assert plan.due_by_hand > assigned[0]
    distances = [(due - today).days for due in map(due_of, plans) if due]
    assert min(distances) < 0
    assert any(0 <= distance <= 3 for distance in distances)
    assert max(distances) > 3


def test_from_spring_on_the_year_is_full_and_nothing_is_left_over() -> None:
    plans = live(dt.date(2026, 4, 1))
    assert {plan.acts[0].day.year for plan in plans if plan.state != "draft"} == {2026}
    assert Counter(plan.state for plan in plans) == {
        "rated": 30,
        "contacted": 18,
        "acknowledged": 14,
        "rate": 14,
        "review": 11,
        "unacknowledged": 11,
        "assign": 9,
        "returned": 6,
        "draft": 6,
        "redo": 5,
        "refused": 4,
    }


@pytest.mark.parametrize("today", DAYS + HARD_DAYS, ids=str)
def test_extras_come_in_order_and_to_one_plan_each(today: dt.date) -> None:
    window = Window(today, CALENDAR, sessions_of(today.year))
    plans, rng = plan_this_year(window, random.Random(1)), random.Random(1)
    add_extras(plans, window, rng)
    plans.append(plan_followed_bill(today=today, calendar=CALENDAR))
    special = {"distribute", "ask_return", "ask_extension", "key", "gate", "merge", "invite", "withdraw", "milestone"}
    for plan in plans:
        days = [act.day for act in plan.acts]
        assert days == sorted(days)
        assert days[-1] <= today
        assert len(special & {act.kind for act in plan.acts}) <= 1
        if plan.joins:
            main = plan.joins.acts
            passed, given = (next(act.day for act in main if act.kind == kind) for kind in ("pass", "assign"))
            # Days apart: whatever the hour, the main one is registered before and assigned before it is acknowledged.
            assert passed < plan.acts[1].day
            assert all(act.day > given for act in plan.acts if act.kind == "acknowledge")
    kinds = Counter(act.kind for plan in plans for act in plan.acts)
    assert (kinds["milestone"], kinds["invite"], kinds["cosign"]) == (5, 1, 1)
    if today.month >= 6:
        wanted = {"distribute": 2, "ask_return": 3, "grant_return": 1, "ask_extension": 2, "grant_extension": 1}
        wanted |= {"key": 2, "gate": 3, "merge": 1, "withdraw": 1}
        assert {kind: kinds[kind] for kind in wanted} == wanted
        assert sum(plan.is_via_office for plan in plans) == 3


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026, 2030])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_last_year_is_closed_within_itself(year: int, seed: int) -> None:
    plans = closed(year, seed)
    assert Counter(plan.outcomes[-1] for plan in plans) == {"A": 131, "B": 105, "C": 13}
    for plan in plans:
        days = [act.day for act in plan.acts]
        assert days == sorted(days)
        assert {day.year for day in days} == {year}
        assert plan.acts[-1].grade in {"satisfied", "basically"}
        assert all(CALENDAR.is_workday(act.day) for act in plan.acts if act.kind in OFFICE_ACTS - {"contact"})
    again = [plan for plan in plans if [act.kind for act in plan.acts].count("rate") == 2]
    assert [next(act.grade for act in plan.acts if act.kind == "rate") for plan in again] == ["dissatisfied"] * 7


def test_same_day_makes_the_same_plans() -> None:
    assert live(dt.date(2026, 6, 1)) == live(dt.date(2026, 6, 1))
