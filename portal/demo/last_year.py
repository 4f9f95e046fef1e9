"""The year before: 249 suggestions, all answered and rated; 236 solved or being solved, 13 explained."""

from __future__ import annotations

import datetime as dt
import random

from portal.demo.plan import DAY, Act, Plan, Window, regrade

SOLVED, BEING_SOLVED, EXPLAINED = 131, 105, 13
IN_RECESS = 28
BASICALLY = 24
REDONE = 7
LATE_ASSIGNED, LATE_REPLIED, LATE_RATED = 12, 9, 10


def plan_last_year(window: Window, rng: random.Random) -> list[Plan]:
    """Return the closed year's proposals; ``window`` is of its last day."""
    count = SOLVED + BEING_SOLVED + EXPLAINED
    outcomes = ["A"] * SOLVED + ["B"] * BEING_SOLVED + ["C"] * EXPLAINED
    rng.shuffle(outcomes)
    special = rng.sample(range(count), REDONE + LATE_ASSIGNED + LATE_REPLIED + LATE_RATED)
    redone = set(special[:REDONE])
    late_assigned = set(special[REDONE : REDONE + LATE_ASSIGNED])
    late_replied = set(special[REDONE + LATE_ASSIGNED : -LATE_RATED])
    late_rated = set(special[-LATE_RATED:])
    basically = set(rng.sample(range(count), BASICALLY))
    plans = []
    for index, outcome in enumerate(outcomes):
        final = "basically" if index in basically else "satisfied"
        acts = _first_round(
            window,
            rng,
            in_recess=index < IN_RECESS,
            late_assigned=index in late_assigned,
            late_replied=index in late_replied,
        )
        replied = acts[-1].day
        rated = replied + (rng.randint(32, 41) if index in late_rated else rng.randint(2, 27)) * DAY
        acts.append(Act("rate", rated))
        results, letters = [final], [outcome]
        if index in redone:
            acts += _second_round(window, rng, rated)
            results, letters = ["dissatisfied", final], ["B" if outcome == "A" else outcome, outcome]
        plans.append(Plan("rated", regrade(acts, results), outcomes=letters))
    plans[IN_RECESS].assisting = 10
    return plans


def _first_round(
    window: Window, rng: random.Random, *, in_recess: bool, late_assigned: bool, late_replied: bool
) -> list[Act]:
    first, last = window.session
    submitted = first + rng.randint(0, (last - first).days) * DAY
    received = last
    if in_recess:
        submitted = received = last + rng.randint(12, 165) * DAY
    reviewed = _workdays_after(window, received, rng.randint(1, 5))
    assigned = _workdays_after(window, reviewed, rng.randint(3, 5))
    # The hand-over meeting is never before February.
    assigned = max(assigned, window.calendar.next_workday(dt.date(window.today.year, 2, 1)))
    if late_assigned:
        assigned = _workdays_after(window, assigned, rng.randint(6, 15))
    acknowledged = _workdays_after(window, assigned, rng.randint(0, 4))
    due = window.calendar.due(assigned, "3M").on
    replied = _workday_before(window, assigned + rng.randint(24, 86) * DAY)
    if late_replied:
        replied = _workdays_after(window, due, rng.randint(1, 14))
    contacted = window.day_between(acknowledged, replied - DAY, rng)
    return [
        Act("submit", submitted),
        Act("pass", reviewed),
        Act("assign", assigned),
        Act("acknowledge", acknowledged),
        Act("contact", contacted),
        Act("reply", replied),
    ]


def _second_round(window: Window, rng: random.Random, reopened: dt.date) -> list[Act]:
    acknowledged = _workdays_after(window, reopened, rng.randint(1, 2))
    replied = _workday_before(window, reopened + rng.randint(16, 29) * DAY)
    return [
        Act("acknowledge", acknowledged),
        Act("contact", window.day_between(acknowledged, replied - DAY, rng)),
        Act("reply", replied),
        Act("rate", replied + rng.randint(3, 20) * DAY),
    ]


def _workdays_after(window: Window, day: dt.date, amount: int) -> dt.date:
    return window.calendar.due(day, f"{amount}WD").on if amount else day


def _workday_before(window: Window, day: dt.date) -> dt.date:
    while not window.calendar.is_workday(day):
        day -= DAY
    return day
