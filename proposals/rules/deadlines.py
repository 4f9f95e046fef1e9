"""By when things are due: the rules that the proposal runs under, or where they are silent its procedure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casework.calendar import WorkCalendar
    from casework.models import Outcome, Step
    from proposals.models import HandlingRules


@dataclass(frozen=True)
class Deadline:
    """A rule as ``casework.calendar`` reads it, empty for none; whether its last day rolls; the text it comes from."""

    rule: str
    rolls: bool = True
    source: str = ""


def rule_of(rules: HandlingRules | None, key: str, *, is_complex: bool = False, in_session: bool = False) -> Deadline:
    """Return what the rules say under a key; an empty rule where they are silent.

    ``assign`` is the deadline of the session or of the recess, ``reply`` the longer one for what is complex (代表法 51).
    """
    if rules is None or not key:
        return Deadline("")
    if key == "assign":
        key = "assign_session" if in_session else "assign_recess"
    elif key == "reply" and is_complex and rules.reply_complex:
        key = "reply_complex"
    return Deadline(getattr(rules, key, ""), rules.rolls, rules.basis)


def has_longer_reply(rules: HandlingRules | None) -> bool:
    """Say whether the rules give complex items more time (代表法 51)."""
    return bool(rules and rules.reply_complex)


def deadline_of(
    step: Step,
    rules: HandlingRules | None,
    *,
    outcome: Outcome | None = None,
    is_complex: bool = False,
    in_session: bool = False,
) -> Deadline:
    """Return by when a step is due that was entered by an outcome.

    What is said for the way in comes before what is said for the step, the rules before the procedure.
    """
    for source in (outcome, step):
        if source is None:
            continue
        found = rule_of(rules, source.rule_key, is_complex=is_complex, in_session=in_session)
        if found.rule:
            return found
        if source.deadline:
            return Deadline(source.deadline, rules.rolls if rules else True)
    return Deadline("")


def before(day: dt.date, calendar: WorkCalendar) -> dt.date:
    """Return the last working day before a day: an assisting unit answers before the lead unit's date."""
    day -= dt.timedelta(days=1)
    while not calendar.is_workday(day):
        day -= dt.timedelta(days=1)
    return day


def limit_of(
    rules: HandlingRules | None, calendar: WorkCalendar, *, assigned_on: dt.date, due_on: dt.date
) -> tuple[dt.date, str]:
    """Return the latest date to which a reply may be put off, and the words that say why.

    ``extend_max`` counts from the assignment, ``extend_by_max`` from the due date; where the rules know neither, the
    six months of the law hold (代表法 51).
    """
    rolls = rules.rolls if rules else True
    basis = rules.basis if rules else ""
    if rules and rules.extend_by_max:
        due = calendar.due(due_on, rules.extend_by_max, rolls=rolls)
    elif rules and rules.extend_max:
        due = calendar.due(assigned_on, rules.extend_max, rolls=rolls)
    else:
        longest = rules.reply_complex if rules and rules.reply_complex else "6M"
        due, basis = calendar.due(assigned_on, longest, rolls=rolls), basis or "代表法第五十一条"
    return due.on, f"{due.basis}（依据{basis}）" if basis else due.basis
