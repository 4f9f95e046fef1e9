"""What a pile of votes amounts to."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ratings.codes import ALPHABET, new_codes, read_code
from ratings.presets import SCALES
from ratings.rules import LevelFacts, ranks, tally_of

SCALE = [
    LevelFacts(level.points, level.is_approval, level.is_abstention)
    for level in SCALES["satisfaction"].with_abstention()
]


def test_abstentions_and_blanks_count_as_ballots_not_in_the_rate() -> None:
    tally = tally_of(20, [9, 3, 3, 2], SCALE)
    assert (tally.ballots, tally.valid, tally.abstained, tally.blank, tally.approvals) == (20, 15, 2, 3, 12)
    assert (tally.rate, tally.score) == (Decimal("80.0"), Decimal("72.00"))


def test_nobody_rated() -> None:
    tally = tally_of(3, [0, 0, 0, 2], SCALE)
    assert (tally.valid, tally.blank, tally.rate, tally.score) == (0, 1, None, None)


def test_half_is_rounded_up() -> None:
    assert tally_of(2000, [1001, 0, 999, 0], SCALE).rate == Decimal("50.1")
    assert tally_of(3, [2, 0, 1, 0], SCALE).score == Decimal("66.67")


def test_equals_share_a_place() -> None:
    piles = [[5, 0, 5, 0], [8, 0, 2, 0], [8, 0, 2, 0], [6, 2, 2, 0], [0, 0, 0, 3]]
    assert ranks([tally_of(10, pile, SCALE) for pile in piles]) == [4, 1, 1, 3, None]


def test_scales_say_what_they_count() -> None:
    assert SCALES["competence"].explained == (
        "优秀 100 分、称职 80 分、基本称职 60 分、不称职 0 分；优秀、称职计入称职率"
    )
    assert [level.label for level in SCALES["quality"].with_abstention()] == ["好", "较好", "一般", "差", "弃权"]


def test_codes_are_read_as_people_type_them() -> None:
    assert read_code(" abcd-efgh ") == "ABCDEFGH"
    assert read_code("ABCD EFG") == read_code("ABCD-EFG0") == read_code("A" * 500) == read_code("") == ""
    found = new_codes(500)
    assert len(set(found)) == 500
    assert {len(code) for code in found} == {8}
    assert {sign for code in found for sign in code} <= set(ALPHABET)


@given(st.lists(st.integers(0, 500), min_size=4, max_size=4), st.integers(0, 50))
def test_parts_make_the_whole(counts: list[int], blank: int) -> None:
    tally = tally_of(sum(counts) + blank, counts, SCALE)
    assert tally.valid + tally.abstained + tally.blank == tally.ballots
    assert tally.blank == blank
    assert tally.rate is None or 0 <= tally.rate <= 100
