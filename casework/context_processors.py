"""What the header and the navigation of every page need."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts.permissions import takes_tokens_back
from accounts.tokens import may_have_tokens
from casework.navigation import entries_for
from notices.queries import unread_count

PRODUCT = "代表工作管理门户"


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return ``portal``, ``nav`` and ``bottom_nav``. One query for the unread messages beside user and hat."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"portal": {"product": PRODUCT}}
    hat = user.hat
    unread = unread_count(user)
    nav, bottom = [], []
    entries = []
    for entry in entries_for(hat.role if hat else None, administers=user.administers):
        with suppress(NoReverseMatch):
            entries.append((entry, reverse(entry.url_name)))
    # Of pages below one another the nearest one is where the user is.
    here = max((url for _, url in entries if url != "/" and request.path.startswith(url)), key=len, default="")
    for entry, url in entries:
        active = request.path == url if url == "/" else url == here
        nav.append({"label": entry.label, "url": url, "active": active, "badge": 0})
        if entry.icon:
            bottom.append(
                {"label": entry.short or entry.label, "url": url, "active": active, "badge": 0, "icon": entry.icon}
            )
    return {
        "portal": {
            "product": PRODUCT,
            "congress": str(hat.congress) if hat else "",
            "user_name": str(user),
            "role_label": hat.label if hat else user.get_administers_display(),
            "unread": unread,
            "hats": [
                {"label": str(one), "url": reverse("wear", args=[one.pk]), "active": one == hat} for one in user.hats
            ],
            "has_tokens": may_have_tokens(user),
            "keeps_tokens": takes_tokens_back(user),
        },
        "nav": nav,
        "bottom_nav": bottom if any(item["label"] == "我的" for item in bottom) else [],
    }
