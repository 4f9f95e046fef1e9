"""Reads of the list of proposals, with a fixed number of queries whatever its length."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.models import Role
from bodies.models import Congress, Session, Unit
from casework.models import CaseStatus, Event, Obligation, Procedure, Step
from casework.queries import of_others
from casework.rules import near_until
from deputies.models import Delegation
from proposals.models import (
    KIND,
    Assignment,
    AssignmentRole,
    AssistOpinion,
    Category,
    Cosignature,
    CosignatureState,
    Distribution,
    HandlingRound,
    Proposal,
    ProposalQuerySet,
    Reply,
)
from proposals.queries.rating import judgement

if TYPE_CHECKING:
    from accounts.models import User

ANSWERING = [AssignmentRole.LEAD, AssignmentRole.SEPARATE]
VIEWS = {
    "all": "全部",
    "todo": "我的待办",
    "waiting": "我等待的",
    "open": "在办",
    "closed": "已办",
    "overdue": "逾期",
    "draft": "草稿",
    "invited": "邀我联名",
}
OF_DEPUTIES = {"draft", "invited"}
LIGHTS = {"green": "绿灯（期限内）", "yellow": "黄灯（将到期）", "red": "红灯（逾期）", "none": "无期限"}
SORTS = {
    "number": F("number").asc(nulls_last=True),
    "-number": F("number").desc(nulls_last=True),
    "submitted_on": F("submitted_on").asc(nulls_last=True),
    "-submitted_on": F("submitted_on").desc(nulls_first=True),
    "due_on": F("due_on").asc(nulls_last=True),
    "-due_on": F("due_on").desc(nulls_last=True),
}
COUNTED = 5_000  # a list is counted up to here: nobody turns to the two-hundredth page
COUNTED_ON_TABS = 99  # beyond it a tab says 99+; the open view itself tells how many there are
NO_WORDS = Value("", CharField())
PARTS = ("filter", "place", "spelt", "key", "value", "words")


def _open(user: User, **conditions: Any) -> QuerySet:
    return Obligation.objects.open().filter(case=OuterRef("pk"), **conditions).exclude(of_others(user))


def _owed_ids(user: User) -> QuerySet:
    return Obligation.objects.open().owed_by(user).order_by().values("case")


def _own_ids(user: User) -> QuerySet:
    """Return the keys of what a deputy leads or has signed."""
    signed = Cosignature.objects.signed().filter(seat__person__user=user).order_by().values("proposal")
    return Proposal.objects.filter(lead__person__user=user).order_by().values("pk").union(signed)


def _answered(unit_id: int) -> Q:
    """Return the condition that a unit has nothing left to say in the latest round: no part, or a reply or opinion."""
    later = HandlingRound.objects.filter(proposal=OuterRef("round__proposal"), number__gt=OuterRef("round__number"))
    parts = Assignment.objects.in_force().filter(~Exists(later), unit_id=unit_id, round__proposal=OuterRef("pk"))
    replies = Reply.objects.filter(assignment=OuterRef("pk"))
    opinions = AssistOpinion.objects.filter(assignment=OuterRef("pk"), sent_back_at__isnull=True)
    return ~Q(Exists(parts.filter(~Exists(replies), ~Exists(opinions))))


def _distributed() -> Q:
    """Return the condition that a government office has split the proposal among departments."""
    return Q(Exists(Distribution.objects.filter(distributed_at__isnull=False, round__proposal=OuterRef("pk"))))


def _hand_in_ids(user: User) -> QuerySet | None:
    """Return the keys of what the user had a hand in; None: everything that the user sees."""
    if user.hat.role == Role.DEPUTY:
        return _own_ids(user)
    if user.hat.role == Role.UNIT:
        return None
    return Event.objects.filter(actor=user).order_by().values("case")


def view_filter(view: str, user: User, today: dt.date) -> Q:
    """Return the condition of a saved view among what the user sees; an unknown one is 全部.

    我的待办: what the user, the unit or the office owes something on. 我等待的: open, owed by others, and the user had
    a hand in it: a deputy leads it or signed it, a unit was given it, others did something on it in person.
    已办: for a unit what it has answered or what was taken from it, for the government office what it has split among
    departments, and for both what is closed; for deputies what they lead or signed and is closed; for others what is closed. 在办: the rest of
    what is open. 逾期: where something is overdue: for a unit, by itself; for deputies, on their own.
    """
    role = user.hat.role
    is_open, is_closed = Q(status=CaseStatus.OPEN), Q(status=CaseStatus.CLOSED)
    own = Q(pk__in=_own_ids(user)) if role == Role.DEPUTY else Q()
    match view:
        case "todo":
            return Q(pk__in=_owed_ids(user))
        case "waiting":
            mine = _hand_in_ids(user)
            touched = Q() if mine is None else Q(pk__in=mine)
            return touched & is_open & ~Q(Exists(Obligation.objects.open().owed_by(user).filter(case=OuterRef("pk"))))
        case "open" | "closed":
            if role == Role.UNIT:
                done = _answered(user.hat.unit_id)
            elif role == Role.GOV_OFFICE:
                done = _distributed()
            else:
                return own & (is_open if view == "open" else is_closed)
            return is_open & ~done if view == "open" else is_closed | done
        case "overdue":
            late = Obligation.objects.open().filter(due_on__lt=today).exclude(of_others(user))
            if role == Role.UNIT:
                late = late.owed_by(user)
            return own & Q(pk__in=late.order_by().values("case"))
        case "draft":
            return Q(status=CaseStatus.DRAFT, lead__person__user=user)
        case "invited":
            asked = Cosignature.objects.filter(seat__person__user=user, state=CosignatureState.INVITED)
            return Q(pk__in=asked.order_by().values("proposal"))
        case _:
            return Q()


def views_for(user: User) -> list[str]:
    """Return the saved views that make sense for the role."""
    is_deputy = user.has_role(Role.DEPUTY)
    return [view for view in VIEWS if is_deputy or view not in OF_DEPUTIES]


def _light(colour: str, today: dt.date, user: User) -> Q:
    """Return the condition of a light: that of the earliest date among what is owed and the user is told of."""
    is_open, near = Q(status=CaseStatus.OPEN), near_until(today)
    match colour:
        case "red":
            return is_open & Q(Exists(_open(user, due_on__lt=today)))
        case "yellow":
            return (
                is_open
                & Q(Exists(_open(user, due_on__range=(today, near))))
                & ~Q(Exists(_open(user, due_on__lt=today)))
            )
        case "green":
            return is_open & Q(Exists(_open(user, due_on__gt=near))) & ~Q(Exists(_open(user, due_on__lte=near)))
        case _:
            return is_open & ~Q(Exists(_open(user, due_on__isnull=False)))


def _of_unit(unit_id: int) -> QuerySet:
    """Return the keys of what a unit is in charge of, or assists in, in the latest round."""
    later = HandlingRound.objects.filter(proposal=OuterRef("round__proposal"), number__gt=OuterRef("round__number"))
    rows = Assignment.objects.in_force().filter(~Exists(later), unit_id=unit_id)
    return rows.order_by().values("round__proposal")


def narrowed(rows: ProposalQuerySet, chosen: Mapping[str, str], today: dt.date, user: User) -> ProposalQuerySet:
    """Return what is left by the chosen filters, given as the values of ``choices`` by their names."""
    conditions = {
        "unit": lambda value: Q(pk__in=_of_unit(int(value))),
        "category": lambda value: Q(category_id=int(value)),
        "delegation": lambda value: Q(lead__delegation_id=int(value)),
        "session": lambda value: Q(session_id=int(value)),
        "step": lambda value: Q(step__in=Step.objects.filter(label=value)),
        "light": lambda value: _light(value, today, user),
        "year": lambda value: Q(submitted_on__year=int(value)),
        "form": lambda value: Q(form=value),
        "period": lambda value: Q(period=value),
        "key": lambda _value: Q(is_key=True),
    }
    for name, value in chosen.items():
        if name in conditions:
            rows = rows.filter(conditions[name](value))
    return rows


def choices(user: User) -> dict[str, list[tuple[str, str]]]:
    """Return what the list can be narrowed to, by filter. One query.

    Names come from the congresses whose proposals the user sees: the own one and, for a township, the county's.
    """
    hat = user.hat
    bodies = [hat.congress_id]
    if hat.role == Role.TOWNSHIP and hat.congress.parent_id:
        bodies.append(hat.congress.parent_id)

    def part(name: str, rows: QuerySet, label: Any, place: Any, *, spelt: Any = NO_WORDS) -> QuerySet:
        row = {"filter": Value(name), "place": Cast(place, IntegerField()), "spelt": spelt, "key": F("pk")}
        row |= {"value": Cast("pk", CharField()), "words": label}
        return rows.order_by().annotate(**row).values_list(*PARTS)

    procedures = Procedure.objects.visible_to(user).filter(case_kind=KIND)
    steps = (
        Step.objects.filter(procedure__in=procedures)
        .order_by()
        .values("label")
        .annotate(filter=Value("step"), place=Min("position"), spelt=NO_WORDS, key=Min("pk"))
        .annotate(value=F("label"), words=F("label"))
        .values_list(*PARTS)
    )
    found = part("unit", Unit.objects.filter(congress__in=bodies), F("name"), -F("sort"), spelt=F("pinyin")).union(
        part("category", Category.objects.filter(congress__in=bodies), F("name"), F("sort")),
        part("delegation", Delegation.objects.visible_to(user), F("name"), F("sort")),
        part("session", Session.objects.filter(term__congress__in=bodies), Concat("term__name", "name"), -F("pk")),
        steps,
        all=True,
    )
    offered: dict[str, list] = {name: [] for name in ("unit", "category", "delegation", "session", "step")}
    for name, _place, _spelt, _key, value, words in sorted(found):
        offered[name].append((value, words))
    return offered


class _CappedCount(Subquery):
    """How many rows a query has, as far as it was cut."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def numbers(user: User, rows: ProposalQuerySet, today: dt.date) -> tuple[int, dict[str, int], list[int]]:
    """Return how long the list is (up to COUNTED), each saved view (up to COUNTED_ON_TABS), and the years. One query.

    Years are those in which visible proposals were submitted, newest first. Counting on to the end would make the
    page slower with every year that the office works.
    """
    visible = Proposal.objects.visible_to(user).order_by()
    counts = {f"in_{view}": visible.filter(view_filter(view, user, today)) for view in views_for(user)}
    cut = {name: _CappedCount(found.values("pk")[: COUNTED_ON_TABS + 1]) for name, found in counts.items()}
    dated = visible.filter(submitted_on__isnull=False).values("submitted_on")
    row = (
        Congress.objects.filter(pk=user.hat.congress_id)
        .values(
            length=_CappedCount(rows.order_by().values("pk")[: COUNTED + 1]),
            first=Subquery(dated.order_by("submitted_on")[:1]),
            last=Subquery(dated.order_by("-submitted_on")[:1]),
            **cut,
        )
        .get()
    )
    years = range(row["last"].year, row["first"].year - 1, -1) if row["first"] else []
    return row["length"], {view: row[f"in_{view}"] for view in views_for(user)}, list(years)


def _in_charge(*roles: str) -> QuerySet:
    return (
        Assignment.objects.in_force().filter(round=OuterRef("latest_round"), role__in=roles).order_by().values("round")
    )


def _units(*roles: str) -> Subquery:
    return Subquery(_in_charge(*roles).annotate(names=StringAgg("unit__name", "、", order_by="pk")).values("names"))


def list_rows(user: User) -> ProposalQuerySet:
    """Return the visible proposals with what a list row shows. One query, whatever the number of rows.

    ``unit_name`` names those who answer in the latest round, ``assisting_count`` counts those who assist them.
    """
    latest = HandlingRound.objects.filter(proposal=OuterRef("pk")).order_by("-number")
    return (
        Proposal.objects.visible_to(user)
        .select_related("step", "category", "lead__person", "lead__delegation")
        .defer("body", "grounds", "plan")
        .annotate(
            latest_round=Subquery(latest.values("pk")[:1]),
            due_on=Subquery(_open(user).order_by().values("case").annotate(first=Min("due_on")).values("first")),
        )
        .annotate(
            unit_name=_units(*ANSWERING),
            assisting_count=Coalesce(
                Subquery(_in_charge(AssignmentRole.ASSIST).annotate(n=Count("pk")).values("n")), 0
            ),
            rating=judgement("latest_round", "lead"),
        )
    )


def full_rows(rows: ProposalQuerySet) -> ProposalQuerySet:
    """Return rows of ``list_rows`` with what print and export tell besides: co-signers, assisting units, outcome."""
    signed = Cosignature.objects.signed().filter(proposal=OuterRef("pk")).order_by().values("proposal")
    outcomes = (
        Reply.objects.filter(assignment__round=OuterRef("latest_round"), assignment__ended_at__isnull=True)
        .exclude(outcome=None)
        .order_by()
        .values("assignment__round")
        .annotate(names=StringAgg("outcome__name", "、", distinct=True))
    )
    return rows.annotate(
        assisting_names=_units(AssignmentRole.ASSIST),
        signed_count=Coalesce(Subquery(signed.annotate(n=Count("pk")).values("n")), 0),
        outcome_name=Subquery(outcomes.values("names")),
    )
