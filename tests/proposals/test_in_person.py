"""Replies given face to face."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from time_machine import travel

from casework.models import Step
from casework.services import UnableToAct
from proposals import services
from proposals.models import Attachment, InPersonReply, Proposal
from tests.proposals.files import pdf
from tests.proposals.handing import said
from tests.proposals.replying import TODAY, page, ready, reply_as, send
from tests.world import World


@pytest.fixture(autouse=True)
def disk(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def day() -> Iterator[None]:
    with travel(TODAY):
        yield


def typed(row: Proposal, **fields: object) -> dict:
    return {
        "version": row.version,
        "held_on": "2026-03-19",
        "place": "县教育局二楼会议室",
        "unit_people": "孙局长、孙丽",
        "deputies": "李春梅",
        "minutes": "当面答复，代表表示理解。",
        "is_signed": "on",
    } | fields


def test_record_with_its_scan_opens_the_way_to_the_reply(world: World) -> None:
    row = ready(world)
    Step.objects.filter(procedure=row.procedure, code="reply").update(required=["in_person"])
    with pytest.raises(UnableToAct, match="请先登记当面答复记录，再提交答复"):
        reply_as(world.unit_user, row, world)
    assert 'value="李春梅"' in page(world.unit_user, "in-person", row)
    scan = SimpleUploadedFile("签字.pdf", pdf())
    answer = send(world.unit_user, "in-person", row, **typed(row), file=scan)
    assert answer.status_code == 302
    kept = InPersonReply.objects.get()
    assert (kept.held_on, kept.is_signed, kept.deputies) == (dt.date(2026, 3, 19), True, "李春梅")
    assert Attachment.objects.values_list("kind", "assignment").get() == ("record", kept.assignment_id)
    assert said(row) == (
        "孙丽（县教育局）登记当面答复：2026年3月19日在县教育局二楼会议室当面答复李春梅，代表已在记录上签字"
    )
    assert "当面答复，代表表示理解。" in page(world.unit_user, "reply", row)
    # A second click of the same form writes nothing more.
    assert send(world.unit_user, "in-person", row, **typed(row)).status_code == 302
    assert InPersonReply.objects.count() == 1
    reply_as(world.unit_user, row, world)


def test_after_the_written_reply_too_but_by_nobody_else(world: World) -> None:
    row = ready(world)
    act = {
        "proposal_id": row.pk, "seen_version": None, "now": TODAY, "held_on": TODAY.date(), "place": "镇政府",
        "unit_people": "孙丽", "deputies": "李春梅", "minutes": "已答复。", "is_signed": False,
    }  # fmt: skip
    reply_as(world.unit_user, row, world)
    services.record_in_person(user=world.unit_user, **act)
    for user in (world.staff, world.deputy, world.gov_office):
        with pytest.raises(UnableToAct, match="当前不能办理这一步"):
            services.record_in_person(user=user, **act)
    with pytest.raises(Proposal.DoesNotExist):
        services.record_in_person(user=world.police_user, **act)


def test_bad_input_is_answered_in_words_and_kept(world: World) -> None:
    row = ready(world)
    bad = {
        "held_on": ["", "昨天", "2026-03-21", "2026-03-03", "0001-01-01", "\0"],
        "place": ["", "\0", "厅" * 10_000],
        "unit_people": ["", "\0", "孙" * 301],
        "deputies": ["", "\0", "李" * 301],
        "minutes": ["", " \n", "\0", "字" * 100_000],
    }
    for name, value in [(name, value) for name, values in bad.items() for value in values]:
        answer = send(world.unit_user, "in-person", row, **typed(row, **{name: value}))
        assert answer.status_code == 422, (name, value)
        assert name == "minutes" or "当面答复，代表表示理解。" in answer.content.decode(), (name, value)
    assert InPersonReply.objects.count() == 0
