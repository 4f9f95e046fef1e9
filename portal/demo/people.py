"""The made-up roster: deputies in delegations and groups, with their accounts."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from accounts.models import Membership, Role, User
from bodies.models import Congress, Term
from bodies.pinyin import initials, sort_key
from deputies.models import Delegation, Person, Seat
from portal.demo import names, places
from portal.demo.logins import LOGINS
from portal.demo.units import GOVERNMENT

WOMEN, COMMITTEE_MEMBERS, REELECTED = 78, 33, 0.45
UNUSABLE = "!"  # No password opens an account that nobody is to use.
OFFICES = [line.split()[0] for line in GOVERNMENT.strip().splitlines() if line.split()[0].endswith("局")]
# Posts that one person at a time holds.
SINGLE = (
    *("书记", "主席", "主任", "}局长", "{head}", "县长", "检察长", "部长", "院长", "校长"),
    *("董事长", "理事长", "总经理", "经理", "厂长"),
)
DEMO_DEPUTIES = {
    "daibiao1": ("女", "汉族", "中国共产党", names.CADRE, "文昌社区党委书记、居民委员会主任", "本科"),
    "daibiao2": ("男", "维吾尔族", "群众", names.OWNER, "云溪西域餐饮有限公司总经理", "大专"),
    "daibiao3": ("男", "汉族", "群众", names.FARMER, "青石村种粮大户", "高中（中专）"),
}
CHAIR = "qingshi"


@dataclass
class Roster:
    """The county's seats in office, by delegation name, and those of the demo accounts by user name."""

    seats: list[Seat] = field(default_factory=list)
    by_delegation: dict[str, list[Seat]] = field(default_factory=dict)
    by_username: dict[str, Seat] = field(default_factory=dict)


@dataclass
class Mandate:
    """What is known of a deputy before the rows are made.

    ``village`` is where one of a township's own congress lives; others ``is_sent_up`` to the city or the province.
    """

    place: places.Township | None
    delegation: str
    name: str = ""
    gender: str = ""
    ethnicity: str = ""
    username: str = ""
    village: str = ""
    is_sent_up: bool = False


def build_roster(
    *, term: Term, townships: dict[str, Congress], today: dt.date, posts: Posts, rng: random.Random
) -> Roster:
    """Create the county's deputies with persons, accounts, seats and delegations."""
    mandates = _mandates(rng)
    known = {row.username: row for row in User.objects.filter(username__in=DEMO_DEPUTIES)}
    users = [
        known.get(row.username) or User(username=f"db{number:03d}", name=row.name, password=UNUSABLE)
        for number, row in enumerate(mandates, start=1)
    ]
    User.objects.bulk_create(user for user in users if user.pk is None)
    Membership.objects.bulk_create(Membership(user=user, role=Role.DEPUTY, congress=term.congress) for user in users)
    persons = [
        person_of(row, user, phone=1001 + number * 7, this_year=today.year, posts=posts, rng=rng)
        for number, (row, user) in enumerate(zip(mandates, users, strict=True))
    ]
    Person.objects.bulk_create(persons)
    delegations = _delegations(term, townships)
    members = set(rng.sample(range(len(mandates)), COMMITTEE_MEMBERS))
    seats = [
        Seat(
            person=person,
            term=term,
            delegation=delegations[row.delegation],
            elected_by=_elected_by(row, rng),
            certificate_no=f"18-{number + 1:03d}",
            is_reelected=rng.random() < REELECTED,
            is_committee_member=number in members,
            started_on=term.starts_on,
        )
        for number, (row, person) in enumerate(zip(mandates, persons, strict=True))
    ]
    Seat.objects.bulk_create(seats)
    roster = Roster(seats=seats)
    for row, seat in zip(mandates, seats, strict=True):
        roster.by_delegation.setdefault(row.delegation, []).append(seat)
        if row.username:
            roster.by_username[row.username] = seat
    return roster


def give_second_hat(roster: Roster) -> None:
    """Let the chair of a township be a deputy of its delegation too, in the place of somebody made by chance."""
    login = next(login for login in LOGINS if login.username == CHAIR)
    person = next(
        seat.person
        for seat in reversed(roster.by_delegation[delegation_name(login.township)])
        if seat not in roster.by_username.values() and seat.person.gender == "男"
    )
    former, chair = person.user, User.objects.get(username=CHAIR)
    Membership.objects.filter(user=former).update(user=chair)
    person.user, person.name = chair, login.name
    person.pinyin, person.initials = sort_key(login.name), initials(login.name)
    person.save()
    former.delete()


def delegation_name(place: str) -> str:
    """Return what the delegation of a place is called."""
    return f"{place}代表团"


def _mandates(rng: random.Random) -> list[Mandate]:
    rows = [Mandate(town, delegation_name(town.name)) for town in places.TOWNSHIPS for _ in range(town.seats)]
    rows += [Mandate(None, delegation_name(name)) for name, size in places.OFFICE_DELEGATIONS for _ in range(size)]
    free = list(rows)
    for login in LOGINS:
        if login.username in DEMO_DEPUTIES:
            row = next(row for row in free if row.place and row.place.name == login.township)
            free.remove(row)
            row.username, row.name = login.username, login.name
            row.gender, row.ethnicity = DEMO_DEPUTIES[login.username][:2]
    rng.shuffle(free)
    for name, gender, ethnicity in names.SPECIAL:
        row = free.pop()
        row.name, row.gender, row.ethnicity = name, gender, ethnicity
    hui = [row for row in free if row.place and row.place.name == "月牙回族乡"]
    for row in hui[:7]:
        row.ethnicity = "回族"
    women = WOMEN - sum(row.gender == "女" for row in rows)
    taken = {row.name for row in rows}
    for number, row in enumerate(free):
        row.gender = "女" if number < women else "男"
        row.ethnicity = row.ethnicity or (rng.choice(names.MINORITIES) if rng.random() < 0.03 else "汉族")
        row.name = name_of(row, taken, rng)
    return rows


def name_of(row: Mandate, taken: set[str], rng: random.Random) -> str:
    """Return a name that fits the mandate and is not among those taken, and take it."""
    while True:
        if row.ethnicity == "回族":
            surname = rng.choice(names.HUI_SURNAMES)
        elif rng.random() < 0.01:
            surname = rng.choice(names.COMPOUND)
        else:
            # Most people share few surnames.
            surname = rng.choice(names.SURNAMES[: names.COMMON] if rng.random() < 0.7 else names.SURNAMES)
        name = surname + rng.choice(names.FEMALE if row.gender == "女" else names.MALE)
        if name not in taken:
            taken.add(name)
            return name


def person_of(
    row: Mandate, user: User | None, *, phone: int, this_year: int, posts: Posts, rng: random.Random
) -> Person:
    """Return a person who fits the mandate; ``phone`` is the end of the number, in a block that no network gives out."""
    if row.username:
        _, _, party, calling, post, education = DEMO_DEPUTIES[row.username]
    else:
        calling, post = posts.give(row)
        education = rng.choice(names.EDUCATION[calling].split())
        parties = names.PARTIES.get(calling, names.PARTIES[names.CADRE])
        party = rng.choices(list(parties), list(parties.values()))[0]
    # Whoever is in public service retires at sixty.
    youngest = 38 if calling == names.LEADING else 26
    age = round(rng.triangular(youngest, 66 if calling in {names.FARMER, names.OWNER} else 59, 46))
    town = row.place.name if row.place else "云城街道"
    return Person(
        name=row.name,
        gender=row.gender,
        ethnicity=row.ethnicity,
        born_on=dt.date(this_year - age, rng.randint(1, 12), 1),
        born_precision="month",
        native_place=places.COUNTY_NAME if rng.random() < 0.85 else places.CITY_NAME,
        party=party,
        education=education,
        degree={"本科": "学士", "硕士研究生": "硕士"}.get(education, ""),
        post=post,
        occupation=calling,
        phone=f"1990000{phone:04d}",
        address=f"{places.COUNTY_NAME}{town}{rng.choice(names.STREETS)}{rng.randint(1, 199)}号",
        postcode="990100",
        user=user,
        pinyin=sort_key(row.name),
        initials=initials(row.name),
    )


class Posts:
    """Gives out callings and posts by weight; a post that one person holds is given once."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.taken: set[str] = {row[4] for row in DEMO_DEPUTIES.values()}

    def give(self, row: Mandate) -> tuple[str, str]:
        """Return 职业构成 and 工作单位及职务 of a deputy."""
        words = {"office": self.rng.choice(OFFICES)}
        if row.place:
            words |= {"place": row.place.name, "short": row.place.short, "head": f"{row.place.name[-1]}长"}
        table = _callings(row)
        while True:
            if row.place:
                words["village"] = row.village or self.rng.choice(row.place.villages)
            calling, _, posts = self.rng.choices(table, [weight for _, weight, _ in table])[0]
            pattern = self.rng.choice(posts.split("|"))
            post = pattern.format(**words)
            if not (pattern.endswith(SINGLE) or row.is_sent_up):
                return calling, post
            if post not in self.taken:
                self.taken.add(post)
                return calling, post


def _callings(row: Mandate) -> list[tuple[str, int, str]]:
    if row.is_sent_up:
        return names.SENT
    if row.village:
        return names.TOWN
    if row.place is None:
        return names.OFFICE
    return names.RURAL if row.place.own_seats else names.URBAN


def _elected_by(row: Mandate, rng: random.Random) -> str:
    place = row.place.name if row.place else rng.choice(places.TOWNSHIPS).name
    return f"{place}第{rng.randint(1, 8)}选区"


def _delegations(term: Term, townships: dict[str, Congress]) -> dict[str, Delegation]:
    rows = [
        Delegation(term=term, name=delegation_name(town.name), township=townships[town.name], sort=sort)
        for sort, town in enumerate(places.TOWNSHIPS, start=1)
    ]
    rows += [
        Delegation(term=term, name=delegation_name(name), sort=len(rows) + sort)
        for sort, (name, _) in enumerate(places.OFFICE_DELEGATIONS, start=1)
    ]
    Delegation.objects.bulk_create(rows)
    return {row.name: row for row in rows}
