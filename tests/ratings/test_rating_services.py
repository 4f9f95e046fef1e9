"""What a round refuses, whom it tells, what other apps read of it."""

import datetime as dt
import uuid

import pytest
from django.db import connection

from accounts.models import Role
from casework.reminding import make_digests
from casework.services import UnableToAct
from deputies.models import Seat
from notices import services as notices
from notices.models import Address, Digest, Notice
from ratings import electorate, links, queries, services
from ratings.models import Ballot, PaperEntry, RatingRound, Subject, Voter
from ratings.presets import SCALES
from ratings.services import AlreadyVoted, NewSubject, RoundWasChanged
from tests import factories as make
from tests.factories import at
from tests.ratings.rounds import DAY, NOW, opened, prepared, ticks, typed, vote, voters
from tests.world import World

pytestmark = pytest.mark.django_db


def change(world: World, round_: RatingRound, **fields: object) -> RatingRound:
    fields = {"subjects": [NewSubject("甲")], "scale": SCALES["quality"], "with_abstention": True} | fields
    return services.change_round(
        round_id=round_.pk, user=world.staff, title="改了名", held_on=DAY, **({"seen_version": 1} | fields)
    )


def test_changing_keeps_what_a_subject_stands_for(world: World) -> None:
    key = uuid.uuid4()
    subjects = [NewSubject("甲", object_key="proposal:12"), NewSubject("乙", object_key="proposal:13")]
    given = {"user": world.staff, "now": NOW, "title": "评议", "held_on": DAY, "subjects": subjects, "request_key": key}
    round_ = services.create_round(**given)
    assert services.create_round(**given) == round_
    change(world, round_, subjects=[NewSubject("丙"), NewSubject("甲", "新说明")])
    rows = list(Subject.objects.values_list("position", "name", "note", "object_key"))
    assert rows == [(1, "丙", "", ""), (2, "甲", "新说明", "proposal:12")]
    assert list(round_.levels.values_list("label", flat=True)) == ["好", "较好", "一般", "差", "弃权"]
    with pytest.raises(RoundWasChanged):
        change(world, round_)
    assert Subject.objects.count() == 2


def test_refusals_of_staff_write_nothing(world: World) -> None:
    with pytest.raises(UnableToAct, match="测评对象重复：甲"):
        prepared(world, names=["甲", "乙", "甲"])
    with pytest.raises(UnableToAct, match="最多 300 个对象，现在是 301 个"):
        prepared(world, names=[f"第{n}件" for n in range(301)])
    assert RatingRound.objects.count() == 0
    empty = prepared(world, names=[])
    with pytest.raises(UnableToAct, match="还没有测评对象"):
        services.open_round(round_id=empty.pk, user=world.staff, now=NOW)
    round_ = opened(world, [world.deputy])
    for act in (
        lambda: change(world, round_, seen_version=None),
        lambda: services.delete_round(round_id=round_.pk, user=world.staff),
        lambda: services.open_round(round_id=round_.pk, user=world.staff, now=NOW),
        lambda: services.publish_round(round_id=round_.pk, user=world.staff, audience="voters", now=NOW),
        lambda: services.issue_codes(round_id=round_.pk, user=world.staff, number=2001, now=NOW),
        lambda: services.close_round(round_id=round_.pk, user=world.deputy, now=NOW),
    ):
        with pytest.raises(UnableToAct):
            act()
    for act in (services.close_round, services.open_round):
        for user in (world.stranger, world.unit_user):
            with pytest.raises(RatingRound.DoesNotExist):
                act(round_id=round_.pk, user=user, now=NOW)
    round_.refresh_from_db()
    assert (round_.state, Voter.objects.count()) == ("open", 1)


def test_votes_that_are_refused_leave_the_right_unused(world: World) -> None:
    round_ = prepared(world)
    services.add_voters(round_id=round_.pk, user=world.staff, voters=[world.deputy], now=NOW)
    with pytest.raises(UnableToAct, match="还没有开始"):
        vote(round_, world.deputy, "满意", "满意")
    services.open_round(round_id=round_.pk, user=world.staff, now=NOW)
    other = opened(world, [world.deputy])
    with pytest.raises(UnableToAct, match="还有 1 项没有选择：县公安局"):
        vote(round_, world.deputy, "满意", "")
    with pytest.raises(UnableToAct, match="与页面不一致"):
        services.cast_vote(round_id=round_.pk, user=world.deputy, ticks=ticks(other, "满意", "满意"), now=NOW)
    with pytest.raises(Voter.DoesNotExist):
        vote(round_, world.other_deputy, "满意", "满意")
    with pytest.raises(Voter.DoesNotExist):
        services.cast_vote(round_id=round_.pk, code="", ticks=ticks(round_, "满意", "满意"), now=NOW)
    assert (Ballot.objects.count(), Voter.objects.filter(has_voted=True).count()) == (0, 0)
    vote(round_, world.deputy, "满意", "满意")
    with pytest.raises(AlreadyVoted):
        vote(round_, world.deputy, "满意", "满意")
    services.close_round(round_id=other.pk, user=world.staff, now=NOW)
    with pytest.raises(UnableToAct, match="测评已经结束"):
        vote(other, world.deputy, "满意", "满意")
    assert Ballot.objects.count() == 1


def test_paper_is_put_right_by_another_entry(world: World) -> None:
    round_ = opened(world, [], with_abstention=True, allows_blank=True)
    first = typed(world, round_, 10, [8, 1, 1, 0], [5, 5, 0, 0])
    typed(world, round_, 5, [5, 0, 0, 0], [1, 1, 1, 1])
    with pytest.raises(UnableToAct, match="各等次合计多于收回的 3 张票：县公安局（4 票）"):
        typed(world, round_, 3, [1, 1, 1, 0], [1, 1, 1, 1])
    key = uuid.uuid4()
    second = typed(world, round_, 9, [8, 1, 0, 0], [5, 4, 0, 0], replaces_id=first.pk, request_key=key)
    assert typed(world, round_, 9, [8, 1, 0, 0], [5, 4, 0, 0], replaces_id=first.pk, request_key=key) == second
    with pytest.raises(UnableToAct, match="已经被更正过"):
        typed(world, round_, 1, [1, 0, 0, 0], [1, 0, 0, 0], replaces_id=first.pk)
    result = queries.results(round_)
    assert (result.paper_ballots, [[one.paper for one in row.levels] for row in result.subjects]) == (
        14,
        [[13, 1, 0, 0], [6, 5, 1, 1]],
    )
    assert [row.tally.blank for row in result.subjects] == [0, 1]
    typed(world, round_, 0, [0] * 4, [0] * 4, replaces_id=second.pk)
    assert queries.results(round_).ballots == 5
    assert PaperEntry.objects.count() == 4
    services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    with pytest.raises(UnableToAct):
        typed(world, round_, 1, [1, 0, 0, 0], [1, 0, 0, 0])


def test_voters_are_told_once(world: World) -> None:
    round_ = opened(world, [world.deputy])
    services.add_voters(round_id=round_.pk, user=world.staff, voters=[world.deputy, world.other_deputy], now=NOW)
    services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    services.publish_round(round_id=round_.pk, user=world.staff, audience="voters", now=NOW)
    told = Notice.objects.filter(object_key=f"rating:{round_.pk}").order_by("rule", "recipient")
    assert [(row.rule, row.recipient, row.url) for row in told] == [
        ("rating_open", world.deputy, f"/ratings/{round_.pk}/vote/"),
        ("rating_open", world.other_deputy, f"/ratings/{round_.pk}/vote/"),
        ("rating_published", world.deputy, f"/ratings/{round_.pk}/results/"),
        ("rating_published", world.other_deputy, f"/ratings/{round_.pk}/results/"),
    ]
    assert not Notice.objects.filter(object_key=f"rating:{round_.pk}", recipient=world.staff).exists()


def test_call_to_vote_goes_out_at_once_or_not_at_all(world: World) -> None:
    for user in (world.deputy, world.other_deputy):
        Address.objects.create(user=user, channel="email", address="a@example.org")
    round_ = opened(world, [world.deputy])
    assert calls() == {("deputy", "in_site"): "pending", ("deputy", "email"): "pending"}
    notices.deliver_pending(now=NOW)
    # What an earlier version of the portal left for the digest is called back too.
    Notice.objects.filter(channel="email").update(state="waiting")
    other = opened(world, [world.other_deputy])
    services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    assert calls() == {
        ("deputy", "in_site"): "sent", ("deputy", "email"): "void",
        ("deputy2", "in_site"): "pending", ("deputy2", "email"): "pending",
    }  # fmt: skip
    make_digests(now=at(2026, 9, 2))
    assert (Digest.objects.count(), other.state) == (0, "open")


def calls() -> dict[tuple[str, str], str]:
    rows = Notice.objects.filter(rule="rating_open").values_list("recipient__username", "channel", "state")
    return {(name, channel): state for name, channel, state in rows}


def test_result_kept_to_the_office_is_told_to_nobody(world: World) -> None:
    round_ = opened(world, [world.deputy])
    services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    services.publish_round(round_id=round_.pk, user=world.staff, audience="staff", now=NOW)
    assert list(Notice.objects.filter(object_key=f"rating:{round_.pk}").values_list("rule")) == [("rating_open",)]


def test_who_can_be_chosen(world: World) -> None:
    Seat.objects.filter(pk=world.other_seat.pk).update(is_committee_member=True)
    make.SeatFactory(term=world.term, delegation=world.seat.delegation, person__name="没有账号")
    suspended = make.UserFactory(role=Role.DEPUTY, role__congress=world.congress)
    make.SeatFactory(term=world.term, delegation=world.seat.delegation, person__user=suspended, status="suspended")
    make.SeatFactory(term__congress=world.foreign_congress, person__user=make.UserFactory())
    words = dict(electorate.circles(world.congress, DAY))
    assert list(words.values()) == [
        "全体代表（3 人）", "常委会组成人员（1 人）", "城关代表团（2 人）", "北岭代表团（1 人）",
        "常委会领导用户（1 人）", "代表工委用户（1 人）", "政府办用户（1 人）", "承办单位用户（2 人）",
    ]  # fmt: skip

    def names(*keys: str, seats: tuple[int, ...] = ()) -> tuple[set, list[str]]:
        found = electorate.chosen(world.congress, DAY, keys=keys, seats=seats)
        return {user.username for user in found.users}, found.without_account

    assert names("all") == ({"deputy", "deputy2"}, ["没有账号"])
    assert names("committee", "role-unit") == ({"deputy2", "unit", "police"}, [])
    assert names(f"delegation-{world.seat.delegation_id}") == ({"deputy"}, ["没有账号"])
    assert names(seats=(world.other_seat.pk,)) == ({"deputy2"}, [])
    assert names() == (set(), [])


def test_other_apps_link(world: World) -> None:
    links.register("thing", lambda user, keys: {key: f"/things/{key}/" for key in keys if key != 8})
    try:
        keys = ["thing:7", "thing:8", "", "thing:x", "other:7"]
        assert links.addresses(world.staff, keys) == {"thing:7": "/things/7/"}
    finally:
        links._finders.pop("thing")


@pytest.mark.parametrize("number", [3, 300])
def test_figures_ask_the_same_for_any_number_of_ballots(
    world: World, number: int, django_assert_num_queries: object
) -> None:
    people = voters(world, number)
    rounds = [opened(world, people, is_secret=secret) for secret in (False, True)]
    for round_ in rounds:
        for user in people[:3]:
            vote(round_, user, "满意", "不满意")
        typed(world, round_, 4, [4, 0, 0], [1, 1, 2])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for round_ in rounds:
        with django_assert_num_queries(7 - round_.is_secret):
            result = queries.results(RatingRound(pk=round_.pk, is_secret=round_.is_secret))
        assert (result.rights, result.ballots, result.sums) == (number, 7, (8, 1, 5))


def test_rounds_are_seen_by_whom_they_concern(world: World) -> None:
    draft = prepared(world)
    services.add_voters(round_id=draft.pk, user=world.staff, voters=[world.deputy], now=NOW)
    open_ = opened(world, [world.deputy, world.unit_user])
    everybody, kept = (opened(world, [world.deputy]) for _ in range(2))
    for round_, audience in ((everybody, "congress"), (kept, "voters")):
        services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
        services.publish_round(round_id=round_.pk, user=world.staff, audience=audience, now=NOW)
    seen = {
        user.username: set(RatingRound.objects.visible_to(user))
        for user in (
            world.staff, world.leader, world.deputy, world.other_deputy, world.unit_user, world.township_user, world.stranger,
        )
    }  # fmt: skip
    assert seen == {
        "staff": {draft, open_, everybody, kept},
        "leader": {open_, everybody, kept},
        "deputy": {open_, everybody, kept},
        "deputy2": {everybody},
        "unit": {open_, everybody},
        "township": set(),
        "stranger": set(),
    }
    assert set(RatingRound.objects.waiting_for(world.deputy)) == {open_}
    vote(open_, world.deputy, "满意", "满意")
    assert set(RatingRound.objects.waiting_for(world.deputy)) == set()
    assert dt.date(2026, 9, 1) == open_.held_on
