"""The words of reminders: what is shipped, and which placeholders an office's own words may hold."""

from __future__ import annotations

import re

NEAR, OVERDUE, ESCALATED = "near_due", "overdue", "escalated"
KINDS = {NEAR: "将到期", OVERDUE: "已逾期", ESCALATED: "逾期上报"}
# Title and body. How near or how late it is stands before them on every line, in colour and words.
SHIPPED = {
    NEAR: ("请{动作}：{事项}", "期限{期限}"),
    OVERDUE: ("请尽快{动作}：{事项}", "期限{期限}"),
    ESCALATED: ("{责任方}应{动作}：{事项}", "期限{期限}，请过问"),
}
# What stands in for each placeholder in a preview.
SAMPLE = {
    "{动作}": "答复",
    "{事项}": "第12号 关于增设校车停靠点的建议",
    "{期限}": "2026年3月9日",
    "{天数}": "2",
    "{责任方}": "县教育局",
}
# Counted on the day of the digest, so filled in last.
DAYS = "{天数}"
BRACED = re.compile(r"\{[^{}]*\}?|\}")


def why_refused(text: str) -> str:
    """Return what is wrong with the placeholders of a text; empty when nothing is."""
    unknown = [found for found in BRACED.findall(text) if found not in SAMPLE]
    if not unknown:
        return ""
    return f"「{unknown[0]}」不能使用。可以用的有：{'、'.join(SAMPLE)}。"


def preview(title: str, body: str) -> str:
    """Return how a reminder with these words would read."""
    said = f"{title}　{body}".strip()
    for placeholder, sample in SAMPLE.items():
        said = said.replace(placeholder, sample)
    return said
