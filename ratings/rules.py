"""Pure decisions: what may be done with a round, what a pile of votes amounts to. No database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from accounts.models import Role
from ratings.models import Audience, RoundState

# With one or two voters each knows what the other voted.
FEWEST_SECRET_VOTERS = 3
MOST_SUBJECTS = 300
MOST_CODES = 2000
MOST_BALLOTS = 100_000


@dataclass(frozen=True)
class Ability:
    """One act: whether it is open now, and why not."""

    code: str
    label: str
    allowed: bool = True
    reason: str = ""


@dataclass(frozen=True)
class Facts:
    """What decides about the acts on a round."""

    state: str
    is_secret: bool
    audience: str
    hat_role: str
    is_own_congress: bool
    subjects: int
    rights: int
    is_voter: bool
    has_voted: bool


def abilities_of(facts: Facts) -> dict[str, Ability]:
    """Return the acts that are shown to the user, by code; what is shown but closed says why."""
    found = []
    if facts.is_voter and facts.state == RoundState.OPEN:
        reason = "您已投过票。" if facts.has_voted else ""
        found.append(Ability("vote", "去投票", not reason, reason))
    if facts.is_own_congress and facts.hat_role == Role.STAFF:
        found += _keeping(facts)
    if reads_results(facts):
        found.append(Ability("results", "查看结果"))
    if (
        facts.is_own_congress
        and facts.hat_role == Role.STAFF
        and not facts.is_secret
        and facts.state != RoundState.DRAFT
    ):
        found.append(Ability("ballots", "查看选票"))
    return {ability.code: ability for ability in found}


def reads_results(facts: Facts) -> bool:
    """Whether the figures are open to the user.

    Nobody sees those of a secret round before it is over: two looks would tell whose vote came in between.
    """
    if facts.state == RoundState.DRAFT:
        return False
    if facts.is_own_congress and facts.hat_role in (Role.STAFF, Role.LEADER):
        return facts.state != RoundState.OPEN or not facts.is_secret
    if facts.state != RoundState.PUBLISHED:
        return False
    return facts.audience == Audience.CONGRESS or (facts.audience == Audience.VOTERS and facts.is_voter)


def _keeping(facts: Facts) -> list[Ability]:
    if facts.state == RoundState.DRAFT:
        why = _why_not_open(facts)
        return [
            Ability("open", "开始测评", not why, why),
            Ability("edit", "修改"),
            Ability("voters", "确定测评人"),
            Ability("codes", "印发票码"),
            Ability("delete", "删除"),
        ]
    if facts.state == RoundState.OPEN:
        return [
            Ability("paper", "录入纸质票"),
            Ability("voters", "增减测评人"),
            Ability("codes", "印发票码"),
            Ability("close", "结束测评"),
        ]
    if facts.state == RoundState.CLOSED:
        return [Ability("publish", "公布结果")]
    return []


def _why_not_open(facts: Facts) -> str:
    if not facts.subjects:
        return "还没有测评对象，请先填写。"
    return why_too_few(facts.rights) if facts.is_secret else ""


def why_too_few(rights: int) -> str:
    """Return why a secret round cannot do with so few rights to vote; empty where it can. One on paper alone has none."""
    if 0 < rights < FEWEST_SECRET_VOTERS:
        return f"无记名测评至少要有 {FEWEST_SECRET_VOTERS} 名测评人（含票码），否则一看结果就知道是谁投的。"
    return ""


@dataclass(frozen=True)
class LevelFacts:
    """What the arithmetic needs of a level."""

    points: Decimal
    is_approval: bool
    is_abstention: bool


@dataclass(frozen=True)
class Tally:
    """What the votes on one subject amount to.

    ``valid`` are the ticks but for abstentions: what rate and score are taken of. ``blank`` are ballots without a tick.
    """

    ballots: int
    valid: int
    abstained: int
    blank: int
    approvals: int
    rate: Decimal | None
    score: Decimal | None


def tally_of(ballots: int, counts: Sequence[int], levels: Sequence[LevelFacts]) -> Tally:
    """Add up how often each level was ticked on so many ballots.

    The rate is per cent with one decimal: approvals of valid ticks; the score is the mean of points. None of no ticks.
    """
    pairs = list(zip(counts, levels, strict=True))
    abstained = sum(number for number, level in pairs if level.is_abstention)
    valid = sum(counts) - abstained
    approvals = sum(number for number, level in pairs if level.is_approval)
    points = sum((number * level.points for number, level in pairs if not level.is_abstention), Decimal(0))
    return Tally(
        ballots=ballots,
        valid=valid,
        abstained=abstained,
        blank=ballots - valid - abstained,
        approvals=approvals,
        rate=share(approvals, valid),
        score=(points / valid).quantize(Decimal("0.01"), ROUND_HALF_UP) if valid else None,
    )


def share(part: int, whole: int) -> Decimal | None:
    """Return per cent with one decimal; None of nothing."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def ranks(tallies: Sequence[Tally]) -> list[int | None]:
    """Return the place of each by rate, then by score; equals share a place, who has no tick has none."""
    keys = [(tally.rate, tally.score) for tally in tallies]
    return [None if key[0] is None else 1 + sum(other[0] is not None and other > key for other in keys) for key in keys]
