"""What stands before handing in: all that a suggestion or bill must say, and that it is none of what is no suggestion."""

import uuid

import pytest
from django.urls import reverse

from bodies.models import Level
from casework.services import UnableToAct
from proposals import services
from proposals.models import NotRegisteredReason, Proposal
from proposals.rules import INSTEAD, required_signers, too_few
from tests.proposals.cosigners import BILL
from tests.proposals.test_proposal_pages import as_user, case_url
from tests.proposals.test_proposal_path import NOW, draft
from tests.world import World

TYPED = {
    "title": "关于增设公交站的建议",
    "form": "suggestion",
    "disclosure": "full",
    "body": "城关中学门前没有公交站。",
    "self_checked": "on",
}


def hand_in(world: World, **typed: object) -> tuple[int, str]:
    data = TYPED | {"request_key": str(uuid.uuid4())} | typed
    answer = as_user(world.deputy).post(reverse("proposals:new"), data)
    return answer.status_code, answer.content.decode()


def test_what_was_checked_is_kept_and_said(world: World) -> None:
    status, _ = hand_in(world, formed_by="study", wants_contact="on", suggested_unit=world.transport.pk)
    row = Proposal.objects.get()
    assert (status, row.step.code, row.self_checked_at is not None) == (302, "review", True)
    assert (row.formed_by, row.wants_contact, row.suggested_unit) == ("study", True, world.transport)
    assert row.events.get().sentence == "李春梅（代表）提交本件，收件号1，提交前已逐项自检"


def test_without_the_check_it_stays_a_draft(world: World) -> None:
    status, text = hand_in(world, self_checked="")
    row = Proposal.objects.get()
    assert (status, row.submitted_on, row.body) == (422, None, TYPED["body"])
    assert "提交前请逐项核对" in text


def test_what_is_no_suggestion_is_refused_with_what_to_do(world: World) -> None:
    for reason in INSTEAD:
        status, text = hand_in(world, not_suggestion=[reason.value])
        row = Proposal.objects.latest("pk")
        assert (status, row.submitted_on, row.title) == (422, None, TYPED["title"])
        assert f"{reason.label}的，不能作为建议议案提出。{INSTEAD[reason]}" in text


def test_every_listed_reason_but_other_is_asked(world: World) -> None:
    text = as_user(world.deputy).get(reverse("proposals:new")).content.decode()
    assert set(NotRegisteredReason) - set(INSTEAD) == {NotRegisteredReason.OTHER}
    assert all(reason.label in text for reason in INSTEAD)


def test_the_button_of_the_case_page_leads_to_the_check(world: World) -> None:
    row = draft(world)
    client = as_user(world.deputy)
    for answer in (client.get(case_url(row, "submit")), client.post(case_url(row, "submit"), {"version": row.version})):
        assert (answer.status_code, answer.url) == (302, f"{case_url(row, 'edit')}#section-check")
    answer = client.post(case_url(row, "edit"), TYPED | {"version": row.version, "self_checked": ""})
    assert answer.status_code == 422
    assert Proposal.objects.get().submitted_on is None


def test_who_did_not_check_says_nothing_of_a_check(world: World) -> None:
    row = draft(world)
    row = services.submit(proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=NOW)
    assert (row.self_checked_at, "自检" in row.events.get().sentence) == (None, False)


def test_a_bill_has_subject_grounds_and_plan(world: World) -> None:
    for empty, words in [
        ("body", "请填写案由后再提交。"),
        ("grounds", "议案应当写明案据"),
        ("plan", "议案应当写明方案"),
    ]:
        status, text = hand_in(world, **(BILL | {empty: "  "}))
        assert status == 422
        assert words in text
        row = Proposal.objects.latest("pk")
        with pytest.raises(UnableToAct, match=words):
            services.submit(proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=NOW)


def test_a_suggestion_needs_neither_grounds_nor_plan(world: World) -> None:
    assert hand_in(world, grounds="", plan="")[0] == 302


BAD = [
    ("form", ""), ("form", "law"), ("form", ["bill", "x"]), ("title", ""), ("title", "长" * 201), ("title", "\x00"),
    ("title", "（未写标题）"), ("body", "长" * 20_001), ("body", "\x00"), ("body", ""), ("grounds", "长" * 20_001),
    ("plan", "\x00"), ("category", "9999999999999999999"), ("category", "a"), ("suggested_unit", "-1"),
    ("suggested_unit", "１"), ("formed_by", "dream"), ("disclosure", "maybe"), ("disclosure", ""),
    ("not_suggestion", ["x"]), ("not_suggestion", ["personal", "personal"]), ("self_checked", "false"),
]  # fmt: skip


def test_bad_input_is_answered_in_words_and_keeps_what_was_typed(world: World) -> None:
    client = as_user(world.deputy)
    for field, value in BAD:
        data = TYPED | {"request_key": str(uuid.uuid4()), field: value}
        answer = client.post(reverse("proposals:new"), data)
        assert answer.status_code == 422, (field, value)
        assert field in ("title", "body") or TYPED["body"] in answer.content.decode(), (field, value)
        assert client.post(reverse("proposals:autosave-new"), data).status_code in (200, 422), (field, value)
    assert not Proposal.objects.filter(submitted_on__isnull=False).exists()


def test_a_unit_of_another_county_cannot_be_suggested(world: World) -> None:
    assert hand_in(world, suggested_unit=world.foreign_unit.pk)[0] == 422


def test_an_untitled_draft_shows_an_empty_title(world: World) -> None:
    client = as_user(world.deputy)
    client.post(reverse("proposals:autosave-new"), TYPED | {"title": "", "request_key": str(uuid.uuid4())})
    row = Proposal.objects.get()
    assert row.title == "（未写标题）"
    assert 'value="（未写标题）"' not in client.get(case_url(row, "edit")).content.decode()


def test_autosave_after_the_log_in_has_run_out_says_so(world: World) -> None:
    client = as_user(world.deputy)
    row = draft(world)
    client.logout()
    for url in (reverse("proposals:autosave-new"), case_url(row, "autosave")):
        answer = client.post(url, TYPED)
        assert (answer.status_code, answer.json()["error"][:7]) == (401, "登录已过期，没")


def test_autosave_of_a_window_that_is_behind_is_told_so(world: World) -> None:
    row = draft(world)
    client = as_user(world.deputy)
    assert client.post(case_url(row, "autosave"), TYPED | {"version": row.version}).status_code == 200
    assert client.post(case_url(row, "autosave"), TYPED | {"version": row.version}).status_code == 409


def test_a_page_that_is_behind_but_holds_the_same_text_is_handed_in(world: World) -> None:
    row = draft(world, **{name: TYPED[name] for name in ("title", "body")})
    for body in ("又一份正文", TYPED["body"]):
        services.update_draft(proposal_id=row.pk, seen_version=None, user=world.deputy, now=NOW, body=body)
    client = as_user(world.deputy)
    stale = TYPED | {"version": row.version}
    assert client.post(case_url(row, "edit"), stale | {"body": "另一份正文"}).status_code == 409
    assert client.post(case_url(row, "edit"), stale).status_code == 302
    assert Proposal.objects.get().receipt_no == 1


def test_who_lost_the_mandate_while_writing_keeps_the_text_on_the_page(world: World) -> None:
    world.seat.status, world.seat.ended_on = "ended", "2026-02-01"
    world.seat.save()
    status, text = hand_in(world)
    assert (status, Proposal.objects.count()) == (422, 0)
    assert TYPED["body"] in text
    assert "只有在任代表可以提出建议" in text


def test_how_many_sign_a_bill() -> None:
    assert [required_signers(level) for level in Level] == [10, 10, 10, 10, 5]
    few = "议案应当有10名以上代表联名（含领衔代表），现有9名，还差1名。请邀请代表联名，或者改为建议提交。"
    assert too_few("bill", Level.COUNTY, signers=9, unconfirmed=0) == few
    assert "另有2名代表联名后正文有改动，需要重新确认。" in too_few("bill", Level.TOWNSHIP, signers=3, unconfirmed=2)
    enough = [("bill", Level.COUNTY, 10), ("bill", Level.TOWNSHIP, 5), ("suggestion", Level.COUNTY, 1)]
    assert [too_few(form, level, signers=n, unconfirmed=0) for form, level, n in enough] == ["", "", ""]
