"""What the leader or the liaison of a deputy group enters: activities with who came, and single duties of a member.

All of it ends in the ledger through its one door, so it counts wherever the ledger is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from bodies.models import Congress
from deputies.models import DeputyGroup, Seat
from duties.abilities import leads_group, may_change
from duties.group_queries import entered_by, members_of, was_held_on
from duties.models import AttendanceState, DutyRecord, DutyType, GroupActivity, GroupAttendance, Source
from duties.services import (
    TOPIC_LENGTH,
    DutyLine,
    UnableToRecord,
    delete_record,
    follow,
    lock_ledger,
    save_record,
    twin_of,
    types_of,
)
from duties.telling import tell_activity, tell_line
from workbooks.cells import tidy

if TYPE_CHECKING:
    from accounts.models import User

NOT_LEADING = "只有小组的组长、副组长、联络员可以登记，您现在不是。没有保存；需要登记的，请告诉现在的组长或者代表工委。"
NOT_OPEN = "只有登记人本人（仍担任小组职务时）和代表工委可以更正、撤回这次活动。没有保存。"
GONE = "这条登记刚刚被撤回，没有保存。需要的话请重新登记。"
CHANGED = "您打开这一页以后，{who}更正了这条登记，本次没有保存。您填写的内容还在下面，请核对后再保存。"


class RecordWasChanged(UnableToRecord):
    """Somebody else corrected what the user saw."""


@dataclass(frozen=True)
class Deed:
    """What was done on a day. ``type`` is the name of a duty type of the congress; an unknown one is created."""

    done_on: dt.date
    type: str
    topic: str
    place: str = ""
    content: str = ""


@dataclass(frozen=True)
class Registered:
    """An activity as it was kept, and whose attendance was not: they were no deputies on its day."""

    activity: GroupActivity
    left_out: Sequence[Seat]


@transaction.atomic
def register_activity(
    *, group_id: int, deed: Deed, states: Mapping[int, str], user: User, now: dt.datetime
) -> Registered:
    """Keep an activity of a group and who came; ``states`` are ``AttendanceState`` values by the keys of seats.

    Whoever was present has a line in the ledger, and everybody named is told. The same again by the same user (a
    double click) changes nothing and returns what is there. Raises UnableToRecord when the user does not lead the
    group, on a day to come or outside the group's term, for people outside the group, when nobody was present or when
    the activity is there already; DeputyGroup.DoesNotExist for an unknown group.
    """
    group, today = _group(group_id), timezone.localdate(now)
    lock_ledger(congress=group.term.congress)
    if not leads_group(user, group, today):
        raise UnableToRecord(NOT_LEADING)
    deed = _checked(group, deed, today)
    seats = {member.seat_id: member.seat for member in members_of(group, today)}
    came, left_out = _came(seats, states, deed.done_on)
    type_ = _type(group, deed)
    if there := _same(group, type_, deed):
        if _says_the_same(there, deed, came) and there.registered_by_id == user.pk:
            return Registered(there, left_out)
        raise UnableToRecord(_why_there(there))
    activity = GroupActivity.objects.create(
        group=group,
        held_on=deed.done_on,
        type=type_,
        topic=deed.topic,
        place=deed.place,
        content=deed.content,
        registered_at=now,
        registered_by=user,
    )
    GroupAttendance.objects.bulk_create(
        GroupAttendance(activity=activity, seat_id=pk, state=state) for pk, state in came.items()
    )
    _follow(activity, user, now)
    tell_activity(activity, came, act="登记", user=user, now=now)
    return Registered(activity, left_out)


@transaction.atomic
def correct_activity(
    *, activity_id: int, seen_version: int, deed: Deed, states: Mapping[int, str], user: User, now: dt.datetime
) -> Registered:
    """Put an activity right, and the ledger with it. Who is not named in ``states`` stays as he was.

    Told are those whose attendance changed. Raises UnableToRecord as ``register_activity`` does and when the activity
    is not the user's to correct, RecordWasChanged when somebody corrected it meanwhile.
    """
    activity, today = _locked_activity(activity_id), timezone.localdate(now)
    if not may_change(user, activity, today):
        raise UnableToRecord(NOT_OPEN)
    if activity.version != seen_version:
        raise RecordWasChanged(CHANGED.format(who=activity.changed_by or "别人"))
    group = activity.group
    deed = _checked(group, deed, today)
    there = {row.seat_id: row for row in activity.attendances.select_related("seat__person", "seat__term")}
    seats = {member.seat_id: member.seat for member in members_of(group, today)}
    seats |= {pk: row.seat for pk, row in there.items()}
    before = {pk: row.state for pk, row in there.items()}
    came, left_out = _came(seats, before | dict(states), deed.done_on)
    type_ = _type(group, deed)
    if (other := _same(group, type_, deed)) and other.pk != activity.pk:
        raise UnableToRecord(_why_there(other))
    activity.held_on, activity.type, activity.topic = deed.done_on, type_, deed.topic
    activity.place, activity.content = deed.place, deed.content
    activity.changed_at, activity.changed_by, activity.version = now, user, activity.version + 1
    activity.save()
    activity.attendances.filter(seat__in=before.keys() - came.keys()).delete()
    for pk in came.keys() & before.keys():
        if came[pk] != before[pk]:
            there[pk].state = came[pk]
            there[pk].save(update_fields=["state"])
    GroupAttendance.objects.bulk_create(
        GroupAttendance(activity=activity, seat_id=pk, state=came[pk]) for pk in came.keys() - before.keys()
    )
    _follow(activity, user, now)
    tell_activity(
        activity, {pk: state for pk, state in came.items() if before.get(pk) != state}, act="更正", user=user, now=now
    )
    return Registered(activity, left_out)


@transaction.atomic
def take_back_activity(*, activity_id: int, seen_version: int, user: User, now: dt.datetime) -> DeputyGroup:
    """Take an activity back that should not have been registered, with its lines in the ledger; return its group.

    What people had typed themselves of the same day stays. Told are those who had been named. Raises UnableToRecord
    when it is not the user's to take back, RecordWasChanged when somebody corrected it meanwhile.
    """
    activity = _locked_activity(activity_id)
    if not may_change(user, activity, timezone.localdate(now)):
        raise UnableToRecord(NOT_OPEN)
    if activity.version != seen_version:
        raise RecordWasChanged(CHANGED.format(who=activity.changed_by or "别人"))
    congress = activity.group.term.congress
    came = dict(activity.attendances.values_list("seat", "state"))
    follow(congress=congress, source=Source.GROUP, lines={activity.pk: ()}, user=user, now=now)
    tell_activity(activity, came, act="撤回", user=user, now=now)
    activity.delete()
    return activity.group


@transaction.atomic
def enter_for(*, group_id: int, seat_id: int, deed: Deed, user: User, now: dt.datetime) -> DutyRecord:
    """Enter one duty for a member of a group who does not do so himself; he is told, and the line says by whom.

    The same again by the same user (a double click) changes nothing and returns the line. Raises UnableToRecord when
    the user does not lead the group, on a day to come or outside the term, for somebody who is no other member or was
    no deputy on that day, or when the line is there already.
    """
    group, today = _group(group_id), timezone.localdate(now)
    congress = group.term.congress
    lock_ledger(congress=congress)
    if not leads_group(user, group, today):
        raise UnableToRecord(NOT_LEADING)
    deed = _checked(group, deed, today)
    seats = {member.seat_id: member.seat for member in members_of(group, today)}
    seat = seats.get(seat_id)
    if seat is None or seat.person.user_id == user.pk:
        raise UnableToRecord("请在小组现有的其他成员里选一位；已经离任、调出的不能代为登记。")
    _refuse_if_not_held(seat, deed.done_on)
    type_ = _type(group, deed)
    twin = twin_of(congress=congress, seat=seat, done_on=deed.done_on, type_id=type_.pk, topic=deed.topic)
    if twin and (twin.source, twin.recorded_by_id, twin.place, twin.content) == (
        Source.LEADER, user.pk, deed.place, deed.content,
    ):  # fmt: skip
        return twin
    record = DutyRecord(congress=congress, seat=seat, source=Source.LEADER)
    _set(record, deed, type_)
    save_record(record=record, user=user, now=now)
    tell_line(record, act="登记", user=user, now=now)
    return record


@transaction.atomic
def correct_line(*, group_id: int, record_id: int, seen: str, deed: Deed, user: User, now: dt.datetime) -> DutyRecord:
    """Put right a line that the user entered for a member of a group; ``seen`` is the ``mark_of`` the line he saw.

    Raises UnableToRecord as ``enter_for`` does, and when a register has taken the line over; RecordWasChanged when
    somebody changed it meanwhile; DutyRecord.DoesNotExist when it is not one of the user's.
    """
    group, record = _own_line(group_id, record_id, user, now)
    if mark_of(record) != seen:
        raise RecordWasChanged(CHANGED.format(who="代表工委"))
    deed = _checked(group, deed, timezone.localdate(now))
    _refuse_if_not_held(record.seat, deed.done_on)
    _set(record, deed, _type(group, deed))
    if mark_of(record) != seen:
        save_record(record=record, user=user, now=now)
        tell_line(record, act="更正", user=user, now=now)
    return record


@transaction.atomic
def take_back_line(*, group_id: int, record_id: int, user: User, now: dt.datetime) -> None:
    """Take back a line that the user entered for a member of a group; the member is told.

    Raises UnableToRecord when the user does not lead the group any more or a register has taken the line over,
    DutyRecord.DoesNotExist when it is not one of the user's.
    """
    _, record = _own_line(group_id, record_id, user, now)
    tell_line(record, act="撤回", user=user, now=now)
    delete_record(record=record)


def mark_of(record: DutyRecord) -> str:
    """Return a sign of what a line says now, by which a page knows that it was changed."""
    said = "\0".join(
        [str(record.done_on), str(record.type_id), record.topic, record.place, record.content, record.source]
    )
    return salted_hmac("duties.line", said).hexdigest()[:32]


def _group(pk: int) -> DeputyGroup:
    return DeputyGroup.objects.select_related("term__congress").get(pk=pk)


def _locked_activity(pk: int) -> GroupActivity:
    """Return an activity once nobody else writes the ledger. Raises UnableToRecord when it was taken back."""
    congress = Congress.objects.filter(terms__groups__activities=pk).first()
    if congress is not None:
        lock_ledger(congress=congress)
        rows = GroupActivity.objects.select_for_update(of=("self",)).select_related("group__term__congress")
        if activity := rows.filter(pk=pk).first():
            return activity
    raise UnableToRecord(GONE)


def _own_line(group_id: int, record_id: int, user: User, now: dt.datetime) -> tuple[DeputyGroup, DutyRecord]:
    group = _group(group_id)
    lock_ledger(congress=group.term.congress)
    if not leads_group(user, group, timezone.localdate(now)):
        raise UnableToRecord(NOT_LEADING)
    record = entered_by(user, group).select_related("congress", "seat__term", "seat__person", "type").get(pk=record_id)
    return group, record


def _checked(group: DeputyGroup, deed: Deed, today: dt.date) -> Deed:
    """Return a deed as the ledger spells it. Raises UnableToRecord on a wrong day, or without a topic."""
    term, day = group.term, deed.done_on
    if day > today:
        raise UnableToRecord("日期还没有到：只能登记已经开展的活动，请核对日期。")
    if not term.starts_on <= day <= term.ends_on:
        raise UnableToRecord(f"日期不在{term}（{term.starts_on} 至 {term.ends_on}）之内，请核对日期。")
    topic = tidy(deed.topic)[:TOPIC_LENGTH].rstrip()
    if not topic:
        raise UnableToRecord("请填写主题。")
    return replace(deed, topic=topic)


def _refuse_if_not_held(seat: Seat, day: dt.date) -> None:
    if not was_held_on(seat, day):
        raise UnableToRecord(f"{seat.person.name}在 {day} 不是{seat.term.congress}的代表，请核对日期。")


def _came(seats: Mapping[int, Seat], states: Mapping[int, str], day: dt.date) -> tuple[dict[int, str], list[Seat]]:
    """Return the attendance of those who were deputies on the day, and who was not.

    Raises UnableToRecord for somebody outside ``seats``, for an unknown state, or when nobody was present.
    """
    if not states.keys() <= seats.keys() or not set(states.values()) <= set(AttendanceState.values):
        raise UnableToRecord("名单和小组现在的成员对不上，没有保存。请刷新页面，按现在的名单登记。")
    left_out = [seats[pk] for pk in states if not was_held_on(seats[pk], day)]
    out = {seat.pk for seat in left_out}
    came = {pk: str(state) for pk, state in states.items() if pk not in out}
    if AttendanceState.PRESENT not in came.values():
        raise UnableToRecord("没有一位成员出席，不能登记为小组活动，请核对出席情况。")
    return came, left_out


def _type(group: DeputyGroup, deed: Deed) -> DutyType:
    return types_of(congress=group.term.congress, names=[deed.type])[deed.type]


def _same(group: DeputyGroup, type_: DutyType, deed: Deed) -> GroupActivity | None:
    rows = GroupActivity.objects.filter(group=group, held_on=deed.done_on, type=type_, topic=deed.topic)
    return rows.select_related("registered_by").first()


def _says_the_same(activity: GroupActivity, deed: Deed, came: Mapping[int, str]) -> bool:
    said = dict(activity.attendances.values_list("seat", "state"))
    return (activity.place, activity.content, said) == (deed.place, deed.content, dict(came))


def _why_there(activity: GroupActivity) -> str:
    who = activity.registered_by or "别人"
    return f"这一天同一类型、同一主题的小组活动已经由{who}登记，没有重复保存。需要改动的，请打开那一次活动更正。"


def _set(record: DutyRecord, deed: Deed, type_: DutyType) -> None:
    record.done_on, record.type, record.topic = deed.done_on, type_, deed.topic
    record.place, record.content = deed.place, deed.content


def _follow(activity: GroupActivity, user: User, now: dt.datetime) -> None:
    present = activity.attendances.filter(state=AttendanceState.PRESENT).select_related("seat")
    lines = [
        DutyLine(row.seat, activity.held_on, activity.type.name, activity.topic, activity.place, activity.content)
        for row in present
    ]
    congress = activity.group.term.congress
    follow(congress=congress, source=Source.GROUP, lines={activity.pk: lines}, user=user, now=now)
