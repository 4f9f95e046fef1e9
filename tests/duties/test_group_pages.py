"""The pages of a group: who opens which, what they say, nothing typed is lost, nothing leaks."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role, User
from deputies.models import GroupMember, Person, Seat
from duties.group_services import correct_activity
from duties.models import DutyRecord, DutyType, GroupActivity, GroupAttendance
from notices.models import Notice
from tests.duties.groups import DAY, DEED, NOW, Circle, enter, register, seat_of
from tests.ratings.rounds import as_user

pytestmark = pytest.mark.django_db
# Session, user, hats and unread messages, and what the page itself reads.
QUERIES_OF_A_GROUP, QUERIES_OF_AN_ACTIVITY, QUERIES_OF_A_FORM = 10, 7, 8


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def url(name: str, *args: object) -> str:
    return reverse(f"duties:{name}", args=args)


def posted(circle: Circle, **more: str) -> dict[str, str]:
    """The form of an activity as a browser sends it: everybody present."""
    data = {"done_on": "2026-03-05", "type": "小组活动", "topic": "走访养老院", "place": "养老院", "content": "看望"}
    return data | {f"state_{pk}": "present" for pk in circle.keys.values()} | more


def entry(circle: Circle, **more: str) -> dict[str, str]:
    data = {"done_on": "2026-03-05", "type": "扶弱济困", "topic": "看望五保户", "place": "", "content": ""}
    return data | {"member": str(circle.keys["elder"])} | more


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (GroupActivity, GroupAttendance, DutyRecord, Notice))


def test_who_has_one_group_is_led_to_it_and_who_has_none_is_told(circle: Circle) -> None:
    answer = as_user(circle.member).get(url("groups"))
    assert (answer.status_code, answer["Location"]) == (302, url("group", circle.group.pk))
    GroupMember.objects.create(group=circle.other_group, seat=circle.seats["member"])
    page = text_of(as_user(circle.member).get(url("groups")))
    assert "城关第一小组" in page
    assert "北岭小组" in page
    GroupMember.objects.filter(seat=circle.seats["member"]).delete()
    assert "您还没有编入代表小组" in text_of(as_user(circle.member).get(url("groups")))


def test_the_group_page_shows_members_and_activities_and_a_leader_the_buttons(circle: Circle) -> None:
    register(circle)
    enter(circle, deed=replace(DEED, topic="看望五保户"))
    Person.objects.filter(pk=circle.seats["elder"].person_id).update(post="机密单位")
    elder = Person.objects.get(pk=circle.seats["elder"].person_id)
    elder.phone, elder.id_number, elder.address = "13800001111", "34012319670301001X", "机密路18号"
    elder.save()
    own = as_user(circle.leader).get(url("group", circle.group.pk))
    assert own.context["leads"] is True
    assert [(row["name"], row["note"]) for row in own.context["members"]] == [
        ("李春梅", "组长"), ("刘联", "联络员"), ("阿卜杜拉·买买提", ""), ("王大爷", ""),
    ]  # fmt: skip
    assert [(row.topic, row.present, row.leave, row.absent) for row in own.context["page_obj"]] == [
        ("走访养老院", 2, 1, 1)
    ]
    assert [row.topic for row in own.context["entered"]] == ["看望五保户"]
    for user in (circle.member, circle.world.staff, circle.world.leader):
        page = as_user(user).get(url("group", circle.group.pk))
        assert (page.status_code, page.context["leads"], page.context["entered"]) == (200, False, [])
        assert "走访养老院" in text_of(page)
        for secret in ("代为登记", "看望五保户", "13800001111", "34012319670301001X", "机密路", "机密单位"):
            assert secret not in page.content.decode(), secret


def test_an_empty_group_page_says_what_will_stand_there(circle: Circle) -> None:
    assert "登记以后，出席的成员不用再各自登记" in text_of(as_user(circle.leader).get(url("group", circle.group.pk)))
    assert "组长、副组长或者联络员登记以后" in text_of(as_user(circle.member).get(url("group", circle.group.pk)))


def test_other_groups_and_their_rows_do_not_exist(circle: Circle) -> None:
    """Neither for a deputy of the same congress, nor for staff of another, nor for roles that have no groups."""
    activity, record = register(circle), enter(circle, deed=replace(DEED, topic="看望五保户"))
    pages = [
        url("group", circle.group.pk), url("activity-register", circle.group.pk), url("enter", circle.group.pk),
        url("entered", circle.group.pk, record.pk), url("activity", activity.pk), url("activity-correct", activity.pk),
    ]  # fmt: skip
    writes = [*pages, url("entered-take-back", circle.group.pk, record.pk), url("activity-take-back", activity.pk)]
    world, before = circle.world, counts()
    for user in (circle.other_leader, world.stranger, world.unit_user, world.gov_office, world.township_user):
        client = as_user(user)
        assert {client.get(page).status_code for page in pages} == {404}, user
        found = [client.post(page, posted(circle) | entry(circle)).status_code for page in writes[1:]]
        # The page of an activity takes no form from anybody.
        assert (found.pop(3), set(found)) == (405, {404}), user
    # The leader of one group is a plain outsider in another, whatever line he names.
    assert as_user(circle.other_leader).get(url("entered", circle.other_group.pk, record.pk)).status_code == 404
    assert counts() == before


def test_members_read_but_do_not_enter(circle: Circle) -> None:
    activity, record = register(circle), enter(circle, "member", deed=replace(DEED, topic="看望五保户"))
    before, group = counts(), circle.group.pk
    for user, status in ((circle.member, 422), (circle.world.staff, 422)):
        client = as_user(user)
        for page in (url("activity-register", group), url("enter", group), url("entered", group, record.pk)):
            assert client.get(page).status_code == 404, page
        answers = [
            client.post(url("activity-register", group), posted(circle, topic="不该登记")),
            client.post(url("enter", group), entry(circle, topic="不该登记")),
        ]
        # Nothing typed is lost, should it be somebody who led the group a moment ago.
        for answer in answers:
            assert answer.status_code == status
            assert "只有小组的组长、副组长、联络员可以登记" in text_of(answer)
            assert 'value="不该登记"' in answer.content.decode()
        assert client.post(url("entered-take-back", group, record.pk)).status_code == 404
    client = as_user(circle.member)
    assert client.get(url("activity", activity.pk)).context["may_change"] is False
    assert client.get(url("activity-correct", activity.pk)).status_code == 404
    assert client.post(url("activity-correct", activity.pk), posted(circle, seen="1")).status_code == 422
    assert client.post(url("activity-take-back", activity.pk), {"seen": "1"}).status_code == 409
    assert counts() == before


def test_another_hat_closes_the_pages(circle: Circle) -> None:
    hat = Membership.objects.create(
        user=circle.leader, role=Role.UNIT, congress=circle.world.congress, unit=circle.world.education
    )
    client = as_user(circle.leader)
    assert client.get(url("activity-register", circle.group.pk)).status_code == 200
    client.post(reverse("wear", args=[hat.pk]))
    for page in (url("groups"), url("group", circle.group.pk), url("activity-register", circle.group.pk)):
        assert client.get(page).status_code == 404


def test_an_activity_is_registered_on_one_page(circle: Circle) -> None:
    client, page = as_user(circle.leader), url("activity-register", circle.group.pk)
    form = client.get(page).context["form"]
    assert form["type"].value() == "小组活动"
    assert {"提出议案建议", "附议议案建议"} & dict(form.fields["type"].choices).keys() == set()
    assert [row.field.value() for row in form.roll] == ["present"] * 4
    answer = client.post(page, posted(circle, **{f"state_{circle.keys['elder']}": "leave"}))
    activity = GroupActivity.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, activity.get_absolute_url())
    shown = text_of(client.get(activity.get_absolute_url()))
    assert "已登记：出席 3 人，请假 1 人。" in shown
    assert "请假 1 人 王大爷" in shown
    assert "登记 李春梅" in shown
    before = counts()
    assert client.post(page, posted(circle, **{f"state_{circle.keys['elder']}": "leave"})).status_code == 302
    assert counts() == before


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"done_on": "2099-01-01"}, "日期还没有到"),
        ({"done_on": "1999-01-01"}, "日期不在云溪县第十八届"),
        ({"done_on": ""}, "必填"),
        ({"topic": ""}, "必填"),
        ({"topic": "长" * 301}, "最多"),
        ({"type": "没有的类型"}, "没有的类型"),
        ({"content": "甲\x00乙"}, ""),
    ],
)
def test_a_refused_form_keeps_what_was_typed(circle: Circle, wrong: dict[str, str], words: str) -> None:
    client, before = as_user(circle.leader), counts()
    key = f"state_{circle.keys['elder']}"
    for page, data in (
        (
            url("activity-register", circle.group.pk),
            posted(circle, **{key: "absent"} | {"place": "我写的地点"} | wrong),
        ),
        (url("enter", circle.group.pk), entry(circle, **{"place": "我写的地点"} | wrong)),
    ):
        answer = client.post(page, data)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert 'value="我写的地点"' in html
        assert "还没有提交" in html
        if "register" in page:
            assert answer.context["form"][key].value() == "absent"
        else:
            assert answer.context["form"]["member"].value() == str(circle.keys["elder"])
    assert counts() == before


def test_rubbish_on_the_list_is_refused_in_words(circle: Circle) -> None:
    key = f"state_{circle.keys['elder']}"
    answer = as_user(circle.leader).post(url("activity-register", circle.group.pk), posted(circle, **{key: "late"}))
    assert answer.status_code == 422
    assert "王大爷" in text_of(answer)
    answer = as_user(circle.leader).post(url("enter", circle.group.pk), entry(circle, member="9" * 40))
    assert answer.status_code == 422
    assert counts() == (0, 0, 0, 0)


def test_who_has_left_is_not_offered(circle: Circle) -> None:
    gone = seat_of(circle.world, "已离任", status="ended", ended_on=dt.date(2026, 1, 1))
    GroupMember.objects.create(group=circle.group, seat=gone)
    client = as_user(circle.leader)
    for page in ("group", "activity-register", "enter"):
        assert "已离任" not in client.get(url(page, circle.group.pk)).content.decode()
    choices = dict(client.get(url("enter", circle.group.pk)).context["form"].fields["member"].choices)
    assert set(choices.values()) == {"请选择", "刘联（联络员）", "王大爷", "阿卜杜拉·买买提"}


def test_a_correction_begins_with_what_is_there(circle: Circle) -> None:
    activity = register(circle)
    client, page = as_user(circle.leader), url("activity-correct", activity.pk)
    form = client.get(page).context["form"]
    assert {row.field.label: row.field.value() for row in form.roll} == {
        "李春梅": "present", "刘联": "absent", "王大爷": "present", "阿卜杜拉·买买提": "leave",
    }  # fmt: skip
    assert client.post(page, posted(circle, seen="1", topic="走访敬老院")).status_code == 302
    assert "更正 李春梅" in text_of(client.get(activity.get_absolute_url()))
    assert set(DutyRecord.objects.values_list("topic", flat=True)) == {"走访敬老院"}
    assert DutyRecord.objects.count() == 4


def test_a_stale_correction_says_so_and_can_be_sent_again(circle: Circle) -> None:
    activity = register(circle)
    correct_activity(
        activity_id=activity.pk, seen_version=1, deed=replace(DEED, place="别处"), states={}, user=circle.world.staff,
        now=NOW,
    )  # fmt: skip
    client, page = as_user(circle.leader), url("activity-correct", activity.pk)
    answer = client.post(page, posted(circle, seen="1", topic="我改的主题"))
    assert answer.status_code == 409
    assert "张志强更正了这条登记" in text_of(answer)
    assert 'value="我改的主题"' in answer.content.decode()
    assert client.post(page, posted(circle, seen=answer.context["form"]["seen"].value())).status_code == 302
    assert client.post(url("activity-take-back", activity.pk), {"seen": "9" * 30}).status_code == 409
    assert client.post(url("activity-take-back", activity.pk), {"seen": "3"}).status_code == 302
    assert (GroupActivity.objects.count(), DutyRecord.objects.count()) == (0, 0)


def test_staff_come_from_the_register_to_the_activity_and_correct_it(circle: Circle) -> None:
    activity = register(circle)
    client = as_user(circle.world.staff)
    listed = client.get(reverse("admin:duties_dutyrecord_changelist"), {"source__exact": "group"})
    assert "走访养老院" in listed.content.decode()
    record = DutyRecord.objects.filter(seat=circle.seats["elder"]).get()
    shown = client.get(reverse("admin:duties_dutyrecord_change", args=[record.pk])).content.decode()
    assert f'href="{activity.get_absolute_url()}"' in shown
    assert "由「小组活动」自动登记" in shown
    assert client.get(activity.get_absolute_url()).context["may_change"] is True
    assert client.post(url("activity-correct", activity.pk), posted(circle, seen="1", place="新址")).status_code == 302
    assert set(DutyRecord.objects.values_list("place", flat=True)) == {"新址"}


def test_staff_correct_an_entry_in_the_register_and_the_source_stays(circle: Circle) -> None:
    record = enter(circle)
    client, page = as_user(circle.world.staff), reverse("admin:duties_dutyrecord_change", args=[record.pk])
    shown = client.get(page)
    assert "小组代录" in shown.content.decode()
    add = client.get(reverse("admin:duties_dutyrecord_add")).content.decode()
    assert "小组代录" not in add
    listed = client.get(reverse("admin:duties_dutyrecord_changelist"), {"source__exact": "leader"})
    assert "走访养老院" in listed.content.decode()


def test_an_entry_shows_by_whom_to_the_deputy_and_to_staff(circle: Circle) -> None:
    enter(circle, "member")
    for user, page in (
        (circle.member, reverse("deputies:me")),
        (circle.world.staff, reverse("deputies:person", args=[circle.seats["member"].person_id])),
    ):
        assert "由李春梅代为登记" in as_user(user).get(page).content.decode()


def test_an_entry_is_made_corrected_and_taken_back(circle: Circle) -> None:
    client, group = as_user(circle.leader), circle.group.pk
    assert client.post(url("enter", group), entry(circle)).status_code == 302
    assert client.post(url("enter", group), entry(circle)).status_code == 302
    record = DutyRecord.objects.get()
    assert (record.seat, record.source, record.recorded_by) == (circle.seats["elder"], "leader", circle.leader)
    page = url("entered", group, record.pk)
    seen = client.get(page).context["form"]["seen"].value()
    assert client.post(page, entry(circle, seen=seen, topic="改过")).status_code == 302
    stale = client.post(page, entry(circle, seen=seen, topic="又改"))
    assert (stale.status_code, 'value="又改"' in stale.content.decode()) == (409, True)
    assert DutyRecord.objects.get().topic == "改过"
    assert as_user(circle.liaison).get(page).status_code == 404
    assert client.post(url("entered-take-back", group, record.pk)).status_code == 302
    assert DutyRecord.objects.count() == 0
    assert client.post(url("entered-take-back", group, record.pk)).status_code == 404


def test_who_lost_the_office_may_not_take_back(circle: Circle) -> None:
    record = enter(circle)
    GroupMember.objects.filter(seat=circle.seats["leader"]).update(office="member")
    answer = as_user(circle.leader).post(url("entered-take-back", circle.group.pk, record.pk))
    assert (answer.status_code, "您现在不是" in text_of(answer)) == (409, True)
    assert DutyRecord.objects.count() == 1


def queries(client: Client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


def test_pages_take_the_same_queries_for_3_and_300_rows(circle: Circle) -> None:
    activity = register(circle)
    for number in range(3):
        enter(circle, deed=replace(DEED, topic=f"代录{number}"))
    leader = as_user(circle.leader)
    pages = {
        url("group", circle.group.pk): QUERIES_OF_A_GROUP,
        activity.get_absolute_url(): QUERIES_OF_AN_ACTIVITY,
        url("activity-register", circle.group.pk): QUERIES_OF_A_FORM,
        url("enter", circle.group.pk): QUERIES_OF_A_FORM,
    }
    few = {page: queries(leader, page) for page in pages}
    assert few == pages
    kind = DutyType.objects.get(name="小组活动")
    people = Person.objects.bulk_create(Person(name=f"成员{n:03}", gender="女") for n in range(300))
    first = circle.seats["elder"]
    seats = Seat.objects.bulk_create(
        Seat(person=one, term=first.term, delegation=first.delegation, started_on=first.started_on) for one in people
    )
    GroupMember.objects.bulk_create(GroupMember(group=circle.group, seat=seat) for seat in seats)
    GroupAttendance.objects.bulk_create(
        GroupAttendance(activity=activity, seat=seat, state="present") for seat in seats
    )
    GroupActivity.objects.bulk_create(
        GroupActivity(
            group=circle.group, held_on=DAY, type=kind, topic=f"第{n}次", registered_at=NOW, registered_by=circle.leader
        )
        for n in range(300)
    )
    DutyRecord.objects.bulk_create(
        DutyRecord(
            congress=circle.world.congress, seat=seat, done_on=DAY, type=kind, topic="代录", source="leader",
            recorded_at=NOW, recorded_by=circle.leader,
        )
        for seat in seats
    )  # fmt: skip
    assert {page: queries(leader, page) for page in pages} == pages


def test_the_pages_keep_to_the_strict_policy(circle: Circle) -> None:
    deed = replace(DEED, topic="<script>alert(1)</script>", content='"><img src=x onerror=y>')
    activity = register(circle, deed=deed)
    client = as_user(circle.leader)
    for page in (
        url("group", circle.group.pk), activity.get_absolute_url(), url("activity-correct", activity.pk),
        url("activity-register", circle.group.pk), url("enter", circle.group.pk),
    ):  # fmt: skip
        html = client.get(page).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert not re.search(r"<[^>]+\sstyle\s*=", html)


def test_the_way_there_stands_in_the_navigation_of_deputies_alone(circle: Circle) -> None:
    def has_entry(user: User) -> bool:
        return f'href="{url("groups")}"' in as_user(user).get("/").content.decode()

    assert [has_entry(user) for user in (circle.member, circle.world.staff, circle.world.unit_user)] == [
        True, False, False,
    ]  # fmt: skip
    assert timezone.localdate() > DAY
