"""Signing, handing in, withdrawing and assigning at the same moment.

Each but the first (two rows, which no lock is needed for) fails when ``select_for_update`` is taken out of
``casework.services.lock_case``.
"""

from functools import partial

import pytest
from django.db import transaction

from casework.models import CaseStatus, Event, Obligation
from casework.services import CaseWasChanged
from notices.models import Notice
from proposals import services
from proposals.models import Assignment, Cosignature, Proposal
from proposals.services import signing, withdrawing
from tests.concurrently import beside, somebody_waits, until
from tests.factories import at
from tests.proposals.cosigners import NOW, answer, colleagues, invited, signed_by, states, with_consent
from tests.proposals.test_proposal_path import registered
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


def test_two_accept_at_once(county: World) -> None:
    seats = colleagues(county, 4)
    row = invited(county, *seats)
    results = at_once(*[partial(answer, row, seat.person.user) for seat in seats])
    assert all(isinstance(result, Proposal) for result in results), results
    assert set(states(row).values()) == {"accepted"}
    assert Event.objects.filter(verb="cosign").count() == 4
    assert not Obligation.objects.open().exists()


def test_a_double_click_on_accept_is_one(county: World) -> None:
    row = invited(county, county.other_seat)
    results = at_once(*[partial(answer, row, county.other_deputy)] * 4)
    assert all(isinstance(result, Proposal) for result in results), results
    assert Event.objects.filter(verb="cosign").count() == 1
    assert Notice.objects.filter(recipient=county.deputy).count() == 1


def test_inviting_the_same_deputy_twice_at_once_asks_once(county: World) -> None:
    row = invited(county)
    [seat] = colleagues(county, 1)

    def ask() -> object:
        return signing.invite(
            proposal_id=row.pk, seen_version=row.version, user=county.deputy, now=NOW, seats=[seat.pk]
        )

    results = at_once(ask, ask)
    assert sum(isinstance(result, CaseWasChanged) for result in results) == 1, results
    assert (Cosignature.objects.count(), Event.objects.filter(verb="invite").count()) == (1, 1)


def test_an_answer_that_waits_for_the_handing_in_reads_who_was_first(county: World) -> None:
    row = invited(county, county.other_seat)
    with beside() as start:
        with transaction.atomic():
            services.submit(proposal_id=row.pk, seen_version=None, user=county.deputy, now=NOW)
            answering = start(partial(answer, row, county.other_deputy))
            until(somebody_waits, what="the answer that waits for the lock")
        error = answering.exception(timeout=60)
    assert isinstance(error, CaseWasChanged), error
    assert "李春梅（代表）提交本件" in str(error)
    assert set(states(row).values()) == {"lapsed"}


def test_a_handing_in_that_waits_for_an_answer_counts_it(county: World) -> None:
    row = invited(county, county.other_seat)
    with beside() as start:
        with transaction.atomic():
            answer(row, county.other_deputy)
            submit = partial(services.submit, proposal_id=row.pk, seen_version=row.version, user=county.deputy, now=NOW)
            submitting = start(submit)
            until(somebody_waits, what="the handing in that waits for the lock")
        submitted = submitting.result(timeout=60)
    assert (submitted.receipt_no, set(states(row).values())) == (1, {"accepted"})


def test_the_last_two_consents_at_once_close_it(county: World) -> None:
    with_consent(county)
    seats = colleagues(county, 3)
    row = signed_by(county, *seats)
    services.submit(proposal_id=row.pk, seen_version=None, user=county.deputy, now=NOW)
    withdrawing.withdraw(proposal_id=row.pk, seen_version=None, user=county.deputy, now=NOW, reason="不提了。")
    agree = partial(withdrawing.answer_withdrawal, proposal_id=row.pk, now=NOW, agrees=True)
    results = at_once(*[partial(agree, user=seat.person.user) for seat in seats])
    assert all(isinstance(result, Proposal) for result in results), results
    assert Proposal.objects.get().closed_as == "withdrawn"


def test_withdrawing_while_it_is_assigned(county: World) -> None:
    for first in ("withdraw", "assign"):
        row = registered(county)
        acts = {
            "withdraw": partial(
                withdrawing.withdraw,
                proposal_id=row.pk,
                seen_version=row.version,
                user=county.deputy,
                now=at(2026, 3, 5),
                reason="不提了。",
            ),
            "assign": partial(
                services.assign,
                proposal_id=row.pk,
                seen_version=row.version,
                user=county.staff,
                now=at(2026, 3, 5),
                lead=county.education,
            ),
        }
        winner, loser = acts.pop(first), next(iter(acts.values()))
        with beside() as start:
            with transaction.atomic():
                winner()
                losing = start(loser)
                until(somebody_waits, what=f"who comes after the {first}")
            error = losing.exception(timeout=60)
        assert isinstance(error, CaseWasChanged), error
        row = Proposal.objects.get(pk=row.pk)
        if first == "withdraw":
            assert "李春梅（代表）撤回本件" in str(error)
            assert (row.status, Assignment.objects.count()) == (CaseStatus.CLOSED, 0)
        else:
            assert "张志强（代表工委）将本件交办给县教育局" in str(error)
            assert (row.step.code, row.withdrawals.count()) == ("reply", 0)
