"""Reads of rating rounds: each a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from ratings.models import Level, Mark, PaperCount, PaperEntry, RatingRound, Subject, Voter
from ratings.rules import LevelFacts, Tally, ranks, tally_of

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class LevelResult:
    """How often a level was ticked for a subject: on phones, on paper."""

    level: Level
    phone: int
    paper: int

    @property
    def number(self) -> int:
        return self.phone + self.paper


@dataclass(frozen=True)
class SubjectResult:
    """One subject's figures; ``rank`` is its place by rate, then score. Remarks are those of phones, alphabetical."""

    subject: Subject
    levels: tuple[LevelResult, ...]
    tally: Tally
    rank: int | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class RoundResult:
    """A round's figures. ``rights`` to vote (accounts and codes) of which ``phone_ballots`` were used."""

    round: RatingRound
    levels: tuple[Level, ...]
    subjects: tuple[SubjectResult, ...]
    rights: int
    phone_ballots: int
    paper_ballots: int
    total: Tally
    sums: tuple[int, ...] = field(default=())

    @property
    def ballots(self) -> int:
        return self.phone_ballots + self.paper_ballots

    @property
    def denominator(self) -> str:
        """What the rate is taken of, in words."""
        approvals = "＋".join(level.label for level in self.levels if level.is_approval)
        left_out = [level.label for level in self.levels if level.is_abstention] + ["未填"]
        return f"{self.round.rate_name}＝（{approvals}）÷有效评价；有效评价不含{'、'.join(left_out)}"

    @property
    def points(self) -> str:
        """What the levels are worth, in words."""
        return "、".join(
            f"{level.label} {level.points.normalize():f} 分" for level in self.levels if not level.is_abstention
        )

    @property
    def by_rank(self) -> list[SubjectResult]:
        """The subjects, best first; those whom nobody rated last."""
        return sorted(self.subjects, key=lambda row: (row.rank is None, row.rank, row.subject.position))


def results(round_: RatingRound) -> RoundResult:
    """Return the figures of a round. At most seven queries, however many subjects and ballots.

    The caller has asked ``abilities`` whether they may be shown: those of a secret round may not while it is open.
    """
    levels, subjects = tuple(round_.levels.all()), list(round_.subjects.all())
    rights = round_.voters.aggregate(all=Count("pk"), used=Count("pk", filter=Q(has_voted=True)))
    phone, remarks = _secret(round_, subjects, levels) if round_.is_secret else _named(round_)
    entries = entries_in_force(round_)
    paper = {
        (subject, level): number
        for subject, level, number in PaperCount.objects.filter(entry__in=entries)
        .values_list("subject", "level")
        .annotate(n=Sum("number"))
        .order_by()
    }
    paper_ballots = entries.aggregate(n=Sum("ballots"))["n"] or 0
    ballots = rights["used"] + paper_ballots
    facts = [LevelFacts(level.points, level.is_approval, level.is_abstention) for level in levels]
    rows = []
    for subject in subjects:
        keys = [(subject.pk, level.pk) for level in levels]
        rows.append([LevelResult(lv, phone.get(k, 0), paper.get(k, 0)) for lv, k in zip(levels, keys, strict=True)])
    tallies = [tally_of(ballots, [one.number for one in row], facts) for row in rows]
    places = ranks(tallies)
    sums = tuple(sum(row[place].number for row in rows) for place in range(len(levels)))
    return RoundResult(
        round=round_,
        levels=levels,
        subjects=tuple(
            SubjectResult(subject, tuple(row), tally, place, tuple(remarks.get(subject.pk, ())))
            for subject, row, tally, place in zip(subjects, rows, tallies, places, strict=True)
        ),
        rights=rights["all"],
        phone_ballots=rights["used"],
        paper_ballots=paper_ballots,
        total=tally_of(ballots * len(subjects), sums, facts),
        sums=sums,
    )


def _named(round_: RatingRound) -> tuple[dict[tuple[int, int], int], dict[int, list[str]]]:
    marks = Mark.objects.filter(subject__round=round_).order_by()
    counts = {
        (subject, level): number
        for subject, level, number in marks.filter(level__isnull=False)
        .values_list("subject", "level")
        .annotate(n=Count("pk"))
    }
    remarks: dict[int, list[str]] = {}
    for subject, text in marks.exclude(remark="").values_list("subject", "remark").order_by("remark", "pk"):
        remarks.setdefault(subject, []).append(text)
    return counts, remarks


def _secret(
    round_: RatingRound, subjects: list[Subject], levels: tuple[Level, ...]
) -> tuple[dict[tuple[int, int], int], dict[int, list[str]]]:
    box = round_.box
    counts = {
        (subject.pk, level.pk): number
        for subject, row in zip(subjects, box.counts, strict=True)
        for level, number in zip(levels, row, strict=True)
    }
    return counts, {subject.pk: texts for subject, texts in zip(subjects, box.remarks, strict=True)}


def entries_in_force(round_: RatingRound) -> QuerySet[PaperEntry]:
    """Return the entries of paper votes that nothing has replaced."""
    return round_.paper_entries.filter(~Exists(PaperEntry.objects.filter(replaces=OuterRef("pk"))))


def _number_of(rows: QuerySet) -> Coalesce:
    """Return how many rows a round has, each kind counted by itself: joined they would multiply."""
    counted = rows.filter(round=OuterRef("pk")).order_by().values("round").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def listed(user: User) -> QuerySet[RatingRound]:
    """Return the rounds that the user may see with what a list says of each."""
    mine = Voter.objects.filter(round=OuterRef("pk"), user=user)
    return (
        RatingRound.objects.visible_to(user)
        .annotate(
            subjects_count=_number_of(Subject.objects.all()),
            rights_count=_number_of(Voter.objects.all()),
            voted_count=_number_of(Voter.objects.filter(has_voted=True)),
            is_mine=Exists(mine),
            have_voted=Exists(mine.filter(has_voted=True)),
        )
        .order_by("-held_on", "-pk")
    )


def marks_of(round_: RatingRound, *, subject: int | None, level: int | None) -> QuerySet[Mark]:
    """Return what was voted in a named round and by whom, for those who may know it; narrowed to a subject and a level."""
    rows = Mark.objects.filter(subject__round=round_).select_related("subject", "level", "ballot__voter__user")
    if subject is not None:
        rows = rows.filter(subject=subject)
    if level is not None:
        rows = rows.filter(level=level)
    return rows.order_by("ballot", "subject__position")


def percent(value: Decimal | None) -> str:
    """Return a rate as it is read: 87.5%, a dash for none."""
    return "—" if value is None else f"{value}%"


def voters_of(round_: RatingRound) -> QuerySet[Voter]:
    """Return the voters with accounts, in the order of their names' making."""
    return round_.voters.filter(user__isnull=False).select_related("user")


def keys_of(rows: Collection[Subject]) -> list[str]:
    """Return the object keys of subjects that have one."""
    return [row.object_key for row in rows if row.object_key]
