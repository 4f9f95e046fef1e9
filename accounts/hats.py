"""Which of his hats a person wears: picked in the header, kept in the session, in force for every request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from audit.models import Kind
from audit.services import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

KEY = "hat"


class HatMiddleware:
    """Lets the user of a request act under the hat that the session remembers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (key := request.session.get(KEY)) is not None and request.user.is_authenticated:
            request.user.wear(key)
        return self.get_response(request)


@require_POST
@login_required
def wear(request: HttpRequest, key: int) -> HttpResponse:
    """Put on another hat and begin at its home page, or at the page of ours that was sought with the wrong hat on.

    Raises Http404 for a hat that is not the user's.
    """
    if key not in {hat.pk for hat in request.user.hats}:
        raise Http404
    request.session[KEY] = key
    request.user.wear(key)
    record(kind=Kind.ACT, user=request.user, label=f"切换身份：{request.user.hat}")
    return HttpResponseRedirect(page_after(request))


def page_after(request: HttpRequest, *, otherwise: str = "/") -> str:
    """Return the page that a form asks to be led to; another one where it names none, or one of another site."""
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}) else otherwise
