"""Opening a round, closing it, making its result known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import User as Account
from casework.services import UnableToAct
from ratings.models import Audience, Box, RatingRound, RoundState, Voter
from ratings.services.common import changed, lock_round
from ratings.services.telling import tell_open, tell_published, withdraw_call

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def open_round(*, round_id: int, user: User, now: dt.datetime, seen_version: int | None = None) -> RatingRound:
    """Let the voters vote, and tell them. Subjects and scale are fixed from now on.

    Raises UnableToAct where there is nothing to rate, or a secret round has so few voters that it would be none;
    RoundWasChanged from a stale page.
    """
    round_ = lock_round(round_id=round_id, user=user, act="open", seen_version=seen_version)
    if round_.is_secret:
        levels, subjects = round_.levels.count(), round_.subjects.count()
        Box.objects.create(round=round_, counts=[[0] * levels] * subjects, remarks=[[]] * subjects)
    changed(round_, state=RoundState.OPEN, opened_by=user, opened_at=now)
    tell_open(round_, Account.objects.filter(rating_rights__round=round_, is_active=True), now=now)
    return round_


@transaction.atomic
def close_round(*, round_id: int, user: User, now: dt.datetime, seen_version: int | None = None) -> RatingRound:
    """Take no more votes; from now on the figures stand. Whom the call to vote has not reached is not called any more.

    Raises UnableToAct where the round is not open, RoundWasChanged from a stale page.
    """
    round_ = lock_round(round_id=round_id, user=user, act="close", seen_version=seen_version)
    if round_.is_secret:
        _forget_versions(round_)
    withdraw_call(round_)
    return changed(round_, state=RoundState.CLOSED, closed_by=user, closed_at=now)


def _forget_versions(round_: RatingRound) -> None:
    """Write every right to vote and the box anew, in this one transaction and in the order of the keys.

    PostgreSQL keeps with each row which transaction wrote it, and where: the last vote's would be that of the box, and
    the places of the rows would tell in which order people voted.
    """
    voters = list(round_.voters.order_by("pk"))
    Voter.objects.bulk_create(voters, update_conflicts=True, unique_fields=["pk"], update_fields=["has_voted"])
    round_.box.save(update_fields=["ballots", "counts", "remarks"])


@transaction.atomic
def publish_round(*, round_id: int, user: User, audience: str, now: dt.datetime) -> RatingRound:
    """Make the result known to an ``Audience``; voters who may read it are told. Raises UnableToAct where it is not closed."""
    if audience not in Audience.values:
        raise UnableToAct("请选择公布范围。")
    round_ = lock_round(round_id=round_id, user=user, act="publish")
    changed(round_, state=RoundState.PUBLISHED, audience=audience, published_by=user, published_at=now)
    if audience != Audience.STAFF:
        tell_published(round_, now=now)
    return round_
