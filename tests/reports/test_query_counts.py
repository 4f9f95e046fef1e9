"""Figures, pages and workbook ask the database as often for 300 rows as for 3."""

import datetime as dt
from io import BytesIO

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment
from bodies.models import Township
from deputies.models import Seat
from duties.models import DutyRecord, DutyType
from liaison_stations.models import OpinionItem, Reception, Station, StationDeputy
from reports.annual import write_annual
from reports.definitions import FIGURES
from reports.figures import compute
from reports.scope import scope_of
from tests import factories as make
from tests.factories import at
from tests.reports.year_of_county import TODAY, Item, Part, Round, commit, write
from tests.world import World
from training.models import Attendance, TrainingClass

# Of a page: session, user, hat, unread messages, then its own.
PAGES = {
    "2025/": 20,  # bodies below, years, term, eleven registers, outcomes and parts of units
    "2025/proposals/": 7,  # term, number of rows, rows
    "2025/commitments/": 7,
    "2025/deputies/": 7,
    "2025/trainees/": 8,  # and the sum in the heading
    "2025/receptions/": 7,
    "2025/appointments/": 7,
    "2025/initial-training-rate/": 8,  # and the two counts, from one query
    "2025/sheets/by-unit/": 7,  # term, outcomes, parts of units
    "annual/": 6,  # years, the number of workbooks
}
# Term; savepoint and its release; eleven registers; roster and its count; structure; duty types, lines, proposals,
# cosignatures, attendances, deputies; outcomes; units; categories; directory, its parts and its count; stations and
# their count; classes and their count; appointments, their wordings and exams.
WORKBOOK = 37


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


def write_one_of_each(world: World, seat: Seat, number: int) -> None:
    """Write one row of every other register."""
    day = dt.date(2025, 5, 1)
    kind, _ = DutyType.objects.get_or_create(congress=world.congress, name=f"类型{number % 3}")
    record = {"congress": world.congress, "seat": seat, "done_on": day, "type": kind, "recorded_at": at(2025, 5, 2)}
    DutyRecord.objects.create(topic="走访", **record)
    held = TrainingClass.objects.create(
        congress=world.congress, name=f"第{number}班", kind="initial", starts_on=day, attended=1
    )
    Attendance.objects.create(training_class=held, seat=seat)
    township, _ = Township.objects.get_or_create(congress=world.congress, name="城关镇")
    station = Station.objects.create(congress=world.congress, name=f"第{number}站", township=township)
    StationDeputy.objects.create(station=station, seat=seat)
    reception = Reception.objects.create(station=station, received_on=day, seat=seat, matter="修路")
    OpinionItem.objects.create(station=station, reception=reception, raised_on=day, matter="修路")
    Appointment.objects.create(
        congress=world.congress, name=f"某{number}", post="局长", wording="appoint", decided_on=day
    )


def test_same_queries_for_3_and_for_300_rows(world: World) -> None:
    expected = PAGES | {"figures": 11, "workbook": WORKBOOK}
    for first, last in ((1, 3), (4, 300)):
        for number in range(first, last + 1):
            seat = make.SeatFactory(term=world.term, delegation=world.seat.delegation)
            row = write(
                world, Item(f"件{number}", [Round([Part(world.police)], "satisfied")], number=number, seat=seat)
            )
            commit(row, "装护栏", "open", dt.date(2025, 12, 31))
            write_one_of_each(world, seat, number)
        with connection.cursor() as cursor:
            # As autovacuum does within a minute: plans made for tables that were empty take minutes.
            cursor.execute("ANALYZE")
        assert asked(world) == expected
