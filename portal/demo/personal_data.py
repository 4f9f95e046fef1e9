"""What of personal data waits in the made-up county: a request for a correction, and somebody who left long ago."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from bodies.models import Term
from bodies.pinyin import initials, sort_key
from deputies import correcting
from deputies.models import Delegation, Person, Seat, SeatStatus

if TYPE_CHECKING:
    from portal.demo.story import Cast

ASKING = "daibiao1"
NEW_PHONE, LEFT_PHONE = "19900009901", "19900009902"
LEFT = "沈国安"
# The term before the present one, and when in it he left.
FORMER, YEARS_BEFORE, YEARS_AGO = "第十七届", 5, 7


def leave_some(*, cast: Cast, now: dt.datetime) -> None:
    """Let a deputy ask for a correction, and a deputy of the former term have left more years ago than data is kept."""
    correcting.ask(
        user=cast.roster.by_username[ASKING].person.user,
        field="phone",
        new=NEW_PHONE,
        reason="上个月换了号码，原号码已经停用。",
        now=now - dt.timedelta(days=1),
    )
    present = cast.roster.seats[0].term
    term = Term.objects.create(
        congress=present.congress,
        name=FORMER,
        starts_on=present.starts_on.replace(year=present.starts_on.year - YEARS_BEFORE),
        ends_on=present.starts_on - dt.timedelta(days=1),
    )
    person = Person.objects.create(
        name=LEFT, gender="男", ethnicity="汉族", born_on=dt.date(1958, 5, 1), born_precision="month",
        native_place="云溪县", party="群众", education="大专", post="云溪县第一中学教师", occupation="专业技术人员",
        phone=LEFT_PHONE, address="云溪县云城街道文昌路12号", postcode="990100",
        pinyin=sort_key(LEFT), initials=initials(LEFT),
    )  # fmt: skip
    Seat.objects.create(
        person=person, term=term, delegation=Delegation.objects.create(term=term, name="教育代表团"),
        certificate_no="17-118", started_on=term.starts_on, status=SeatStatus.ENDED, end_reason="调离本行政区域",
        ended_on=now.date().replace(year=now.year - YEARS_AGO, day=1),
    )  # fmt: skip
