"""The demo county loaded for the tests of a module, as its command loads it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from proposals.models import Proposal, ProposalQuerySet
from tests.factories import CongressFactory, at
from tests.standing import STANDING

TODAYS = [at(2026, 1, 2, 0), at(2026, 11, 30, 9)]


@dataclass(frozen=True)
class Demo:
    """The day on which the county was loaded, that it is a day on which the year is full, and what the command said."""

    today: dt.date
    now: dt.datetime
    is_full: bool
    said: str

    def year(self, year: int) -> ProposalQuerySet:
        return Proposal.objects.filter(submitted_on__year=year)


def load_demo(*options: str) -> str:
    """What `script/manage load_demo` says."""
    out = StringIO()
    call_command("load_demo", *options, stdout=out)
    return out.getvalue().strip()


@pytest.fixture(scope="module", params=TODAYS, ids=str)
def demo(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Demo]:
    """Loads the county beside another one, once for all tests of a day, and takes it back."""
    now = request.param
    today = now.date()
    with django_db_blocker.unblock():
        STANDING.only(())
        with transaction.atomic():
            CongressFactory(code="330281", name="他县")
            with time_machine.travel(now):
                said = load_demo()
            # Otherwise each test would check all foreign keys once more.
            connection.check_constraints()
            yield Demo(today, now, today.month > 1, said)
            transaction.set_rollback(True)
