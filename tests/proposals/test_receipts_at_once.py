"""Eight deputies hand in ten suggestions each at once, and four reviewers register them at once, through HTTP.

Each half fails when the lock of ``bodies.services.next_number`` is taken out.
"""

import re
from collections.abc import Iterable
from functools import partial
from http.client import HTTPConnection, HTTPMessage
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from bodies.models import Counter
from casework.models import CaseStatus, Event
from proposals.models import Proposal
from tests import factories as make
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DEPUTIES, EACH, REVIEWERS = 8, 10, 4
ALL = DEPUTIES * EACH
TOKEN = "t" * 32
HANDED_IN = re.compile(r"已提交，收件号 (\d+)。")
WAS_FIRST = re.compile(r"本件已有新的办理情况：\d+月\d+日 \d\d:\d\d (\S+)（代表工委）审查通过，立案，编为第\d+号")


class Visitor:
    """A user's browser as the server sees it: the cookies of the session and of the form."""

    def __init__(self, server: LiveServer, user: User) -> None:
        client = Client()
        client.force_login(user)
        self.address = urlsplit(server.url).netloc
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: TOKEN}
        self.user = user

    def post(self, path: str, data: dict[str, object]) -> tuple[int, str]:
        """Send a form; status and page, those of the page that a redirect leads to."""
        status, page, headers = self._ask("POST", path, urlencode(data))
        return self._ask("GET", headers["Location"])[:2] if status == 302 else (status, page)

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str, HTTPMessage]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": TOKEN}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = HTTPConnection(self.address, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
        # What was done is told once: the words come and go in a cookie.
        for line in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, page, answer.headers


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


def hand_in(visitor: Visitor, titles: Iterable[str]) -> list[int]:
    """Hand in one after the other; the receipt numbers that the pages tell."""
    found = []
    for title in titles:
        typed = {"title": title, "body": "校车超载，建议加密班次。", "form": "suggestion", "disclosure": "full"}
        sent = typed | {"request_key": str(uuid4()), "self_checked": "on", "submit": "1"}
        status, page = visitor.post(reverse("proposals:new"), sent)
        told = HANDED_IN.search(page)
        assert (status, bool(told)) == (200, True), page
        found.append(int(told[1]))
    return found


def register(visitor: Visitor, seen: Iterable[tuple[int, int]]) -> list[str]:
    """Pass each from a page that was opened before anybody did; who did it, as the answers say."""
    names = []
    for key, version in seen:
        sent = {"version": version, "outcome": "pass", "reason": ""}
        status, page = visitor.post(reverse("proposals:review", args=[key]), sent)
        first = WAS_FIRST.search(page)
        assert status == (409 if first else 200), page
        assert first or "已立案，编为第" in page, page
        names.append(first[1] if first else visitor.user.name)
    return names


def test_eighty_handed_in_and_registered_at_once(county: World, live_server: LiveServer) -> None:
    seats = [county.seat, county.other_seat]
    for n in range(DEPUTIES - len(seats)):
        user = make.UserFactory(name=f"代表{n}", role="deputy", role__congress=county.congress)
        seats.append(make.SeatFactory(term=county.term, delegation=county.seat.delegation, person__user=user))
    titles = {seat.pk: [f"关于第{seat.pk}席第{n}件事的建议" for n in range(EACH)] for seat in seats}
    visitors = [Visitor(live_server, seat.person.user) for seat in seats]

    receipts = at_once(
        *[partial(hand_in, visitor, titles[seat.pk]) for visitor, seat in zip(visitors, seats, strict=True)]
    )

    assert [error for error in receipts if isinstance(error, Exception)] == []
    assert sorted(number for found in receipts for number in found) == list(range(1, ALL + 1))
    rows = Proposal.objects.filter(status=CaseStatus.OPEN, step__code="review")
    assert rows.count() == Proposal.objects.count() == ALL
    for seat, found in zip(seats, receipts, strict=True):
        mine = list(rows.filter(lead=seat).order_by("receipt_no").values_list("receipt_no", "title"))
        assert mine == list(zip(found, titles[seat.pk], strict=True))
    assert Counter.objects.get(session=county.session, kind="receipt").last_number == ALL

    colleagues = [county.staff] + [
        make.UserFactory(name=f"审查{n}", role="staff", role__congress=county.congress) for n in range(REVIEWERS - 1)
    ]
    # Each item lies open before two of the four; half of them are enough.
    waiting = list(rows.order_by("receipt_no"))[: ALL // 2]
    share = len(waiting) // REVIEWERS
    seen = [
        [(row.pk, row.version) for row in (waiting + waiting)[n * share : (n + 2) * share]] for n in range(REVIEWERS)
    ]

    told = at_once(
        *[partial(register, Visitor(live_server, user), mine) for user, mine in zip(colleagues, seen, strict=True)]
    )

    assert [error for error in told if isinstance(error, Exception)] == []
    numbers = Proposal.objects.filter(number__isnull=False).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, len(waiting) + 1))
    by = dict(Event.objects.filter(verb="review").values_list("case", "actor__name"))
    assert len(by) == Event.objects.filter(verb="review").count() == len(waiting)
    # Whoever came second reads who was first.
    for mine, names in zip(seen, told, strict=True):
        assert names == [by[key] for key, _ in mine]
    assert len({*by.values()}) > 1
