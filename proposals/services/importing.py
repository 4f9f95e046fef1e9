"""Imported history: proposals as a file tells them, written without the guards of the steps and without notices."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models.sql import InsertQuery
from django.utils import timezone

from bodies.models import Counter, Session
from bodies.services import raise_counter
from casework import services as casework
from casework.calendar import Due, WorkCalendar, spoken
from casework.locks import hold_calendar
from casework.models import Act, Case, CaseStatus, Event, Obligation, ObligationState, Outcome, Stage, Step, StepRun
from casework.queries import work_calendar
from casework.services import Owner
from proposals.histories import History
from proposals.models import (
    KIND,
    Arrangement,
    Assignment,
    AssignmentRole,
    Category,
    Cosignature,
    Feedback,
    Grade,
    HandlingRound,
    HandlingRules,
    NotRegisteredReason,
    Proposal,
    Reply,
    ReviewResult,
)
from proposals.rules import Deadline, deadline_of
from proposals.services.common import unit_owner
from proposals.services.ledger import record_duties
from proposals.services.setup import arrangement_of
from proposals.services.stepping import owners_of
from workbooks.columns import Counts

if TYPE_CHECKING:
    from accounts.models import User
    from bodies.models import Congress, Term

IMPORTED = "导入"
OF_PROPOSAL = ("title", "lead", "session", "number", "form", "nature", "period", "disclosure", "submitted_on", "body")
OF_CASE = ("label", "step", "status", "closed_as", "closed_at", "version")
DERIVED = ("category", "review_result", "not_registered_reason", "paper_cosigners")


@dataclass(frozen=True)
class ProposalEntry:
    """One proposal to be as ``history`` says. ``stored`` is the one to change, None for a new one.

    ``changed`` names the columns that differ from what is stored; an entry without any is left alone.
    """

    history: History
    stored: Proposal | None = None
    changed: Sequence[str] = ()


def lock_sessions(sessions: Iterable[Session]) -> None:
    """Keep the proposals of these sessions and their numbers as they are until the transaction ends.

    Cases come before counters, as in the services of a single proposal, so that neither waits for the other.
    """
    hold_calendar()
    pks = sorted(session.pk for session in sessions)
    cases = Case.objects.filter(proposal__session__in=pks).select_for_update(of=("self",)).order_by("pk")
    list(cases.values_list("pk"))
    Counter.objects.bulk_create([Counter(session_id=pk, kind=KIND) for pk in pks], ignore_conflicts=True)
    list(Counter.objects.filter(session__in=pks).select_for_update().order_by("pk").values_list("pk"))


@transaction.atomic
def import_proposals(
    *, congress: Congress, entries: Sequence[ProposalEntry], user: User | None, now: dt.datetime
) -> Counts:
    """Write proposals as a file tells them, marked as imported.

    The caller has looked everything up after ``lock_sessions`` and changes no proposal that people have handled.
    The number of queries does not depend on the number of entries. Returns how many were new, changed, unchanged.
    """
    writing = [entry for entry in entries if entry.stored is None or entry.changed]
    highest: dict[Session, int] = defaultdict(int)
    for entry in writing:
        highest[entry.history.session] = max(highest[entry.history.session], entry.history.number or 0)
    for session, number in highest.items():
        raise_counter(session=session, kind=KIND, to=number)
    added = sum(entry.stored is None for entry in writing)
    if writing:
        _Import(congress, user, now).write(writing)
    return Counts(added, len(writing) - added, len(entries) - len(writing))


class _Path:
    """The steps of a procedure, and the deadline with which a passed step enters the next under the rules."""

    def __init__(self, procedure_id: int, rules: HandlingRules | None) -> None:
        self.rules = rules
        self.steps = list(Step.objects.filter(procedure=procedure_id).order_by("position"))
        passed = Outcome.objects.filter(step__procedure=procedure_id, code="pass", goes_to__isnull=False)
        self._entered = {outcome.goes_to_id: outcome for outcome in passed.order_by("-pk")}

    def first(self, stage: str) -> Step:
        """Return the step in which an imported matter of a stage stands: of handling, that in which it is answered."""
        return next(
            step for step in self.steps if step.stage == stage and (stage != Stage.REPLY or step.act == Act.REPLY)
        )

    def deadline(self, step: Step) -> Deadline:
        return deadline_of(step, self.rules, outcome=self._entered.get(step.pk))


@dataclass(frozen=True)
class _Times:
    """The moments at which an imported matter entered the stages, as far as its days are known."""

    submitted: dt.datetime
    assigned: dt.datetime
    replied: dt.datetime

    @classmethod
    def of(cls, history: History) -> _Times:
        submitted = _midnight(history.submitted_on)
        assigned = max(submitted, _midnight(history.assigned_on or history.submitted_on))
        replied = max(assigned, _midnight(history.replied_on)) if history.replied_on else assigned
        return cls(submitted, assigned, replied)

    def entering(self, stage: str) -> dt.datetime:
        return {Stage.REPLY: self.assigned, Stage.RATE: self.replied}.get(stage, self.submitted)


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


class _Import:
    """Collects the rows of one import, to be written table by table."""

    def __init__(self, congress: Congress, user: User | None, now: dt.datetime) -> None:
        self.congress, self.user, self.now = congress, user, now
        self.today = timezone.localdate(now)
        self.calendar: WorkCalendar = work_calendar()
        self.paths: dict[tuple[int, int | None], _Path] = {}
        self.arrangements: dict[int, Arrangement] = {}
        self.rows: dict[type, list[Any]] = defaultdict(list)

    def write(self, entries: Sequence[ProposalEntry]) -> None:
        categories = self._categories({entry.history.category for entry in entries} - {""})
        proposals = []
        for entry in entries:
            proposal = entry.stored or self._new(entry.history.session.term)
            self._fill(proposal, entry.history, categories)
            proposals.append(proposal)
        known = [proposal for proposal in proposals if proposal.pk is not None]
        self._forget([proposal.pk for proposal in known])
        _insert([proposal for proposal in proposals if proposal.pk is None])
        if known:
            Proposal.objects.bulk_update(known, [*OF_PROPOSAL, *OF_CASE, *DERIVED])
        for entry, proposal in zip(entries, proposals, strict=True):
            self._tell(proposal, entry)
        for model in (StepRun, Event, Obligation, Cosignature, HandlingRound, Assignment, Reply, Feedback):
            model.objects.bulk_create(self.rows[model], batch_size=5000)
        record_duties(congress=self.congress, proposals=proposals, user=self.user, now=self.now)

    def _categories(self, names: set[str]) -> dict[str, Category]:
        found = {row.name: row for row in Category.objects.filter(congress=self.congress, name__in=names)}
        missing = [Category(congress=self.congress, name=name) for name in sorted(names - found.keys())]
        Category.objects.bulk_create(missing)
        return found | {row.name: row for row in missing}

    def _path(self, proposal: Proposal) -> _Path:
        key = proposal.procedure_id, proposal.rules_id
        if key not in self.paths:
            self.paths[key] = _Path(proposal.procedure_id, proposal.rules)
        return self.paths[key]

    def _new(self, term: Term) -> Proposal:
        if term.pk not in self.arrangements:
            self.arrangements[term.pk] = arrangement_of(term)
        return Proposal(
            kind=KIND,
            congress=self.congress,
            procedure=self.arrangements[term.pk].procedure,
            rules=self.arrangements[term.pk].rules,
            is_imported=True,
            created_at=self.now,
            created_by=self.user,
            version=0,
        )

    def _fill(self, proposal: Proposal, history: History, categories: dict[str, Category]) -> None:
        for attr in OF_PROPOSAL:
            setattr(proposal, attr, getattr(history, attr))
        proposal.category = categories.get(history.category)
        proposal.paper_cosigners = max(0, history.cosigner_count - len(history.cosigners))
        stage, closed_as = history.state
        # A number or a unit is given to what was registered.
        registered = ReviewResult.REGISTERED if history.number or history.lead_units else ""
        proposal.review_result = history.review_result or registered
        proposal.not_registered_reason = NotRegisteredReason.OTHER if closed_as == "not_registered" else ""
        proposal.label = proposal.display_no
        path = self._path(proposal)
        proposal.step = path.first(stage) if stage else None
        proposal.status = CaseStatus.OPEN if stage else CaseStatus.CLOSED
        proposal.closed_as = closed_as
        times = _Times.of(history)
        ended = times.submitted if closed_as == "not_registered" else times.replied
        proposal.closed_at = None if stage else ended
        proposal.version += 1

    def _forget(self, pks: list[int]) -> None:
        """What an earlier import of the same proposals wrote makes room; their history stays."""
        if not pks:
            return
        Cosignature.objects.filter(proposal__in=pks).delete()
        HandlingRound.objects.filter(proposal__in=pks).delete()
        Obligation.objects.filter(case__in=pks).delete()
        StepRun.objects.filter(case__in=pks).delete()

    def _tell(self, proposal: Proposal, entry: ProposalEntry) -> None:
        history, times, path = entry.history, _Times.of(entry.history), self._path(proposal)
        self.rows[Cosignature] += [Cosignature(proposal=proposal, seat=seat) for seat in history.cosigners]
        self._step_runs(proposal, history, times, path)
        assignments = self._round(proposal, history, times, path)
        self._obligations(proposal, history, times, path, assignments)
        if entry.stored is None:
            for at, stage, verb, sentence in _sentences(history, times):
                self._event(proposal, at, path.first(stage).label, verb, sentence)
        else:
            label = proposal.step.label if proposal.step else ""
            self._event(proposal, self.now, label, "import", f"更正{'、'.join(entry.changed)}")

    def _event(self, proposal: Proposal, at: dt.datetime, step_label: str, verb: str, sentence: str) -> None:
        self.rows[Event].append(
            Event(
                case_id=proposal.pk,
                at=at,
                actor=self.user,
                actor_label=casework.actor_label(self.user) if self.user else IMPORTED,
                step_label=step_label,
                verb=verb,
                sentence=f"{IMPORTED}：{sentence}",
                is_imported=True,
                version=proposal.version,
            )
        )

    def _step_runs(self, proposal: Proposal, history: History, times: _Times, path: _Path) -> None:
        stage, closed_as = history.state
        last = stage or (Stage.REVIEW if closed_as == "not_registered" else Stage.RATE)
        passed = path.steps[: path.steps.index(path.first(last)) + 1]
        for step, following in zip(passed, [*passed[1:], None], strict=True):
            left = times.entering(following.stage) if following else proposal.closed_at
            outcome = "" if left is None else "pass" if following or closed_as != "not_registered" else closed_as
            self.rows[StepRun].append(
                StepRun(
                    case_id=proposal.pk, step=step, entered_at=times.entering(step.stage), left_at=left, outcome=outcome
                )
            )

    def _round(self, proposal: Proposal, history: History, times: _Times, path: _Path) -> list[Assignment]:
        if not history.lead_units:
            return []
        round_ = HandlingRound(proposal=proposal, number=1, opened_at=times.assigned)
        self.rows[HandlingRound].append(round_)
        lead_role = AssignmentRole.LEAD if len(history.lead_units) == 1 else AssignmentRole.SEPARATE
        due = self._due(times.assigned, path.deadline(path.first(Stage.REPLY)))
        roles = [(unit, lead_role) for unit in history.lead_units]
        roles += [(unit, AssignmentRole.ASSIST) for unit in history.assist_units]
        assignments = [
            Assignment(round=round_, unit=unit, role=role, assigned_on=history.assigned_on, due_on=due and due.on)
            for unit, role in roles
        ]
        self.rows[Assignment] += assignments
        if history.replied_on:
            self.rows[Reply] += [
                Reply(
                    assignment=assignment,
                    unit=assignment.unit,
                    replied_on=history.replied_on,
                    document_no=history.document_no,
                    outcome=history.outcome,
                    recorded_at=self.now,
                    recorded_by=self.user,
                    is_imported=True,
                )
                for assignment in assignments
                if assignment.role != AssignmentRole.ASSIST
            ]
        if history.is_rated:
            self.rows[Feedback].append(
                Feedback(
                    round=round_,
                    seat=history.lead,
                    attitude=history.attitude or Grade.NONE,
                    result=history.result or Grade.NONE,
                    given_at=times.replied,
                    recorded_by=self.user,
                    is_imported=True,
                )
            )
        return assignments

    def _obligations(
        self, proposal: Proposal, history: History, times: _Times, path: _Path, assignments: Sequence[Assignment]
    ) -> None:
        stage, closed_as = history.state
        step = path.first(stage) if stage else None
        if stage == Stage.REPLY and step.acknowledge_within:
            for row in assignments:
                self._owe(
                    proposal,
                    act="acknowledge",
                    verb="签收",
                    owner=unit_owner(row.unit),
                    since=times.assigned,
                    deadline=Deadline(step.acknowledge_within),
                )
        elif stage is not None and stage != Stage.REPLY:
            owner = next(iter(owners_of(step, proposal)), casework.role_owner(step.actor_role))
            since = times.entering(stage)
            self._owe(proposal, act=str(stage), verb=step.verb, owner=owner, since=since, deadline=path.deadline(step))
        if history.lead_units and closed_as != "not_registered":
            # Whether a reply came in time is asked of history, too: what was answered stands as done.
            replying = path.first(Stage.REPLY)
            for unit in history.lead_units:
                self._owe(
                    proposal,
                    act="reply",
                    verb=replying.verb,
                    owner=unit_owner(unit),
                    since=times.assigned,
                    deadline=path.deadline(replying),
                    done_at=times.replied if history.replied_on else None,
                )

    def _owe(
        self,
        proposal: Proposal,
        *,
        act: str,
        verb: str,
        owner: Owner,
        since: dt.datetime,
        deadline: Deadline,
        done_at: dt.datetime | None = None,
    ) -> None:
        due = self._due(since, deadline)
        self.rows[Obligation].append(
            Obligation(
                case_id=proposal.pk,
                act=act,
                verb=verb,
                owner_role=owner.role,
                owner_congress_id=(owner.congress or self.congress).pk,
                owner_unit=owner.unit,
                owner_user=owner.user,
                owner_label=owner.label,
                from_label=IMPORTED,
                opened_at=since,
                start_on=timezone.localdate(since),
                rule=deadline.rule,
                rolls=deadline.rolls,
                rule_source=deadline.source,
                due_on=due and due.on,
                due_basis=casework.explained(due.basis, deadline.source) if due else "",
                is_provisional=bool(due and due.is_provisional),
                is_silent=due is not None and due.on < self.today,
                state=ObligationState.DONE if done_at else ObligationState.OPEN,
                closed_at=done_at,
                closed_by=self.user if done_at else None,
            )
        )

    def _due(self, since: dt.datetime, deadline: Deadline) -> Due | None:
        if not deadline.rule:
            return None
        return self.calendar.due(timezone.localdate(since), deadline.rule, rolls=deadline.rolls)


def _sentences(history: History, times: _Times) -> list[tuple[dt.datetime, str, str, str]]:
    """What a new imported case's history says: when, in which stage, what was done, the sentence."""
    told = [
        (
            times.submitted,
            Stage.SUBMIT,
            "submit",
            f"{history.lead.person.name}代表于{spoken(history.submitted_on)}提出本件",
        )
    ]
    if history.review_result == ReviewResult.NOT_REGISTERED:
        told.append((times.submitted, Stage.REVIEW, "review", "审查决定不予立案"))
    elif history.number or history.review_result:
        result = ReviewResult(history.review_result or ReviewResult.REGISTERED).label
        number = f"，编为第{history.number}号" if history.number else ""
        told.append((times.submitted, Stage.REVIEW, "review", f"审查结论：{result}{number}"))
    if history.lead_units:
        leading = "主办" if len(history.lead_units) == 1 else "分办"
        units = [f"{unit}（{leading}）" for unit in history.lead_units]
        units += [f"{unit}（协办）" for unit in history.assist_units]
        when = f"于{spoken(history.assigned_on)}" if history.assigned_on else ""
        told.append((times.assigned, Stage.ASSIGN, "assign", f"{when}交办给{'、'.join(units)}"))
    if history.replied_on:
        who = "、".join(str(unit) for unit in history.lead_units)
        number = f"，文号{history.document_no}" if history.document_no else ""
        outcome = f"，办理结果：{history.outcome}" if history.outcome else ""
        told.append(
            (times.replied, Stage.REPLY, "reply", f"{who}于{spoken(history.replied_on)}答复代表{number}{outcome}")
        )
    if history.is_rated:
        attitude, result = (Grade(grade or Grade.NONE).label for grade in (history.attitude, history.result))
        told.append((times.replied, Stage.RATE, "rate", f"代表评价办理态度{attitude}，办理结果{result}"))
    return told


def _insert(proposals: list[Proposal]) -> None:
    """Insert proposals in two queries; ``bulk_create`` refuses models that inherit a table."""
    case_fields = [field.attname for field in Case._meta.concrete_fields if not field.primary_key]  # noqa: SLF001 - documented
    cases = Case.objects.bulk_create(
        Case(**{name: getattr(proposal, name) for name in case_fields}) for proposal in proposals
    )
    for proposal, case in zip(proposals, cases, strict=True):
        proposal.pk = proposal.id = case.pk
    if proposals:
        query = InsertQuery(Proposal)
        query.insert_values(Proposal._meta.local_concrete_fields, proposals)  # noqa: SLF001 - documented
        query.get_compiler(connection=connection).execute_sql()
