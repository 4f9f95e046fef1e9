"""Reminding: pure decisions from facts, no database."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from notices.texts import ESCALATED, NEAR, OVERDUE

# A digest is read on a phone: what does not fit on two screens is looked up in the portal.
MOST_LINES = 20
# 1, 2, 4 … 64 minutes after each failure.
FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(minutes=64)
# What stands before news in the place of the light; an urge says it itself.
NEWS = {"new": "新任务", "urge": ""}
# What follows the host in a webhook's address; nothing in it can mean another host to one program than to another.
PATH = re.compile(r"/[A-Za-z0-9/_.\-?=&%]*")


def wait_after(attempts: int) -> dt.timedelta:
    """Return how long to wait after so many failures (1 or more) before the next try."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)


def distance(due_on: dt.date, today: dt.date) -> str:
    """Return how far a due date is away, in words."""
    days = (due_on - today).days
    if days < 0:
        return f"逾期 {-days} 天"
    return f"还有 {days} 天" if days else "今天到期"


def is_reminder(rule: str) -> bool:
    """Say whether a rule tells of a deadline that comes or has passed."""
    return rule in (NEAR, ESCALATED) or rule.startswith(f"{OVERDUE}-")


class Told(Protocol):
    """What a line of a digest needs to know of a notice."""

    pk: int
    rule: str
    object_key: str
    due_on: dt.date
    title: str
    body: str
    url: str


def lines_of(notices: Iterable[Told], today: dt.date) -> list[dict[str, Any]]:
    """Return one line per matter, most urgent first: light, words, text, address.

    What somebody owes himself stands before what he is to oversee, a reminder before news of the same matter.
    """
    by_matter: dict[str, Told] = {}
    for notice in sorted(notices, key=_urgency):
        by_matter.setdefault(notice.object_key, notice)
    return [_line(notice, today) for notice in by_matter.values()]


def _urgency(notice: Told) -> tuple:
    if is_reminder(notice.rule):
        return (0, notice.due_on, notice.rule == ESCALATED, notice.pk)
    return (1 if notice.rule == "new" else 2, notice.due_on, False, notice.pk)


def _line(notice: Told, today: dt.date) -> dict[str, Any]:
    light, words = "", NEWS.get(notice.rule, "消息")
    if is_reminder(notice.rule):
        light, words = ("red" if notice.due_on < today else "yellow"), distance(notice.due_on, today)
    return {
        "light": light,
        "light_words": words,
        "text": notice.title,
        "more": notice.body,
        "url": notice.url,
        "overseen": notice.rule == ESCALATED,
    }


def title_of(lines: Sequence[dict[str, Any]], day: dt.date) -> str:
    """Return what a digest is called: the day, and how much of what it holds."""
    own = [line for line in lines if not line["overseen"]]
    counts = {
        "逾期 {} 项": sum(line["light"] == "red" for line in own),
        "将到期 {} 项": sum(line["light"] == "yellow" for line in own),
        "请过问 {} 项": len(lines) - len(own),
        "新消息 {} 条": sum(not line["light"] for line in own),
    }
    said = "、".join(words.format(count) for words, count in counts.items() if count)
    return f"{day.month}月{day.day}日提醒：{said}"


def overseen_among(lines: Iterable[Mapping[str, Any]]) -> int:
    """Return how many lines of a digest are of what somebody is to oversee."""
    return sum(line["overseen"] for line in lines)


def rest_of(shown: Sequence[Mapping[str, Any]], total: int, overseen: int) -> str:
    """Return what stands below the lines of a digest that shows only the first; empty when it shows all.

    Of the ``total`` so many are ``overseen``: these are found on another page than what somebody owes himself.
    """
    if len(shown) >= total:
        return ""
    left = overseen - overseen_among(shown)
    places = ["待办"] * (total - len(shown) > left) + ["逾期督办"] * (left > 0)
    return f"共 {total} 项，其余请到{'和'.join(places)}查看"


def origins(allowed: Collection[str]) -> list[str]:
    """Return where webhooks may go: https, unless the setting names a host with its scheme."""
    return [host.rstrip("/") if "://" in host else f"https://{host}" for host in allowed if host]


def why_webhook_refused(url: str, allowed: Collection[str]) -> str:
    """Return why an address is no webhook that the portal calls; empty when it is one."""
    if any(url.startswith(origin) and PATH.fullmatch(url, len(origin)) for origin in origins(allowed)):
        return ""
    hosts = "、".join(urlsplit(origin).netloc for origin in origins(allowed))
    return f"这不是可以使用的机器人地址。请从群机器人设置里整段复制，地址以 https:// 开头，主机是：{hosts}。"
