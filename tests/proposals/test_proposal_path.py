"""The five steps through the services, and what each one leaves behind."""

import uuid

import pytest

from casework.models import CaseStatus, Obligation
from casework.services import CaseWasChanged, UnableToAct
from notices.models import Notice
from proposals import services
from proposals.models import Assignment, Contact, Feedback, Proposal, Reply
from tests.factories import at
from tests.world import World

NOW = at(2026, 3, 2)


def draft(world: World, title: str = "关于加强校车安全管理的建议", **fields: object) -> Proposal:
    fields = {"body": "校车超载，建议加密班次。", "disclosure": "full"} | fields
    return services.create_draft(user=world.deputy, request_key=uuid.uuid4(), now=NOW, title=title, **fields)


def submitted(world: World, **fields: object) -> Proposal:
    row = draft(world, **fields)
    return services.submit(proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=NOW)


def registered(world: World, **fields: object) -> Proposal:
    row = submitted(world, **fields)
    return services.review(
        proposal_id=row.pk, seen_version=row.version, user=world.staff, now=at(2026, 3, 3), outcome_code="pass"
    )


def assigned(world: World, **fields: object) -> Proposal:
    row = registered(world, **fields)
    return services.assign(
        proposal_id=row.pk,
        seen_version=row.version,
        user=world.staff,
        now=at(2026, 3, 4),
        lead=world.education,
        assisting=[world.police],
    )


def answered(world: World, outcome: str = "A", **fields: object) -> Proposal:
    row = assigned(world, **fields)
    answer(world, row, outcome=outcome)
    return Proposal.objects.get(pk=row.pk)


def answer(
    world: World, row: Proposal, *, outcome: str = "A", document_no: str = "云教〔2026〕7号", day: int = 20
) -> Reply:
    now = at(2026, 3, day)
    if "acknowledge" in services_abilities(world, row):
        services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=now)
    services.record_contact(
        proposal_id=row.pk,
        seen_version=None,
        user=world.unit_user,
        now=now,
        contacted_on=now.date(),
        way="visit",
        summary="上门听取意见。",
    )
    return services.reply(
        proposal_id=row.pk,
        seen_version=None,
        user=world.unit_user,
        now=now,
        replied_on=now.date(),
        document_no=document_no,
        outcome=world.outcomes[outcome],
        body="您提出的建议收悉，现答复如下。",
    )


def services_abilities(world: World, row: Proposal) -> dict:
    from proposals.abilities import abilities

    return abilities(world.unit_user, Proposal.objects.get(pk=row.pk))


def test_path_from_draft_to_satisfied(world: World) -> None:
    row = answered(world)
    assert (row.status, row.step.code) == (CaseStatus.OPEN, "rate")
    services.rate(
        proposal_id=row.pk,
        seen_version=row.version,
        user=world.deputy,
        now=at(2026, 3, 25),
        attitude="satisfied",
        result="satisfied",
    )
    row = Proposal.objects.get(pk=row.pk)
    assert (row.status, row.closed_as, row.step) == (CaseStatus.CLOSED, "rated", None)
    assert (row.receipt_no, row.number, row.label) == (1, 1, "第1号")
    assert [event.verb for event in row.events.order_by("pk")] == [
        "submit",
        "review",
        "assign",
        "acknowledge",
        "contact",
        "reply",
        "rate",
    ]
    assert not Obligation.objects.open().exists()


def test_reply_deadline_is_three_months_from_assignment(world: World) -> None:
    row = assigned(world)
    owed = row.obligations.get(act="reply")
    assert (str(owed.due_on), owed.owner_unit) == ("2026-06-04", world.education)
    assert owed.due_basis.startswith("自2026年3月4日起3个月，至2026年6月4日")


def test_dissatisfied_opens_a_second_round_and_keeps_the_first(world: World) -> None:
    row = answered(world)
    services.rate(
        proposal_id=row.pk,
        seen_version=row.version,
        user=world.deputy,
        now=at(2026, 3, 25),
        attitude="satisfied",
        result="dissatisfied",
        opinion="没有增加校车。",
    )
    row = Proposal.objects.get(pk=row.pk)
    assert row.step.code == "reply"
    assert [(r.number, r.assignments.count(), r.feedbacks.count()) for r in row.rounds.all()] == [(1, 2, 1), (2, 2, 0)]
    assert str(row.obligations.open().get(act="reply").due_on) == "2026-04-27"
    assert Reply.objects.filter(assignment__round__number=1).count() == 1


def test_dissatisfied_without_opinion_writes_nothing(world: World) -> None:
    row = answered(world)
    events = row.events.count()
    with pytest.raises(UnableToAct, match="请写明具体意见"):
        services.rate(
            proposal_id=row.pk,
            seen_version=row.version,
            user=world.deputy,
            now=at(2026, 3, 25),
            attitude="satisfied",
            result="dissatisfied",
        )
    assert Feedback.objects.count() == 0
    assert row.events.count() == events


def test_reply_without_contact_is_refused_and_says_why(world: World) -> None:
    row = assigned(world)
    services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=at(2026, 3, 5))
    with pytest.raises(UnableToAct, match="请先登记与代表的联系沟通情况"):
        services.reply(
            proposal_id=row.pk,
            seen_version=None,
            user=world.unit_user,
            now=at(2026, 3, 6),
            replied_on=at(2026, 3, 6).date(),
            document_no="",
            outcome=world.outcomes["A"],
            body="答复",
        )
    assert (Reply.objects.count(), Contact.objects.count()) == (0, 0)


def test_stale_page_names_who_was_first(world: World) -> None:
    row = registered(world)
    stale = row.version
    services.assign(proposal_id=row.pk, seen_version=stale, user=world.staff, now=NOW, lead=world.education)
    with pytest.raises(CaseWasChanged, match=r"新的办理情况：.*张志强（代表工委）将本件交办给县教育局（主办）"):
        services.assign(proposal_id=row.pk, seen_version=stale, user=world.staff, now=NOW, lead=world.police)
    assert [a.unit for a in Assignment.objects.all()] == [world.education]


@pytest.mark.django_db(transaction=True)
def test_who_owes_is_told_once() -> None:
    from tests.world import build_world

    world = build_world()
    row = submitted(world)
    told = Notice.objects.filter(rule="new", recipient=world.staff)
    assert [notice.title for notice in told] == [f"请审查：收件1号 {row.title}"]


def test_same_request_key_gives_the_same_draft(world: World) -> None:
    key = uuid.uuid4()
    first = services.create_draft(user=world.deputy, request_key=key, now=NOW, title="甲", body="")
    again = services.create_draft(user=world.deputy, request_key=key, now=NOW, title="甲", body="")
    assert (first.pk, Proposal.objects.count()) == (again.pk, 1)


def test_returned_item_keeps_its_receipt_number(world: World) -> None:
    row = submitted(world)
    row = services.review(
        proposal_id=row.pk,
        seen_version=row.version,
        user=world.staff,
        now=at(2026, 3, 3),
        outcome_code="return",
        reason="请写明具体路段。",
    )
    assert (row.step.code, row.obligations.open().get().owner_user) == ("submit", world.deputy)
    row = services.submit(proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=NOW)
    assert (row.receipt_no, row.step.code) == (1, "review")
