"""Who was somebody until a moment ago: what he sees and can do right after, with the pages of before still open."""

import datetime as dt

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role, User
from deputies.models import Seat
from notices.models import Message
from proposals import services
from proposals.models import Assignment, Oversight, Proposal
from proposals.rules import text_digest
from tests import factories as make
from tests.attacks.conftest import Browser, Realm
from tests.attacks.stages import Stages, stages  # noqa: F401 - a fixture
from tests.attacks.watching import watched

DRAFT = {"title": "离任以后的建议", "form": "suggestion", "body": "正文", "disclosure": "full"}


def leave(seat: Seat) -> None:
    """The deputy moved away: his seat ended yesterday."""
    Seat.objects.filter(pk=seat.pk).update(
        status="ended", ended_on=timezone.localdate() - dt.timedelta(days=1), end_reason="调离本行政区域"
    )


def sent(client: Browser, name: str, row: Proposal | None = None, **data: object) -> HttpResponse:
    """The answer to a POST that must leave nothing behind."""
    address = reverse(f"proposals:{name}", args=[row.pk] if row else [])
    if row:
        data = {"version": row.version} | data
    with watched() as traces:
        answer = client.post(address, data)
    assert not traces, (name, traces)
    return answer


def page(client: Browser, row: Proposal) -> HttpResponse:
    return client.get(reverse("proposals:case", args=[row.pk]))


def test_a_closed_account_is_out_with_its_next_click(realm: Realm) -> None:
    client = realm.client("unit")
    assert page(client, realm.hidden).status_code == 200
    User.objects.filter(pk=realm.world.unit_user.pk).update(is_active=False)
    answers = [page(client, realm.hidden), sent(client, "acknowledge", realm.hidden)]
    for answer in answers:
        assert (answer.status_code, answer["Location"][:16]) == (302, "/accounts/login/")
    assert client.get(reverse("api:proposals-detail", args=[realm.hidden.pk])).status_code == 401


@pytest.mark.parametrize("why", ["seat", "term"])
def test_a_deputy_out_of_office_begins_nothing_and_signs_nothing(stages: Stages, why: str) -> None:  # noqa: F811
    realm, world = stages.realm, stages.realm.world
    deputy, other = stages.client("deputy"), stages.client("other_deputy")
    invited = stages.rows["invited"]
    if why == "seat":
        leave(world.seat)
        leave(world.other_seat)
    else:
        world.term.ends_on = timezone.localdate() - dt.timedelta(days=1)
        world.term.save()
    assert sent(deputy, "new", **DRAFT).status_code == 422
    assert sent(deputy, "new", **DRAFT, save="1").status_code == 422
    assert sent(deputy, "autosave-new", **DRAFT).status_code == 422
    answer = sent(other, "cosign", invited, digest=text_digest(invited), answer="yes")
    assert answer.status_code in (404, 409, 422)
    # What he wrote and handed in he goes on reading, and judges its answer.
    assert page(deputy, realm.draft).status_code == page(deputy, realm.hidden).status_code == 200
    with watched() as traces:
        rated = deputy.post(
            reverse("proposals:rate", args=[stages.rows["replied"].pk]),
            {"version": stages.rows["replied"].version, "attitude": "satisfied", "result": "satisfied"},
        )
    assert (rated.status_code, bool(traces)) == (302, True)


@pytest.mark.parametrize("status", ["ended", "suspended", "moved"])
def test_what_a_deputy_out_of_office_had_begun_is_not_handed_in(realm: Realm, status: str) -> None:
    client, row, world = realm.client("deputy"), realm.draft, realm.world
    if status == "ended":
        leave(world.seat)
    elif status == "suspended":
        Seat.objects.filter(pk=world.seat.pk).update(status="suspended")
    else:
        leave(world.seat)
        Membership.objects.filter(user=world.deputy).update(congress=world.foreign_congress)
    handing_in = {
        "title": row.title,
        "form": "suggestion",
        "body": row.body,
        "disclosure": "full",
        "self_checked": "on",
    }
    answer = sent(client, "edit", row, **handing_in)
    assert answer.status_code == 422
    assert "只有在任代表可以提出建议" in answer.content.decode()
    answer = sent(client, "invite", row, seats=[world.other_seat.pk])
    assert answer.status_code == 422
    with watched() as traces:
        answer = client.post(
            reverse("api:proposal-submit", args=[row.pk]),
            {"version": row.version, "self_checked": True},
            content_type="application/json",
        )
    assert (answer.status_code, bool(traces)) == (409, False)


def test_a_deputy_of_another_county_now_has_left_this_one_behind(realm: Realm) -> None:
    client, world = realm.client("deputy"), realm.world
    assert page(client, realm.hidden).status_code == 200
    Membership.objects.filter(user=world.deputy).update(congress=world.foreign_congress)
    # What he wrote himself he goes on reading, and nothing else; he acts there no more.
    assert page(client, realm.hidden).status_code == page(client, realm.draft).status_code == 200
    Seat.objects.filter(pk=world.seat.pk).update(person=make.PersonFactory(name="接任者"))
    for row in (realm.hidden, realm.disclosed, realm.draft):
        answer = page(client, row)
        assert (answer.status_code, row.title in answer.content.decode()) == (404, False)
    for name in ("edit", "withdraw", "invite"):
        assert sent(client, name, realm.draft, **DRAFT, reason="x").status_code == 404


def test_a_unit_that_was_relieved_reads_on_and_does_nothing_more(realm: Realm) -> None:
    client, row, world = realm.client("unit"), realm.disclosed, realm.world
    services.reassign(
        proposal_id=row.pk, seen_version=None, user=world.staff, now=timezone.now(), unit=world.police, reason="职责调整",
        part_id=Assignment.objects.get(round__proposal=row).pk,
    )  # fmt: skip
    row = Proposal.objects.get(pk=row.pk)
    assert page(client, row).status_code == 200
    replying = {
        "replied_on": "2026-03-20", "document_no": "云教〔2026〕9号", "body": "现答复如下。", "disclosure": "full",
        "outcome": world.outcomes["A"].pk,
    }  # fmt: skip
    for name, data in {
        "acknowledge": {},
        "contact": {"phase": "during", "contacted_on": "2026-03-20", "way": "visit", "summary": "上门。"},
        "reply": replying,
        "reply-preview": replying,
        "return": {"reason": "不属于本局职责。", "signed_by": "王局长"},
        "extend": {"wanted_until": "2027-12-31", "reason": "要列入计划。", "signed_by": "王局长"},
    }.items():
        assert sent(client, name, row, **data).status_code == 409, name


def test_a_hat_that_was_taken_or_changed_does_no_more_than_the_one_that_is_left(realm: Realm) -> None:
    world, row = realm.world, realm.under_review
    staff, unit = realm.client("staff"), realm.client("unit")
    deciding = {"outcome": "pass", "category": world.category.pk}
    Membership.objects.filter(user=world.staff).update(role=Role.LEADER)
    assert sent(staff, "review", row, **deciding).status_code == 409
    Membership.objects.filter(user=world.staff).delete()
    assert sent(staff, "review", row, **deciding).status_code == 404
    Membership.objects.filter(user=world.unit_user).delete()
    assert sent(unit, "acknowledge", realm.hidden).status_code == 404
    for client in (staff, unit):
        # What he was told while he held it stays in his inbox; it leads nowhere any more.
        for address in ("/", "/proposals/"):
            assert "机密不公开件" not in client.get(address).content.decode(), address
        message = Message.objects.filter(
            recipient__in=[world.staff, world.unit_user], url__contains="proposals"
        ).first()
        assert client.get(message.url).status_code == 404


def test_a_committee_whose_oversight_was_lifted_sees_it_no_more(realm: Realm) -> None:
    client, row = realm.client("committee"), realm.disclosed
    assert page(client, row).status_code == 200
    services.lift_oversight(
        proposal_id=row.pk, seen_version=None, user=realm.world.staff, now=timezone.now(), reason="已经办好。",
        oversight_id=Oversight.objects.get(proposal=row).pk,
    )  # fmt: skip
    answer = page(client, row)
    assert (answer.status_code, "公开件" in answer.content.decode()) == (404, False)
    assert client.get(reverse("api:proposals-detail", args=[row.pk])).status_code == 404
    assert sent(client, "contact", row).status_code == 404
