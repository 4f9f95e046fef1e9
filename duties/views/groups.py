"""我的小组: who belongs to it, what it did, and for its leaders the way to enter more."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Role
from deputies.models import DeputyGroup
from duties.abilities import groups_of, leads_group
from duties.forms import note_of
from duties.group_queries import activities_of, entered_by, members_of, visible_groups

PAGE_SIZE = 20
SHOWN_ENTERED = 20


def group_or_404(request: HttpRequest, pk: int) -> DeputyGroup:
    """Return a group whose page the user may open; for others it does not exist."""
    rows = visible_groups(request.user, timezone.localdate()).select_related("term__congress")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """List the deputy's groups; whoever has just one is led to it."""
    if not request.user.has_role(Role.DEPUTY):
        raise Http404
    rows = list(groups_of(request.user, timezone.localdate()).select_related("term"))
    if len(rows) == 1:
        return HttpResponseRedirect(reverse("duties:group", args=[rows[0].pk]))
    return render(request, "duties/groups.html", {"groups": rows})


@login_required
@require_safe
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a group: what it did, newest first, its members, and what the leader entered for them."""
    row = group_or_404(request, pk)
    user, today = request.user, timezone.localdate()
    leads = leads_group(user, row, today)
    page = Paginator(activities_of(row), PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "group": row,
        "leads": leads,
        "page_obj": page,
        "members": [
            {"name": member.seat.person.name, "note": note_of(member, row.term.congress_id)}
            for member in members_of(row, today)
        ],
        "entered": list(entered_by(user, row)[:SHOWN_ENTERED]) if leads else [],
        "shown_entered": SHOWN_ENTERED,
        "is_member": user.has_role(Role.DEPUTY),
    }
    return render(request, "duties/group.html", context)
