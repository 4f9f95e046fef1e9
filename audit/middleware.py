"""Says who asks, and writes down what was refused and what was taken away."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from audit.context import Context, acting
from audit.models import Kind
from audit.services import record, taken_by

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# A typing error (422) is no refusal, nor is a page that knows no such method (405).
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}


class Audit:
    """Stands behind the log-in. Its entries are written when the view is done: what it rolled back is over by then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting(Context(request)):
            response = self.get_response(request)
            if is_refusal(request, response):
                match = request.resolver_match
                details = {"status": response.status_code, "page": match.view_name if match else ""}
                record(kind=Kind.REFUSAL, success=False, details=details)
            elif request.method != "HEAD" and (taken := taken_by(response)):
                record(kind=Kind.EXPORT, label=taken.what, details={"rows": taken.rows})
        return response


def is_refusal(request: HttpRequest, response: HttpResponse) -> bool:
    """Say whether an answer denied a right.

    What exists out of sight and what does not exist are both 404, so every 404 of a known page to somebody who is
    logged in counts.
    """
    if response.status_code == HTTPStatus.NOT_FOUND:
        return request.resolver_match is not None and request.user.is_authenticated
    return response.status_code in REFUSED
