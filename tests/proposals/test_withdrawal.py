"""Withdrawal until the reply: at once, or with the consent of everybody who signed; what it does to others."""

import datetime as dt

import pytest
from django.test import Client

from casework.models import CaseStatus, Obligation
from casework.services import CaseWasChanged, UnableToAct
from duties.models import DutyRecord
from notices.models import Notice
from proposals import services
from proposals.models import Consent, Proposal, ReturnRequest, Withdrawal
from proposals.services import withdrawing
from tests import factories as make
from tests.factories import at
from tests.proposals.cosigners import colleagues, signed_by, with_consent
from tests.proposals.test_proposal_pages import as_user, case_url, page
from tests.proposals.test_proposal_path import answered, assigned, draft, registered, submitted
from tests.world import World

LATER = at(2026, 3, 10)


def withdraw(world: World, row: Proposal, **given: object) -> Proposal:
    given = {"user": world.deputy, "reason": "情况已经变化。"} | given
    return withdrawing.withdraw(proposal_id=row.pk, seen_version=None, now=LATER, **given)


def consent(row: Proposal, user: object, *, agrees: bool = True, seat_id: int | None = None) -> Proposal:
    return withdrawing.answer_withdrawal(proposal_id=row.pk, user=user, now=LATER, agrees=agrees, seat_id=seat_id)


def with_signers(world: World, count: int) -> tuple[Proposal, list]:
    with_consent(world)
    seats = colleagues(world, count)
    row = signed_by(world, *seats)
    row = services.submit(proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 2))
    return row, seats


def test_it_closes_at_once_and_everybody_who_had_it_is_told(world: World) -> None:
    row = assigned(world)
    services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=LATER)
    part = row.rounds.get().assignments.get(unit=world.education)
    request = ReturnRequest.objects.create(
        assignment=part, reason="不属本局。", requested_at=LATER, requested_by=world.unit_user
    )
    row = withdraw(world, row)
    assert (row.status, row.closed_as, row.step) == (CaseStatus.CLOSED, "withdrawn", None)
    assert not Obligation.objects.open().exists()
    assert set(row.obligations.filter(act="reply").values_list("state", flat=True)) == {"cancelled"}
    said = "李春梅（代表）撤回本件：情况已经变化。"
    assert row.events.first().sentence == said
    told = Notice.objects.filter(title=f"已撤回：第1号 {row.title}", body=said)
    assert set(told.values_list("recipient__name", flat=True)) == {"孙丽", "周强", "张志强"}
    request.refresh_from_db()
    assert request.state == "void"
    assert (Withdrawal.objects.get().state, row.step_runs.latest("pk").outcome) == (Consent.AGREED, "withdrawn")
    assert DutyRecord.objects.filter(seat=world.seat).count() == 1


def test_from_handing_in_until_the_reply(world: World) -> None:
    for row in (submitted(world), registered(world), assigned(world)):
        assert "撤回" in page(as_user(world.deputy), case_url(row))
        assert withdraw(world, row).closed_as == "withdrawn"
    for row in (draft(world), answered(world)):
        assert as_user(world.deputy).get(case_url(row, "withdraw")).status_code == 409
        with pytest.raises(UnableToAct):
            withdraw(world, row)


def test_staff_enter_what_the_deputy_wrote_on_paper(world: World) -> None:
    row = submitted(world)
    day = row.submitted_on
    for paper_on in (None, day - dt.timedelta(days=1), LATER.date() + dt.timedelta(days=1)):
        with pytest.raises(UnableToAct, match="书面撤回材料"):
            withdraw(world, row, user=world.staff, paper_on=paper_on)
    row = withdraw(world, row, user=world.staff, paper_on=dt.date(2026, 3, 9))
    assert Withdrawal.objects.get().reason == "情况已经变化。（代表书面撤回，2026年3月9日）"
    assert Notice.objects.filter(title__startswith="已撤回").get().recipient == world.deputy


def test_all_who_signed_must_consent(world: World) -> None:
    row, (one, two) = with_signers(world, 2)
    row = withdraw(world, row)
    assert (row.status, row.step.code) == (CaseStatus.OPEN, "review")
    owed = Obligation.objects.open().filter(act="consent")
    assert {o.owner_user for o in owed} == {one.person.user, two.person.user}
    with pytest.raises(UnableToAct, match="正在等待联名代表的意见"):
        withdraw(world, row)
    consent(row, one.person.user)
    assert owed.get().owner_user == two.person.user
    row = consent(row, two.person.user)
    assert (row.closed_as, Withdrawal.objects.get().state) == ("withdrawn", Consent.AGREED)
    assert row.events.first().sentence == "联名代表一致同意，本件撤回：情况已经变化。"
    assert Notice.objects.filter(title__startswith="已撤回", recipient=world.deputy).exists()
    assert consent(row, two.person.user).closed_as == "withdrawn", "a second click"


def test_one_refusal_keeps_it_going_and_it_may_be_asked_again(world: World) -> None:
    row, (one, two) = with_signers(world, 2)
    withdraw(world, row)
    row = consent(row, one.person.user, agrees=False)
    assert (row.status, Withdrawal.objects.get().state) == (CaseStatus.OPEN, Consent.REFUSED)
    assert {o.act for o in Obligation.objects.open()} == {"review"}
    assert row.events.first().sentence == "联名代表没有一致同意，本件不撤回，继续办理"
    assert Notice.objects.get(title__startswith="没有撤回").recipient == world.deputy
    with pytest.raises(UnableToAct):
        consent(row, two.person.user)
    withdraw(world, row)
    for seat in (one, two):
        row = consent(row, seat.person.user)
    assert row.closed_as == "withdrawn"


def test_rules_that_ask_nobody_close_at_once(world: World) -> None:
    row = signed_by(world, world.other_seat)
    row = services.submit(proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 2))
    assert withdraw(world, row).closed_as == "withdrawn"


def test_staff_enter_a_consent_on_paper(world: World) -> None:
    with_consent(world)
    [one] = colleagues(world, 1)
    row = signed_by(world, one)
    row = services.submit(proposal_id=row.pk, seen_version=None, user=world.deputy, now=at(2026, 3, 2))
    silent = make.SeatFactory(term=world.term, delegation=world.seat.delegation, person__name="没账号")
    row.cosignatures.create(seat=silent)
    text = page(as_user(world.deputy), case_url(row, "withdraw"))
    assert "没账号没有登录账号，请将其书面意见交代表工委代录。" in text
    withdraw(world, row)
    assert consent(row, one.person.user).status == CaseStatus.OPEN
    staff = as_user(world.staff)
    assert "代录撤回意见" in page(staff, case_url(row))
    for seat in ("", "x", one.pk, world.seat.pk, "9" * 30):
        assert staff.post(case_url(row, "consent"), {"seat": seat, "answer": "yes", "version": 1}).status_code == 422
    data = {"seat": silent.pk, "answer": "yes", "version": 1}
    assert staff.post(case_url(row, "consent"), data).status_code == 302
    row = Proposal.objects.get(pk=row.pk)
    assert row.closed_as == "withdrawn"
    assert "张志强（代表工委）代录：没账号代表书面表示同意撤回" in row.events.values_list("sentence", flat=True)


def test_what_was_merged_into_it_goes_on_by_itself(world: World) -> None:
    main = registered(world)
    second = submitted(world, title="关于校车的另一件建议")
    services.review(
        proposal_id=second.pk, seen_version=None, user=world.staff, now=LATER, outcome_code="merge", merge_into=main
    )
    withdraw(world, main)
    second = Proposal.objects.get(pk=second.pk)
    assert (second.merged_into, second.review_result, second.step.code) == (None, "registered", "assign")
    assert second.obligations.open().get().act == "assign"
    row = services.assign(proposal_id=second.pk, seen_version=None, user=world.staff, now=LATER, lead=world.education)
    assert row.step.code == "reply"


def test_what_was_merged_and_is_with_the_units_stays_with_them(world: World) -> None:
    main = registered(world)
    second = submitted(world, title="关于校车的另一件建议")
    services.review(
        proposal_id=second.pk, seen_version=None, user=world.staff, now=LATER, outcome_code="merge", merge_into=main
    )
    services.assign(proposal_id=main.pk, seen_version=None, user=world.staff, now=LATER, lead=world.education)
    withdraw(world, main)
    second = Proposal.objects.get(pk=second.pk)
    assert (second.merged_into, second.step.code) == (None, "reply")
    assert second.obligations.open().filter(act="reply").get().owner_unit == world.education


def test_a_merged_item_can_be_withdrawn_alone(world: World) -> None:
    main = registered(world)
    second = submitted(world, title="关于校车的另一件建议")
    services.review(
        proposal_id=second.pk, seen_version=None, user=world.staff, now=LATER, outcome_code="merge", merge_into=main
    )
    assert withdraw(world, second).closed_as == "withdrawn"
    assert Proposal.objects.get(pk=main.pk).step.code == "assign"


def test_who_sees_which_page(world: World) -> None:
    row = assigned(world)
    for user, status in [
        (world.deputy, 200), (world.staff, 200), (world.leader, 409), (world.gov_office, 409), (world.unit_user, 409),
        (world.township_user, 409), (world.other_deputy, 409), (world.stranger, 404),
    ]:  # fmt: skip
        assert as_user(user).get(case_url(row, "withdraw")).status_code == status, user
        assert as_user(user).get(case_url(row, "consent")).status_code in (404, 409), user
    assert Client().get(case_url(row, "withdraw")).status_code == 302


def test_bad_input_is_answered_in_words(world: World) -> None:
    row = submitted(world)
    deputy, staff = as_user(world.deputy), as_user(world.staff)
    for reason in ("", "  ", "长" * 401, "\x00"):
        assert deputy.post(case_url(row, "withdraw"), {"reason": reason, "version": row.version}).status_code == 422
    for version in ("", "x", 10**30, row.version - 1):
        answer = deputy.post(case_url(row, "withdraw"), {"reason": "不提了，保留原话", "version": version})
        assert answer.status_code in (409, 422), version
        assert "不提了，保留原话" in answer.content.decode()
    for day in ("", "x", "2026-02-30", "0001-01-01", "9999-12-31"):
        data = {"reason": "代录", "paper_on": day, "version": row.version}
        assert staff.post(case_url(row, "withdraw"), data).status_code == 422, day
    assert Proposal.objects.get().status == CaseStatus.OPEN


def test_a_second_click_is_one(world: World) -> None:
    row = submitted(world)
    data = {"reason": "不提了。", "version": row.version}
    client = as_user(world.deputy)
    assert [client.post(case_url(row, "withdraw"), data).status_code for _ in range(2)] == [302, 302]
    assert Withdrawal.objects.count() == 1


def test_a_page_of_before_is_told_who_was_first(world: World) -> None:
    row = registered(world)
    services.assign(proposal_id=row.pk, seen_version=row.version, user=world.staff, now=LATER, lead=world.education)
    with pytest.raises(CaseWasChanged, match=r"张志强（代表工委）将本件交办给县教育局"):
        withdrawing.withdraw(
            proposal_id=row.pk, seen_version=row.version, user=world.deputy, now=LATER, reason="不提了。"
        )
