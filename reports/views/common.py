"""What every page of reports asks first: who is there, and about which body and year."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts.models import Role
from bodies.models import Congress
from reports.registers import MAKERS
from reports.scope import Scope, UnableToReport, scope_of


def let_in(request: HttpRequest, roles: tuple[Role, ...]) -> None:
    """Raise Http404 for everybody but these roles."""
    if not request.user.has_role(*roles):
        raise Http404


def congresses_of(request: HttpRequest) -> list[Congress]:
    """Return the bodies whose figures the user may look at, the own one first. One query, for leaders and staff."""
    own = request.user.hat.congress
    if not request.user.has_role(*MAKERS):
        return [own]
    below = Congress.objects.visible_to(request.user).exclude(pk=own.pk).order_by("code")
    return [own, *below]


def congress_of(request: HttpRequest) -> Congress:
    """Return the body that the address names, the user's own where it names none. Raises Http404 for any other."""
    code = request.GET.get("congress", "")
    own = request.user.hat.congress
    if code in ("", own.code):
        return own
    found = next((congress for congress in congresses_of(request) if congress.code == code), None)
    if found is None:
        raise Http404
    return found


def scope_for(request: HttpRequest, congress: Congress, year: int) -> Scope:
    """Return what the page is about. Raises Http404 when no term was in office in that year."""
    try:
        return scope_of(congress=congress, year=year, as_of=timezone.localdate(), user=request.user)
    except UnableToReport as unable:
        raise Http404(str(unable)) from unable
