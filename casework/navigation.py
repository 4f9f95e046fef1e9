"""The main navigation: which pages each role is led to. Names of addresses only, so that no app is imported."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Administration, Role


@dataclass(frozen=True)
class Entry:
    """One entry: its words, the name of its address, the icon on a phone's bottom bar (none: not shown there)."""

    label: str
    url_name: str
    roles: frozenset[str]
    icon: str = ""
    short: str = ""


ALL = frozenset(Role.values)
# Those who urge (casework.rules.URGERS).
URGING = frozenset({Role.STAFF, Role.LEADER, Role.GOV_OFFICE, Role.COMMITTEE})

REGISTERS = Entry("登记管理", "admin:index", frozenset({Role.STAFF, Role.LEADER}))
ENTRIES = [
    # What a leader comes for stands first.
    Entry("督办", "proposals:oversight", frozenset({Role.LEADER})),
    Entry("待办", "casework:home", ALL, icon="todo"),
    Entry("建议议案", "proposals:list", ALL, icon="proposal", short="建议"),
    Entry("督办", "proposals:oversight", frozenset({Role.STAFF})),
    Entry("逾期督办", "casework:overdue", URGING),
    # Whoever may be made a voter (ratings.electorate).
    Entry(
        "测评",
        "ratings:list",
        frozenset({Role.STAFF, Role.LEADER, Role.GOV_OFFICE, Role.UNIT, Role.DEPUTY}),
        icon="check",
    ),
    Entry("代表名册", "deputies:roster", ALL - {Role.UNIT, Role.DEPUTY}),
    Entry("总览", "reports:overview", frozenset({Role.STAFF, Role.LEADER, Role.GOV_OFFICE})),
    Entry("我的小组", "duties:groups", frozenset({Role.DEPUTY}), icon="duty", short="小组"),
    Entry("我的", "deputies:me", frozenset({Role.DEPUTY}), icon="user"),
    REGISTERS,
]


# What an administrator has, who has no role: the registers that are his, and the security administrator his own pages.
OF_ADMINISTRATORS = {
    Administration.SYSTEM: [REGISTERS],
    Administration.SECURITY: [
        REGISTERS,
        Entry("锁定与二次验证", "accounts:guard", frozenset()),
        Entry("接口令牌", "accounts:tokens", frozenset()),
    ],
    Administration.AUDIT: [REGISTERS],
}


def entries_for(role: str | None, *, administers: str) -> list[Entry]:
    """Return what a role, or who has none but is an administrator, is led to."""
    if role is None:
        return OF_ADMINISTRATORS.get(administers, [])
    return [entry for entry in ENTRIES if role in entry.roles]
