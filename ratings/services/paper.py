"""Votes on paper, counted by hand and typed in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction

from casework.services import UnableToAct
from ratings.models import PaperCount, PaperEntry
from ratings.rules import MOST_BALLOTS
from ratings.services.common import lock_round

if TYPE_CHECKING:
    from accounts.models import User
    from ratings.models import RatingRound


@transaction.atomic
def enter_paper_tally(
    *,
    round_id: int,
    user: User,
    now: dt.datetime,
    ballots: int,
    counts: Mapping[tuple[int, int], int],
    note: str = "",
    replaces_id: int | None = None,
    request_key: uuid.UUID | None = None,
) -> PaperEntry:
    """Note what so many paper ballots say: how often each level was ticked, by subject and level.

    A correction ``replaces`` an earlier entry, which stays as history; one of no ballots takes it back. Called again with
    the same key it is the entry made before. Raises UnableToAct where the round is not open, more was ticked for a
    subject than there are ballots, somebody has replaced the entry already, or the key is that of another round's entry;
    PaperEntry.DoesNotExist for a wrong one.
    """
    round_ = lock_round(round_id=round_id, user=user, act="paper")
    if request_key and (made := PaperEntry.objects.filter(request_key=request_key).first()):
        return _same_round(made, round_)
    replaced = round_.paper_entries.get(pk=replaces_id) if replaces_id is not None else None
    if replaced and PaperEntry.objects.filter(replaces=replaced).exists():
        raise UnableToAct("这条录入已经被更正过，请在列表中更正最新的一条。您填写的内容已保留。")
    if not 0 <= ballots <= MOST_BALLOTS or (ballots == 0 and replaced is None):
        raise UnableToAct(f"票数应为 1 到 {MOST_BALLOTS}。")
    levels = set(round_.levels.values_list("pk", flat=True))
    names = dict(round_.subjects.values_list("pk", "name"))
    sums = dict.fromkeys(names, 0)
    for (subject, level), number in counts.items():
        if subject not in names or level not in levels or number < 0:
            raise UnableToAct("录入内容与页面不一致，没有保存。请刷新页面后重新录入。")
        sums[subject] += number
    over = [f"{names[pk]}（{number} 票）" for pk, number in sums.items() if number > ballots]
    if over:
        raise UnableToAct(f"各等次合计多于收回的 {ballots} 张票：{'、'.join(over[:5])}。请核对。")
    # The key is one for all rounds, and the lock is that of this one.
    entry, is_new = PaperEntry.objects.get_or_create(
        request_key=request_key or uuid.uuid4(),
        defaults={
            "round": round_,
            "ballots": ballots,
            "note": note,
            "replaces": replaced,
            "entered_by": user,
            "entered_at": now,
        },
    )
    if not is_new:
        return _same_round(entry, round_)
    PaperCount.objects.bulk_create(
        PaperCount(entry=entry, subject_id=subject, level_id=level, number=number)
        for (subject, level), number in counts.items()
        if number
    )
    return entry


def _same_round(made: PaperEntry, round_: RatingRound) -> PaperEntry:
    if made.round_id != round_.pk:
        raise UnableToAct(
            "这份表单已在另一次测评用过，没有保存。请重新打开本次测评的“录入纸质票”；您填写的内容可以复制。"
        )
    return made
