"""Rows of the engine as pages show them. Pure: what they need was read before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from casework.models import ObligationState, Stage
from casework.rules import light

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casework.models import Case, Event, Obligation, Step, StepRun

SAYS_NO = {"return", "not_registered", "reopen"}


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
        "from_label": source,
        "due_on": obligation.due_on,
        "due_words": due_words(obligation, today),
        "provisional": obligation.is_provisional,
        "action_label": obligation.verb,
    }


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
    case: Case, steps: Sequence[Step], runs: Sequence[StepRun], obligations: Sequence[Obligation], today: dt.date
) -> list[dict[str, Any]]:
    """Return every step of the procedure with who did it and when, or what is due, for ``partials/stepper.html``.

    ``runs`` are oldest first with ``left_by`` loaded; of several stays in one step the last counts. ``obligations``
    are the open ones.
    """
    last_run = {run.step_id: run for run in runs}
    current = next((step.position for step in steps if step.pk == case.step_id), None)
    rows = []
    for step in steps:
        run = last_run.get(step.pk)
        row: dict[str, Any] = {"label": step.label, "note": ""}
        if step.pk == case.step_id:
            row |= {"state": "now"} | _due(obligations, today)
            row["who"] = "、".join(dict.fromkeys(o.owner_label for o in obligations)) or ""
        elif run is None:
            row["state"] = "skipped" if case.status == "closed" else "coming"
            if step.deadline and row["state"] == "coming":
                row["due_words"] = f"期限{deadline_words(step.deadline)}"
        elif current is not None and step.position > current:
            # A round that was reopened passes this step again.
            row["state"] = "coming"
        else:
            row |= {"state": "done", "at": run.left_at, "who": str(run.left_by) if run.left_by else ""}
            if run.left_at is not None:
                row["days"] = (run.left_at - run.entered_at).days
        if step.stage == Stage.SUBMIT and case.status == "draft":
            row["who"] = "草稿，尚未提交"
        rows.append(row)
    return rows


def _due(obligations: Sequence[Obligation], today: dt.date) -> dict[str, Any]:
    dated = [o for o in obligations if o.due_on is not None and o.state == ObligationState.OPEN]
    if not dated:
        return {}
    first = min(dated, key=lambda o: o.due_on)
    colour, words = light(first.due_on, today, first.state)
    return {"light": colour, "light_words": words, "due_words": first.due_basis, "due_on": first.due_on}


def deadline_words(rule: str) -> str:
    """Return a deadline rule in words: 5WD → 5个工作日."""
    for suffix, words in (("WD", "个工作日"), ("D", "日"), ("M", "个月")):
        if rule.endswith(suffix):
            return rule.removesuffix(suffix) + words
    return rule
