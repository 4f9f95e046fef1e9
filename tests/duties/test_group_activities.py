"""What a group's leader enters: the ledger follows it, people are told, and every refusal writes nothing."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import Entry
from deputies.models import GroupMember, Seat
from duties import group_services as services
from duties.group_services import RecordWasChanged, UnableToRecord, mark_of
from duties.models import DutyRecord, DutyType, GroupActivity, GroupAttendance, Source
from notices.models import Notice
from reports.registers import REGISTERS
from reports.scope import scope_of
from tests import factories as make
from tests.duties.groups import DAY, DEED, NOW, Circle, enter, lines, register, seat_of
from tests.duties.ledger import line, typed

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("recipient__name", "title"))


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (GroupActivity, GroupAttendance, DutyRecord, Notice, DutyType))


def refused(act: Any, words: str) -> None:
    before = rows()
    with pytest.raises(UnableToRecord) as caught:
        act()
    assert words in str(caught.value)
    assert rows() == before


def correct(circle: Circle, activity: GroupActivity, **changes: Any) -> GroupActivity:
    given = {
        "activity_id": activity.pk, "seen_version": activity.version, "deed": DEED, "states": {},
        "user": circle.leader, "now": NOW,
    } | changes  # fmt: skip
    return services.correct_activity(**given).activity


def states_of(activity: GroupActivity) -> dict[str, str]:
    return dict(activity.attendances.values_list("seat__person__name", "state"))


def test_who_was_present_has_a_line_that_follows_the_activity(circle: Circle) -> None:
    activity = register(circle)
    assert lines() == [
        ("李春梅", "走访养老院", "group", activity.pk, "李春梅"),
        ("王大爷", "走访养老院", "group", activity.pk, "李春梅"),
    ]
    record = DutyRecord.objects.filter(seat=circle.seats["elder"]).get()
    assert (record.done_on, record.type.name, record.place, record.content) == (
        DAY, "小组活动", "城关养老院", "看望老人",
    )  # fmt: skip
    assert states_of(activity) == {
        "李春梅": "present", "王大爷": "present", "阿卜杜拉·买买提": "leave", "刘联": "absent",
    }  # fmt: skip
    assert (activity.registered_by, activity.registered_at, activity.version) == (circle.leader, NOW, 1)


def test_those_with_an_account_are_told_how_they_stand_but_not_who_did_it(circle: Circle) -> None:
    register(circle)
    assert told() == [
        ("阿卜杜拉·买买提", "李春梅登记您请假小组活动：走访养老院"),
        ("刘联", "李春梅登记您缺席小组活动：走访养老院"),
    ]


def test_it_counts_as_an_activity_in_the_reports(circle: Circle) -> None:
    register(circle)
    enter(circle, deed=replace(DEED, topic="调解邻里纠纷", type="化解矛盾纠纷"))
    scope = scope_of(congress=circle.world.congress, year=2026, as_of=NOW.date())
    found = REGISTERS["duties"].rows(scope).order_by("pk").values_list("topic", "activity")
    assert list(found) == [("走访养老院", True), ("走访养老院", True), ("调解邻里纠纷", False)]


def test_what_was_typed_before_is_taken_over_and_given_back(circle: Circle) -> None:
    (mine,) = typed(circle.world, line(circle.seats["elder"], type="小组活动", topic="走访养老院"))
    activity = register(circle)
    mine.refresh_from_db()
    assert (mine.source, mine.source_id, mine.typed_as) == ("group", activity.pk, "self")
    assert DutyRecord.objects.filter(seat=circle.seats["elder"]).count() == 1
    services.take_back_activity(activity_id=activity.pk, seen_version=1, user=circle.leader, now=NOW)
    assert lines() == [("王大爷", "走访养老院", "self", None, "张志强")]


def test_the_same_again_changes_nothing(circle: Circle) -> None:
    activity = register(circle)
    before = rows()
    assert register(circle) == activity
    assert rows() == before


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (replace(DEED, done_on=dt.date(2026, 3, 7)), "日期还没有到"),
        (replace(DEED, done_on=dt.date(2021, 12, 31)), "日期不在云溪县第十八届（2022-01-01 至 2027-12-31）之内"),
        (replace(DEED, topic=" \u200b　"), "请填写主题"),
    ],
)
def test_a_wrong_deed_is_refused(circle: Circle, deed: services.Deed, words: str) -> None:
    refused(lambda: register(circle, deed=deed), words)
    refused(lambda: enter(circle, deed=deed), words)


def test_who_does_not_lead_is_refused(circle: Circle) -> None:
    world = circle.world
    for user in (circle.member, circle.other_leader, world.staff, world.stranger, world.leader, world.unit_user):
        refused(lambda user=user: register(circle, user), "只有小组的组长、副组长、联络员可以登记")
        refused(lambda user=user: enter(circle, user=user), "只有小组的组长、副组长、联络员可以登记")
    GroupMember.objects.filter(seat=circle.seats["leader"]).update(office="member")
    refused(lambda: register(circle), "您现在不是")
    refused(lambda: enter(circle), "您现在不是")


def test_a_list_that_is_not_the_groups_is_refused(circle: Circle) -> None:
    def of(states: dict[int, str]) -> Any:
        return lambda: services.register_activity(
            group_id=circle.group.pk, deed=DEED, states=states, user=circle.leader, now=NOW
        )

    outsider = Seat.objects.get(person__user=circle.other_leader)
    present = {circle.keys["leader"]: "present"}
    refused(of(present | {outsider.pk: "present"}), "名单和小组现在的成员对不上")
    refused(of(present | {circle.keys["elder"]: "late"}), "名单和小组现在的成员对不上")
    Seat.objects.filter(pk=circle.keys["elder"]).update(status="ended", ended_on=DAY)
    refused(of(present | {circle.keys["elder"]: "present"}), "名单和小组现在的成员对不上")
    refused(of({circle.keys["leader"]: "leave"}), "没有一位成员出席")
    refused(of({}), "没有一位成员出席")


def test_another_registers_the_same_and_hears_by_whom_it_was(circle: Circle) -> None:
    register(circle)
    refused(lambda: register(circle, circle.liaison), "已经由李春梅登记")
    refused(lambda: register(circle, leader="present"), "已经由李春梅登记")


def test_who_was_no_deputy_yet_is_left_out_and_named(circle: Circle) -> None:
    newcomer = seat_of(circle.world, "新补选", started_on=dt.date(2026, 3, 6))
    GroupMember.objects.create(group=circle.group, seat=newcomer)
    done = services.register_activity(
        group_id=circle.group.pk, deed=DEED, user=circle.leader, now=NOW,
        states={circle.keys["leader"]: "present", newcomer.pk: "present"},
    )  # fmt: skip
    assert done.left_out == [newcomer]
    assert states_of(done.activity) == {"李春梅": "present"}
    assert [row[0] for row in lines()] == ["李春梅"]
    refused(
        lambda: services.enter_for(
            group_id=circle.group.pk, seat_id=newcomer.pk, deed=DEED, user=circle.leader, now=NOW
        ),
        "新补选在 2026-03-05 不是云溪县的代表",
    )


def test_a_person_with_two_seats_is_one_member(circle: Circle) -> None:
    """四级代表编组: both seats of one person in the group make one line."""
    township = make.SeatFactory(
        term=make.TermFactory(congress=circle.world.township), person=circle.seats["elder"].person
    )
    GroupMember.objects.create(group=circle.group, seat=township)
    names = [row.seat_id for row in services.members_of(circle.group, DAY)]
    assert names == [circle.keys[name] for name in ("leader", "liaison", "member", "elder")]
    assert township.pk not in names


def test_a_correction_corrects_the_ledger_and_tells_whom_it_concerns(circle: Circle) -> None:
    activity = register(circle)
    Notice.objects.all().delete()
    deed = replace(DEED, done_on=dt.date(2026, 3, 4), topic="走访敬老院", type="视察调研执法检查")
    keys = circle.keys
    changed = correct(circle, activity, deed=deed, states={keys["member"]: "present", keys["elder"]: "leave"})
    assert states_of(changed) == {
        "李春梅": "present", "王大爷": "leave", "阿卜杜拉·买买提": "present", "刘联": "absent",
    }  # fmt: skip
    found = DutyRecord.objects.order_by("seat__person__name").values_list(
        "seat__person__name", "done_on", "topic", "type__name", "source_id"
    )
    assert list(found) == [
        (name, dt.date(2026, 3, 4), "走访敬老院", "视察调研执法检查", activity.pk)
        for name in ("李春梅", "阿卜杜拉·买买提")
    ]
    assert (changed.version, changed.changed_by, changed.registered_by) == (2, circle.leader, circle.leader)
    assert told() == [("阿卜杜拉·买买提", "李春梅更正您出席小组活动：走访敬老院")]


def test_staff_correct_and_take_back_what_a_leader_registered(circle: Circle) -> None:
    activity = register(circle)
    changed = correct(circle, activity, user=circle.world.staff, states={circle.keys["elder"]: "absent"})
    assert (changed.registered_by, changed.changed_by) == (circle.leader, circle.world.staff)
    assert [row[0] for row in lines()] == ["李春梅"]
    services.take_back_activity(activity_id=activity.pk, seen_version=2, user=circle.world.staff, now=NOW)
    assert rows()[:3] == (0, 0, 0)
    assert ("李春梅", "张志强撤回了小组活动：走访养老院") in told()


def test_what_is_not_ones_own_is_neither_corrected_nor_taken_back(circle: Circle) -> None:
    activity = register(circle)
    world = circle.world
    for user in (circle.liaison, circle.member, circle.other_leader, world.stranger, world.leader, world.unit_user):
        refused(lambda user=user: correct(circle, activity, user=user), "只有登记人本人")
        refused(
            lambda user=user: services.take_back_activity(activity_id=activity.pk, seen_version=1, user=user, now=NOW),
            "只有登记人本人",
        )
    GroupMember.objects.filter(seat=circle.seats["leader"]).delete()
    refused(lambda: correct(circle, activity), "只有登记人本人")


def test_a_correction_is_refused_like_a_registration(circle: Circle) -> None:
    activity = register(circle)
    other = register(circle, circle.liaison, replace(DEED, topic="另一次"), liaison="present")
    refused(lambda: correct(circle, activity, deed=replace(DEED, topic="另一次")), "已经由刘联登记")
    refused(lambda: correct(circle, activity, deed=replace(DEED, done_on=dt.date(2027, 1, 1))), "日期还没有到")
    refused(lambda: correct(circle, activity, states=dict.fromkeys(circle.keys.values(), "leave")), "没有一位成员出席")
    assert (other.topic, GroupActivity.objects.get(pk=activity.pk).version) == ("另一次", 1)


def test_a_stale_page_changes_nothing(circle: Circle) -> None:
    activity = register(circle)
    correct(circle, activity, user=circle.world.staff)
    before = rows()
    with pytest.raises(RecordWasChanged, match="张志强更正了这条登记"):
        correct(circle, activity, deed=replace(DEED, topic="旧页面"))
    with pytest.raises(RecordWasChanged):
        services.take_back_activity(activity_id=activity.pk, seen_version=1, user=circle.leader, now=NOW)
    assert rows() == before
    services.take_back_activity(activity_id=activity.pk, seen_version=2, user=circle.leader, now=NOW)
    refused(lambda: correct(circle, activity), "刚刚被撤回")


def test_the_list_keeps_who_has_left_since(circle: Circle) -> None:
    activity = register(circle)
    Seat.objects.filter(pk=circle.keys["elder"]).update(status="ended", ended_on=NOW.date())
    GroupMember.objects.filter(seat=circle.seats["member"]).delete()
    changed = correct(circle, activity, deed=replace(DEED, place="新址"))
    assert len(states_of(changed)) == 4
    assert set(DutyRecord.objects.values_list("seat__person__name", "place")) == {
        ("李春梅", "新址"),
        ("王大爷", "新址"),
    }


def test_a_duty_entered_for_a_member_says_by_whom_and_he_is_told(circle: Circle) -> None:
    record = enter(circle, "member")
    assert lines() == [("阿卜杜拉·买买提", "走访养老院", "leader", None, "李春梅")]
    assert (record.congress, record.recorded_at, record.get_source_display()) == (
        circle.world.congress, NOW, "小组代录",
    )  # fmt: skip
    assert told() == [("阿卜杜拉·买买提", "李春梅代您登记了履职：走访养老院")]


def test_the_same_entry_again_changes_nothing_and_anothers_is_refused(circle: Circle) -> None:
    record = enter(circle)
    before = rows()
    assert enter(circle) == record
    assert rows() == before
    refused(lambda: enter(circle, user=circle.liaison), "当天已有同一类型、同一主题的履职记录")
    refused(lambda: enter(circle, deed=replace(DEED, place="别处")), "当天已有同一类型、同一主题的履职记录")


def test_a_line_that_a_register_wrote_is_not_entered_again(circle: Circle) -> None:
    register(circle)
    refused(lambda: enter(circle), "由「小组活动」自动登记")


def test_for_whom_nothing_can_be_entered(circle: Circle) -> None:
    words = "请在小组现有的其他成员里选一位"
    refused(lambda: enter(circle, "leader"), words)
    outsider = Seat.objects.get(person__user=circle.other_leader)

    def of(seat_id: int) -> Any:
        return lambda: services.enter_for(
            group_id=circle.group.pk, seat_id=seat_id, deed=DEED, user=circle.leader, now=NOW
        )

    refused(of(outsider.pk), words)
    refused(of(0), words)
    Seat.objects.filter(pk=circle.keys["elder"]).update(status="ended", ended_on=NOW.date())
    refused(of(circle.keys["elder"]), words)


def test_an_entry_is_corrected_and_taken_back_by_who_made_it_alone(circle: Circle) -> None:
    record = enter(circle, "member")
    given = {"group_id": circle.group.pk, "record_id": record.pk, "now": NOW}
    seen = mark_of(record)
    with pytest.raises(DutyRecord.DoesNotExist):
        services.correct_line(seen=seen, deed=DEED, user=circle.liaison, **given)
    with pytest.raises(DutyRecord.DoesNotExist):
        services.take_back_line(user=circle.liaison, **given)
    for user in (circle.member, circle.world.staff):
        refused(lambda user=user: services.correct_line(seen=seen, deed=DEED, user=user, **given), "您现在不是")
        refused(lambda user=user: services.take_back_line(user=user, **given), "您现在不是")
    changed = services.correct_line(seen=seen, deed=replace(DEED, topic="走访敬老院"), user=circle.leader, **given)
    assert lines() == [("阿卜杜拉·买买提", "走访敬老院", "leader", None, "李春梅")]
    with pytest.raises(RecordWasChanged):
        services.correct_line(seen=seen, deed=DEED, user=circle.leader, **given)
    future = replace(DEED, done_on=dt.date(2026, 3, 7))
    refused(
        lambda: services.correct_line(seen=mark_of(changed), deed=future, user=circle.leader, **given), "日期还没有到"
    )
    services.take_back_line(user=circle.leader, **given)
    assert lines() == []
    assert [title for _, title in told()] == [
        "李春梅代您登记了履职：走访养老院", "李春梅更正了代您登记的履职：走访敬老院",
        "李春梅撤回了代您登记的履职：走访敬老院",
    ]  # fmt: skip


def test_an_entry_that_a_register_has_taken_over_is_the_registers(circle: Circle) -> None:
    record = enter(circle, "member")
    register(circle, circle.liaison, liaison="present", member="present")
    record.refresh_from_db()
    assert (record.source, record.typed_as) == ("group", "leader")
    with pytest.raises(DutyRecord.DoesNotExist):
        services.take_back_line(group_id=circle.group.pk, record_id=record.pk, user=circle.leader, now=NOW)


def test_an_entry_that_stays_as_it_is_tells_nobody(circle: Circle) -> None:
    record = enter(circle, "member")
    before = rows()
    services.correct_line(
        group_id=circle.group.pk, record_id=record.pk, seen=mark_of(record), deed=DEED, user=circle.leader, now=NOW
    )
    assert rows() == before


def test_the_trail_has_it(circle: Circle) -> None:
    activity = register(circle)
    enter(circle, "member", deed=replace(DEED, topic="另一件"))
    found = Entry.objects.filter(object_table__in=("duties_groupactivity", "duties_groupattendance"))
    assert list(found.filter(object_table="duties_groupactivity").values_list("object_key", "object_label")) == [
        (str(activity.pk), "走访养老院")
    ]
    assert found.filter(object_table="duties_groupattendance").count() == 4


def test_the_database_knows_the_sources(circle: Circle) -> None:
    record = enter(circle)
    assert Source(record.source).label == "小组代录"
    for source, constraint in (("group", "duty_record_has_source_row"), ("nobody", "duty_record_")):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            DutyRecord.objects.filter(pk=record.pk).update(source=source)
