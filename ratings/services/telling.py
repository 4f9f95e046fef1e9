"""Whom a round tells what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse

from accounts.models import User
from notices import services as notices

if TYPE_CHECKING:
    from ratings.models import RatingRound


OPEN = "rating_open"


def _key(round_: RatingRound) -> str:
    return f"rating:{round_.pk}"


def tell_open(round_: RatingRound, voters: Iterable[User], *, now: dt.datetime) -> int:
    """Tell voters that they may vote, each once and at once: a round lasts an hour. Returns how many notices are new."""
    return notices.tell(
        rule=OPEN,
        object_key=_key(round_),
        due_on=round_.held_on,
        recipients=voters,
        title=f"请参加测评：{round_}"[:300],
        body=("这次是无记名测评，系统不记录谁投了什么。" if round_.is_secret else "这次是记名测评。")
        + "每人投一次，提交后不能修改。",
        url=reverse("ratings:vote", args=[round_.pk]),
        now=now,
        urgent=True,
    )


def withdraw_call(round_: RatingRound, voters: Iterable[User] | None = None) -> int:
    """Call nobody any more, or none of some voters, who has not been reached yet. Returns how many notices are void."""
    return notices.withdraw(rule=OPEN, object_key=_key(round_), recipients=voters)


def tell_published(round_: RatingRound, *, now: dt.datetime) -> int:
    """Tell the voters that the result is out, each once. Returns how many notices are new."""
    return notices.tell(
        rule="rating_published",
        object_key=_key(round_),
        due_on=round_.held_on,
        recipients=User.objects.filter(rating_rights__round=round_, is_active=True),
        title=f"测评结果已公布：{round_}"[:300],
        url=reverse("ratings:results", args=[round_.pk]),
        now=now,
    )
