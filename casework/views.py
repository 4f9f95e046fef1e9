"""The home page: what I owe, by when; what I wait for; what I did last."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import Role
from casework import presenters, queries

SHOWN = 20
SHOWN_WAITING = 8
RECENT = 8
A_YEAR = 365 * 24 * 3600


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show the user's obligations, most urgent first."""
    today = timezone.localdate()
    if request.user.hat is None:
        if request.user.is_superuser:
            return HttpResponseRedirect(reverse("admin:index"))
        return render(request, "casework/no_role.html", status=200)
    owed, owed_count = queries.first_owed(request.user, limit=SHOWN)
    waiting, waiting_count = queries.first_waited_for(request.user, limit=SHOWN_WAITING)
    todo_url = reverse("proposals:list") + "?view="
    context = {
        "owed": [presenters.obligation_row(row, today) for row in owed],
        "waiting": [presenters.obligation_row(row, today, waiting=True) for row in waiting],
        "recent": [presenters.recent_row(event) for event in queries.recent_events(request.user, limit=RECENT)],
        "next_due": None,
    }
    if owed_count > SHOWN:
        context["owed_more"] = {"url": todo_url + "todo", "count": owed_count}
    if waiting_count > SHOWN_WAITING:
        context["waiting_more"] = {"url": todo_url + "waiting", "count": waiting_count}
    if request.user.has_role(Role.DEPUTY):
        context |= {"new_url": reverse("proposals:new"), "new_label": "提出建议"}
    return render(request, "casework/home.html", context)


@require_POST
def large_type(request: HttpRequest) -> HttpResponse:
    """Switch 大字版 on or off where the browser runs no script, and go back to the page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = HttpResponseRedirect(target)
    is_on = request.COOKIES.get("large_type") == "1"
    response.set_cookie("large_type", "0" if is_on else "1", max_age=A_YEAR, samesite="Lax")
    return response
