"""What of a person only some may read, and only one look at a time: ID number, phone, address (个人信息保护法 28, 51)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.models import Role
from accounts.phones import mobile_of
from audit.models import Kind
from audit.services import record
from bodies.fields import digest_of, mask
from deputies.models import Person, Seat

if TYPE_CHECKING:
    from accounts.models import User

LABELS = {"phone": "手机", "id_number": "身份证号", "address": "通讯地址"}
SHOWN_OF_ADDRESS = 6
ID_NUMBER_LENGTH = 18


def masked(name: str, value: str) -> str:
    """Return a private value as screens show it: an address by its beginning, numbers by head and tail."""
    return mask(value, head=SHOWN_OF_ADDRESS, tail=0) if name == "address" else mask(value)


def readable(user: User, person: Person) -> list[str]:
    """Return the private fields of a person that the user may look at. At most one query.

    Staff: all of them, of the deputies of their own congress. A township: the phones of those whose delegation it
    sends, or who are its own. Everybody: his own. Others: none.
    """
    if person.user_id == user.pk:
        return list(LABELS)
    here = user.hat.congress_id if user.hat else None
    seats = Seat.objects.filter(person=person)
    if user.has_role(Role.STAFF):
        return list(LABELS) if seats.filter(term__congress_id=here).exists() else []
    if user.has_role(Role.TOWNSHIP):
        own = Q(term__congress_id=here) | Q(delegation__township_id=here)
        return ["phone"] if seats.filter(own).exists() else []
    return []


def look_at(*, user: User, person: Person) -> list[tuple[str, str]]:
    """Return the private fields that the user may read, by their labels, in full; the look is an entry of the audit trail.

    Empty, and no entry, for whoever may read none.
    """
    names = readable(user, person)
    if names:
        what = "、".join(LABELS[name] for name in names)
        record(kind=Kind.UNMASK, user=user, target=person, label=person.name, details={"what": what})
    return [(LABELS[name], getattr(person, name)) for name in names]


def by_number(text: str) -> Q | None:
    """Return the condition on a person that he has the phone or ID number typed; None for what is neither.

    The columns are encrypted: they are found whole or not at all.
    """
    if mobile := mobile_of(text.strip()):
        return Q(phone_digest=digest_of(mobile))
    number = "".join(text.split()).upper()
    if len(number) == ID_NUMBER_LENGTH and number[:-1].isdigit() and number.isascii():
        return Q(id_number_digest__in=[digest_of(number), digest_of(number.lower())])
    return None
