"""The home page: what I owe, by when; what I wait for; what I did last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.hats import page_after
from accounts.models import Role
from casework import errands, presenters, queries
from casework.models import Obligation

OWED, WAITING = "todo", "waiting"
SHOWN = 20
SHOWN_WAITING = 8
RECENT = 8
A_YEAR = 365 * 24 * 3600


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the user's obligations, most urgent first; ``?view=todo`` or ``waiting`` turns the pages of one list."""
    if request.user.hat is None:
        if request.user.administers:
            return HttpResponseRedirect(reverse("admin:index"))
        return render(request, "casework/no_role.html", status=200)
    lists = {OWED: queries.owed(request.user), WAITING: queries.waited_for(request.user)}
    shown = request.GET.get("view")
    if shown in lists:
        return render(request, "casework/home.html", _one_list(request, shown, lists[shown]))
    context = {"recent": [presenters.recent_row(event) for event in queries.recent_events(request.user, limit=RECENT)]}
    for name, limit in ((OWED, SHOWN), (WAITING, SHOWN_WAITING)):
        context[name] = _rows(lists[name][:limit], is_waiting=name == WAITING)
        context[f"{name}_count"] = lists[name].count()
    context["elsewhere"] = [
        {"label": str(hat), "url": reverse("wear", args=[hat.pk]), "count": count}
        for hat, count in queries.owed_elsewhere(request.user)
        if count
    ]
    context["errands"] = errands.waiting(request.user)
    if request.user.has_role(Role.DEPUTY):
        context |= {"new_url": reverse("proposals:new"), "new_label": "提出建议"}
    return render(request, "casework/home.html", context)


def _one_list(request: HttpRequest, name: str, owed: QuerySet[Obligation]) -> dict[str, Any]:
    page = Paginator(owed, SHOWN).get_page(request.GET.get("page"))
    return {
        "shown": name,
        name: _rows(page.object_list, is_waiting=name == WAITING),
        f"{name}_count": page.paginator.count,
        "page_obj": page,
        "querystring": f"view={name}",
    }


def _rows(owed: Iterable[Obligation], *, is_waiting: bool) -> list[dict[str, Any]]:
    today = timezone.localdate()
    return [presenters.obligation_row(row, today, waiting=is_waiting) for row in owed]


@require_POST
def large_type(request: HttpRequest) -> HttpResponse:
    """Switch 大字版 on or off where the browser runs no script, and go back to the page."""
    response = HttpResponseRedirect(page_after(request))
    is_on = request.COOKIES.get("large_type") == "1"
    response.set_cookie("large_type", "0" if is_on else "1", max_age=A_YEAR, samesite="Lax")
    return response
