"""What the pages of a round share: finding it, refusing what is not open, doing an act behind a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from ratings.abilities import abilities
from ratings.forms import PlainForm
from ratings.models import RatingRound
from ratings.services import RoundWasChanged, UnableToAct

if TYPE_CHECKING:
    from ratings.rules import Ability

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def round_or_404(request: HttpRequest, pk: int) -> RatingRound:
    """Return the round; what the user may not see does not exist for him."""
    found = RatingRound.objects.visible_to(request.user).select_related("congress").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def kept_round_or_404(request: HttpRequest, pk: int) -> RatingRound:
    """Return a round that the user's office keeps; for others its pages do not exist."""
    round_ = round_or_404(request, pk)
    if not request.user.has_role(Role.STAFF) or request.user.hat.congress_id != round_.congress_id:
        raise Http404
    return round_


def reader_or_404(request: HttpRequest, pk: int, act: str) -> tuple[RatingRound, dict[str, Ability]]:
    """Return a round and what may be done with it; who may not read does not learn that there is something."""
    round_ = round_or_404(request, pk)
    open_acts = abilities(request.user, round_)
    if act not in open_acts:
        raise Http404
    return round_, open_acts


def why_not(request: HttpRequest, round_: RatingRound, act: str) -> str:
    """Return why an act is not open to the user now, empty where it is."""
    ability = abilities(request.user, round_).get(act)
    if ability is None:
        return f"「{round_}」{round_.get_state_display()}，现在不能这样办理。"
    return ability.reason


def refused(request: HttpRequest, round_: RatingRound, reason: str) -> HttpResponse:
    """Say that an act is not open now."""
    return render(request, "ratings/refused.html", {"round": round_, "stale": reason}, status=409)


def version_of(request: HttpRequest) -> int:
    """Return the version of the page from which a button alone was pressed."""
    form = PlainForm(request.POST)
    form.is_valid()
    return form.seen_version


def attempt(form: PlainForm, act: Callable[[], Any]) -> tuple[Any, int, str]:
    """Do an act that a valid form asks for: what it gave, or None with the status and words of the refusal.

    A refusal stands in the form; a stale page is told apart, and may be sent again once it was read.
    """
    try:
        return act(), 302, ""
    except RoundWasChanged as error:
        return None, 409, str(error)
    except UnableToAct as error:
        form.add_error(None, str(error))
        return None, 422, ""
    except RatingRound.DoesNotExist as error:
        raise Http404 from error
