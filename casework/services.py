"""The one door for moving cases: every move locks the case, checks its version, and is written to its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import Role
from casework import registry
from casework.calendar import spoken
from casework.locks import hold_calendar
from casework.models import Case, CaseStatus, Event, Obligation, ObligationState, Outcome, Step, StepRun
from casework.queries import recipients, work_calendar
from notices import services as notices

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Congress, Unit
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
    """Who owes something: a role, a unit, or a person, with the name that lists show.

    ``congress`` says where the role is held, if not in the congress of the case.
    """

    role: str
    label: str
    unit: Unit | None = None
    user: User | None = None
    congress: Congress | None = None


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
    hold_calendar()
    case = Case.objects.select_for_update(of=("self",)).select_related("step", "procedure", "congress").get(pk=case_id)
    if seen_version is not None and case.version != seen_version:
        raise CaseWasChanged(_came_first(case, seen_version))
    return case


def _came_first(case: Case, seen_version: int) -> Event | None:
    """Return the deed that the page did not show yet, not what the system did upon it; None for one without a line."""
    if seen_version < 1:
        return case.events.order_by("-pk").first()
    since = case.events.filter(version__gt=seen_version).order_by("pk")
    return since.filter(actor__isnull=False).first() or since.first()


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
        version=case.version + 1 if changes_case else None,
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


def move(
    *, case: Case, outcome: Outcome, actor: User | None, now: dt.datetime, settles: str | None = None
) -> Step | None:
    """End the current step with an outcome and enter the next one, or close the case.

    Obligations that are still open are settled as done; ``settles`` names the one act whose obligations end with the
    step where others live on (the reply is owed through all steps of handling). What the kind of case owes beside its
    steps lives on until it is closed, and what outlives it lives on then too. The caller has locked the case, opens
    what the new step demands and writes the history line. Returns the new step, None when the case is closed.
    """
    kind = registry.kind(case.kind)
    spared = (*kind.beside, *kind.outlives) if outcome.goes_to is not None else kind.outlives
    settle(case=case, actor=actor, now=now, act=settles, spared=spared)
    _leave_step(case=case, outcome_code=outcome.code, actor=actor, now=now)
    if outcome.goes_to is None:
        _close(case=case, closed_as=outcome.closes_as, now=now)
        return None
    case.step, case.status = outcome.goes_to, CaseStatus.OPEN
    StepRun.objects.create(case_id=case.pk, step=outcome.goes_to, entered_at=now)
    Case.objects.filter(pk=case.pk).update(step=case.step, status=case.status)
    return outcome.goes_to


def close(*, case: Case, closed_as: str, actor: User | None, now: dt.datetime) -> None:
    """Close a case from whatever step it is in, as when it is withdrawn; what was owed on it is cancelled, but for
    what outlives it.

    The caller has locked the case and writes the history line.
    """
    spared = registry.kind(case.kind).outlives
    settle(case=case, actor=actor, now=now, spared=spared, state=ObligationState.CANCELLED)
    _leave_step(case=case, outcome_code=closed_as, actor=actor, now=now)
    _close(case=case, closed_as=closed_as, now=now)


def _leave_step(*, case: Case, outcome_code: str, actor: User | None, now: dt.datetime) -> None:
    # A clock that was set back must not stop the work.
    StepRun.objects.filter(case_id=case.pk, left_at__isnull=True).update(
        left_at=Greatest(F("entered_at"), Value(now)), left_by=actor, outcome=outcome_code
    )


def _close(*, case: Case, closed_as: str, now: dt.datetime) -> None:
    case.step, case.status, case.closed_as, case.closed_at = None, CaseStatus.CLOSED, closed_as, now
    Case.objects.filter(pk=case.pk).update(step=None, status=case.status, closed_as=closed_as, closed_at=now)


def compute_due(*, start: dt.date, rule: str, rolls: bool = True, source: str = "") -> Due | None:
    """Return the due date of a rule with its explanation; None for a step without a deadline.

    ``rolls`` says whether a last day that is a rest day moves on, ``source`` which text the rule comes from.
    """
    if not rule:
        return None
    due = work_calendar(start).due(start, rule, rolls=rolls)
    return replace(due, basis=explained(due.basis, source))


def explained(basis: str, source: str) -> str:
    """Return how a date was computed, with the text that the rule comes from."""
    return f"{basis}（依据{source}）" if source else basis


def oblige(
    *,
    case: Case,
    act: str,
    verb: str,
    owner: Owner,
    from_label: str,
    now: dt.datetime,
    rule: str = "",
    rolls: bool = True,
    source: str = "",
    start_on: dt.date | None = None,
    due_on: dt.date | None = None,
    basis: str = "",
    about: str = "",
) -> Obligation:
    """Write down that somebody owes an act on the case.

    The due date follows from the rule (see ``compute_due``), unless ``due_on`` was set by hand; ``basis`` then says
    how. ``about`` tells several obligations of the same act and owner apart. What comes from an imported case and
    was due before today reminds nobody.
    """
    today = timezone.localdate(now)
    start = start_on or today
    due = compute_due(start=start, rule=rule, rolls=rolls, source=source) if due_on is None else None
    if due:
        basis = due.basis
    elif due_on:
        basis = basis or "交办时确定"
    on = due.on if due else due_on
    obligation = Obligation.objects.create(
        case_id=case.pk,
        act=act,
        verb=verb,
        about=about,
        owner_role=owner.role,
        owner_congress_id=owner.congress.pk if owner.congress else case.congress_id,
        owner_unit=owner.unit,
        owner_user=owner.user,
        owner_label=owner.label,
        from_label=from_label,
        opened_at=now,
        start_on=start,
        rule=rule if due else "",
        rolls=rolls,
        rule_source=source if due else "",
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
    about: str | None = None,
    unit: Unit | None = None,
    spared: Collection[str] = (),
    state: ObligationState = ObligationState.DONE,
) -> int:
    """Close open obligations of the case: all but the acts spared, or those of one act, one subject or unit.

    Returns how many.
    """
    open_ones = Obligation.objects.filter(case_id=case.pk, state=ObligationState.OPEN)
    if act is not None:
        open_ones = open_ones.filter(act=act)
    if spared:
        open_ones = open_ones.exclude(act__in=spared)
    if about is not None:
        open_ones = open_ones.filter(about=about)
    if unit is not None:
        open_ones = open_ones.filter(owner_unit=unit)
    return open_ones.update(state=state, closed_at=now, closed_by=actor)


def role_owner(role: Role, congress: Congress | None = None) -> Owner:
    """Return the owner for a role, of the case's own congress unless another one is named."""
    label = f"{congress}（{Role(role).label}）" if congress else Role(role).label
    return Owner(role=role, label=label, congress=congress)
