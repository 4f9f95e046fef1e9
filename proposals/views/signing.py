"""Signing together and withdrawing: invitations and answers, from the phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from casework.services import CaseWasChanged, UnableToAct
from proposals import presenters, queries
from proposals.abilities import abilities
from proposals.forms.base import PlainForm
from proposals.forms.signing import CosignForm, InviteForm
from proposals.models import Attachment, AttachmentKind, Consent, CosignatureState, Proposal, ProposalKind
from proposals.queries.signing import colleagues
from proposals.rules import required_signers, text_digest
from proposals.services import signing, withdrawing
from proposals.views.acting import GET_OR_POST, act_page, visible_or_404, was_mine
from proposals.views.reading import case_response

if TYPE_CHECKING:
    from proposals.models import Cosignature

NO_LONGER = "本件当前不能办理这一步，以下是最新情况。"
HEADINGS = {ProposalKind.BILL: ("案由", "案据", "方案")}


@login_required
@GET_OR_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask deputies to sign, see who has, ask anew after a change, take an invitation back."""
    proposal = visible_or_404(request, pk)
    if "invite" not in abilities(request.user, proposal):
        return case_response(request, pk, stale=NO_LONGER, status=409)
    if request.method != "POST":
        return _invite_page(request, proposal, None, status=200)
    form = None if {"again", "take_back"} & set(request.POST) else _invite_form(proposal, request.POST)
    if form is not None and not form.is_valid():
        return _invite_page(request, proposal, form, status=422)
    stale = error = ""
    try:
        messages.success(request, _invited(request, pk, form))
        return HttpResponseRedirect(request.path)
    except CaseWasChanged as changed:
        if was_mine(changed, request, "invite") and _is_done(request, proposal, form):
            return HttpResponseRedirect(request.path)
        stale = str(changed)
    except UnableToAct as refused:
        error = str(refused)
    return _not_invited(request, pk, form, stale=stale, error=error)


def _invited(request: HttpRequest, pk: int, form: InviteForm | None) -> str:
    """Do what the button says and return what was done."""
    act = {"proposal_id": pk, "user": request.user, "now": timezone.now()}
    if form is not None:
        signing.invite(seen_version=form.seen_version, seats=form.cleaned_data["seats"], **act)
        return "已发出联名邀请。"
    if "again" in request.POST:
        signing.invite_again(seen_version=_version(request), **act)
        return "已请这些代表重新确认联名。"
    signing.take_back(seen_version=_version(request), signature_id=_number(request, "take_back"), **act)
    return "已撤回邀请。"


def _is_done(request: HttpRequest, proposal: Proposal, form: InviteForm | None) -> bool:
    """Say whether everything is as the button would have made it: a double click, not a second wish from an old page."""
    signatures = signing.signatures_of(proposal, timezone.localdate())
    waiting = [row for row in signatures.rows if row.state == CosignatureState.INVITED]
    if form is not None:
        return set(form.cleaned_data["seats"]) <= {row.seat_id for row in [*waiting, *signatures.valid]}
    if "again" in request.POST:
        return not signatures.unconfirmed
    return _number(request, "take_back") not in {row.pk for row in waiting}


def _not_invited(request: HttpRequest, pk: int, form: InviteForm | None, *, stale: str, error: str) -> HttpResponse:
    """Show the page as it is now, with what was chosen."""
    proposal = visible_or_404(request, pk)
    if "invite" not in abilities(request.user, proposal):
        return case_response(request, pk, stale=stale or error, status=409)
    if form is None:
        return _invite_page(request, proposal, None, stale=stale or error, status=409)
    data = request.POST.copy()
    data["version"] = str(proposal.version)
    form = _invite_form(proposal, data)
    if error:
        form.add_error(None, error)
    return _invite_page(request, proposal, form, stale=stale, status=409 if stale else 422)


def _version(request: HttpRequest) -> int:
    form = PlainForm(request.POST)
    return form.seen_version if form.is_valid() else -1


def _number(request: HttpRequest, name: str) -> int:
    """Return a key from a button; zero, which is no row's, for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _invite_form(proposal: Proposal, data: Any, signatures: signing.Signatures | None = None) -> InviteForm:
    today = timezone.localdate()
    seats = colleagues(proposal, today)
    signatures = signatures or signing.signatures_of(proposal, today)
    why_not = {seat.pk: "没有账号" for seat in seats if seat.person.user is None or not seat.person.user.is_active}
    why_not |= {row.seat_id: "待联名" for row in signatures.rows if row.state == CosignatureState.INVITED}
    why_not |= {row.seat_id: "已联名" for row in signatures.valid}
    initial = {"version": proposal.version}
    return InviteForm(data, seats=seats, why_not=why_not, initial=initial)


def _invite_page(
    request: HttpRequest, proposal: Proposal, form: InviteForm | None, *, status: int, stale: str = ""
) -> HttpResponse:
    signatures = signing.signatures_of(proposal, timezone.localdate())
    form = form or _invite_form(proposal, None, signatures)
    needed = required_signers(proposal.congress.level) if proposal.form == ProposalKind.BILL else 0
    context = {
        "form": form,
        "proposal": presenters.brief(proposal, [], timezone.localdate()),
        "stale": stale,
        "rows": [_signature(row) for row in signatures.rows],
        "signers": signatures.signers,
        "needed": needed,
        "missing": max(needed - signatures.signers, 0),
        "unconfirmed": len(signatures.unconfirmed),
        "edit_url": reverse("proposals:edit", args=[proposal.pk]),
    }
    return render(request, "proposals/invite.html", context, status=status)


def _signature(row: Cosignature) -> dict[str, Any]:
    """Return one invited deputy as the page shows him."""
    words = row.get_state_display()
    if row.needs_confirming:
        words = "正文在联名后有改动，需要重新确认"
    elif row.state == CosignatureState.ACCEPTED and not row.in_office:
        words = "已联名，现不在任，不计入"
    return {
        "pk": row.pk,
        "name": row.seat.person.name,
        "delegation": row.seat.delegation.name,
        "words": words,
        "counts": row.state == CosignatureState.ACCEPTED and not row.needs_confirming and row.in_office,
        "waits": row.state == CosignatureState.INVITED,
        "at": row.answered_at or row.invited_at,
    }


@login_required
@GET_OR_POST
def cosign(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the whole text and sign it, or not."""
    stale, form = "", None
    try:
        proposal = queries.visible_proposal(request.user, pk)
        if request.method == "POST":
            form = CosignForm(request.POST)
            if form.is_valid():
                try:
                    return _answer(request, proposal, form)
                except CaseWasChanged as error:
                    stale = str(error)
                except UnableToAct as error:
                    form.add_error(None, str(error))
                proposal = queries.visible_proposal(request.user, pk)
    except Proposal.DoesNotExist as error:
        words = signing.lapsed_words(user=request.user, proposal_id=pk)
        if not words:
            raise Http404 from error
        messages.warning(request, words)
        return HttpResponseRedirect(reverse("casework:home"))
    if "cosign" not in abilities(request.user, proposal):
        return case_response(request, pk, stale=stale or NO_LONGER, status=409)
    # A second try takes the text of this page as read.
    shown = {"version": proposal.version, "digest": text_digest(proposal)}
    if form is None:
        form = CosignForm(initial=shown)
    else:
        form.data = form.data.copy()
        form.data.update({name: str(value) for name, value in shown.items()})
    return _cosign_page(request, proposal, form, stale=stale)


def _answer(request: HttpRequest, proposal: Proposal, form: CosignForm) -> HttpResponse:
    agrees = form.cleaned_data["answer"] == "yes"
    signing.answer_invitation(
        proposal_id=proposal.pk,
        seen_digest=form.cleaned_data["digest"],
        user=request.user,
        now=timezone.now(),
        agrees=agrees,
    )
    messages.success(request, "您已同意联名。" if agrees else "已告知领衔代表：您不参加联名。")
    return HttpResponseRedirect(proposal.get_absolute_url())


def _cosign_page(request: HttpRequest, proposal: Proposal, form: CosignForm, *, stale: str) -> HttpResponse:
    headings = HEADINGS.get(proposal.form, ("", "", ""))
    texts = (proposal.body, proposal.grounds, proposal.plan)
    if proposal.form != ProposalKind.BILL:
        texts = texts[:1]
    files = Attachment.objects.visible_to(request.user).filter(proposal=proposal, kind=AttachmentKind.PROPOSAL)
    context = {
        "form": form,
        "proposal": presenters.brief(proposal, [], timezone.localdate()),
        "lead": proposal.lead.person.name,
        "delegation": proposal.lead.delegation.name,
        "sections": [{"heading": heading, "text": text} for heading, text in zip(headings, texts, strict=False)],
        "files": [
            {
                "name": row.name,
                "url": reverse("proposals:file", args=[proposal.pk, row.pk]),
                "size_label": filesizeformat(row.size),
            }
            for row in files
        ],
        "stale": stale,
    }
    status = (409 if stale else 422) if form.is_bound else 200
    return render(request, "proposals/cosign.html", context, status=status)


@login_required
@GET_OR_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回, by the lead deputy or entered for him by the office."""
    proposal = visible_or_404(request, pk)
    is_staff = request.user.has_role(Role.STAFF)

    signers = withdrawing.must_consent(proposal)
    label = "申请撤回" if signers else "撤回本件"
    return act_page(
        request,
        pk,
        act="withdraw",
        said="已征求联名代表的意见，全部同意后撤回。" if signers else "本件已撤回。",
        heading="代录撤回" if is_staff else "撤回",
        submit_label=label,
        intro=_consents_in_words(signers) or "撤回后本件不再办理，不能恢复。",
        danger=True,
        confirm=f"撤回后本件不再办理，不能恢复。确认{label}？",
        draft_key=f"withdraw-{request.user.pk}-{pk}",
    )


def _consents_in_words(signers: list[Cosignature]) -> str:
    """Say whose consent the withdrawal waits for, and what happens with those who cannot give it here."""
    if not signers:
        return ""
    names = "、".join(row.seat.person.name for row in signers)
    words = f"按照办理规则，撤回须经联名代表一致同意：提交后征求{names}的意见，全部同意后撤回，有一人不同意即继续办理。"
    without = "、".join(row.seat.person.name for row in signers if row.seat.person.user is None)
    return words + (f"{without}没有登录账号，请将其书面意见交代表工委代录。" if without else "")


@login_required
@GET_OR_POST
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree or not agree to a withdrawal; staff enter what a deputy says on paper."""
    proposal = visible_or_404(request, pk)
    asked = proposal.withdrawals.filter(state=Consent.WAITING).select_related("asked_by").first()
    is_staff = request.user.has_role(Role.STAFF)

    lead = proposal.lead.person.name
    return act_page(
        request,
        pk,
        act="consent",
        said="意见已登记。",
        heading="代录撤回意见" if is_staff else "答复撤回意见",
        submit_label="提交意见",
        intro=f"{lead}代表申请撤回本件，理由：{asked.reason}。联名代表一致同意后撤回，有一人不同意即继续办理。"
        if asked
        else "",
        body=proposal.body,
        tiles=["answer"],
    )
