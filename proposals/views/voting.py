"""集中评议: overseen items put to the vote on the spot."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from casework.services import UnableToAct
from proposals import services
from proposals.forms.voting import RatingForm
from proposals.services.voting import items_to_rate
from proposals.views.acting import GET_OR_POST
from proposals.views.inspections import let_in

MOST_OFFERED = 200


@login_required
@GET_OR_POST
def new(request: HttpRequest) -> HttpResponse:
    """Choose the items and begin a rating round of them."""
    let_in(request, Role.STAFF)
    rows = items_to_rate(request.user)[:MOST_OFFERED]
    items = [(row.pk, f"{row.display_no} {row.title}（{row.unit_name or '没有承办单位'}）") for row in rows]
    form = RatingForm(request.POST or None, items=items, initial={"held_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            row = services.begin_rating(user=request.user, now=timezone.now(), **form.cleaned_data)
        except UnableToAct as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "评议已建立。请选择测评人或者印发票码，再开始测评。")
            return HttpResponseRedirect(reverse("ratings:round", args=[row.pk]))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "has_items": bool(items)}
    return render(request, "proposals/oversight/vote_new.html", context, status=status)
