"""The rules of handling and what a term's new proposals start with, in the admin."""

import pytest
from django.test import Client

from accounts.models import Role, User
from casework.models import Procedure
from casework.procedures import activate, copy_procedure
from proposals.models import DEADLINES, Arrangement, HandlingRules
from proposals.services.arranging import UnableToArrange, arrange, copy_rules
from tests import factories as make
from tests.admin.conftest import submitted, url
from tests.admin.test_admin_pages import check
from tests.admin.test_admin_writes import errors
from tests.world import World


@pytest.fixture
def staff(world: World) -> Client:
    return logged_in(world.staff)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shipped(code: str = "qingdao_2021") -> HandlingRules:
    return HandlingRules.objects.get(code=code)


def own(world: World, name: str = "云溪规则") -> HandlingRules:
    return copy_rules(rules=shipped(), user=world.staff, name=name)


def as_posted(rules: HandlingRules) -> dict:
    names = ["name", "basis", *DEADLINES, "extend_approver", "cosigner_reply", "raters", "second_time",
             "commitment_report", "annual_report"]  # fmt: skip
    data = {name: getattr(rules, name) for name in names}
    return data | {name: "on" for name in ("rolls", "withdrawal_needs_consent") if getattr(rules, name)}


def values(rules: HandlingRules) -> dict:
    return {
        field.name: getattr(rules, field.attname)
        for field in HandlingRules._meta.concrete_fields
        if field.name not in {"id", "code", "name", "congress"}
    }


def test_shipped_rules_are_read_in_words_and_copied(world: World, staff: Client) -> None:
    rules = shipped()
    text = staff.get(url(HandlingRules, "change", rules.pk)).content.decode()
    check(text, "rules")
    assert "这是系统自带的办理规则，在这里只能查看。" in text
    for words in ("5个工作日", "3个月", "没有规定", "退办和重新交办"):
        assert words in text
    assert "5WD" not in text
    assert staff.post(url(HandlingRules, "change", rules.pk), as_posted(rules)).status_code == 403
    response = staff.post(url(HandlingRules, "copy", rules.pk), {"name": "云溪规则"}, follow=True)
    copy = HandlingRules.objects.get(name="云溪规则")
    check(response.content.decode(), "copy")
    assert (copy.congress, copy.code) == (world.congress, "yxgz-1")
    assert values(copy) == values(rules)
    assert "已经复制为「云溪规则」，请在这里修改。" in response.content.decode()


def test_a_copy_is_changed_field_by_field(world: World, staff: Client) -> None:
    rules = own(world)
    data = as_posted(rules) | {"reply": "2 个月", "return_request": "7工作日", "feedback": "", "distribute": "10天"}
    assert staff.post(url(HandlingRules, "change", rules.pk), data).status_code == 302
    rules.refresh_from_db()
    assert (rules.reply, rules.return_request, rules.feedback, rules.distribute) == ("2M", "7WD", "", "10D")
    for name in DEADLINES:
        response = staff.post(url(HandlingRules, "change", rules.pk), data | {name: "三个月"})
        assert errors(response) == ["写法不对，应为数字加单位，如 5个工作日、30日、3个月。"], name
        assert 'value="三个月"' in response.content.decode()
    for change in (
        {"extend_approver": "king"},
        {"name": ""},
        {"name": "\x00"},
        {"basis": "长" * 101},
        {"reply": "长" * 99},
    ):
        response = staff.post(url(HandlingRules, "change", rules.pk), data | change)
        assert errors(response), change
        check(response.content.decode(), str(change))
    assert errors(staff.post(url(HandlingRules, "change", rules.pk), {}))
    rules.refresh_from_db()
    assert (rules.name, rules.reply) == ("云溪规则", "2M")


def test_rules_in_use_are_fixed_and_kept(world: World, staff: Client) -> None:
    rules = own(world)
    Arrangement.objects.filter(term=world.term).update(rules=rules)
    assert 'name="_save"' in staff.get(url(HandlingRules, "change", rules.pk)).content.decode()
    proposal = submitted(world.deputy, world.category)
    assert proposal.rules == rules
    text = staff.get(url(HandlingRules, "change", rules.pk)).content.decode()
    assert "已有建议议案按「云溪规则」办理，规则不能再改。" in text
    assert staff.post(url(HandlingRules, "change", rules.pk), as_posted(rules) | {"reply": "1M"}).status_code == 403
    assert staff.post(url(HandlingRules, "delete", rules.pk), {"post": "yes"}).status_code == 403
    rules.refresh_from_db()
    assert rules.reply == "3M"


def test_rules_of_others_are_not_changed(world: World) -> None:
    rules = own(world)
    below = make.UserFactory(username="below", role=Role.STAFF, role__congress=world.township)
    for user, seen in ((world.stranger, False), (below, True), (world.leader, True)):
        client = logged_in(user)
        assert client.get(url(HandlingRules, "change", rules.pk)).status_code == (200 if seen else 404)
        for name, data in (("change", as_posted(rules) | {"reply": "1M"}), ("delete", {"post": "yes"})):
            assert client.post(url(HandlingRules, name, rules.pk), data).status_code == (403 if seen else 404)
    for user in (world.stranger, world.leader):
        response = logged_in(user).post(url(HandlingRules, "copy", rules.pk), {"name": "偷来的"})
        assert response.status_code in (403, 404)
    assert not HandlingRules.objects.filter(name="偷来的").exists()
    rules.refresh_from_db()
    assert rules.reply == "3M"
    with pytest.raises(UnableToArrange, match="没有找到要复制的办理规则"):
        copy_rules(rules=rules, user=world.stranger, name="甲")


def test_names_of_copied_rules(world: World) -> None:
    own(world)
    for name, reason in (
        ("云溪规则", "已经有名为「云溪规则」的办理规则，请换一个名称。"),
        (" ", "请填写新规则的名称，不超过 100 个字。"),
        ("长" * 101, "请填写新规则的名称，不超过 100 个字。"),
    ):
        with pytest.raises(UnableToArrange, match=reason):
            own(world, name)
    foreign = copy_rules(rules=shipped(), user=world.stranger, name="云溪规则")
    assert (foreign.code, foreign.congress) == ("yxgz-2", world.foreign_congress)


def test_a_term_is_arranged_and_new_proposals_start_so(world: World, staff: Client) -> None:
    rules = own(world)
    procedure = copy_procedure(
        procedure=Procedure.objects.get(code="standard5"), user=world.staff, as_new_name="云溪办法"
    )
    arrangement = world.term.arrangement
    first = submitted(world.deputy, world.category)
    data = {"procedure": procedure.pk, "rules": rules.pk}
    text = staff.get(url(Arrangement, "change", arrangement.pk)).content.decode()
    check(text, "arrangement")
    # Only what is in force can be chosen.
    assert "云溪办法" not in text
    response = staff.post(url(Arrangement, "change", arrangement.pk), data)
    assert errors(response) == ["所选内容不在可选范围内，请重新选择。"]
    activate(procedure=procedure, user=world.staff)
    assert staff.post(url(Arrangement, "change", arrangement.pk), data).status_code == 302
    second = submitted(world.deputy, world.category)
    first.refresh_from_db()
    assert (first.procedure.code, first.rules.code) == ("standard5", "national_2025")
    assert (second.procedure, second.rules) == (procedure, rules)


def test_terms_rules_and_procedures_of_others_are_not_chosen(world: World, staff: Client) -> None:
    foreign_term = make.TermFactory(congress=world.foreign_congress, name="第九届")
    foreign = copy_procedure(
        procedure=Procedure.objects.get(code="standard5"), user=world.stranger, as_new_name="石桥办法"
    )
    activate(procedure=foreign, user=world.stranger)
    foreign_rules = copy_rules(rules=shipped(), user=world.stranger, name="石桥规则")
    term = make.TermFactory(congress=world.congress, name="第十九届", starts_on="2028-01-01", ends_on="2032-12-31")
    good = {"term": term.pk, "procedure": Procedure.objects.get(code="yanshou8").pk, "rules": shipped().pk}
    before = Arrangement.objects.count()
    for change in ({"term": foreign_term.pk}, {"procedure": foreign.pk}, {"rules": foreign_rules.pk}):
        response = staff.post(url(Arrangement, "add"), good | change)
        assert errors(response) == ["所选内容不在可选范围内，请重新选择。"], change
        assert "石桥" not in response.content.decode()
    assert errors(staff.post(url(Arrangement, "add"), good | {"term": world.term.pk}))
    assert Arrangement.objects.count() == before
    assert staff.post(url(Arrangement, "add"), good).status_code == 302
    assert Arrangement.objects.get(term=term).procedure.code == "yanshou8"


def test_a_procedure_that_was_replaced_meanwhile_is_refused_in_words(world: World) -> None:
    first = copy_procedure(procedure=Procedure.objects.get(code="standard5"), user=world.staff, as_new_name="云溪办法")
    activate(procedure=first, user=world.staff)
    second = copy_procedure(procedure=first, user=world.staff, as_new_name=None)
    arrangement = world.term.arrangement
    arrangement.procedure = first
    activate(procedure=second, user=world.staff)
    with pytest.raises(UnableToArrange, match="所选的办理程序刚刚停用，请选择启用的程序。"):
        arrange(arrangement=arrangement, user=world.staff)
    for user in (world.stranger, world.leader, world.deputy):
        with pytest.raises(UnableToArrange, match="只能安排本级人大各届的办理。"):
            arrange(arrangement=arrangement, user=user)
    assert Arrangement.objects.get(term=world.term).procedure.code == "standard5"
