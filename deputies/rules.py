"""What is expected of the groups of deputies."""

from __future__ import annotations

# What the districts whose arrangements we know ask of a group: below, too few come to an activity; above, it is split.
GROUP_LEAST, GROUP_MOST = 14, 24


def doubts_about_group(*, size: int, has_leader: bool) -> list[str]:
    """Say what is unusual about a group of so many members: its size, and that nobody leads it."""
    doubts = []
    if size < GROUP_LEAST:
        doubts.append(f"只有 {size} 人，一般为 {GROUP_LEAST} 至 {GROUP_MOST} 人")
    elif size > GROUP_MOST:
        doubts.append(f"有 {size} 人，一般为 {GROUP_LEAST} 至 {GROUP_MOST} 人")
    if not has_leader:
        doubts.append("没有组长")
    return doubts
