"""Who may vote: users, and whoever holds a ballot code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db import transaction

from casework.services import UnableToAct
from ratings.codes import new_codes
from ratings.models import RatingRound, RightsChange, RoundState, Voter
from ratings.rules import MOST_CODES, why_too_few
from ratings.services.common import lock_round
from ratings.services.telling import tell_open, withdraw_call

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
    if round_.state == RoundState.OPEN and new:
        _note(round_, user, now, users=len(new))
        tell_open(round_, new, now=now)
    return len(new)


@transaction.atomic
def remove_voters(*, round_id: int, user: User, voter_ids: Collection[int], now: dt.datetime) -> int:
    """Take rights to vote back: those of users, and while the round is being prepared those of codes too.

    Returns how many. Raises UnableToAct once the round is over, where one of them has voted, and where a secret round
    that has begun would keep so few rights that it would be none.
    """
    round_ = lock_round(round_id=round_id, user=user, act="voters")
    gone = round_.voters.filter(pk__in=voter_ids)
    if round_.state == RoundState.OPEN:
        # Who votes at this moment waits for the lock, or has voted.
        rows = list(gone.filter(user__isnull=False).select_related("user"))
        if used := [str(row) for row in rows if row.has_voted]:
            raise UnableToAct(f"{'、'.join(used[:5])}已经投过票，不能去掉；这次没有改动。")
        _check_number(round_, round_.voters.count() - len(rows))
        gone = round_.voters.filter(pk__in=[row.pk for row in rows])
        if rows:
            _note(round_, user, now, users=-len(rows), names="、".join(map(str, rows)))
            withdraw_call(round_, [row.user for row in rows])
    return gone.delete()[0]


@transaction.atomic
def issue_codes(*, round_id: int, user: User, number: int, now: dt.datetime) -> int:
    """Make so many more ballot codes. Returns how many the round has then.

    Raises UnableToAct where these are too many, or a secret round that has begun would have too few rights to vote.
    """
    round_ = lock_round(round_id=round_id, user=user, act="codes")
    there = round_.voters.exclude(code="").count()
    if number < 1 or there + number > MOST_CODES:
        raise UnableToAct(f"一次测评最多印发 {MOST_CODES} 个票码，已有 {there} 个。")
    _check_number(round_, round_.voters.count() + number)
    Voter.objects.bulk_create(Voter(round=round_, code=code) for code in new_codes(number))
    if round_.state == RoundState.OPEN:
        _note(round_, user, now, codes=number)
    return there + number


def _note(round_: RatingRound, user: User, now: dt.datetime, **what: Any) -> None:
    RightsChange.objects.create(round=round_, changed_by=user, changed_at=now, **what)


def _check_number(round_: RatingRound, rights: int) -> None:
    """Refuse what would leave a secret round that has begun with so few rights to vote; ``open_round`` asks the same."""
    if round_.is_secret and round_.state == RoundState.OPEN and (why := why_too_few(rights)):
        raise UnableToAct(why)
