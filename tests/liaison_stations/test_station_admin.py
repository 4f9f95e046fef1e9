import datetime as dt
import io
import re

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bodies.models import Township
from duties import sources
from duties.models import DutyRecord, Source
from liaison_stations.models import OpinionItem, Reception, Station, StationDeputy
from liaison_stations.services import ReceptionEntry, StationEntry, save_receptions, save_stations
from tests import factories as make
from tests.liaison_stations.conftest import DAY, NOW, change, opinion_of, receive

pytestmark = pytest.mark.django_db


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff(world):
    return logged_in(world.staff)


@pytest.fixture
def leader(world):
    return logged_in(world.leader)


def url(model, page, *args):
    return reverse(f"admin:liaison_stations_{model}_{page}", args=args)


def lines():
    rows = DutyRecord.objects.order_by("pk").select_related("seat__person")
    return [(row.seat.person.name, str(row.done_on), row.topic, row.place) for row in rows]


def messages_of(response):
    found = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", text).strip() for text in found]


def station_form(world, stations, **cells):
    data = {
        "congress": world.congress.pk, "name": "东门联络站", "kind": "station", "township": stations.near.pk,
        "address": "", "head": "", "liaison": "", "phone": "", "reception_rule": "", "pasted": "",
        "members-TOTAL_FORMS": 0, "members-INITIAL_FORMS": 0,
    }  # fmt: skip
    return data | cells


def reception_form(world, stations, **cells):
    data = {
        "station": stations.station.pk, "received_on": "2026-03-06", "seat": world.seat.pk, "visitor": "赵先生",
        "contact": "13812345678", "matter": "路灯不亮", "handling": "", "unit": "", "replied_on": "", "result": "",
    }  # fmt: skip
    return data | cells


def test_a_station_is_entered_with_its_deputies(world, stations, staff):
    data = station_form(world, stations, phone="０５５１－１２３４５６７８", pasted="李春梅、阿卜杜拉.买买提\n李春梅")
    response = staff.post(url("station", "add"), data)
    assert (response.status_code, response.url) == (302, url("station", "changelist"))
    station = Station.objects.get(name="东门联络站")
    assert (station.congress, station.phone) == (world.congress, "0551-12345678")
    assert list(station.deputies.order_by("pk")) == [world.seat, world.other_seat]
    assert LogEntry.objects.get().object_id == str(station.pk)


def test_deputies_are_picked_pasted_and_taken_away(world, stations, staff):
    save_stations(congress=world.congress, entries=[StationEntry(stations.station, deputies=[world.seat])])
    receive(world, stations.station)
    third = make.SeatFactory(term=world.term, delegation=world.seat.delegation, person__name="王五")
    member = StationDeputy.objects.get()
    rows = {
        "members-TOTAL_FORMS": 2, "members-INITIAL_FORMS": 1,
        "members-0-id": member.pk, "members-0-station": stations.station.pk, "members-0-DELETE": "on",
        "members-1-station": stations.station.pk, "members-1-seat": third.pk,
    }  # fmt: skip
    data = station_form(world, stations, name="东门联络站", pasted="阿卜杜拉·买买提", **rows)
    assert staff.post(url("station", "change", stations.station.pk), data).status_code == 302
    assert set(stations.station.deputies.all()) == {world.other_seat, third}
    assert lines() == [("李春梅", "2026-03-06", "路灯不亮", "东门联络站")]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"pasted": "李春"}, "不认识代表「李春」：是不是 李春梅？。"),
        ({"pasted": "张伟"}, "本届有 2 位代表叫「张伟」（北岭代表团、城关代表团），请改填代表证号。"),
        ({"phone": "没有"}, "不是电话号码，例如 13800000000 或 0551-12345678"),
        ({"name": "城关联络站"}, "已有同名的联络站。"),
        ({"name": " "}, "请填写这一项。"),
        ({"township": "999999"}, "所选内容不在可选范围内，请重新选择。"),
    ],
)
def test_a_station_that_is_wrong_is_not_kept(world, stations, staff, cells, message):
    for delegation in (world.seat.delegation, world.other_seat.delegation):
        make.SeatFactory(term=world.term, delegation=delegation, person__name="张伟")
    response = staff.post(url("station", "add"), station_form(world, stations, **cells))
    assert messages_of(response) == [message]
    assert Station.objects.count() == 4


def test_a_station_with_receptions_is_not_deleted(world, stations, staff):
    receive(world, stations.station)
    page = url("station", "delete", stations.station.pk)
    assert "接待登记：1 条" in staff.get(page).content.decode()
    staff.post(page, {"post": "yes"})
    assert Station.objects.filter(pk=stations.station.pk).exists()
    assert staff.post(url("station", "delete", stations.remote.pk), {"post": "yes"}).status_code == 302
    assert not Station.objects.filter(pk=stations.remote.pk).exists()


def test_a_reception_is_entered_with_what_is_done_about_it(world, stations, staff):
    data = reception_form(world, stations, handling="forwarded", unit=world.education.pk, replied_on="2026-03-20")
    response = staff.post(url("reception", "add"), data)
    assert (response.status_code, response.url) == (302, url("reception", "changelist"))
    reception = Reception.objects.get()
    opinion = opinion_of(reception)
    assert (reception.received_on, reception.contact, opinion.raised_on, opinion.matter) == (
        DAY, "13812345678", DAY, "路灯不亮",
    )  # fmt: skip
    assert (opinion.handling, opinion.unit, opinion.replied_on) == ("forwarded", world.education, dt.date(2026, 3, 20))
    assert lines() == [("李春梅", "2026-03-06", "路灯不亮", "城关联络站")]
    assert DutyRecord.objects.get().recorded_by == world.staff


def test_correcting_a_reception_in_the_browser_corrects_its_line(world, stations, staff):
    reception = receive(world, stations.station, handling="reported", unit=world.police)
    page = url("reception", "change", reception.pk)
    shown = staff.get(page).content.decode()
    assert re.search(r'<option value="reported" selected>上报', shown)
    assert re.search(rf'<option value="{world.police.pk}" selected>县公安局', shown)
    data = reception_form(
        world, stations, seat=world.other_seat.pk, matter="水管　漏水", received_on="2026-03-16", handling="reported",
        unit=world.police.pk, result="正在修",
    )  # fmt: skip
    assert staff.post(page, data).status_code == 302
    assert lines() == [("阿卜杜拉·买买提", "2026-03-16", "水管 漏水", "城关联络站")]
    opinion = opinion_of(reception)
    assert (str(opinion.raised_on), opinion.matter, opinion.unit, opinion.result) == (
        "2026-03-16", "水管 漏水", world.police, "正在修",
    )  # fmt: skip
    assert staff.post(page, data | {"seat": ""}).status_code == 302
    assert lines() == []


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"replied_on": "2026-03-05"}, "回告日期不能早于 2026-03-06，请核对。"),
        ({"matter": "水管漏水"}, "这个联络站当天已登记同一来访人的同一事项。"),
        ({"matter": "无" * 501}, "确保该变量包含不超过 500 字符 (目前字符数 501)。"),
        ({"handling": "转交"}, "选择一个有效的选项。 转交 不在可用的选项中。"),
    ],
)
def test_a_reception_that_is_wrong_is_not_kept(world, stations, staff, cells, message):
    receive(world, stations.station, matter="水管漏水")
    response = staff.post(url("reception", "add"), reception_form(world, stations, **cells))
    assert messages_of(response) == [message]
    assert (Reception.objects.count(), len(lines())) == (1, 1)


def test_what_belongs_to_another_county_cannot_be_picked(world, stations, staff):
    far = make.SeatFactory(term=make.TermFactory(congress=world.foreign_congress))
    data = reception_form(
        world, stations, station=stations.foreign.pk, seat=far.pk, unit=world.foreign_unit.pk
    )  # fmt: skip
    assert messages_of(staff.post(url("reception", "add"), data)) == ["所选内容不在可选范围内，请重新选择。"] * 3
    assert Reception.objects.count() == 0


def test_deleting_a_reception_names_what_goes_with_it(world, stations, staff):
    reception = receive(world, stations.station)
    page = url("reception", "delete", reception.pk)
    shown = staff.get(page).content.decode()
    assert [word in shown for word in ("社情民意", "履职记录")] == [True, True]
    assert staff.post(page, {"post": "yes"}).status_code == 302
    assert (Reception.objects.count(), OpinionItem.objects.count(), lines()) == (0, 0, [])


def test_only_the_handling_of_an_opinion_is_changed_in_its_register(world, stations, staff):
    opinion = opinion_of(receive(world, stations.station))
    page = url("opinionitem", "change", opinion.pk)
    shown = staff.get(page).content.decode()
    assert url("reception", "change", opinion.reception_id) in shown
    data = {
        "handling": "forwarded",
        "unit": world.police.pk,
        "replied_on": "2026-03-05",
        "result": "",
        "matter": "别的",
    }
    assert messages_of(staff.post(page, data)) == ["回告日期不能早于 2026-03-06，请核对。"]
    assert staff.post(page, data | {"replied_on": "2026-03-07", "result": "已修好"}).status_code == 302
    opinion.refresh_from_db()
    assert (opinion.handling, opinion.unit, str(opinion.replied_on), opinion.result, opinion.matter) == (
        "forwarded", world.police, "2026-03-07", "已修好", "路灯不亮",
    )  # fmt: skip
    assert staff.get(url("opinionitem", "add")).status_code == 403
    assert staff.post(url("opinionitem", "delete", opinion.pk), {"post": "yes"}).status_code == 403


def test_a_page_that_is_behind_overwrites_no_handling(world, stations, staff):
    reception = receive(world, stations.station)
    page = url("reception", "change", reception.pk)
    (seen,) = re.findall(r'name="_seen" value="([^"]+)"', staff.get(page).content.decode())
    change(world, reception, {"result": "已修好"})
    data = reception_form(world, stations, visitor="钱女士", _seen=seen)
    response = staff.post(page, data)
    assert response.status_code == 200
    assert "本页打开以后，这条记录已经被修改，本次没有保存。" in response.content.decode()
    assert (Reception.objects.get().visitor, opinion_of(reception).result) == ("赵先生", "已修好")
    (seen,) = re.findall(r'name="_seen" value="([^"]+)"', staff.get(page).content.decode())
    assert staff.post(page, data | {"_seen": seen, "result": "已修好"}).status_code == 302
    assert (Reception.objects.get().visitor, opinion_of(reception).result) == ("钱女士", "已修好")


def matters(client, page, **query):
    return sorted(row.matter for row in client.get(url(page, "changelist"), query).context["cl"].result_list)


def test_the_lists_are_narrowed(world, stations, staff):
    receive(world, stations.station)
    receive(world, stations.remote, matter="水管漏水", handling="answered", seat=world.other_seat)
    receive(world, stations.remote, matter="旧事", received_on=dt.date(2025, 3, 6), handling="forwarded",
            unit=world.police, visitor="钱女士")  # fmt: skip
    for page in ("reception", "opinionitem"):
        assert matters(staff, page) == ["旧事", "水管漏水", "路灯不亮"]
        assert matters(staff, page, settled="yes") == ["水管漏水"]
        assert matters(staff, page, settled="no") == ["旧事", "路灯不亮"]
        assert matters(staff, page, year="2025") == ["旧事"]
        assert matters(staff, page, year="1") == []
        assert matters(staff, page, station__township__id__exact=stations.near.pk) == ["路灯不亮"]
        assert matters(staff, page, q="北岭") == ["旧事", "水管漏水"]
    assert matters(staff, "reception", opinion__handling__exact="forwarded") == ["旧事"]
    assert matters(staff, "opinionitem", handling__exact="forwarded") == ["旧事"]
    assert matters(staff, "opinionitem", unit=world.police.pk) == ["旧事"]
    assert matters(staff, "reception", q="阿卜杜拉") == ["水管漏水"]
    assert matters(staff, "reception", q="钱女士") == ["旧事"]
    totals = staff.get(url("reception", "changelist"), {"year": "2026"}).context["cl"].totals
    assert totals == [("接待群众", "2"), ("已办结", "1")]
    totals = staff.get(url("opinionitem", "changelist")).context["cl"].totals
    assert totals == [("意见", "3"), ("已办结", "1")]


def test_the_list_of_stations_counts_deputies_and_receptions(world, stations, staff):
    deputies = [world.seat, world.other_seat]
    save_stations(congress=world.congress, entries=[StationEntry(stations.station, deputies=deputies)])
    receive(world, stations.station)
    receive(world, stations.remote)
    receive(world, stations.remote, visitor="钱女士")
    found = staff.get(url("station", "changelist")).context["cl"]
    assert {row.name: (row.n_deputies, row.n_receptions) for row in found.result_list} == {
        "城关联络站": (2, 1), "城关代表之家": (0, 0), "北岭联络站": (0, 2),
    }  # fmt: skip
    assert found.totals == [("代表之家", "1"), ("其他各类站", "2"), ("编入代表", "2"), ("接待群众", "3")]
    for query, names in [
        ({"kind__exact": "home"}, ["城关代表之家"]),
        ({"township__id__exact": stations.far.pk}, ["北岭联络站"]),
        ({"q": "城关镇"}, ["城关代表之家", "城关联络站"]),
    ]:
        rows = staff.get(url("station", "changelist"), query).context["cl"].result_list
        assert sorted(row.name for row in rows) == names


def test_townships_are_kept_in_their_register(world, stations, staff, leader):
    page = reverse("admin:bodies_township_changelist")
    found = staff.get(page).context["cl"].result_list
    assert [(row.name, row.body, row.n_stations) for row in found] == [
        ("北岭乡", None, 1), ("城关镇", world.township, 2),
    ]  # fmt: skip
    add = reverse("admin:bodies_township_add")
    data = {"congress": world.congress.pk, "name": "南湖街道", "body": "", "sort": 5}
    assert staff.post(add, data).status_code == 302
    assert Township.objects.get(name="南湖街道").congress == world.congress
    assert messages_of(staff.post(add, data | {"name": "城关镇"})) == ["已有同名的乡镇（街道）。"]
    assert messages_of(staff.post(add, data | {"name": "新乡", "body": world.congress.pk})) == [
        "「云溪县」不是云溪县的下级人大。"
    ]
    assert [leader.get(page).status_code, leader.get(add).status_code] == [200, 403]
    delete = reverse("admin:bodies_township_delete", args=[stations.near.pk])
    assert "联络站：2 个" in staff.get(delete).content.decode()


def test_leaders_read_without_numbers(world, stations, leader):
    save_stations(
        congress=world.congress, entries=[StationEntry(stations.station, {"phone": "13998765432"}, [world.seat])]
    )
    reception = receive(
        world, stations.station, contact="13812345678", handling="forwarded", unit=world.police, result="正在修"
    )
    page = leader.get(url("reception", "change", reception.pk)).content.decode()
    for word in ("138****5678", "转办", "县公安局", "正在修", "路灯不亮"):
        assert word in page
    assert "13812345678" not in page
    page = leader.get(url("station", "change", stations.station.pk)).content.decode()
    assert ("139****5432" in page, "13998765432" in page, "pasted" in page) == (True, False, False)
    for model in ("station", "reception"):
        assert leader.get(url(model, "export")).status_code == 403
        assert leader.get(url(model, "import")).status_code == 403
        assert leader.get(url(model, "add")).status_code == 403
    assert leader.post(url("reception", "change", reception.pk), reception_form(world, stations)).status_code == 403


def test_lists_show_no_number_in_full(world, stations, staff):
    save_stations(congress=world.congress, entries=[StationEntry(stations.station, {"phone": "13998765432"})])
    receive(world, stations.station, contact="13812345678")
    for model, number, masked in [
        ("reception", "13812345678", "138****5678"), ("station", "13998765432", "139****5432"),
    ]:  # fmt: skip
        for page in ("changelist", "print"):
            shown = staff.get(url(model, page)).content.decode()
            assert (number in shown, masked in shown) == (False, True)


def test_another_county_and_other_roles_find_nothing(world, stations):
    reception = receive(world, stations.station)
    stranger = logged_in(world.stranger)
    for model, pk in [
        ("station", stations.station.pk), ("reception", reception.pk), ("opinionitem", opinion_of(reception).pk),
    ]:  # fmt: skip
        assert stranger.get(url(model, "change", pk)).status_code == 404
        found = stranger.get(url(model, "changelist")).context["cl"].result_list
        assert [str(row) for row in found] == (["石桥联络站"] if model == "station" else [])
        for user in (world.township_user, world.deputy, world.unit_user):
            response = logged_in(user).get(url(model, "changelist"))
            assert (response.status_code, response.url.partition("?")[0]) == (302, reverse("admin:login"))


def test_the_ledger_leads_to_the_reception(world, stations):
    reception = receive(world, stations.station)
    foreign = receive(world, stations.foreign, seat=None)
    rows = [(Source.RECEPTION, reception.pk), (Source.RECEPTION, foreign.pk)]
    page = url("reception", "change", reception.pk)
    for user in (world.staff, world.leader):
        assert sources.addresses(user, rows) == {(Source.RECEPTION, reception.pk): page}
    for user in (world.deputy, world.township_user, world.unit_user):
        assert sources.addresses(user, rows) == {}


def test_the_list_that_is_exported_is_the_one_that_is_shown(world, stations, staff):
    receive(world, stations.station)
    receive(world, stations.remote, matter="水管漏水", handling="answered")
    response = staff.get(url("reception", "export"), {"settled": "no"})
    sheet = openpyxl.load_workbook(io.BytesIO(response.getvalue())).worksheets[0]
    # The last row says who took it away.
    assert [row[5] for row in sheet.iter_rows(values_only=True)] == ["事项", "路灯不亮", None]
    response = staff.get(url("station", "template"))
    sheet = openpyxl.load_workbook(io.BytesIO(response.getvalue())).worksheets[0]
    assert sheet["A1"].value == "名称"


@pytest.mark.parametrize("size", [3, 300])
def test_the_queries_do_not_grow_with_the_rows(world, stations, staff, size):
    seats = [make.SeatFactory(term=world.term, delegation=world.seat.delegation) for _ in range(3)]
    entries = [
        StationEntry(None, {"name": f"第{number}站", "township": stations.near}, seats) for number in range(size)
    ]
    save_stations(congress=world.congress, entries=entries)
    entries = [
        ReceptionEntry(
            None,
            {"station": station, "received_on": DAY, "seat": seats[0], "matter": "事项"},
            {"handling": "forwarded", "unit": world.police},
        )
        for station in Station.objects.filter(name__startswith="第")
    ]
    save_receptions(congress=world.congress, entries=entries, user=world.staff, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = []
    for page in ("station", "reception", "opinionitem"):
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(url(page, "changelist")).status_code == 200
        found.append(len(captured))
    assert found == [8, 9, 10]


@pytest.mark.parametrize("size", [3, 300])
def test_the_queries_of_a_station_do_not_grow_with_its_deputies(world, stations, staff, size):
    seats = [make.SeatFactory(term=world.term, delegation=world.seat.delegation) for _ in range(size)]
    save_stations(congress=world.congress, entries=[StationEntry(stations.station, deputies=seats)])
    page = url("station", "change", stations.station.pk)
    # What is asked once and remembered is asked here.
    assert staff.get(page).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        staff.get(page)
    assert len(captured) == 12
