"""Rounds of handling, their units' parts and what was promised, as the case page shows them. Pure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from casework.models import ObligationState, Stage
from casework.presenters import day, moment
from casework.rules import light
from proposals.file_lists import evidence_of, shown
from proposals.models import (
    AssignmentRole,
    CommitmentState,
    CommitmentStepKind,
    ContactPhase,
    ContactWay,
    Grade,
    Proposal,
    ReplyDisclosure,
    RequestState,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proposals.models import Assignment, Attachment, HandlingRound
    from proposals.queries import CasePage
    from proposals.viewing import Viewer

AWAITS = "待签收"


def assignment_card(
    row: Assignment,
    page: CasePage,
    files: Sequence[Attachment],
    today: dt.date,
    *,
    is_current: bool,
    viewer: Viewer,
) -> dict[str, Any]:
    """Return one unit's part in a round, from ``queries.case_page``.

    Who takes no part sees the replies alone; what units and offices ask of each other is not the deputies' matter.
    """
    answers = row.role != AssignmentRole.ASSIST
    replies = list(row.replies.all())
    opinions = [_opinion(opinion) for opinion in row.opinion_rows]
    stands = any(not opinion["sent_back_why"] for opinion in opinions)
    if row.ended_at is not None:
        state, lamp = row.get_ended_as_display(), ("grey", "")
    elif replies:
        state, lamp = "已答复", ("green", f"{replies[-1].replied_on:%Y-%m-%d} 答复")
    elif not answers and stands:
        state, lamp = "已提协办意见", ("green", "")
    elif not is_current or page.proposal.step.stage == Stage.RATE:
        state, lamp = "", ("grey", "")
    else:
        state = "已签收" if row.acknowledged_at else AWAITS
        lamp = light(row.due_on, today, ObligationState.OPEN) if answers else ("grey", "")
    return {
        "unit": row.unit.name,
        "role_label": row.get_role_display(),
        "lead": answers,
        "ended": row.ended_at is not None,
        "via_office": row.via_office,
        "assigned_on": row.assigned_on,
        "due_on": row.due_on,
        "acknowledged_at": row.acknowledged_at,
        "awaits_acknowledgement": state == AWAITS,
        "state": state,
        "light": lamp[0],
        "light_words": lamp[1],
        "contacts": [_contact(contact) for contact in row.contact_rows] if viewer.is_insider else [],
        "opinions": opinions if viewer.is_office else [],
        "requests": [_return(page.proposal, asked) for asked in row.return_rows]
        + [_extension(page.proposal, asked) for asked in row.extension_rows]
        if viewer.supervises or viewer.unit_id == row.unit_id
        else [],
        "in_person": [_in_person(page.proposal, record) for record in row.in_person_rows] if viewer.is_insider else [],
        "files": shown(files, assignment_id=row.pk),
        "replies": [
            {
                "row": reply,
                "body": reply.body if viewer.is_insider or reply.disclosure == ReplyDisclosure.FULL else "",
                "letter_url": reverse("proposals:reply-letter", args=[page.proposal.pk, reply.pk])
                if reply.body and viewer.is_insider
                else "",
                "feedback_url": reverse("proposals:feedback-paper", args=[page.proposal.pk, reply.pk])
                if viewer.is_office and not reply.is_imported
                else "",
            }
            for reply in replies
        ],
    }


def _contact(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "on": day(row["contacted_on"]),
        "phase": ContactPhase(row["phase"]).label,
        "way": ContactWay(row["way"]).label,
        "summary": row["summary"],
    }


def _opinion(row: dict[str, Any]) -> dict[str, Any]:
    return {"body": row["body"], "at": moment(row["given_at"]), "sent_back_why": row["sent_back_why"]}


def _request(row: dict[str, Any], what: str, url: str, wish: str, granted: str = "") -> dict[str, Any]:
    return {
        "paper_url": url,
        "what": what,
        "at": moment(row["requested_at"]),
        "reason": row["reason"],
        "wish": wish,
        "state": RequestState(row["state"]).label,
        "waits": row["state"] == RequestState.WAITING,
        "decided": f"{row['decided_by']} {moment(row['decided_at']):%Y-%m-%d}" if row["decided_by"] else "",
        "note": "；".join(filter(None, [granted, row["decision_note"]])),
    }


def _return(proposal: Proposal, row: dict[str, Any]) -> dict[str, Any]:
    url = reverse("proposals:return-paper", args=[proposal.pk, row["id"]])
    return _request(row, "退办申请", url, f"建议改由{row['suggested']}办理" if row["suggested"] else "")


def _extension(proposal: Proposal, row: dict[str, Any]) -> dict[str, Any]:
    url = reverse("proposals:extension-paper", args=[proposal.pk, row["id"]])
    granted = f"延至{day(row['granted_until'])}" if row["granted_until"] else ""
    return _request(row, "延期申请", url, f"由{row['due_before']}延至{row['wanted_until']}", granted)


def _in_person(proposal: Proposal, row: dict[str, Any]) -> dict[str, Any]:
    url = reverse("proposals:in-person-paper", args=[proposal.pk, row["id"]])
    return row | {"held_on": day(row["held_on"]), "paper_url": url}


def round_card(
    row: HandlingRound,
    page: CasePage,
    files: Sequence[Attachment],
    today: dt.date,
    *,
    is_current: bool,
    viewer: Viewer,
) -> dict[str, Any]:
    """Return one round of handling with its units' parts, who still handles it first."""
    order = {AssignmentRole.LEAD: 0, AssignmentRole.SEPARATE: 1, AssignmentRole.ASSIST: 2}
    assignments = sorted(row.assignments.all(), key=lambda a: (a.ended_at is not None, order[a.role], a.pk))
    return {
        "label": f"第 {row.number} 轮办理",
        "opened_at": row.opened_at,
        "reason": row.reason,
        "assignments": [
            assignment_card(a, page, files, today, is_current=is_current, viewer=viewer) for a in assignments
        ],
        "units": sum(a.ended_at is None for a in assignments),
        "office": _office(row) if viewer.is_office else "",
        "feedbacks": list(row.feedbacks.all()),
    }


def _office(row: HandlingRound) -> str:
    """Return how far the government office is with what it was handed, empty where nothing was."""
    handed = getattr(row, "distribution", None)
    if handed is None:
        return ""
    if handed.distributed_at is None:
        return f"{handed.handed_on:%Y-%m-%d} 交政府办，等待分办" + (f"：{handed.note}" if handed.note else "")
    return f"{handed.handed_on:%Y-%m-%d} 交政府办，{timezone.localtime(handed.distributed_at):%Y-%m-%d} 由{handed.distributed_by}分办"


def commitment_card(row: dict[str, Any], files: Sequence[Attachment], today: dt.date) -> dict[str, Any]:
    """Return what a unit promised, with what it reported since and its evidence."""
    due_on = day(row["due_on"])
    state = CommitmentState(row["state"])
    lamp = light(due_on, today, ObligationState.OPEN) if state == CommitmentState.OPEN else ("grey", state.label)
    return row | {
        "light": lamp[0],
        "light_words": lamp[1],
        "state": state.label,
        "made_on": day(row["made_on"]),
        "due_on": due_on,
        "settled_on": day(row["settled_on"]) if row["settled_on"] else None,
        "rating": Grade(row["rating"]).label if row["rating"] else "",
        "files": evidence_of(files, row["id"]),
        "steps": [
            {
                "on": day(step["happened_on"]),
                "kind": CommitmentStepKind(step["kind"]).label,
                "text": step["text"],
                "document_no": step["document_no"],
                "due_on": day(step["due_on"]) if step["due_on"] else None,
            }
            for step in row["steps"]
        ],
    }
