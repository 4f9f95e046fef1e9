"""One page per act. A page that became stale keeps what was typed and says who was first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.forms.widgets import ChoiceWidget
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from casework.queries import of_others
from casework.services import CaseWasChanged, UnableToAct
from proposals import presenters, queries
from proposals.abilities import abilities
from proposals.acts import ACTS
from proposals.models import Proposal
from proposals.views.reading import case_response

if TYPE_CHECKING:
    from django.forms import BoundField

    from accounts.models import User
    from proposals.acts import Act
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


def _making(way: Act, user: User, proposal: Proposal, *, is_told: bool) -> dict[str, Any]:
    """Return what the form is made with; who is not told of the act does not read among what there is to choose."""
    made = dict(way.making(user, proposal))
    return made if is_told or "rows" not in made else made | {"rows": []}


def act_page(
    request: HttpRequest,
    pk: int,
    *,
    act: str,
    said: str | Callable[[Any], str],
    template: str = "proposals/action.html",
    way: Act | None = None,
    also: Mapping[str, Any] | None = None,
    **words: Any,
) -> HttpResponse:
    """Show the form of one act, or do it; ``way`` is how, where an act has several (``proposals.acts``).

    ``said`` are the words on success, or makes them of what the service returned; ``also`` is what the form takes from
    this page alone. Refusals come back with the form as it was typed.
    """
    proposal = visible_or_404(request, pk)
    ability = abilities(request.user, proposal).get(act)
    way = way or ACTS[act]
    made = {**_making(way, request.user, proposal, is_told=ability is not None), **(also or {})}
    make_form = partial(way.form, **made)
    stale = ""
    if request.method == "POST":
        form = make_form(request.POST)
        if form.is_valid():
            try:
                done = way.service(
                    proposal_id=pk,
                    seen_version=form.seen_version,
                    user=request.user,
                    now=timezone.now(),
                    **form.given,
                )
            except CaseWasChanged as error:
                if was_mine(error, request, act):
                    return HttpResponseRedirect(proposal.get_absolute_url())
                seen, proposal = proposal, visible_or_404(request, pk)
                stale = str(error)
                if proposal.step_id != seen.step_id:
                    # The form asks what another step needs.
                    return _lost(request, proposal, stale, form)
                form.data = form.data.copy()
                form.data["version"] = str(proposal.version)
            except UnableToAct as error:
                form.add_error(None, str(error))
            except Proposal.DoesNotExist as error:
                raise Http404 from error
            else:
                messages.success(request, said(done) if callable(said) else said)
                return HttpResponseRedirect(proposal.get_absolute_url())
        # Somebody may have acted meanwhile.
        ability = abilities(request.user, proposal).get(act)
    else:
        form = make_form(None, initial={"version": proposal.version} | words.pop("initial", {}))
    if ability is None or not ability.allowed:
        reason = ability.reason if ability else "本件当前不能办理这一步，以下是最新情况。"
        if request.method == "POST":
            return _lost(request, proposal, stale or reason, form)
        return case_response(request, pk, stale=reason, status=409)
    words.pop("initial", None)
    context = {
        "form": form,
        "proposal": presenters.brief(
            proposal, list(proposal.obligations.open().exclude(of_others(request.user))), timezone.localdate()
        ),
        "body": proposal.body,
        "stale": stale,
        "rows": made.get("rows", []),
        **words,
    }
    status = 200
    if request.method == "POST":
        status = 409 if stale else 422
    return render(request, template, context, status=status)


def _lost(request: HttpRequest, proposal: Proposal, reason: str, form: PlainForm) -> HttpResponse:
    """Show what was typed, to be copied, where the act is no longer possible."""
    kept = [{"label": field.label, "text": text} for field in form.visible_fields() if (text := _typed(field))]
    context = {
        "form": form,
        "proposal": presenters.brief(
            proposal, list(proposal.obligations.open().exclude(of_others(request.user))), timezone.localdate()
        ),
        "stale": reason,
        "kept": kept,
    }
    return render(request, "proposals/refused.html", context, status=409)


def _typed(field: BoundField) -> str:
    """Return what was typed or chosen in a field, in words."""
    if isinstance(field.field.widget, ChoiceWidget):
        options = [option.data for option in field.subwidgets]
        return "、".join(str(one["label"]) for one in options if one["selected"] and one["value"] != "")
    value = field.value()
    return value.strip() if isinstance(value, str) else ""
