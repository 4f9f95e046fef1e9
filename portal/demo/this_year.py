"""The year in progress: proposals in every stage, some near due, some due today, some overdue."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from portal.demo.plan import (
    ACKNOWLEDGE,
    ASSIGN,
    DAY,
    RATE,
    REDO,
    REPLY,
    REVIEW,
    REVISE,
    Act,
    Plan,
    Window,
    regrade,
)
from portal.demo.texts import LONG_TITLE

# Days from 1 January that a proposal of the year needs at least to come to its state.
ROOM = {
    "review": 0,
    "returned": 1,
    "refused": 3,
    "assign": 1,
    "unacknowledged": 2,
    "acknowledged": 3,
    "contacted": 4,
    "rate": 10,
    "redo": 18,
    "rated": 16,
}
SUBMITTED = [("submit", 0)]
REVIEWED = [*SUBMITTED, ("pass", 3)]
ASSIGNED = [*REVIEWED, ("assign", 4)]
REPLIED = [*ASSIGNED, ("acknowledge", 3), ("contact", 14), ("reply", 30)]
RATED = [*REPLIED, ("rate", 9)]
REDONE = [*RATED, ("acknowledge", 2), ("contact", 60), ("reply", 20)]
RATED_AGAIN = [*REDONE, ("rate", 20)]
RATED_RESULTS = ["satisfied"] * 7 + ["basically"]


@dataclass(frozen=True)
class Target:
    """A state to be in today with its due date in days from today.

    A must is made even where the year is too young for it: then the proposal is one left over from the year before
    last, which last year's closed figures do not count.
    """

    state: str
    offset: int = 0
    unit: str = ""
    deputy: str = ""
    must: bool = False


def _for_all(state: str, *offsets: int) -> list[Target]:
    return [Target(state, offset) for offset in offsets]


TARGETS = [
    *_for_all("review", -3, 0, 1, 3, 3, 5, 6, 7, 7),
    Target("review", -1, must=True),
    Target("review", 2, must=True),
    Target("returned", 2, deputy="daibiao1", must=True),
    Target("returned", -1, deputy="daibiao2", must=True),
    Target("returned", 8, deputy="daibiao3"),
    *_for_all("returned", 5, -3, 9),
    *_for_all("refused", 0, 0, 0, 0),
    *_for_all("assign", -5, 1, 2, 4, 6, 7),
    Target("assign", -2, must=True),
    Target("assign", 0, must=True),
    Target("assign", 3),
    Target("unacknowledged", -2, unit="教育局"),
    Target("unacknowledged", 1, unit="教育局"),
    Target("unacknowledged", 6, unit="教育局"),
    Target("unacknowledged", 0, unit="交通局"),
    Target("unacknowledged", 5, unit="交通局"),
    Target("unacknowledged", -4, unit="卫健委"),
    Target("unacknowledged", 3, unit="卫健委"),
    *_for_all("unacknowledged", -8, 2, 6, 7),
    Target("acknowledged", -12, unit="教育局", must=True),
    Target("acknowledged", 3, unit="教育局", must=True),
    Target("acknowledged", 40, unit="教育局"),
    Target("acknowledged", -3, unit="交通局"),
    Target("acknowledged", 0, unit="交通局", must=True),
    Target("acknowledged", 25, unit="交通局", must=True),
    Target("acknowledged", 1, unit="卫健委", must=True),
    Target("acknowledged", 60, unit="卫健委"),
    *_for_all("acknowledged", -18, -6, 2, 22, 48, 75),
    Target("contacted", 0, unit="教育局", must=True),
    Target("contacted", 2, unit="教育局"),
    Target("contacted", 18, unit="教育局", must=True),
    Target("contacted", -7, unit="交通局", must=True),
    Target("contacted", 1, unit="交通局", must=True),
    Target("contacted", 33, unit="交通局"),
    Target("contacted", -2, unit="卫健委", must=True),
    Target("contacted", 0, unit="卫健委", must=True),
    Target("contacted", 12, unit="卫健委", must=True),
    *_for_all("contacted", -15, 3, 6, 20, 45),
    Target("rate", -3, deputy="daibiao1", must=True),
    Target("rate", 0, deputy="daibiao1"),
    Target("rate", 20, deputy="daibiao1", must=True),
    Target("rate", 1, deputy="daibiao2", must=True),
    Target("rate", 14, deputy="daibiao2", must=True),
    Target("rate", -6, deputy="daibiao3", must=True),
    Target("rate", 3, deputy="daibiao3", must=True),
    Target("rate", 25, deputy="daibiao3", must=True),
    *_for_all("rate", -10, 2, 5, 12, 22, 28),
    Target("redo", 2, unit="教育局"),
    Target("redo", -5, unit="交通局"),
    *_for_all("redo", 22, 12, 6),
    *_for_all("rated", *range(30)),
]
BILLS = 4
DRAFTS = [("daibiao1", 0), ("daibiao1", 3), ("daibiao2", 1), ("daibiao2", 9), ("daibiao3", 0), ("daibiao3", 5)]


def plan_this_year(window: Window, rng: random.Random) -> list[Plan]:
    """Return the live year's proposals and drafts as they stand today."""
    plans = []
    for target in TARGETS:
        plan = _Maker(window, rng).make(target)
        if plan is not None:
            plan.unit, plan.deputy = target.unit, target.deputy
            plans.append(plan)
    plans += _bills(window, rng)
    open_handling = [plan for plan in plans if plan.state == "acknowledged" and not plan.unit]
    for plan in open_handling[-2:]:
        plan.is_separate, plan.assisting = True, 2
    long_titled = next(plan for plan in plans if plan.state == "review")
    long_titled.title = LONG_TITLE
    plans += [Plan("draft", [Act("draft", window.today - age * DAY)], deputy=deputy) for deputy, age in DRAFTS]
    return plans


def _bills(window: Window, rng: random.Random) -> list[Plan]:
    first, last = window.session
    handed_over = last + 18 * DAY
    plans = []
    for number in range(BILLS):
        submitted = first + rng.randint(0, 3) * DAY
        if window.today < handed_over + 12 * DAY:
            acts = [Act("submit", min(submitted, window.today))]
            plans.append(Plan("review", acts, is_bill=True))
            continue
        acts = window.chain(ASSIGNED, floor=submitted, last=window.calendar.next_workday(handed_over))
        # A bill is a matter for most of the year.
        due = window.calendar.next_workday(window.today + (25 + 20 * number) * DAY)
        acts += _handled(window, rng, acts[-1].day, contacted=number > 0)
        plans.append(Plan("contacted", acts, is_bill=True, due_by_hand=due, assisting=3))
    return plans


def _handled(window: Window, rng: random.Random, start: dt.date, *, contacted: bool) -> list[Act]:
    """Return the acknowledgement, and where wanted the contact, between the start and today."""
    acknowledged = window.day_between(start, min(window.today, start + 5 * DAY), rng)
    acts = [Act("acknowledge", acknowledged)]
    if contacted:
        acts.append(Act("contact", window.day_between(acknowledged, min(window.today, start + 45 * DAY), rng)))
    return acts


class _Maker:
    """Makes the plan of one target in this year, or as a left-over where the year is too young for a must."""

    def __init__(self, window: Window, rng: random.Random) -> None:
        self.window, self.rng = window, rng
        self.start = window.year_start
        year = window.today.year - 2
        # Left-overs were proposed in the recess at the end of the year before last.
        self.left_over = dt.date(year, 12, rng.randint(1, 12))

    def make(self, target: Target) -> Plan | None:
        """Return the plan, None where the year is too young. Where no date has the wanted colour, the next best."""
        wanted = [target.offset, *([1, 2, 3, 6] if target.offset == 0 else [6] if 0 < target.offset <= 3 else [])]
        make = getattr(self, f"_{target.state}")
        for offset in wanted:
            plan = make(offset, self.start + ROOM[target.state] * DAY)
            if plan is not None:
                return self._in_session(plan)
            if target.must:
                plan = self._leave_over(target.state, offset)
                if plan is not None:
                    return plan
        return None

    def _in_session(self, plan: Plan) -> Plan:
        """Move what would have come soon after the session into it, where most proposals come from."""
        first, last = self.window.session
        act, *others = plan.acts
        if others and last < act.day <= last + 14 * DAY:
            plan.acts[0] = Act(act.kind, first + self.rng.randint(0, 3) * DAY)
        return plan

    def _ending(self, state: str, kinds: list[tuple[str, int]], day: dt.date | None) -> Plan | None:
        if day is None:
            return None
        return Plan(state, self.window.chain(kinds, floor=self.start, last=day))

    def _review(self, offset: int, floor: dt.date) -> Plan | None:
        day = self.window.solve(REVIEW, offset, floor=floor, office=False)
        return self._ending("review", SUBMITTED, day)

    def _returned(self, offset: int, floor: dt.date) -> Plan | None:
        return self._ending("returned", [*SUBMITTED, ("return", 3)], self.window.solve(REVISE, offset, floor=floor))

    def _refused(self, _offset: int, floor: dt.date) -> Plan | None:
        room = (self.window.today - floor).days
        if room < 1:
            return None
        day = self.window.day_between(floor, self.window.today - DAY, self.rng)
        return self._ending("refused", [*SUBMITTED, ("refuse", 3)], day)

    def _assign(self, offset: int, floor: dt.date) -> Plan | None:
        return self._ending("assign", REVIEWED, self.window.solve(ASSIGN, offset, floor=floor))

    def _unacknowledged(self, offset: int, floor: dt.date) -> Plan | None:
        return self._ending("unacknowledged", ASSIGNED, self.window.solve(ACKNOWLEDGE, offset, floor=floor))

    def _acknowledged(self, offset: int, floor: dt.date, *, contacted: bool = False) -> Plan | None:
        state, by_hand = "contacted" if contacted else "acknowledged", None
        day = self.window.solve(REPLY, offset, floor=floor)
        if day is None:
            by_hand = self._due_by_hand(offset)
            latest = min(self.window.today - DAY, by_hand - 2 * DAY)
            if latest < floor:
                return None
            day = self.window.day_between(max(floor, latest - 25 * DAY), latest, self.rng)
        plan = self._ending(state, ASSIGNED, day)
        plan.acts += _handled(self.window, self.rng, day, contacted=contacted)
        plan.due_by_hand = by_hand
        return plan

    def _due_by_hand(self, offset: int) -> dt.date:
        """Return a working day of the wanted colour near the offset, or the day itself where there is none."""
        target = self.window.today + offset * DAY
        for move in (0, -1, 1, -2, 2, -3, 3):
            day = target + move * DAY
            if self.window.calendar.is_workday(day) and self.window.colour(day) == self.window.colour(target):
                return day
        return target

    def _contacted(self, offset: int, floor: dt.date) -> Plan | None:
        return self._acknowledged(offset, floor, contacted=True)

    def _rate(self, offset: int, floor: dt.date) -> Plan | None:
        plan = self._ending("rate", REPLIED, self.window.solve(RATE, offset, floor=floor))
        if plan is not None:
            plan.outcomes = [self.rng.choice("AABBC")]
        return plan

    def _redo(self, offset: int, floor: dt.date) -> Plan | None:
        plan = self._ending("redo", RATED, self.window.solve(REDO, offset, floor=floor, office=False))
        if plan is not None:
            plan.acts = regrade(plan.acts, ["dissatisfied"])
            if (self.window.today - plan.acts[-1].day).days > 3:
                plan.acts += _handled(self.window, self.rng, plan.acts[-1].day, contacted=offset % 2 == 0)
        return plan

    def _rated(self, index: int, floor: dt.date) -> Plan | None:
        """The index stands in the offset's place: the older the year, the more are rated."""
        today, (first, last) = self.window.today, self.window.session
        if today <= floor + 2 * index * DAY:
            return None
        submitted = first + self.rng.randint(0, 3) * DAY if today > last + 40 * DAY else self.start
        total = self.rng.randint(65, 120)
        ended = min(submitted + total * DAY, today - self.rng.randint(1, 8) * DAY)
        acts = self.window.chain(_stretched(RATED, (ended - submitted).days), floor=submitted, last=ended)
        return Plan("rated", regrade(acts, [self.rng.choice(RATED_RESULTS)]), outcomes=[self.rng.choice("AAABBBBC")])

    def _leave_over(self, state: str, offset: int) -> Plan | None:
        """Return the plan of a proposal of the year before last that is in the state today, after a long way."""
        solve = self.window.solve
        floor = self.left_over + 340 * DAY
        match state:
            case "review" | "returned" | "assign":
                ends = {"review": [], "returned": [("return", 4)], "assign": [("pass", 3)]}[state]
                rule = {"review": REVIEW, "returned": REVISE, "assign": ASSIGN}[state]
                last = solve(rule, offset, floor=floor, office=state != "review")
                kinds, grades = [*SUBMITTED, ("return", 3), ("submit", 350), *ends], []
            case "rate":
                last, kinds, grades = solve(RATE, offset, floor=floor), REDONE, ["dissatisfied"]
            case _:
                last = solve(REDO, offset, floor=floor, office=False)
                kinds, grades = RATED_AGAIN, ["dissatisfied", "dissatisfied"]
        if last is None:
            return None
        stretched = _stretched(kinds, (last - self.left_over).days)
        plan = Plan(state, regrade(self.window.chain(stretched, floor=self.left_over, last=last), grades))
        plan.outcomes = ["C", "B", "B"]
        if grades:
            assigned = next(act.day for act in plan.acts if act.kind == "assign")
            plan.due_by_hand = self.window.calendar.due(assigned, "6M").on
        if len(grades) > 1:
            plan.acts += _handled(self.window, self.rng, last, contacted=state == "contacted")
        return plan


def _stretched(kinds: list[tuple[str, int]], days: int) -> list[tuple[str, int]]:
    """Return the acts with gaps that add up to about ``days``; the review and the assignment keep theirs."""
    fixed = {"pass", "assign", "acknowledge", "return"}
    total = sum(gap for kind, gap in kinds if kind not in fixed)
    kept = sum(gap for kind, gap in kinds if kind in fixed)
    factor = max(0, days - kept) / total if total else 1
    return [(kind, gap if kind in fixed else int(gap * factor)) for kind, gap in kinds]
