"""Preparing a round."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import Role
from ratings import services
from ratings.forms import RoundForm
from ratings.models import RatingRound
from ratings.services import UnableToAct
from ratings.views.acting import GET_OR_POST, attempt, kept_round_or_404, refused, version_of, why_not


@GET_OR_POST
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin a round; the key made with the empty form keeps a double click from making two."""
    if not request.user.has_role(Role.STAFF):
        raise Http404
    form, status = RoundForm.blank(), 200
    if request.method == "POST":
        form, status = RoundForm(request.POST), 422
        if form.is_valid():
            made, status, _ = attempt(
                form,
                lambda: services.create_round(
                    user=request.user, now=timezone.now(), request_key=form.cleaned_data["request_key"], **form.given
                ),
            )
            if made:
                messages.success(request, "已保存。接下来请确定测评人，再开始测评。")
                return HttpResponseRedirect(made.get_absolute_url())
    context = {"form": form, "heading": "新建测评", "cancel_url": reverse("ratings:list"), "submit_label": "保存"}
    return render(request, "ratings/form.html", context, status=status)


@GET_OR_POST
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a round that has not begun."""
    round_ = kept_round_or_404(request, pk)
    form, status, stale = RoundForm.of(round_), 200, ""
    if request.method == "POST":
        form, status = RoundForm(request.POST), 422
        if form.is_valid():
            done, status, stale = attempt(
                form,
                lambda: services.change_round(
                    round_id=pk, seen_version=form.seen_version, user=request.user, **form.given
                ),
            )
            if done:
                messages.success(request, "已保存。")
                return HttpResponseRedirect(round_.get_absolute_url())
            if stale:
                round_ = kept_round_or_404(request, pk)
                form.data = form.data.copy()
                form.data["version"] = str(round_.version)
    elif reason := why_not(request, round_, "edit"):
        return refused(request, round_, reason)
    context = {
        "form": form,
        "heading": "修改测评",
        "cancel_url": round_.get_absolute_url(),
        "submit_label": "保存",
        "stale": stale,
    }
    return render(request, "ratings/form.html", context, status=status)


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop a round that has not begun."""
    round_ = kept_round_or_404(request, pk)
    try:
        services.delete_round(round_id=pk, seen_version=version_of(request), user=request.user)
    except RatingRound.DoesNotExist as error:
        raise Http404 from error
    except UnableToAct as error:
        return refused(request, round_, str(error))
    messages.success(request, f"已删除「{round_}」。")
    return HttpResponseRedirect(reverse("ratings:list"))
