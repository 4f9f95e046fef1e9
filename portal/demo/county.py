"""Builds the made-up county: congresses, terms, sessions, units, accounts, then two years of proposals."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership, Role, User
from bodies.models import Committee, Congress, Level, Session, Term, Township, Unit, UnitAlias
from bodies.pinyin import initials, sort_key
from bodies.services import raise_counter, set_up_congress
from casework.holidays import load_holidays
from casework.models import Procedure
from casework.queries import work_calendar
from portal.demo import (
    inbox,
    overseeing,
    personal_data,
    places,
    promises,
    registers,
    topics,
    topics_country,
    topics_town,
)
from portal.demo.extras import add_extras, plan_followed_bill
from portal.demo.groups import Circle, form_groups, register_some
from portal.demo.last_year import plan_last_year
from portal.demo.levels import seat_others
from portal.demo.logins import DEMO_PASSWORD, DEMO_TOTP_SECRET, LOGINS, phone_of
from portal.demo.people import UNUSABLE, Posts, build_roster, give_second_hat
from portal.demo.plan import Plan, Window, sessions_of
from portal.demo.play import Play
from portal.demo.story import Cast
from portal.demo.texts import Paper, write
from portal.demo.this_year import plan_this_year
from portal.demo.units import UNITS, UnitRow
from proposals import services as proposals
from proposals.models import KIND, Category
from proposals.presets import STANDARD5

LOCK = 0x59_756E_7869
# The term in office at each level.
TERM_NAMES = {
    Level.PROVINCE: "第十四届",
    Level.CITY: "第五届",
    Level.COUNTY: "第十八届",
    Level.TOWNSHIP: "第十八届",
}
SESSION_NAMES = ("第一次会议", "第二次会议", "第三次会议", "第四次会议")
# What the session of the year before last had numbered before the left-overs came.
NUMBERED_BEFORE = 226


class UnableToLoadDemo(Exception):
    """The demo county cannot be added to what is there; the message is for the clerk."""


@transaction.atomic
def load(*, now: dt.datetime) -> str:
    """Create the made-up county as it stands at ``now``. Everything or nothing.

    Returns a sentence that says what was made. Raises UnableToLoadDemo when the county, one of its codes or one of
    its user names is there, or when the office runs another procedure.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    _refuse_if_there()
    proposals.install_procedures()
    if not Procedure.objects.filter(code=STANDARD5["code"], version=1, is_active=True).exists():
        raise UnableToLoadDemo("演示数据按「五步法」生成，本系统已启用其他办理程序，没有装入。")
    load_holidays()
    today = timezone.localdate(now)
    # Chance decides nothing secret here, and the same day always makes the same county.
    rng = random.Random(today.toordinal())  # noqa: S311
    cast, users, circles = cast_of(today=today, rng=rng)
    plans = _plans(today, rng)
    if any(plan.acts[0].day.year == today.year - 2 for plan in plans):
        session = Session.objects.get(term=cast.roster.seats[0].term, name=SESSION_NAMES[1])
        raise_counter(session=session, kind=KIND, to=NUMBERED_BEFORE)
        raise_counter(session=session, kind="receipt", to=NUMBERED_BEFORE)
    _analyze()
    play = Play(cast, papers(rng), now, rng)
    play.add(plans)
    play.perform()
    promises.keep(staff=cast.staff[0], now=now, chance=play.promising)
    overseen = overseeing.oversee(
        cast=cast, leaders=_in_roles(users, Role.LEADER), deputies=_in_roles(users, Role.DEPUTY), now=now
    )
    inbox.inform_watchers(users=_in_roles(users, Role.LEADER, Role.GOV_OFFICE, Role.TOWNSHIP), now=now)
    personal_data.leave_some(cast=cast, now=now)
    register_some(roster=cast.roster, now=now)
    inbox.deliver(demo_users=users, now=now)
    kept = registers.fill(cast=cast, circles=circles, now=now, rng=rng)
    _analyze()
    return (
        f"已装入演示数据：{places.COUNTY_NAME}，代表 {len(cast.roster.seats)} 人，承办单位 {len(UNITS)} 个，"
        f"建议议案 {len(play.stories)} 件，{overseen}；{kept}。"
    )


def cast_of(*, today: dt.date, rng: random.Random) -> tuple[Cast, list[User], list[Circle]]:
    """Create the county with everybody in it, before anything is done.

    Returns the cast, the demo accounts and the deputy groups of all levels.
    """
    terms = _congresses(today)
    term = terms[places.COUNTY_CODE]
    county, townships = term.congress, {town.name: terms[town.code].congress for town in places.TOWNSHIPS}
    proposals.prepare_term(term=term)
    users = _demo_users(county, townships)
    posts = Posts(rng)
    roster = build_roster(term=term, townships=townships, today=today, posts=posts, rng=rng)
    give_second_hat(roster)
    others = seat_others(county=county, terms=terms, roster=roster, today=today, posts=posts, rng=rng)
    circles = form_groups(term=term, roster=roster, others=others, rng=rng)
    cast = Cast(
        roster=roster,
        staff=_in_roles(users, Role.STAFF),
        office=_in_roles(users, Role.GOV_OFFICE)[0],
        units=_units(county, users, rng),
        categories=_categories(county),
        outcomes={row.code: row for row in term.outcome_categories.all()},
    )
    return cast, users, circles


def is_loaded() -> bool:
    """Say whether the made-up county is there."""
    return Congress.objects.filter(code=places.COUNTY_CODE).exists()


def _refuse_if_there() -> None:
    if is_loaded():
        raise UnableToLoadDemo(f"演示县「{places.COUNTY_NAME}」已经装入过，没有改动。")
    taken = Congress.objects.filter(code__startswith=places.CODE_PREFIX).first()
    if taken is not None:
        raise UnableToLoadDemo(f"代码「{taken.code}」已经是「{taken.name}」，与演示数据冲突，没有装入。")
    name = (
        User.objects.filter(username__in=[login.username for login in LOGINS])
        .values_list("username", flat=True)
        .first()
    )
    name = name or User.objects.filter(username__regex=r"^(db|dw)\d{3}$").values_list("username", flat=True).first()
    if name is not None:
        raise UnableToLoadDemo(f"用户名「{name}」已经有人使用，与演示账号冲突，没有装入。")


def _congresses(today: dt.date) -> dict[str, Term]:
    """Create province, city, county and townships. Returns the term in office of each congress by its code."""
    starts, ends = dt.date(today.year - 3, 1, 1), dt.date(today.year + 1, 12, 31)
    terms: dict[str, Term] = {}

    def congress(code: str, name: str, level: Level, parent: str | None) -> Congress:
        made, terms[code], _ = set_up_congress(
            code=code,
            name=name,
            level=level,
            term_name=TERM_NAMES[level],
            starts_on=starts,
            ends_on=ends,
            parent_code=parent,
        )
        return made

    congress(places.PROVINCE_CODE, places.PROVINCE_NAME, Level.PROVINCE, None)
    congress(places.CITY_CODE, places.CITY_NAME, Level.CITY, places.PROVINCE_CODE)
    county = congress(places.COUNTY_CODE, places.COUNTY_NAME, Level.COUNTY, places.CITY_CODE)
    bodies = [congress(town.code, town.name, Level.TOWNSHIP, places.COUNTY_CODE) for town in places.TOWNSHIPS]
    Township.objects.bulk_create(
        Township(congress=county, name=body.name, body=body, sort=sort) for sort, body in enumerate(bodies, start=1)
    )
    for year, name in enumerate(SESSION_NAMES, start=starts.year):
        first, last = sessions_of(year)
        Session.objects.create(term=terms[places.COUNTY_CODE], name=name, starts_on=first, ends_on=last)
    return terms


def _demo_users(county: Congress, townships: dict[str, Congress]) -> list[User]:
    """Create the committees and the demo accounts; the hats of deputies and units come with these."""
    # Made slowly on purpose; one will do for a password that is public.
    password = make_password(DEMO_PASSWORD)
    committees = {name: Committee.objects.create(congress=county, name=name) for name in overseeing.COMMITTEES}
    users = []
    for place, login in enumerate(LOGINS, start=1):
        user = User.objects.create(
            username=login.username,
            name=login.name,
            phone=phone_of(place),
            password=password,
            is_staff=login.role in (Role.STAFF, None),
            administers=login.administers,
        )
        if user.administers:
            Authenticator.objects.create(
                user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(DEMO_TOTP_SECRET)}
            )
        if login.role not in (None, Role.UNIT, Role.DEPUTY):
            where = townships[login.township] if login.role == Role.TOWNSHIP else county
            committee = committees.get(login.committee)
            Membership.objects.create(user=user, role=login.role, congress=where, committee=committee)
        users.append(user)
    return users


def _in_roles(users: list[User], *roles: Role) -> list[User]:
    return [user for user, login in zip(users, LOGINS, strict=True) if login.role in roles]


def _units(county: Congress, users: list[User], rng: random.Random) -> dict[str, tuple[Unit, UnitRow, User]]:
    """Create the handling units with aliases and one account each, by first alias."""
    units = [
        Unit(
            congress=county,
            name=row.name,
            system=row.system,
            contact_name=rng.choice(("办公室", "综合股", "法规股")),
            contact_phone=f"1990000{8001 + number:04d}",
            sort=900 - number * 5,
            pinyin=sort_key(row.name),
            initials=initials(row.name),
        )
        for number, row in enumerate(UNITS)
    ]
    Unit.objects.bulk_create(units)
    UnitAlias.objects.bulk_create(
        UnitAlias(congress=county, unit=unit, alias=alias)
        for unit, row in zip(units, UNITS, strict=True)
        for alias in row.aliases
    )
    by_name = {user.username: user for user in users}
    accounts = {login.unit: by_name[login.username] for login in LOGINS if login.unit}
    clerks = [
        accounts.get(row.aliases[0])
        or User(username=f"dw{number:03d}", name=f"{row.aliases[0]}经办人", password=UNUSABLE)
        for number, row in enumerate(UNITS, start=1)
    ]
    User.objects.bulk_create(user for user in clerks if user.pk is None)
    Membership.objects.bulk_create(
        Membership(user=user, role=Role.UNIT, congress=county, unit=unit)
        for user, unit in zip(clerks, units, strict=True)
    )
    return {row.aliases[0]: (unit, row, user) for row, unit, user in zip(UNITS, units, clerks, strict=True)}


def _categories(county: Congress) -> dict[str, Category]:
    rows = [Category(congress=county, name=name, sort=sort) for sort, name in enumerate(topics.CATEGORIES, start=1)]
    Category.objects.bulk_create(rows)
    return {row.name: row for row in rows}


def _plans(today: dt.date, rng: random.Random) -> list[Plan]:
    calendar = work_calendar()
    last = dt.date(today.year - 1, 12, 31)
    window = Window(today, calendar, sessions_of(today.year))
    live = plan_this_year(window, rng)
    add_extras(live, window, rng)
    return [
        *live,
        plan_followed_bill(today=today, calendar=calendar),
        *plan_last_year(Window(last, calendar, sessions_of(last.year)), rng),
    ]


def papers(rng: random.Random) -> Iterator[Paper]:
    """Yield papers by chance; every topic is raised once at most in every township, so that titles differ."""
    pairs = [(topic, town) for topic in [*topics_town.TOPICS, *topics_country.TOPICS] for town in places.TOWNSHIPS]
    rng.shuffle(pairs)
    return (write(topic, town, rng) for topic, town in pairs)


def _analyze() -> None:
    """Let the planner know the new rows: inside the transaction nobody else does, and it would scan whole tables."""
    with connection.cursor() as cursor:
        for model in connection.introspection.installed_models(connection.introspection.table_names(cursor)):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")  # noqa: SLF001
