"""The small papers: what stands in their cells, room to sign, and who may read them."""

import datetime as dt
import io

import pytest
from django.http import Http404
from django.test import RequestFactory
from docx import Document

from proposals.models import (
    Assignment,
    Cosignature,
    ExtensionRequest,
    HandlingRound,
    InPersonReply,
    Reply,
    ReturnRequest,
)
from proposals.papers.forms import About, extension_request, feedback_form, in_person_record, return_request
from proposals.views import papers
from tests.factories import at
from tests.proposals.rows import write_proposals
from tests.world import World

DAY = dt.date(2026, 3, 20)


@pytest.fixture
def task(world: World) -> Assignment:
    row = write_proposals(world, [{"title": "关于加强校车安全管理的建议", "number": 7, "disclosure": "full"}])[0]
    round_ = HandlingRound.objects.create(proposal=row, number=1, opened_at=at(2026, 3, 4))
    Assignment.objects.create(round=round_, unit=world.police, role="assist", assigned_on=dt.date(2026, 3, 4))
    return Assignment.objects.create(round=round_, unit=world.education, role="lead", assigned_on=dt.date(2026, 3, 4))


def cells(content: bytes) -> dict[str, str]:
    """Label and what stands beside it; a cell over two rows is joined."""
    (table,) = Document(io.BytesIO(content)).tables
    found: dict[str, str] = {}
    for row in table.rows:
        texts = list({id(cell._tc): cell.text for cell in row.cells}.values())
        for label, value in zip(texts[::2], texts[1::2], strict=True):
            found[label] = f"{found[label]}\n{value}" if label in found else value
    return found


def read(view: object, user: object, *args: int) -> dict[str, str]:
    request = RequestFactory().get("/")
    request.user = user
    return cells(view(request, *args).content)


def refused(view: object, user: object, *args: int) -> bool:
    request = RequestFactory().get("/")
    request.user = user
    try:
        view(request, *args)
    except Http404:
        return True
    return False


def of(task: Assignment) -> int:
    return task.round.proposal_id


HEAD = {
    "建议编号": "第7号",
    "领衔代表": "李春梅",
    "标题": "关于加强校车安全管理的建议",
    "承办单位": "县教育局",
}
SIGNATURE = "签名：＿＿＿＿＿＿　\n　　　　年　　月　　日"


def test_feedback_form(world: World, task: Assignment) -> None:
    Cosignature.objects.create(proposal=task.round.proposal, seat=world.other_seat)
    reply = Reply.objects.create(
        assignment=task,
        unit=world.education,
        replied_on=DAY,
        document_no="云教〔2026〕7号",
        recorded_at=at(2026, 3, 20),
    )
    assert read(papers.feedback_paper, world.deputy, of(task), reply.pk) == HEAD | {
        "联名代表": "阿卜杜拉·买买提",
        "答复文号": "云教〔2026〕7号",
        "答复日期": "2026年3月20日",
        "联系沟通": "□召开座谈会　□上门征求意见　□电话联系\n□其他　□没有联系",
        "对办理态度": "□满意　　□基本满意　　□不满意",
        "对办理结果": "□满意　　□基本满意　　□不满意",
        "具体意见": f"\n{SIGNATURE}",
    }
    assert refused(papers.feedback_paper, world.stranger, of(task), reply.pk)


def test_in_person_record(world: World, task: Assignment) -> None:
    record = InPersonReply.objects.create(
        assignment=task, held_on=DAY, place="代表联络站", unit_people="王建国", deputies="李春梅", minutes="一、\n二、",
        recorded_at=at(2026, 3, 20), recorded_by=world.unit_user,
    )  # fmt: skip
    assert read(papers.in_person_paper, world.unit_user, of(task), record.pk) == HEAD | {
        "面复时间": "2026年3月20日",
        "面复地点": "代表联络站",
        "参加代表": "李春梅",
        "承办单位\n参加人": "王建国",
        "面复情况": "一、\n二、",
        "代表意见": f"\n{SIGNATURE}",
    }
    # The proposal is public in full, what was said at the meeting is not.
    assert refused(papers.in_person_paper, world.other_deputy, of(task), record.pk)
    assert not refused(papers.in_person_paper, world.deputy, of(task), record.pk)


def test_return_request(world: World, task: Assignment) -> None:
    row = ReturnRequest.objects.create(
        assignment=task, reason="不属于本局职责。", signed_by="王建国", requested_at=at(2026, 3, 20),
        requested_by=world.unit_user, suggested_unit=world.transport,
    )  # fmt: skip
    expected = HEAD | {
        "交办日期": "2026年3月4日",
        "建议改办\n单位": "县交通运输局",
        "退办理由": "不属于本局职责。\n主要负责人：王建国（公章）\n2026年3月20日",
        "审批意见": f"\n{SIGNATURE}",
    }
    assert read(papers.return_paper, world.unit_user, of(task), row.pk) == expected
    row.state, row.decided_at, row.decision_note = "refused", at(2026, 3, 23), "属于主办职责。"
    row.save()
    decided = read(papers.return_paper, world.staff, of(task), row.pk)
    assert decided["审批意见"] == "不同意。\n属于主办职责。\n2026年3月23日"


def test_extension_request(world: World, task: Assignment) -> None:
    row = ExtensionRequest.objects.create(
        assignment=task, reason="涉及面广。", requested_at=at(2026, 5, 20), requested_by=world.unit_user,
        due_before=dt.date(2026, 6, 4), wanted_until=dt.date(2026, 9, 4), granted_until=dt.date(2026, 8, 4),
        state="granted", decided_at=at(2026, 5, 21),
    )  # fmt: skip
    assert read(papers.extension_paper, world.gov_office, of(task), row.pk) == HEAD | {
        "答复期限": "2026年6月4日",
        "申请延至": "2026年9月4日",
        "延期理由": "涉及面广。\n主要负责人：　　　　　　（公章）\n2026年5月20日",
        "审批意见": "批准延至2026年8月4日。\n同意。\n2026年5月21日",
    }
    for role in ("police_user", "deputy", "other_deputy", "township_user", "stranger"):
        assert refused(papers.extension_paper, getattr(world, role), of(task), row.pk), role
    assert refused(papers.extension_paper, world.staff, 999_999, row.pk)


@pytest.mark.parametrize("text", ["", "\x00\ud800\ufffe", "😀" * 50, "长" * 10_000, "一\n\n\n二", "<w:p/>"])
def test_any_text_gives_a_file_that_opens(text: str) -> None:
    about = About(text, text, text, text, text)
    made = [
        feedback_form(about, document_no=text, replied_on=None, returned_to=text),
        in_person_record(about, held_on=DAY, place=text, unit_people=text, deputies=text, minutes=text),
        return_request(about, assigned_on=None, reason=text, suggested_unit=text, signed_by=text, asked_on=DAY),
        extension_request(
            about, due_before=DAY, wanted_until=DAY, reason=text, signed_by=text, asked_on=DAY, decision=text
        ),
    ]
    for content in made:
        section = Document(io.BytesIO(content)).sections[0]
        assert [round(margin.mm) for margin in (section.top_margin, section.left_margin)] == [37, 28]
