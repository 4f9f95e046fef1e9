"""The one door for moving cases: every move locks the case, checks its version, and is written to its history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import Role
from casework.calendar import spoken
from casework.models import Case, CaseStatus, Event, Obligation, ObligationState, Outcome, Step, StepRun
from casework.queries import recipients, work_calendar
from notices import services as notices

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Unit
    from casework.calendar import Due


class UnableToAct(Exception):
    """The act is not possible now; the message says why and what to do, in the clerk's words."""


class CaseWasChanged(UnableToAct):
    """Somebody else acted after the user opened the page."""

    def __init__(self, event: Event | None) -> None:
        self.event = event
        if event is None:
            super().__init__("本件刚刚被修改，请核对最新情况后再提交；您填写的内容已保留。")
        else:
            at = timezone.localtime(event.at)
            when = f"{at.month}月{at.day}日 {at:%H:%M}"
            super().__init__(f"本件已有新的办理情况：{when} {event.sentence}。您填写的内容已保留，请核对后再提交。")


@dataclass(frozen=True)
class Owner:
    """Who owes something: a role of the case's congress, a unit, or a person, with the name that lists show."""

    role: str
    label: str
    unit: Unit | None = None
    user: User | None = None


def actor_label(actor: User | None) -> str:
    """Return how history names the actor: 王某某（代表工委）; without an actor the system itself."""
    if actor is None:
        return "系统"
    return f"{actor}（{actor.hat.label}）" if actor.hat else str(actor)


def lock_case(*, case_id: int, seen_version: int | None) -> Case:
    """Lock a case for the rest of the transaction.

    ``seen_version`` is the version of the page from which the user acts; None for acts that no page preceded.
    Raises CaseWasChanged when somebody acted in between.
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("step", "procedure", "congress").get(pk=case_id)
    if seen_version is not None and case.version != seen_version:
        raise CaseWasChanged(case.events.order_by("-pk").first())
    return case


def log(
    *,
    case: Case,
    actor: User | None,
    verb: str,
    sentence: str,
    now: dt.datetime,
    data: dict | None = None,
    imported: bool = False,
    changes_case: bool = True,
) -> Event:
    """Add a line to the case's history and raise its version, so that pages opened before are known to be stale.

    With ``changes_case=False`` (an urge, say) the version stays: whoever is typing an act need not look again.
    """
    event = Event.objects.create(
        case_id=case.pk,
        at=now,
        actor=actor,
        actor_label="导入" if imported and actor is None else actor_label(actor),
        step_label=case.step.label if case.step else "",
        verb=verb,
        sentence=sentence,
        data=data or {},
        is_imported=imported,
    )
    if changes_case:
        case.version += 1
        Case.objects.filter(pk=case.pk).update(version=case.version)
    return event


def enter_first_step(*, case: Case, now: dt.datetime) -> None:
    """Put a new case into the first step of its procedure."""
    StepRun.objects.create(case_id=case.pk, step=case.step, entered_at=now)


def outcome_of(*, case: Case, code: str) -> Outcome:
    """Return the outcome of the current step by its code.

    Raises UnableToAct when the step does not know it.
    """
    outcome = None
    if case.step_id is not None:
        outcome = Outcome.objects.select_related("goes_to").filter(step_id=case.step_id, code=code).first()
    if outcome is None:
        where = f"「{case.step.label}」" if case.step else "已办结的办件"
        raise UnableToAct(f"{where}没有这个办理结论，请刷新页面后再办。")
    return outcome


def move(*, case: Case, outcome: Outcome, actor: User | None, now: dt.datetime) -> Step | None:
    """End the current step with an outcome and enter the next one, or close the case.

    Obligations of the step that are still open are settled as done. The caller has locked the case, opens what the
    new step demands and writes the history line. Returns the new step, None when the case is closed.
    """
    # A clock that was set back must not stop the work.
    StepRun.objects.filter(case_id=case.pk, left_at__isnull=True).update(
        left_at=Greatest(F("entered_at"), Value(now)), left_by=actor, outcome=outcome.code
    )
    settle(case=case, actor=actor, now=now)
    case.step = outcome.goes_to
    if outcome.goes_to is None:
        case.status, case.closed_as, case.closed_at = CaseStatus.CLOSED, outcome.closes_as, now
    else:
        case.status = CaseStatus.OPEN
        StepRun.objects.create(case_id=case.pk, step=outcome.goes_to, entered_at=now)
    Case.objects.filter(pk=case.pk).update(
        step=case.step, status=case.status, closed_as=case.closed_as, closed_at=case.closed_at
    )
    return outcome.goes_to


def compute_due(*, start: dt.date, rule: str) -> Due | None:
    """Return the due date of a rule with its explanation; None for a step without a deadline."""
    return work_calendar(start).due(start, rule) if rule else None


def oblige(
    *,
    case: Case,
    act: str,
    verb: str,
    owner: Owner,
    from_label: str,
    now: dt.datetime,
    rule: str = "",
    start_on: dt.date | None = None,
    due_on: dt.date | None = None,
) -> Obligation:
    """Write down that somebody owes an act on the case.

    The due date follows from the rule, unless ``due_on`` was set by hand. What comes from an imported case and was
    due before today reminds nobody.
    """
    today = timezone.localdate(now)
    start = start_on or today
    due = compute_due(start=start, rule=rule) if due_on is None else None
    basis = due.basis if due else ("交办时确定" if due_on else "")
    on = due.on if due else due_on
    obligation = Obligation.objects.create(
        case_id=case.pk,
        act=act,
        verb=verb,
        owner_role=owner.role,
        owner_unit=owner.unit,
        owner_user=owner.user,
        owner_label=owner.label,
        from_label=from_label,
        opened_at=now,
        start_on=start,
        rule=rule if due else "",
        due_on=on,
        due_basis=basis,
        is_provisional=bool(due and due.is_provisional),
        is_silent=case.is_imported and on is not None and on < today,
    )
    if not obligation.is_silent:
        tell_owner(case=case, obligation=obligation, now=now)
    return obligation


def tell_owner(*, case: Case, obligation: Obligation, now: dt.datetime) -> None:
    """Write the notice that says to the owners of a new obligation what they owe."""
    notices.tell(
        rule="new",
        object_key=f"obligation:{obligation.pk}",
        due_on=obligation.due_on or obligation.start_on,
        recipients=recipients(obligation),
        title=f"请{obligation.verb}：{case}",
        body=f"来自{obligation.from_label}" + (f"，期限{spoken(obligation.due_on)}" if obligation.due_on else ""),
        url=case.get_absolute_url(),
        now=now,
    )


def inform(*, case: Case, owner: Owner, title: str, body: str, now: dt.datetime) -> None:
    """Tell a person who owes nothing what became of the case; nobody is told where there is no account."""
    if owner.user is None:
        return
    notices.tell(
        rule="inform",
        object_key=f"case:{case.pk}:{case.version}",
        due_on=timezone.localdate(now),
        recipients=[owner.user],
        title=title,
        body=body,
        url=case.get_absolute_url(),
        now=now,
    )


def settle(
    *,
    case: Case,
    actor: User | None,
    now: dt.datetime,
    act: str | None = None,
    unit: Unit | None = None,
    state: ObligationState = ObligationState.DONE,
) -> int:
    """Close open obligations of the case (all, or those of one act or unit). Returns how many were open."""
    open_ones = Obligation.objects.filter(case_id=case.pk, state=ObligationState.OPEN)
    if act is not None:
        open_ones = open_ones.filter(act=act)
    if unit is not None:
        open_ones = open_ones.filter(owner_unit=unit)
    return open_ones.update(state=state, closed_at=now, closed_by=actor)


def role_owner(role: Role) -> Owner:
    """Return the owner for a role of the case's own congress."""
    return Owner(role=role, label=Role(role).label)
