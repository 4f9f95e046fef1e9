"""What the units do: acknowledge, contact, reply in writing and face to face."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from casework.calendar import spoken
from casework.models import CaseStatus
from casework.queries import of_others
from casework.services import CaseWasChanged, UnableToAct
from proposals import forms, presenters, services
from proposals.abilities import abilities
from proposals.acts import ACTS
from proposals.documents import normalise_document_no
from proposals.forms.replying import NAME_LIMIT
from proposals.models import AttachmentKind, ContactPhase, Disclosure, Proposal, ReplyDisclosure
from proposals.papers.letter import letter, opening, salutation, title_of
from proposals.papers.records import facts_for
from proposals.queries import parts
from proposals.queries.replying import reply_desk
from proposals.services.attaching import attach_many, task_of
from proposals.services.handling import answered_on
from proposals.views.acting import GET_OR_POST, act_page, visible_or_404, was_mine
from proposals.views.assigning import dated, fact
from proposals.views.papers import word_file
from proposals.views.reading import case_response

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User
    from bodies.models import Unit
    from proposals.models import Assignment

WISHES = {
    Disclosure.FULL: ReplyDisclosure.FULL,
    Disclosure.TITLE: ReplyDisclosure.SUMMARY,
    Disclosure.NONE: ReplyDisclosure.NONE,
}


@login_required
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """签收, by one click."""
    proposal = visible_or_404(request, pk)
    form = forms.PlainForm(request.POST)
    version = form.seen_version if form.is_valid() else -1
    try:
        services.acknowledge(proposal_id=pk, seen_version=version, user=request.user, now=timezone.now())
    except CaseWasChanged as error:
        if not was_mine(error, request, "acknowledge"):
            return case_response(request, pk, stale=str(error), status=409)
    except UnableToAct as error:
        return case_response(request, pk, stale=str(error), status=409)
    else:
        messages.success(request, "已签收。请与代表联系沟通，并在期限内答复。")
    return HttpResponseRedirect(proposal.get_absolute_url())


@login_required
@GET_OR_POST
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """登记与代表的联系沟通, before, during and after the handling."""
    proposal = visible_or_404(request, pk)

    return act_page(
        request,
        pk,
        act="contact",
        said="联系情况已登记。",
        heading="登记联系",
        submit_label="登记联系",
        intro="办理过程中应当与代表联系沟通，充分听取意见（代表法第五十一条）。",
        tiles=["phase", "way"],
        draft_key=f"contact-{request.user.pk}-{pk}",
        initial={"contacted_on": timezone.localdate(), "phase": _phase(_own_part(request.user, proposal))},
    )


def _own_part(user: User, proposal: Proposal) -> Assignment | None:
    return parts.own_part(user, parts.round_in_progress(proposal))


def _phase(part: Assignment | None) -> ContactPhase:
    """Return the phase that a contact of today most likely belongs to."""
    if part is not None and answered_on(part):
        return ContactPhase.AFTER
    return ContactPhase.DURING if part is not None and part.contacts.exists() else ContactPhase.BEFORE


@login_required
@GET_OR_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """答复代表, in a text composed here or in a file that comes with the form."""
    proposal = visible_or_404(request, pk)

    return act_page(
        request,
        pk,
        act="reply",
        also={
            "opening": _opening(proposal, _unit(request.user)) if request.method == "POST" else "",
            "refused_files": _kept_file(request, proposal, "reply", AttachmentKind.REPLY),
        },
        said="答复已提交，等待代表评价。",
        template="proposals/reply.html",
        heading="答复代表",
        submit_label="提交答复",
        intro="答复提交后立即送达代表，不能撤回。",
        confirm="答复提交后立即送达代表，不能撤回。确认提交答复？",
        draft_key=f"reply-{request.user.pk}-{pk}",
        tiles=["disclosure"],
        preview_url=reverse("proposals:reply-preview", args=[pk]),
        sections=presenters.sections_of(proposal),
        desk=partial(_desk, request.user, proposal),
        initial=_initial(proposal, _unit(request.user)),
    )


def _unit(user: User) -> Unit | None:
    return user.hat.unit if user.hat else None


def _opening(proposal: Proposal, unit: Unit | None) -> str:
    """Return what the text of the letter begins with: whom it addresses and the sentence that all begin with."""
    if unit is None:
        return ""
    facts = facts_for(proposal, unit=unit, body="")
    return f"{salutation(facts)}：\n    {opening(facts)}\n    "


def _initial(proposal: Proposal, unit: Unit | None) -> dict[str, Any]:
    if unit is None:
        return {}
    hidden = proposal.disclosure == Disclosure.NONE
    return {
        "replied_on": timezone.localdate(),
        "body": _opening(proposal, unit),
        "disclosure": WISHES[proposal.disclosure],
        "not_public_reason": "代表不同意公开" if hidden else "",
        "contact_name": unit.contact_name[:NAME_LIMIT],
        "contact_phone": unit.contact_phone[:NAME_LIMIT],
    }


def _kept_file(request: HttpRequest, proposal: Proposal, act: str, kind: AttachmentKind) -> list[str]:
    """Keep the file that came with a form, whatever else is wrong in it; return why it was refused."""
    upload = request.FILES.get("file") if request.method == "POST" else None
    ability = abilities(request.user, proposal).get(act) if upload else None
    if upload is None or ability is None or not ability.allowed:
        return []
    result = attach_many(
        proposal_id=proposal.pk,
        user=request.user,
        now=timezone.now(),
        uploads=[upload],
        kind=kind,
        assignment=task_of(user=request.user, proposal_id=proposal.pk),
    )
    return [f"没有保存「{names[0][:100]}」：{reason}" for reason, names in result.refused.items()]


def _desk(user: User, proposal: Proposal) -> dict[str, Any]:
    part = _own_part(user, proposal)
    if part is None:
        return {}
    desk, today = reply_desk(user, proposal, part), timezone.localdate()
    due = "没有规定期限"
    if part.due_on:
        basis = desk.owed.due_basis if desk.owed else ""
        due = dated(part.due_on, basis)
    facts = [
        fact("承办单位", f"{part.unit}（{part.get_role_display()}）"),
        fact("答复期限", due),
        fact("答复对象", salutation(facts_for(proposal, unit=part.unit, body=""))),
        fact("代表对公开的意见", proposal.get_disclosure_display()),
    ]
    if proposal.wants_contact:
        facts.append(fact("沟通", "代表希望加强联系沟通"))
    return {
        "facts": facts,
        "contacts": desk.contacts,
        "in_person": desk.in_person,
        "files": [
            {
                "name": row.name,
                "url": reverse("proposals:file", args=[proposal.pk, row.pk]),
                "size_label": filesizeformat(row.size),
            }
            for row in desk.files
        ],
        "opinions": [
            {"unit": row.unit.name, "body": opinion.body, "at": opinion.given_at}
            for row in desk.assisting
            for opinion in row.standing
        ],
        "missing": [
            {"unit": row.unit.name, "words": _waits(desk.opinions_owed.get(row.unit_id), today)}
            for row in desk.assisting
            if not row.standing
        ],
        "along": [{"words": str(row), "url": row.get_absolute_url(), "state": _state(row)} for row in desk.along],
    }


def _waits(owed: Any, today: dt.date) -> str:
    if owed is None or owed.due_on is None:
        return "没有期限"
    return f"期限{spoken(owed.due_on)}{'，已逾期' if owed.due_on < today else ''}"


def _state(row: Proposal) -> str:
    if row.is_owed:
        return "待本单位答复"
    if row.is_answered:
        return "本单位已答复"
    return "已办结" if row.status == CaseStatus.CLOSED else row.step.label


@login_required
@require_POST
def reply_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the letter of what is typed as a Word file; nothing is kept."""
    proposal = visible_or_404(request, pk)
    unit = _unit(request.user)
    if unit is None or "reply" not in abilities(request.user, proposal):
        return case_response(request, pk, stale="本件现在不需要本单位答复，以下是最新情况。", status=409)
    made = ACTS["reply"].making(request.user, proposal)
    form = forms.ReplyForm(request.POST, **made, opening=_opening(proposal, unit), is_preview=True)
    if not form.is_valid():
        wrong = "；".join(
            f"{form.fields[name].label}：{error.rstrip('。')}"
            for name, errors in form.errors.items()
            for error in errors
        )
        context = {
            "proposal": presenters.brief(
                proposal, list(proposal.obligations.open().exclude(of_others(request.user))), timezone.localdate()
            ),
            "stale": f"还不能预览，请回到刚才的页面改正。{wrong}。",
            "kept": [{"label": "答复内容", "text": form["body"].value() or ""}],
        }
        return render(request, "proposals/refused.html", context, status=422)
    data = form.cleaned_data
    data["document_no"] = normalise_document_no(data["document_no"])
    names = "body", "document_no", "replied_on", "outcome", "disclosure", "signed_by", "contact_name", "contact_phone"
    facts = facts_for(proposal, unit=unit, **{name: data[name] for name in names})
    return word_file(letter(facts), f"预览：{''.join(title_of(facts))}")


@login_required
@GET_OR_POST
def in_person(request: HttpRequest, pk: int) -> HttpResponse:
    """登记当面答复, with the signed record."""
    proposal = visible_or_404(request, pk)
    refused = _kept_file(request, proposal, "in-person", AttachmentKind.RECORD)

    return act_page(
        request,
        pk,
        act="in-person",
        also={"refused_files": refused},
        said="当面答复已登记。",
        template="proposals/in_person.html",
        heading="登记当面答复",
        submit_label="登记当面答复",
        intro="当面答复应当有记录，由代表签字。",
        draft_key=f"in-person-{request.user.pk}-{pk}",
        initial={"held_on": timezone.localdate(), "deputies": _deputies(proposal)},
    )


def _deputies(proposal: Proposal) -> str:
    """Return those who signed, as far as the field holds them."""
    cosigners = proposal.cosignatures.signed().order_by("pk").values_list("seat__person__name", flat=True)
    return "、".join([proposal.lead.person.name, *cosigners])[:300]
