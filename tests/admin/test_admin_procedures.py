"""Procedures in the admin: staff copy what is shipped, change the copy, and put it into force."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from casework.models import Outcome, Procedure, Step
from casework.procedures import activate, copy_procedure
from proposals.models import Arrangement
from tests import factories as make
from tests.admin.conftest import url
from tests.admin.test_admin_pages import check
from tests.admin.test_admin_writes import errors, formset
from tests.world import World


@pytest.fixture
def staff(world: World) -> Client:
    return logged_in(world.staff)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shipped(code: str = "standard5") -> Procedure:
    return Procedure.objects.get(code=code, version=1)


def own(world: World, source: str = "standard5", name: str = "云溪办法") -> Procedure:
    return copy_procedure(procedure=shipped(source), user=world.staff, as_new_name=name)


def page(client: Client, model: type, name: str, pk: int) -> str:
    response = client.get(url(model, name, pk))
    assert response.status_code == 200
    check(response.content.decode(), f"{name} {pk}")
    return response.content.decode()


def posted(procedure: Procedure, **changes: dict) -> dict:
    """The form of the procedure's page as it opens, with changes by the code of the step."""
    rows = [
        {
            "id": step.pk, "procedure": procedure.pk, "place": step.position, "label": step.label, "stage": step.stage,
            "act": step.act, "actor_role": step.actor_role, "verb": step.verb, "deadline": step.deadline,
        } | changes.pop(step.code, {})
        for step in procedure.steps.order_by("position")
    ]  # fmt: skip
    initial = len(rows)
    return {"name": procedure.name} | formset("steps", [*rows, *changes.values()], initial=initial)


def test_what_is_shipped_is_read_in_words_and_copied(world: World, staff: Client) -> None:
    text = page(staff, Procedure, "change", shipped("dongkou351").pk)
    assert "这是系统自带的程序，在这里只能查看。需要修改的，请复制一份，改复制出来的那一份。" in text
    for words in (
        "主任会议审定",
        "乡镇人大：初审",
        "10个工作日",
        "会议名称和日期",
        "退回修改 → 提出（期限10日）",
        "5个工作日内签收",
    ):
        assert words in text
    assert 'name="_save"' not in text
    assert ">启用</a>" not in text
    address = url(Procedure, "copy", shipped("dongkou351").pk)
    assert f'href="{address}"' in text
    assert 'name="kind"' not in page(staff, Procedure, "copy", shipped("dongkou351").pk)
    response = staff.post(address, {"name": "三审五办"}, follow=True)
    copy = Procedure.objects.get(name="三审五办")
    assert (copy.congress, copy.is_active, copy.steps.count()) == (world.congress, False, 10)
    assert "已经复制为「三审五办（第1版）」，请在这里修改。" in response.content.decode()
    assert 'name="_save"' in response.content.decode()
    assert LogEntry.objects.get().get_change_message() == "复制自「三审五办一测评（第1版）」"


def test_a_copy_wants_a_name(world: World, staff: Client) -> None:
    own(world)
    for name, reason in (
        ("", "请填写名称。"),
        ("长" * 101, "名称不能超过 100 个字。"),
        ("云溪办法", "已经有名为「云溪办法」的程序，请换一个名称。"),
    ):
        text = staff.post(url(Procedure, "copy", shipped().pk), {"name": name}).content.decode()
        check(text, "copy")
        assert reason in text
    assert staff.post(url(Procedure, "copy", shipped().pk), {"name": "甲\x00"}).status_code == 200
    assert Procedure.objects.filter(congress=world.congress).count() == 1


def test_pressing_copy_twice_makes_one(world: World, staff: Client) -> None:
    first = own(world)
    # There is no version yet that a new one could replace.
    assert 'name="kind"' not in page(staff, Procedure, "copy", first.pk)
    activate(procedure=first, user=world.staff)
    assert 'name="kind"' in page(staff, Procedure, "copy", first.pk)
    for data in ({"kind": "version"}, {"kind": "other", "name": "乙"}):
        for _ in range(2):
            staff.post(url(Procedure, "copy", first.pk), data)
    assert sorted(Procedure.objects.filter(congress=world.congress).values_list("name", "version")) == [
        ("乙", 1),
        ("云溪办法", 1),
        ("云溪办法", 2),
    ]


def test_steps_are_changed_added_moved_and_removed(world: World, staff: Client) -> None:
    draft = own(world)
    data = posted(
        draft,
        review={"label": "初审", "verb": "初审", "deadline": "7 个工作日", "actor_role": "township"},
        rate={"deadline": "1个月"},
        new={
            "place": 3, "label": "会商", "stage": "review", "act": "decide", "actor_role": "staff", "verb": "会商",
            "deadline": "10天", "procedure": draft.pk,
        },
    )  # fmt: skip
    response = staff.post(url(Procedure, "change", draft.pk), data | {"name": "云溪 六步"})
    assert response.status_code == 302
    draft.refresh_from_db()
    assert draft.name == "云溪 六步"
    rows = draft.steps.order_by("position").values_list("position", "label", "actor_role", "deadline")
    assert list(rows) == [
        (1, "提出", "deputy", ""),
        (2, "初审", "township", "7WD"),
        (3, "会商", "staff", "10D"),
        (4, "交办", "staff", "5WD"),
        (5, "反馈", "unit", "3M"),
        (6, "测评", "deputy", "1M"),
    ]
    text = page(staff, Procedure, "change", draft.pk)
    assert "程序检查没有问题，可以启用。" in text
    assert 'value="7个工作日"' in text
    gone = draft.steps.get(label="会商")
    assert staff.post(url(Procedure, "change", draft.pk), posted(draft, **{gone.code: {"DELETE": "on"}, "rate": {}}) | {
        "steps-2-DELETE": "on",
    }).status_code == 302  # fmt: skip
    assert [step.label for step in draft.steps.order_by("position")] == ["提出", "初审", "交办", "反馈", "测评"]
    text = page(staff, Procedure, "history", draft.pk)
    assert "云溪 六步" in text


def test_what_the_steps_refuse_keeps_what_was_typed(world: World, staff: Client) -> None:
    draft = own(world)
    before = list(draft.steps.values())
    for change, wanted in (
        ({"deadline": "五天"}, "写法不对，应为数字加单位，如 5个工作日、30日、3个月。"),
        ({"label": ""}, "请填写这一项。"),
        ({"place": "三"}, "请填写整数。"),
        ({"place": "0"}, "顺序从 1 起。"),
        ({"place": "31"}, "顺序不能大于 30。"),
        ({"actor_role": "king"}, None),
        ({"stage": "\x00"}, None),
    ):
        response = staff.post(url(Procedure, "change", draft.pk), posted(draft, review=change | {"verb": "敲定"}))
        found = errors(response)
        assert found, change
        assert wanted is None or wanted in found
        assert 'value="敲定"' in response.content.decode()
        check(response.content.decode(), str(change))
    assert list(draft.steps.values()) == before


def test_faults_are_shown_while_drafting_and_refuse_activation(world: World, staff: Client) -> None:
    draft = own(world)
    fault = "没有办理方式为「交办」的步骤。"
    assert staff.post(url(Procedure, "change", draft.pk), posted(draft, assign={"act": "decide"})).status_code == 302
    assert fault in page(staff, Procedure, "change", draft.pk)
    text = page(staff, Procedure, "activate", draft.pk)
    assert fault in text
    assert 'value="启用"' not in text
    text = staff.post(url(Procedure, "activate", draft.pk)).content.decode()
    assert fault in text
    draft.refresh_from_db()
    assert not draft.is_active


def test_activation_replaces_the_version_and_the_arrangement_follows(world: World, staff: Client) -> None:
    first = own(world)
    response = staff.post(url(Procedure, "activate", first.pk), follow=True)
    assert "请在「办理安排」中选用" in response.content.decode()
    Arrangement.objects.filter(term=world.term).update(procedure=first)
    staff.post(url(Procedure, "copy", first.pk), {"kind": "version"})
    second = Procedure.objects.get(code=first.code, version=2)
    assert "它代替「云溪办法（第1版）」" in page(staff, Procedure, "activate", second.pk)
    response = staff.post(url(Procedure, "activate", second.pk), follow=True)
    text = response.content.decode()
    check(text, "activated")
    assert "「云溪办法（第2版）」已经启用。新的办件按它办理，已在办理的仍按「云溪办法（第1版）」办到底。" in text
    assert "正在启用，不能再改" in text
    assert Arrangement.objects.get(term=world.term).procedure == second
    assert staff.post(url(Procedure, "change", second.pk), posted(second)).status_code == 403
    assert "已经启用" in staff.post(url(Procedure, "activate", second.pk)).content.decode()


def test_a_step_on_its_own_page(world: World, staff: Client) -> None:
    draft = own(world)
    step = draft.steps.get(code="review")
    text = page(staff, Step, "change", step.pk)
    for words in ("会议名称和日期", "联系代表记录", "通过时必填", "不予立案", "按办理规则"):
        assert words in text
    rows = [
        {
            "id": row.pk, "step": step.pk, "code": row.code, "label": row.label, "goes_to": row.goes_to_id or "",
            "closes_as": row.closes_as, "deadline": row.deadline, "rule_key": row.rule_key,
        }
        for row in step.outcomes.order_by("pk")
    ]  # fmt: skip
    rows[1] |= {"label": "退回补充", "deadline": "15日"}
    data = {
        "label": "审查", "stage": "review", "act": "decide", "actor_role": "staff", "verb": "审查", "deadline": "1个月",
        "rule_key": "assign", "acknowledge_within": "3个工作日", "required": ["category", "nature"],
    }  # fmt: skip
    response = staff.post(url(Step, "change", step.pk), data | formset("outcomes", rows, initial=len(rows)))
    assert (response.status_code, response["Location"]) == (302, url(Procedure, "change", draft.pk))
    step.refresh_from_db()
    assert (step.label, step.deadline, step.rule_key, step.acknowledge_within, step.required) == (
        "审查", "1M", "assign", "3WD", ["category", "nature"],
    )  # fmt: skip
    assert Outcome.objects.get(step=step, code="return").deadline == "15D"
    assert Outcome.objects.get(step=step, code="return").label == "退回补充"
    for change, wanted in (
        ({"goes_to": step.pk, "closes_as": "rated"}, "「转入步骤」和「办结方式」要填一项，也只能填一项。"),
        ({"goes_to": "", "closes_as": ""}, "「转入步骤」和「办结方式」要填一项，也只能填一项。"),
        ({"goes_to": shipped().steps.first().pk}, "所选内容不在可选范围内，请重新选择。"),
        ({"code": "pass"}, "同一步骤的结论不能重复。"),
        ({"deadline": "15"}, "写法不对，应为数字加单位，如 5个工作日、30日、3个月。"),
    ):
        wrong = [rows[0], rows[1] | change, *rows[2:]]
        response = staff.post(url(Step, "change", step.pk), data | formset("outcomes", wrong, initial=len(rows)))
        assert wanted in errors(response)
        check(response.content.decode(), str(change))
    for change in ({"required": ["king"]}, {"rule_key": "king"}, {"deadline": "99999日"}):
        response = staff.post(
            url(Step, "change", step.pk), data | change | formset("outcomes", rows, initial=len(rows))
        )
        assert errors(response), change
        check(response.content.decode(), str(change))


def test_a_step_of_a_fixed_procedure_is_read_only(world: World, staff: Client) -> None:
    step = shipped("yanshou8").steps.get(code="classify")
    text = page(staff, Step, "change", step.pk)
    assert "确定类别 → 会商" in text
    assert 'name="_save"' not in text
    assert staff.post(url(Step, "change", step.pk), {"label": "改名"}).status_code == 403


@pytest.mark.parametrize("active", [False, True], ids=["draft", "active"])
def test_clerks_of_other_congresses_write_nothing(world: World, active: bool) -> None:
    procedure = own(world)
    if active:
        activate(procedure=procedure, user=world.staff)
        procedure.refresh_from_db()
    step = procedure.steps.get(code="review")
    before = (Procedure.objects.values_list().order_by("pk"), Step.objects.values_list().order_by("pk"))
    before = [list(rows) for rows in before]
    below = make.UserFactory(username="below", role=Role.STAFF, role__congress=world.township)
    # The township sees, and may copy, what is in force in its county.
    for user, seen in ((world.stranger, False), (below, active), (world.leader, True)):
        client = logged_in(user)
        for model, pk in ((Procedure, procedure.pk), (Step, step.pk)):
            assert client.get(url(model, "change", pk)).status_code == (200 if seen else 404), user
            for name, data in (("change", {"name": "改"}), ("change", posted(procedure)), ("delete", {"post": "yes"})):
                assert client.post(url(model, name, pk), data).status_code == (403 if seen else 404), (user, name)
        for method in ("get", "post"):
            assert getattr(client, method)(url(Procedure, "activate", procedure.pk)).status_code in (403, 404)
        if not seen or user == world.leader:
            assert client.get(url(Procedure, "copy", procedure.pk)).status_code in (403, 404)
            response = client.post(url(Procedure, "copy", procedure.pk), {"name": "偷来的"})
            assert response.status_code in (403, 404)
    after = [
        list(rows)
        for rows in (Procedure.objects.values_list().order_by("pk"), Step.objects.values_list().order_by("pk"))
    ]
    assert after == before


def test_a_draft_is_deleted_by_its_owner(world: World, staff: Client) -> None:
    draft = own(world)
    text = page(staff, Procedure, "delete", draft.pk)
    assert "步骤" in text
    assert staff.post(url(Procedure, "delete", draft.pk), {"post": "yes"}).status_code == 302
    assert not Procedure.objects.filter(pk=draft.pk).exists()
    assert staff.post(url(Procedure, "delete", shipped().pk), {"post": "yes"}).status_code == 403


def test_two_clerks_at_one_draft(world: World, staff: Client) -> None:
    draft = own(world)
    seen = re.search(r'name="_seen" value="([^"]+)"', page(staff, Procedure, "change", draft.pk))[1]
    Step.objects.filter(procedure=draft, code="review").update(label="复审")
    data = posted(draft, review={"label": "终审"}) | {"_seen": seen}
    text = staff.post(url(Procedure, "change", draft.pk), data).content.decode()
    check(text, "stale")
    assert "本次没有保存" in text
    assert 'value="终审"' in text
    assert draft.steps.get(code="review").label == "复审"


def test_pages_take_the_same_queries_for_five_and_ten_steps(world: World, staff: Client) -> None:
    taken: dict[str, set[int]] = {}
    small, large = own(world), own(world, "dongkou351", "云溪三审")
    for draft, fixed in ((small, shipped()), (large, shipped("dongkou351"))):
        addresses = {
            "draft": url(Procedure, "change", draft.pk),
            "fixed": url(Procedure, "change", fixed.pk),
            "activate": url(Procedure, "activate", draft.pk),
            "step": url(Step, "change", draft.steps.get(position=2).pk),
        }
        for name, address in addresses.items():
            # What is kept between requests is not counted.
            staff.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert staff.get(address).status_code == 200
            taken.setdefault(name, set()).add(len(queries))
    assert {name: len(counts) for name, counts in taken.items()} == dict.fromkeys(taken, 1)
    assert max(max(counts) for counts in taken.values()) <= 18
