"""One page per act. A page that became stale keeps what was typed and says who was first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from casework.services import CaseWasChanged, UnableToAct
from proposals import forms, presenters, queries, services
from proposals.abilities import abilities
from proposals.models import Proposal
from proposals.views.reading import case_response

if TYPE_CHECKING:
    from proposals.forms import PlainForm

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def visible_or_404(request: HttpRequest, pk: int) -> Proposal:
    """Return the proposal; what the user may not see does not exist for him."""
    try:
        return queries.visible_proposal(request.user, pk)
    except Proposal.DoesNotExist as error:
        raise Http404 from error


def was_mine(error: CaseWasChanged, request: HttpRequest, verb: str) -> bool:
    """Say whether the act that came first was the same one by the same user: a double click or a browser's retry."""
    return error.event is not None and error.event.verb == verb and error.event.actor_id == request.user.pk


def act_page(
    request: HttpRequest,
    pk: int,
    *,
    act: str,
    make_form: Callable[..., PlainForm],
    perform: Callable[[Proposal, Any], object],
    said: str,
    template: str = "proposals/action.html",
    **words: Any,
) -> HttpResponse:
    """Show the form of one act, or do it.

    ``perform`` calls the service with the cleaned form. Refusals come back with the form as it was typed.
    """
    proposal = visible_or_404(request, pk)
    stale = ""
    if request.method == "POST":
        form = make_form(request.POST)
        if form.is_valid():
            try:
                perform(proposal, form)
            except CaseWasChanged as error:
                if was_mine(error, request, act):
                    return HttpResponseRedirect(proposal.get_absolute_url())
                proposal = visible_or_404(request, pk)
                stale = str(error)
                form.data = form.data.copy()
                form.data["version"] = str(proposal.version)
            except UnableToAct as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, said)
                return HttpResponseRedirect(proposal.get_absolute_url())
    else:
        form = make_form(None, initial={"version": proposal.version} | words.pop("initial", {}))
    ability = abilities(request.user, proposal).get(act)
    if ability is None or not ability.allowed:
        reason = ability.reason if ability else "本件当前不能办理这一步，以下是最新情况。"
        if request.method == "POST":
            return _lost(request, proposal, stale or reason, form)
        return case_response(request, pk, stale=reason, status=409)
    words.pop("initial", None)
    context = {
        "form": form,
        "proposal": presenters.brief(proposal, list(proposal.obligations.open()), timezone.localdate()),
        "body": proposal.body,
        "stale": stale,
        **words,
    }
    status = 200
    if request.method == "POST":
        status = 409 if stale else 422
    return render(request, template, context, status=status)


def _lost(request: HttpRequest, proposal: Proposal, reason: str, form: PlainForm) -> HttpResponse:
    """Show what was typed, to be copied, where the act is no longer possible."""
    kept = [
        {"label": field.label, "text": value}
        for field in form.visible_fields()
        if isinstance(value := field.value(), str) and value.strip()
    ]
    context = {
        "form": form,
        "proposal": presenters.brief(proposal, list(proposal.obligations.open()), timezone.localdate()),
        "stale": reason,
        "kept": kept,
    }
    return render(request, "proposals/refused.html", context, status=409)


@login_required
@GET_OR_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """审查: pass, return for revision, or not register."""
    proposal = visible_or_404(request, pk)

    def make(data: Any, **kwargs: Any) -> forms.ReviewForm:
        return forms.ReviewForm(data, congress=proposal.congress, step=proposal.step, **kwargs)

    def perform(_: Proposal, form: forms.ReviewForm) -> object:
        data = form.cleaned_data
        return services.review(
            proposal_id=pk,
            seen_version=form.seen_version,
            user=request.user,
            now=timezone.now(),
            outcome_code=data["outcome"],
            reason=data["reason"],
            not_registered_reason=data["not_registered_reason"] if data["outcome"] == "not_registered" else "",
            category=data["category"],
        )

    return act_page(
        request,
        pk,
        act="review",
        make_form=make,
        perform=perform,
        said="审查结论已保存。",
        heading="审查",
        submit_label="提交审查结论",
        intro="审查通过即立案并编号；退回修改和不予立案都会告知代表。",
        tiles=["outcome"],
        initial={"outcome": "pass", "category": proposal.category_id},
    )


@login_required
@GET_OR_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """交办: a lead unit, assisting units, a deadline."""
    proposal = visible_or_404(request, pk)

    def perform(_: Proposal, form: forms.AssignForm) -> object:
        units = form.units(proposal.congress)
        return services.assign(
            proposal_id=pk,
            seen_version=form.seen_version,
            user=request.user,
            now=timezone.now(),
            lead=units.get(form.cleaned_data["lead_unit"]),
            assisting=[units[key] for key in form.cleaned_data["assisting_units"] if key in units],
            due_on=form.cleaned_data["due_on"],
        )

    return act_page(
        request,
        pk,
        act="assign",
        make_form=lambda data, **kwargs: forms.AssignForm(data, congress=proposal.congress, **kwargs),
        perform=perform,
        said="已交办，承办单位已收到通知。",
        template="proposals/assign.html",
        heading="交办",
        submit_label="交办",
        intro="选择主办单位和协办单位。同一单位不能既主办又协办。",
        suggested_unit=proposal.suggested_unit.name if proposal.suggested_unit else "",
        initial={"lead_unit": proposal.suggested_unit_id},
    )


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
    """登记与代表的联系沟通."""

    def perform(_: Proposal, form: forms.ContactForm) -> object:
        data = form.cleaned_data
        return services.record_contact(
            proposal_id=pk,
            seen_version=form.seen_version,
            user=request.user,
            now=timezone.now(),
            contacted_on=data["contacted_on"],
            way=data["way"],
            summary=data["summary"],
        )

    return act_page(
        request,
        pk,
        act="contact",
        make_form=forms.ContactForm,
        perform=perform,
        said="联系情况已登记。",
        heading="登记联系",
        submit_label="登记联系",
        intro="办理过程中应当与代表联系沟通，充分听取意见（代表法第五十一条）。",
        tiles=["way"],
        initial={"contacted_on": timezone.localdate()},
    )


@login_required
@GET_OR_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """答复代表."""
    proposal = visible_or_404(request, pk)

    def perform(_: Proposal, form: forms.ReplyForm) -> object:
        data = form.cleaned_data
        return services.reply(
            proposal_id=pk,
            seen_version=form.seen_version,
            user=request.user,
            now=timezone.now(),
            replied_on=data["replied_on"],
            document_no=data["document_no"],
            outcome=data["outcome"],
            body=data["body"],
        )

    opening = f"{proposal.lead.person.name}代表：\n    您提出的《{proposal.title}》收悉，现答复如下：\n    "
    return act_page(
        request,
        pk,
        act="reply",
        make_form=lambda data, **kwargs: forms.ReplyForm(data, term=proposal.lead.term, **kwargs),
        perform=perform,
        said="答复已提交，等待代表评价。",
        heading="答复代表",
        submit_label="提交答复",
        intro="答复提交后立即送达代表，不能撤回。",
        confirm="答复提交后立即送达代表，不能撤回。确认提交答复?",
        draft_key=f"reply-{request.user.pk}-{pk}",
        initial={"replied_on": timezone.localdate(), "body": opening},
    )


@login_required
@GET_OR_POST
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    """评价, on two dimensions."""

    def perform(_: Proposal, form: forms.RateForm) -> object:
        data = form.cleaned_data
        return services.rate(
            proposal_id=pk,
            seen_version=form.seen_version,
            user=request.user,
            now=timezone.now(),
            attitude=data["attitude"],
            result=data["result"],
            opinion=data["opinion"],
        )

    return act_page(
        request,
        pk,
        act="rate",
        make_form=forms.RateForm,
        perform=perform,
        said="评价已提交。",
        heading="评价办理情况",
        submit_label="提交评价",
        intro="请分别评价办理态度和办理结果。",
        tiles=["attitude", "result"],
        draft_key=f"rate-{request.user.pk}-{pk}",
    )
