"""Rounds for tests: prepared, opened, voted in."""

import datetime as dt
from collections.abc import Sequence

from django.test import Client

from accounts.models import Role, User
from ratings import services
from ratings.models import RatingRound, Voter
from ratings.presets import SCALES
from ratings.services import NewSubject, Tick
from tests import factories as make
from tests.factories import at
from tests.world import World

DAY = dt.date(2026, 9, 1)
NOW = at(2026, 9, 1)


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def prepared(world: World, *, names: Sequence[str] = ("县教育局", "县公安局"), **fields: object) -> RatingRound:
    fields = {"title": "2026年重点建议办理评议", "held_on": DAY, "scale": SCALES["satisfaction"]} | fields
    return services.create_round(user=world.staff, now=NOW, subjects=[NewSubject(name) for name in names], **fields)


def voters(world: World, number: int) -> list[User]:
    return [
        make.UserFactory(name=f"测评人{n:02}", role=Role.DEPUTY, role__congress=world.congress) for n in range(number)
    ]


def opened(world: World, users: Sequence[User], *, codes: int = 0, **fields: object) -> RatingRound:
    round_ = prepared(world, **fields)
    services.add_voters(round_id=round_.pk, user=world.staff, voters=users, now=NOW)
    if codes:
        services.issue_codes(round_id=round_.pk, user=world.staff, number=codes, now=NOW)
    return services.open_round(round_id=round_.pk, user=world.staff, now=NOW)


def ticks(round_: RatingRound, *labels: str, remarks: Sequence[str] = ()) -> dict[int, Tick]:
    """A vote on the subjects in their order, by the labels of the levels; an empty label leaves a subject blank."""
    levels = dict(round_.levels.values_list("label", "pk"))
    remarks = [*remarks, *[""] * len(labels)]
    return {
        subject.pk: Tick(levels.get(label), remark)
        for subject, label, remark in zip(round_.subjects.all(), labels, remarks, strict=False)
    }


def vote(round_: RatingRound, user: User, *labels: str, remarks: Sequence[str] = ()) -> None:
    services.cast_vote(round_id=round_.pk, user=user, ticks=ticks(round_, *labels, remarks=remarks), now=NOW)


def posted(round_: RatingRound, *labels: str, **more: object) -> dict[str, object]:
    """The same as a browser sends it."""
    chosen = ticks(round_, *labels)
    return {f"s{pk}": tick.level_id or "" for pk, tick in chosen.items()} | more


def codes_of(round_: RatingRound) -> list[str]:
    return list(Voter.objects.filter(round=round_).exclude(code="").values_list("code", flat=True))


def typed(world: World, round_: RatingRound, ballots: int, *rows: Sequence[int], **more: object) -> object:
    """Paper votes: for each subject the numbers of the levels."""
    levels = list(round_.levels.all())
    counts = {
        (subject.pk, level.pk): number
        for subject, row in zip(round_.subjects.all(), rows, strict=True)
        for level, number in zip(levels, row, strict=True)
    }
    return services.enter_paper_tally(
        round_id=round_.pk, user=world.staff, now=NOW, ballots=ballots, counts=counts, **more
    )
