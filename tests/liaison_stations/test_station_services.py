import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bodies.models import Level, Township
from bodies.townships import townships_of
from duties.models import DutyRecord, Source
from duties.services import DutyLine, TypedEntry, save_typed
from liaison_stations.models import Handling, OpinionItem, Reception, Station, StationDeputy, settled
from liaison_stations.services import (
    ReceptionEntry,
    StationEntry,
    UnableToSaveReception,
    UnableToSaveStation,
    delete_reception,
    save_opinion,
    save_receptions,
    save_stations,
)
from tests import factories as make
from tests.liaison_stations.conftest import DAY, NOW, change, new_station, opinion_of, receive

pytestmark = pytest.mark.django_db


def ledger():
    """What the ledger says, line by line."""
    rows = DutyRecord.objects.order_by("pk").select_related("seat__person", "type")
    return [(row.seat.person.name, str(row.done_on), row.type.name, row.topic, row.place, row.source) for row in rows]


LINE = ("李春梅", "2026-03-06", "接待选民", "路灯不亮", "城关联络站", "reception")


def test_a_reception_writes_its_opinion_and_its_deputys_line(world, stations):
    reception = receive(
        world, stations.station, contact="13812345678", handling=Handling.FORWARDED, unit=world.education
    )
    opinion = opinion_of(reception)
    assert (opinion.station, opinion.raised_on, opinion.matter) == (stations.station, DAY, "路灯不亮")
    assert (opinion.handling, opinion.unit, opinion.replied_on, opinion.is_settled) == (
        "forwarded", world.education, None, False,
    )  # fmt: skip
    assert ledger() == [LINE]
    line = DutyRecord.objects.get()
    assert (line.congress, line.source_id, line.recorded_by, line.recorded_at) == (
        world.congress, reception.pk, world.staff, NOW,
    )  # fmt: skip


def test_without_a_deputy_there_is_no_line(world, stations):
    receive(world, stations.station, seat=None)
    assert (ledger(), OpinionItem.objects.count()) == ([], 1)


def test_correcting_the_reception_corrects_opinion_and_line(world, stations):
    reception = receive(world, stations.station)
    said = change(world, reception, received_on=dt.date(2026, 3, 16), matter="水管漏水", station=stations.remote)
    assert said == "新增 0、更新 1、未变 0"
    opinion = opinion_of(reception)
    assert (opinion.station, str(opinion.raised_on), opinion.matter) == (stations.remote, "2026-03-16", "水管漏水")
    assert ledger() == [("李春梅", "2026-03-16", "接待选民", "水管漏水", "北岭联络站", "reception")]


def test_another_deputy_takes_the_line_and_no_deputy_ends_it(world, stations):
    reception = receive(world, stations.station)
    change(world, reception, seat=world.other_seat)
    assert ledger() == [("阿卜杜拉·买买提", *LINE[1:])]
    change(world, reception, seat=None)
    assert ledger() == []
    change(world, reception, seat=world.seat)
    assert ledger() == [LINE]


def test_what_is_only_about_the_visitor_or_the_handling_leaves_the_line(world, stations):
    reception = receive(world, stations.station)
    before = DutyRecord.objects.get().pk
    assert change(world, reception, {"handling": "answered"}, visitor="钱女士") == "新增 0、更新 1、未变 0"
    assert change(world, reception, {"handling": "answered"}, visitor="钱女士") == "新增 0、更新 0、未变 1"
    assert (ledger(), DutyRecord.objects.get().pk) == ([LINE], before)
    assert opinion_of(reception).is_settled


def test_two_visitors_with_one_matter_are_two_lines(world, stations):
    receive(world, stations.station)
    receive(world, stations.station, visitor="钱女士")
    assert ledger() == [LINE, LINE]


def test_a_line_that_was_typed_before_is_not_counted_twice_and_comes_back(world, stations):
    line = DutyLine(world.seat, DAY, "接待选民", "路灯不亮", place="村口", content="记在本子上")
    save_typed(congress=world.congress, entries=[TypedEntry(line, Source.SELF)], user=world.deputy, now=NOW)
    reception = receive(world, stations.station)
    assert ledger() == [LINE]
    delete_reception(reception=reception, user=world.staff, now=NOW)
    assert [(row[3], row[5]) for row in ledger()] == [("路灯不亮", "self")]
    assert DutyRecord.objects.get().content == "记在本子上"


def test_deleting_a_reception_takes_opinion_and_line(world, stations):
    reception = receive(world, stations.station)
    kept = receive(world, stations.station, matter="水管漏水")
    delete_reception(reception=reception, user=world.staff, now=NOW)
    assert list(Reception.objects.all()) == [kept]
    assert [opinion.matter for opinion in OpinionItem.objects.all()] == ["水管漏水"]
    assert [row[3] for row in ledger()] == ["水管漏水"]


def test_another_name_of_a_station_is_the_place_of_its_lines(world, stations):
    receive(world, stations.station)
    receive(world, stations.remote, matter="水管漏水")
    entry = StationEntry(stations.station, {"name": "东门联络站", "head": "王芳"})
    assert str(save_stations(congress=world.congress, entries=[entry])) == "新增 0、更新 1、未变 0"
    assert [row[4] for row in ledger()] == ["东门联络站", "北岭联络站"]
    assert Station.objects.get(pk=stations.station.pk).head == "王芳"


def test_deputies_of_a_station_are_replaced_only_when_they_are_told(world, stations):
    def save(**entry):
        return str(save_stations(congress=world.congress, entries=[StationEntry(stations.station, **entry)]))

    def names():
        return {seat.person.name for seat in stations.station.deputies.all()}

    assert save(deputies=[world.seat, world.seat]) == "新增 0、更新 1、未变 0"
    first = StationDeputy.objects.get().pk
    assert save(deputies=[world.other_seat, world.seat]) == "新增 0、更新 1、未变 0"
    assert StationDeputy.objects.filter(pk=first).exists()
    assert save(deputies=None, values={"head": ""}) == "新增 0、更新 0、未变 1"
    assert names() == {"李春梅", "阿卜杜拉·买买提"}
    assert save(deputies=[]) == "新增 0、更新 1、未变 0"
    assert names() == set()


def test_a_deputy_of_another_level_may_receive_and_be_assigned(world, stations):
    seat = make.SeatFactory(term=make.TermFactory(congress=world.township, name="第十届"), person__name="镇代表")
    receive(world, stations.station, seat=seat)
    save_stations(congress=world.congress, entries=[StationEntry(stations.station, deputies=[seat])])
    assert ledger() == [("镇代表", *LINE[1:])]
    assert DutyRecord.objects.get().congress == world.congress


@pytest.mark.parametrize(
    ("of_reception", "of_opinion", "message"),
    [
        ({}, {"replied_on": dt.date(2026, 3, 5)}, "「路灯不亮」的回告日期 2026-03-05 早于 2026-03-06，请核对日期。"),
        ({"received_on": dt.date(2026, 3, 21)}, {}, "「路灯不亮」的回告日期 2026-03-20 早于 2026-03-21，请核对日期。"),
    ],
)
def test_a_reply_is_not_older_than_the_reception(world, stations, of_reception, of_opinion, message):
    reception = receive(world, stations.station, replied_on=dt.date(2026, 3, 20))
    with pytest.raises(UnableToSaveReception) as refusal:
        change(world, reception, of_opinion, **of_reception)
    assert str(refusal.value) == message
    assert (opinion_of(reception).replied_on, ledger()) == (dt.date(2026, 3, 20), [LINE])


def test_another_countys_unit_handles_nothing_here(world, stations):
    with pytest.raises(UnableToSaveReception, match=r"^「石桥县教育局」不是云溪县的承办单位，请改选承办。$"):
        receive(world, stations.station, unit=world.foreign_unit)
    assert (Reception.objects.count(), ledger()) == (0, [])


def test_what_was_deleted_meanwhile_is_not_made_again(world, stations):
    reception = receive(world, stations.station)
    gone = Reception.objects.select_related("station__congress").get(pk=reception.pk)
    delete_reception(reception=reception, user=world.staff, now=NOW)
    with pytest.raises(UnableToSaveReception, match=r"^「2026-03-06 路灯不亮」刚刚被删除，没有保存。请回到列表核对。$"):
        change(world, gone, matter="水管漏水")
    station = Station.objects.get(pk=stations.remote.pk)
    stations.remote.delete()
    with pytest.raises(UnableToSaveReception, match=r"^「北岭联络站」刚刚被删除"):
        receive(world, station)
    with pytest.raises(UnableToSaveStation, match=r"^「北岭联络站」刚刚被删除"):
        save_stations(congress=world.congress, entries=[StationEntry(station, {"head": "王芳"})])
    assert (Reception.objects.count(), ledger()) == (0, [])


def test_an_opinion_takes_its_handling_alone(world, stations):
    opinion = opinion_of(receive(world, stations.station))
    save_opinion(
        opinion=opinion,
        values={"handling": "forwarded", "unit": world.police, "replied_on": DAY, "result": "已修好", "matter": "别的"},
    )
    opinion.refresh_from_db()
    assert (opinion.handling, opinion.unit, opinion.replied_on, opinion.result, opinion.matter) == (
        "forwarded", world.police, DAY, "已修好", "路灯不亮",
    )  # fmt: skip
    with pytest.raises(UnableToSaveReception, match=r"^「路灯不亮」的回告日期 2026-03-05 早于 2026-03-06"):
        save_opinion(opinion=opinion, values={"replied_on": dt.date(2026, 3, 5)})
    OpinionItem.objects.all().delete()
    with pytest.raises(UnableToSaveReception, match=r"^「路灯不亮」刚刚被删除"):
        save_opinion(opinion=opinion, values={"result": "好了"})


def test_settled_is_who_has_his_answer(world, stations):
    for number, handling in enumerate(["", *Handling.values]):
        receive(world, stations.station, matter=f"事项{number}", handling=handling)
    receive(world, stations.station, matter="回告过的", handling=Handling.REPORTED, replied_on=DAY)
    found = OpinionItem.objects.filter(settled()).order_by("pk")
    assert [opinion.handling for opinion in found] == ["answered", "explained", "reported"]
    assert [opinion.is_settled for opinion in OpinionItem.objects.order_by("pk")] == [
        False, True, False, False, False, True, True,
    ]  # fmt: skip
    assert Reception.objects.filter(settled("opinion__")).count() == 3


def test_townships_are_made_once_and_joined_to_the_congress_of_their_name(world):
    twin = make.CongressFactory(name="城关镇", level=Level.TOWNSHIP, parent=world.foreign_congress)
    made = townships_of(congress=world.congress, names=["城关镇", "北岭乡", "城关镇"])
    assert {name: row.body for name, row in made.items()} == {"城关镇": world.township, "北岭乡": None}
    later = make.CongressFactory(name="北岭乡", level=Level.TOWNSHIP, parent=world.congress)
    again = townships_of(congress=world.congress, names=["北岭乡"])
    assert (again["北岭乡"].pk, again["北岭乡"].body) == (made["北岭乡"].pk, later)
    assert Township.objects.get(name="北岭乡").body == later
    assert townships_of(congress=world.foreign_congress, names=["城关镇"])["城关镇"].body == twin
    assert Township.objects.count() == 3


def test_each_role_sees_its_own_stations_receptions_and_opinions(world, stations):
    receive(world, stations.station)
    receive(world, stations.remote, matter="水管漏水", seat=world.other_seat)
    receive(world, stations.foreign, matter="外县的事", seat=None)
    save_stations(congress=world.congress, entries=[StationEntry(stations.remote, deputies=[world.other_seat])])
    everything = ["北岭联络站", "城关代表之家", "城关联络站"]

    def seen(user):
        return (
            sorted(Station.objects.visible_to(user).values_list("name", flat=True)),
            sorted(Reception.objects.visible_to(user).values_list("matter", flat=True)),
            sorted(OpinionItem.objects.visible_to(user).values_list("matter", flat=True)),
        )

    matters = ["水管漏水", "路灯不亮"]
    assert seen(world.staff) == seen(world.leader) == (everything, matters, matters)
    assert seen(world.township_user) == (["城关代表之家", "城关联络站"], ["路灯不亮"], ["路灯不亮"])
    assert seen(world.other_deputy) == (["北岭联络站"], ["水管漏水"], ["水管漏水"])
    assert seen(world.deputy) == ([], ["路灯不亮"], ["路灯不亮"])
    assert seen(world.stranger) == (["石桥联络站"], ["外县的事"], ["外县的事"])
    assert seen(world.unit_user) == seen(world.gov_office) == ([], [], [])


@pytest.mark.parametrize("size", [3, 300])
def test_the_queries_do_not_grow_with_the_receptions(world, stations, size):
    seats = [make.SeatFactory(term=world.term, delegation=world.seat.delegation) for _ in range(3)]

    def entries():
        receptions = Reception.objects.order_by("pk")
        return [
            ReceptionEntry(
                reception,
                {"matter": f"更正{number}", "seat": seats[number % 2], "received_on": DAY},
                {"handling": "answered", "unit": world.police},
            )
            for number, reception in enumerate(receptions)
        ]

    new = [
        ReceptionEntry(
            None,
            {"station": stations.station, "received_on": DAY, "seat": seats[number % 3], "matter": f"事项{number}"},
            {"handling": "forwarded", "unit": world.education},
        )
        for number in range(size)
    ]
    with CaptureQueriesContext(connection) as first:
        save_receptions(congress=world.congress, entries=new, user=world.staff, now=NOW)
    changed = entries()
    with CaptureQueriesContext(connection) as second:
        save_receptions(congress=world.congress, entries=changed, user=world.staff, now=NOW)
    assert DutyRecord.objects.filter(topic__startswith="更正", seat__in=seats[:2]).count() == size
    assert (len(first), len(second)) == (15, 18)


@pytest.mark.parametrize("size", [3, 300])
def test_the_queries_do_not_grow_with_the_stations(world, stations, size):
    seats = [make.SeatFactory(term=world.term, delegation=world.seat.delegation) for _ in range(3)]
    new = [
        StationEntry(None, {"name": f"第{number}站", "township": stations.near}, seats[: number % 3 + 1])
        for number in range(size)
    ]
    with CaptureQueriesContext(connection) as first:
        save_stations(congress=world.congress, entries=new)
    for station in Station.objects.filter(name__startswith="第"):
        receive(world, station)
    found = Station.objects.filter(name__startswith="第")
    renamed = [StationEntry(station, {"name": f"新{station.name}"}, seats[1:]) for station in found]
    with CaptureQueriesContext(connection) as second:
        save_stations(congress=world.congress, entries=renamed)
    assert DutyRecord.objects.filter(place__startswith="新第").count() == size
    assert (len(first), len(second)) == (6, 15)


def test_a_station_of_the_name_of_another_countys(world, stations):
    assert new_station(world.congress, "石桥联络站", stations.far) != stations.foreign
