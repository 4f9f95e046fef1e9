"""Writing a suggestion: what is typed is kept every few seconds, and never lost."""

from __future__ import annotations

import uuid
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from casework.calendar import spoken
from casework.models import CaseStatus
from casework.services import CaseWasChanged, UnableToAct
from proposals import services
from proposals.abilities import abilities
from proposals.forms import DraftForm
from proposals.forms.drafting import UNTITLED, initial_of
from proposals.models import Proposal
from proposals.services.submitting import seat_of
from proposals.views.acting import GET_OR_POST, visible_or_404, was_mine
from proposals.views.reading import case_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User

CONFIRM = "提交后由代表工委审查，提交以后不能自行修改。确认提交？"
NOT_THIS = "下列情形不应当作为建议议案提出，提交前请逐项核对。暂不提交的，可以先保存草稿。"
SECTIONS = [
    ("what", "内容", "", ("form", "title", "body")),
    ("bill", "议案专用", "只有议案需要填写案据和方案，提建议的不用填。", ("grounds", "plan")),
    (
        "more",
        "补充信息",
        "不清楚的可以不填，由代表工委确定。",
        ("category", "suggested_unit", "formed_by", "wants_contact", "disclosure"),
    ),
    ("check", "提交前自检", NOT_THIS, ("not_suggestion", "self_checked")),
]
LOG_IN = "登录已过期，没有存到系统。请重新登录后回到本页继续填写。"


def _sections(form: DraftForm) -> list[dict[str, Any]]:
    return [
        {
            "id": code,
            "heading": heading,
            "help": help_text,
            "fields": [form[name] for name in names],
            "has_error": any(form[name].errors for name in names),
        }
        for code, heading, help_text, names in SECTIONS
    ]


def _page(request: HttpRequest, form: DraftForm, *, proposal: Proposal | None, status: int, stale: str = "") -> Any:
    if proposal is None:
        key, autosave_url, cancel_url = "new", reverse("proposals:autosave-new"), reverse("proposals:list")
    else:
        key, cancel_url = str(proposal.pk), proposal.get_absolute_url()
        autosave_url = reverse("proposals:autosave", args=[proposal.pk])
    context = {
        "heading": "提出建议" if proposal is None else f"修改{proposal.get_form_display()}",
        "form": form,
        "sections": _sections(form),
        "intro": "一事一议，写明具体问题和意见。填写的内容会自动保存。",
        "notes": _notes(proposal) if proposal else [],
        "cancel_url": cancel_url,
        "stale": stale,
        "autosave_url": autosave_url,
        "draft_key": _draft_key(request.user, key),
        "saved_at": None,
        "can_save": True,
        "submit_label": "提交",
        "confirm": CONFIRM,
        "tiles": ["form"],
        "links": _links(proposal),
    }
    return render(request, "proposals/form.html", context, status=status)


def _draft_key(user: User, key: int | str) -> str:
    """Return under what the browser keeps what could not be sent."""
    return f"proposal-{user.pk}-{key}"


def _notes(proposal: Proposal) -> list[str]:
    """Return why a proposal came back, and what becomes of signatures when its text changes."""
    notes = []
    returned = proposal.events.filter(verb="review").first() if proposal.submitted_on else None
    if returned is not None:
        notes.append(f"{spoken(timezone.localdate(returned.at))}{returned.sentence}")
    if signed := proposal.cosignatures.signed().count():
        notes.append(
            f"已有 {signed} 名代表联名。改动标题或者正文以后，请先邀请他们重新确认；没有重新确认的，提交后不再算作联名。"
        )
    return notes


def _links(proposal: Proposal | None) -> list[dict[str, str]]:
    """Return what else there is to do on a draft that is kept already."""
    if proposal is None:
        return []
    return [{"label": "邀请联名", "url": reverse("proposals:invite", args=[proposal.pk])}]


@login_required
@GET_OR_POST
def new(request: HttpRequest) -> HttpResponse:
    """Begin a suggestion; the key made with the empty form keeps a double click from making two."""
    try:
        seat = seat_of(user=request.user, today=timezone.localdate())
    except UnableToAct as error:
        if request.method == "POST" and request.user.hat is not None:
            # What was typed stays on the page, also of a mandate that has just ended.
            form = DraftForm(request.POST, congress=request.user.hat.congress)
            form.add_error(None, str(error))
            return _page(request, form, proposal=None, status=422)
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("proposals:list"))
    congress = seat.term.congress
    if request.method != "POST":
        form = DraftForm(initial={"request_key": uuid.uuid4()}, congress=congress)
        return _page(request, form, proposal=None, status=200)
    form = DraftForm(request.POST, congress=congress)
    if not form.is_valid():
        return _page(request, form, proposal=None, status=422)
    try:
        proposal = _keep(request.user, form)
    except UnableToAct as error:
        form.add_error(None, str(error))
        return _page(request, form, proposal=None, status=422)
    return _finish(request, form, proposal)


def _keep(user: User, form: DraftForm) -> Proposal:
    """Make the draft, or bring the one that was made under the same key up to what was typed last."""
    key = form.cleaned_data["request_key"] or uuid.uuid4()
    fields = form.fields_of_draft()
    proposal = services.create_draft(user=user, request_key=key, now=timezone.now(), **fields)
    while proposal.status != CaseStatus.DRAFT:
        if (proposal.title, proposal.body) == (fields["title"], fields["body"]):
            return proposal
        # The old page, by the browser's way back after handing in: what is typed there now is another suggestion.
        key = uuid.uuid5(key, "next")
        proposal = services.create_draft(user=user, request_key=key, now=timezone.now(), **fields)
    return services.update_draft(proposal_id=proposal.pk, seen_version=None, user=user, now=timezone.now(), **fields)


def _finish(request: HttpRequest, form: DraftForm, proposal: Proposal) -> HttpResponse:
    """Save the draft only, or hand it in; what cannot be handed in yet stays as draft and on the page."""
    if "save" in request.POST:
        messages.success(request, "草稿已保存，可以随时继续填写。")
        return HttpResponseRedirect(reverse("proposals:edit", args=[proposal.pk]))
    if "submit" not in abilities(request.user, proposal):
        return HttpResponseRedirect(proposal.get_absolute_url())
    if form.is_ready():
        try:
            proposal = services.submit(
                proposal_id=proposal.pk,
                seen_version=proposal.version,
                user=request.user,
                now=timezone.now(),
                self_checked=True,
            )
        except CaseWasChanged as error:
            if was_mine(error, request, "submit"):
                return HttpResponseRedirect(proposal.get_absolute_url())
            form.add_error(None, str(error))
        except UnableToAct as error:
            form.add_error(None, str(error))
    if form.errors:
        form.data = form.data.copy()
        form.data["version"] = str(proposal.version)
        return _page(request, form, proposal=proposal, status=422)
    messages.success(request, f"已提交，收件号 {proposal.receipt_no}。代表工委审查后会通知您。")
    return HttpResponseRedirect(proposal.get_absolute_url())


@login_required
@GET_OR_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a draft, or revise what was returned."""
    proposal = visible_or_404(request, pk)
    if "edit" not in abilities(request.user, proposal):
        return case_response(request, pk, stale="本件当前不能修改，以下是最新情况。", status=409)
    if request.method != "POST":
        form = DraftForm(initial=initial_of(proposal), congress=proposal.congress)
        return _page(request, form, proposal=proposal, status=200)
    form = DraftForm(request.POST, congress=proposal.congress)
    try:
        if not form.is_valid():
            return _page(request, form, proposal=proposal, status=422)
        proposal = services.update_draft(
            proposal_id=pk,
            seen_version=form.seen_version,
            user=request.user,
            now=timezone.now(),
            **form.fields_of_draft(),
        )
    except CaseWasChanged as error:
        if was_mine(error, request, "submit"):
            return HttpResponseRedirect(proposal.get_absolute_url())
        proposal = visible_or_404(request, pk)
        if not _holds(proposal, form):
            return _stale(request, form, str(error), pk)
    except UnableToAct as error:
        form.add_error(None, str(error))
        return _page(request, form, proposal=proposal, status=422)
    return _finish(request, form, proposal)


def _holds(proposal: Proposal, form: DraftForm) -> bool:
    """Say whether the draft is as it was typed: after an error of the server the page only looks behind."""
    return all(getattr(proposal, name) == value for name, value in form.fields_of_draft().items())


def _stale(request: HttpRequest, form: DraftForm, reason: str, pk: int) -> HttpResponse:
    """Show the form as it was typed, with the version that a second try takes as seen."""
    proposal = visible_or_404(request, pk)
    form.data = form.data.copy()
    form.data["version"] = str(proposal.version)
    return _page(request, form, proposal=proposal, status=409, stale=reason)


@login_required
@GET_OR_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead from the case page to the form: nothing is handed in without the check that stands there."""
    proposal = visible_or_404(request, pk)
    if "submit" not in abilities(request.user, proposal):
        return case_response(request, pk, stale="本件当前不能提交，以下是最新情况。", status=409)
    return HttpResponseRedirect(reverse("proposals:edit", args=[pk]) + "#section-check")


def _saved(proposal: Proposal) -> dict[str, Any]:
    return {
        "saved_at": timezone.localtime().strftime("%H:%M"),
        "version": proposal.version,
        "autosave_url": reverse("proposals:autosave", args=[proposal.pk]),
    }


def _refused(reason: str, status: int = 422) -> JsonResponse:
    return JsonResponse({"error": reason}, status=status)


def _keeps(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer an autosave without a log-in in words: the log-in page would be no answer to a script."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if request.user.is_authenticated else _refused(LOG_IN, 401)

    return require_POST(answer)


def _with_title(data: Any, title: str = UNTITLED) -> Any:
    """Return the data with a title: a draft may be kept before it has one, what was handed in keeps its own."""
    data = data.copy()
    if not data.get("title", "").strip():
        data["title"] = title
    return data


@_keeps
def autosave_new(request: HttpRequest) -> HttpResponse:
    """Keep what is being typed on the empty form: makes the draft once, then brings it up to date."""
    try:
        seat = seat_of(user=request.user, today=timezone.localdate())
        form = DraftForm(_with_title(request.POST), congress=seat.term.congress)
        if not form.is_valid():
            return _refused("内容有误，改正后会自动保存。")
        proposal = _keep(request.user, form)
    except UnableToAct as error:
        return _refused(str(error))
    told = _saved(proposal)
    if proposal.status == CaseStatus.DRAFT:
        # From now on the page is that of this draft: coming back to it, or loading it again, makes no second one.
        told |= {
            "action": reverse("proposals:edit", args=[proposal.pk]),
            "draft_key": _draft_key(request.user, proposal.pk),
        }
    return JsonResponse(told)


@_keeps
def autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is being typed in a draft; a second tab that is behind is told so and keeps its text itself."""
    proposal = visible_or_404(request, pk)
    title = UNTITLED if proposal.status == CaseStatus.DRAFT else proposal.title
    form = DraftForm(_with_title(request.POST, title), congress=proposal.congress)
    if not form.is_valid():
        return _refused("内容有误，改正后会自动保存。")
    try:
        proposal = services.update_draft(
            proposal_id=pk,
            seen_version=form.seen_version,
            user=request.user,
            now=timezone.now(),
            **form.fields_of_draft(),
        )
    except CaseWasChanged as error:
        return _refused(str(error), 409)
    except UnableToAct as error:
        return _refused(str(error))
    return JsonResponse(_saved(proposal))
