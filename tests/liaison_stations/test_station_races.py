"""An import and a clerk at the same station or reception: neither waits for the other in a ring, nothing is lost.

The first two fail with a deadlock when ``LedgerAdmin`` does not take the ledger's lock before the row's, the last one
with the old name as place when ``save_stations`` does not take it at all.
"""

import pytest
from django.db import transaction
from django.test import Client

from duties.models import DutyRecord
from duties.services import lock_ledger
from liaison_stations.models import Reception, Station
from liaison_stations.services import StationEntry, save_stations
from tests.concurrently import beside, somebody_waits, until
from tests.liaison_stations.conftest import change, opinion_of, receive
from tests.liaison_stations.test_station_admin import reception_form, station_form, url

pytestmark = pytest.mark.django_db(transaction=True)


def post(user, page, data):
    client = Client()
    client.force_login(user)
    return lambda: client.post(page, data).status_code


def test_an_import_meets_a_clerk_at_a_reception(world, stations):
    reception = receive(world, stations.station)
    by_hand = post(
        world.staff, url("reception", "change", reception.pk), reception_form(world, stations, matter="水管漏水")
    )
    with beside() as start:
        with transaction.atomic():
            lock_ledger(congress=world.congress)
            saved = start(by_hand)
            until(somebody_waits, what="the clerk waits for the import")
            change(world, reception, {"result": "已修好"}, seat=world.other_seat)
        assert saved.result() == 302
    line = DutyRecord.objects.get()
    assert (line.topic, line.seat, opinion_of(reception).result) == ("水管漏水", world.seat, "")
    assert Reception.objects.get().seat == world.seat


def test_an_import_brings_receptions_to_a_station_that_a_clerk_renames(world, stations):
    page = url("station", "change", stations.station.pk)
    by_hand = post(world.staff, page, station_form(world, stations, name="东门联络站"))
    with beside() as start:
        with transaction.atomic():
            lock_ledger(congress=world.congress)
            saved = start(by_hand)
            until(somebody_waits, what="the clerk waits for the import")
            receive(world, stations.station)
        assert saved.result() == 302
    assert Station.objects.get(pk=stations.station.pk).name == "东门联络站"
    assert DutyRecord.objects.get().place == "东门联络站"


def test_a_reception_that_comes_while_its_station_is_renamed_has_the_new_name(world, stations):
    with beside() as start:
        with transaction.atomic():
            save_stations(congress=world.congress, entries=[StationEntry(stations.station, {"name": "东门联络站"})])
            saved = start(lambda: receive(world, stations.station))
            until(somebody_waits, what="the reception waits for the new name")
        saved.result()
    assert DutyRecord.objects.get().place == "东门联络站"
