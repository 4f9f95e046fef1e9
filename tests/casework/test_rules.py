"""Lights and the words of an urge."""

import pytest

from accounts.models import Role
from casework.rules import light, may_urge, urge_words
from tests.casework.owing import TODAY, day


@pytest.mark.parametrize(
    ("offset", "state", "expected"),
    [
        (-400, "open", ("red", "逾期 400 天")),
        (-1, "open", ("red", "逾期 1 天")),
        (0, "open", ("yellow", "今天到期")),
        (1, "open", ("yellow", "还有 1 天")),
        (3, "open", ("yellow", "还有 3 天")),
        (4, "open", ("green", "还有 4 天")),
        (None, "open", ("grey", "无期限")),
        (-5, "done", ("grey", "已办")),
        (-5, "cancelled", ("grey", "已取消")),
    ],
)
def test_light(offset: int | None, state: str, expected: tuple[str, str]) -> None:
    assert light(None if offset is None else day(offset), TODAY, state) == expected


@pytest.mark.parametrize("role", Role.values)
def test_who_may_urge(role: str) -> None:
    assert may_urge(role=role, is_own_congress=True) == (role in {"staff", "leader", "gov_office", "committee"})
    assert not may_urge(role=role, is_own_congress=False)


@pytest.mark.parametrize(
    ("offset", "text", "expected"),
    [
        (2, "", "请于2026年3月12日前答复"),
        (0, "", "请于2026年3月10日前答复"),
        (-2, "", "期限2026年3月8日，已逾期 2 天，请尽快答复"),
        (None, "", "请尽快答复"),
        (2, "领导很关心。", "请于2026年3月12日前答复。领导很关心。"),
    ],
)
def test_urge_words(offset: int | None, text: str, expected: str) -> None:
    due_on = None if offset is None else day(offset)
    assert urge_words(verb="答复", due_on=due_on, today=TODAY, text=text) == expected
