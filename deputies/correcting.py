"""A deputy asks that his data be corrected; staff accept or refuse (个人信息保护法 46)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Role, User, without_staff
from audit.models import Kind
from audit.services import record
from bodies.models import Congress
from deputies.items import ITEMS, UnfitValue
from deputies.models import Correction, CorrectionState, Person, Seat
from deputies.people import save_person
from notices import services as notices

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

MOST_WORDS = 500


class UnableToCorrect(Exception):
    """The request cannot be made or decided so; the message is for whoever asks or decides."""


class AlreadyDecided(UnableToCorrect):
    """Somebody was first."""


class ChangedMeanwhile(UnableToCorrect):
    """The register holds something else than the page showed."""


@transaction.atomic
def ask(*, user: User, field: str, new: str, reason: str, now: dt.datetime) -> Correction:
    """Ask that an item of the user's own person be corrected; staff of his congresses are told.

    The same request sent twice is one. Raises Person.DoesNotExist for who is no deputy, and UnableToCorrect for what
    cannot be the item's content, what it is already, a request without a reason, while another one about the item is
    open, and where nobody could decide.
    """
    person = Person.objects.select_for_update().get(user=user)
    item = ITEMS.get(field)
    if item is None:
        raise UnableToCorrect("请选择要更正的项目。")
    if person.erased_at:
        raise UnableToCorrect("您的个人信息已经按期删除，没有可以更正的内容。")
    try:
        new = item.clean(new)
    except UnfitValue as error:
        raise UnableToCorrect(str(error)) from None
    reason = _words(reason, "理由")
    if not reason:
        raise UnableToCorrect("请写明理由，例如换了号码、登记时写错了。")
    waiting = Correction.objects.open().filter(person=person, field=field).first()
    if waiting is not None:
        if waiting.new == new:
            return waiting
        raise UnableToCorrect(f"「{item.label}」已有一项更正申请等待处理。要改的，请先撤回那一项。")
    old = item.shown(person)
    if new == old:
        raise UnableToCorrect(f"登记的{item.label}已经是这个内容，不用更正。")
    keepers = _keepers_of(person)
    if not keepers.exists():
        raise UnableToCorrect("您所在的人大还没有代表工委的账号，在网上没有人能处理。请直接与登记代表资料的人大联系。")
    row = Correction.objects.create(
        person=person, field=field, old=old, new=new, reason=reason, asked_by=user, asked_at=now
    )
    _tell(row, keepers, f"{person.name}申请更正{item.label}", reverse("deputies:correction", args=[row.pk]), now)
    return row


@transaction.atomic
def withdraw(*, correction_id: int, user: User, now: dt.datetime) -> Correction:
    """Take the user's own request back while nobody has decided. Raises AlreadyDecided, Correction.DoesNotExist."""
    row = _lock(correction_id)
    if row.person.user_id != user.pk:
        raise Correction.DoesNotExist
    _check_open(row)
    return _decide(row, CorrectionState.WITHDRAWN, user, now)


@transaction.atomic
def accept(
    *, correction_id: int, user: User, answer: str = "", seen: str | None = None, now: dt.datetime
) -> Correction:
    """Correct the item as it was asked for; the deputy is told.

    ``seen`` is the mark (``mark_of``) of what the page showed; without one nothing is compared. Raises
    Correction.DoesNotExist for who does not keep the person's data, AlreadyDecided, and ChangedMeanwhile.
    """
    row = _for_keeper(correction_id, user)
    if seen is not None and not constant_time_compare(seen, mark_of(row)):
        label = ITEMS[row.field].label
        raise ChangedMeanwhile(f"本页打开以后，登记的{label}已经被修改，本次没有更正。请看“现在登记的内容”再决定。")
    ITEMS[row.field].set(row.person, row.new)
    save_person(person=row.person)
    return _tell_asker(_decide(row, CorrectionState.ACCEPTED, user, now, answer), "已经更正", now)


@transaction.atomic
def refuse(*, correction_id: int, user: User, answer: str, now: dt.datetime) -> Correction:
    """Leave the item as it is, with a written reason; the deputy is told.

    Raises Correction.DoesNotExist for who does not keep the person's data, AlreadyDecided, and UnableToCorrect without
    a reason.
    """
    row = _for_keeper(correction_id, user)
    if not _words(answer, "理由"):
        raise UnableToCorrect("不采纳的，请写明理由；代表会看到。")
    return _tell_asker(_decide(row, CorrectionState.REFUSED, user, now, answer), "没有采纳，理由见更正申请", now)


def look_at(*, correction: Correction, user: User) -> None:
    """Write down that the user looks at a masked item's request in full."""
    what = f"更正申请：{ITEMS[correction.field].label}"
    record(kind=Kind.UNMASK, user=user, target=correction.person, label=correction.person.name, details={"what": what})


def mark_of(row: Correction) -> str:
    """Return a mark of what the register holds now of the item, which says nothing of it."""
    content = f"{row.pk}:{ITEMS[row.field].shown(row.person)}"
    return salted_hmac("deputies.correcting", content, algorithm="sha256").hexdigest()


def _keepers_of(person: Person) -> QuerySet[User]:
    theirs = Congress.objects.filter(pk__in=Seat.objects.filter(person=person).values("term__congress"))
    here = Q(memberships__congress__in=theirs) | Q(memberships__congress__in=without_staff(theirs).values("parent"))
    return User.objects.filter(here, memberships__role=Role.STAFF, is_active=True).distinct()


def _words(text: str, label: str) -> str:
    text = text.replace("\x00", "").strip()
    if len(text) > MOST_WORDS:
        raise UnableToCorrect(f"{label}有 {len(text)} 个字，最多 {MOST_WORDS} 个字。")
    return text


def _lock(correction_id: int) -> Correction:
    """Lock the person, then the request: in the order in which an erasure locks them."""
    person_id = Correction.objects.values_list("person_id", flat=True).get(pk=correction_id)
    person = Person.objects.select_for_update().get(pk=person_id)
    row = Correction.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=correction_id)
    row.person = person
    return row


def _for_keeper(correction_id: int, user: User) -> Correction:
    row = _lock(correction_id)
    if not Person.objects.kept_by(user).filter(pk=row.person_id).exists():
        raise Correction.DoesNotExist
    _check_open(row)
    return row


def _check_open(row: Correction) -> None:
    if row.state != CorrectionState.OPEN:
        at = timezone.localtime(row.decided_at)
        done = f"{at.month}月{at.day}日 {at:%H:%M} {row.decided_by}"
        raise AlreadyDecided(f"这项申请{row.get_state_display()}（{done}），没有再作处理。")


def _decide(row: Correction, state: CorrectionState, user: User, now: dt.datetime, answer: str = "") -> Correction:
    row.state, row.decided_by, row.decided_at, row.answer = state, user, now, _words(answer, "说明")
    row.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    return row


def _tell_asker(row: Correction, words: str, now: dt.datetime) -> Correction:
    title = f"您申请更正的{ITEMS[row.field].label}{words}"
    _tell(row, [row.asked_by], title, reverse("deputies:my-corrections"), now)
    return row


def _tell(row: Correction, recipients: object, title: str, url: str, now: dt.datetime) -> None:
    """Tell without a word of the content: notices leave the portal."""
    notices.tell(
        rule="inform", object_key=f"correction:{row.pk}:{row.state}", due_on=timezone.localdate(now),
        recipients=recipients, title=title, url=url, now=now,
    )  # fmt: skip
