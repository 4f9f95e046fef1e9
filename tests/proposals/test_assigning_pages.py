"""The pages of assigning and of what units ask for: what they tell, what they refuse in words, and to whom."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from casework.models import Event
from proposals import services
from proposals.models import Assignment, AssistOpinion, ExtensionRequest, Proposal, ReturnRequest
from tests import factories as make
from tests.proposals.handing import acknowledged, given, joined, waiting
from tests.world import World

ACTS = [
    "assign",
    "distribute",
    "return",
    "decide-return",
    "reassign",
    "extend",
    "decide-extension",
    "opinion",
    "send-back",
]


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(row: Proposal, act: str) -> str:
    return reverse(f"proposals:{act}", args=[row.pk])


def now_given(world: World, row: Proposal, **how: object) -> Proposal:
    """Assigned today: the pages read the real clock."""
    how = {"lead": world.education} | how
    return services.assign(proposal_id=row.pk, seen_version=None, user=world.staff, now=timezone.now(), **how)


def post(user: User, row: Proposal, act: str, **data: object) -> object:
    version = Proposal.objects.get(pk=row.pk).version
    return as_user(user).post(url(row, act), {"version": version} | data)


def text(user: User, row: Proposal, act: str) -> str:
    answer = as_user(user).get(url(row, act))
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def asked(world: World) -> tuple[Proposal, int]:
    row = now_given(world, waiting(world), assisting=[world.police])
    fields = {"reason": "不属于本局职责。", "signed_by": "王局长", "suggested_unit": world.transport.pk}
    assert post(world.unit_user, row, "return", **fields).status_code == 302
    return row, ReturnRequest.objects.get().pk


def test_assign_page_tells_the_deadline_and_what_goes_along(world: World) -> None:
    main = waiting(world, suggested_unit=world.education)
    joined(world, main)
    shown = text(world.staff, main, "assign")
    assert "自{0.year}年{0.month}月{0.day}日起3个月".format(timezone.localdate()) in shown
    assert "起6个月" in shown
    assert "（依据《重庆市人民代表大会代表建议批评和意见工作条例》（2017年））" in shown
    assert "第2号 关于第2件事的建议" in shown
    assert "三个月" not in shown
    # Rules that know no longer period do not offer one.
    assert "涉及面广" not in text(world.staff, waiting(world, 3, rules="qingdao_2021"), "assign")


def test_form_of_every_kind_of_assignment(world: World) -> None:
    row = waiting(world)
    answer = post(
        world.staff,
        row,
        "assign",
        separate=[world.education.pk, world.police.pk],
        via_office="on",
        office_note="请确定协办单位。",
        is_complex="on",
    )
    assert answer.status_code == 302
    round_ = row.rounds.get()
    assert [(part.unit, part.role) for part in round_.assignments.order_by("unit__name")] == [
        (world.police, "separate"),
        (world.education, "separate"),
    ]
    assert (round_.is_complex, round_.distribution.note) == (True, "请确定协办单位。")
    shown = text(world.gov_office, row, "distribute")
    assert "请确定协办单位。" in shown
    assert "县教育局（分办）" in shown
    assert post(world.gov_office, row, "distribute", assisting=[world.transport.pk]).status_code == 302
    assert round_.assignments.get(unit=world.transport).via_office


def test_return_is_asked_and_decided_on_the_pages(world: World) -> None:
    row, key = asked(world)
    shown = text(world.staff, row, "decide-return")
    for words in ("县教育局申请退办", "不属于本局职责。", "王局长", "建议改由", "县公安局（协办）"):
        assert words in shown
    answer = post(world.staff, row, "decide-return", request_id=key, verdict="refuse", note="")
    assert (answer.status_code, "不同意的，请写明理由。" in answer.content.decode()) == (422, True)
    seen = Proposal.objects.get(pk=row.pk).version
    form = {"version": seen, "request_id": key, "verdict": "agree", "unit": world.transport.pk}
    assert [as_user(world.staff).post(url(row, "decide-return"), form).status_code for _ in range(2)] == [302, 302]
    assert row.events.filter(verb="decide-return").count() == 1
    assert Assignment.objects.in_force().get(role="lead").unit == world.transport
    assert as_user(world.unit_user).get(url(row, "case")).status_code == 200
    assert as_user(world.unit_user).get(url(row, "return")).status_code == 409


def test_extension_is_asked_and_granted_on_the_pages(world: World) -> None:
    row = now_given(world, waiting(world))
    acknowledged(row, world.unit_user, now=timezone.now())
    due = Assignment.objects.get().due_on
    shown = text(world.unit_user, row, "extend")
    assert "最长可以延至" in shown
    assert "起6个月" in shown
    wanted = due + dt.timedelta(days=20)
    fields = {"reason": "需要列入年度计划。", "signed_by": "王局长"}
    assert post(world.unit_user, row, "extend", wanted_until=str(due), **fields).status_code == 422
    assert post(world.unit_user, row, "extend", wanted_until=str(wanted), **fields).status_code == 302
    key = ExtensionRequest.objects.get().pk
    assert f'value="{wanted}"' in text(world.staff, row, "decide-extension")
    answer = post(world.staff, row, "decide-extension", request_id=key, verdict="agree")
    assert "请填写批准延至的日期" in answer.content.decode()
    granted = {"request_id": key, "verdict": "agree", "granted_until": str(wanted)}
    assert post(world.staff, row, "decide-extension", **granted).status_code == 302
    assert Assignment.objects.get().due_on == wanted


def test_opinion_is_given_and_sent_back_on_the_pages(world: World) -> None:
    row = now_given(world, waiting(world), assisting=[world.police])
    acknowledged(row, world.unit_user, world.police_user, now=timezone.now())
    assert "县教育局（主办）" in text(world.police_user, row, "opinion")
    assert post(world.police_user, row, "opinion", body="可以增设警示标志。").status_code == 302
    key = AssistOpinion.objects.get().pk
    assert "可以增设警示标志。" in text(world.unit_user, row, "send-back")
    assert post(world.unit_user, row, "send-back", opinion_id=key, reason="请写明时间。").status_code == 302
    assert "请写明时间。" in text(world.police_user, row, "opinion")


def test_part_is_given_to_another_on_the_page(world: World) -> None:
    main = waiting(world)
    joined(world, main)
    now_given(world, main)
    part = Assignment.objects.get(round__proposal=main)
    assert "第2号 关于第2件事的建议（县教育局）" in text(world.staff, main, "reassign")
    form = {"part_id": part.pk, "unit": world.police.pk, "reason": "职责已经调整。"}
    assert post(world.staff, main, "reassign", **form).status_code == 302
    assert [part.unit for part in Assignment.objects.in_force()] == [world.police, world.police]


@pytest.mark.parametrize("act", ACTS)
def test_who_has_no_part_in_an_act_cannot_do_it(world: World, act: str) -> None:
    row = given(world, waiting(world))
    foreign = make.UserFactory(role="unit", role__congress=world.foreign_congress, role__unit=world.foreign_unit)
    events = Event.objects.count()
    for user in (world.stranger, world.police_user, foreign):
        assert as_user(user).get(url(row, act)).status_code == 404
        assert as_user(user).post(url(row, act), {"version": row.version}).status_code == 404
    for user in (world.leader, world.deputy, world.township_user):
        assert as_user(user).get(url(row, act)).status_code == 409
        assert as_user(user).post(url(row, act), {"version": row.version}).status_code == 409
    assert Client().get(url(row, act)).status_code == 302
    assert Event.objects.count() == events


BAD = [
    "",
    "abc",
    "-1",
    "0",
    "9" * 5000,
    "9" * 30,
    "²",
    "1.5",
    "  ",
    "2026-02-30",
    "字" * 30_000,
    "\x00",
    "9999-12-31",
    "0001-01-01",
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_whatever_is_sent_is_answered_in_words(world: World, bad: str) -> None:
    row, _ = asked(world)
    acknowledged(row, world.unit_user, world.police_user, now=timezone.now())
    fresh = waiting(world, 2)
    office = now_given(world, waiting(world, 3), lead=None, via_office=True)
    names = ["lead", "assisting", "separate", "via_office", "office_note", "is_complex", "due_on",
             "nothing_more", "reason", "suggested_unit", "signed_by", "request_id", "verdict", "unit", "note", "part_id",
             "wanted_until", "granted_until", "body", "opinion_id"]  # fmt: skip
    events = Event.objects.count()
    for act, user, of in [
        ("assign", world.staff, fresh),
        ("distribute", world.gov_office, office),
        ("decide-return", world.staff, row),
        ("reassign", world.staff, row),
        ("extend", world.unit_user, row),
    ]:
        answer = post(user, of, act, **dict.fromkeys(names, bad))
        assert answer.status_code == 422, (act, answer.status_code)
        assert "error" in answer.content.decode()
        version = as_user(user).post(url(of, act), {"version": bad})
        assert version.status_code in {409, 422}
    assert Event.objects.count() == events


def test_page_that_became_stale_keeps_what_was_typed(world: World) -> None:
    row, key = asked(world)
    seen = Proposal.objects.get(pk=row.pk).version
    acknowledged(row, world.police_user, now=timezone.now())
    form = {"version": seen, "request_id": key, "verdict": "agree", "unit": world.transport.pk, "note": "尽快办理。"}
    answer = as_user(world.staff).post(url(row, "decide-return"), form)
    assert answer.status_code == 409
    assert "周强（县公安局）签收本件" in answer.content.decode()
    assert "尽快办理。" in answer.content.decode()
    assert ReturnRequest.objects.get().state == "waiting"


def test_pages_ask_the_same_for_3_units_and_for_200(world: World, django_assert_num_queries: object) -> None:
    row, _ = asked(world)
    fresh = waiting(world, 2)
    office = now_given(world, waiting(world, 3), lead=None, via_office=True)
    pages = [
        (world.staff, fresh, "assign"),
        (world.gov_office, office, "distribute"),
        (world.staff, row, "decide-return"),
        (world.staff, row, "reassign"),
    ]
    asked_of_few = [_count(*page) for page in pages]
    for n in range(200):
        make.UnitFactory(congress=world.congress, name=f"第{n}科")
    joined(world, fresh, 5)
    assert [_count(*page) for page in pages] == asked_of_few
    assert max(asked_of_few) <= 30


def _count(user: User, row: Proposal, act: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_user(user)
    client.get(url(row, act))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url(row, act)).status_code == 200
    return len(queries)


def test_step_that_is_passed_by_itself_is_no_stranger_to_who_clicked_twice(world: World) -> None:
    row = now_given(world, waiting(world, procedure="dongkou351"))
    acknowledged(row, world.unit_user, now=timezone.now())
    today = timezone.localdate()
    told = {"contacted_on": today, "way": "visit", "phase": "before", "summary": "上门听取意见。"}
    assert post(world.unit_user, row, "contact", **told).status_code == 302
    seen = {"version": Proposal.objects.get(pk=row.pk).version, "outcome": "pass", "reason": "列入年度计划。"}
    answers = [as_user(world.unit_user).post(url(row, "review"), seen) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert list(row.events.order_by("pk").values_list("verb", flat=True))[-2:] == ["review", "pass"]
    # Whoever else is late reads of the deed, not of what the system did upon it.
    colleague = make.UserFactory(name="周勤", role="unit", role__congress=world.congress, role__unit=world.education)
    late = as_user(colleague).post(url(row, "review"), seen)
    words = late.content.decode()
    assert (late.status_code, "列入年度计划。" in words) == (409, True)
    deed = row.events.get(verb="review").sentence
    assert (deed in words, "没有需要办理的事项" in words) == (True, False)


def test_units_with_a_part_are_not_offered_another(world: World) -> None:
    row = now_given(world, waiting(world), lead=None, assisting=[world.police], via_office=True)
    shown = text(world.gov_office, row, "distribute")
    offered = set(re.findall(r'name="(?:lead|separate|assisting)"\s+value="(\d+)"', shown))
    assert offered == {str(world.education.pk), str(world.transport.pk)}
    # Who sends it all the same reads why not.
    answer = post(world.gov_office, row, "distribute", lead=world.education.pk, separate=[world.police.pk])
    assert answer.status_code == 422
    assert "「县公安局」重复" in answer.content.decode()
