"""Opening, closing and publishing a round."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from ratings import services
from ratings.forms import PublishForm
from ratings.models import RatingRound, RoundState
from ratings.services import UnableToAct
from ratings.views.acting import GET_OR_POST, attempt, kept_round_or_404, refused, version_of, why_not


def _stage(request: HttpRequest, pk: int, service: Callable[..., RatingRound], *, to: str, said: str) -> HttpResponse:
    """Do what a button alone asks for; a second click finds it done."""
    round_ = kept_round_or_404(request, pk)
    try:
        service(round_id=pk, seen_version=version_of(request), user=request.user, now=timezone.now())
    except RatingRound.DoesNotExist as error:
        raise Http404 from error
    except UnableToAct as error:
        now_there = kept_round_or_404(request, pk)
        if now_there.state != to:
            return refused(request, now_there, str(error))
    else:
        messages.success(request, said)
    return HttpResponseRedirect(round_.get_absolute_url())


@require_POST
@login_required
def open_(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the voters vote."""
    return _stage(request, pk, services.open_round, to=RoundState.OPEN, said="测评已开始，已通知测评人。")


@require_POST
@login_required
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Take no more votes."""
    return _stage(request, pk, services.close_round, to=RoundState.CLOSED, said="测评已结束，可以查看结果。")


@GET_OR_POST
@login_required
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the result known."""
    round_ = kept_round_or_404(request, pk)
    if reason := why_not(request, round_, "publish"):
        return _too_late(request, round_, reason)
    form, status = PublishForm(initial={"audience": "voters"}), 200
    if request.method == "POST":
        form, status = PublishForm(request.POST), 422
        if form.is_valid():
            done, status, _ = attempt(
                form,
                lambda: services.publish_round(
                    round_id=pk, user=request.user, audience=form.cleaned_data["audience"], now=timezone.now()
                ),
            )
            if done:
                messages.success(request, f"结果已公布：{done.get_audience_display()}。")
                return HttpResponseRedirect(round_.get_absolute_url())
            round_ = kept_round_or_404(request, pk)
            if round_.state == RoundState.PUBLISHED:
                return _too_late(request, round_)
    context = {
        "form": form,
        "heading": "公布结果",
        "intro": "公布以后不能收回。公布范围内的测评人会收到通知。",
        "cancel_url": round_.get_absolute_url(),
        "submit_label": "公布结果",
    }
    return render(request, "ratings/form.html", context, status=status)


def _too_late(request: HttpRequest, round_: RatingRound, reason: str = "") -> HttpResponse:
    """A second click finds the result made known; to another audience it is not, and that is said."""
    if round_.state == RoundState.PUBLISHED:
        if request.method == "POST" and request.POST.get("audience") == round_.audience:
            return HttpResponseRedirect(round_.get_absolute_url())
        reason = f"结果已经公布，公布范围是“{round_.get_audience_display()}”，不能再改；这次没有改动。"
    return refused(request, round_, reason)
