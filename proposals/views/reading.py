"""The case page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from proposals.models import Attachment


@login_required
@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one proposal: stepper, units, replies by round, history, and what the user may do now."""
    return case_response(request, pk)


def case_response(request: HttpRequest, pk: int, *, stale: str = "", status: int = 200) -> HttpResponse:
    """Draw the case page; ``stale`` says on top what somebody else did meanwhile. Raises Http404."""
    try:
        page, context, files = case_data(request.user, pk)
    except Proposal.DoesNotExist as error:
        raise Http404 from error
    upload = upload_panel(request.user, page.proposal, files, back="case")
    return render(request, "proposals/case.html", context | {"stale": stale, "upload": upload}, status=status)


def case_data(user: User, pk: int) -> tuple[queries.CasePage, dict[str, Any], list[Attachment]]:
    """Return one proposal, what of it the user is shown, and the files that he may read.

    Raises Proposal.DoesNotExist when the user may not see it.
    """
    page = queries.case_page(user, pk)
    if page.proposal.lead.person.user_id != user.pk:
        queries.show_as_handed_in(page)
    steps = list(page.proposal.procedure.steps.all())
    can = abilities(user, page.proposal)
    files = files_of(user, page.proposal)
    today = timezone.localdate()
    return page, case_presenters.case_context(page, steps, can, files, today, viewer=_viewer(user, page)), files


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
