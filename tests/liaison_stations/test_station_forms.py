import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bodies.models import Township, UnitAlias
from bodies.workbooks import Scope
from duties.models import DutyRecord
from liaison_stations.models import OpinionItem, Reception, Station, StationDeputy
from liaison_stations.services import StationEntry, save_stations
from tests import factories as make
from tests.forms.support import counts, errors, exported, run, run_file
from tests.liaison_stations.conftest import DAY, change, opinion_of, receive
from workbooks.columns import get_form
from workbooks.writing import write_template

pytestmark = pytest.mark.django_db

STATION = {
    "名称": "东门　联络站", "类型": "园区站", "所属乡镇": "城关镇", "地址": "东门大街1号", "负责人": "王芳", "联络员": "刘洋",
    "联系电话": "０５５１－１２３４５６７８", "接待日规则": "逢六进站", "编入代表": "李春梅，阿卜杜拉.买买提",
}  # fmt: skip
RECEPTION = {
    "联络站": "城关联络站", "日期": "2026年3月6日", "接待代表": "李春梅", "来访人": "赵先生", "联系方式": "13812345678",
    "事项": "路灯不亮", "处理方式": "转办", "承办": "教育局", "回告日期": "2026.3.20", "结果": "已修好",
}  # fmt: skip


@pytest.fixture
def alias(world):
    return UnitAlias.objects.create(congress=world.congress, unit=world.education, alias="教育局")


def filled_template(kind, congress, row):
    """The template as an office fills it in: its sample stays, one row follows."""
    file = io.BytesIO()
    write_template(get_form(kind), file, created=dt.datetime(2026, 3, 1), context=Scope(congress))  # noqa: DTZ001
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    for place, header in enumerate(next(sheet.iter_rows(max_row=1, values_only=True)), start=1):
        sheet.cell(3, place, row[header])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_a_station_goes_in_and_out(world):
    file = filled_template("stations", world.congress, STATION)
    assert counts(run_file("stations", file, congress=world.congress)) == "新增 1、更新 0、未变 0"
    station = Station.objects.get()
    assert (station.congress, station.name, station.kind, station.township.name, station.township.body) == (
        world.congress, "东门联络站", "park", "城关镇", world.township,
    )  # fmt: skip
    assert (station.address, station.head, station.liaison, station.phone, station.reception_rule) == (
        "东门大街1号", "王芳", "刘洋", "0551-12345678", "逢六进站",
    )  # fmt: skip
    assert list(station.deputies.order_by("pk")) == [world.seat, world.other_seat]
    again = exported("stations", Station.objects.all())
    assert counts(run_file("stations", again, congress=world.congress)) == "新增 0、更新 0、未变 1"


def test_a_reception_goes_in_and_out(world, stations, alias):
    file = filled_template("receptions", world.congress, RECEPTION)
    assert counts(run_file("receptions", file, congress=world.congress, user=world.staff)) == "新增 1、更新 0、未变 0"
    reception = Reception.objects.get()
    assert (reception.station, reception.received_on, reception.seat) == (stations.station, DAY, world.seat)
    assert (reception.visitor, reception.contact, reception.matter) == ("赵先生", "13812345678", "路灯不亮")
    opinion = opinion_of(reception)
    assert (opinion.handling, opinion.unit, str(opinion.replied_on), opinion.result) == (
        "forwarded", world.education, "2026-03-20", "已修好",
    )  # fmt: skip
    line = DutyRecord.objects.get()
    assert (line.seat, line.done_on, line.type.name, line.topic, line.place, line.recorded_by) == (
        world.seat, DAY, "接待选民", "路灯不亮", "城关联络站", world.staff,
    )  # fmt: skip
    again = exported("receptions", Reception.objects.all())
    assert counts(run_file("receptions", again, congress=world.congress)) == "新增 0、更新 0、未变 1"
    assert DutyRecord.objects.count() == 1


@pytest.mark.parametrize(("table", "column"), [("station", "phone"), ("reception", "contact")])
def test_numbers_are_not_readable_in_the_table(world, stations, alias, table, column):
    run("stations", STATION | {"联系电话": "13812345678"}, congress=world.congress)
    run("receptions", RECEPTION, congress=world.congress)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM liaison_stations_{table} WHERE {column} <> ''")  # noqa: S608
        (stored,) = cursor.fetchone()
    assert ("138" in stored, len(stored) > 60) == (False, True)


def test_only_what_is_required(world):
    row = {"名称": "东门联络站", "所属乡镇": "新乡"}
    assert counts(run("stations", row, congress=world.congress)) == "新增 1、更新 0、未变 0"
    station = Station.objects.get()
    assert (station.kind, station.township.name, station.township.body, station.deputies.count()) == (
        "station", "新乡", None, 0,
    )  # fmt: skip
    row = {"联络站": "东门联络站", "日期": "2026-03-06", "接待代表": "李春梅", "事项": "路灯不亮"}
    assert counts(run("receptions", row, congress=world.congress)) == "新增 1、更新 0、未变 0"
    assert counts(run("receptions", row, congress=world.congress)) == "新增 0、更新 0、未变 1"
    assert (Reception.objects.get().visitor, OpinionItem.objects.get().handling) == ("", "")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("０５７１－６６６６ ８８８８", "0571-66668888"),
        ("138 0000 0000", "13800000000"),
        ("微信，同手机", "微信，同手机"),
    ],
)
def test_numbers_at_which_a_visitor_is_reached_are_written_alike(world, stations, alias, cell, expected):
    run("receptions", RECEPTION | {"联系方式": cell}, congress=world.congress)
    assert Reception.objects.get().contact == expected


def test_an_empty_cell_leaves_what_is_there(world, stations, alias):
    run("stations", STATION, congress=world.congress)
    short = {**dict.fromkeys(STATION, ""), "名称": "东门联络站", "所属乡镇": "城关镇", "联系电话": "无"}
    assert counts(run("stations", short, congress=world.congress)) == "新增 0、更新 0、未变 1"
    run("receptions", RECEPTION, congress=world.congress)
    short = RECEPTION | dict.fromkeys(["联系方式", "处理方式", "承办", "回告日期", "结果"], "")
    assert counts(run("receptions", short, congress=world.congress)) == "新增 0、更新 0、未变 1"
    assert (Reception.objects.get().contact, OpinionItem.objects.get().result) == ("13812345678", "已修好")


def test_the_file_corrects_what_is_there(world, stations, alias):
    run("stations", STATION, congress=world.congress)
    row = STATION | {"类型": "流动站", "所属乡镇": "北岭乡", "编入代表": "阿卜杜拉·买买提"}
    assert counts(run("stations", row, congress=world.congress)) == "新增 0、更新 1、未变 0"
    station = Station.objects.get(name="东门联络站")
    assert (station.kind, station.township, list(station.deputies.all())) == (
        "mobile", stations.far, [world.other_seat],
    )  # fmt: skip
    run("receptions", RECEPTION, congress=world.congress)
    row = RECEPTION | {"接待代表": "阿卜杜拉·买买提", "处理方式": "上报", "承办": "县公安局"}
    assert counts(run("receptions", row, congress=world.congress)) == "新增 0、更新 1、未变 0"
    assert DutyRecord.objects.get().seat == world.other_seat
    assert (OpinionItem.objects.get().handling, OpinionItem.objects.get().unit) == ("reported", world.police)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"联络站": "城关联络点"}, "联络站「城关联络点」：不认识联络站「城关联络点」：是不是 城关联络站？"),
        ({"联络站": "石桥联络站"}, "联络站「石桥联络站」：不认识联络站「石桥联络站」：是不是 北岭联络站、城关联络站？"),
        ({"联络站": "Ｘ"}, "联络站「Ｘ」：不认识联络站「X」"),
        ({"接待代表": "李春"}, "接待代表「李春」：不认识代表「李春」：是不是 李春梅？"),
        ({"接待代表": "无"}, "接待代表「无」：不认识代表「无」"),
        ({"接待代表": ""}, "接待代表「」：不能为空"),
        ({"接待代表": "张伟"}, "接待代表「张伟」：本届有 2 位代表叫「张伟」（北岭代表团、城关代表团），请改填代表证号"),
        ({"承办": "县教育"}, "承办「县教育」：不认识单位「县教育」：是不是 县教育局？"),
        ({"承办": "石桥县教育局"}, "承办「石桥县教育局」：不认识单位「石桥县教育局」：是不是 县教育局？"),
        ({"处理方式": "转交"}, "处理方式「转交」：只能是 当场答复、转办、上报、转建议 或 解释说明"),
        ({"回告日期": "2026-03-05"}, "回告日期「2026-03-05」：早于接待日期 2026-03-06，请核对"),
        ({"日期": "昨天"}, "日期「昨天」：不是日期，请写成 2026-03-05"),
        ({"事项": "无法" * 251}, f"事项「{'无法' * 20}…」：有 502 个字，最多 500 个字"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_reception_is_told_at_its_cell(world, stations, cells, expected):
    for delegation in (world.seat.delegation, world.other_seat.delegation):
        make.SeatFactory(term=world.term, delegation=delegation, person__name="张伟")
    row = RECEPTION | {"承办": "县教育局"}
    bad = row | {"事项": "水管漏水"} | cells
    assert errors(run("receptions", row, bad, congress=world.congress)) == [f"表 Sheet1 第 3 行 {expected}"]
    assert (Reception.objects.count(), DutyRecord.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"类型": "驿站"}, "类型「驿站」：只能是 代表之家、联络站、园区站、流动站 或 采集站"),
        ({"所属乡镇": ""}, "所属乡镇「」：不能为空"),
        ({"联系电话": "没有"}, "联系电话「没有」：不是电话号码，例如 13800000000 或 0551-12345678"),
        ({"编入代表": "李春梅、李春"}, "编入代表「李春」：不认识代表「李春」：是不是 李春梅？"),
        ({"编入代表": "李春梅、张伟"}, "编入代表「张伟」：本届有 2 位代表叫「张伟」（北岭代表团、城关代表团），请改填代表证号"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_station_is_told_at_its_cell(world, cells, expected):
    for delegation in (world.seat.delegation, world.other_seat.delegation):
        make.SeatFactory(term=world.term, delegation=delegation, person__name="张伟")
    row = {"名称": "西门联络站"}
    assert errors(run("stations", STATION, STATION | row | cells, congress=world.congress)) == [
        f"表 Sheet1 第 3 行 {expected}"
    ]
    assert (Station.objects.count(), Township.objects.count()) == (0, 0)


def test_a_key_may_stand_in_a_file_once(world, stations, alias):
    assert errors(run("stations", STATION, STATION, congress=world.congress)) == [
        "表 Sheet1 第 3 行 名称「东门 联络站」：与单元格 A2 重复，同一张表里只能出现一次"
    ]
    other = RECEPTION | {"来访人": "钱女士"}
    assert errors(run("receptions", RECEPTION, other, other, congress=world.congress)) == [
        "表 Sheet1 第 4 行 事项「路灯不亮」：与单元格 F3 重复，同一张表里只能出现一次"
    ]
    unknown = RECEPTION | {"联络站": "Ｘ"}
    assert len(errors(run("receptions", unknown, unknown, congress=world.congress))) == 2


def test_a_namesake_is_named_by_the_certificate(world, stations):
    twins = [
        make.SeatFactory(term=world.term, delegation=delegation, person__name="张伟", certificate_no=number)
        for delegation, number in [(world.seat.delegation, "0101"), (world.other_seat.delegation, "")]
    ]
    row = STATION | {"名称": "城关联络站", "编入代表": "0101"}
    assert counts(run("stations", row, congress=world.congress)) == "新增 0、更新 1、未变 0"
    assert list(stations.station.deputies.all()) == [twins[0]]
    # A namesake without a number, picked in the browser, comes back from the export as the same person.
    save_stations(congress=world.congress, entries=[StationEntry(stations.remote, deputies=twins)])
    receive(world, stations.remote, seat=twins[1])
    file = exported("stations", Station.objects.visible_to(world.staff))
    assert counts(run_file("stations", file, congress=world.congress)) == "新增 0、更新 0、未变 3"
    file = exported("receptions", Reception.objects.visible_to(world.staff))
    assert counts(run_file("receptions", file, congress=world.congress)) == "新增 0、更新 0、未变 1"


def test_the_deputy_is_the_one_of_the_term_of_the_day(world, stations):
    past = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31)
    )
    before = make.SeatFactory(term=past, person=world.seat.person)
    leaver = make.SeatFactory(term=past, delegation=before.delegation, person__name="老代表")
    row = RECEPTION | {"承办": "", "日期": "2018-05-06", "回告日期": ""}
    run("receptions", row, row | {"接待代表": "老代表", "事项": "别的"}, congress=world.congress)
    assert [(row.seat, str(row.done_on)) for row in DutyRecord.objects.order_by("pk")] == [
        (before, "2018-05-06"), (leaver, "2018-05-06"),
    ]  # fmt: skip
    # A station keeps who left with the last term until the office says otherwise, and takes the new seat of who stayed.
    save_stations(congress=world.congress, entries=[StationEntry(stations.station, deputies=[before, leaver])])
    file = exported("stations", Station.objects.filter(pk=stations.station.pk))
    assert counts(run_file("stations", file, congress=world.congress)) == "新增 0、更新 1、未变 0"
    assert set(stations.station.deputies.all()) == {world.seat, leaver}
    file = exported("stations", Station.objects.filter(pk=stations.station.pk))
    assert counts(run_file("stations", file, congress=world.congress)) == "新增 0、更新 0、未变 1"


def test_deputies_of_other_levels_are_found(world, stations):
    seat = make.SeatFactory(term=make.TermFactory(congress=world.township, name="第十届"), person__name="镇代表")
    run("stations", STATION | {"编入代表": "镇代表、李春梅"}, congress=world.congress)
    assert set(StationDeputy.objects.values_list("seat", flat=True)) == {seat.pk, world.seat.pk}
    assert counts(run("receptions", RECEPTION | {"接待代表": "镇代表", "承办": ""}, congress=world.congress)) == (
        "新增 1、更新 0、未变 0"
    )
    assert DutyRecord.objects.get().seat == seat


def test_whoever_sits_at_two_levels_comes_back_at_the_same_one(world, stations):
    term = make.TermFactory(congress=world.township, name="第十届")
    delegation = make.DelegationFactory(term=term, name="第一选区代表团")
    above, below = world.seat, make.SeatFactory(term=term, delegation=delegation, person=world.seat.person)
    for seat, cell in ((above, "李春梅"), (below, "李春梅（第一选区代表团）")):
        save_stations(congress=world.congress, entries=[StationEntry(stations.station, values={}, deputies=[seat])])
        file = exported("stations", Station.objects.filter(pk=stations.station.pk))
        assert openpyxl.load_workbook(file).active.cell(2, 9).value == cell
        file.seek(0)
        assert counts(run_file("stations", file, congress=world.congress)) == "新增 0、更新 0、未变 1"


def test_a_reception_that_lost_its_deputy_comes_back_without_one(world, stations):
    change(world, receive(world, stations.station), seat=None)
    file = exported("receptions", Reception.objects.all())
    assert counts(run_file("receptions", file, congress=world.congress)) == "新增 0、更新 0、未变 1"
    assert DutyRecord.objects.count() == 0


def test_stations_and_townships_of_another_county_are_others(world, stations):
    make.TermFactory(congress=world.foreign_congress)
    row = {"名称": "城关联络站", "所属乡镇": "城关镇"}
    assert counts(run("stations", row, congress=world.foreign_congress)) == "新增 1、更新 0、未变 0"
    assert Township.objects.filter(name="城关镇").count() == 2
    assert Station.objects.get(congress=world.foreign_congress, name="城关联络站").township.body is None


def test_the_trial_run_writes_nothing(world, stations, alias):
    result = run("receptions", RECEPTION, congress=world.congress, dry_run=True)
    assert (counts(result), Reception.objects.count()) == ("新增 1、更新 0、未变 0", 0)
    assert counts(run("stations", STATION, congress=world.congress, dry_run=True)) == "新增 1、更新 0、未变 0"
    assert Station.objects.filter(name="东门联络站").count() == 0


def query_count(kind, rows, world):
    with CaptureQueriesContext(connection) as captured:
        assert run(kind, *rows, congress=world.congress).ok
    return len(captured)


@pytest.mark.parametrize("size", [3, 300])
def test_the_queries_do_not_grow_with_the_file(world, alias, size):
    rows = [STATION | {"名称": f"第{number}站", "所属乡镇": f"第{number % 3}乡"} for number in range(size)]
    received = [RECEPTION | {"联络站": f"第{number}站"} for number in range(size)]
    found = [query_count(*step, world) for step in (("stations", rows), ("receptions", received))]
    changed = [row | {"类型": "联络站", "编入代表": "李春梅"} for row in rows]
    corrected = [row | {"接待代表": "阿卜杜拉·买买提", "处理方式": "上报"} for row in received]
    found += [query_count(*step, world) for step in (("stations", changed), ("receptions", corrected))]
    assert found == [22, 28, 22, 30]
    with CaptureQueriesContext(connection) as captured:
        exported("stations", Station.objects.all())
        exported("receptions", Reception.objects.all())
    assert len(captured) == 5
