"""Which of the live year's proposals show what else the engine knows: returns, extensions, two levels, merging…"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence

from casework.calendar import WorkCalendar
from portal.demo import texts_bills, texts_deeds
from portal.demo.plan import DAY, REPLY, Act, Plan, Window, sessions_of

INVITING = FOLLOWING = "daibiao1"


def add_extras(plans: list[Plan], window: Window, rng: random.Random) -> None:
    """Give plans further acts, as far as the year is old enough for them, and add what is planned for the purpose.

    Each plan gets one kind of them, and stays in the state that it was planned for.
    """
    free = [
        plan
        for plan in plans
        if plan.acts[0].day.year == window.today.year and not (plan.is_bill or plan.is_separate or plan.title)
    ]
    _via_office(free, window, rng)
    _returns(free, window, rng)
    _extensions(free, window, rng)
    _key_items(free, window, rng)
    for plan in _taken(free, "review", last=True):
        plan.acts += [Act("gate", max(plan.acts[0].day, window.today - DAY)) for _ in texts_deeds.GATES]
    main = next(_taken(free, "contacted", unit="交通局", fits=_is_apart), None)
    if main is not None:
        plans.append(_joining(main, window))
    inviting = next(plan for plan in plans if plan.deputy == INVITING and plan.state == "draft" and _age(plan, window))
    inviting.acts += [Act("invite", inviting.acts[0].day + DAY), Act("cosign", inviting.acts[0].day + 2 * DAY)]
    plans += _withdrawn(window)


def _age(plan: Plan, window: Window) -> bool:
    return (window.today - plan.acts[-1].day).days >= 2


def _taken(
    free: list[Plan], state: str, *, unit: str = "", last: bool = False, fits: Callable[[Plan], bool] = bool
) -> Iterator[Plan]:
    """Yield the first plan (or the last) that fits and belongs to no demo deputy, and take it out of the free ones."""
    found = [plan for plan in free if (plan.state, plan.unit, plan.deputy) == (state, unit, "") and fits(plan)]
    if found:
        plan = found[-1 if last else 0]
        # Two plans may be equal and yet not the same.
        free[:] = [other for other in free if other is not plan]
        yield plan


def _via_office(free: list[Plan], window: Window, rng: random.Random) -> None:
    """Hand three items to the government office: one waits there, two were split."""
    for plan in _taken(free, "unacknowledged", last=True):
        plan.is_via_office = True
    for plan in [*_taken(free, "acknowledged", last=True), *_taken(free, "contacted", last=True)]:
        at = _place(plan, "assign")
        plan.is_via_office = True
        first, until = plan.acts[at].day, plan.acts[at + 1].day
        plan.acts.insert(at + 1, Act("distribute", window.day_between(first, min(until, first + 3 * DAY), rng)))


def _returns(free: list[Plan], window: Window, rng: random.Random) -> None:
    for unit in ("教育局", "交通局"):
        for plan in _taken(free, "unacknowledged", unit=unit, last=True):
            plan.acts.append(Act("ask_return", window.day_between(plan.acts[-1].day, window.today, rng)))
    for plan in _taken(free, "unacknowledged", last=True):
        asked = window.day_between(plan.acts[-1].day, window.today, rng)
        decided = window.day_between(asked, window.today, rng)
        plan.acts += [Act("ask_return", asked), Act("grant_return", decided)]


def _extensions(free: list[Plan], window: Window, rng: random.Random) -> None:
    """Let two units ask for a later date a few days before the present one; one of them gets it."""

    def is_early(plan: Plan) -> bool:
        assigned = plan.acts[_place(plan, "assign")].day
        return (plan.due_by_hand or window.calendar.due(assigned, REPLY).on) > window.today

    for granted in (True, False):
        for plan in _taken(free, "contacted", last=True, fits=is_early):
            first = max(plan.acts[-1].day, window.today - 4 * DAY)
            asked = window.day_between(first, window.today, rng)
            plan.acts.append(Act("ask_extension", asked))
            if granted:
                plan.acts.append(Act("grant_extension", window.day_between(asked, window.today, rng)))


def _key_items(free: list[Plan], window: Window, rng: random.Random) -> None:
    for unit in ("教育局", "卫健委"):
        for plan in _taken(free, "contacted", unit=unit, last=True):
            first = max(plan.acts[-1].day, window.today - 20 * DAY)
            plan.acts.append(Act("key", window.day_between(first, window.today, rng)))


def _place(plan: Plan, kind: str) -> int:
    return next(index for index, act in enumerate(plan.acts) if act.kind == kind)


def _is_apart(plan: Plan) -> bool:
    """Say whether a day lies between the registration and the assignment, for another one to join."""
    return plan.acts[_place(plan, "assign")].day - plan.acts[_place(plan, "pass")].day >= 2 * DAY


def _joining(main: Plan, window: Window) -> Plan:
    """Return a proposal on the same matter that joins a registered one before that is assigned."""
    passed, assigned = main.acts[_place(main, "pass")].day, main.acts[_place(main, "assign")].day
    acknowledged = window.calendar.next_workday(max(main.acts[_place(main, "acknowledge")].day, assigned + DAY))
    acts = [main.acts[0], Act("merge", window.calendar.next_workday(passed + DAY))]
    # What joins a little late is assigned at once to the units of the main one.
    after = max(acknowledged, acts[-1].day + DAY)
    if after <= window.today:
        acts.append(Act("acknowledge", after))
    return Plan("merged", acts, joins=main)


def _withdrawn(window: Window) -> Sequence[Plan]:
    """Return a proposal that its deputy withdrew after it was registered."""
    submitted = window.today - 16 * DAY
    if submitted < window.year_start:
        return []
    acts = window.chain([("submit", 0), ("pass", 4), ("withdraw", 8)], floor=submitted, last=window.today - 3 * DAY)
    return [Plan("withdrawn", acts, topic=texts_deeds.WITHDRAWN)]


def plan_followed_bill(*, today: dt.date, calendar: WorkCalendar) -> Plan:
    """Return the bill of the term's first session that was answered long ago and followed ever since."""
    year = today.year - 3
    (first, last), at = sessions_of(year), calendar.next_workday
    acts = [
        Act("submit", first + DAY),
        Act("pass", at(last + 3 * DAY)),
        Act("assign", at(last + 14 * DAY)),
        Act("acknowledge", at(last + 17 * DAY)),
        Act("contact", at(last + 40 * DAY)),
        Act("reply", at(last + 80 * DAY)),
        Act("rate", last + 90 * DAY, "satisfied"),
        *(Act("milestone", at(dt.date(year + step.years, *step.on))) for step in texts_bills.FOLLOWED_STEPS),
    ]
    return Plan(
        "followed", acts, deputy=FOLLOWING, is_bill=True, assisting=2, outcomes=["B"], topic=texts_bills.FOLLOWED
    )
