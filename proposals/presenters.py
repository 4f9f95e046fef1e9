"""Proposals as pages show them. Pure: what they need was read before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from casework.models import CaseStatus, ObligationState
from casework.presenters import stepper, timeline
from casework.rules import light
from proposals.models import AssignmentRole, Grade, ReviewResult
from proposals.presets import CLOSED_AS

if TYPE_CHECKING:
    from casework.models import Obligation, Step
    from proposals.models import Assignment, HandlingRound, Proposal
    from proposals.queries import CasePage
    from proposals.rules import Ability

POSTED = {"acknowledge", "submit"}
CONFIRM = {"submit": "提交后由代表工委审查，提交以后不能自行修改。确认提交?"}


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
        return "草稿，提交之前只有您自己看得到"
    owed: dict[str, list[str]] = {}
    for obligation in obligations:
        owed.setdefault(obligation.owner_label, []).append(obligation.verb)
    return ";".join(f"等待{owner}{'、'.join(verbs)}" for owner, verbs in owed.items())


def _tags(proposal: Proposal) -> list[str]:
    tags = [proposal.get_period_display()] if proposal.submitted_on else []
    if proposal.review_result == ReviewResult.NOT_REGISTERED:
        tags.append(proposal.get_review_result_display())
    if proposal.nature:
        tags.append(proposal.nature)
    if proposal.is_imported:
        tags.append("导入")
    return tags


def assignment_card(row: Assignment, today: dt.date, *, is_current: bool, is_insider: bool) -> dict[str, Any]:
    """Return one unit's part in a round, with contacts and replies prefetched."""
    answers = row.role != AssignmentRole.ASSIST
    replies = list(row.replies.all())
    if replies:
        state, lamp = "已答复", ("green", f"{replies[-1].replied_on:%Y-%m-%d} 答复")
    elif not is_current:
        state, lamp = "", ("grey", "")
    else:
        state = "已签收" if row.acknowledged_at else "待签收"
        lamp = light(row.due_on, today, ObligationState.OPEN) if answers else ("grey", "")
    return {
        "unit": row.unit.name,
        "role_label": row.get_role_display(),
        "lead": answers,
        "assigned_on": row.assigned_on,
        "due_on": row.due_on,
        "acknowledged_at": row.acknowledged_at,
        "state": state,
        "light": lamp[0],
        "light_words": lamp[1],
        "contacts": list(row.contacts.all()) if is_insider else [],
        "replies": replies,
    }


def _round(row: HandlingRound, today: dt.date, *, is_current: bool, is_insider: bool) -> dict[str, Any]:
    order = {AssignmentRole.LEAD: 0, AssignmentRole.SEPARATE: 1, AssignmentRole.ASSIST: 2}
    assignments = sorted(row.assignments.all(), key=lambda a: (order[a.role], a.pk))
    return {
        "label": f"第 {row.number} 轮办理",
        "opened_at": row.opened_at,
        "reason": row.reason,
        "assignments": [assignment_card(a, today, is_current=is_current, is_insider=is_insider) for a in assignments],
        "feedbacks": list(row.feedbacks.all()),
    }


def actions(proposal: Proposal, abilities: dict[str, Ability]) -> list[dict[str, Any]]:
    """Return the buttons of the case page, from the same abilities that refuse the requests."""
    return [
        {
            "code": ability.code,
            "label": ability.label,
            "url": reverse(f"proposals:{ability.code}", args=[proposal.pk]),
            "method": "post" if ability.code in POSTED else "get",
            "allowed": ability.allowed,
            "reason": ability.reason,
            "primary": ability.is_primary,
            "danger": False,
            "confirm": CONFIRM.get(ability.code, ""),
        }
        for ability in abilities.values()
    ]


def case_context(
    page: CasePage, steps: list[Step], abilities: dict[str, Ability], today: dt.date, *, is_insider: bool
) -> dict[str, Any]:
    """Return the context of ``proposals/case.html``; who takes no part sees neither contacts nor history."""
    proposal = page.proposal
    is_open = proposal.status == CaseStatus.OPEN
    rounds = [
        _round(row, today, is_current=is_open and index == 0, is_insider=is_insider)
        for index, row in enumerate(page.rounds)
    ]
    current = rounds[0] if rounds else {"assignments": [], "feedbacks": [], "label": "", "reason": ""}
    cosigners = "、".join(row.seat.person.name for row in page.cosigners)
    count = len(page.cosigners) + proposal.paper_cosigners
    facts = [
        {
            "label": "领衔代表",
            "value": proposal.lead.person.name,
            "url": reverse("deputies:person", args=[proposal.lead.person_id]),
        },
        {"label": "代表团", "value": proposal.lead.delegation.name},
        {"label": "届次会次", "value": str(proposal.session)},
        {"label": "提出日期", "value": proposal.submitted_on and f"{proposal.submitted_on:%Y-%m-%d}"},
        {"label": "类别", "value": proposal.category and proposal.category.name},
        {"label": "公开意见", "value": proposal.get_disclosure_display()},
        {
            "label": "附议",
            "value": (f"{count} 人" if count else "没有附议") + (f"：{cosigners}" if cosigners else ""),
            "wide": bool(cosigners),
        },
    ]
    if proposal.suggested_unit:
        facts.append({"label": "建议承办单位", "value": proposal.suggested_unit.name})
    return {
        "proposal": brief(proposal, page.obligations, today),
        "list_url": reverse("proposals:list"),
        "steps": stepper(proposal, steps, page.runs, page.obligations, today),
        "actions": actions(proposal, abilities),
        "facts": facts,
        "sections": [{"heading": "", "text": proposal.body}],
        "attachments": [],
        "assignments": current["assignments"],
        "feedbacks": current["feedbacks"],
        "round_label": current["label"] if len(rounds) > 1 else "",
        "round_reason": current["reason"],
        "rounds": rounds[1:],
        "events": timeline(page.events) if is_insider else [],
    }
