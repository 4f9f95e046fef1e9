"""Two years of receptions at the made-up stations: who came when, with what, and what became of it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence

from accounts.models import User
from bodies.models import Congress, Unit
from casework.calendar import WorkCalendar
from liaison_stations import services
from liaison_stations.models import Handling, StationKind
from portal.demo import names, texts_receptions
from portal.demo.diary import Diary
from portal.demo.plan import DAY
from portal.demo.stations import Post
from portal.demo.texts_receptions import PROBLEMS, QUESTIONS, Problem, Question

LAST_YEAR, A_YEAR_NOW = 1100, 1010
STATION_DAYS = (6, 16, 26)
QUESTIONS_SHARE, EXPLAINED_SHARE, ON_STATION_DAYS, OWN_WISH = 0.42, 0.25, 0.8, 0.75
ROUTES = {Handling.FORWARDED: 62, Handling.REPORTED: 13, Handling.PROPOSED: 13, Handling.EXPLAINED: 12}
DELAYS = {Handling.FORWARDED: (7, 45), Handling.REPORTED: (4, 30), Handling.PROPOSED: (2, 12)}
# Of last year's only some of the last weeks, of this year's some more of the last two months have no reply.
STALE, STALE_FROM, SLOW, SLOW_DAYS = 0.3, (11, 20), 0.2, 60
FIRST_CONTACT, CONTACTS = 7001, 990


def hold_receptions(
    *,
    county: Congress,
    posts: Sequence[Post],
    units: Mapping[str, Unit],
    diary: Diary,
    calendar: WorkCalendar,
    staff: User,
    rng: random.Random,
) -> int:
    """Enter last year's receptions and those of this year so far, month by month as the office does.

    Returns how many they are.
    """
    first = dt.date(diary.today.year - 1, 1, 1)
    last = first.replace(month=12, day=31)
    days = [_day(first, last, calendar, rng) for _ in range(LAST_YEAR)]
    if amount := round(A_YEAR_NOW * diary.elapsed):
        days += [_day(diary.year_start, diary.today, calendar, rng) for _ in range(amount)]
    desk = _Desk(posts, units, diary, calendar, rng)
    for batch, moment in diary.months(sorted(days)):
        services.save_receptions(congress=county, entries=[desk.receive(day) for day in batch], user=staff, now=moment)
    return len(days)


def _day(first: dt.date, last: dt.date, calendar: WorkCalendar, rng: random.Random) -> dt.date:
    """Return a day of the span: a day of reception mostly, else a working day if chance finds one."""
    for _ in range(20):
        day = first + rng.randint(0, (last - first).days) * DAY
        if rng.random() < ON_STATION_DAYS:
            # A day of reception that is a rest day moves to the next working day.
            day = calendar.next_workday(day.replace(day=rng.choice(STATION_DAYS)))
            if first <= day <= last:
                return day
        elif calendar.is_workday(day):
            return day
    return day if first <= day <= last else last


class _Desk:
    """Makes the entries; no station hears the same matter twice before it has heard all of them."""

    def __init__(
        self,
        posts: Sequence[Post],
        units: Mapping[str, Unit],
        diary: Diary,
        calendar: WorkCalendar,
        rng: random.Random,
    ) -> None:
        self.posts, self.units, self.diary, self.calendar, self.rng = posts, units, diary, calendar, rng
        # A street has many people and few stations.
        self.weights = [
            (1 if post.station.kind == StationKind.HOME else 2) + 3 * (not post.town.own_seats) for post in posts
        ]
        self.problems: dict[int, Iterator[Problem]] = {}
        self.questions: dict[int, Iterator[Question]] = {}

    def receive(self, day: dt.date) -> services.ReceptionEntry:
        """Return a visit on a day."""
        rng = self.rng
        post = rng.choices(self.posts, self.weights)[0]
        words = self._words(post)
        handling, unit, replied_on = Handling.ANSWERED, None, day
        if rng.random() < QUESTIONS_SHARE:
            question = self._next(self.questions, QUESTIONS, post)
            asked = rng.choice(question.asked)
            whom = rng.choice(texts_receptions.FOR_WHOM) if asked.startswith("咨询") else ""
            matter = rng.choice(texts_receptions.OCCASIONS) + whom + asked
            result = rng.choice(texts_receptions.ANSWERED).format(answer=question.answer)
            if rng.random() < EXPLAINED_SHARE:
                handling, result = Handling.EXPLAINED, question.answer
        else:
            problem = self._next(self.problems, PROBLEMS, post)
            core, wish, done = rng.choice(list(zip(problem.cores, problem.wishes, problem.done, strict=True)))
            matter = f"{core}，{wish if rng.random() < OWN_WISH else rng.choice(texts_receptions.ANY_WISH)}"
            handling = rng.choices(list(ROUTES), list(ROUTES.values()))[0]
            if handling == Handling.FORWARDED:
                unit = self.units[problem.unit]
            result = self._result(handling, unit, done)
            replied_on = self._replied_on(handling, day)
        return services.ReceptionEntry(
            None,
            {
                "station": post.station,
                "received_on": day,
                "seat": rng.choices(post.seats, [4, 3, 2, 2] + [1] * (len(post.seats) - 4))[0],
                "visitor": self._visitor(words["village"]),
                "contact": f"1990000{FIRST_CONTACT + rng.randrange(CONTACTS):04d}" if rng.random() < 0.6 else "",
                "matter": matter.format(**words),
            },
            {
                "handling": handling,
                "unit": unit,
                "replied_on": replied_on,
                "result": result.format(**words) if replied_on else "",
            },
        )

    def _next(self, decks: dict[int, Iterator], topics: Sequence, post: Post) -> Problem | Question:
        where = "R" if post.town.own_seats else "U"
        while True:
            topic = next(decks.get(post.station.pk, iter(())), None)
            if topic is None:
                fitting = [topic for topic in topics if topic.where in ("B", where)]
                decks[post.station.pk] = iter(self.rng.sample(fitting, len(fitting)))
                continue
            return topic

    def _words(self, post: Post) -> dict[str, str]:
        rng, town = self.rng, post.town
        village = post.village if rng.random() < 0.7 else rng.choice(town.villages)
        spot = f"{village}{rng.randint(1, 12)}组"
        if not town.own_seats:
            spot = f"{village}{rng.choice(texts_receptions.ESTATES)}{rng.randint(1, 15)}栋"
        return {
            "village": village,
            "spot": spot,
            "road": rng.choice(town.roads),
            "river": town.river,
            "short": town.short,
            "place": town.name,
            "n": str(rng.randint(2, 6)),
            "m": str(rng.randint(12, 90)),
        }

    def _visitor(self, village: str) -> str:
        rng = self.rng
        surname = rng.choice(names.SURNAMES[: names.COMMON])
        chance = rng.random()
        if chance < 0.08:
            return ""
        if chance < 0.16:
            return f"{village}村民代表" if village.endswith("村") else f"{village}居民代表"
        if chance < 0.3:
            return surname + rng.choice(texts_receptions.TITLES)
        return surname + rng.choice(names.MALE if rng.random() < 0.55 else names.FEMALE)

    def _result(self, handling: Handling, unit: Unit | None, done: str) -> str:
        if unit is not None:
            return self.rng.choice(texts_receptions.FORWARDED).replace("{unit}", unit.name).replace("{done}", done)
        return self.rng.choice(
            {
                Handling.EXPLAINED: texts_receptions.EXPLANATIONS,
                Handling.REPORTED: texts_receptions.REPORTED,
                Handling.PROPOSED: texts_receptions.PROPOSED,
            }[handling]
        )

    def _replied_on(self, handling: Handling, day: dt.date) -> dt.date | None:
        """Return when the visitor was told what became of it, None where that is still to come."""
        if handling == Handling.EXPLAINED:
            return day
        today = self.diary.today
        if day.year < today.year:
            is_open = (day.month, day.day) >= STALE_FROM and self.rng.random() < STALE
        else:
            is_open = (today - day).days < SLOW_DAYS and self.rng.random() < SLOW
        replied = self.calendar.next_workday(day + self.rng.randint(*DELAYS[handling]) * DAY)
        return None if is_open or replied > today else replied
