"""The list of rounds, and one round's own page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Role
from ratings import links, presenters, queries
from ratings.abilities import abilities
from ratings.models import RatingRound
from ratings.views.acting import round_or_404

PAGE_SIZE = 50


@require_safe
@login_required
def round_list(request: HttpRequest) -> HttpResponse:
    """Show what waits for the user's vote, and the rounds that he may see."""
    user = request.user
    if user.hat is None:
        raise Http404
    page = Paginator(queries.listed(user), PAGE_SIZE)
    page.count = RatingRound.objects.visible_to(user).count()
    page = page.get_page(request.GET.get("page"))
    context = {
        "waiting": list(RatingRound.objects.waiting_for(user).order_by("held_on", "pk")),
        "page_obj": page,
        "querystring": "",
        "keeps": user.has_role(Role.STAFF),
        "counts_turnout": user.has_role(Role.STAFF, Role.LEADER),
        "new_url": reverse("ratings:new"),
    }
    return render(request, "ratings/list.html", context)


@require_safe
@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one round: what it is about, how far it is, what may be done."""
    round_ = round_or_404(request, pk)
    open_acts = abilities(request.user, round_)
    subjects, levels = list(round_.subjects.all()), list(round_.levels.all())
    urls = links.addresses(request.user, queries.keys_of(subjects))
    is_office = request.user.has_role(Role.STAFF, Role.LEADER) and request.user.hat.congress_id == round_.congress_id
    counts = presenters.turnout(round_) if is_office else None
    context = {
        "round": round_,
        "facts": presenters.facts(round_, levels),
        "subjects": [{"row": row, "url": urls.get(row.object_key, "")} for row in subjects],
        "actions": presenters.actions(round_, open_acts),
        "turnout": counts,
        "rights_changes": presenters.rights_changes(round_, counts) if counts else [],
    }
    return render(request, "ratings/round.html", context)
