"""A year of the county, written row by row, so that every published number is known beforehand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from bodies.models import Unit
from casework.models import CaseStatus
from deputies.models import GroupMember, Seat
from proposals.models import (
    KIND,
    Assignment,
    Category,
    Commitment,
    Cosignature,
    Feedback,
    HandlingRound,
    Proposal,
    Reply,
)
from proposals.services import prepare_term
from proposals.services.setup import arrangement_of
from tests import factories as make
from tests.factories import at
from tests.reports.registers_of_county import write_registers
from tests.world import World

DUE = dt.date(2025, 6, 30)
IN_TIME = dt.date(2025, 6, 30)
TOO_LATE = dt.date(2025, 7, 1)
TODAY = dt.date(2026, 3, 2)


@dataclass
class Part:
    """One unit's part in a round; ``replied`` None: not answered."""

    unit: Unit
    role: str = "lead"
    replied: dt.date | None = IN_TIME
    outcome: str | None = "A"
    due: dt.date | None = DUE
    document_no: str = ""


@dataclass
class Round:
    parts: list[Part]
    result: str | None = None
    attitude: str = "satisfied"


@dataclass
class Item:
    title: str
    rounds: list[Round] = field(default_factory=list)
    submitted: dt.date | None = dt.date(2025, 2, 10)
    form: str = "suggestion"
    period: str = "in_recess"
    category: Category | None = None
    number: int | None = None
    status: str = CaseStatus.OPEN
    closed_as: str = ""
    seat: Seat | None = None
    paper_cosigners: int = 0


def write(world: World, item: Item) -> Proposal:
    """Write one proposal with its rounds, as an import would, past the guards of the steps."""
    seat = item.seat or world.seat
    procedure = arrangement_of(seat.term).procedure
    is_closed = item.status == CaseStatus.CLOSED
    session, _ = seat.term.sessions.get_or_create(name="第四次会议", defaults={"starts_on": dt.date(2025, 1, 10)})
    proposal = Proposal.objects.create(
        kind=KIND,
        congress=seat.term.congress,
        title=item.title,
        label=f"第{item.number}号" if item.number else "",
        procedure=procedure,
        step=None if is_closed else procedure.steps.get(code="reply" if item.rounds else "submit"),
        status=item.status,
        closed_as=item.closed_as,
        closed_at=at(2025, 12, 1) if is_closed else None,
        created_at=at(2025, 1, 2),
        lead=seat,
        session=session,
        number=item.number,
        form=item.form,
        period=item.period,
        category=item.category,
        submitted_on=item.submitted,
        paper_cosigners=item.paper_cosigners,
    )
    for number, round_ in enumerate(item.rounds, start=1):
        row = HandlingRound.objects.create(proposal=proposal, number=number, opened_at=at(2025, 3, number))
        for part in round_.parts:
            task = Assignment.objects.create(
                round=row, unit=part.unit, role=part.role, assigned_on=dt.date(2025, 3, 31), due_on=part.due
            )
            if part.replied:
                outcome = seat.term.outcome_categories.get(code=part.outcome) if part.outcome else None
                Reply.objects.create(
                    unit=part.unit,
                    assignment=task,
                    replied_on=part.replied,
                    document_no=part.document_no,
                    outcome=outcome,
                    recorded_at=at(2025, 7, 1),
                )
        if round_.result:
            Feedback.objects.create(
                round=row,
                seat=seat,
                attitude=round_.attitude,
                result=round_.result,
                opinion="见附页。",
                given_at=at(2025, 8, number),
            )
    return proposal


def write_year(world: World) -> dict[str, Proposal]:
    """Write the year 2025 of the county, beside what must not be counted in it. Returns the rows by title."""
    roads = Category.objects.create(congress=world.congress, name="城乡建设", sort=1)
    police, education, transport = world.police, world.education, world.transport
    closed = {"status": CaseStatus.CLOSED, "closed_as": "rated"}
    items = [
        # Solved in time with an assisting unit, satisfied.
        Item(
            "=1+1",
            [
                Round(
                    [Part(education, document_no="云教〔2025〕3号"), Part(police, "assist", None)],
                    "satisfied",
                    "basically",
                )
            ],
            number=1,
            form="bill",
            period="in_session",
            category=world.category,
            paper_cosigners=9,
            **closed,
        ),
        # Answered a day late, being solved, basically satisfied.
        Item("late", [Round([Part(police, replied=TOO_LATE, outcome="B")], "basically")], number=2, category=roads),
        # Dissatisfied, done again: the second round counts, and it explains.
        Item(
            "redone",
            [
                Round([Part(education, outcome="A")], "dissatisfied"),
                Round([Part(education, outcome="C", due=dt.date(2025, 9, 30))], "satisfied"),
            ],
            number=3,
            category=roads,
            **closed,
        ),
        # Dissatisfied; the second round is open and past due.
        Item(
            "redo open",
            [
                Round([Part(transport)], "dissatisfied"),
                Round([Part(transport, replied=None, due=dt.date(2025, 9, 30))]),
            ],
            number=4,
            category=roads,
        ),
        # Two units answer separately: one solved, one explained, so it is not solved.
        Item(
            "separate",
            [
                Round(
                    [
                        Part(education, "separate", outcome="A", document_no="云教〔2025〕8号"),
                        Part(police, "separate", outcome="C", replied=dt.date(2025, 5, 8)),
                    ],
                    "dissatisfied",
                )
            ],
            number=5,
            period="in_session",
            category=world.category,
        ),
        # Two units, one of which has not answered yet: not answered; its date is to come.
        Item(
            "half",
            [
                Round(
                    [
                        Part(education, "separate"),
                        Part(transport, "separate", replied=None, due=dt.date(2026, 3, 2)),
                    ]
                )
            ],
            number=6,
            category=None,
        ),
        # Kept for reference, without a due date, nobody rated it.
        Item("unrated", [Round([Part(police, outcome="D", due=None)])], number=7, category=None),
        # An old file that does not say what came of it; rated 未表态.
        Item("unsaid", [Round([Part(transport, outcome=None)], "none")], number=8, category=None),
        # Not registered, and just handed in: both were submitted.
        Item("refused", status=CaseStatus.CLOSED, closed_as="not_registered"),
        Item("new", submitted=dt.date(2025, 12, 31), number=None),
        # Not of this year: a draft, the day after and the day before.
        Item("draft", submitted=None, status=CaseStatus.DRAFT),
        Item("next year", [Round([Part(police)], "satisfied")], submitted=dt.date(2026, 1, 1), number=21),
        Item("last year", [Round([Part(police)], "satisfied")], submitted=dt.date(2024, 12, 31), number=22),
    ]
    rows = {item.title: write(world, item) for item in items}
    Cosignature.objects.create(proposal=rows["=1+1"], seat=world.other_seat)
    _write_deputies(world)
    foreign = _write_elsewhere(world)
    _write_commitments(world, rows, foreign)
    write_registers(world)
    return rows


def _write_deputies(world: World) -> None:
    """Five hold a seat on 31 December 2025, the two of the world among them; three do not."""
    world.seat.person.ethnicity, world.seat.person.born_on = "汉族", dt.date(1990, 12, 31)
    world.seat.person.born_precision, world.seat.person.education = "day", "本科"
    world.seat.person.party = "中共"
    world.seat.person.save()
    world.other_seat.person.ethnicity, world.other_seat.person.born_on = "维吾尔族", dt.date(1989, 1, 1)
    world.other_seat.person.born_precision = "year"
    world.other_seat.person.save()
    delegation = world.seat.delegation

    def seat(name: str, **fields: object) -> Seat:
        return make.SeatFactory(term=world.term, delegation=delegation, person__name=name, **fields)

    seat("汉人", person__ethnicity="汉", person__gender="男", is_reelected=True)
    seat("停职", person__ethnicity="回族", status="suspended")
    seat("次年元旦离任", person__gender="男", status="ended", ended_on=dt.date(2026, 1, 1))
    seat("年底离任", person__ethnicity="回族", status="ended", ended_on=dt.date(2025, 12, 31))
    seat("次年补选", person__ethnicity="回族", started_on=dt.date(2026, 1, 1))
    first = make.DeputyGroupFactory(term=world.term, name="第一小组", sort=1)
    second = make.DeputyGroupFactory(term=world.term, name="教育小组", sort=2)
    for group in (second, first):
        GroupMember.objects.create(group=group, seat=world.seat)


def commit(row: Proposal, matter: str, state: str, day: dt.date, settled_on: dt.date | None = None) -> None:
    """Write what the unit of a proposal promised for a day."""
    part = Assignment.objects.filter(round__proposal=row).order_by("pk").first()
    Commitment.objects.create(
        proposal=row, assignment=part, unit=part.unit, matter=matter, made_on=dt.date(2024, 12, 31), due_on=day,
        state=state, settled_on=settled_on, recorded_at=at(2025, 7, 1),
    )  # fmt: skip


def _write_commitments(world: World, rows: dict[str, Proposal], foreign: Proposal) -> None:
    """Six on items of the year, two of them kept and one overdue; and on items that must not be counted."""
    past = dt.date(2025, 12, 31)
    commit(rows["=1+1"], "已落实", "kept", past, past)
    commit(rows["=1+1"], "逾期以后落实", "kept", past, TODAY)
    commit(rows["=1+1"], "逾期", "open", past)
    commit(rows["late"], "今天到期", "open", TODAY)
    commit(rows["late"], "待核实", "claimed", past)
    commit(rows["redone"], "不能落实", "dropped", past, past)
    for row in (rows["next year"], rows["last year"], foreign):
        commit(row, "不计", "kept", past, past)
        commit(row, "也不计", "open", past)


def _write_elsewhere(world: World) -> Proposal:
    """Another county and an earlier term of this one have rows of the same kinds; none of them may be counted."""
    foreign_term = make.TermFactory(congress=world.foreign_congress)
    prepare_term(term=foreign_term)
    delegation = make.DelegationFactory(term=foreign_term)
    stranger = make.SeatFactory(term=foreign_term, delegation=delegation, person__ethnicity="回族")
    make.DeputyGroupFactory(term=foreign_term)
    row = write(
        world,
        Item("foreign", [Round([Part(world.foreign_unit, replied=TOO_LATE)], "satisfied")], seat=stranger, number=1),
    )
    earlier = make.TermFactory(
        congress=world.congress, name="第十七届", starts_on=dt.date(2017, 1, 1), ends_on=dt.date(2021, 12, 31)
    )
    make.DeputyGroupFactory(term=earlier)
    make.SeatFactory(term=earlier, delegation=make.DelegationFactory(term=earlier))
    return row
