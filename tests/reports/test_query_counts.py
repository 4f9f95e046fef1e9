"""Figures, pages and workbook ask the database as often for 300 rows as for 3."""

from io import BytesIO

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reports.annual import write_annual
from reports.definitions import FIGURES
from reports.figures import compute
from reports.scope import scope_of
from tests import factories as make
from tests.reports.year_of_county import TODAY, Item, Part, Round, write
from tests.world import World

# Of a page: session, user, hat, unread messages, then its own.
PAGES = {
    "2025/": 9,  # years, term, three registers
    "2025/proposals/": 7,  # term, number of rows, rows
    "2025/deputies/": 7,
    "2025/solved-rate/": 8,  # and the two counts, from one query
}
# Term; savepoint and its release; three registers; roster and its count; structure; outcomes; units; categories;
# directory, its parts and its count.
WORKBOOK = 15


def asked(world: World) -> dict[str, int]:
    """Return the number of queries of everything that this app answers."""
    client = Client()
    client.force_login(world.staff)
    found = {}
    for path in PAGES:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/reports/{path}").status_code == 200
        found[path] = len(queries)
    scope = scope_of(congress=world.congress, year=2025, as_of=TODAY)
    with CaptureQueriesContext(connection) as queries:
        compute(FIGURES, scope)
    found["figures"] = len(queries)
    with CaptureQueriesContext(connection) as queries:
        write_annual(scope_of(congress=world.congress, year=2025, as_of=TODAY), BytesIO())
    found["workbook"] = len(queries)
    return found


def test_same_queries_for_3_and_for_300_rows(world: World) -> None:
    expected = PAGES | {"figures": 3, "workbook": WORKBOOK}
    for first, last in ((1, 3), (4, 300)):
        for number in range(first, last + 1):
            seat = make.SeatFactory(term=world.term, delegation=world.seat.delegation)
            write(world, Item(f"件{number}", [Round([Part(world.police)], "satisfied")], number=number, seat=seat))
        with connection.cursor() as cursor:
            # As autovacuum does within a minute: plans made for tables that were empty take minutes.
            cursor.execute("ANALYZE")
        assert asked(world) == expected
