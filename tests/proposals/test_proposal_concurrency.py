"""Two people at once: one wins, the other is told; no number twice, no form lost.

Each of these fails when its lock is taken out: ``select_for_update`` in ``casework.services.lock_case``, in
``bodies.services.next_number`` and in ``proposals.services.submitting.create_draft``.
"""

import uuid
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from casework.models import StepRun
from casework.services import CaseWasChanged
from proposals import services
from proposals.models import Assignment, HandlingRound, Proposal
from tests import factories as make
from tests.factories import at
from tests.proposals.test_proposal_path import NOW, answered, draft, registered
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


def test_two_staff_assign_at_once(county: World) -> None:
    row = registered(county)
    colleague = make.UserFactory(name="王建国", role="staff", role__congress=county.congress)

    def assign(user: object, unit: object) -> object:
        return services.assign(proposal_id=row.pk, seen_version=row.version, user=user, now=at(2026, 3, 5), lead=unit)

    results = at_once(partial(assign, county.staff, county.education), partial(assign, colleague, county.police))
    refused = [result for result in results if isinstance(result, CaseWasChanged)]
    assert len(refused) == 1, results
    assert "将本件交办给" in str(refused[0])
    assert (Assignment.objects.count(), HandlingRound.objects.count()) == (1, 1)
    assert StepRun.objects.filter(case=row, left_at__isnull=True).count() == 1


def test_numbers_are_never_given_twice(county: World) -> None:
    seats = [county.seat, county.other_seat]
    for _ in range(6):
        user = make.UserFactory(role="deputy", role__congress=county.congress)
        seats.append(make.SeatFactory(term=county.term, delegation=county.seat.delegation, person__user=user))
    rows = [
        services.create_draft(
            user=seat.person.user, request_key=uuid.uuid4(), now=NOW, title="关于同时提交的建议", body="正文"
        )
        for seat in seats * 4
    ]

    def submit_all(seat: object) -> None:
        for row in rows:
            if row.lead_id == seat.pk:
                services.submit(proposal_id=row.pk, seen_version=row.version, user=seat.person.user, now=NOW)

    results = at_once(*[partial(submit_all, seat) for seat in seats])
    assert results == [None] * 8
    assert sorted(Proposal.objects.values_list("receipt_no", flat=True)) == list(range(1, 33))


def test_double_click_on_an_empty_form_makes_one_draft(county: World) -> None:
    key = uuid.uuid4()

    def create() -> int:
        return services.create_draft(user=county.deputy, request_key=key, now=NOW, title="甲", body="乙").pk

    results = at_once(create, create, create)
    assert len(set(results)) == 1, results
    assert Proposal.objects.count() == 1


def test_double_click_on_submit_takes_one_number(county: World) -> None:
    row = draft(county)

    def click() -> int:
        client = Client()
        client.force_login(county.deputy)
        typed = {"title": row.title, "body": row.body, "form": row.form, "disclosure": row.disclosure}
        data = typed | {"version": row.version, "self_checked": "on"}
        return client.post(reverse("proposals:edit", args=[row.pk]), data).status_code

    assert at_once(click, click) == [302, 302]
    row = Proposal.objects.get()
    assert (row.receipt_no, row.events.filter(verb="submit").count()) == (1, 1)


def test_rating_twice_at_once_opens_one_round(county: World) -> None:
    row = answered(county)

    def rate() -> object:
        return services.rate(
            proposal_id=row.pk,
            seen_version=row.version,
            user=county.deputy,
            now=at(2026, 3, 25),
            attitude="satisfied",
            result="dissatisfied",
            opinion="没有解决。",
        )

    results = at_once(rate, rate)
    assert sum(isinstance(result, CaseWasChanged) for result in results) == 1, results
    assert HandlingRound.objects.count() == 2


def test_double_click_on_a_new_suggestion_hands_one_in_and_answers_both(county: World) -> None:
    key = str(uuid.uuid4())
    typed = {"title": "关于校车的建议", "body": "校车超载。", "form": "suggestion", "disclosure": "full"}

    def click() -> tuple[int, str]:
        client = Client()
        client.force_login(county.deputy)
        data = typed | {"request_key": key, "self_checked": "on", "submit": "1"}
        answer = client.post(reverse("proposals:new"), data)
        return answer.status_code, answer.headers.get("Location", "")

    results = at_once(click, click, click)
    row = Proposal.objects.get()
    assert results == [(302, row.get_absolute_url())] * 3
    assert (row.receipt_no, row.events.filter(verb="submit").count()) == (1, 1)
