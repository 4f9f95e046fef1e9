"""The case page as it shows one proposal. Pure: what it needs was read before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from casework.models import CaseStatus
from casework.presenters import day, moment, stepper
from proposals.file_lists import shown
from proposals.models import (
    Consent,
    CosignatureState,
    Gate,
    MilestoneKind,
    Period,
    Proposal,
    ProposalKind,
)
from proposals.oversight_presenters import beside_case
from proposals.presenters import brief, sections_of
from proposals.round_presenters import commitment_card, round_card
from proposals.rules import deadline_of
from proposals.viewing import history, owed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from casework.models import Step
    from proposals.models import Attachment
    from proposals.queries import CasePage
    from proposals.rules import Ability
    from proposals.viewing import Viewer

POSTED = {"acknowledge"}
# Acts that have a page.
PAGES = {
    "edit",
    "submit",
    "invite",
    "cosign",
    "withdraw",
    "consent",
    "review",
    "assign",
    "acknowledge",
    "contact",
    "reply",
    "rate",
    "gate",
    "convert",
    "key",
    "milestone",
    "distribute",
    "return",
    "decide-return",
    "reassign",
    "extend",
    "decide-extension",
    "opinion",
    "send-back",
    "in-person",
    "close-unrated",
    "commit",
    "commitment-report",
    "commitment-verify",
    "commitment-change",
    "look-back",
    "commitment-rate",
    "oversee",
    "lift",
    "rectify",
    "evaluate",
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
        }
        for ability in abilities.values()
        if ability.code in PAGES
    ]


def _sections(proposal: Proposal) -> list[dict[str, str]]:
    """Return the text; a bill has its subject, grounds and plan (组织法 22)."""
    if proposal.form == ProposalKind.SUGGESTION:
        written = sections_of(proposal) or [("", "")]
        return [{"heading": heading, "text": text} for heading, text in written]
    return [
        {"heading": "案由", "text": proposal.body},
        {"heading": "案据", "text": proposal.grounds},
        {"heading": "方案", "text": proposal.plan},
    ]


def _link(proposal: Proposal) -> dict[str, str]:
    return {"words": str(proposal), "url": reverse("proposals:case", args=[proposal.pk])}


def _gate(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": Gate(row["gate"]).label,
        "by": row["passed_by"],
        "at": moment(row["passed_at"]),
        "note": row["note"],
    }


def _milestone(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "on": day(row["happened_on"]),
        "kind": MilestoneKind(row["kind"]).label,
        "meeting": row["meeting"],
        "text": row["text"],
    }


def case_context(
    page: CasePage,
    steps: list[Step],
    abilities: dict[str, Ability],
    files: Sequence[Attachment],
    today: dt.date,
    *,
    viewer: Viewer,
) -> dict[str, Any]:
    """Return the context of ``proposals/case.html``; who takes no part sees neither contacts nor history."""
    proposal = page.proposal
    due = owed(page, viewer)
    is_open = proposal.status == CaseStatus.OPEN
    in_session = proposal.period == Period.IN_SESSION
    rounds = [
        round_card(row, page, files, today, is_current=is_open and index == 0, viewer=viewer)
        for index, row in enumerate(page.rounds)
    ]
    none = {"assignments": [], "feedbacks": [], "label": "", "reason": "", "office": "", "units": 0}
    current = rounds[0] if rounds else none
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
    if proposal.formed_by:
        facts.append({"label": "形成方式", "value": proposal.get_formed_by_display()})
    if proposal.wants_contact:
        facts.append({"label": "沟通", "value": "希望承办单位加强联系沟通"})
    if proposal.is_key and viewer.is_insider:
        facts.append({"label": "重点督办", "value": f"{proposal.key_meeting}，{proposal.key_decided_on:%Y-%m-%d}"})
    return {
        "proposal": brief(proposal, due, today),
        "list_url": reverse("proposals:list"),
        "steps": stepper(
            proposal,
            steps,
            page.runs,
            due,
            today,
            rule_of=lambda step: deadline_of(step, proposal.rules, in_session=in_session).rule,
        ),
        "actions": actions(proposal, abilities),
        "facts": facts,
        "sections": _sections(proposal),
        "attachments": shown(files),
        "main": _link(proposal.merged_into) if proposal.merged_into else None,
        "merged": [
            _link(Proposal(pk=row["id"], label=row["label"], title=row["title"])) for row in proposal.merged_rows
        ]
        if viewer.is_insider
        else [],
        "asked": [{"name": row["name"], "state": CosignatureState(row["state"]).label} for row in proposal.asked_rows]
        if viewer.is_insider
        else [],
        "gates": [_gate(row) for row in proposal.gate_rows] if viewer.is_office else [],
        "commitments": [commitment_card(row, files, today) for row in proposal.commitment_rows]
        if viewer.is_insider
        else [],
        "milestones": [_milestone(row) for row in proposal.milestone_rows],
        "oversight": beside_case(page, viewer),
        "consents": [row | {"answer": Consent(row["answer"]).label} for row in proposal.consent_rows]
        if viewer.is_insider
        else [],
        "office": current["office"],
        "unit_count": current["units"],
        "assignments": current["assignments"],
        "feedbacks": current["feedbacks"],
        "round_label": current["label"] if len(rounds) > 1 else "",
        "round_reason": current["reason"],
        "rounds": rounds[1:],
        "events": history(page, viewer) if viewer.is_insider else [],
    }
