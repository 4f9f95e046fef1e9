"""Assignment in one or two levels: the committee gives an item to units, or to the government office to be split."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from bodies.models import Unit
from casework import services as casework
from casework.calendar import Due, spoken
from casework.models import Act, Outcome, Step
from casework.queries import work_calendar
from casework.services import UnableToAct
from proposals.models import Assignment, AssignmentRole, Distribution, HandlingRound, Period, Proposal
from proposals.rules import Deadline, before, deadline_of, rule_of
from proposals.services.common import latest_round, lead_owner, loaded, next_round_number, take, unit_owner
from proposals.services.stepping import demand, pass_by

if TYPE_CHECKING:
    from accounts.models import User
    from casework.models import Case

# The law allows six months at the most (代表法 51); what goes on for years is followed up, and a wrong year stands out.
LONGEST_DAYS = 3 * 366
NOTE_LENGTH = 500
ANSWERING = (AssignmentRole.LEAD, AssignmentRole.SEPARATE)
Units = Sequence[tuple[Unit, str]]


@dataclass(frozen=True)
class Terms:
    """By when the units of a round answer: the rule with its start, or a date set by hand."""

    start: dt.date
    deadline: Deadline
    by_hand: dt.date | None = None

    @property
    def due(self) -> Due | None:
        """The date by which the deputy has the reply, with the reason for it."""
        if self.by_hand is not None:
            return Due(self.by_hand, "交办时确定")
        rule = self.deadline
        return casework.compute_due(start=self.start, rule=rule.rule, rolls=rule.rolls, source=rule.source)

    @property
    def due_on(self) -> dt.date | None:
        """The date by which the deputy has the reply."""
        due = self.due
        return due.on if due else None


def reply_step(proposal: Proposal) -> Step:
    """Return the step of the proposal's procedure in which the deputy is answered."""
    return proposal.procedure.steps.filter(act=Act.REPLY).earliest("position")


def terms_of(
    proposal: Proposal, *, outcome: Outcome | None, start: dt.date, is_complex: bool, by_hand: dt.date | None
) -> Terms:
    """Return by when a round is answered that was entered by an outcome (代表法 51: three months, complex ones six)."""
    step = reply_step(proposal)
    return Terms(start, deadline_of(step, proposal.rules, outcome=outcome, is_complex=is_complex), by_hand)


def terms_again(proposal: Proposal, round_: HandlingRound, *, start: dt.date) -> Terms:
    """Return by when a unit answers that is given a part of a running round: as long as the first one had, anew."""
    outcome = None
    if round_.number > 1:
        outcome = Outcome.objects.filter(step__procedure=proposal.procedure_id, code="redo").order_by("pk").first()
    return terms_of(proposal, outcome=outcome, start=start, is_complex=round_.is_complex, by_hand=None)


def checked_units(
    proposal: Proposal, *, lead: Unit | None, separate: Sequence[Unit], assisting: Sequence[Unit], taken: set[int]
) -> list[tuple[Unit, str]]:
    """Return the chosen units with their roles; ``taken`` are the units that have a part already.

    Raises UnableToAct for a unit that is chosen twice or that cannot be given anything.
    """
    units = [(lead, AssignmentRole.LEAD)] if lead else []
    units += [(unit, AssignmentRole.SEPARATE) for unit in separate]
    units += [(unit, AssignmentRole.ASSIST) for unit in assisting]
    seen = set(taken)
    for unit, _ in units:
        if unit.pk in seen:
            raise UnableToAct(f"「{unit}」重复：一个单位在同一件建议中只能承担一种任务。")
        seen.add(unit.pk)
        if unit.congress_id != proposal.congress_id or not unit.is_active:
            raise UnableToAct(f"「{unit}」不是本级可以交办的承办单位。")
    return units


def check_due(due_on: dt.date | None, today: dt.date) -> None:
    """Raise UnableToAct for a date that has passed or lies years ahead."""
    if due_on is not None and due_on <= today:
        raise UnableToAct("答复期限应当晚于今天。")
    if due_on is not None and (due_on - today).days > LONGEST_DAYS:
        raise UnableToAct("答复期限最长不超过三年，请核对年份。")


def open_round(
    *,
    case: Case,
    proposal: Proposal,
    units: Units,
    terms: Terms,
    from_label: str,
    now: dt.datetime,
    reason: str = "",
    is_complex: bool = False,
) -> HandlingRound:
    """Open a round of handling and give the units their parts. The case stands in the step that the round begins."""
    round_ = HandlingRound.objects.create(
        proposal=proposal,
        number=next_round_number(proposal),
        opened_at=now,
        reason=reason,
        is_complex=is_complex,
    )
    give(case=case, proposal=proposal, round_=round_, units=units, terms=terms, from_label=from_label, now=now)
    return round_


def give(
    *,
    case: Case,
    proposal: Proposal,
    round_: HandlingRound,
    units: Units,
    terms: Terms,
    from_label: str,
    now: dt.datetime,
    via_office: bool = False,
) -> None:
    """Give units their parts in a round: each owes its acknowledgement, then a reply, or its opinion to the lead unit.

    The reply's time counts from the start of the terms, which the government office cannot put off by passing it on
    late; a request to return from the day on which the unit was given its part. An opinion is due before the lead
    unit's date.
    """
    today = timezone.localdate(now)
    due_on = terms.due_on
    within = rule_of(proposal.rules, "contact_deputy")
    acknowledge = case.step.acknowledge_within or reply_step(proposal).acknowledge_within
    for unit, role in units:
        Assignment.objects.create(
            round=round_,
            unit=unit,
            role=role,
            assigned_on=today,
            due_on=due_on,
            via_office=via_office,
        )
        owed = {"case": case, "owner": unit_owner(unit), "from_label": from_label, "now": now}
        if acknowledge:
            casework.oblige(act="acknowledge", verb="签收", rule=acknowledge, **owed)
        if role not in ANSWERING:
            _oblige_opinion(proposal=proposal, due_of_lead=due_on, today=today, owed=owed)
            continue
        if within.rule:
            casework.oblige(
                act="contact", verb="联系代表", rule=within.rule, rolls=within.rolls, source=within.source, **owed
            )
        casework.oblige(
            act="reply",
            verb=reply_step(proposal).verb,
            rule=terms.deadline.rule,
            rolls=terms.deadline.rolls,
            source=terms.deadline.source,
            start_on=terms.start,
            due_on=terms.by_hand,
            **owed,
        )


def _oblige_opinion(*, proposal: Proposal, due_of_lead: dt.date | None, today: dt.date, owed: dict) -> None:
    rule = rule_of(proposal.rules, "assist_opinion")
    due = casework.compute_due(start=today, rule=rule.rule, rolls=rule.rolls, source=rule.source)
    latest = before(due_of_lead, work_calendar(today)) if due_of_lead else None
    if due is not None and (latest is None or due.on <= latest):
        casework.oblige(
            act="opinion", verb="提出协办意见", rule=rule.rule, rolls=rule.rolls, source=rule.source, **owed
        )
        return
    basis = f"应当早于主办单位的答复期限{spoken(due_of_lead)}" if due_of_lead else ""
    due_on = max(latest, today) if latest else None
    casework.oblige(act="opinion", verb="提出协办意见", due_on=due_on, basis=basis, **owed)


@transaction.atomic
def assign(
    *,
    proposal_id: int,
    seen_version: int | None,
    user: User,
    now: dt.datetime,
    lead: Unit | None,
    assisting: Sequence[Unit] = (),
    separate: Sequence[Unit] = (),
    due_on: dt.date | None = None,
    is_complex: bool = False,
    via_office: bool = False,
    office_note: str = "",
) -> Proposal:
    """Assign a registered proposal, and the ones merged into it, to units and the government office.

    A lead unit with assisting ones, several units separately, or both; ``via_office`` hands the rest to the
    government office, which splits it among departments. ``due_on`` set by hand takes the place of the rule.
    Raises as ``take`` does, and UnableToAct for a contradictory choice of units or a date that has passed.
    """
    case, proposal = take(proposal_id=proposal_id, seen_version=seen_version, user=user, act="assign", now=now)
    today = timezone.localdate(now)
    units = checked_units(proposal, lead=lead, separate=separate, assisting=assisting, taken=set())
    if not via_office and not any(role in ANSWERING for _, role in units):
        raise UnableToAct("请选择主办单位，或者选择分办单位，或者交政府办分办。")
    check_due(due_on, today)
    note = office_note.strip()
    if note and not via_office:
        raise UnableToAct("交办意见是写给政府办的：请勾选「交政府办分办」，或者清空交办意见。")
    if len(note) > NOTE_LENGTH:
        raise UnableToAct(f"交办意见最多 {NOTE_LENGTH} 字，现有 {len(note)} 字。")
    given = _Given(units, due_on, is_complex, via_office, note)
    _assign_one(case=case, proposal=proposal, given=given, user=user, from_label=user.hat.label, now=now)
    for follower in proposal.merged.filter(step__act=Act.ASSIGN).order_by("pk"):
        _assign_follower(proposal_id=follower.pk, given=given, user=user, from_label=user.hat.label, now=now)
    proposal.refresh_from_db()
    return proposal


@dataclass(frozen=True)
class _Given:
    units: Units
    due_on: dt.date | None
    is_complex: bool
    via_office: bool
    note: str = ""
    of_office: frozenset[int] = frozenset()


def _assign_follower(*, proposal_id: int, given: _Given, user: User | None, from_label: str, now: dt.datetime) -> None:
    case = casework.lock_case(case_id=proposal_id, seen_version=None)
    proposal = loaded(proposal_id)
    if case.step is not None and case.step.act == Act.ASSIGN:
        _assign_one(case=case, proposal=proposal, given=given, user=user, from_label=from_label, now=now)


def _assign_one(
    *, case: Case, proposal: Proposal, given: _Given, user: User | None, from_label: str, now: dt.datetime
) -> None:
    today = timezone.localdate(now)
    outcome = casework.outcome_of(case=case, code="pass")
    terms = terms_of(proposal, outcome=outcome, start=today, is_complex=given.is_complex, by_hand=given.due_on)
    parts = [f"{unit}（{AssignmentRole(role).label}）" for unit, role in given.units]
    if given.via_office:
        parts.append("政府办分办")
    until = f"，答复期限{spoken(terms.due_on)}" if terms.due_on else ""
    said = f"{casework.actor_label(user)}将本件交办给{'、'.join(parts)}{until}"
    # The history line comes before the move, so that it carries the step in which the act was done.
    casework.log(case=case, actor=user, verb="assign", sentence=said, now=now)
    step = case.step
    casework.move(case=case, outcome=outcome, actor=user, now=now)
    proposal.step, proposal.status = case.step, case.status
    round_ = open_round(
        case=case,
        proposal=proposal,
        units=given.units,
        terms=terms,
        from_label=from_label,
        is_complex=given.is_complex,
        now=now,
    )
    if given.of_office:
        round_.assignments.filter(unit__in=given.of_office).update(via_office=True)
    if given.via_office:
        _hand_to_office(case=case, proposal=proposal, round_=round_, given=given, step=step, label=from_label, now=now)
    if not demand(case=case, proposal=proposal, outcome=outcome, from_label=from_label, now=now):
        pass_by(case=case, proposal=proposal, from_label=from_label, now=now)
    words = "、".join(parts)
    casework.inform(case=case, owner=lead_owner(proposal.lead), title=f"已交办：{case}", body=words, now=now)


def distribute_within(proposal: Proposal, step: Step) -> Deadline:
    """Return how long the government office has to split an item; silent rules give it as long as the assignment."""
    within = rule_of(proposal.rules, "distribute")
    in_session = proposal.period == Period.IN_SESSION
    return within if within.rule else deadline_of(step, proposal.rules, in_session=in_session)


def _hand_to_office(
    *,
    case: Case,
    proposal: Proposal,
    round_: HandlingRound,
    given: _Given,
    step: Step,
    label: str,
    now: dt.datetime,
) -> None:
    today = timezone.localdate(now)
    Distribution.objects.create(round=round_, handed_on=today, due_on=given.due_on, note=given.note)
    within = distribute_within(proposal, step)
    casework.oblige(
        case=case,
        act="distribute",
        verb="分办",
        owner=casework.role_owner(Role.GOV_OFFICE),
        from_label=label,
        rule=within.rule,
        rolls=within.rolls,
        source=within.source,
        now=now,
    )


def demand_of_units(
    *, case: Case, proposal: Proposal, units: Collection[int], from_label: str, now: dt.datetime
) -> None:
    """Open the decision that the current step asks of units, for those (by key) that came after it was entered."""
    step = case.step
    if step is None or step.act != Act.DECIDE or step.actor_role != Role.UNIT:
        return
    proposal.step = step
    demand(case=case, proposal=proposal, outcome=None, from_label=from_label, now=now, units=units)


def follow_main(*, proposal: Proposal, user: User, now: dt.datetime) -> None:
    """Assign a merged proposal to the units that the main one is already with, each under whoever gave it its part."""
    main_round = latest_round(proposal.merged_into)
    if main_round is None:
        return
    rows = list(main_round.assignments.in_force().select_related("unit").order_by("pk"))
    handed = Distribution.objects.filter(round=main_round, distributed_at__isnull=True).first()
    given = _Given(
        units=[(row.unit, row.role) for row in rows],
        due_on=None,
        is_complex=main_round.is_complex,
        via_office=handed is not None,
        note=handed.note if handed else "",
        of_office=frozenset(row.unit_id for row in rows if row.via_office),
    )
    _assign_follower(proposal_id=proposal.pk, given=given, user=user, from_label=user.hat.label, now=now)
