"""The made-up county's training: last year's four classes with 740 attendances, and who came by name."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from accounts.models import User
from bodies.models import Congress
from casework.calendar import WorkCalendar
from deputies.models import GroupKind, Seat
from portal.demo.diary import Diary
from portal.demo.groups import Circle
from portal.demo.people import Roster
from portal.demo.plan import DAY
from training import services
from training.models import ClassForm, ClassKind

PARTY_SCHOOL, HALL = "县委党校", "县人大常委会会议中心"
OFFICE = "县人大常委会代表工作委员会"


class _Class(NamedTuple):
    """A class; ``years_ago`` and ``on`` (month, day) say when it begins."""

    key: str
    kind: ClassKind
    name: str
    years_ago: int
    on: tuple[int, int]
    days: int
    audience: str
    place: str = PARTY_SCHOOL
    form: ClassForm = ClassForm.TOGETHER

    def day_in(self, year: int) -> dt.date:
        """Return the day on which it begins, seen from this year."""
        return dt.date(year - self.years_ago, *self.on)


# Last year's four had 248 + 152 + 196 + 144 = 740 attendances.
CLASSES = (
    _Class("初任", ClassKind.INITIAL, "县第十八届人大代表初任培训班", 3, (3, 6), 3, "新当选的县人大代表"),
    _Class("履职", ClassKind.DUTY, "县人大代表履职能力提升培训班", 1, (4, 8), 2, "全体县人大代表"),
    _Class("组长", ClassKind.GROUP_LEADER, "代表小组组长和联络员培训班", 1, (6, 11), 1, "各代表小组组长、联络员", HALL),
    _Class("基层", ClassKind.GRASSROOTS, "乡镇人大干部和基层代表培训班", 1, (9, 10), 2, "乡镇人大干部、乡镇人大代表"),
    _Class(
        *("预算", ClassKind.TOPIC, "预算审查监督专题培训班", 1, (11, 12), 1, "财经专业小组和部分县人大代表"),
        *(HALL, ClassForm.VIDEO),
    ),
    _Class("质量", ClassKind.DUTY, "提高代表议案建议质量培训班", 0, (4, 14), 2, "全体县人大代表"),
    _Class("站点", ClassKind.TOPIC, "联络站规范化建设专题培训班", 0, (9, 9), 1, "各联络站负责人、联络员", HALL),
)


def hold_classes(
    *,
    county: Congress,
    roster: Roster,
    circles: Sequence[Circle],
    diary: Diary,
    calendar: WorkCalendar,
    staff: User,
    rng: random.Random,
) -> int:
    """Enter the term's initial class, last year's four and this year's two as far as they are over. Return how many."""
    entered = 0
    for entry in _entries(roster, circles, diary.today.year, calendar, rng):
        ends_on = entry.values["ends_on"]
        if ends_on <= diary.today:
            services.save_classes(congress=county, entries=[entry], user=staff, now=diary.moment(ends_on))
            entered += 1
    return entered


def _entries(
    roster: Roster, circles: Sequence[Circle], year: int, calendar: WorkCalendar, rng: random.Random
) -> list[services.ClassEntry]:
    deputies = roster.seats
    newcomers = [seat for seat in deputies if not seat.is_reelected]
    areas = [circle for circle in circles if circle.group.kind == GroupKind.AREA]
    officers = _people([seat for circle in areas for seat in (circle.leader, circle.liaison)])
    others = [seat for circle in areas for seat in circle.seats if seat.term_id != circle.group.term_id]
    named = {
        "初任": newcomers,
        "履职": rng.sample(deputies, 248),
        "组长": officers,
        "基层": _people(rng.sample(others, 130)),
        "预算": rng.sample(deputies, 104),
        "质量": rng.sample(deputies, 244),
        "站点": officers,
    }
    attended = {"初任": len(newcomers), "履职": 248, "组长": 152, "基层": 196, "预算": 144, "质量": 251, "站点": 168}
    return [
        _entry(row, named[row.key], attended[row.key], calendar.next_workday(row.day_in(year)), rng) for row in CLASSES
    ]


def _entry(
    row: _Class, named: Sequence[Seat], attended: int, starts_on: dt.date, rng: random.Random
) -> services.ClassEntry:
    is_initial = row.kind == ClassKind.INITIAL
    values = {
        "name": row.name,
        "kind": row.kind,
        "starts_on": starts_on,
        "ends_on": starts_on + (row.days - 1) * DAY,
        "place": row.place,
        "form": row.form,
        "organiser": OFFICE,
        "audience": row.audience,
        "expected": attended if is_initial else attended + rng.randint(4, 12),
        "attended": attended,
        "hours": Decimal(row.days * 8 - 2),
    }
    return services.ClassEntry(None, values, sorted(named, key=lambda seat: seat.pk))


def _people(seats: Sequence[Seat]) -> list[Seat]:
    """Leave out the second seat of whoever holds two."""
    return list({seat.person_id: seat for seat in seats}.values())
