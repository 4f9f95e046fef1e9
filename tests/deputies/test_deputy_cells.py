"""How cells name deputies: own ones first, those of other levels where the congress works with them, namesakes by number."""

import datetime as dt

import pytest

from bodies.models import Level
from deputies.cells import DeputyNames
from deputies.models import GroupMember, Seat
from tests import factories as make
from tests.forms.support import counts, errors, exported, run, run_file
from tests.world import World

pytestmark = pytest.mark.django_db


def line(**cells: str) -> dict[str, str]:
    return {"代表": "", "日期": "2026-03-05", "类型": "专题调研", "主题": "调研养老服务"} | cells


def seat_of_city(world: World, name: str, certificate_no: str = "") -> Seat:
    city = make.CongressFactory(code="990000", name="东澜市", level=Level.CITY)
    term = make.TermFactory(congress=city, name="第五届")
    person = make.PersonFactory(name=name)
    return make.SeatFactory(person=person, term=term, certificate_no=certificate_no)


def test_a_city_deputy_is_unknown_until_a_group_of_the_county_holds_him(world: World) -> None:
    seat = seat_of_city(world, "周望舒")
    row = line(代表="周望舒")
    found = errors(run("duty_records", row, congress=world.congress))
    assert len(found) == 1
    assert found[0].startswith("表 Sheet1 第 2 行 代表「周望舒」：不认识代表「周望舒」")
    GroupMember.objects.create(group=make.DeputyGroupFactory(term=world.term), seat=seat)
    assert counts(run("duty_records", row, congress=world.congress)) == "新增 1、更新 0、未变 0"
    assert seat.duty_records.get().done_on == dt.date(2026, 3, 5)


def test_a_township_deputy_is_known_to_the_county_above(world: World) -> None:
    term = make.TermFactory(congress=world.township, name="第十八届")
    seat = make.SeatFactory(person=make.PersonFactory(name="吴山青"), term=term)
    assert counts(run("duty_records", line(代表="吴山青"), congress=world.congress)) == "新增 1、更新 0、未变 0"
    assert seat.duty_records.count() == 1


def test_the_own_deputy_comes_before_a_namesake_of_another_level(world: World) -> None:
    name = world.seat.person.name
    namesake = seat_of_city(world, name)
    GroupMember.objects.create(group=make.DeputyGroupFactory(term=world.term), seat=namesake)
    assert counts(run("duty_records", line(代表=name), congress=world.congress)) == "新增 1、更新 0、未变 0"
    assert (world.seat.duty_records.count(), namesake.duty_records.count()) == (1, 0)


def test_namesakes_are_written_by_number_and_come_back_as_themselves(world: World) -> None:
    name = world.seat.person.name
    Seat.objects.filter(pk=world.seat.pk).update(certificate_no="18-001")
    twin = make.SeatFactory(person=make.PersonFactory(name=name), term=world.term, certificate_no="18-002")
    found = errors(run("duty_records", line(代表=name), congress=world.congress))
    delegations = "、".join(sorted({world.seat.delegation.name, twin.delegation.name}))
    assert found == [
        f"表 Sheet1 第 2 行 代表「{name}」：本届有 2 位代表叫「{name}」（{delegations}），请改填代表证号，或填写代表团"
    ]
    assert counts(run("duty_records", line(代表="18-002"), congress=world.congress)) == "新增 1、更新 0、未变 0"
    names = DeputyNames(world.congress)
    assert [names.of(twin), names.of(world.other_seat)] == [
        f"{name}（{twin.delegation.name}）",
        world.other_seat.person.name,
    ]
    file = exported("duty_records", twin.duty_records.all())
    assert counts(run_file("duty_records", file, congress=world.congress)) == "新增 0、更新 0、未变 1"
    assert world.seat.duty_records.count() == 0


def test_a_namesake_of_another_level_with_the_same_number_stays_himself(world: World) -> None:
    name = world.seat.person.name
    Seat.objects.filter(pk=world.seat.pk).update(certificate_no="0001")
    other = seat_of_city(world, name, certificate_no="0001")
    GroupMember.objects.create(group=make.DeputyGroupFactory(term=world.term), seat=other)
    cell = f"{name}({other.delegation.name})"
    assert counts(run("duty_records", line(代表=cell), congress=world.congress)) == "新增 1、更新 0、未变 0"
    assert (world.seat.duty_records.count(), other.duty_records.count()) == (0, 1)
    file = exported("duty_records", other.duty_records.all())
    assert counts(run_file("duty_records", file, congress=world.congress)) == "新增 0、更新 0、未变 1"


def test_namesakes_of_one_delegation_are_written_by_number(world: World) -> None:
    Seat.objects.filter(pk=world.seat.pk).update(certificate_no="18-001")
    person = make.PersonFactory(name=world.seat.person.name)
    twin = make.SeatFactory(person=person, term=world.term, delegation=world.seat.delegation, certificate_no="18-002")
    assert DeputyNames(world.congress).of(twin) == "18-002"
    assert counts(run("duty_records", line(代表="18-002"), congress=world.congress)) == "新增 1、更新 0、未变 0"
    assert twin.duty_records.count() == 1


def test_the_command_line_joins_people_up_and_down_the_line_and_leaves_other_counties_alone(world: World) -> None:
    city = make.CongressFactory(code="990000", name="东澜市", level=Level.CITY)
    world.congress.parent = city
    world.congress.save()
    make.TermFactory(congress=city, name="第五届")
    world.foreign_congress.parent = make.CongressFactory(level=Level.CITY)
    world.foreign_congress.save()
    make.TermFactory(congress=world.foreign_congress)
    row = {"姓名": "周望舒", "性别": "女", "出生年月": "1970-01", "代表团": "第一代表团", "手机": "13800000001"}
    for congress in (city, world.congress, world.foreign_congress):
        phone = "13900000009" if congress == world.foreign_congress else row["手机"]
        assert counts(run("deputies", row | {"手机": phone}, congress=congress)) == "新增 1、更新 0、未变 0"
    held = {seat.term.congress.name: seat.person for seat in Seat.objects.filter(person__name="周望舒")}
    assert held["东澜市"] == held["云溪县"] != held["石桥县"]
    assert [held[name].phone for name in ("云溪县", "石桥县")] == ["13800000001", "13900000009"]
