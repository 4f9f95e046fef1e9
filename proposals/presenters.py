"""Proposals as pages show them. Pure: what they need was read before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from casework.models import CaseStatus, ObligationState
from casework.rules import light
from proposals.models import CommitmentState, CommitmentStepKind, Grade, ReviewResult
from proposals.presets import CLOSED_AS

if TYPE_CHECKING:
    from casework.models import Obligation
    from proposals.models import Commitment, Proposal, Reply


def status_light(proposal: Proposal, due_on: dt.date | None, today: dt.date) -> tuple[str, str]:
    """Return colour and words of a proposal's state."""
    if proposal.status == CaseStatus.CLOSED:
        return "grey", CLOSED_AS.get(proposal.closed_as, "已办结")
    if proposal.status == CaseStatus.DRAFT:
        return "grey", "草稿"
    return light(due_on, today, ObligationState.OPEN)


def list_row(proposal: Proposal, today: dt.date) -> dict[str, Any]:
    """Return a row of the list, from ``queries.list_rows``."""
    colour, words = status_light(proposal, proposal.due_on, today)
    return {
        "light": colour,
        "light_words": words,
        "number": proposal.display_no,
        "title": proposal.title,
        "url": proposal.get_absolute_url(),
        "lead": proposal.lead.person.name,
        "delegation": proposal.lead.delegation.name,
        "category": proposal.category.name if proposal.category else "",
        "unit": proposal.unit_name,
        "assisting_count": proposal.assisting_count,
        "submitted_on": proposal.submitted_on,
        "due_on": proposal.due_on,
        "stage_label": proposal.step.label if proposal.step else "办结",
        "rating_label": Grade(proposal.rating).label if proposal.rating else "",
    }


def sections_of(proposal: Proposal) -> list[tuple[str, str]]:
    """Return the parts of the text that were written, each with its heading; a text of one part needs none."""
    heading = "案由" if proposal.grounds or proposal.plan else ""
    parts = [(heading, proposal.body), ("案据", proposal.grounds), ("方案", proposal.plan)]
    return [part for part in parts if part[1].strip()]


def replies_to_rate(proposal: Proposal, replies: list[Reply]) -> list[dict[str, Any]]:
    """Return the replies of a round beside the form that judges them."""
    return [
        {
            "row": row,
            "letter_url": reverse("proposals:reply-letter", args=[proposal.pk, row.pk]) if row.body else "",
        }
        for row in replies
    ]


def commitment_row(row: Commitment, today: dt.date) -> dict[str, Any]:
    """Return a row of the register of commitments, from ``queries.commitments.with_steps``."""
    if row.state == CommitmentState.OPEN:
        colour, words = light(row.due_on, today, ObligationState.OPEN)
    else:
        colour = "yellow" if row.state == CommitmentState.CLAIMED else "grey"
        words = row.get_state_display()
    return {
        "light": colour,
        "light_words": words,
        "number": row.proposal.display_no,
        "title": row.proposal.title,
        "url": f"{row.proposal.get_absolute_url()}#commitments",
        "matter": row.matter,
        "unit": row.unit.name,
        "responsible": row.responsible,
        "made_on": row.made_on,
        "due_on": row.due_on,
        "state": row.get_state_display(),
        "latest": latest_words(row),
        "looked_back": row.looked_back,
        "looked_back_on": row.looked_back_on,
    }


def latest_words(row: Commitment) -> str:
    """Return what happened to a commitment last, from ``queries.commitments.with_steps``."""
    if row.latest_kind is None:
        return ""
    label = CommitmentStepKind(row.latest_kind).label
    return f"{row.latest_on:%Y-%m-%d} {label}" + (f"：{row.latest_text}" if row.latest_text else "")


def brief(proposal: Proposal, obligations: list[Obligation], today: dt.date) -> dict[str, Any]:
    """Return the head of a proposal for the case page and for ``partials/brief.html``."""
    dates = [o.due_on for o in obligations if o.due_on]
    colour, words = status_light(proposal, min(dates, default=None), today)
    return {
        "number": proposal.display_no,
        "title": proposal.title,
        "url": proposal.get_absolute_url(),
        "light": colour,
        "light_words": words,
        "kind_label": proposal.get_form_display(),
        "version": proposal.version,
        "owner_label": _owner_label(proposal, obligations),
        "tags": _tags(proposal),
    }


def _owner_label(proposal: Proposal, obligations: list[Obligation]) -> str:
    if proposal.status == CaseStatus.CLOSED:
        return f"已办结：{CLOSED_AS.get(proposal.closed_as, '')}"
    if proposal.status == CaseStatus.DRAFT:
        return "草稿，提交之前只有领衔代表和受邀联名的代表看得到"
    owed: dict[str, list[str]] = {}
    for obligation in obligations:
        owed.setdefault(obligation.owner_label, []).append(obligation.verb)
    return "；".join(f"等待{owner}{'、'.join(verbs)}" for owner, verbs in owed.items())


def _tags(proposal: Proposal) -> list[str]:
    tags = [proposal.get_period_display()] if proposal.submitted_on else []
    if proposal.review_result == ReviewResult.NOT_REGISTERED:
        tags.append(proposal.get_review_result_display())
    if proposal.is_key:
        tags.append("重点督办")
    if proposal.nature and not (proposal.is_key and proposal.nature == "重点督办"):
        tags.append(proposal.nature)
    if proposal.merged_into_id is not None:
        tags.append("并案")
    if proposal.is_imported:
        tags.append("导入")
    return tags
