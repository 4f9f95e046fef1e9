"""Voting: once each, named or secret."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from casework.services import UnableToAct
from ratings.models import Ballot, Box, Level, Mark, RatingRound, RoundState, Subject, Voter

if TYPE_CHECKING:
    from accounts.models import User


class AlreadyVoted(UnableToAct):
    """The right to vote is used up; what came first counts."""

    def __init__(self) -> None:
        super().__init__("您已投过票，每人只投一次，以第一次提交的为准。")


@dataclass(frozen=True)
class Tick:
    """What is voted on one subject: a level, or none where it is left blank; and a remark."""

    level_id: int | None
    remark: str = ""


@transaction.atomic
def cast_vote(
    *, round_id: int, ticks: Mapping[int, Tick], now: dt.datetime, user: User | None = None, code: str = ""
) -> None:
    """Vote once on the subjects of an open round, by a user's right or by a ballot code. ``ticks`` is by subject.

    Raises Voter.DoesNotExist where there is no such right, AlreadyVoted where it is used up, UnableToAct where the round
    is not open or a subject is missing that may not be left blank.
    """
    right = Voter.objects.filter(round=round_id)
    right = right.filter(user=user) if user is not None else right.filter(code=code).exclude(code="")
    # One vote at a time: whoever closes the round waits for those who came before, and the box has one row.
    round_ = RatingRound.objects.select_for_update().get(pk=round_id)
    voter = right.get()
    if round_.state != RoundState.OPEN:
        raise UnableToAct(
            "测评还没有开始，请稍后再投。"
            if round_.state == RoundState.DRAFT
            else "测评已经结束，没有计入您这次的投票。"
        )
    if not Voter.objects.filter(pk=voter.pk, has_voted=False).update(has_voted=True):
        raise AlreadyVoted
    subjects, levels = list(round_.subjects.all()), list(round_.levels.all())
    _check(round_, ticks, subjects, levels)
    if round_.is_secret:
        _into_the_box(round_, ticks, subjects, levels)
    else:
        _keep_ballot(round_, voter, ticks, now)


def _check(round_: RatingRound, ticks: Mapping[int, Tick], subjects: list[Subject], levels: list[Level]) -> None:
    known = {level.pk for level in levels} | {None}
    if not ticks.keys() <= {row.pk for row in subjects} or any(tick.level_id not in known for tick in ticks.values()):
        raise UnableToAct("测评内容与页面不一致，没有计票。请刷新页面后重新选择。")
    blank = [row.name for row in subjects if row.pk not in ticks or ticks[row.pk].level_id is None]
    if blank and not round_.allows_blank:
        raise UnableToAct(f"还有 {len(blank)} 项没有选择：{'、'.join(blank[:5])}。每一项都要选。")


def _keep_ballot(round_: RatingRound, voter: Voter, ticks: Mapping[int, Tick], now: dt.datetime) -> None:
    ballot = Ballot.objects.create(voter=voter, cast_at=now)
    Mark.objects.bulk_create(
        Mark(ballot=ballot, subject_id=pk, level_id=tick.level_id, remark=remark)
        for pk, tick in ticks.items()
        if (remark := _remark(round_, tick)) or tick.level_id is not None
    )


def _into_the_box(round_: RatingRound, ticks: Mapping[int, Tick], subjects: list[Subject], levels: list[Level]) -> None:
    """Add to the sums. The row is written as a whole, whatever was voted: its version tells the last voter, not the vote."""
    box = Box.objects.select_for_update().get(round=round_)
    places = {level.pk: place for place, level in enumerate(levels)}
    for place, subject in enumerate(subjects):
        tick = ticks.get(subject.pk)
        if tick and tick.level_id is not None:
            box.counts[place][places[tick.level_id]] += 1
        if tick and (remark := _remark(round_, tick)):
            box.remarks[place] = sorted([*box.remarks[place], remark])
    box.ballots += 1
    box.save(update_fields=["ballots", "counts", "remarks"])


def _remark(round_: RatingRound, tick: Tick) -> str:
    return tick.remark.strip()[:500] if round_.allows_remarks else ""
