"""Typing in paper votes."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from ratings import services
from ratings.forms import PaperForm
from ratings.models import PaperEntry, RatingRound, RoundState
from ratings.views.acting import GET_OR_POST, attempt, kept_round_or_404, refused, why_not


@GET_OR_POST
@login_required
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was typed in, with its history, and type in more."""
    round_ = kept_round_or_404(request, pk)
    if round_.state == RoundState.DRAFT:
        return refused(request, round_, why_not(request, round_, "paper"))
    return _page(request, round_, replaces=None)


@GET_OR_POST
@login_required
def correct(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Put right what was typed in; the old entry stays as history."""
    round_ = kept_round_or_404(request, pk)
    replaces = round_.paper_entries.filter(pk=entry).first()
    if replaces is None:
        raise Http404
    if reason := why_not(request, round_, "paper"):
        return refused(request, round_, reason)
    return _page(request, round_, replaces=replaces)


def _page(request: HttpRequest, round_: RatingRound, *, replaces: PaperEntry | None) -> HttpResponse:
    grid = {"subjects": list(round_.subjects.all()), "levels": list(round_.levels.all())}
    reason, status = why_not(request, round_, "paper"), 200
    first: dict[str, Any] = {"request_key": uuid.uuid4()}
    form = PaperForm(initial=first | (PaperForm.initial_of(replaces) if replaces else {}), **grid)
    if request.method == "POST":
        form, status = PaperForm(request.POST, **grid), 422
        if form.is_valid():
            data = form.cleaned_data
            made, status, _ = attempt(
                form,
                lambda: services.enter_paper_tally(
                    round_id=round_.pk,
                    user=request.user,
                    now=timezone.now(),
                    ballots=data["ballots"],
                    counts=form.counts,
                    note=data["note"],
                    replaces_id=replaces.pk if replaces else None,
                    request_key=data["request_key"],
                ),
            )
            if made:
                messages.success(
                    request, f"已录入 {made.ballots} 张纸质票。" if not replaces else "已更正，原来的录入留作历史。"
                )
                return HttpResponseRedirect(reverse("ratings:paper", args=[round_.pk]))
            if reason := why_not(request, round_, "paper"):
                status = 409
    entries = round_.paper_entries.select_related("entered_by", "replaced_by").prefetch_related("counts")
    context = {
        "round": round_,
        "form": form,
        "levels": grid["levels"],
        "replaces": replaces,
        "entries": [_entry(row, grid) for row in entries],
        "may_enter": not reason or request.method == "POST",
        "reason": reason,
        "may_correct": not reason,
    }
    return render(request, "ratings/paper.html", context, status=status)


def _entry(row: PaperEntry, grid: dict[str, Any]) -> dict[str, Any]:
    numbers = {(count.subject_id, count.level_id): count.number for count in row.counts.all()}
    return {
        "row": row,
        "is_replaced": hasattr(row, "replaced_by"),
        "lines": [
            {"subject": subject, "numbers": [numbers.get((subject.pk, level.pk), 0) for level in grid["levels"]]}
            for subject in grid["subjects"]
        ],
    }
