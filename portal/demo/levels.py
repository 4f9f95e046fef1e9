"""The made-up deputies of the other levels: the townships' own, and those sent to the city and the province."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from bodies.models import Congress, Term
from deputies.models import Delegation, Person, Seat
from portal.demo import places
from portal.demo.people import REELECTED, Mandate, Posts, Roster, delegation_name, name_of, person_of

WOMEN, HUI = 0.31, 0.4
# County deputies who sit in their township's congress too; those who also sit in the city's and the province's.
ALSO_TOWNSHIP, ALSO_CITY, ALSO_PROVINCE = 3, 10, 1
COUNTRY = [town for town in places.TOWNSHIPS if town.own_seats]
FIRST_PHONE, PHONES_APART = 3001, 3


@dataclass
class Others:
    """The seats of the other levels: by township and village, in the city and in the province."""

    by_village: dict[tuple[str, str], list[Seat]] = field(default_factory=dict)
    city: list[Seat] = field(default_factory=list)
    province: list[Seat] = field(default_factory=list)

    @property
    def seats(self) -> list[Seat]:
        return [*(seat for seats in self.by_village.values() for seat in seats), *self.city, *self.province]


@dataclass
class _Place:
    """A seat to be filled: by a person who sits elsewhere already, or by somebody new."""

    term: Term
    delegation: Delegation
    mandate: Mandate
    elected_by: str
    certificate_no: str
    person: Person | None = None


def seat_others(
    *, county: Congress, terms: Mapping[str, Term], roster: Roster, today: dt.date, posts: Posts, rng: random.Random
) -> Others:
    """Create the deputies of province, city and townships who belong to the county; ``terms`` by congress code."""
    townships = {town.name: _township_places(town, terms[town.code], roster) for town in places.TOWNSHIPS}
    city = _city_places(terms[places.CITY_CODE], county, roster, rng)
    province = _province_places(terms[places.PROVINCE_CODE], terms[places.CITY_CODE].congress)
    # Of the county's deputies who sit in the city's congress too, some sit in the province's besides.
    for above, below in zip(province[:ALSO_PROVINCE], city[:ALSO_PROVINCE], strict=True):
        above.person = below.person
    rows = [*(row for group in townships.values() for row in group), *city, *province]
    Delegation.objects.bulk_create({id(row.delegation): row.delegation for row in rows}.values())
    taken = {seat.person.name for seat in roster.seats}
    new = [row for row in rows if row.person is None]
    for number, row in enumerate(new):
        _draw(row.mandate, taken, rng)
        row.person = person_of(
            row.mandate,
            None,
            phone=FIRST_PHONE + number * PHONES_APART,
            this_year=today.year,
            posts=posts,
            rng=rng,
        )
    Person.objects.bulk_create(row.person for row in new)
    seats = [
        Seat(
            person=row.person,
            term=row.term,
            delegation=row.delegation,
            elected_by=row.elected_by,
            certificate_no=row.certificate_no,
            is_reelected=rng.random() < REELECTED,
            started_on=row.term.starts_on,
        )
        for row in rows
    ]
    Seat.objects.bulk_create(seats)
    others = Others()
    for row, seat in zip(rows, seats, strict=True):
        if row.mandate.village:
            others.by_village.setdefault((row.mandate.place.name, row.mandate.village), []).append(seat)
        else:
            (others.city if row.term.congress.code == places.CITY_CODE else others.province).append(seat)
    return others


def _draw(row: Mandate, taken: set[str], rng: random.Random) -> None:
    row.gender = "女" if rng.random() < WOMEN else "男"
    is_hui = row.village and row.place.name.endswith("回族乡") and rng.random() < HUI
    row.ethnicity = "回族" if is_hui else "汉族"
    row.name = name_of(row, taken, rng)


def _township_places(town: places.Township, term: Term, roster: Roster) -> list[_Place]:
    delegations = {
        village: Delegation(term=term, name=delegation_name(village.removesuffix("村")), sort=sort)
        for sort, village in enumerate(town.villages, start=1)
    }
    # Groups take the county's deputies in this order, so none of these meets himself in the group of his village. The
    # first is left out: demo accounts come first, and sit in the county's congress only.
    also = roster.by_delegation[delegation_name(town.name)][1:]
    rows = []
    for number in range(town.own_seats):
        village = town.villages[number % len(town.villages)]
        rows.append(
            _Place(
                term,
                delegations[village],
                Mandate(town, delegations[village].name, village=village),
                f"{town.name}第{number % 30 + 1}选区",
                f"{town.short}-{number + 1:03d}",
                also[number].person if number < ALSO_TOWNSHIP else None,
            )
        )
    return rows


def _city_places(term: Term, county: Congress, roster: Roster, rng: random.Random) -> list[_Place]:
    delegation = Delegation(term=term, name=delegation_name("云溪"), township=county)
    # They meet in a group of their township; only those of the offices meet where the city's deputies do.
    local = [seat for town in places.TOWNSHIPS for seat in roster.by_delegation[delegation_name(town.name)]]
    also = rng.sample([seat for seat in local if seat not in roster.by_username.values()], ALSO_CITY)
    return [
        _Place(
            term,
            delegation,
            Mandate(rng.choice(COUNTRY), delegation.name, is_sent_up=True),
            f"{places.COUNTY_NAME}人民代表大会",
            f"5-{number + 201:04d}",
            also[number].person if number < ALSO_CITY else None,
        )
        for number in range(places.CITY_SEATS)
    ]


def _province_places(term: Term, city: Congress) -> list[_Place]:
    delegation = Delegation(term=term, name=delegation_name("东澜"), township=city)
    return [
        _Place(
            term,
            delegation,
            Mandate(COUNTRY[number], delegation.name, is_sent_up=True),
            f"{places.CITY_NAME}人民代表大会",
            f"14-{number + 381:04d}",
        )
        for number in range(places.PROVINCE_SEATS)
    ]
