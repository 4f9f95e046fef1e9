"""Scoring units: schemes from examples, their items, points given by hand, and publishing the result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from bodies.models import Congress
from casework.services import UnableToAct
from notices import services as notices
from proposals.models import ItemKind, ManualScore, Measure, SchemeState, ScoreLine, ScoringItem, ScoringScheme
from proposals.queries.scoring import facts_of, standing
from proposals.scoring_presets import PRESETS, ItemPreset
from proposals.services.marking import checked

if TYPE_CHECKING:
    from bodies.models import Unit

MOST_ITEMS = 30
MOST_POINTS = Decimal(1000)
NAME_LENGTH = 100
ITEM_LENGTH = 60
NOTE_LENGTH = 300


class PointsWereChanged(UnableToAct):
    """Somebody else gave points to the unit after the page was opened."""


class ItemsWereChanged(UnableToAct):
    """Somebody else changed the items of the scheme after the page was opened."""


def _scheme(user: User, scheme_id: int) -> ScoringScheme:
    """Lock and return a scheme of the user's congress. Raises ScoringScheme.DoesNotExist, UnableToAct for not staff."""
    row = ScoringScheme.objects.visible_to(user).select_for_update(of=("self",)).get(pk=scheme_id)
    _check_staff(user)
    return row


def _check_staff(user: User) -> None:
    if not user.has_role(Role.STAFF):
        raise UnableToAct("承办单位考核由代表工委办理。")


@transaction.atomic
def create_scheme(*, user: User, now: dt.datetime, year: int, preset: str) -> ScoringScheme:
    """Make a draft from one of the examples, for the year's proposals of the user's congress.

    Raises UnableToAct for others than staff, an unknown example, or a draft of the same name that is there already.
    """
    _check_staff(user)
    if preset not in PRESETS:
        raise UnableToAct("请从列表中选择示例。")
    name, items = PRESETS[preset]
    # Whoever is second waits here, and is told.
    congress = Congress.objects.select_for_update().get(pk=user.hat.congress_id)
    if ScoringScheme.objects.filter(congress=congress, year=year, name=name).exists():
        raise UnableToAct(f"{year}年已经有“{name}”，请打开它修改，或者先给它改名。")
    row = ScoringScheme.objects.create(congress=congress, year=year, name=name, created_at=now, created_by=user)
    _write_items(row, items)
    return row


def _write_items(scheme: ScoringScheme, items: Sequence[ItemPreset]) -> None:
    ScoringItem.objects.bulk_create(
        ScoringItem(
            scheme=scheme,
            position=place,
            name=item.name,
            max_points=item.max_points,
            kind=ItemKind.COMPUTED if item.measure else ItemKind.MANUAL,
            measure=item.measure,
            per_case=item.per_case,
        )
        for place, item in enumerate(items, start=1)
    )


@transaction.atomic
def change_scheme(
    *, scheme_id: int, seen_version: int | None, user: User, name: str, items: Sequence[ItemPreset]
) -> ScoringScheme:
    """Give a draft another name and other items, in their order; what is there already is not written again.

    Raises ScoringScheme.DoesNotExist when the user may not see it, ItemsWereChanged from a page older than the last
    change, and UnableToAct for others than staff, a scheme in use, a name that is taken, no items or too many, two of
    one name, points out of range, or a deduction that is missing or has no measure for it.
    """
    row = _scheme(user, scheme_id)
    if row.state != SchemeState.DRAFT:
        raise UnableToAct(f"本方案{row.get_state_display()}，不能再修改考核项目。")
    name = checked(name, what="方案名称", limit=NAME_LENGTH)
    known = [ItemPreset(one.name, one.max_points, one.measure, one.per_case) for one in row.items.all()]
    if (name, list(items)) == (row.name, known):
        return row
    if seen_version is not None and row.version != seen_version:
        now = "、".join(f"{one.name}（{one.max_points.normalize():f}分）" for one in known)
        raise ItemsWereChanged(
            f"考核项目刚刚被其他人改动，这次没有保存。“{row.name}”现在的项目是：{now}。"
            "您填写的内容已保留，请核对后再保存。"
        )
    Congress.objects.select_for_update().get(pk=row.congress_id)
    same = ScoringScheme.objects.filter(congress=row.congress_id, year=row.year, name=name)
    if same.exclude(pk=row.pk).exists():
        raise UnableToAct(f"{row.year}年已经有“{name}”，请换一个名称。")
    items = [_checked_item(item) for item in items]
    if not items or len(items) > MOST_ITEMS:
        raise UnableToAct(f"考核项目应当有 1 至 {MOST_ITEMS} 项。")
    if len({item.name for item in items}) < len(items):
        raise UnableToAct("考核项目的名称不能重复。")
    row.items.all().delete()
    _write_items(row, items)
    row.name = name
    row.version += 1
    row.save(update_fields=["name", "version"])
    return row


def _checked_item(item: ItemPreset) -> ItemPreset:
    name = checked(item.name, what="考核项目的名称", limit=ITEM_LENGTH)
    if not 0 < item.max_points <= MOST_POINTS:
        raise UnableToAct(f"「{name}」的满分应当大于 0，不超过 {MOST_POINTS}。")
    if item.measure and item.measure not in Measure.values:
        raise UnableToAct(f"请从列表中选择「{name}」的计算依据。")
    if item.measure == Measure.OVERDUE:
        if item.per_case is None or not 0 < item.per_case <= item.max_points:
            raise UnableToAct(f"请填写「{name}」每件扣几分，大于 0，不超过满分。")
        return item._replace(name=name)
    if item.per_case is not None:
        raise UnableToAct(f"「{name}」不按逾期件数扣分，请不要填写每件扣分。")
    return item._replace(name=name)


@transaction.atomic
def activate_scheme(*, scheme_id: int, user: User) -> ScoringScheme:
    """Put a draft into use; a year has one scheme in use.

    Raises as ``change_scheme`` does, and UnableToAct where another one is in use or it has no items.
    """
    _check_staff(user)
    seen = ScoringScheme.objects.visible_to(user).get(pk=scheme_id)
    # All of the year, in one order: of two that are put into use at once the second finds the first.
    of_year = ScoringScheme.objects.select_for_update().filter(congress=seen.congress_id, year=seen.year)
    rows = {row.pk: row for row in of_year.order_by("pk")}
    row = rows[scheme_id]
    if row.state != SchemeState.DRAFT:
        raise UnableToAct(f"本方案已经{row.get_state_display()}。")
    other = next((one for one in rows.values() if one.state == SchemeState.ACTIVE), None)
    if other is not None:
        raise UnableToAct(f"{row.year}年正在使用“{other.name}”，请先公布它的结果。")
    if not row.items.exists():
        raise UnableToAct("本方案还没有考核项目。")
    row.state = SchemeState.ACTIVE
    row.save(update_fields=["state"])
    return row


@transaction.atomic
def give_points(
    *,
    scheme_id: int,
    user: User,
    now: dt.datetime,
    unit: Unit,
    points: Mapping[int, tuple[Decimal, str]],
    seen: int,
) -> int:
    """Give a unit points, with a note each, by the keys of the items that are scored by hand; returns how many changed.

    ``seen`` is the key of the last points that the page showed, 0 for none. What is as before is not written again.
    Raises as ``change_scheme`` does, PointsWereChanged when somebody gave points meanwhile, and UnableToAct for a
    scheme not in use, a unit without a part in the year, an item that is computed, or points above its maximum.
    """
    row = _scheme(user, scheme_id)
    if row.state != SchemeState.ACTIVE:
        raise UnableToAct(f"本方案{row.get_state_display()}，不能评分。")
    if all(facts.unit_id != unit.pk for facts in facts_of(row, timezone.localdate(now))):
        raise UnableToAct(f"{unit}在{row.year}年没有承办件，不参加考核。")
    before = list(ManualScore.objects.filter(item__scheme=row, unit=unit).order_by("pk").select_related("given_by"))
    if before and before[-1].pk != seen:
        raise PointsWereChanged(
            f"{before[-1].given_by}刚刚给{unit}评过分，请核对最新的分数再提交；您填写的内容已保留。"
        )
    latest = {score.item_id: (score.points, score.note) for score in before}
    items = {item.pk: item for item in row.items.filter(kind=ItemKind.MANUAL)}
    changed = []
    for key, (number, said) in points.items():
        if key not in items:
            raise UnableToAct("请刷新页面，按现在的考核项目评分。")
        item, note = items[key], checked(said, what="评分说明", limit=NOTE_LENGTH, must=False)
        if not 0 <= number <= item.max_points:
            raise UnableToAct(f"「{item}」的得分应当在 0 到 {item.max_points} 之间。")
        if latest.get(key) != (number, note):
            changed.append(ManualScore(item=item, unit=unit, points=number, note=note, given_at=now, given_by=user))
    ManualScore.objects.bulk_create(changed)
    return len(changed)


@transaction.atomic
def close_scheme(*, scheme_id: int, user: User, now: dt.datetime) -> ScoringScheme:
    """Publish the result: the numbers of today are kept, whatever the records say later, and each unit is told its own.

    Raises as ``change_scheme`` does, and UnableToAct for a scheme not in use, one that scores nobody, or points by
    hand that are missing.
    """
    row = _scheme(user, scheme_id)
    if row.state != SchemeState.ACTIVE:
        raise UnableToAct(f"本方案{row.get_state_display()}，不能公布。")
    lines = standing(row, list(row.items.all()), timezone.localdate(now))
    if not lines:
        raise UnableToAct(f"{row.year}年还没有单位承办建议议案，没有可以公布的结果。")
    missing = [f"{line.unit}（{'、'.join(line.missing)}）" for line in lines if line.missing]
    if missing:
        more = f"等 {len(missing)} 家" if len(missing) > 3 else ""
        raise UnableToAct(f"还有单位没有评完分：{'；'.join(missing[:3])}{more}。评完以后再公布。")
    ScoreLine.objects.bulk_create(
        ScoreLine(
            scheme=row,
            unit_id=line.unit_id,
            rank=line.rank,
            total=line.total,
            cells={
                str(key): {"points": None if cell.points is None else str(cell.points), "words": cell.words}
                for key, cell in line.cells.items()
            },
        )
        for line in lines
    )
    row.state, row.closed_at, row.closed_by = SchemeState.CLOSED, now, user
    row.save(update_fields=["state", "closed_at", "closed_by"])
    units = [line.unit_id for line in lines]
    notices.tell(
        rule="inform", object_key=f"scoring:{row.pk}", due_on=timezone.localdate(now),
        recipients=User.objects.filter(memberships__unit__in=units, is_active=True).distinct().order_by("pk"),
        title=f"承办单位考核结果已公布：{row}", body="可以查看本单位的得分。",
        url=reverse("proposals:scoring-scheme", args=[row.pk]), now=now,
    )  # fmt: skip
    return row
