"""Reviewers at the same moment: one wins, the other is told; no deadlock, nothing left hanging between two items.

Each of these fails when its lock is taken out: ``select_for_update`` in ``casework.services.lock_case``, the order of
keys in ``proposals.services.merging.lock_with_main``.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from casework.models import StepRun
from casework.services import CaseWasChanged, UnableToAct
from proposals import services
from proposals.models import GateCheck, Proposal
from proposals.services.withdrawing import withdraw
from tests import factories as make
from tests.concurrently import beside, somebody_waits, until
from tests.factories import at
from tests.proposals.reviewed import TODAY, decide, fresh, run_by, to_final_review
from tests.proposals.test_proposal_path import registered, submitted
from tests.proposals.test_reviewing_steps import MET
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


def colleague_of(county: World) -> object:
    return make.UserFactory(name="王建国", role="staff", role__congress=county.congress)


def review(row: Proposal, user: object, outcome: str = "pass", **given: object) -> Proposal:
    return services.review(
        proposal_id=row.pk, seen_version=row.version, user=user, now=TODAY, outcome_code=outcome, **given
    )


def parted(results: list) -> tuple[list, list]:
    """Return what went through and what was refused in words; anything else fails."""
    refused = [result for result in results if isinstance(result, UnableToAct)]
    done = [result for result in results if isinstance(result, Proposal)]
    assert len(refused) + len(done) == len(results), results
    return done, refused


def test_two_reviewers_one_wins_and_the_other_reads_who(county: World) -> None:
    row, colleague = submitted(county), colleague_of(county)
    done, refused = parted(
        at_once(
            partial(review, row, county.staff),
            partial(review, row, colleague, "not_registered", not_registered_reason="empty"),
        )
    )
    assert (len(done), len(refused)) == (1, 1)
    assert isinstance(refused[0], CaseWasChanged)
    assert "张志强（代表工委）审查通过" in str(refused[0]) or "王建国（代表工委）不予立案" in str(refused[0])
    assert row.events.filter(verb="review").count() == 1
    assert StepRun.objects.filter(case=row).count() == (3 if fresh(row).step else 2)


def test_many_registered_at_once_take_different_numbers(county: World) -> None:
    rows = [submitted(county, title=f"第{n}件") for n in range(8)]
    done, refused = parted(at_once(*[partial(review, row, county.staff) for row in rows]))
    assert (sorted(row.number for row in done), refused) == (list(range(1, 9)), [])


@pytest.mark.parametrize("swap", [False, True])
def test_two_merges_that_cross_do_not_wait_for_each_other(county: World, swap: bool) -> None:
    """Both are registered and wait for a decision, so that either could join the other."""
    one, other = registered(county, title="甲"), registered(county, title="乙")
    step = one.procedure.steps.get(code="assign")
    step.act, step.actor_role = "decide", "staff"
    step.save()
    step.outcomes.create(code="merge", label="并案", goes_to=one.procedure.steps.get(code="reply"))
    StepRun.objects.filter(left_at=None).update(step=step)
    pair = [(one, other), (other, one)]
    jobs = [partial(review, a, county.staff, "merge", merge_into=b) for a, b in (pair[::-1] if swap else pair)]
    done, refused = parted(at_once(*jobs))
    assert (len(done), len(refused)) == (1, 1)
    assert "已经并入别的建议" in str(refused[0]) or "已有别的建议并入本件" in str(refused[0])
    assert Proposal.objects.filter(merged_into__isnull=False).count() == 1


def one_while_the_other_waits(first: Callable[[], Any], second: Callable[[], Any]) -> list:
    """Do the first and, before it is committed, the second, which must wait; return both results."""
    with beside() as start:
        with transaction.atomic():
            results = [first()]
            later = start(second)
            until(lambda: somebody_waits() or later.done(), what="the second to wait")
            assert not later.done(), "did not wait"
        error = later.exception(timeout=60)
    return [*results, error or later.result()]


def assignment(county: World, main: Proposal) -> Callable[[], Proposal]:
    return partial(
        services.assign, proposal_id=main.pk, seen_version=main.version, user=county.staff, now=at(2026, 3, 4),
        lead=county.education,
    )  # fmt: skip


@pytest.mark.parametrize("joins_first", [False, True])
def test_assigned_while_another_joins_it_takes_it_along(county: World, joins_first: bool) -> None:
    """Whoever comes first, the item that joins is with the units in the end."""
    main, row = registered(county, title="主件"), submitted(county, title="从件")
    jobs = [assignment(county, main), partial(review, row, county.staff, "merge", merge_into=main)]
    done, _ = parted(one_while_the_other_waits(*(jobs[::-1] if joins_first else jobs)))
    assert len(done) == 2
    assert (fresh(row).step.code, fresh(row).merged_into) == ("reply", main)


@pytest.mark.parametrize("council_first", [False, True])
def test_council_decides_while_the_main_item_is_assigned(county: World, council_first: bool) -> None:
    """What was merged in an earlier step names no main item when it is decided on: that one is locked all the same."""
    run_by(county, "dongkou351")
    main = decide(county.staff, to_final_review(county, "主件"), **MET)
    row = decide(county.township_user, submitted(county, title="从件"))
    row = decide(county.staff, row, "merge", category=county.category, merge_into=main)
    jobs = [assignment(county, main), partial(review, row, county.staff, **MET)]
    done, _ = parted(one_while_the_other_waits(*(jobs[::-1] if council_first else jobs)))
    assert len(done) == 2
    assert fresh(row).step.code == "lead"


@pytest.mark.parametrize("joins_first", [False, True])
def test_merging_into_an_item_that_is_withdrawn_at_that_moment(county: World, joins_first: bool) -> None:
    main, row = registered(county, title="主件"), submitted(county, title="从件")
    gone = partial(
        withdraw, proposal_id=main.pk, seen_version=main.version, user=county.deputy, now=TODAY, reason="已经解决"
    )
    jobs = [gone, partial(review, row, county.staff, "merge", merge_into=main)]
    done, refused = parted(one_while_the_other_waits(*(jobs[::-1] if joins_first else jobs)))
    row = fresh(row)
    assert (fresh(main).closed_as, row.merged_into) == ("withdrawn", None)
    if joins_first:
        assert (row.step.code, row.review_result, len(done)) == ("assign", "registered", 2)
    else:
        assert row.step.code == "review"
        assert "已经办结，不能并入" in str(refused[0])
    assert row.obligations.open().count() == 1


def test_same_gate_from_two_people_at_once_is_one(county: World) -> None:
    row = submitted(county)

    def gate(user: object) -> Proposal:
        return services.pass_gates(proposal_id=row.pk, seen_version=None, user=user, now=TODAY, gates=["quality"])

    done, refused = parted(at_once(partial(gate, county.staff), partial(gate, county.township_user)))
    assert (len(done), len(refused)) == (1, 1)
    assert "不用再登记" in str(refused[0])
    assert GateCheck.objects.count() == 1
