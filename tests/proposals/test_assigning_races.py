"""Two at once on one item: one wins, the other reads who was first, nothing is done twice.

All but the last fail when ``select_for_update`` is taken out of ``casework.services.lock_case``; the last one when it
is taken out of ``casework.moving``.
"""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from casework.models import CaseStatus, Obligation
from casework.moving import recompute
from casework.reminding import scan_obligations
from casework.services import CaseWasChanged
from notices.models import Notice
from proposals import services
from proposals.models import Assignment, Proposal, RequestState, ReturnRequest
from proposals.services.withdrawing import withdraw
from tests import factories as make
from tests.concurrently import beside, somebody_waits, until
from tests.factories import at
from tests.proposals.handing import acknowledged, asked_extension, asked_return, given, parts, waiting
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)

JULY = dt.date(2026, 7, 1)


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


def behind(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do the first and keep it uncommitted until the second waits for it; what became of the second."""

    def caught() -> Any:
        try:
            return second()
        except Exception as error:  # noqa: BLE001 - what went wrong is the result
            return error

    with beside() as start:
        with transaction.atomic():
            first()
            other = start(caught)
            until(somebody_waits, what="the second waits for the first")
        return other.result(timeout=60)


def test_two_offices_decide_one_return_at_once(county: World) -> None:
    colleague = make.UserFactory(name="王建国", role="staff", role__congress=county.congress)
    row = given(county, waiting(county))
    key = asked_return(row, county.unit_user)
    seen = Proposal.objects.get(pk=row.pk).version

    def decide(user: object, unit: object) -> object:
        return services.decide_return(
            proposal_id=row.pk,
            seen_version=seen,
            user=user,
            now=at(2026, 3, 9),
            request_id=key,
            agreed=True,
            unit=unit,
        )

    results = at_once(partial(decide, county.staff, county.police), partial(decide, colleague, county.transport))
    refused = [result for result in results if isinstance(result, CaseWasChanged)]
    assert len(refused) == 1, results
    assert "同意县教育局退办" in str(refused[0])
    assert Assignment.objects.in_force().count() == 1
    assert row.events.filter(verb="decide-return").count() == 1


def test_return_is_asked_while_the_office_reassigns(county: World) -> None:
    row = given(county, waiting(county))
    part = Assignment.objects.get()
    seen = Proposal.objects.get(pk=row.pk).version
    result = behind(
        lambda: services.reassign(
            proposal_id=row.pk,
            seen_version=seen,
            user=county.staff,
            now=at(2026, 3, 6),
            part_id=part.pk,
            unit=county.police,
            reason="职责已经调整。",
        ),
        lambda: services.ask_return(
            proposal_id=row.pk,
            seen_version=seen,
            user=county.unit_user,
            now=at(2026, 3, 6),
            reason="不属于本局职责。",
            signed_by="王局长",
        ),
    )
    assert isinstance(result, CaseWasChanged), result
    assert "将县教育局的主办任务改由县公安局承办" in str(result)
    assert not ReturnRequest.objects.filter(state=RequestState.WAITING).exists()
    assert not Obligation.objects.open().filter(act="decide-return").exists()


def test_item_is_assigned_while_the_deputy_withdraws_it(county: World) -> None:
    row = waiting(county)
    result = behind(
        lambda: withdraw(
            proposal_id=row.pk, seen_version=row.version, user=county.deputy, now=at(2026, 3, 4), reason="已经解决。"
        ),
        lambda: given(county, row),
    )
    assert "本件当前不能办理这一步" in str(result)
    row = Proposal.objects.get(pk=row.pk)
    assert (row.status, row.closed_as, row.rounds.count()) == (CaseStatus.CLOSED, "withdrawn", 0)
    assert not row.obligations.open().exists()


def test_two_clicks_on_one_extension_grant_it_once(county: World) -> None:
    row, key, _ = _extension(county)
    results = at_once(partial(_grant, county, row, key), partial(_grant, county, row, key))
    assert sum(isinstance(result, CaseWasChanged) for result in results) == 1, results
    assert row.events.filter(verb="decide-extension").count() == 1
    assert row.obligations.get(act="reply").due_basis.count("同意延期至") == 1


def _extension(county: World) -> tuple[Proposal, int, Obligation]:
    row = given(county, waiting(county))
    acknowledged(row, county.unit_user)
    key = asked_extension(row, county.unit_user, JULY, now=at(2026, 6, 4))
    return Proposal.objects.get(pk=row.pk), key, row.obligations.get(act="reply")


def _grant(county: World, row: Proposal, key: int) -> object:
    return services.decide_extension(
        proposal_id=row.pk,
        seen_version=row.version,
        user=county.staff,
        now=at(2026, 6, 9),
        request_id=key,
        agreed=True,
        granted_until=JULY,
    )


def test_extension_is_granted_while_the_overdue_scan_runs(county: World) -> None:
    row, key, owes = _extension(county)
    with beside() as start, transaction.atomic():
        _grant(county, row, key)
        # The scan neither waits for the office nor fails: it tells what held when it began.
        assert start(partial(scan_obligations, now=at(2026, 6, 9))).result(timeout=60)["overdue"] == 3
    late = Notice.objects.filter(rule__startswith="overdue", object_key=f"obligation:{owes.pk}")
    assert [str(notice.due_on) for notice in late] == ["2026-06-04"]
    scan_obligations(now=at(2026, 6, 10))
    assert late.count() == 1
    assert parts(row) == [("县教育局", "lead", "", "2026-07-01")]


def test_extension_is_granted_while_the_calendar_moves(county: World) -> None:
    row, key, owes = _extension(county)
    # What the calendar would correct, had the office not set the date meanwhile.
    Obligation.objects.filter(pk=owes.pk).update(due_on=dt.date(2026, 6, 3))
    behind(lambda: _grant(county, row, key), partial(recompute, now=at(2026, 6, 9), years=None, why="节假日有调整"))
    owes.refresh_from_db()
    assert (str(owes.due_on), owes.rule) == ("2026-07-01", "")
    assert parts(row) == [("县教育局", "lead", "", "2026-07-01")]
