"""Two years of the made-up duty ledger, beside what other registers write: activities of groups and single entries."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import OuterRef, Subquery

from accounts.models import User
from bodies.models import Congress
from casework.calendar import WorkCalendar
from deputies.models import Seat
from duties import services
from duties.models import DutyRecord, Source
from duties.presets import TYPES
from portal.demo import places, texts_ledger
from portal.demo.appointments import MONTHS, meeting_day
from portal.demo.diary import Diary
from portal.demo.groups import Circle
from portal.demo.people import Roster
from portal.demo.plan import DAY, sessions_of
from portal.demo.texts_ledger import Deed

# When a group meets: one activity in each of these spans of months.
SEASONS = ((2, 3), (5, 6), (7, 9), (10, 12))
PRESENT, REPORTING, IN_SESSION, OBSERVERS = 0.82, 90, 251, 10
COUNTY_SHARE, SELF_SHARE = 0.7, 0.55
DEMO_ENTRIES = 9
REPORT_MONTHS = (6, 12)


def keep_ledger(
    *,
    county: Congress,
    roster: Roster,
    circles: Sequence[Circle],
    diary: Diary,
    calendar: WorkCalendar,
    staff: User,
    rng: random.Random,
) -> int:
    """Enter last year's lines and those of this year so far, month by month. Return how many they are."""
    pen = _Pen(roster, circles, diary, calendar, rng)
    for year in (diary.today.year - 1, diary.today.year):
        pen.write_year(year)
    services.types_of(congress=county, names=TYPES)
    rows = sorted(pen.entries.values(), key=lambda entry: entry.line.done_on)
    for batch, moment in diary.months(rows, lambda entry: entry.line.done_on):
        services.save_typed(congress=county, entries=batch, user=staff, now=moment)
    # What deputies enter, nobody of the office has entered.
    own = DutyRecord.objects.filter(congress=county, source=Source.SELF)
    own.update(recorded_by=Subquery(User.objects.filter(person__seats=OuterRef("seat")).values("pk")[:1]))
    return len(rows)


class _Pen:
    """Makes the lines; none is written twice of one deputy, day, type and topic."""

    def __init__(
        self,
        roster: Roster,
        circles: Sequence[Circle],
        diary: Diary,
        calendar: WorkCalendar,
        rng: random.Random,
    ) -> None:
        self.roster, self.circles, self.diary, self.calendar, self.rng = roster, circles, diary, calendar, rng
        self.entries: dict[tuple[int, dt.date, str, str], services.TypedEntry] = {}
        self.home = {seat.pk: circle for circle in reversed(circles) for seat in circle.seats}
        own = {seat.pk for seat in roster.seats}
        self.others = [seat for circle in circles for seat in circle.seats if seat.pk not in own]

    def write_year(self, year: int) -> None:
        """Write everything of one year, as far as it has come."""
        self._sessions(year)
        self._meetings(year)
        for circle in self.circles:
            self._activities(circle, year)
        self._singles(year)
        self._reports(year)

    def _write(
        self, seat: Seat, day: dt.date, deed: Deed, *, source: Source, words: dict[str, str], place: str = ""
    ) -> None:
        if day > self.diary.today:
            return
        topic = deed.topic.format(**words)
        line = services.DutyLine(
            seat,
            day,
            deed.type,
            topic,
            place or f"{words['town']}{words['village']}",
            deed.content.format(**words),
            Decimal(4) if deed.type == "出席人代会" else None,
            deed.suggestions,
        )
        self.entries.setdefault((seat.person_id, day, deed.type, topic), services.TypedEntry(line, source))

    def _sessions(self, year: int) -> None:
        """Let nearly everybody attend the year's session; its days are the quantity."""
        first, last = sessions_of(year)
        if last > self.diary.today:
            return
        number = "一二三四"[year - self.diary.today.year + 3]
        deed = Deed("出席人代会", f"出席县十八届人民代表大会第{number}次会议", "全程出席，参加代表团审议")
        for seat in self.rng.sample(self.roster.seats, IN_SESSION):
            self._write(seat, first, deed, source=Source.PROXY, words={}, place="县人民会堂")

    def _meetings(self, year: int) -> None:
        """Let some deputies listen to each meeting of the standing committee."""
        listeners = [seat for seat in self.roster.seats if not seat.is_committee_member]
        for month in MONTHS:
            day = meeting_day(year, month, self.calendar)
            for seat in self.rng.sample(listeners, OBSERVERS):
                deed = self.rng.choice(texts_ledger.OBSERVED)
                self._write(seat, day, deed, source=Source.PROXY, words={}, place="县人大常委会会议厅")

    def _activities(self, circle: Circle, year: int) -> None:
        """Let a group meet once a season, with most of its members."""
        town = self._town(circle)
        deeds = self.rng.sample(_fitting(texts_ledger.ACTIVITIES, town), len(SEASONS))
        for deed, (start, end) in zip(deeds, SEASONS, strict=True):
            day = self._day(dt.date(year, start, 5), dt.date(year, end, 22))
            words = self._words(circle, town)
            for seat in circle.seats:
                raised = deed.suggestions if seat is circle.leader else 0
                if seat is circle.leader or self.rng.random() < PRESENT:
                    told = deed._replace(suggestions=raised)
                    self._write(seat, day, told, source=Source.ACTIVITY, words=words)

    def _singles(self, year: int) -> None:
        """Write what is entered line by line: by the deputies, or for them."""
        share = 1.0 if year < self.diary.today.year else self.diary.elapsed
        for amount, deeds in texts_ledger.ENTERED:
            for _ in range(round(amount * share)):
                county = self.rng.random() < COUNTY_SHARE
                self._single(self.rng.choice(self.roster.seats if county else self.others), deeds, year)
        for seat in self.roster.by_username.values():
            for _, deeds in self.rng.sample(texts_ledger.ENTERED, round(DEMO_ENTRIES * share)):
                self._single(seat, deeds, year)

    def _single(self, seat: Seat, deeds: Sequence[Deed], year: int) -> None:
        last = min(dt.date(year, 12, 28), self.diary.today)
        circle = self.home[seat.pk]
        town = self._town(circle)
        words = self._words(circle, town)
        # Only whoever has an account enters for himself.
        own = seat.person.user_id is not None and self.rng.random() < SELF_SHARE / COUNTY_SHARE
        day = self._day(dt.date(year, 1, 4), max(last, dt.date(year, 1, 4)))
        source = Source.SELF if own else Source.PROXY
        self._write(seat, day, self.rng.choice(_fitting(deeds, town)), source=source, words=words)

    def _reports(self, year: int) -> None:
        """Let some deputies report on their duties to those who elected them (代表法 58)."""
        for seat in self.rng.sample(self.roster.seats, REPORTING):
            circle = self.home[seat.pk]
            words = self._words(circle, self._town(circle))
            deed = Deed("报告履职", self.rng.choice(texts_ledger.REPORTS), "报告代表履职情况，现场发放测评票")
            day = self._day(dt.date(year, REPORT_MONTHS[0], 2), dt.date(year, REPORT_MONTHS[1], 20))
            self._write(seat, day, deed, source=Source.PROXY, words=words)

    def _day(self, first: dt.date, last: dt.date) -> dt.date:
        """Return a day of the span, a working day mostly."""
        day = first + self.rng.randint(0, (last - first).days) * DAY
        if self.rng.random() < 0.9 and not self.calendar.is_workday(day):
            day = self.calendar.next_workday(day)
            while day > last or not self.calendar.is_workday(day):
                day -= DAY
        return max(day, first)

    def _town(self, circle: Circle) -> places.Township:
        """Return where a group goes: those of the offices go anywhere."""
        return circle.town if circle.village else self.rng.choice(places.TOWNSHIPS)

    def _words(self, circle: Circle, town: places.Township) -> dict[str, str]:
        own = circle.village if circle.village and self.rng.random() < 0.7 else self.rng.choice(town.villages)
        return {
            "town": town.name,
            "short": town.short,
            "village": own,
            "road": self.rng.choice(town.roads),
            "river": town.river,
            "n": str(self.rng.randint(2, 8)),
        }


def _fitting(deeds: Sequence[Deed], town: places.Township) -> list[Deed]:
    return [deed for deed in deeds if town.own_seats or not deed.is_rural]
