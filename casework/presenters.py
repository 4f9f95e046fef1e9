"""Rows of the engine as pages show them. Pure: what they need was read before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from casework import registry
from casework.models import CaseStatus, ObligationState, Stage
from casework.rules import light

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from casework.models import Case, Event, Obligation, Step, StepRun

SAYS_NO = {"return", "not_registered", "reopen"}
# More steps than these are drawn one below the other on a tablet.
FITS_A_TABLET = 6


def short_date(day: dt.date, today: dt.date) -> str:
    """Return 7月3日, with the year where it is another one."""
    words = f"{day.month}月{day.day}日"
    return words if day.year == today.year else f"{day.year}年{words}"


def due_words(obligation: Obligation, today: dt.date) -> str:
    """Return the due date with its distance: 7月3日，还有 3 天."""
    if obligation.due_on is None:
        return ""
    words = light(obligation.due_on, today, obligation.state)[1]
    return f"{short_date(obligation.due_on, today)}，{words}"


def day(text: str | None) -> dt.date | None:
    """Return the date of a day or moment as the database writes it into JSON."""
    return dt.datetime.fromisoformat(text).date() if text else None


def moment(text: str | None) -> dt.datetime | None:
    """Return a moment as the database writes it into JSON, in local time."""
    return timezone.localtime(dt.datetime.fromisoformat(text)) if text else None


def obligation_row(obligation: Obligation, today: dt.date, *, waiting: bool = False) -> dict[str, Any]:
    """Return an obligation (with its case loaded) for ``partials/obligation.html``."""
    colour, words = light(obligation.due_on, today, obligation.state)
    case = obligation.case
    if waiting:
        source = f"等待{obligation.owner_label}{obligation.verb}"
    else:
        source = f"来自{obligation.from_label}" if obligation.from_label else ""
    return {
        "light": colour,
        "light_words": words,
        "verb": obligation.verb,
        "number": case.label,
        "title": case.title,
        "url": case.get_absolute_url(),
        "act_url": act_url(obligation),
        "from_label": source,
        "due_on": obligation.due_on,
        "due_day": short_date(obligation.due_on, today) if obligation.due_on else "",
        "provisional": obligation.is_provisional,
        "action_label": obligation.verb,
    }


def act_url(obligation: Obligation) -> str:
    """Return the address where an obligation is met: the form of its act, or the page of its case."""
    case = obligation.case
    page = registry.kind(case.kind).act_pages.get(obligation.act)
    return reverse(page, args=[case.pk]) if page else case.get_absolute_url()


def recent_row(event: Event) -> dict[str, Any]:
    """Return a history line of the user's own for the list of recent work."""
    return {"at": event.at, "title": str(event.case), "url": event.case.get_absolute_url(), "note": event.step_label}


def timeline(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return history lines for ``partials/timeline.html``."""
    return [
        {
            "at": event.at,
            "sentence": event.sentence,
            "kind": "return" if event.verb in SAYS_NO else ("overdue" if event.verb == "urge" else "step"),
            "imported": event.is_imported,
        }
        for event in events
    ]


def stepper(
    case: Case,
    steps: Sequence[Step],
    runs: Sequence[StepRun],
    obligations: Sequence[Obligation],
    today: dt.date,
    *,
    rule_of: Callable[[Step], str] | None = None,
) -> dict[str, Any]:
    """Return the procedure as ``partials/stepper.html`` draws it: steps by stage, and what is owed now.

    ``runs`` are oldest first with ``left_by`` loaded; of several stays in one step the last counts. ``obligations``
    are the open ones. ``rule_of`` says by which rule a coming step will be due, if not by its own.
    """
    stays: dict[int, list[StepRun]] = {}
    for run in runs:
        stays.setdefault(run.step_id, []).append(run)
    current = next((step.position for step in steps if step.pk == case.step_id), None)
    stages: list[dict[str, Any]] = []
    for step in steps:
        if not stages or stages[-1]["stage"] != step.stage:
            stages.append({"stage": step.stage, "label": Stage(step.stage).label, "steps": []})
        row = _step_row(case, step, stays.get(step.pk, []), current)
        if row["state"] == "now":
            row |= _owed_now(case, obligations, today)
        elif row["state"] == "coming":
            row["due_words"] = deadline_words(rule_of(step) if rule_of else step.deadline)
        stages[-1]["steps"].append(row)
    return {
        "stages": stages,
        "is_grouped": any(len(stage["steps"]) > 1 for stage in stages),
        "is_long": len(steps) > FITS_A_TABLET,
        "owed": [
            _owed_row(obligation, today) for obligation in obligations if obligation.state == ObligationState.OPEN
        ],
    }


def _step_row(case: Case, step: Step, stays: Sequence[StepRun], current: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {"label": step.label, "times": len(stays), "who": ""}
    if step.pk == case.step_id:
        row["state"] = "now"
        row["since"] = stays[-1].entered_at if stays else None
    elif current is not None and step.position > current:
        # What was sent back passes here again.
        row["state"] = "coming"
    elif not stays:
        row["state"] = "skipped"
    else:
        last = stays[-1]
        row |= {"state": "done", "at": last.left_at, "who": str(last.left_by) if last.left_by else ""}
        if last.left_at is not None:
            row["days"] = (timezone.localdate(last.left_at) - timezone.localdate(last.entered_at)).days
    return row


def _owed_now(case: Case, obligations: Sequence[Obligation], today: dt.date) -> dict[str, Any]:
    if case.status == CaseStatus.DRAFT:
        return {"who": "草稿，尚未提交", "since": None}
    row: dict[str, Any] = {"who": "、".join(dict.fromkeys(o.owner_label for o in obligations))}
    dates = [o.due_on for o in obligations if o.due_on is not None and o.state == ObligationState.OPEN]
    if dates:
        row["light"], row["light_words"] = light(min(dates), today, ObligationState.OPEN)
    return row


def _owed_row(obligation: Obligation, today: dt.date) -> dict[str, Any]:
    colour, words = light(obligation.due_on, today, obligation.state)
    return {
        "who": obligation.owner_label,
        "verb": obligation.verb,
        "light": colour,
        "light_words": words,
        "due_on": obligation.due_on,
        "due": short_date(obligation.due_on, today) if obligation.due_on else "",
        "basis": obligation.due_basis,
        "provisional": obligation.is_provisional,
    }


def deadline_words(rule: str) -> str:
    """Return a deadline rule in words: 5WD → 5个工作日."""
    for suffix, words in (("WD", "个工作日"), ("D", "日"), ("M", "个月")):
        if rule.endswith(suffix):
            return rule.removesuffix(suffix) + words
    return rule
