"""The ballot of whoever is logged in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from ratings.forms import VoteForm
from ratings.models import RatingRound, RoundState, Voter
from ratings.services import AlreadyVoted, UnableToAct, cast_vote
from ratings.views.acting import GET_OR_POST, round_or_404


@GET_OR_POST
@login_required
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the ballot, or take it; who has voted already reads so."""
    round_ = round_or_404(request, pk)
    voter = Voter.objects.filter(round=round_, user=request.user).first()
    if voter is None:
        raise Http404
    return ballot_page(
        request,
        round_,
        voter,
        right={"user": request.user},
        here=reverse("ratings:vote", args=[pk]),
        extra={"base": "base.html", "back_url": reverse("ratings:list")},
    )


def ballot_page(
    request: HttpRequest, round_: RatingRound, voter: Voter, *, right: dict[str, Any], here: str, extra: dict[str, Any]
) -> HttpResponse:
    """Show or take the ballot of one right to vote. What was chosen stays on the page when it is refused."""
    subjects, levels = list(round_.subjects.all()), list(round_.levels.all())
    form = VoteForm(request.POST or None, round_=round_, subjects=subjects, levels=levels)
    status = 200
    if request.method == "POST" and not voter.has_voted:
        status = 422
        form = VoteForm(request.POST, round_=round_, subjects=subjects, levels=levels)
        if form.is_valid():
            try:
                cast_vote(round_id=round_.pk, ticks=form.ticks, now=timezone.now(), **right)
            except AlreadyVoted as error:
                messages.info(request, str(error))
                return HttpResponseRedirect(here)
            except UnableToAct as error:
                form.add_error(None, str(error))
                round_.refresh_from_db()
                status = 409 if round_.state != RoundState.OPEN else 422
            except Voter.DoesNotExist as error:
                raise Http404 from error
            else:
                messages.success(request, "投票成功。")
                return HttpResponseRedirect(here)
    elif not voter.has_voted and round_.state != RoundState.OPEN:
        status = 409
    context = {
        "round": round_,
        "form": form,
        "has_voted": voter.has_voted,
        "is_open": round_.state == RoundState.OPEN,
        "is_over": round_.is_over,
        **extra,
    }
    return render(request, "ratings/vote.html", context, status=status)
