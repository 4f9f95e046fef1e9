"""How units are scored: what of each record counts, points from rates, totals and ranks. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from proposals.models import AssignmentRole, CommitmentState, Grade, Measure

TENTH = Decimal("0.1")
# What each measure counts, as pages and sheets say it.
MEANING = {
    Measure.ON_TIME: "主办、分办件中在答复期限以内答复的，占已答复的和已过期限还没有答复的。期限未到、还没有答复的不计。",
    Measure.CONTACTED: "主办、分办件中登记过与代表联系沟通的，占全部主办、分办件。没有答复就办结（如撤回）、也没有联系的不计。",
    Measure.ACKNOWLEDGED: "在签收期限以内签收的，占应当签收的。没有签收期限的、期限未到的不计。",
    Measure.SATISFIED: "主办、分办件中代表对办理结果评价为满意、基本满意的，占已评价的；联名代表分别评价的按综合评价计。"
    "还没有评价的、未表态的不计。",
    Measure.COMMITMENTS: "承诺事项中在完成期限以内落实、已经核实的，占已核实落实的、不能落实的和已过完成期限的；"
    "以承办单位申报的落实日期为准。期限以内申报落实、等待核实的，和期限未到的不计。",
    Measure.OPINIONS: "协办件中在期限以内提出协办意见的，占已提出的和已过期限还没有提出的。期限未到的不计。",
    Measure.OVERDUE: "主办、分办件中任何一轮答复晚于期限的，和已过期限还没有答复的，每件扣分，扣完为止。",
}
# What the yes and the no of a record are called where they are listed.
VERDICTS = {
    Measure.ON_TIME: ("按时", "逾期"),
    Measure.CONTACTED: ("已联系", "没有联系记录"),
    Measure.ACKNOWLEDGED: ("及时", "不及时"),
    Measure.SATISFIED: ("满意、基本满意", "不满意"),
    Measure.COMMITMENTS: ("按期落实", "没有按期落实"),
    Measure.OPINIONS: ("按时", "逾期"),
    Measure.OVERDUE: ("逾期", "没有逾期"),
}
SCOPE = "只看每件最后一轮办理，退办、改办的不计；逾期件数看各轮。"


@dataclass(frozen=True)
class PartFacts:
    """What the records say of one unit's part in the last round of one proposal."""

    unit_id: int
    unit: str
    proposal_id: int
    number: str
    title: str
    role: str
    is_open: bool
    due_on: dt.date | None = None
    replied_on: dt.date | None = None
    has_contact: bool = False
    acknowledge_by: dt.date | None = None
    acknowledged_on: dt.date | None = None
    grade: str = Grade.NONE
    opinion_by: dt.date | None = None
    opined_on: dt.date | None = None
    was_late: bool = False

    @property
    def answers(self) -> bool:
        return self.role != AssignmentRole.ASSIST


@dataclass(frozen=True)
class CommitmentFacts:
    """What a unit promised on one proposal.

    ``done_on`` is the day that the unit says it was done, from its last report: in a ``claimed`` one the office has
    not verified it yet.
    """

    unit_id: int
    unit: str
    proposal_id: int
    number: str
    title: str
    state: str
    due_on: dt.date
    done_on: dt.date | None = None


def verdict(measure: str, facts: PartFacts | CommitmentFacts, today: dt.date) -> bool | None:
    """Return whether a record counts for the measure's numerator, None where it is left out altogether."""
    if isinstance(facts, CommitmentFacts):
        return _kept(facts, today) if measure == Measure.COMMITMENTS else None
    match measure:
        case Measure.ACKNOWLEDGED:
            return _in_time(facts.acknowledged_on, facts.acknowledge_by, today, waits=facts.is_open)
        case Measure.OPINIONS if not facts.answers:
            return _in_time(facts.opined_on, facts.opinion_by, today, waits=facts.is_open)
    if not facts.answers:
        return None
    match measure:
        case Measure.ON_TIME:
            return _in_time(facts.replied_on, facts.due_on, today, waits=facts.is_open)
        case Measure.CONTACTED:
            ended = not facts.is_open and facts.replied_on is None
            return None if ended and not facts.has_contact else facts.has_contact
        case Measure.SATISFIED:
            return None if facts.grade == Grade.NONE else facts.grade != Grade.DISSATISFIED
        case Measure.OVERDUE:
            return facts.was_late
    return None


def _kept(facts: CommitmentFacts, today: dt.date) -> bool | None:
    """Say whether a commitment was kept by its day; None while nobody can say.

    The unit is judged by the day of its own report: how long the office takes to verify it is not the unit's doing.
    """
    in_time = facts.done_on is not None and facts.done_on <= facts.due_on
    match facts.state:
        case CommitmentState.KEPT:
            return in_time
        case CommitmentState.DROPPED:
            return False
        case CommitmentState.CLAIMED if in_time:
            return None
    return False if facts.due_on < today else None


def _in_time(done_on: dt.date | None, due_on: dt.date | None, today: dt.date, *, waits: bool) -> bool | None:
    """Say whether it was done by its day; None without a day, before it, or where nobody waits for it any more."""
    if due_on is None:
        return None
    if done_on is not None:
        return done_on <= due_on
    return False if waits and due_on < today else None


def rounded(value: Decimal) -> Decimal:
    """Return points with one decimal, half of it rounded up."""
    return value.quantize(TENTH, rounding=ROUND_HALF_UP)


def points_of_rate(max_points: Decimal, done: int, of: int) -> Decimal | None:
    """Return the share of the points; None where nothing counts."""
    return rounded(max_points * done / of) if of else None


def points_after(max_points: Decimal, per_case: Decimal, cases: int, of: int) -> Decimal | None:
    """Return what is left of the points after a deduction for each case; None for a unit without any item."""
    return max(max_points - per_case * cases, Decimal(0)) if of else None


def total_of(scored: Iterable[tuple[Decimal, Decimal | None]]) -> Decimal | None:
    """Return the total from maximum and points of each item, None where no item applies.

    What does not apply to a unit is taken out of its maximum, and the rest scaled to the whole.
    """
    scored = list(scored)
    whole = sum((most for most, _ in scored), Decimal(0))
    applicable = sum((most for most, points in scored if points is not None), Decimal(0))
    if not applicable:
        return None
    got = sum((points for _, points in scored if points is not None), Decimal(0))
    return rounded(got * whole / applicable)


def ranks(totals: Sequence[Decimal | None]) -> list[int | None]:
    """Return the competition rank of each total: equal totals share a rank, the next one is as far down as it stands."""
    return [None if one is None else 1 + sum(other is not None and other > one for other in totals) for one in totals]
