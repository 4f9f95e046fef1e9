"""Points, totals and ranks worked out by hand; what of a record counts."""

import datetime as dt
from decimal import Decimal

import pytest

from proposals.models import Measure
from proposals.rules.scoring import (
    MEANING,
    VERDICTS,
    CommitmentFacts,
    PartFacts,
    points_after,
    points_of_rate,
    ranks,
    total_of,
    verdict,
)

TODAY = dt.date(2026, 6, 10)
D = Decimal


def day(n: int) -> dt.date:
    return dt.date(2026, 6, n)


def promise(state: str, done_on: dt.date | None = None) -> CommitmentFacts:
    """What was promised for the 9th."""
    return CommitmentFacts(1, "县教育局", 1, "第1号", "装护栏", state, day(9), done_on)


def part(role: str = "lead", **facts: object) -> PartFacts:
    return PartFacts(1, "县教育局", 1, "第1号", "标题", role, **({"is_open": True} | facts))


@pytest.mark.parametrize(
    ("most", "done", "of", "points"),
    [
        (10, 2, 3, "6.7"),
        (10, 1, 3, "3.3"),
        (5, 1, 8, "0.6"),  # 0.625
        (1, 1, 20, "0.1"),  # 0.05: a half goes up
        (D("7.5"), 1, 2, "3.8"),  # 3.75
        (10, 0, 4, "0.0"),
        (10, 4, 4, "10.0"),
    ],
)
def test_points_are_the_share_rounded_half_up(most: Decimal, done: int, of: int, points: str) -> None:
    assert points_of_rate(D(most), done, of) == D(points)


def test_nothing_to_count_is_no_points_at_all() -> None:
    assert (points_of_rate(D(10), 0, 0), points_after(D(10), D(2), 0, 0)) == (None, None)


@pytest.mark.parametrize(("cases", "left"), [(0, 10), (1, 8), (5, 0), (9, 0)])
def test_each_overdue_item_takes_off_until_nothing_is_left(cases: int, left: int) -> None:
    assert points_after(D(10), D(2), cases, 9) == left


def test_total_is_scaled_to_what_applies() -> None:
    assert total_of([(D(20), D(15)), (D(30), None), (D(50), D(40))]) == D("78.6")  # 55 of 70
    assert total_of([(D(20), D(15)), (D(30), D(30)), (D(50), D(40))]) == D(85)
    assert total_of([(D(20), None)]) is None
    assert total_of([]) is None


def test_equal_totals_share_a_rank_and_the_next_stands_further_down() -> None:
    assert ranks([D(90), D(95), D(90), None, D(80)]) == [2, 1, 2, None, 4]


@pytest.mark.parametrize(
    ("measure", "facts", "counts"),
    [
        (Measure.ON_TIME, part(due_on=day(9), replied_on=day(9)), True),
        (Measure.ON_TIME, part(due_on=day(9), replied_on=day(10)), False),
        (Measure.ON_TIME, part(due_on=day(9)), False),
        (Measure.ON_TIME, part(due_on=day(10)), None),
        (Measure.ON_TIME, part(due_on=day(9), is_open=False), None),
        (Measure.ON_TIME, part(replied_on=day(9)), None),
        (Measure.ON_TIME, part("assist", due_on=day(9), replied_on=day(9)), None),
        (Measure.ON_TIME, part("separate", due_on=day(9), replied_on=day(9)), True),
        (Measure.CONTACTED, part(has_contact=True), True),
        (Measure.CONTACTED, part(), False),
        (Measure.CONTACTED, part(is_open=False), None),
        (Measure.CONTACTED, part(is_open=False, has_contact=True), True),
        (Measure.CONTACTED, part(is_open=False, replied_on=day(9)), False),
        (Measure.CONTACTED, part("assist", has_contact=True), None),
        (Measure.ACKNOWLEDGED, part("assist", acknowledge_by=day(3), acknowledged_on=day(3)), True),
        (Measure.ACKNOWLEDGED, part(acknowledge_by=day(3), acknowledged_on=day(4)), False),
        (Measure.ACKNOWLEDGED, part(acknowledge_by=day(3)), False),
        (Measure.ACKNOWLEDGED, part(acknowledged_on=day(4)), None),
        (Measure.SATISFIED, part(grade="satisfied"), True),
        (Measure.SATISFIED, part(grade="basically"), True),
        (Measure.SATISFIED, part(grade="dissatisfied"), False),
        (Measure.SATISFIED, part(), None),
        (Measure.OPINIONS, part("assist", opinion_by=day(3), opined_on=day(3)), True),
        (Measure.OPINIONS, part("assist", opinion_by=day(3)), False),
        (Measure.OPINIONS, part(opinion_by=day(3), opined_on=day(3)), None),
        (Measure.OVERDUE, part(was_late=True), True),
        (Measure.OVERDUE, part(), False),
        (Measure.OVERDUE, part("assist", was_late=True), None),
        (Measure.COMMITMENTS, part(), None),
        (Measure.COMMITMENTS, promise("kept", day(9)), True),
        (Measure.COMMITMENTS, promise("kept", day(10)), False),
        (Measure.COMMITMENTS, promise("claimed", day(9)), None),
        (Measure.COMMITMENTS, promise("claimed", day(10)), False),
        (Measure.COMMITMENTS, promise("claimed"), False),
        (Measure.COMMITMENTS, promise("dropped", day(8)), False),
        (Measure.COMMITMENTS, promise("open"), False),
        (Measure.ON_TIME, promise("kept", day(9)), None),
    ],
)
def test_what_a_record_counts_for(measure: str, facts: object, counts: bool | None) -> None:
    assert verdict(measure, facts, TODAY) is counts


def test_commitment_counts_against_the_unit_from_the_day_after_its_day() -> None:
    assert [verdict(Measure.COMMITMENTS, promise("open"), day(n)) for n in (9, 10)] == [None, False]
    assert [verdict(Measure.COMMITMENTS, promise("claimed"), day(n)) for n in (9, 10)] == [None, False]


def test_every_measure_is_explained() -> None:
    assert set(MEANING) == set(VERDICTS) == set(Measure)
