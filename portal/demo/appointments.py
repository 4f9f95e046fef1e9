"""Two years of appointments and removals: last year's 242, with exams, statements, letters and oaths as published."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from appointments import services
from appointments.models import Wording
from bodies.meetings import meetings_of
from bodies.models import Meeting, Term
from casework.calendar import WorkCalendar
from portal.demo import posts
from portal.demo.diary import Diary
from portal.demo.people import COMMITTEE_MEMBERS, Mandate, Roster, name_of
from portal.demo.plan import DAY

MONTHS = (2, 4, 6, 8, 10, 12)
EXAMS, STATEMENTS, OATHS = 48, 16, 41
ORDINALS = "一二三四五六七八九十"
LAY_JUDGES_AT, LAY_JUDGES_NOW_AT = 2, 3
APPOINT, REMOVE = Wording.APPOINT, Wording.REMOVE
DECIDE_APPOINT, DECIDE_REMOVE = Wording.DECIDE_APPOINT, Wording.DECIDE_REMOVE


@dataclass
class _Item:
    """One line of a list; ``rank`` orders who sits the exam, speaks and swears first where not everybody does."""

    name: str
    post: str
    wording: Wording
    nominator: str
    rank: int = 0


# What is decided on together, as of one person who leaves a post for another.
Bundle = list[_Item]


def decide_appointments(*, term: Term, roster: Roster, diary: Diary, calendar: WorkCalendar, rng: random.Random) -> int:
    """Enter last year's items and those of this year's meetings that are over. Return how many they are."""
    year = diary.today.year
    people = _People(roster, rng)
    closed, heads = _last_year(people, rng)
    running = _this_year(people, heads, rng)
    entered = 0
    for count, (of_year, meetings) in enumerate(((year - 1, closed), (year, running)), start=2):
        whole = [item for bundles in meetings for bundle in bundles for item in bundle]
        marks = _marks(whole, rng) if of_year < year else _marks(whole, rng, exams=24, statements=8, oaths=18)
        for number, bundles in enumerate(meetings):
            day = meeting_day(of_year, MONTHS[number], calendar)
            if day > diary.today:
                break
            name = f"常委会第{_ordinal(count * len(MONTHS) + number + 1)}次会议"
            meeting = meetings_of(names={term: [name]})[term.pk, name]
            Meeting.objects.filter(pk=meeting.pk).update(held_on=day)
            entries = list(_entries(bundles, marks, meeting, day, rng))
            services.save_appointments(congress=term.congress, entries=entries)
            entered += len(entries)
    return entered


class _People:
    """Names for those who are appointed: of a deputy where the roster knows the post, else of somebody new."""

    def __init__(self, roster: Roster, rng: random.Random) -> None:
        self.rng = rng
        self.taken = {seat.person.name for seat in roster.seats}
        self.holders = {seat.person.post: seat.person.name for seat in roster.seats}
        demo = roster.by_username.values()
        others = [seat for seat in roster.seats if seat not in demo and not seat.is_committee_member]
        self.deputies = [seat.person.name for seat in rng.sample(others, len(others))]

    def new(self) -> str:
        gender = "女" if self.rng.random() < 0.34 else "男"
        return name_of(Mandate(None, "", gender=gender, ethnicity="汉族"), self.taken, self.rng)

    def holder(self, post: str) -> str:
        return self.holders.get(post) or self.new()

    def deputy(self) -> str:
        return self.deputies.pop()


def _last_year(people: _People, rng: random.Random) -> tuple[list[list[Bundle]], dict[str, str]]:
    """Return the six meetings' items (29 + 153 + 57 + 3), and who holds which head's post since."""
    new = people.new
    heads = {post: people.holder(post) for post in posts.HEADS}
    loose: list[Bundle] = [[_Item(name, post, DECIDE_APPOINT, posts.MAGISTRATE, 8)] for post, name in heads.items()]
    loose += [[_Item(new(), posts.VICE_MAGISTRATE, DECIDE_APPOINT, posts.MAGISTRATE, 9)] for _ in range(3)]
    loose += _court(people, promoted=5, judges=12, vice_chiefs=8, leaving=3)
    loose += [[_Item(new(), posts.PROCURATOR, APPOINT, posts.PROCURATORATE)] for _ in range(8)]
    loose += [[_Item(new(), posts.PROCURATORATE_COUNCIL, APPOINT, posts.PROCURATORATE)] for _ in range(2)]
    loose += [[_Item(new(), posts.PROCURATORATE_VICE, APPOINT, posts.PROCURATORATE, 7)]]
    loose += [[_Item(new(), posts.PROCURATOR, REMOVE, posts.PROCURATORATE)] for _ in range(4)]
    loose += [[_Item(new(), posts.PROCURATORATE_COUNCIL, REMOVE, posts.PROCURATORATE)]]
    loose += [[_Item(new(), posts.SUPERVISION_VICE, APPOINT, posts.SUPERVISION, 7)]]
    loose += [[_Item(new(), posts.SUPERVISION_MEMBER, APPOINT, posts.SUPERVISION, 7)] for _ in range(2)]
    loose += [[_Item(new(), posts.SUPERVISION_MEMBER, REMOVE, posts.SUPERVISION)] for _ in range(2)]
    loose += [[_Item(people.deputy(), post, APPOINT, posts.CHAIRPERSONS)] for post in posts.COMMITTEES]
    loose += [[_Item(new(), post, APPOINT, posts.CHAIRPERSONS)] for post in posts.STAFF]
    loose += [[_Item(people.deputy(), post, REMOVE, posts.CHAIRPERSONS)] for post in posts.COMMITTEES[2:4]]
    loose += [[_Item(new(), post, REMOVE, posts.CHAIRPERSONS)] for post in posts.STAFF[1:5]]
    loose += _resigning(people, (posts.VICE_MAGISTRATE, posts.COMMITTEE_MEMBER, posts.COMMITTEE_MEMBER))
    meetings = _deal(loose, rng)
    meetings[LAY_JUDGES_AT] += [[_Item(new(), posts.LAY_JUDGE, REMOVE, posts.COURT)] for _ in range(26)]
    meetings[LAY_JUDGES_AT] += [[_Item(new(), posts.LAY_JUDGE, APPOINT, posts.COURT)] for _ in range(96)]
    return meetings, heads


def _court(people: _People, *, promoted: int, judges: int, vice_chiefs: int, leaving: int) -> list[Bundle]:
    """Return the court's items: seven chiefs of divisions, some of whom were vice chiefs, and those who retire."""
    new, bundles = people.new, []
    for number, division in enumerate(posts.DIVISIONS):
        name, chief = new(), f"县人民法院{division}庭长"
        bundle = [_Item(name, chief, APPOINT, posts.COURT, 6)]
        if number < promoted:
            # Whoever moves up is removed from the old post first; the old chief retires.
            bundle.insert(0, _Item(name, f"县人民法院{division}副庭长", REMOVE, posts.COURT))
            old = new()
            bundle[:0] = [_Item(old, chief, REMOVE, posts.COURT)]
            if number < leaving:
                bundle[1:1] = [_Item(old, posts.JUDGE, REMOVE, posts.COURT)]
        bundles.append(bundle)
    for number in range(vice_chiefs):
        division = posts.DIVISIONS[number % len(posts.DIVISIONS)]
        name = new()
        bundle = [_Item(name, f"县人民法院{division}副庭长", APPOINT, posts.COURT)]
        if number < judges // 3:
            bundle.append(_Item(name, posts.JUDGE, APPOINT, posts.COURT, 4))
        bundles.append(bundle)
    bundles += [[_Item(new(), posts.JUDGE, APPOINT, posts.COURT)] for _ in range(judges - judges // 3)]
    bundles += [[_Item(new(), posts.COURT_COUNCIL, APPOINT, posts.COURT, 5)] for _ in range(3)]
    bundles += [[_Item(new(), posts.COURT_VICE, APPOINT, posts.COURT, 7)]]
    bundles += [[_Item(new(), posts.JUDGE, REMOVE, posts.COURT)] for _ in range(8 - leaving)]
    return bundles


def _this_year(people: _People, heads: dict[str, str], rng: random.Random) -> list[list[Bundle]]:
    """Return the six meetings' items of a calmer year."""
    new = people.new
    # A head who is a deputy stays.
    free = [post for post, name in heads.items() if name not in people.holders.values()]
    loose: list[Bundle] = [
        [
            _Item(heads[post], post, DECIDE_REMOVE, posts.MAGISTRATE),
            _Item(new(), post, DECIDE_APPOINT, posts.MAGISTRATE, 8),
        ]
        for post in rng.sample(free, 9)
    ]
    loose += [[_Item(new(), posts.VICE_MAGISTRATE, DECIDE_APPOINT, posts.MAGISTRATE, 9)] for _ in range(2)]
    loose += [[_Item(new(), posts.JUDGE, APPOINT, posts.COURT, 4)] for _ in range(11)]
    loose += [[_Item(new(), posts.JUDGE, REMOVE, posts.COURT)] for _ in range(9)]
    loose += [
        [_Item(new(), f"县人民法院{division}副庭长", APPOINT, posts.COURT, 5)] for division in posts.DIVISIONS[:4]
    ]
    loose += [[_Item(new(), posts.PROCURATOR, APPOINT, posts.PROCURATORATE)] for _ in range(7)]
    loose += [[_Item(new(), posts.PROCURATOR, REMOVE, posts.PROCURATORATE)] for _ in range(5)]
    loose += [[_Item(new(), posts.SUPERVISION_MEMBER, APPOINT, posts.SUPERVISION, 7)]]
    loose += [[_Item(people.deputy(), post, APPOINT, posts.CHAIRPERSONS)] for post in posts.COMMITTEES[2:5]]
    loose += [[_Item(new(), post, APPOINT, posts.CHAIRPERSONS)] for post in posts.STAFF[:3]]
    loose += [[_Item(new(), post, REMOVE, posts.CHAIRPERSONS)] for post in posts.STAFF[:3]]
    loose += _resigning(people, (posts.COMMITTEE_MEMBER, posts.VICE_MAGISTRATE))
    meetings = _deal(loose, rng)
    meetings[LAY_JUDGES_NOW_AT] += [[_Item(new(), posts.LAY_JUDGE, REMOVE, posts.COURT)] for _ in range(8)]
    meetings[LAY_JUDGES_NOW_AT] += [[_Item(new(), posts.LAY_JUDGE, APPOINT, posts.COURT)] for _ in range(22)]
    return meetings


def _resigning(people: _People, resigned: Sequence[str]) -> list[Bundle]:
    return [
        [
            _Item(
                people.deputy() if post == posts.COMMITTEE_MEMBER else people.new(),
                post,
                Wording.ACCEPT_RESIGNATION,
                posts.SELF,
            )
        ]
        for post in resigned
    ]


def _deal(bundles: list[Bundle], rng: random.Random) -> list[list[Bundle]]:
    """Spread the items over the year's meetings, removals first, by whom they come from."""
    order = (posts.SELF, posts.MAGISTRATE, posts.CHAIRPERSONS, posts.SUPERVISION, posts.COURT, posts.PROCURATORATE)
    rng.shuffle(bundles)
    meetings = [bundles[number :: len(MONTHS)] for number in range(len(MONTHS))]
    for meeting in meetings:
        meeting.sort(key=lambda bundle: (order.index(bundle[0].nominator), bundle[0].wording in (APPOINT,)))
    return meetings


def _marks(
    items: Sequence[_Item], rng: random.Random, *, exams: int = EXAMS, statements: int = STATEMENTS, oaths: int = OATHS
) -> dict[str, set[int]]:
    """Choose by rank who sits the exam, makes a statement, gets a letter and swears; by the items' identity."""
    new = [item for item in items if item.wording in (APPOINT, DECIDE_APPOINT) and item.post != posts.LAY_JUDGE]
    shuffled = rng.sample(new, len(new))
    ranked = [id(item) for item in sorted(shuffled, key=lambda item: -item.rank)]
    return {"exam": set(ranked[:exams]), "statement": set(ranked[:statements]), "oath": set(ranked[:oaths])}


def _entries(
    bundles: Sequence[Bundle], marks: dict[str, set[int]], meeting: Meeting, day: dt.date, rng: random.Random
) -> Iterator[services.AppointmentEntry]:
    present = COMMITTEE_MEMBERS - rng.randint(0, 4)
    for item in (item for bundle in bundles for item in bundle):
        against = 0 if item.post == posts.LAY_JUDGE else rng.choices((0, 1, 2), (80, 15, 5))[0]
        abstained = 0 if item.post == posts.LAY_JUDGE else rng.choices((0, 1, 2), (75, 20, 5))[0]
        yield services.AppointmentEntry(
            None,
            {
                "name": item.name,
                "post": item.post,
                "wording": item.wording,
                "nominator": item.nominator,
                "meeting": meeting,
                "decided_on": day,
                "exam_score": Decimal(rng.randint(152, 198)) / 2 if id(item) in marks["exam"] else None,
                "made_statement": id(item) in marks["statement"],
                "letter_issued": id(item) in marks["oath"],
                "took_oath": id(item) in marks["oath"],
                "expected": COMMITTEE_MEMBERS,
                "in_favour": present - against - abstained,
                "against": against,
                "abstained": abstained,
            },
        )


def meeting_day(year: int, month: int, calendar: WorkCalendar) -> dt.date:
    """Return the day in a month on which the standing committee meets: the last working day up to the 26th."""
    day = dt.date(year, month, 26)
    while not calendar.is_workday(day):
        day -= DAY
    return day


def _ordinal(number: int) -> str:
    """Return a number up to 99 in Chinese: 14 → 十四."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{ORDINALS[tens - 1]}十"
    return head + (ORDINALS[ones - 1] if ones else "")
