"""What units promise in their replies, and owe from then on (承诺解决台账)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from casework import services as casework
from casework.calendar import spoken
from casework.services import UnableToAct
from proposals.models import Assignment, Commitment
from proposals.rules import rule_of
from proposals.services.common import unit_owner
from proposals.services.parts import checked_text

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case
    from proposals.models import Proposal

MATTER_LENGTH = 500
NAME_LENGTH = 60
LONGEST_YEARS = 10
# Where no rule says how long: two weeks of work.
WITHIN = "10WD"


def check_promise(*, matter: str, responsible: str, due_on: dt.date | None, today: dt.date) -> tuple[str, str]:
    """Return what is promised and who answers for it, without blanks. Raises UnableToAct for what cannot be."""
    matter = checked_text(matter, missing="请写明承诺解决什么。", what="承诺事项", longest=MATTER_LENGTH)
    responsible = responsible.strip()
    if len(responsible) > NAME_LENGTH:
        raise UnableToAct(f"责任人最多 {NAME_LENGTH} 字，现有 {len(responsible)} 字。")
    check_until(due_on, today)
    return matter, responsible


def check_until(due_on: dt.date | None, today: dt.date) -> None:
    """Raise UnableToAct for no date, one that has passed or one that lies too far ahead."""
    if due_on is None:
        raise UnableToAct("请填写承诺的完成期限。")
    if due_on < today:
        raise UnableToAct("承诺的完成期限不能早于今天。")
    if due_on.year - today.year > LONGEST_YEARS:
        raise UnableToAct(f"承诺的完成期限最长 {LONGEST_YEARS} 年，请核对年份。")


def promise(
    *,
    case: Case,
    proposal: Proposal,
    part: Assignment,
    user: User,
    now: dt.datetime,
    matter: str,
    responsible: str,
    due_on: dt.date | None,
) -> Commitment:
    """Write down a commitment of a unit on a locked case; the unit owes it from now on. Raises as ``check_promise``."""
    today = timezone.localdate(now)
    matter, responsible = check_promise(matter=matter, responsible=responsible, due_on=due_on, today=today)
    if Commitment.objects.pending().filter(proposal=proposal, unit=part.unit, matter=matter).exists():
        raise UnableToAct("这项承诺已经登记过，不能重复登记。")
    row = Commitment.objects.create(
        proposal=proposal,
        assignment=part,
        unit=part.unit,
        matter=matter,
        responsible=responsible,
        made_on=today,
        due_on=due_on,
        recorded_at=now,
        recorded_by=user,
    )
    who = f"，责任人{responsible}" if responsible else ""
    casework.log(
        case=case,
        actor=user,
        verb="commit",
        sentence=f"{casework.actor_label(user)}承诺于{spoken(due_on)}前解决：{matter}{who}",
        data={"commitment": row.pk},
        now=now,
    )
    owe(case=case, row=row, from_label=f"{proposal.lead.person.name}代表", now=now)
    return row


def about_of(row: Commitment) -> str:
    """Return how what is owed on several commitments of one proposal is told apart."""
    return f"commitment:{row.pk}"


def owe(*, case: Case, row: Commitment, from_label: str, now: dt.datetime, basis: str = "") -> None:
    """Let the unit owe a commitment by its date, as long as it takes: what is promised outlives the case."""
    casework.oblige(
        case=case,
        act="commitment",
        verb="落实承诺",
        about=about_of(row),
        owner=unit_owner(row.unit),
        from_label=from_label,
        start_on=row.made_on,
        due_on=row.due_on,
        basis=basis or f"承办单位{spoken(row.made_on)}承诺的完成期限",
        now=now,
    )


def owe_registration(*, case: Case, proposal: Proposal, part: Assignment, from_label: str, now: dt.datetime) -> None:
    """Let a unit owe the registration of what it promised, where its reply says that something is still to be done.

    Who owes it since an earlier round owes it once.
    """
    if case.obligations.open().filter(act="commit", owner_unit=part.unit).exists():
        return
    within = rule_of(proposal.rules, "commitment")
    casework.oblige(
        case=case,
        act="commit",
        verb="登记承诺事项",
        owner=unit_owner(part.unit),
        from_label=from_label,
        rule=within.rule or WITHIN,
        rolls=within.rolls,
        source=within.source if within.rule else "",
        now=now,
    )
