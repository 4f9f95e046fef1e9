"""What the pages before a log-in need."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts import passkeys


def entrance(request: HttpRequest) -> dict[str, Any]:
    """Return ``entrance``: whether this is a trial, whether passkeys work, the office's identity provider if any."""
    provider = None
    if settings.OIDC_URL:
        provider = {"name": settings.OIDC_NAME, "url": reverse("openid_connect_login", args=[settings.OIDC_PROVIDER])}
    return {
        "entrance": {
            "is_trial": not settings.PRODUCTION,
            "provider": provider,
            "has_passkeys": passkeys.work_here(request),
        }
    }
