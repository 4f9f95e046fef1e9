"""Preparing a round: what is rated, on which scale."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import Role
from casework.services import UnableToAct
from ratings.models import Level, RatingRound, Subject
from ratings.presets import SCALES, Scale
from ratings.rules import MOST_SUBJECTS
from ratings.services.common import changed, lock_round

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
