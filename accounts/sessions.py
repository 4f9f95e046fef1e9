"""How long a log-in lasts, and what its owner is shown of it."""

from __future__ import annotations

import re
import time

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from accounts.models import User

# When the session began and when its user was last active, in seconds of the epoch.
SINCE, SEEN = "session_since", "session_seen"
# Activity is written down no more often than that: a page costs no write.
GRAIN_SECONDS = 60
LATER = "没有提交的草稿还在，登录后可以接着填写。"
BROWSERS = [
    # Each before those in whose name it also comes.
    ("企业微信", r"wxwork"),
    ("微信", r"MicroMessenger"),
    ("钉钉", r"DingTalk"),
    ("Edge 浏览器", r"Edg(?:e|A|iOS)?/"),
    ("QQ 浏览器", r"QQBrowser"),
    ("火狐浏览器", r"Firefox/|FxiOS"),
    ("Chrome 浏览器", r"Chrome/|CriOS"),
    ("Safari 浏览器", r"Safari/"),
]
SYSTEMS = [
    ("鸿蒙手机", r"HarmonyOS|OpenHarmony"),
    ("安卓手机", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows 电脑", r"Windows"),
    ("苹果电脑", r"Macintosh"),
    ("Linux 电脑", r"Linux|X11"),
]


def begin(session: SessionBase) -> None:
    """Note that a log-in begins now."""
    session[SINCE] = session[SEEN] = int(time.time())


def why_over(session: SessionBase, user: User) -> str:
    """Return why the log-in is over, in words for its owner; empty while it lasts."""
    now = time.time()
    idle = settings.ADMIN_IDLE_MINUTES if user.administers else settings.IDLE_MINUTES
    if now - session.get(SEEN, now) > idle * 60:
        return f"您已经超过 {idle} 分钟没有操作，为了安全，请重新登录。{LATER}"
    if now - session.get(SINCE, now) > settings.SESSION_HOURS * 3600:
        return f"登录已经超过 {settings.SESSION_HOURS} 小时，请重新登录。{LATER}"
    return ""


def note_activity(request: HttpRequest) -> bool:
    """Write down that the user is active; say whether that was due."""
    # A page that asks by itself for news is no sign of its reader.
    if request.htmx or time.time() - request.session.get(SEEN, 0) < GRAIN_SECONDS:
        return False
    if SINCE not in request.session:
        begin(request.session)
    request.session[SEEN] = int(time.time())
    return True


def device_of(agent: str) -> str:
    """Return a browser and its device as a person would call them."""
    names = [next((name for name, pattern in table if re.search(pattern, agent)), "") for table in (BROWSERS, SYSTEMS)]
    return "，".join(filter(None, names)) or "其他设备"
