"""Where the rest of a long digest is found."""

import pytest

from notices.rules import rest_of


@pytest.mark.parametrize(
    ("shown", "total", "overseen", "words"),
    [
        ("oo", 2, 2, ""),
        ("mm", 3, 0, "共 3 项，其余请到待办查看"),
        ("mo", 3, 1, "共 3 项，其余请到待办查看"),
        ("mo", 3, 2, "共 3 项，其余请到逾期督办查看"),
        ("mo", 5, 2, "共 5 项，其余请到待办和逾期督办查看"),
        ("", 1, 1, "共 1 项，其余请到逾期督办查看"),
    ],
)
def test_the_rest_is_found_where_it_stands(shown: str, total: int, overseen: int, words: str) -> None:
    assert rest_of([{"overseen": sign == "o"} for sign in shown], total, overseen) == words
