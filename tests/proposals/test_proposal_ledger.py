"""A proposal is entered once: the ledger of its deputies follows it."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps

from duties.models import DutyRecord
from proposals import services
from proposals.models import Cosignature
from tests.factories import at
from tests.forms.support import counts, run
from tests.proposals.test_proposal_path import draft, submitted
from tests.world import World

pytestmark = pytest.mark.django_db


def ledger() -> list[tuple]:
    names = ("seat__person__name", "done_on", "type__name", "topic", "suggestions", "source", "source_id")
    return sorted(DutyRecord.objects.values_list(*names))


def test_a_draft_is_no_duty_yet(world: World) -> None:
    draft(world)
    assert ledger() == []


def test_handing_in_writes_one_line_for_each_who_signed(world: World) -> None:
    row = draft(world)
    Cosignature.objects.create(proposal=row, seat=world.other_seat)
    services.submit(proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=at(2026, 3, 2))
    title, day = "关于加强校车安全管理的建议", dt.date(2026, 3, 2)
    assert ledger() == sorted(
        [
            (world.seat.person.name, day, "提出议案建议", title, 1, "proposal", row.pk),
            (world.other_seat.person.name, day, "附议议案建议", title, 0, "proposal", row.pk),
        ]
    )


def test_a_revision_corrects_the_line_instead_of_adding_one(world: World) -> None:
    row = submitted(world)
    row = services.review(
        proposal_id=row.pk,
        seen_version=None,
        user=world.staff,
        now=at(2026, 3, 3),
        outcome_code="return",
        reason="请补充",
    )
    services.update_draft(
        proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=at(2026, 3, 4), title="关于校车的建议"
    )
    services.submit(proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 5))
    assert ledger() == [
        (world.seat.person.name, dt.date(2026, 3, 2), "提出议案建议", "关于校车的建议", 1, "proposal", row.pk)
    ]


def test_an_imported_list_writes_lines_and_its_correction_corrects_them(world: World) -> None:
    row = {
        "标题": "关于修路的建议",
        "提出日期": "2026-02-01",
        "编号": "7",
        "领衔代表": world.seat.person.name,
        "附议代表": world.other_seat.person.name,
    }
    assert counts(run("proposals", row, congress=world.congress)) == "新增 1、更新 0、未变 0"
    first = [(line[0], line[2], line[3]) for line in ledger()]
    assert first == sorted(
        [
            (world.seat.person.name, "提出议案建议", "关于修路的建议"),
            (world.other_seat.person.name, "附议议案建议", "关于修路的建议"),
        ]
    )
    assert counts(run("proposals", row, congress=world.congress)) == "新增 0、更新 0、未变 1"
    assert DutyRecord.objects.count() == 2
    swapped = row | {"领衔代表": world.other_seat.person.name, "附议代表": world.seat.person.name}
    assert counts(run("proposals", swapped, congress=world.congress)) == "新增 0、更新 1、未变 0"
    assert [(line[0], line[2]) for line in ledger()] == sorted(
        [(world.other_seat.person.name, "提出议案建议"), (world.seat.person.name, "附议议案建议")]
    )


def test_what_was_submitted_before_there_was_a_ledger_is_in_it_after_the_upgrade(world: World) -> None:
    row = draft(world)
    Cosignature.objects.create(proposal=row, seat=world.other_seat)
    services.submit(proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=at(2026, 3, 2))
    draft(world, title="还是草稿")
    written = ledger()
    DutyRecord.objects.all().delete()
    upgrade = import_module("proposals.migrations.0002_ledger_of_earlier_proposals")
    for _ in range(2):
        upgrade.write_lines(apps, None)
        assert ledger() == written
