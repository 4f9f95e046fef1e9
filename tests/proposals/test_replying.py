"""The reply: what it needs, what it is refused for in words, its page and its preview."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document
from time_machine import travel

from casework.models import Step
from casework.services import UnableToAct
from proposals import services
from proposals.models import (
    Attachment,
    ExtensionRequest,
    HandlingRules,
    OutcomeCategory,
    Proposal,
    Reply,
)
from tests import factories as make
from tests.factories import at
from tests.proposals.files import pdf
from tests.proposals.handing import acknowledged, given, joined, said, waiting
from tests.proposals.replying import TODAY, page, ready, reply_as, send, talked, typed
from tests.world import World


@pytest.fixture(autouse=True)
def disk(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def day() -> Iterator[None]:
    with travel(TODAY):
        yield


def needs(row: Proposal, *codes: str) -> None:
    Step.objects.filter(procedure=row.procedure, code="reply").update(required=list(codes))


def test_reply_keeps_all_that_was_said(world: World) -> None:
    row = ready(world)
    answer = send(world.unit_user, "reply", row, **typed(world, row, disclosure="none", not_public_reason="涉密"))
    assert answer.status_code == 302
    kept = Reply.objects.values_list(
        "document_no", "disclosure", "not_public_reason", "signed_by", "contact_name", "contact_phone", "body"
    ).get()
    assert kept == ("云教〔2026〕7号", "none", "涉密", "孙局长", "孙丽", "0574-12345678", "已增加班次。")
    assert Proposal.objects.get(pk=row.pk).step.code == "rate"
    # The reason of what is public is nobody's business.
    assert said(row) == "孙丽（县教育局）答复代表，文号云教〔2026〕7号，办理结果：A 已经解决"


def test_double_click_gives_one_reply(world: World) -> None:
    row = ready(world)
    form = typed(world, row)
    assert [send(world.unit_user, "reply", row, **form).status_code for _ in range(2)] == [302, 302]
    assert Reply.objects.count() == 1


def test_colleague_who_comes_second_keeps_the_text(world: World) -> None:
    row = ready(world)
    colleague = make.UserFactory(name="钱进", role="unit", role__congress=world.congress, role__unit=world.education)
    assert send(world.unit_user, "reply", row, **typed(world, row)).status_code == 302
    answer = send(colleague, "reply", row, **typed(world, row, body="写了一个上午的答复。"))
    assert answer.status_code == 409
    assert "孙丽（县教育局）答复代表" in answer.content.decode()
    assert "写了一个上午的答复。" in answer.content.decode()
    assert Reply.objects.count() == 1


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"document_no": "云教2026年7号"}, "应当有一对括号"),
        ({"document_no": "云教〔2024〕7号"}, "与答复日期的年份"),
        ({"replied_on": at(2026, 3, 21).date()}, "不能晚于今天"),
        ({"replied_on": at(2026, 3, 3).date()}, "不能早于交办日期（2026年3月4日）"),
        ({"replied_on": at(2026, 3, 9).date()}, "应当先沟通、后答复"),
        ({"body": " \n "}, "请填写答复内容，或者上传盖章的答复函"),
        ({"body": "字" * 20_001}, "答复内容最多 20000 字，现有 20001 字"),
        ({"disclosure": "none"}, "不公开的，请写明理由"),
        ({"signed_by": "孙" * 61}, "签发人最多 60 字"),
    ],
)
def test_wrong_replies_are_refused_in_words(world: World, how: dict, why: str) -> None:
    row = ready(world)
    with pytest.raises(UnableToAct, match=why):
        reply_as(world.unit_user, row, world, **how)
    assert Reply.objects.count() == 0


@pytest.mark.parametrize(
    ("code", "how", "why"),
    [
        ("document_no", {"document_no": ""}, "请填写答复文号"),
        ("signed_by", {}, "请填写签发人"),
        ("in_person", {}, "请先登记当面答复记录"),
    ],
)
def test_step_that_demands_more_holds_the_reply(world: World, code: str, how: dict, why: str) -> None:
    row = ready(world)
    needs(row, code)
    with pytest.raises(UnableToAct, match=why):
        reply_as(world.unit_user, row, world, **how)


def test_number_is_used_once_by_a_unit_and_names_where(world: World) -> None:
    first, second = ready(world, 1), ready(world, 2)
    reply_as(world.unit_user, first, world)
    with pytest.raises(UnableToAct, match="「云教〔2026〕7号」本单位已经用过，用在第1号 关于第1件事的建议的答复上"):
        reply_as(world.unit_user, second, world, document_no="云教[2026] 7号")
    # What was imported repeats numbers as the offices wrote them.
    Reply.objects.update(is_imported=True)
    reply_as(world.unit_user, second, world)
    assert Reply.objects.count() == 2


def test_request_that_waits_lapses_with_the_reply(world: World) -> None:
    row = ready(world, how={"lead": None, "separate": [world.education, world.police]})
    services.ask_extension(
        proposal_id=row.pk, seen_version=None, user=world.unit_user, now=TODAY,
        wanted_until=at(2026, 6, 30).date(), reason="需要会商。", signed_by="孙局长",
    )  # fmt: skip
    reply_as(world.unit_user, row, world)
    assert ExtensionRequest.objects.get().state == "void"
    assert not row.obligations.open().filter(act="decide-extension").exists()
    assert Proposal.objects.get(pk=row.pk).step.code == "reply"


def test_file_stands_for_the_text(world: World) -> None:
    row = ready(world)
    form = typed(world, row, body="李春梅代表：\n您提出的《关于第1件事的建议》收悉，现答复如下：\n")
    answer = send(world.unit_user, "reply", row, **form)
    assert answer.status_code == 422
    assert "请填写答复内容，或者上传盖章的答复函" in answer.content.decode()
    wrong = SimpleUploadedFile("答复函.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    answer = send(world.unit_user, "reply", row, **form, file=wrong)
    assert answer.status_code == 422
    assert "没有保存「答复函.doc」" in answer.content.decode()
    # A file is kept though something else is wrong, and need not be chosen again.
    signed = SimpleUploadedFile("云教7号.pdf", pdf())
    answer = send(world.unit_user, "reply", row, **(form | {"document_no": "7"}), file=signed)
    assert (answer.status_code, Attachment.objects.get().kind) == (422, "reply")
    assert "云教7号.pdf" in answer.content.decode()
    assert send(world.unit_user, "reply", row, **form).status_code == 302
    assert Reply.objects.get().body == ""


BAD = {
    "replied_on": ["", "昨天", "2026-03-21", "9999-12-31", "0001-01-01", "2026-02-30", "\0", "9" * 10_000],
    "document_no": ["", "😀", "\0", "云" * 100_000, "云教〔2026〕0号"],
    "outcome": ["", "甲", "99999999999999999999", "\0", "-1"],
    "body": ["", "\0", "字" * 100_000],
    "disclosure": ["", "public", "\0"],
    "signed_by": ["\0", "孙" * 10_000],
    "contact_name": ["\0", "孙" * 10_000],
    "contact_phone": ["\0", "1" * 10_000, "没有", "😀😀"],
    "version": ["", "甲", "-1", "9" * 30],
}


def test_whatever_is_typed_is_answered_in_words_and_kept(world: World) -> None:
    row = ready(world)
    foreign = OutcomeCategory.objects.create(
        term=make.TermFactory(congress=world.foreign_congress), code="A", name="外县", definition=""
    )
    tries = [(name, value) for name, values in BAD.items() for value in values]
    tries += [("outcome", str(foreign.pk)), ("outcome", ["1", "2"]), ("document_no", ["甲", "乙"])]
    for name, value in tries:
        fields = typed(world, row, **({"body": "写了一个上午。"} | {name: value}))
        answer = send(world.unit_user, "reply", row, **fields)
        assert answer.status_code in (409, 422), (name, value)
        assert name == "body" or "写了一个上午。" in answer.content.decode(), (name, value)
    answer = send(world.unit_user, "reply", row)
    assert answer.status_code == 422
    assert Reply.objects.count() == 0


def test_page_shows_what_lies_beside_the_reply(world: World) -> None:
    main = waiting(world)
    other = joined(world, main)
    given(world, main, assisting=[world.police, world.transport])
    acknowledged(main, world.unit_user, world.police_user)
    talked(main, world.unit_user, phase="before")
    services.give_opinion(proposal_id=main.pk, seen_version=None, user=world.police_user, now=TODAY, body="建议限速。")
    shown = page(world.unit_user, "reply", main)
    for words in (
        "校车超载，建议加密班次。", "办理前对接", "上门听取意见。", "建议限速。",
        "还没有收到协办意见：县交通运输局（期限2026年4月15日）", "2026年6月4日：自2026年3月4日起3个月",
        f"第{other.number}号 {other.title}", "待本单位答复", "A 已经解决：所提问题已经解决或者基本解决",
        "李春梅代表：", "仅公开标题",
    ):  # fmt: skip
        assert words in shown, words
    assert "县公安局（期限" not in shown


@pytest.mark.parametrize(
    ("manner", "salutation"),
    [("each", "李春梅、阿卜杜拉·买买提代表："), ("lead", "李春梅等2名代表：")],
)
def test_salutation_follows_the_rules_of_the_term(world: World, manner: str, salutation: str) -> None:
    row = ready(world)
    row.cosignatures.create(seat=world.other_seat, state="accepted", answered_at=TODAY)
    HandlingRules.objects.filter(pk=row.rules_id).update(cosigner_reply=manner)
    shown = page(world.unit_user, "reply", row)
    assert f"{salutation}\n    你们提出的《关于第1件事的建议》收悉，现答复如下：" in shown


def test_preview_is_the_letter_and_keeps_nothing(world: World) -> None:
    row = ready(world)
    form = typed(world, row, body="李春梅代表：\n您提出的《关于第1件事的建议》收悉，现答复如下：\n已增加班次。")
    answer = send(world.unit_user, "reply-preview", row, **form)
    assert answer.status_code == 200
    lines = [p.text for p in Document(io.BytesIO(answer.content)).paragraphs]
    assert lines.count("李春梅代表：") == 1
    assert "云教〔2026〕7号" in lines
    assert "已增加班次。" in lines
    assert send(world.unit_user, "reply-preview", row, version=row.version).status_code == 200
    answer = send(world.unit_user, "reply-preview", row, **(form | {"replied_on": "昨天"}))
    assert answer.status_code == 422
    assert "还不能预览" in answer.content.decode()
    assert "已增加班次。" in answer.content.decode()
    statuses = [
        send(user, "reply-preview", row, **form).status_code
        for user in (world.police_user, world.staff, world.deputy, world.stranger)
    ]
    assert statuses == [404, 409, 409, 404]
    assert Reply.objects.count() == 0
