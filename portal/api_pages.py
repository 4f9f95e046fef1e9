"""The description of the API, for programs and for people."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator


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
    return render(request, "api/manual.html", {})
