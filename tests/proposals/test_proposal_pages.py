"""The pages of a proposal, through HTTP: what each role sees, and what refused requests leave untouched."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from casework.models import Event
from proposals.models import Assignment, Contact, Proposal
from tests import factories as make
from tests.proposals.test_proposal_path import answered, assigned, draft, registered, submitted
from tests.world import World

URLS = ["edit", "review", "assign", "contact", "reply", "rate"]


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def case_url(row: Proposal, act: str = "case") -> str:
    return reverse(f"proposals:{act}", args=[row.pk])


def test_home_starts_with_what_staff_owe(world: World) -> None:
    row = submitted(world)
    text = page(as_user(world.staff), "/")
    assert row.title in text
    assert "我的待办" in text
    assert "来自李春梅代表" in text


@pytest.mark.parametrize("role", ["staff", "leader", "gov_office", "unit_user", "deputy", "township_user"])
def test_every_role_has_home_list_and_case_page(world: World, role: str) -> None:
    row = assigned(world)
    client = as_user(getattr(world, role))
    for url in ["/", reverse("proposals:list"), case_url(row), reverse("notices:inbox")]:
        assert client.get(url).status_code == 200, url


def test_anonymous_is_led_to_log_in(world: World) -> None:
    row = assigned(world)
    for url in ["/", reverse("proposals:list"), case_url(row), *[case_url(row, act) for act in URLS]]:
        answer = Client().get(url)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, "/accounts/login/"), url


def test_other_congress_and_other_unit_find_nothing(world: World) -> None:
    row = registered(world)
    foreign_unit_user = make.UserFactory(
        role="unit", role__congress=world.foreign_congress, role__unit=world.foreign_unit
    )
    events = Event.objects.count()
    for user in [world.stranger, foreign_unit_user, world.unit_user, world.gov_office]:
        client = as_user(user)
        assert row.title not in page(client, reverse("proposals:list"))
        for act in ["case", *URLS]:
            assert client.get(case_url(row, act)).status_code == 404, (user.username, act)
        for act in [*URLS, "acknowledge", "submit"]:
            assert client.post(case_url(row, act), {"version": row.version}).status_code == 404, (user.username, act)
    assert Event.objects.count() == events


def test_draft_is_seen_by_its_deputy_alone(world: World) -> None:
    row = draft(world)
    assert as_user(world.deputy).get(case_url(row)).status_code == 200
    for user in [world.staff, world.leader, world.other_deputy, world.township_user]:
        assert as_user(user).get(case_url(row)).status_code == 404


@pytest.mark.parametrize("act", ["review", "assign", "contact", "reply", "rate", "edit"])
def test_act_out_of_turn_is_refused_with_the_page_and_writes_nothing(world: World, act: str) -> None:
    row = answered(world)
    events = Event.objects.count()
    answer = as_user(world.leader).post(case_url(row, act), {"version": row.version})
    assert answer.status_code in {409, 422}
    assert Event.objects.count() == events


def test_missing_and_wrong_keys_never_fail(world: World) -> None:
    row = registered(world)
    client = as_user(world.staff)
    for data in [
        {},
        {"version": "x"},
        {"version": row.version},
        {"version": row.version, "lead": "abc"},
        {"version": row.version, "lead": "9" * 5000},
        {"version": row.version, "lead": world.foreign_unit.pk},
        {"version": row.version, "lead": world.education.pk, "assisting": [world.education.pk]},
        {"version": row.version, "lead": world.education.pk, "due_on": "昨天"},
        {"version": row.version, "lead": world.education.pk, "due_on": "2020-01-01"},
        {"version": row.version, "lead": [world.education.pk, world.police.pk], "due_on": "9999-12-31"},
    ]:
        answer = client.post(case_url(row, "assign"), data)
        assert answer.status_code in {200, 302, 409, 422}, data
        if answer.status_code == 302:
            break
        assert Assignment.objects.count() == 0, data


def test_stale_assignment_keeps_what_was_typed_and_says_who_was_first(world: World) -> None:
    row = registered(world)
    colleague = make.UserFactory(name="王建国", role="staff", role__congress=world.congress)
    form = {"version": row.version, "lead": world.education.pk}
    assert as_user(colleague).post(case_url(row, "assign"), form).status_code == 302
    answer = as_user(world.staff).post(case_url(row, "assign"), form | {"lead": world.police.pk})
    assert answer.status_code == 409
    assert "王建国（代表工委）将本件交办给县教育局（主办）" in answer.content.decode()
    assert [a.unit for a in Assignment.objects.all()] == [world.education]


def test_reply_that_came_too_late_is_kept_on_the_page(world: World) -> None:
    row = answered(world)
    text = "这段答复写了一个上午。"
    answer = as_user(world.unit_user).post(
        case_url(row, "reply"),
        {"version": 1, "replied_on": "2026-03-20", "document_no": "甲", "outcome": "1", "body": text},
    )
    assert answer.status_code == 409
    assert text in answer.content.decode()


def test_draft_form_keeps_one_draft_for_one_form(world: World) -> None:
    client = as_user(world.deputy)
    form = {
        "request_key": str(uuid.uuid4()),
        "title": "关于增设公交站的建议",
        "form": "suggestion",
        "disclosure": "full",
        "body": "",
    }
    told = client.post(reverse("proposals:autosave-new"), form).json()
    assert client.post(reverse("proposals:autosave-new"), form | {"body": "正文"}).status_code == 200
    assert Proposal.objects.get().body == "正文"
    assert told["autosave_url"] == reverse("proposals:autosave", args=[Proposal.objects.get().pk])
    for _ in range(2):
        answer = client.post(reverse("proposals:new"), form | {"body": "正文", "submit": "1", "self_checked": "on"})
        assert answer.status_code == 302
    row = Proposal.objects.get()
    assert (row.step.code, row.receipt_no) == ("review", 1)


def test_submitting_without_text_keeps_the_draft_and_says_what_is_missing(world: World) -> None:
    client = as_user(world.deputy)
    form = {"request_key": str(uuid.uuid4()), "title": "甲", "form": "suggestion", "disclosure": "full", "body": " "}
    answer = client.post(reverse("proposals:new"), form | {"submit": "1"})
    assert answer.status_code == 422
    assert "请填写正文后再提交" in answer.content.decode()
    assert Proposal.objects.get().submitted_on is None


@pytest.mark.parametrize("title", ["甲" * 201, "\x00", "<script>alert(1)</script>", "𠀀𠀁字", "\u202e反", " "])
def test_any_title_is_answered(world: World, title: str) -> None:
    client = as_user(world.deputy)
    form = {"request_key": str(uuid.uuid4()), "title": title, "form": "suggestion", "disclosure": "full", "body": "文"}
    answer = client.post(reverse("proposals:new"), form | {"submit": "1", "self_checked": "on"})
    assert answer.status_code in {302, 422}
    if answer.status_code == 302:
        shown = page(as_user(world.staff), case_url(Proposal.objects.get()))
        assert "<script>alert(1)" not in shown


def test_list_filters_take_anything(world: World) -> None:
    submitted(world)
    client = as_user(world.staff)
    for query in [
        "q=%00",
        "q=" + "长" * 3000,
        "category=abc",
        "stage=x",
        "year=99999999999999",
        "page=-1",
        "page=abc",
        "size=7",
        "sort=;drop",
        "view=nothing",
        "q=99999999999999999999",
        "q=²",
    ]:
        assert client.get(f"{reverse('proposals:list')}?{query}").status_code == 200, query


def test_search_finds_by_title_number_name_and_initials(world: World) -> None:
    row = registered(world)
    row.lead.person.initials = "lcm"
    row.lead.person.save()
    client = as_user(world.staff)
    for text in ["校车", "第1号", "1", "李春", "lcm"]:
        assert row.title in page(client, reverse("proposals:list") + f"?q={text}"), text
    assert row.title not in page(client, reverse("proposals:list") + "?q=没有这样的")


def test_visible_buttons_are_the_acts_that_work(world: World) -> None:
    row = assigned(world)
    text = page(as_user(world.unit_user), case_url(row))
    assert re.findall(r'action="[^"]*/(\w+)/"', text.split("您现在可以办理")[-1]) == ["acknowledge"]
    assert "请先签收，再办理。" in text
    as_user(world.unit_user).post(case_url(row, "acknowledge"), {"version": Proposal.objects.get().version})
    text = page(as_user(world.unit_user), case_url(row))
    assert "请先登记与代表的联系沟通情况" in text
    assert Contact.objects.count() == 0


def test_co_signer_sees_what_he_signed(world: World) -> None:
    row = submitted(world, disclosure="none")
    assert as_user(world.other_deputy).get(case_url(row)).status_code == 404
    row.cosignatures.create(seat=world.other_seat)
    assert as_user(world.other_deputy).get(case_url(row)).status_code == 200


def test_township_sees_its_own_delegation_alone(world: World) -> None:
    own = submitted(world)
    theirs = draft_of_other(world)
    text = page(as_user(world.township_user), reverse("proposals:list"))
    assert own.title in text
    assert theirs.title not in text


def draft_of_other(world: World) -> Proposal:
    from proposals import services
    from tests.factories import at

    row = services.create_draft(
        user=world.other_deputy, request_key=uuid.uuid4(), now=at(2026, 3, 2), title="关于北岭水渠的建议", body="文"
    )
    return services.submit(proposal_id=row.pk, seen_version=row.version, user=world.other_deputy, now=at(2026, 3, 2))


@pytest.mark.parametrize("path", ["signup/", "password/reset/", "email/", "login/code/confirm/", "password/set/"])
def test_pages_of_the_log_in_library_that_are_not_offered(db: None, path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404
    assert Client().post(f"/accounts/{path}", {"email": "a@b.cn"}).status_code == 404
