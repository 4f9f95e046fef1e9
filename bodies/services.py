"""Writes to bodies: numbers, sessions, units and the first set-up of a congress."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from bodies.models import Congress, Counter, Level, Session, Term


class UnableToSetUpCongress(Exception):
    """The congress contradicts what is there already; the message is for the clerk."""


def next_number(*, session: Session, kind: str) -> int:
    """Take the next number of one kind of document in one session.

    The counter row stays locked until the caller's transaction ends, so a number is given once and, when the
    transaction fails, given again. Must be called inside a transaction.
    """
    Counter.objects.get_or_create(session=session, kind=kind)
    counter = Counter.objects.select_for_update().get(session=session, kind=kind)
    counter.last_number += 1
    counter.save(update_fields=["last_number"])
    return counter.last_number


def raise_counter(*, session: Session, kind: str, to: int) -> None:
    """Make sure that numbers up to ``to``, which came from a file, are not given again."""
    Counter.objects.get_or_create(session=session, kind=kind)
    counter = Counter.objects.select_for_update().get(session=session, kind=kind)
    if counter.last_number < to:
        counter.last_number = to
        counter.save(update_fields=["last_number"])


def session_on(*, term: Term, day: dt.date) -> Session:
    """Return the session that a document of that day belongs to.

    That is the latest session begun by then; what is proposed in recess belongs to the session before it. Where the
    office has entered no session yet, it is the one named after the year.
    """
    begun = term.sessions.filter(starts_on__lte=day).order_by("-starts_on").first()
    return begun or Session.objects.get_or_create(term=term, name=str(day.year))[0]


@transaction.atomic
def set_up_congress(
    *,
    code: str,
    name: str,
    level: int,
    term_name: str,
    starts_on: dt.date,
    ends_on: dt.date,
    parent_code: str | None = None,
) -> tuple[Congress, Term, bool]:
    """Create a congress with one term, or find that both are there.

    Returns the congress, the term and whether anything was written; running it again changes nothing.
    Raises UnableToSetUpCongress when the code or the term exists with other data, the parent is unknown or not above
    it, or the term overlaps another one.
    """
    parent = None
    if parent_code:
        parent = Congress.objects.filter(code=parent_code).first()
        if parent is None:
            raise UnableToSetUpCongress(f"上级代码「{parent_code}」不存在：请先建立上级人大。")
        if parent.level >= level:
            raise UnableToSetUpCongress(f"上级「{parent.name}」的层级应当高于{Level(level).label}。")
    if ends_on <= starts_on:
        raise UnableToSetUpCongress("届次的结束日期应当晚于开始日期。")
    congress = Congress.objects.filter(code=code).first()
    wrote = False
    if congress is None:
        congress = Congress.objects.create(code=code, name=name, level=level, parent=parent)
        wrote = True
    elif (congress.name, congress.level) != (name, level) or (parent and congress.parent_id != parent.pk):
        raise UnableToSetUpCongress(
            f"代码「{code}」已经是「{congress.name}」（{congress.get_level_display()}），与本次填写的不一致，没有改动。"
        )
    term = congress.terms.filter(name=term_name).first()
    if term is None:
        clash = congress.terms.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first()
        if clash:
            raise UnableToSetUpCongress(
                f"{term_name}（{starts_on}至{ends_on}）与{clash.name}（{clash.starts_on}至{clash.ends_on}）时间重叠。"
            )
        term = Term.objects.create(congress=congress, name=term_name, starts_on=starts_on, ends_on=ends_on)
        wrote = True
    elif (term.starts_on, term.ends_on) != (starts_on, ends_on):
        raise UnableToSetUpCongress(
            f"{term_name}已经存在，起止日期为{term.starts_on}至{term.ends_on}，与本次填写的不一致，没有改动。"
        )
    return congress, term, wrote
