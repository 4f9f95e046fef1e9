"""How long personal data is kept, and emptying it when the time is over (个人信息保护法 19, 47).

What stays is the lasting record of public duties: name, sex, ethnicity, post, seats, and what was done in office. The
apps above say in their ``AppConfig.ready`` what of a person is not settled yet, what else is to be emptied with him, and
what of others falls due by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.closing import close_for_good
from audit.models import Kind
from audit.services import record
from casework.models import Obligation
from deputies.items import ITEMS
from deputies.models import ERASED_TEXTS, Correction, Person, Seat
from notices.services import forget_addresses

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Congress

MOST_WORDS = 200


class UnableToErase(Exception):
    """Personal data is not emptied; the message says why and what to do."""


@dataclass(frozen=True)
class Rest:
    """What an app above keeps of a person: what is not settled, in words, and how the rest is emptied."""

    unsettled: Callable[[Person], list[str]]
    erase: Callable[[Person], list[str]]


@dataclass(frozen=True)
class Falling:
    """What of other people falls due by itself: how many rows of a congress before a day, and emptying them."""

    code: str
    label: str
    count: Callable[[Congress, dt.date], int]
    erase: Callable[[Congress, dt.date, dt.datetime], int]


_rests: list[Rest] = []
_falling: dict[str, Falling] = {}


def register(rest: Rest) -> None:
    """Let an app have its say about a person who is to be erased."""
    _rests.append(rest)


def register_falling(falling: Falling) -> None:
    """Let an app empty what of others falls due."""
    _falling[falling.code] = falling


def due_on(last: dt.date) -> dt.date:
    """Return from which day on the data of a person may be emptied whose last seat ended on a day."""
    try:
        return last.replace(year=last.year + settings.PERSON_YEARS)
    except ValueError:
        return dt.date(last.year + settings.PERSON_YEARS, 2, 28)


def first_kept(today: dt.date) -> dt.date:
    """Return the first day of which data must still be kept: whatever ended before it is due (see ``due_on``)."""
    tomorrow = today + dt.timedelta(days=1)
    try:
        return tomorrow.replace(year=tomorrow.year - settings.PERSON_YEARS)
    except ValueError:
        return dt.date(tomorrow.year - settings.PERSON_YEARS, 3, 1)


def due(user: User, today: dt.date) -> QuerySet[Person]:
    """Return the people whose data the user keeps and whose time is over, with ``last``, the end of their last seat."""
    return with_last(Person.objects.kept_by(user).filter(erased_at=None)).filter(last__lt=first_kept(today))


def with_last(people: QuerySet[Person]) -> QuerySet[Person]:
    """Return people with ``last``, the day on which their last seat ended or ends."""
    return people.annotate(last=Max(Coalesce("seats__ended_on", "seats__term__ends_on")))


def falling(congress: Congress, today: dt.date) -> list[tuple[Falling, int]]:
    """Return what of others is due, with how many rows of it there are. One query each."""
    return [(one, one.count(congress, first_kept(today))) for one in _falling.values()]


@transaction.atomic
def erase(*, person_id: int, user: User, reason: str, now: dt.datetime) -> Person:
    """Empty everything of a person that is no lasting record, and close his account; the trail says what was emptied.

    Raises Person.DoesNotExist for who does not keep the person's data, and UnableToErase without a reason, twice, while
    the person holds a seat, before the time is over (with the date) and while something is not settled.
    """
    person = Person.objects.kept_by(user).select_for_update().get(pk=person_id)
    reason = reason.replace("\x00", "").strip()
    _check(person, reason, timezone.localdate(now))
    emptied = [label for label, value in _kept(person) if value]
    for name in ERASED_TEXTS:
        setattr(person, name, "")
    person.born_on, person.born_precision = None, ""
    person.erased_at, person.erased_by, person.erased_why = now, user, reason
    closed = _close_account(person)
    person.save()
    if Seat.objects.filter(person=person).exclude(note="").update(note=""):
        emptied.append("代表资格的备注")
    if Correction.objects.filter(person=person).update(old="", new="", reason="", answer=""):
        emptied.append("更正申请的内容")
    emptied += closed
    for rest in _rests:
        emptied += rest.erase(person)
    details = {"what": "、".join(emptied) or "没有留存的内容", "reason": reason}
    record(kind=Kind.ACT, user=user, target=person, label=f"按期删除个人信息：{person.name}", details=details)
    return person


@transaction.atomic
def erase_all(*, keys: Collection[int], user: User, reason: str, now: dt.datetime) -> list[Person]:
    """Erase several people, all or none of them. Raises as ``erase`` does, with every refusal in one message."""
    done, refusals = [], []
    for key in sorted(set(keys)):
        try:
            done.append(erase(person_id=key, user=user, reason=reason, now=now))
        except UnableToErase as error:
            refusals.append(str(error))
    if refusals:
        raise UnableToErase("".join(dict.fromkeys(refusals)))
    return done


@transaction.atomic
def erase_falling(*, code: str, user: User, reason: str, now: dt.datetime) -> int:
    """Empty what of others is due in the user's congress; return how many rows. Raises KeyError, UnableToErase."""
    one, reason = _falling[code], reason.replace("\x00", "").strip()
    _check_reason(reason)
    number = one.erase(user.hat.congress, first_kept(timezone.localdate(now)), now)
    if not number:
        raise UnableToErase(f"{one.label}没有到期的，没有删除。")
    details = {"what": one.label, "rows": number, "reason": reason}
    record(kind=Kind.ACT, user=user, label=f"按期删除：{one.label}", details=details)
    return number


def _close_account(person: Person) -> list[str]:
    """Close and empty the person's account, and part the two unless it is used for other work; return what was done."""
    account = person.user
    if account is None:
        return []
    done = ["提醒地址"] if forget_addresses(user=account) else []
    done += close_for_good(account=account)
    if not account.is_active:
        person.user = None
    return done


def _kept(person: Person) -> list[tuple[str, object]]:
    return [(ITEMS[name].label, getattr(person, name)) for name in ERASED_TEXTS] + [("出生年月", person.born_on)]


def _check_reason(reason: str) -> None:
    if not reason:
        raise UnableToErase("请写明删除的依据，例如按档案保存期限的规定。")
    if len(reason) > MOST_WORDS:
        raise UnableToErase(f"依据有 {len(reason)} 个字，最多 {MOST_WORDS} 个字。")


def _check(person: Person, reason: str, today: dt.date) -> None:
    _check_reason(reason)
    if person.erased_at:
        at = timezone.localtime(person.erased_at)
        raise UnableToErase(f"{person.name}的个人信息已于 {at:%Y-%m-%d} 删除。")
    seats = Seat.objects.filter(person=person)
    if seats.in_office_on(today).exists():
        raise UnableToErase(f"{person.name}现在还是代表，不能删除。")
    last = with_last(Person.objects.filter(pk=person.pk)).get().last
    if (day := due_on(last)) > today:
        raise UnableToErase(f"{person.name}的代表资格 {last:%Y-%m-%d} 结束，{day:%Y-%m-%d} 起才可以删除。")
    if unsettled := _unsettled(person):
        raise UnableToErase(f"{person.name}还有没有办完的事项：{'；'.join(unsettled)}。请先办完。")


def _unsettled(person: Person) -> list[str]:
    found = []
    if number := Correction.objects.open().filter(person=person).count():
        found.append(f"更正申请 {number} 项")
    if person.user_id and (number := Obligation.objects.open().filter(owner_user=person.user_id).count()):
        found.append(f"待办 {number} 件")
    return found + [words for rest in _rests for words in rest.unsettled(person)]
