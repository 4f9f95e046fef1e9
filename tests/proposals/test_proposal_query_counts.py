"""Lists within 12 queries, the case page within 20, home within 15: the same for 3 rows and for 300."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from proposals import services
from proposals.models import Proposal
from tests.factories import at
from tests.proposals.test_proposal_pages import as_user
from tests.proposals.test_proposal_path import answer, registered, submitted
from tests.world import World

FILTERED = "/proposals/?q=件事&view=open&light=red&year=2026&form=suggestion&sort=due_on&size=100"
PAGES = [
    ("staff", "/", 12),
    ("staff", "/proposals/?size=100", 8),
    ("staff", FILTERED, 8),
    ("staff", "/proposals/print/", 7),
    ("staff", "/proposals/export/", 6),
    ("leader", "/proposals/?size=100", 8),
    ("gov_office", "/proposals/?size=100", 8),
    ("township_user", "/proposals/?size=100", 8),
    ("deputy", "/", 9),
    ("deputy", "/proposals/?size=100", 8),
    ("deputy", "/proposals/?view=waiting&size=100", 8),
    ("unit_user", "/", 9),
    ("unit_user", "/proposals/?size=100", 8),
    ("unit_user", "/proposals/?view=closed&size=100", 8),
    ("leader", "/overdue/", 9),
    ("staff", "/deputies/", 9),
    ("staff", "/notices/", 6),
]


def fill(world: World, rows: int) -> None:
    """One third in review, one third assigned, one third answered; the first three as people do it, then as copies."""
    for n in range(3):
        title = f"关于第{n}件事的建议"
        if n == 0:
            submitted(world, title=title)
            continue
        row = registered(world, title=title)
        services.assign(
            proposal_id=row.pk,
            seen_version=row.version,
            user=world.staff,
            now=at(2026, 3, 4),
            lead=world.education,
            assisting=[world.police, world.transport],
        )
        if n == 1:
            answer(world, row)
    patterns = list(Proposal.objects.order_by("pk"))
    for n in range(3, rows):
        copy(patterns[n % 3], n)
    with connection.cursor() as cursor:
        # As autovacuum does within a minute: plans made for tables that were empty take minutes.
        cursor.execute("ANALYZE")


def copy(pattern: Proposal, n: int) -> None:
    """Write the pattern once more with its rows, under other numbers."""
    row = Proposal.objects.get(pk=pattern.pk)
    row.pk = row.id = row.case_ptr_id = None
    row._state.adding = True
    row.receipt_no, row.number, row.request_key = n + 1, n + 1 if row.number else None, None
    row.save()
    for obligation in pattern.obligations.all():
        obligation.pk, obligation.case_id = None, row.pk
        obligation.save(force_insert=True)
    for event in pattern.events.all():
        event.pk, event.case_id = None, row.pk
        event.save(force_insert=True)
    for round_ in pattern.rounds.all():
        assignments = list(round_.assignments.all())
        round_.pk, round_.proposal = None, row
        round_.save(force_insert=True)
        for assignment in assignments:
            assignment.pk, assignment.round = None, round_
            assignment.save(force_insert=True)


def warm(client: Client) -> None:
    """Leave out what only the first request of a session does."""
    client.get("/proposals/?size=100")


@pytest.mark.slow
@pytest.mark.parametrize("rows", [3, 300])
def test_lists_ask_the_same_whatever_their_length(world: World, rows: int, django_assert_num_queries: object) -> None:
    fill(world, rows)
    assert Proposal.objects.count() == rows
    for role, url, expected in PAGES:
        client = as_user(getattr(world, role))
        warm(client)
        with django_assert_num_queries(expected, info=f"{role} {url}"):
            answer = client.get(url)
            assert answer.status_code == 200
            assert b"".join(answer)


def test_case_page_asks_the_same_whatever_the_history(world: World, django_assert_num_queries: object) -> None:
    fill(world, 3)
    quiet, busy = Proposal.objects.filter(step__code="reply").get(), Proposal.objects.filter(step__code="rate").get()
    for n in range(3):
        services.rate(
            proposal_id=busy.pk,
            seen_version=None,
            user=world.deputy,
            now=at(2026, 4, 1 + n),
            attitude="basically",
            result="dissatisfied",
            opinion="请再研究。",
        )
        answer_again(world, busy, n)
    for role in ["staff", "deputy", "unit_user"]:
        for row, expected in [(quiet, CASE[role][0]), (busy, CASE[role][1])]:
            client = as_user(getattr(world, role))
            warm(client)
            with django_assert_num_queries(expected, info=f"{role} {row}"):
                assert client.get(reverse("proposals:case", args=[row.pk])).status_code == 200


# While units handle it, and after many rounds while it waits for the rating.
CASE = {"staff": (16, 16), "deputy": (16, 16), "unit_user": (18, 18)}


def answer_again(world: World, row: Proposal, n: int) -> None:
    now = at(2026, 4, 1 + n, 15)
    services.acknowledge(proposal_id=row.pk, seen_version=None, user=world.unit_user, now=now)
    for _ in range(3):
        services.record_contact(
            proposal_id=row.pk,
            seen_version=None,
            user=world.unit_user,
            now=now,
            contacted_on=now.date(),
            way="phone",
            summary="电话沟通。",
        )
    services.reply(
        proposal_id=row.pk,
        seen_version=None,
        user=world.unit_user,
        now=now,
        replied_on=now.date(),
        document_no=f"云教〔2026〕{900 + n}号",
        outcome=world.outcomes["B"],
        body="再次答复。",
    )
