"""The services of a proposal, written to memory and stored at the end, for the hundreds whose story is a plain one.

The portal's own services take some forty queries an act, a minute and more for a closed year. What is stored here is
row for row what they would have stored (a test lives the same stories both ways), but for the notices: nobody keeps
those of last year, nor of what was assigned long ago.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from bodies.models import Counter, Session, Unit
from bodies.services import raise_counter, session_on
from casework.calendar import spoken
from casework.models import CaseStatus, Event, Obligation, ObligationState, Outcome, Step, StepRun
from casework.queries import work_calendar
from casework.services import Owner, actor_label, explained, role_owner
from deputies.models import Seat
from duties.models import DutyRecord, Source
from portal.demo.records import Record, insert_proposals
from proposals.models import (
    KIND,
    Assignment,
    AssignmentRole,
    AssistOpinion,
    Commitment,
    Contact,
    ContactPhase,
    ContactWay,
    Cosignature,
    Feedback,
    Grade,
    HandlingRound,
    OutcomeCategory,
    Period,
    Proposal,
    Reply,
    ReviewResult,
)
from proposals.presets import OUTLIVES
from proposals.rules import Deadline, before, deadline_of
from proposals.services.common import lead_owner, unit_owner
from proposals.services.ledger import record_duties
from proposals.services.promising import about_of
from proposals.services.setup import arrangement_of


class Archive:
    """Takes the same calls as ``proposals.services`` for plain stories; ``store`` writes them all."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        self.seats = {seat.person.user_id: seat for seat in seats}
        self.calendar = work_calendar()
        arrangement = arrangement_of(seats[0].term)
        self.procedure, self.rules = arrangement.procedure, arrangement.rules
        steps = list(self.procedure.steps.order_by("position"))
        self.first_step = steps[0]
        self.outcomes = {
            (outcome.step_id, outcome.code): outcome
            for outcome in Outcome.objects.filter(step__in=steps).select_related("goes_to")
        }
        self.sessions: dict[dt.date, Session] = {}
        self.numbers: dict[tuple[Session, str], int] = {}
        self.records: list[Record] = []

    def _next_number(self, session: Session, kind: str) -> int:
        key = (session, kind)
        if key not in self.numbers:
            counter = Counter.objects.filter(session=session, kind=kind).first()
            self.numbers[key] = counter.last_number if counter else 0
        self.numbers[key] += 1
        return self.numbers[key]

    def settle_numbers(self) -> None:
        """Let the counters know the numbers taken: called before anybody else takes one."""
        for (session, kind), number in self.numbers.items():
            raise_counter(session=session, kind=kind, to=number)
        self.numbers.clear()

    def create_draft(self, *, user: User, request_key: uuid.UUID, now: dt.datetime, **fields: Any) -> Proposal:
        """Keep a draft; the proposal's key is its place in the archive until it is stored."""
        seat = self.seats[user.pk]
        proposal = Proposal(
            kind=KIND,
            congress=seat.term.congress,
            procedure=self.procedure,
            rules=self.rules,
            request_key=request_key,
            created_at=now,
            created_by=user,
            lead=seat,
            **fields,
        )
        record = Record(proposal, self.first_step)
        record.runs.append(StepRun(case=proposal, step=self.first_step, entered_at=now))
        self.records.append(record)
        proposal.pk = len(self.records)
        return proposal

    def cosign(self, *, proposal: Proposal, seats: Sequence[Seat]) -> None:
        """Let deputies sign a proposal."""
        self.records[proposal.pk - 1].rows += [Cosignature(proposal=proposal, seat=seat) for seat in seats]

    def submit(self, *, proposal_id: int, user: User, now: dt.datetime, **_: None) -> None:
        """As the service of this name, for a proposal that was never returned."""
        record, today = self.records[proposal_id - 1], timezone.localdate(now)
        proposal = record.proposal
        if today not in self.sessions:
            self.sessions[today] = session_on(term=proposal.lead.term, day=today)
        session = self.sessions[today]
        in_session = session.starts_on <= today <= session.ends_on
        proposal.session, proposal.submitted_on = session, today
        proposal.period = Period.IN_SESSION if in_session else Period.IN_RECESS
        proposal.receipt_no = self._next_number(session, "receipt")
        proposal.label = proposal.display_no
        text = {name: getattr(proposal, name) for name in ("title", "body", "grounds", "plan")}
        self._log(record, user, "submit", f"{actor_label(user)}提交本件，收件号{proposal.receipt_no}", now, **text)
        self._move_to_role(record, "pass", user, now, from_label=f"{proposal.lead.person.name}代表")

    def review(self, *, proposal_id: int, user: User, now: dt.datetime, outcome_code: str, **_: None) -> None:
        """As the service of this name, for a proposal that passes."""
        record = self.records[proposal_id - 1]
        proposal = record.proposal
        proposal.review_result = ReviewResult.REGISTERED
        proposal.number = self._next_number(proposal.session, KIND)
        proposal.label = proposal.display_no
        sentence = f"{actor_label(user)}审查通过，立案，编为{proposal.display_no}"
        self._log(record, user, "review", sentence, now, outcome=outcome_code, number=proposal.number)
        self._move_to_role(record, outcome_code, user, now, from_label=user.hat.label)

    def assign(
        self,
        *,
        proposal_id: int,
        user: User,
        now: dt.datetime,
        lead: Unit,
        assisting: Sequence[Unit],
        due_on: dt.date | None,
        **_: None,
    ) -> None:
        """As the service of this name."""
        record = self.records[proposal_id - 1]
        units = [(lead, AssignmentRole.LEAD), *((unit, AssignmentRole.ASSIST) for unit in assisting)]
        outcome = self.outcomes[record.step.pk, "pass"]
        deadline = deadline_of(outcome.goes_to, self.rules, outcome=outcome)
        due = due_on or self.calendar.due(timezone.localdate(now), deadline.rule, rolls=deadline.rolls).on
        parts = "、".join(f"{unit}（{role.label}）" for unit, role in units)
        self._log(record, user, "assign", f"{actor_label(user)}将本件交办给{parts}，答复期限{spoken(due)}", now)
        step = self._move(record, outcome, user, now)
        self._open_round(
            record, step, units, now, deadline=deadline, due_on=due_on, reason="", from_label=user.hat.label
        )

    def acknowledge(self, *, proposal_id: int, user: User, now: dt.datetime, **_: None) -> None:
        """As the service of this name."""
        record = self.records[proposal_id - 1]
        assignment = self._own_assignment(record, user)
        assignment.acknowledged_at, assignment.acknowledged_by = now, user
        self._settle(record, user, now, act="acknowledge", unit=assignment.unit)
        self._log(record, user, "acknowledge", f"{actor_label(user)}签收本件", now)

    def record_contact(
        self,
        *,
        proposal_id: int,
        user: User,
        now: dt.datetime,
        contacted_on: dt.date,
        way: str,
        summary: str,
        phase: str,
        **_: None,
    ) -> None:
        """As the service of this name."""
        record = self.records[proposal_id - 1]
        contact = Contact(
            assignment=self._own_assignment(record, user),
            contacted_on=contacted_on,
            way=ContactWay(way),
            phase=ContactPhase(phase),
            summary=summary,
            recorded_at=now,
            recorded_by=user,
        )
        record.rows.append(contact)
        how = f"{contact.get_phase_display()}，{contact.get_way_display()}"
        sentence = f"{actor_label(user)}于{spoken(contacted_on)}联系代表（{how}）：{summary}"
        self._log(record, user, "contact", sentence, now)

    def give_opinion(self, *, proposal_id: int, user: User, now: dt.datetime, body: str, **_: None) -> None:
        """As the service of this name."""
        record = self.records[proposal_id - 1]
        part = self._own_assignment(record, user)
        record.rows.append(AssistOpinion(assignment=part, body=body, given_at=now, given_by=user))
        self._settle(record, user, now, act="opinion", unit=part.unit)
        self._log(record, user, "opinion", f"{actor_label(user)}提出协办意见：{body}", now)

    def reply(
        self,
        *,
        proposal_id: int,
        user: User,
        now: dt.datetime,
        replied_on: dt.date,
        document_no: str,
        outcome: OutcomeCategory,
        seen_version: int | None,
        matter: str = "",
        responsible: str = "",
        promised_for: dt.date | None = None,
        **fields: str,
    ) -> None:
        """As the service of this name, for the unit in the lead."""
        del seen_version
        record = self.records[proposal_id - 1]
        assignment = self._own_assignment(record, user)
        record.rows.append(
            Reply(
                assignment=assignment,
                unit=assignment.unit,
                replied_on=replied_on,
                document_no=document_no,
                outcome=outcome,
                recorded_at=now,
                recorded_by=user,
                **fields,
            )
        )
        self._settle(record, user, now, act="reply", unit=assignment.unit)
        sentence = f"{actor_label(user)}答复代表，文号{document_no}，办理结果：{outcome}"
        self._log(record, user, "reply", sentence, now)
        if matter:
            self._promise(record, assignment, user, now, matter=matter, responsible=responsible, due_on=promised_for)
        for act in ("acknowledge", "opinion"):
            self._settle(record, user, now, act=act, state=ObligationState.CANCELLED)
        passed = self.outcomes[record.step.pk, "pass"]
        step = self._move(record, passed, user, now)
        owner = lead_owner(record.proposal.lead)
        deadline = deadline_of(step, self.rules, outcome=passed)
        self._oblige(record, "rate", step.verb, owner, now, deadline=deadline, from_label=user.hat.label)

    def _promise(
        self,
        record: Record,
        part: Assignment,
        user: User,
        now: dt.datetime,
        *,
        matter: str,
        responsible: str,
        due_on: dt.date,
    ) -> None:
        made_on = timezone.localdate(now)
        row = Commitment(
            proposal=record.proposal,
            assignment=part,
            unit=part.unit,
            matter=matter,
            responsible=responsible,
            made_on=made_on,
            due_on=due_on,
            recorded_at=now,
            recorded_by=user,
        )
        sentence = f"{actor_label(user)}承诺于{spoken(due_on)}前解决：{matter}，责任人{responsible}"
        self._log(record, user, "commit", sentence, now)
        self._oblige(
            record,
            "commitment",
            "落实承诺",
            unit_owner(part.unit),
            now,
            deadline=Deadline(""),
            due_on=due_on,
            basis=f"承办单位{spoken(made_on)}承诺的完成期限",
            from_label=f"{record.proposal.lead.person.name}代表",
        )
        record.promises.append((row, record.rows[-1], record.obligations[-1]))

    def rate(
        self, *, proposal_id: int, user: User, now: dt.datetime, attitude: str, result: str, opinion: str, **_: None
    ) -> None:
        """As the service of this name."""
        record = self.records[proposal_id - 1]
        round_, lead = record.rounds[-1], record.proposal.lead
        redo = result == Grade.DISSATISFIED
        outcome = self.outcomes[record.step.pk, "redo" if redo else "pass"]
        record.rows.append(
            Feedback(
                round=round_,
                seat=lead,
                attitude=attitude,
                result=result,
                opinion=opinion,
                given_at=now,
                recorded_by=user,
            )
        )
        by_proxy = "" if lead.person.user_id == user.pk else f"代{lead.person.name}代表"
        grades = f"办理态度{Grade(attitude).label}，办理结果{Grade(result).label}"
        said = f"；意见：{opinion}" if opinion else ""
        self._log(record, user, "rate", f"{actor_label(user)}{by_proxy}评价{round_}办理：{grades}{said}", now)
        step = self._move(record, outcome, user, now)
        if redo:
            units = [(row.unit, row.role) for row in record.assignments if row.round is round_]
            deadline = deadline_of(step, self.rules, outcome=outcome)
            reason, source = f"代表对{round_}办理结果不满意", f"{lead.person.name}代表"
            self._open_round(record, step, units, now, deadline=deadline, due_on=None, reason=reason, from_label=source)
            sentence = f"代表不满意，开始{record.rounds[-1]}办理，承办单位和分工不变"
            self._log(record, None, "reopen", sentence, now)

    def store(self) -> None:
        """Write everything, table by table."""
        self.settle_numbers()
        for record in self.records:
            record.proposal.step = record.step
            record.proposal.pk = record.proposal.id = None
        insert_proposals([record.proposal for record in self.records])
        self._write(StepRun, [row for record in self.records for row in record.runs])
        self._write(HandlingRound, [row for record in self.records for row in record.rounds])
        self._write(Assignment, [row for record in self.records for row in record.assignments])
        promises = [promise for record in self.records for promise in record.promises]
        self._write(Commitment, [row for row, _, _ in promises])
        for row, event, owed in promises:
            event.data, owed.about = {"commitment": row.pk}, about_of(row)
        self._write(Obligation, [row for record in self.records for row in record.obligations])
        for model in (Cosignature, Event, Contact, AssistOpinion, Reply, Feedback):
            self._write(model, [row for record in self.records for row in record.rows if isinstance(row, model)])
        if self.records:
            self._record_duties(now=timezone.now())

    def _record_duties(self, *, now: dt.datetime) -> None:
        """Let the ledger know, each line as of the moment at which its proposal was handed in."""
        proposals = {record.proposal.pk: record.proposal for record in self.records}
        congress = self.records[0].proposal.congress
        record_duties(congress=congress, proposals=list(proposals.values()), user=None, now=now)
        handed_in = {
            row.case.pk: row.at
            for record in self.records
            for row in record.rows
            if isinstance(row, Event) and row.verb == "submit"
        }
        lines = list(DutyRecord.objects.filter(source=Source.PROPOSAL, source_id__in=proposals))
        for line in lines:
            line.recorded_at = handed_in[line.source_id]
            line.recorded_by = proposals[line.source_id].created_by
        DutyRecord.objects.bulk_update(lines, ["recorded_at", "recorded_by"], batch_size=2000)

    @staticmethod
    def _write(model: type[Model], rows: list[Model]) -> None:
        """Insert rows whose parents have got their keys by now."""
        for row in rows:
            for name in ("case", "proposal"):
                if name in row._state.fields_cache:  # noqa: SLF001 - the parent's key has changed since
                    setattr(row, name, getattr(row, name))
        model.objects.bulk_create(rows)

    def _log(
        self, record: Record, actor: User | None, verb: str, sentence: str, now: dt.datetime, **data: object
    ) -> None:
        record.rows.append(
            Event(
                case=record.proposal,
                at=now,
                actor=actor,
                actor_label=actor_label(actor),
                step_label=record.step.label if record.step else "",
                verb=verb,
                sentence=sentence,
                data=data,
            )
        )
        record.proposal.version += 1

    def _move(self, record: Record, outcome: Outcome, actor: User, now: dt.datetime) -> Step | None:
        run = record.runs[-1]
        run.left_at, run.left_by, run.outcome = now, actor, outcome.code
        self._settle(record, actor, now)
        record.step, proposal = outcome.goes_to, record.proposal
        if record.step is None:
            proposal.status, proposal.closed_as, proposal.closed_at = CaseStatus.CLOSED, outcome.closes_as, now
        else:
            proposal.status = CaseStatus.OPEN
            record.runs.append(StepRun(case=proposal, step=record.step, entered_at=now))
        return record.step

    def _move_to_role(self, record: Record, code: str, user: User, now: dt.datetime, *, from_label: str) -> None:
        outcome = self.outcomes[record.step.pk, code]
        step = self._move(record, outcome, user, now)
        owner = role_owner(step.actor_role)
        deadline = deadline_of(step, self.rules, outcome=outcome)
        self._oblige(record, step.stage, step.verb, owner, now, deadline=deadline, from_label=from_label)

    def _oblige(
        self,
        record: Record,
        act: str,
        verb: str,
        owner: Owner,
        now: dt.datetime,
        *,
        deadline: Deadline,
        from_label: str,
        due_on: dt.date | None = None,
        basis: str = "交办时确定",
    ) -> None:
        start = timezone.localdate(now)
        due = None
        if due_on is None and deadline.rule:
            due = self.calendar.due(start, deadline.rule, rolls=deadline.rolls)
        record.obligations.append(
            Obligation(
                case=record.proposal,
                act=act,
                verb=verb,
                owner_role=owner.role,
                owner_congress=record.proposal.congress,
                owner_unit=owner.unit,
                owner_user=owner.user,
                owner_label=owner.label,
                from_label=from_label,
                opened_at=now,
                start_on=start,
                rule=deadline.rule if due else "",
                rolls=deadline.rolls,
                rule_source=deadline.source if due else "",
                due_on=due.on if due else due_on,
                due_basis=explained(due.basis, deadline.source) if due else basis if due_on else "",
                is_provisional=bool(due and due.is_provisional),
            )
        )

    @staticmethod
    def _settle(
        record: Record,
        actor: User,
        now: dt.datetime,
        *,
        act: str | None = None,
        unit: Unit | None = None,
        state: ObligationState = ObligationState.DONE,
    ) -> None:
        for row in record.obligations:
            is_meant = row.act not in OUTLIVES if act is None else row.act == act
            if row.state == ObligationState.OPEN and is_meant and unit in (None, row.owner_unit):
                row.state, row.closed_at, row.closed_by = state, now, actor

    def _open_round(
        self,
        record: Record,
        step: Step,
        units: Sequence[tuple[Unit, str]],
        now: dt.datetime,
        *,
        deadline: Deadline,
        due_on: dt.date | None,
        reason: str,
        from_label: str,
    ) -> None:
        today = timezone.localdate(now)
        round_ = HandlingRound(proposal=record.proposal, number=len(record.rounds) + 1, opened_at=now, reason=reason)
        record.rounds.append(round_)
        due = due_on or self.calendar.due(today, deadline.rule, rolls=deadline.rolls).on
        opinion_until = before(due, self.calendar)
        opinion_basis = f"应当早于主办单位的答复期限{spoken(due)}"
        for unit, role in units:
            record.assignments.append(Assignment(round=round_, unit=unit, role=role, assigned_on=today, due_on=due))
            owner, within = unit_owner(unit), Deadline(step.acknowledge_within)
            self._oblige(record, "acknowledge", "签收", owner, now, deadline=within, from_label=from_label)
            if role == AssignmentRole.LEAD:
                self._oblige(
                    record, "reply", step.verb, owner, now, deadline=deadline, due_on=due_on, from_label=from_label
                )
            else:
                self._oblige(
                    record, "opinion", "提出协办意见", owner, now, deadline=Deadline(""), due_on=opinion_until,
                    basis=opinion_basis, from_label=from_label,
                )  # fmt: skip

    @staticmethod
    def _own_assignment(record: Record, user: User) -> Assignment:
        last = record.rounds[-1]
        return next(row for row in record.assignments if row.round is last and row.unit.pk == user.hat.unit_id)
