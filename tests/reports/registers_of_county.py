"""The other registers of the county's year: ledger, classes, stations, appointments, and what must not be counted."""

from __future__ import annotations

import datetime as dt

from appointments.models import Appointment, Wording
from bodies.models import Congress, Level, Township
from deputies.models import DeputyGroup, GroupMember, Seat
from duties.models import DutyRecord, DutyType, Source
from liaison_stations.models import Handling, OpinionItem, Reception, Station, StationDeputy, StationKind
from reports.registers import REPORTED
from tests import factories as make
from tests.factories import at
from tests.world import World
from training.models import Attendance, ClassKind, TrainingClass

DAY = dt.date(2025, 5, 20)
LAST_YEAR, NEXT_YEAR = dt.date(2024, 12, 31), dt.date(2026, 1, 1)


def write_registers(world: World) -> None:
    """Write the registers of 2025 beside rows of other years and of another county. Needs ``write_year`` before."""
    by_name = {seat.person.name: seat for seat in Seat.objects.filter(term=world.term).select_related("person")}
    foreign = Seat.objects.get(term__congress=world.foreign_congress)
    city = _other_levels(world)
    _ledger(world, by_name, city, foreign)
    _classes(world, by_name, foreign)
    _stations(world, city, foreign)
    _appointments(world)


def _other_levels(world: World) -> Seat:
    """Two deputies of other levels belong to groups of the county; three do not, or no more."""
    city = make.CongressFactory(name="云溪市", level=Level.CITY)
    own_group, second = DeputyGroup.objects.filter(term=world.term).order_by("sort")[:2]
    foreign_group = DeputyGroup.objects.get(term__congress=world.foreign_congress)
    earlier_group = DeputyGroup.objects.get(term__congress=world.congress, term__name="第十七届")

    def seat(congress: Congress, name: str, group: DeputyGroup | None, **fields: object) -> Seat:
        term = congress.terms.first() or make.TermFactory(congress=congress)
        made = make.SeatFactory(term=term, person__name=name, **fields)
        if group:
            GroupMember.objects.create(group=group, seat=made)
        return made

    grouped = seat(city, "市代表", own_group, person__ethnicity="汉族")
    # In two groups, and still one deputy.
    GroupMember.objects.create(group=second, seat=grouped)
    seat(world.township, "镇代表", own_group, person__ethnicity="回族", person__gender="男")
    seat(world.township, "未编组镇代表", None)
    seat(city, "外县编组市代表", foreign_group)
    seat(city, "上届编组市代表", earlier_group)
    seat(city, "离任市代表", own_group, status="ended", ended_on=dt.date(2025, 6, 1))
    return grouped


def _ledger(world: World, by_name: dict[str, Seat], city: Seat, foreign: Seat) -> None:
    own = {
        name: DutyType.objects.create(congress=world.congress, name=name)
        for name in (REPORTED, "向选民述职", "小组活动")
    }
    other = DutyType.objects.create(congress=world.foreign_congress, name=REPORTED)

    def line(seat: Seat, type_: DutyType, topic: str, day: dt.date = DAY, **fields: object) -> None:
        DutyRecord.objects.create(
            congress=type_.congress,
            seat=seat,
            done_on=day,
            type=type_,
            topic=topic,
            recorded_at=at(2025, 6, 1),
            **fields,
        )

    reported, activity = own[REPORTED], own["小组活动"]
    line(world.seat, activity, "走访", source=Source.ACTIVITY)
    # Typed as an activity, then taken over by a class.
    line(world.seat, activity, "听课", source=Source.TRAINING, source_id=1, typed_as=Source.ACTIVITY)
    line(world.seat, reported, "上半年述职", source=Source.SELF)
    line(world.seat, reported, "下半年述职", dt.date(2025, 12, 31))
    line(world.other_seat, own["向选民述职"], "述职", dt.date(2025, 1, 1))
    line(by_name["年底离任"], reported, "述职")
    line(city, reported, "述职")
    line(by_name["汉人"], reported, "述职", LAST_YEAR)
    line(by_name["汉人"], activity, "走访", NEXT_YEAR, source=Source.ACTIVITY)
    line(foreign, other, "述职", source=Source.ACTIVITY)


def _classes(world: World, by_name: dict[str, Seat], foreign: Seat) -> None:
    def held(name: str, kind: str, day: dt.date, attended: int, *seats: Seat, at_: Congress = world.congress) -> None:
        made = TrainingClass.objects.create(congress=at_, name=name, kind=kind, starts_on=day, attended=attended)
        Attendance.objects.bulk_create(Attendance(training_class=made, seat=seat) for seat in seats)

    held("初任班", ClassKind.INITIAL, dt.date(2025, 2, 1), 40, world.seat, by_name["汉人"])
    held("履职班", ClassKind.DUTY, dt.date(2025, 12, 31), 25, by_name["停职"])
    held("去年初任班", ClassKind.INITIAL, LAST_YEAR, 100, world.other_seat)
    held("明年初任班", ClassKind.INITIAL, NEXT_YEAR, 100, by_name["停职"])
    held("上届初任班", ClassKind.INITIAL, dt.date(2021, 12, 31), 100, by_name["停职"])
    held("外县初任班", ClassKind.INITIAL, DAY, 100, by_name["停职"], foreign, at_=world.foreign_congress)


def _stations(world: World, city: Seat, foreign: Seat) -> None:
    def station(name: str, kind: str, congress: Congress = world.congress) -> Station:
        township, _ = Township.objects.get_or_create(congress=congress, name="城关镇")
        return Station.objects.create(congress=congress, name=name, kind=kind, township=township, phone="0571-1")

    first = station("城关站", StationKind.STATION)
    station("园区站", StationKind.PARK)
    home = station("城关代表之家", StationKind.HOME)
    elsewhere = station("外县站", StationKind.STATION, world.foreign_congress)
    StationDeputy.objects.bulk_create(
        StationDeputy(station=first, seat=seat) for seat in (world.seat, world.other_seat, city)
    )
    StationDeputy.objects.create(station=home, seat=world.seat)

    def received(where: Station, matter: str, day: dt.date = DAY, seat: Seat | None = None, **opinion: object) -> None:
        reception = Reception.objects.create(
            station=where, received_on=day, seat=seat, visitor="来访人", contact="13800002222", matter=matter
        )
        OpinionItem.objects.create(station=where, reception=reception, raised_on=day, matter=matter, **opinion)

    received(first, "修路", seat=world.seat, handling=Handling.FORWARDED, unit=world.transport, replied_on=NEXT_YEAR)
    received(first, "问政策", dt.date(2025, 1, 1), handling=Handling.ANSWERED)
    received(home, "装路灯", dt.date(2025, 12, 31), seat=city, handling=Handling.FORWARDED)
    OpinionItem.objects.create(station=home, raised_on=DAY, matter="自行提出", handling=Handling.EXPLAINED)
    received(first, "去年的事", LAST_YEAR, handling=Handling.ANSWERED)
    received(first, "明年的事", NEXT_YEAR, handling=Handling.ANSWERED)
    received(elsewhere, "外县的事", seat=foreign, handling=Handling.ANSWERED)


def _appointments(world: World) -> None:
    def item(
        name: str, wording: str, day: dt.date = DAY, congress: Congress = world.congress, **fields: object
    ) -> None:
        Appointment.objects.create(
            congress=congress, name=name, post="县某局局长", wording=wording, decided_on=day, **fields
        )

    for wording in Wording:
        item(f"甲{wording.label}", wording)
    item("乙", Wording.APPOINT, dt.date(2025, 1, 1), exam_score=92, made_statement=True, took_oath=True)
    item("丙", Wording.APPOINT, dt.date(2025, 12, 31), exam_score=0, made_statement=True, letter_issued=True)
    done = {"exam_score": 88, "made_statement": True, "took_oath": True}
    item("丁", Wording.DECIDE_APPOINT, LAST_YEAR, **done)
    item("戊", Wording.DECIDE_APPOINT, NEXT_YEAR, **done)
    item("己", Wording.DECIDE_APPOINT, congress=world.foreign_congress, **done)
