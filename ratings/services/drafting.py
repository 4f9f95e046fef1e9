"""Preparing a round: what is rated, on which scale, by whom."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import Role
from casework.services import UnableToAct
from ratings.codes import new_codes
from ratings.models import Level, RatingRound, RoundState, Subject, Voter
from ratings.presets import SCALES, Scale
from ratings.rules import MOST_CODES, MOST_SUBJECTS
from ratings.services.common import changed, lock_round
from ratings.services.telling import tell_open

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class NewSubject:
    """A subject to be rated. ``object_key`` names the row of another app: ``proposal:12``."""

    name: str
    note: str = ""
    object_key: str = ""


@transaction.atomic
def create_round(
    *,
    user: User,
    now: dt.datetime,
    title: str,
    held_on: dt.date,
    subjects: Sequence[NewSubject],
    scale: Scale = SCALES["satisfaction"],
    with_abstention: bool = False,
    purpose: str = "",
    is_secret: bool = False,
    allows_blank: bool = False,
    allows_remarks: bool = False,
    source: str = "",
    request_key: uuid.UUID | None = None,
) -> RatingRound:
    """Prepare a round of the congress that the user acts for; called again with the same key it is the one made before.

    Raises UnableToAct where the user is no staff, a name stands twice among the subjects, or there are too many.
    """
    if not user.has_role(Role.STAFF):
        raise UnableToAct("只有代表工委可以组织测评。")
    _check(subjects)
    made, is_new = RatingRound.objects.get_or_create(
        request_key=request_key or uuid.uuid4(),
        defaults={
            "congress": user.hat.congress,
            "title": title,
            "purpose": purpose,
            "held_on": held_on,
            "is_secret": is_secret,
            "allows_blank": allows_blank,
            "allows_remarks": allows_remarks,
            "scale": scale.code,
            "rate_name": scale.rate_name,
            "source": source,
            "created_by": user,
            "created_at": now,
        },
    )
    if is_new:
        _write(made, scale, subjects, with_abstention=with_abstention)
    elif made.created_by_id != user.pk:
        raise UnableToAct("这份表单已经用过，请从“测评”重新新建；您填写的内容已保留，可以复制。")
    return made


@transaction.atomic
def change_round(
    *,
    round_id: int,
    seen_version: int | None,
    user: User,
    title: str,
    held_on: dt.date,
    subjects: Sequence[NewSubject],
    scale: Scale,
    with_abstention: bool,
    purpose: str = "",
    is_secret: bool = False,
    allows_blank: bool = False,
    allows_remarks: bool = False,
) -> RatingRound:
    """Change a round that is being prepared. A subject that keeps its name keeps the row of another app that it names.

    Raises UnableToAct as ``create_round`` does, and once the round has begun; RoundWasChanged from a stale page.
    """
    round_ = lock_round(round_id=round_id, user=user, act="edit", seen_version=seen_version)
    _check(subjects)
    keys = dict(round_.subjects.values_list("name", "object_key"))
    round_.levels.all().delete()
    round_.subjects.all().delete()
    subjects = [NewSubject(row.name, row.note, row.object_key or keys.get(row.name, "")) for row in subjects]
    _write(round_, scale, subjects, with_abstention=with_abstention)
    return changed(
        round_,
        title=title,
        purpose=purpose,
        held_on=held_on,
        is_secret=is_secret,
        allows_blank=allows_blank,
        allows_remarks=allows_remarks,
        scale=scale.code,
        rate_name=scale.rate_name,
    )


def _check(subjects: Sequence[NewSubject]) -> None:
    if len(subjects) > MOST_SUBJECTS:
        raise UnableToAct(f"一次测评最多 {MOST_SUBJECTS} 个对象，现在是 {len(subjects)} 个，请分成几次。")
    names = [subject.name for subject in subjects]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnableToAct(f"测评对象重复：{'、'.join(twice[:5])}。同名的请加上单位或编号区分。")


def _write(round_: RatingRound, scale: Scale, subjects: Sequence[NewSubject], *, with_abstention: bool) -> None:
    levels = scale.with_abstention() if with_abstention else scale.levels
    Level.objects.bulk_create(
        Level(
            round=round_,
            position=place,
            label=level.label,
            points=level.points,
            is_approval=level.is_approval,
            is_abstention=level.is_abstention,
        )
        for place, level in enumerate(levels, start=1)
    )
    Subject.objects.bulk_create(
        Subject(round=round_, position=place, name=row.name, note=row.note, object_key=row.object_key)
        for place, row in enumerate(subjects, start=1)
    )


@transaction.atomic
def delete_round(*, round_id: int, user: User, seen_version: int | None = None) -> None:
    """Drop a round that never began, with its voters and codes.

    Raises UnableToAct once it has begun, RoundWasChanged from a stale page.
    """
    round_ = lock_round(round_id=round_id, user=user, act="delete", seen_version=seen_version)
    round_.voters.all().delete()
    round_.delete()


@transaction.atomic
def add_voters(*, round_id: int, user: User, voters: Collection[User], now: dt.datetime) -> int:
    """Give users the right to vote once; who has it keeps it. Returns how many are new.

    In a round that has begun they are told at once. Raises UnableToAct once it is over.
    """
    round_ = lock_round(round_id=round_id, user=user, act="voters")
    there = set(round_.voters.filter(user__in=voters).values_list("user", flat=True))
    new = [voter for voter in voters if voter.pk not in there]
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
    """Make so many more ballot codes. Returns how many the round has then. Raises UnableToAct where these are too many."""
    round_ = lock_round(round_id=round_id, user=user, act="codes")
    there = round_.voters.exclude(code="").count()
    if number < 1 or there + number > MOST_CODES:
        raise UnableToAct(f"一次测评最多印发 {MOST_CODES} 个票码，已有 {there} 个。")
    Voter.objects.bulk_create(Voter(round=round_, code=code) for code in new_codes(number))
    return there + number
