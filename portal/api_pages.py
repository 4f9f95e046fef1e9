"""The description of the API, for programs and for people."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from accounts.rest.views import LARGEST_PAGE
from accounts.tokens import may_have_tokens
from portal.api_manual import REFUSALS, chapters


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI description; the same for everybody, since rights are said by the answers."""
    return SchemaGenerator(urlconf="portal.urls").get_schema(request=None, public=True)


@login_required
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Give the description as OpenAPI."""
    del request
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


@login_required
@require_safe
def manual(request: HttpRequest) -> HttpResponse:
    """Show the description as a page."""
    context = {
        "chapters": chapters(description()),
        "refusals": REFUSALS,
        "has_tokens": may_have_tokens(request.user),
        "keep_days": settings.API_KEEP_DAYS,
        "rate": settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["user"].split("/")[0],
        "largest_page": LARGEST_PAGE,
    }
    return render(request, "api/manual.html", context)
