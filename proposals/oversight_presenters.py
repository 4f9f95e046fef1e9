"""What the oversight did about one proposal, as its page shows it. Pure: the rows were read before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from casework.presenters import day, moment
from proposals.models import AssignmentRole, EvaluationGrade, OversightKind

if TYPE_CHECKING:
    from proposals.queries import CasePage
    from proposals.viewing import Viewer


def beside_case(page: CasePage, viewer: Viewer) -> dict[str, list[dict[str, Any]]]:
    """Return the lists of ``oversight/beside_case.html``; nothing at all where all of them are empty.

    Offices see who oversees. What was seen and demanded is for those who supervise and, as far as it is demanded of
    it, the unit; of an evaluation the answering unit sees the result.
    """
    proposal = page.proposal
    if not viewer.is_office:
        return {}
    own = {
        part.unit_id for row in page.rounds[:1] for part in row.assignments.all() if part.role != AssignmentRole.ASSIST
    }
    answers = viewer.unit_id in own
    found = {
        "oversights": [_oversight(row) for row in proposal.oversight_rows],
        "demands": [
            _demand(row, viewer)
            for row in proposal.rectification_rows
            if viewer.supervises or row["unit_id"] == viewer.unit_id
        ],
        "inspections": [_inspection(row) for row in proposal.inspection_rows] if viewer.is_committee else [],
        "ratings": [_rating(row) for row in proposal.rating_rows] if viewer.is_committee else [],
        "evaluations": [
            _evaluation(row, viewer)
            for row in proposal.evaluation_rows
            if viewer.supervises or (answers and row["concluded_at"])
        ],
    }
    return found if any(found.values()) else {}


def _oversight(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": OversightKind(row["kind"]).label,
        "who": "、".join(filter(None, [row["overseer_name"], row["body"]])),
        "decided": f"{row['meeting']}，{row['decided_on']}",
        "ended": moment(row["ended_at"]),
        "why": row["ended_why"],
    }


def _inspection(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": reverse("proposals:inspection", args=[row["id"]]),
        "on": day(row["held_on"]),
        "unit": row["unit_name"],
    }


def _rating(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": reverse("ratings:results", args=[row["round"]]),
        "on": day(row["held_on"]),
        "title": row["title"],
    }


def _demand(row: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    return {
        "url": reverse("proposals:inspection", args=[row["inspection_id"]]) if viewer.is_committee else "",
        "unit": row["unit_name"],
        "on": day(row["held_on"]),
        "demand": row["demand"],
        "due_on": day(row["due_on"]),
        "answer": row["answer"],
        "answered_at": moment(row["answered_at"]),
    }


def _evaluation(row: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    return {
        "grade": EvaluationGrade(row["grade"]).label if row["grade"] else "",
        "decided": f"{row['meeting']}，{row['decided_on']}" if viewer.supervises else "",
        "evaluators": row["evaluators"] if viewer.supervises else "",
        "why": row["why"] if viewer.supervises else "",
        "due_on": day(row["due_on"]),
        "conclusion": row["conclusion"],
        "follow_up": row["follow_up"],
        "concluded_at": moment(row["concluded_at"]),
    }
