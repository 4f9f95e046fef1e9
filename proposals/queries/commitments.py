"""Reads of what units promised: the register, and those of one proposal that an act is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Role
from proposals.models import Commitment, CommitmentState, CommitmentStep, CommitmentStepKind

if TYPE_CHECKING:
    from accounts.models import User
    from proposals.models import Proposal
    from proposals.models.commitments import CommitmentQuerySet

VIEWS = {
    "": "跟踪中",
    "overdue": "逾期",
    "claimed": "待核实",
    "unseen": "本季度未回头督",
    "kept": "已落实",
    "dropped": "不能落实",
    "all": "全部",
}
STATES = {
    "commitment-report": (CommitmentState.OPEN,),
    "commitment-verify": (CommitmentState.CLAIMED,),
    "commitment-change": (CommitmentState.OPEN, CommitmentState.CLAIMED),
    "look-back": tuple(CommitmentState),
    "commitment-rate": (CommitmentState.KEPT,),
}


def to_act_on(user: User, proposal: Proposal, act: str) -> list[Commitment]:
    """Return the proposal's commitments that an act of the user can be about, with what became of them. Two queries."""
    rows = Commitment.objects.filter(proposal=proposal, state__in=STATES[act]).select_related("unit", "assignment")
    if act == "commitment-report":
        rows = rows.filter(unit_id=user.hat.unit_id)
    if act == "commitment-rate":
        rows = rows.filter(rating="")
    return list(rows.prefetch_related("steps").order_by("due_on", "pk"))


def quarter_start(day: dt.date) -> dt.date:
    """Return the first day of the quarter of a day: the office looks back once a quarter."""
    return dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def view_filter(view: str, today: dt.date) -> Q:
    """Return the condition of a tab of the register; an unknown one is what is still to be kept."""
    pending = Q(state__in=[CommitmentState.OPEN, CommitmentState.CLAIMED])
    match view:
        case "overdue":
            return Q(state=CommitmentState.OPEN, due_on__lt=today)
        case "unseen":
            seen = CommitmentStep.objects.filter(
                kind=CommitmentStepKind.LOOK_BACK, happened_on__gte=quarter_start(today)
            )
            return pending & ~Q(pk__in=seen.values("commitment"))
        case "claimed" | "kept" | "dropped":
            return Q(state=view)
        case "all":
            return Q()
        case _:
            return pending


def narrowed(rows: CommitmentQuerySet, chosen: Mapping[str, str]) -> CommitmentQuerySet:
    """Return what is left by the chosen filters."""
    if word := chosen.get("q"):
        rows = rows.filter(
            Q(matter__icontains=word) | Q(responsible__icontains=word) | Q(proposal__title__icontains=word)
        )
    if unit := chosen.get("unit"):
        rows = rows.filter(unit_id=int(unit))
    if year := chosen.get("year"):
        rows = rows.filter(made_on__year=int(year))
    return rows


def numbers(rows: CommitmentQuerySet, today: dt.date) -> dict[str, int]:
    """Return how many commitments each tab holds. One query."""
    counts = {f"in_{view or 'pending'}": Count("pk", filter=view_filter(view, today)) for view in VIEWS}
    found = rows.order_by().aggregate(**counts)
    return {view: found[f"in_{view or 'pending'}"] for view in VIEWS}


def with_steps(rows: CommitmentQuerySet) -> CommitmentQuerySet:
    """Add to each commitment its latest step and how often the office looked back. No query of its own."""
    latest = CommitmentStep.objects.filter(commitment=OuterRef("pk")).order_by("-pk")
    looked = (
        CommitmentStep.objects.filter(commitment=OuterRef("pk"), kind=CommitmentStepKind.LOOK_BACK)
        .order_by()
        .values("commitment")
        .annotate(n=Count("pk"), last=Max("happened_on"))
    )
    return rows.select_related("unit", "proposal__lead__person", "proposal__session__term").annotate(
        latest_kind=Subquery(latest.values("kind")[:1]),
        latest_on=Subquery(latest.values("happened_on")[:1]),
        latest_text=Subquery(latest.values("text")[:1]),
        looked_back=Coalesce(Subquery(looked.values("n")), 0),
        looked_back_on=Subquery(looked.values("last")),
    )


def years_of(rows: CommitmentQuerySet) -> list[int]:
    """Return the years in which commitments were made, newest first. One query."""
    return [day.year for day in rows.order_by().dates("made_on", "year", order="DESC")]


def units_of(rows: CommitmentQuerySet) -> list[tuple[int, str]]:
    """Return the units that made commitments. One query."""
    return list(rows.order_by("unit__pinyin").values_list("unit", F("unit__name")).distinct())


def may_read_register(user: User) -> bool:
    """Say whether the register is for this user: offices, leaders and the units that promised."""
    return user.has_role(Role.STAFF, Role.LEADER, Role.GOV_OFFICE, Role.UNIT)
