"""The case page as it shows one proposal. Pure: what it needs was read before."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from casework.models import CaseStatus, ObligationState, Stage
from casework.presenters import stepper, timeline
from casework.rules import light
from proposals.file_lists import evidence_of, shown
from proposals.models import (
    AssignmentRole,
    AttachmentKind,
    CommitmentState,
    CommitmentStepKind,
    Consent,
    ContactPhase,
    ContactWay,
    CosignatureState,
    Gate,
    Grade,
    MilestoneKind,
    Period,
    Proposal,
    ProposalKind,
    ReplyDisclosure,
    RequestState,
)
from proposals.oversight_presenters import beside_case
from proposals.presenters import brief, sections_of
from proposals.presets import ASKS, BETWEEN_OFFICES, DECISIONS, OVERSIGHT
from proposals.rules import deadline_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casework.models import Event, Obligation, Step
    from proposals.models import Assignment, Attachment, HandlingRound
    from proposals.queries import CasePage
    from proposals.rules import Ability

# The words by which obligations to do what passes between offices are called.
DECISION_WORDS = ("审批退办", "审批延期", "报告整改情况", "完成评估")
BETWEEN_OFFICES_WORDS = ("提出协办意见", *DECISION_WORDS)
AWAITS = "待签收"
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
CONFIRM: dict[str, str] = {}


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


def _day(text: str | None) -> dt.date | None:
    return dt.datetime.fromisoformat(text).date() if text else None


def _moment(text: str | None) -> dt.datetime | None:
    return timezone.localtime(dt.datetime.fromisoformat(text)) if text else None


def _contact(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "on": _day(row["contacted_on"]),
        "phase": ContactPhase(row["phase"]).label,
        "way": ContactWay(row["way"]).label,
        "summary": row["summary"],
    }


def _opinion(row: dict[str, Any]) -> dict[str, Any]:
    return {"body": row["body"], "at": _moment(row["given_at"]), "sent_back_why": row["sent_back_why"]}


def _request(row: dict[str, Any], what: str, url: str, wish: str, granted: str = "") -> dict[str, Any]:
    return {
        "paper_url": url,
        "what": what,
        "at": _moment(row["requested_at"]),
        "reason": row["reason"],
        "wish": wish,
        "state": RequestState(row["state"]).label,
        "waits": row["state"] == RequestState.WAITING,
        "decided": f"{row['decided_by']} {_moment(row['decided_at']):%Y-%m-%d}" if row["decided_by"] else "",
        "note": "；".join(filter(None, [granted, row["decision_note"]])),
    }


def _return(proposal: Proposal, row: dict[str, Any]) -> dict[str, Any]:
    url = reverse("proposals:return-paper", args=[proposal.pk, row["id"]])
    return _request(row, "退办申请", url, f"建议改由{row['suggested']}办理" if row["suggested"] else "")


def _extension(proposal: Proposal, row: dict[str, Any]) -> dict[str, Any]:
    url = reverse("proposals:extension-paper", args=[proposal.pk, row["id"]])
    granted = f"延至{_day(row['granted_until'])}" if row["granted_until"] else ""
    return _request(row, "延期申请", url, f"由{row['due_before']}延至{row['wanted_until']}", granted)


def _in_person(proposal: Proposal, row: dict[str, Any]) -> dict[str, Any]:
    url = reverse("proposals:in-person-paper", args=[proposal.pk, row["id"]])
    return row | {"held_on": _day(row["held_on"]), "paper_url": url}


def _round(
    row: HandlingRound,
    page: CasePage,
    files: Sequence[Attachment],
    today: dt.date,
    *,
    is_current: bool,
    viewer: Viewer,
) -> dict[str, Any]:
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
        if ability.code in PAGES
    ]


def _history(page: CasePage, viewer: Viewer) -> list[dict[str, Any]]:
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
    decided = {_moment(row["decided_at"]) for row in (*part.return_rows, *part.extension_rows)}
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


def _owed(page: CasePage, viewer: Viewer) -> list[Obligation]:
    """Return what is owed and the viewer may know of; a decision is owed to the unit that asked."""
    if viewer.supervises:
        return page.obligations
    if not viewer.is_office:
        return [row for row in page.obligations if row.act not in BETWEEN_OFFICES]
    units = {part.unit.name for part in _own_parts(page, viewer)}
    rows = [row for row in page.obligations if row.act not in DECISIONS or row.from_label in units]
    return [row for row in rows if row.act not in OVERSIGHT or row.owner_unit_id == viewer.unit_id is not None]


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
        "at": _moment(row["passed_at"]),
        "note": row["note"],
    }


def _commitment(row: dict[str, Any], files: Sequence[Attachment], today: dt.date) -> dict[str, Any]:
    due_on = _day(row["due_on"])
    state = CommitmentState(row["state"])
    lamp = light(due_on, today, ObligationState.OPEN) if state == CommitmentState.OPEN else ("grey", state.label)
    return row | {
        "light": lamp[0],
        "light_words": lamp[1],
        "state": state.label,
        "made_on": _day(row["made_on"]),
        "due_on": due_on,
        "settled_on": _day(row["settled_on"]) if row["settled_on"] else None,
        "rating": Grade(row["rating"]).label if row["rating"] else "",
        "files": evidence_of(files, row["id"]),
        "steps": [
            {
                "on": _day(step["happened_on"]),
                "kind": CommitmentStepKind(step["kind"]).label,
                "text": step["text"],
                "document_no": step["document_no"],
                "due_on": _day(step["due_on"]) if step["due_on"] else None,
            }
            for step in row["steps"]
        ],
    }


def _milestone(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "on": _day(row["happened_on"]),
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
    owed = _owed(page, viewer)
    is_open = proposal.status == CaseStatus.OPEN
    in_session = proposal.period == Period.IN_SESSION
    rounds = [
        _round(row, page, files, today, is_current=is_open and index == 0, viewer=viewer)
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
        "proposal": brief(proposal, owed, today),
        "list_url": reverse("proposals:list"),
        "steps": stepper(
            proposal,
            steps,
            page.runs,
            owed,
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
        "commitments": [_commitment(row, files, today) for row in proposal.commitment_rows]
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
        "events": _history(page, viewer) if viewer.is_insider else [],
    }
