"""What the header and the navigation of every page need."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

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
    for entry in entries_for(hat.role if hat else None, is_superuser=user.is_superuser):
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        active = request.path == url if url == "/" else request.path.startswith(url)
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
            "role_label": hat.label if hat else "系统管理员",
            "unread": unread,
            "hats": [],
        },
        "nav": nav,
        "bottom_nav": bottom if any(item["label"] == "我的" for item in bottom) else [],
    }
