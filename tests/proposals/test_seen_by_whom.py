"""Who reads what passes between the offices, and that whoever is to act sees the item."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from casework import supervision
from casework.models import Obligation, Step
from casework.moving import recompute
from proposals import services
from proposals.abilities import abilities
from proposals.models import Disclosure, Proposal, ReviewResult
from proposals.queries import list_rows, visible_proposal
from proposals.services.attaching import attach, task_of
from proposals.services.requesting import ask_extension
from tests.factories import at
from tests.proposals.files import upload
from tests.proposals.handing import acknowledged, asked_extension, asked_return, given, joined, transport_user, waiting
from tests.proposals.test_proposal_path import assigned, registered
from tests.world import World

pytestmark = pytest.mark.django_db


def page(user: User, row: Proposal) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("proposals:case", args=[row.pk])).content.decode()


def test_government_office_sees_what_waits_for_it_to_assign(world: World) -> None:
    row = registered(world)
    assert not Proposal.objects.visible_to(world.gov_office).exists()
    Step.objects.filter(procedure=row.procedure, code="assign").update(actor_role="gov_office")
    assert "assign" in abilities(world.gov_office, visible_proposal(world.gov_office, row.pk))


def test_deputies_do_not_read_what_units_ask_of_the_offices(world: World) -> None:
    row = assigned(world, disclosure="full")
    now = at(2026, 3, 5)
    services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=now)
    ask_extension(
        proposal_id=row.pk,
        seen_version=None,
        user=world.unit_user,
        now=now,
        wanted_until=dt.date(2026, 7, 1),
        reason="机密：班车招标未完成",
        signed_by="孙局长",
    )
    assert "机密：班车招标未完成" in page(world.staff, row)
    assert "审批延期" in page(world.staff, row)
    for reader in (world.deputy, world.other_deputy):
        assert "县教育局" in page(reader, row)
        assert "机密" not in page(reader, row)
        assert "审批延期" not in page(reader, row)


NOW = at(2026, 3, 5)


def home(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get("/").content.decode()


def handled(world: World) -> Proposal:
    """Led by the education office; the police and the transport office assist it."""
    row = given(world, waiting(world, disclosure=Disclosure.FULL), assisting=[world.police, world.transport])
    acknowledged(row, world.unit_user, world.police_user)
    return row


def test_requests_are_read_by_who_supervises_and_by_who_asks(world: World) -> None:
    """The line, its decision, what is owed and the file: all at one moment, as two units ask."""
    row = handled(world)
    other = transport_user(world)
    mine = asked_extension(row, world.unit_user, dt.date(2026, 6, 20), now=NOW)
    theirs = asked_return(row, world.police_user, now=NOW, reason="警力不足，甲乙丙。")
    seers = {"staff", "leader", "gov_office"}
    readers = [*seers, "unit_user", "police_user", "township_user", "deputy", "other_deputy"]

    def who(*words: str) -> set[str]:
        pages = {name: page(getattr(world, name), row) for name in readers} | {"transport": page(other, row)}
        return {name for name, text in pages.items() if any(word in text for word in words)}

    assert who("需要列入年度计划", "审批延期") == seers | {"unit_user"}
    assert who("甲乙丙", "审批退办") == seers | {"police_user"}
    act = {"proposal_id": row.pk, "seen_version": None, "user": world.staff, "now": at(2026, 3, 6)}
    services.decide_extension(**act, request_id=mine, agreed=False, note="请按期答复。")
    services.decide_return(**act, request_id=theirs, agreed=False, note="请继续协助。")
    assert who("请按期答复") == seers | {"unit_user"}
    assert who("请继续协助") == seers | {"police_user"}


def test_files_of_requests_leave_no_line_for_others(world: World, settings: object, tmp_path: object) -> None:
    settings.MEDIA_ROOT = tmp_path
    row = handled(world)
    for user, kind, name in [
        (world.unit_user, "request", "退办理由.pdf"),
        (world.unit_user, "record", "上传申请附件「甲」.pdf"),
    ]:
        task = task_of(user=user, proposal_id=row.pk)
        attach(proposal_id=row.pk, user=user, now=NOW, upload=upload(name), kind=kind, assignment=task)
    for reader in [world.staff, world.unit_user]:
        assert "上传申请附件「退办理由" in page(reader, row)
    for reader in [world.deputy, world.police_user, world.township_user]:
        assert "退办理由" not in page(reader, row)
        assert "上传当面答复记录「" in page(reader, row)


def test_urges_of_what_passes_between_offices(world: World) -> None:
    row = handled(world)
    asked_return(row, world.police_user, now=NOW)
    verbs = {"decide-return": "审批退办", "opinion": "提出协办意见", "reply": "答复"}
    for act in verbs:
        owed = Obligation.objects.open().filter(case=row.pk, act=act).first()
        supervision.urge(obligation_id=owed.pk, user=world.leader, now=NOW, text=f"催{act}。")
    # What was urged is hidden also once it is settled.
    Obligation.objects.filter(case=row.pk).update(state="done", closed_at=NOW)
    readers = ["staff", "unit_user", "township_user", "deputy"]
    pages = {name: page(getattr(world, name), row) for name in readers}
    assert {name: [act for act in verbs if f"催{act}。" in text] for name, text in pages.items()} == {
        "staff": ["decide-return", "opinion", "reply"],
        "unit_user": ["opinion", "reply"],
        "township_user": ["opinion", "reply"],
        "deputy": ["reply"],
    }


def test_moved_dates_of_what_passes_between_offices(world: World) -> None:
    """A line on several dates keeps those that the reader may know of, with the reason for all."""
    row = handled(world)
    for act in ["opinion", "reply"]:
        wrong = Obligation.objects.open().filter(case=row.pk, act=act)
        wrong.update(due_on=dt.date(2026, 4, 1), rule="15D", rule_source="", rolls=False)
    recompute(now=NOW, years=None, why="2026年节假日安排调整")
    line = row.events.get(verb="recompute").sentence
    assert line.count("提出协办意见期限") == 2
    assert line in page(world.unit_user, row)
    text = page(world.deputy, row)
    assert "2026年节假日安排调整，县教育局" in text
    assert "提出协办意见期限" not in text


def test_a_line_that_moves_only_such_dates_is_not_shown(world: World) -> None:
    row = handled(world)
    Obligation.objects.open().filter(case=row.pk, act="opinion").update(due_on=dt.date(2026, 4, 1), rule="15D")
    recompute(now=NOW, years=None, why="节假日安排调整")
    assert "节假日安排调整" in page(world.unit_user, row)
    assert "节假日安排调整" not in page(world.deputy, row)


def test_home_page_waits_for_nothing_between_others(world: World) -> None:
    row = assigned(world)
    acknowledged(row, world.unit_user, world.police_user, now=at(2026, 3, 5, 10))
    assert "等待县公安局提出协办意见" in home(world.unit_user)
    asked_extension(row, world.unit_user, dt.date(2026, 6, 20), now=at(2026, 3, 5, 11))
    for reader in [world.unit_user, world.gov_office]:
        row.events.model.objects.create(
            case_id=row.pk, at=NOW, actor=reader, actor_label="", verb="look", sentence="看"
        )
        assert "审批延期" in home(reader)
    assert "等待县教育局答复" in home(world.deputy)
    for reader in [world.deputy, world.police_user]:
        assert "审批延期" not in home(reader)
    assert "协办意见" not in home(world.deputy)


def test_merged_items_in_full_are_read_by_all_deputies_once_numbered(world: World) -> None:
    merged = joined(world, waiting(world, lead=world.other_seat))
    Proposal.objects.filter(pk=merged.pk).update(lead=world.seat, disclosure=Disclosure.FULL)
    rows = Proposal.objects.visible_to(world.other_deputy).filter(pk=merged.pk, review_result=ReviewResult.MERGED)
    assert rows.exists()
    Proposal.objects.filter(pk=merged.pk).update(number=None)
    assert not rows.exists()
    Proposal.objects.filter(pk=merged.pk).update(number=2, disclosure=Disclosure.TITLE)
    assert not rows.exists()


def test_lists_show_no_date_of_what_passes_between_others(world: World) -> None:
    row = assigned(world)
    acknowledged(row, world.unit_user, world.police_user, now=at(2026, 3, 5, 10))
    asked_extension(row, world.unit_user, dt.date(2026, 6, 20), now=at(2026, 3, 5, 11))
    Obligation.objects.open().filter(case=row.pk, act="decide-extension").update(due_on=dt.date(2026, 3, 6))
    reply_due = Obligation.objects.open().get(case=row.pk, act="reply").due_on
    shown = {user: list_rows(user).get(pk=row.pk).due_on for user in (world.staff, world.unit_user, world.deputy)}
    assert shown == {world.staff: dt.date(2026, 3, 6), world.unit_user: dt.date(2026, 3, 6), world.deputy: reply_due}
    assert list_rows(world.police_user).get(pk=row.pk).due_on != dt.date(2026, 3, 6)
