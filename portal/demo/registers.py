"""Fills the registers beside the proposals: stations, receptions, training, appointments and the duty ledger."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from bodies.models import Township
from casework.queries import work_calendar
from portal.demo.appointments import decide_appointments
from portal.demo.classes import hold_classes
from portal.demo.diary import Diary
from portal.demo.groups import Circle
from portal.demo.ledger import keep_ledger
from portal.demo.play import Cast
from portal.demo.receptions import hold_receptions
from portal.demo.stations import set_up_stations


def fill(*, cast: Cast, circles: Sequence[Circle], now: dt.datetime, rng: random.Random) -> str:
    """Fill the registers for last year and this year so far. Returns what was made, in words."""
    diary, calendar = Diary(now), work_calendar()
    term, staff = cast.roster.seats[0].term, cast.staff[0]
    county = term.congress
    townships = {row.name: row for row in Township.objects.filter(congress=county)}
    posts = set_up_stations(county=county, townships=townships, circles=circles, rng=rng)
    everybody = {"county": county, "diary": diary, "calendar": calendar, "staff": staff, "rng": rng}
    received = hold_receptions(
        posts=posts, units={alias: unit for alias, (unit, _, _) in cast.units.items()}, **everybody
    )
    trained = hold_classes(roster=cast.roster, circles=circles, **everybody)
    appointed = decide_appointments(term=term, roster=cast.roster, diary=diary, calendar=calendar, rng=rng)
    kept = keep_ledger(roster=cast.roster, circles=circles, **everybody)
    members = len({seat.pk for circle in circles for seat in circle.seats})
    return (
        f"各级代表 {members} 人编成 {len(circles)} 个代表小组，联络站和代表之家 {len(posts)} 个，接待 {received} 人次，"
        f"培训 {trained} 班，任免 {appointed} 人次，另有履职记录 {kept} 条"
    )
