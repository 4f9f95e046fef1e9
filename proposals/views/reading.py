"""The case page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Role
from proposals import case_presenters, queries
from proposals.abilities import abilities
from proposals.file_lists import files_of, upload_panel
from proposals.models import Proposal
from proposals.viewing import Viewer

if TYPE_CHECKING:
    from accounts.models import User


@login_required
@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one proposal: stepper, units, replies by round, history, and what the user may do now."""
    return case_response(request, pk)


def case_response(request: HttpRequest, pk: int, *, stale: str = "", status: int = 200) -> HttpResponse:
    """Draw the case page; ``stale`` says on top what somebody else did meanwhile. Raises Http404."""
    try:
        page = queries.case_page(request.user, pk)
    except Proposal.DoesNotExist as error:
        raise Http404 from error
    if page.proposal.lead.person.user_id != request.user.pk:
        queries.show_as_handed_in(page)
    steps = list(page.proposal.procedure.steps.all())
    can = abilities(request.user, page.proposal)
    files = files_of(request.user, page.proposal)
    upload = upload_panel(request.user, page.proposal, files, back="case")
    context = case_presenters.case_context(
        page,
        steps,
        can,
        files,
        timezone.localdate(),
        viewer=_viewer(request.user, page),
    )
    return render(request, "proposals/case.html", context | {"stale": stale, "upload": upload}, status=status)


def _viewer(user: User, page: queries.CasePage) -> Viewer:
    signed = {page.proposal.lead.person.user_id, *(row.seat.person.user_id for row in page.cosigners)}
    is_office = not user.has_role(Role.DEPUTY)
    return Viewer(
        is_insider=is_office or user.pk in signed,
        is_office=is_office,
        supervises=user.has_role(Role.STAFF, Role.LEADER, Role.GOV_OFFICE),
        is_committee=user.has_role(Role.STAFF, Role.LEADER),
        unit_id=user.hat.unit_id if user.hat else None,
    )
