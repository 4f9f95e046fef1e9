"""Forty voters vote at once on their phones, every second one on two phones at the same moment, while paper is typed in.

The secret half fails when ``cast_vote`` reads the round without its lock and marks the right to vote without asking
whether it is still unused; the named half stands by the one ballot per right alone.
"""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from ratings import queries, services
from ratings.models import Ballot, Box, RatingRound, RightsChange, Voter
from tests.ratings.rounds import NOW, as_user, codes_of, opened, posted, ticks, typed, voters
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SUBJECTS = [f"第{n}件建议" for n in range(10)]
LABELS = ("满意", "基本满意", "不满意")


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


def chosen(voter: int) -> list[str]:
    return [LABELS[(voter + subject) % 3] if voter % 4 else "满意" for subject in range(10)]


def send(phone: Client, address: str, data: dict[str, object]) -> tuple[int, str]:
    """Send a form; status and page, those of the page that a redirect leads to."""
    answer = phone.post(address, data, follow=True)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("is_secret", [True, False])
def test_forty_at_once(county: World, is_secret: bool) -> None:
    people = voters(county, 40)
    round_ = opened(county, people, names=SUBJECTS, is_secret=is_secret)
    address = reverse("ratings:vote", args=[round_.pk])
    phones = [as_user(user) for user in people]
    others = [as_user(user) for user in people[::2]]
    sent = [posted(round_, *chosen(n)) for n in range(40)]
    jobs = [partial(send, phone, address, data) for phone, data in zip(phones, sent, strict=True)]
    jobs += [partial(send, phone, address, data) for phone, data in zip(others, sent[::2], strict=True)]
    levels = list(round_.levels.all())
    paper = {"ballots": 10} | {
        f"n{subject.pk}-{level.pk}": number
        for subject in round_.subjects.all()
        for level, number in zip(levels, (7, 2, 1), strict=True)
    }
    jobs.append(partial(send, as_user(county.staff), reverse("ratings:paper", args=[round_.pk]), paper))

    answers = at_once(*jobs)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert {status for status, _ in answers} == {200}
    assert sum("投票成功" in page for _, page in answers) == 40
    assert all("您已投过票" in page for _, page in answers[:60])
    again = [send(phone, address, data) for phone, data in zip(phones, sent[1:] + sent[:1], strict=True)]
    assert [status == 200 and "您已投过票" in page for status, page in again] == [True] * 40

    result = queries.results(RatingRound.objects.get(pk=round_.pk))
    assert (result.phone_ballots, result.paper_ballots, result.ballots, result.rights) == (40, 10, 50, 40)
    expected = [
        [
            sum(chosen(n)[place] == label for n in range(40)) + more
            for label, more in zip(LABELS, (7, 2, 1), strict=True)
        ]
        for place in range(10)
    ]
    assert [[one.number for one in row.levels] for row in result.subjects] == expected
    assert [row.tally.blank for row in result.subjects] == [0] * 10
    assert Ballot.objects.count() == (0 if is_secret else 40)
    assert Voter.objects.filter(has_voted=True).count() == 40
    if is_secret:
        assert Box.objects.get().ballots == 40


def test_one_code_on_six_phones(county: World) -> None:
    round_ = opened(county, [], codes=3, is_secret=True)
    code = codes_of(round_)[0]
    vote_once = partial(services.cast_vote, round_id=round_.pk, code=code, ticks=ticks(round_, "满意", "满意"), now=NOW)
    results = at_once(*[vote_once] * 6)
    assert sorted(type(one).__name__ for one in results) == ["AlreadyVoted"] * 5 + ["NoneType"]
    assert Box.objects.get().counts == [[1, 0, 0], [1, 0, 0]]


def test_closing_and_voting_at_once_leaves_no_vote_out(county: World) -> None:
    people = voters(county, 12)
    round_ = opened(county, people, is_secret=True)
    ballot = ticks(round_, "满意", "不满意")
    jobs = [partial(services.cast_vote, round_id=round_.pk, user=user, ticks=ballot, now=NOW) for user in people]
    jobs.insert(4, partial(services.close_round, round_id=round_.pk, user=county.staff, now=NOW))
    results = at_once(*jobs)
    counted = sum(one is None for one in results)
    assert {type(one).__name__ for one in results} <= {"NoneType", "RatingRound", "UnableToAct"}
    assert Voter.objects.filter(has_voted=True).count() == counted
    box = Box.objects.get()
    assert (box.ballots, box.counts) == (counted, [[counted, 0, 0], [0, 0, counted]])


def test_voting_and_losing_the_right_at_once_is_one_of_both(county: World) -> None:
    people = voters(county, 12)
    round_ = opened(county, people, is_secret=True)
    keys = dict(round_.voters.values_list("user", "pk"))
    ballot, jobs = ticks(round_, "满意", "不满意"), []
    for user in people[:9]:
        jobs.append(partial(services.cast_vote, round_id=round_.pk, user=user, ticks=ballot, now=NOW))
        gone = {"user": county.staff, "voter_ids": [keys[user.pk]], "now": NOW}
        jobs.append(partial(services.remove_voters, round_id=round_.pk, **gone))
    results = at_once(*jobs)
    pairs = {
        (type(voted).__name__, type(removed).__name__)
        for voted, removed in zip(results[::2], results[1::2], strict=True)
    }
    assert pairs <= {("NoneType", "UnableToAct"), ("DoesNotExist", "int")}
    counted = results[::2].count(None)
    assert (Voter.objects.filter(has_voted=True).count(), Voter.objects.count()) == (counted, 3 + counted)
    assert (Box.objects.get().ballots, RightsChange.objects.count()) == (counted, 9 - counted)


def test_two_correct_one_entry_at_once(county: World) -> None:
    round_ = opened(county, [])
    wrong = typed(county, round_, 10, [10, 0, 0], [10, 0, 0])
    results = at_once(*[partial(typed, county, round_, 9, [9, 0, 0], [9, 0, 0], replaces_id=wrong.pk)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["PaperEntry", "UnableToAct"]
    result = queries.results(round_)
    assert (result.paper_ballots, [row.levels[0].paper for row in result.subjects]) == (9, [9, 9])
