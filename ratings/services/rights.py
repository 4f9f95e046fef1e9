"""Who may vote: users, and whoever holds a ballot code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction

from casework.services import UnableToAct
from ratings.codes import new_codes
from ratings.models import RatingRound, RoundState, Voter
from ratings.rules import MOST_CODES, why_too_few
from ratings.services.common import lock_round
from ratings.services.telling import tell_open

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def add_voters(*, round_id: int, user: User, voters: Collection[User], now: dt.datetime) -> int:
    """Give users the right to vote once; who has it keeps it. Returns how many are new.

    In a round that has begun they are told at once. Raises UnableToAct once it is over, and where a secret one that has
    begun would have so few rights that it would be none.
    """
    round_ = lock_round(round_id=round_id, user=user, act="voters")
    there = set(round_.voters.filter(user__in=voters).values_list("user", flat=True))
    new = [voter for voter in voters if voter.pk not in there]
    _check_number(round_, round_.voters.count() + len(new))
    Voter.objects.bulk_create(Voter(round=round_, user=voter) for voter in sorted(new, key=lambda one: one.pk))
    if round_.state == RoundState.OPEN:
        tell_open(round_, new, now=now)
    return len(new)


@transaction.atomic
def remove_voters(*, round_id: int, user: User, voter_ids: Collection[int]) -> int:
    """Take rights to vote back, those of codes too, while the round is being prepared. Returns how many.

    Raises UnableToAct once it has begun.
    """
    round_ = lock_round(round_id=round_id, user=user, act="voters")
    if round_.state != RoundState.DRAFT:
        raise UnableToAct("测评已经开始，测评人只能增加，不能去掉。")
    return round_.voters.filter(pk__in=voter_ids).delete()[0]


@transaction.atomic
def issue_codes(*, round_id: int, user: User, number: int) -> int:
    """Make so many more ballot codes. Returns how many the round has then.

    Raises UnableToAct where these are too many, or a secret round that has begun would have too few rights to vote.
    """
    round_ = lock_round(round_id=round_id, user=user, act="codes")
    there = round_.voters.exclude(code="").count()
    if number < 1 or there + number > MOST_CODES:
        raise UnableToAct(f"一次测评最多印发 {MOST_CODES} 个票码，已有 {there} 个。")
    _check_number(round_, round_.voters.count() + number)
    Voter.objects.bulk_create(Voter(round=round_, code=code) for code in new_codes(number))
    return there + number


def _check_number(round_: RatingRound, rights: int) -> None:
    """Refuse what would leave a secret round that has begun with so few rights to vote; ``open_round`` asks the same."""
    if round_.is_secret and round_.state == RoundState.OPEN and (why := why_too_few(rights)):
        raise UnableToAct(why)
