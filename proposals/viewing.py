"""What a viewer of a case may be told of its history and of what is owed. Pure: what it needs was read before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.presenters import moment, timeline
from proposals.models import AttachmentKind
from proposals.presets import ASKS, BETWEEN_OFFICES, DECISIONS, OVERSIGHT

if TYPE_CHECKING:
    from casework.models import Event, Obligation
    from proposals.models import Assignment
    from proposals.queries import CasePage

# The words by which obligations to do what passes between offices are called.
DECISION_WORDS = ("审批退办", "审批延期", "报告整改情况", "完成评估")
BETWEEN_OFFICES_WORDS = ("提出协办意见", *DECISION_WORDS)


@dataclass(frozen=True)
class Viewer:
    """For whom the page is drawn. To deputies who take no part a case is open as far as it is public.

    What units ask of the offices is for those who supervise and the unit itself; what the overseers saw, and how a
    rating came out, is the committee's.
    """

    is_insider: bool
    is_office: bool
    supervises: bool
    is_committee: bool
    unit_id: int | None


def history(page: CasePage, viewer: Viewer) -> list[dict[str, Any]]:
    """Return the lines of the history that the viewer may read, as far as he may read them."""
    own = _own_parts(page, viewer)
    said = [(event, words) for event in page.events if (words := _said(event, viewer, own))]
    lines = timeline(event for event, _ in said)
    return [line | {"sentence": words} for line, (_, words) in zip(lines, said, strict=True)]


def _said(event: Event, viewer: Viewer, own: list[Assignment]) -> str:
    """Return what the viewer reads of a line: nothing of what passes between others (see ``Viewer``)."""
    if viewer.supervises:
        return event.sentence
    if event.verb == "urge":
        return "" if any(word in event.sentence for word in _secret_words(viewer)) else event.sentence
    if event.verb == "recompute":
        return _without(event.sentence, _secret_words(viewer))
    if not viewer.is_office and event.verb in BETWEEN_OFFICES:
        return ""
    if "units" in event.data:
        # What the overseers ask of single units, and what these answer.
        is_own = viewer.unit_id in event.data["units"]
    elif event.verb in DECISIONS:
        is_own = any(_decides(event, part) for part in own)
    elif event.verb in ASKS or _is_of_own_file(event):
        is_own = any(event.actor_label.endswith(f"（{part.unit.name}）") for part in own)
    else:
        is_own = True
    return event.sentence if is_own else ""


def _own_parts(page: CasePage, viewer: Viewer) -> list[Assignment]:
    parts = [part for round_ in page.rounds for part in round_.assignments.all()]
    return [part for part in parts if part.unit_id == viewer.unit_id]


def _decides(event: Event, part: Assignment) -> bool:
    """Say whether a line tells the decision on a request of a part: both were written at one moment."""
    decided = {moment(row["decided_at"]) for row in (*part.return_rows, *part.extension_rows)}
    return event.at in decided and part.unit.name in event.sentence


def _is_of_own_file(event: Event) -> bool:
    """Say whether a line tells of a file that a unit prepares for itself; file names may hold any words."""
    said = event.sentence.removeprefix(event.actor_label)[2:]
    prepared = (f"{AttachmentKind.REQUEST.label}「", f"{AttachmentKind.REPLY.label}「")
    return event.verb in {"attach", "detach"} and said.startswith(prepared)


def _secret_words(viewer: Viewer) -> tuple[str, ...]:
    return DECISION_WORDS if viewer.is_office else BETWEEN_OFFICES_WORDS


def _without(sentence: str, words: tuple[str, ...]) -> str:
    """Return a line on moved dates without those of some obligations, empty where no other date is left."""
    secret = re.compile(rf"[^，]*(?:{'|'.join(words)})期限.*")
    # The first of the dates stands behind the reason for all of them.
    kept = "；".join(filter(None, (secret.sub("", part) for part in sentence.split("；")))).replace("，；", "，")
    return "" if kept.endswith("，") else kept


def owed(page: CasePage, viewer: Viewer) -> list[Obligation]:
    """Return what is owed and the viewer may know of; a decision is owed to the unit that asked."""
    if viewer.supervises:
        return page.obligations
    if not viewer.is_office:
        return [row for row in page.obligations if row.act not in BETWEEN_OFFICES]
    units = {part.unit.name for part in _own_parts(page, viewer)}
    rows = [row for row in page.obligations if row.act not in DECISIONS or row.from_label in units]
    return [row for row in rows if row.act not in OVERSIGHT or row.owner_unit_id == viewer.unit_id is not None]
