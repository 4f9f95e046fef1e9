"""Whoever reads every table of the database, system columns too, cannot tell who voted what in a secret round."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notices.models import Notice
from notices.services import deliver_pending
from ratings import services
from ratings.models import Ballot, Box, RatingRound, RightsChange, Voter
from ratings.services import UnableToAct
from tests.ratings.rounds import NOW, as_user, codes_of, opened, posted, prepared, ticks, vote, voters
from tests.world import World, build_world

LABELS = ("满意", "基本满意", "不满意", "弃权")
Look = dict[str, dict[str, tuple[str, str]]]


def look() -> Look:
    """Every row of every table: table → the row's text → the transaction that wrote it and its place."""
    found: Look = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text, t.xmin::text, t.ctid::text FROM "{table}" t')  # noqa: S608
            found[table] = {text: (xmin, ctid) for text, xmin, ctid in cursor.fetchall()}
        cursor.execute("SELECT sequencename, coalesce(last_value, 0)::text FROM pg_sequences")
        found["sequences"] = {f"{name} {value}": ("", "") for name, value in cursor.fetchall()}
    return found


def changed(before: Look, after: Look) -> set[str]:
    return {table for table in after if set(before[table]) != set(after[table])}


def sums(choices: list[tuple[str, ...]]) -> list[list[int]]:
    return [[Counter(column)[label] for label in LABELS] for column in zip(*choices, strict=True)]


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


def place(ctid: str) -> tuple[int, ...]:
    return tuple(int(part) for part in ctid.strip("()").split(","))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nobody_can_match_voters_and_votes(county: World, caplog: pytest.LogCaptureFixture) -> None:
    people = voters(county, 36)
    round_ = opened(
        county, people, codes=4, is_secret=True, with_abstention=True, allows_remarks=True, names=["甲", "乙", "丙"]
    )
    chance = random.Random(40)
    rights: list[User | str] = [*people, *codes_of(round_)]
    choices = [tuple(chance.choice(LABELS) for _ in range(3)) for _ in rights]
    remarks = [f"意见{chance.random():.12f}" for _ in rights]
    first = str(round_.subjects.first().pk)
    clients = [as_user(right) if isinstance(right, User) else Client() for right in rights]
    order = list(range(40))
    chance.shuffle(order)
    deliver_pending(now=NOW)

    before = look()
    for turn, n in enumerate(order):
        if turn == 20:
            half = look()
        address = reverse("ballot:vote", args=[rights[n]]) if n >= 36 else reverse("ratings:vote", args=[round_.pk])
        sent = posted(round_, *choices[n]) | {f"r{first}": remarks[n]}
        assert clients[n].post(address, sent).status_code == 302
    services.close_round(round_id=round_.pk, user=county.staff, now=NOW + timedelta(hours=1))
    after = look()

    # Who voted and the sums are all that is new; not even a counter of keys has moved.
    assert changed(before, half) == {"ratings_voter", "ratings_box"}
    # The end of the round is an entry of the audit trail, the only one.
    ended = {"ratings_ratinground", "audit_entry", "sequences"}
    assert changed(before, after) == {"ratings_voter", "ratings_box"} | ended
    assert len(set(after["audit_entry"]) - set(before["audit_entry"])) == 1
    assert Ballot.objects.count() == 0
    # The rights to vote are as they were but for one sign, the same for all.
    as_voted = {text.replace('"has_voted": false', '"has_voted": true') for text in before["ratings_voter"]}
    assert set(after["ratings_voter"]) == as_voted
    # One transaction wrote them all, and the box; they lie in the order of their keys, not of the voting.
    writers = {xmin for table in ("ratings_voter", "ratings_box") for xmin, _ in after[table].values()}
    assert len(writers) == 1
    keys = {f'"id": {pk},': pk for pk in Voter.objects.values_list("pk", flat=True)}
    rows = sorted(after["ratings_voter"].items(), key=lambda row: place(row[1][1]))
    lying = [next(pk for sign, pk in keys.items() if sign in text) for text, _ in rows]
    assert lying == sorted(lying)
    # The box has sums and an alphabet. Were any voter's ballot any other's, it would be the same to the last sign.
    box = Box.objects.get()
    assert (box.ballots, box.counts) == (40, sums(choices))
    assert box.remarks == [sorted(remarks), [], []]
    for shift in range(40):
        moved = choices[shift:] + choices[:shift]
        assert (sums(moved), sorted(remarks[shift:] + remarks[:shift])) == (box.counts, box.remarks[0])
    # A look while the round was open finds the last voter beside the box, and in the box only sums of twenty.
    (writer, _), (text,) = next(iter(half["ratings_box"].values())), half["ratings_box"]
    assert '"ballots": 20' in text
    assert [
        row for row, (xmin, _) in half["ratings_voter"].items() if xmin == writer and '"has_voted": true' in row
    ] == [row for row in half["ratings_voter"] if f'"id": {key_of(round_, rights[order[19]])},' in row]
    # Nor do the logs know: neither what was written nor which code was used.
    assert not [word for word in [*remarks, *codes_of(round_)] if word in caplog.text]
    assert caplog.text.count("POST /p/rating/-") == 4


def key_of(round_: RatingRound, right: User | str) -> int:
    who = {"user": right} if isinstance(right, User) else {"code": right}
    return Voter.objects.get(round=round_, **who).pk


@pytest.mark.django_db
def test_named_round_shows_who_voted_what_to_staff_alone(world: World) -> None:
    one, other = voters(world, 2)
    round_ = opened(world, [one, other], allows_remarks=True)
    vote(round_, one, "满意", "不满意", remarks=["机密意见"])
    vote(round_, other, "基本满意", "满意")
    address = reverse("ratings:ballots", args=[round_.pk])
    page = as_user(world.staff).get(address).content.decode()
    assert [page.count(word) for word in ("测评人00", "测评人01", "机密意见")] == [2, 2, 1]
    subject, level = round_.subjects.last(), round_.levels.get(label="不满意")
    page = as_user(world.staff).get(f"{address}?subject={subject.pk}&level={level.pk}").content.decode()
    assert [page.count(word) for word in ("测评人00", "测评人01", "机密意见")] == [1, 0, 0]
    services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    services.publish_round(round_id=round_.pk, user=world.staff, audience="congress", now=NOW)
    for user in (world.leader, world.gov_office, world.deputy, one, other, world.unit_user, world.stranger):
        client = as_user(user)
        assert client.get(address).status_code == 404
        shown = client.get(reverse("ratings:results", args=[round_.pk]))
        assert shown.status_code == (404 if user == world.stranger else 200)
        told = shown.content.decode()
        names = [name for name in ("测评人00", "测评人01") if name != user.name]
        assert [word for word in (*names, "/ballots/") if word in told] == []
        assert ("机密意见" in told) == (user == world.leader)


@pytest.mark.django_db
def test_secret_figures_stay_shut_while_voting_goes_on(world: World) -> None:
    people = voters(world, 3)
    round_ = opened(world, people, is_secret=True)
    vote(round_, people[0], "不满意", "不满意")
    for user in (world.staff, world.leader, people[0]):
        for name in ("results", "results-file", "ballots"):
            assert as_user(user).get(reverse(f"ratings:{name}", args=[round_.pk])).status_code == 404
    services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    for user, status in ((world.staff, 200), (world.leader, 200), (people[0], 404)):
        assert as_user(user).get(reverse("ratings:results", args=[round_.pk])).status_code == status
    assert as_user(world.staff).get(reverse("ratings:ballots", args=[round_.pk])).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "may"), [(0, True), (1, False), (2, False), (3, True)])
def test_secret_round_of_one_or_two_is_none(world: World, number: int, may: bool) -> None:
    round_ = prepared(world, is_secret=True)
    services.add_voters(round_id=round_.pk, user=world.staff, voters=voters(world, number), now=NOW)
    if may:
        services.open_round(round_id=round_.pk, user=world.staff, now=NOW)
    else:
        with pytest.raises(UnableToAct, match="至少要有 3 名测评人"):
            services.open_round(round_id=round_.pk, user=world.staff, now=NOW)
    assert RatingRound.objects.get().state == ("open" if may else "draft")


@pytest.mark.django_db
def test_secret_round_opened_for_paper_takes_no_single_right(world: World) -> None:
    round_ = opened(world, [], is_secret=True)
    people = voters(world, 3)
    who = {"round_id": round_.pk, "user": world.staff}
    for number in (1, 2):
        with pytest.raises(UnableToAct, match="至少要有 3 名测评人"):
            services.add_voters(**who, voters=people[:number], now=NOW)
        with pytest.raises(UnableToAct, match="至少要有 3 名测评人"):
            services.issue_codes(**who, number=number, now=NOW)
    assert (Voter.objects.count(), Notice.objects.count()) == (0, 0)
    assert services.add_voters(**who, voters=people, now=NOW) == 3
    assert services.issue_codes(**who, number=1, now=NOW) == 1
    assert Voter.objects.count() == 4


@pytest.mark.django_db
def test_secret_round_keeps_three_rights_and_those_who_voted(world: World) -> None:
    people = voters(world, 4)
    round_ = opened(world, people, is_secret=True)
    vote(round_, people[0], "满意", "满意")
    keys = list(round_.voters.order_by("user").values_list("pk", flat=True))

    def remove(*places: int) -> int:
        ticked = [keys[place] for place in places]
        return services.remove_voters(round_id=round_.pk, user=world.staff, voter_ids=ticked, now=NOW)

    with pytest.raises(UnableToAct, match="测评人00已经投过票，不能去掉"):
        remove(0, 1)
    with pytest.raises(UnableToAct, match="至少要有 3 名测评人"):
        remove(1, 2)
    assert (Voter.objects.count(), RightsChange.objects.count()) == (4, 0)
    assert (remove(3), remove(3)) == (1, 0)
    assert Voter.objects.count() == 3
    # The call that had not gone out yet goes out to him no more.
    told = Notice.objects.filter(rule="rating_open").order_by("recipient").values_list("state", flat=True)
    assert list(told) == ["pending"] * 3 + ["void"]
    with pytest.raises(Voter.DoesNotExist):
        vote(round_, people[3], "满意", "满意")


@pytest.mark.django_db
def test_database_itself_refuses(world: World) -> None:
    people = voters(world, 3)
    secret = opened(world, people, is_secret=True)
    vote(secret, people[0], "满意", "满意")
    named = opened(world, people)
    vote(named, people[0], "满意", "满意")
    voted = Voter.objects.get(round=secret, user=people[0])
    services.issue_codes(round_id=secret.pk, user=world.staff, number=3, now=NOW)
    acts = [
        lambda: Ballot.objects.create(voter=voted, cast_at=NOW),
        lambda: RatingRound.objects.filter(pk=secret.pk).update(is_secret=False),
        lambda: Voter.objects.filter(pk=voted.pk).update(has_voted=False),
        lambda: Voter.objects.filter(pk=voted.pk).delete(),
        lambda: Ballot.objects.update(cast_at=NOW + timedelta(1)),
        lambda: Ballot.objects.create(voter=Ballot.objects.get().voter, cast_at=NOW),
        lambda: Voter.objects.create(round=named, user=people[0]),
        lambda: Voter.objects.create(round=named),
        lambda: RightsChange.objects.update(codes=0),
        lambda: RightsChange.objects.all().delete(),
    ]
    for act in acts:
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert ticks(secret, "满意", "满意").keys() == set(secret.subjects.values_list("pk", flat=True))
