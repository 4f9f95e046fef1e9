"""The registers that figures count, and the columns in which a list of their rows is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse

from casework.models import CaseStatus
from deputies.models import HAN, GroupKind, Seat
from proposals.models import Assignment, Grade, Proposal
from proposals.presets import CLOSED_AS
from reports.proposal_stats import ANSWERING, with_facts
from reports.scope import Scope


@dataclass(frozen=True)
class ListColumn:
    """A column of the list behind a figure; ``kind`` is text, short (never broken), title, number or date, ``url`` where the cell leads."""

    label: str
    value: Callable[[Any], Any]
    kind: str = "text"
    url: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Register:
    """Rows with the facts that conditions name, and how a list shows them. ``unit`` is the measure word."""

    name: str
    unit: str
    rows: Callable[[Scope], QuerySet]
    listed: Callable[[QuerySet], QuerySet]
    columns: tuple[ListColumn, ...]


def _seats(scope: Scope) -> QuerySet:
    minority = Case(
        When(Q(person__ethnicity="") | Q(person__ethnicity__in=HAN), then=Value(False)),
        default=Value(True),
        output_field=BooleanField(),
    )
    return scope.seats().annotate(gender=F("person__gender"), minority=minority)


def _listed_seats(rows: QuerySet) -> QuerySet:
    return rows.select_related("person", "delegation").order_by(
        "delegation__sort", "delegation", "person__pinyin", "pk"
    )


def _proposals(scope: Scope) -> QuerySet:
    return with_facts(scope.proposals(), scope.as_of)


def directory_order(prefix: str = "") -> list[str]:
    """Return the order of the printed directory: by session, number, date; what has no number yet comes last."""
    return [f"{prefix}{name}" for name in ("session__starts_on", "session_id", "number", "submitted_on", "pk")]


def _listed_proposals(rows: QuerySet) -> QuerySet:
    unit = Assignment.objects.filter(round=OuterRef("last_round"), role__in=ANSWERING).order_by("pk")
    return (
        rows.select_related("step", "category", "lead__person", "lead__delegation")
        .annotate(unit_name=Subquery(unit.values("unit__name")[:1]))
        .order_by(*directory_order())
    )


def _listed_groups(rows: QuerySet) -> QuerySet:
    return rows.annotate(size=Count("members")).order_by("sort", "pk")


def person_url(seat: Seat) -> str:
    """Return the page of the person who holds the seat."""
    return reverse("deputies:person", args=[seat.person_id])


def state_of(*, status: str, closed_as: str, step_label: str) -> str:
    """Return where a proposal stands, in office words."""
    if status == CaseStatus.CLOSED:
        return CLOSED_AS.get(closed_as, "已办结")
    return f"{CaseStatus(status).label}（{step_label}）"


def _state(row: Proposal) -> str:
    return state_of(status=row.status, closed_as=row.closed_as, step_label=row.step.label if row.step else "")


REGISTERS: dict[str, Register] = {
    "seats": Register(
        name="代表名册",
        unit="名",
        rows=_seats,
        listed=_listed_seats,
        columns=(
            ListColumn("姓名", lambda row: row.person.name, url=person_url),
            ListColumn("性别", lambda row: row.person.gender),
            ListColumn("民族", lambda row: row.person.ethnicity),
            ListColumn("党派", lambda row: row.person.party),
            ListColumn("代表团", lambda row: row.delegation.name),
            ListColumn("工作单位及职务", lambda row: row.person.post),
            ListColumn("状态", lambda row: row.get_status_display()),
        ),
    ),
    "groups": Register(
        name="代表小组",
        unit="个",
        rows=lambda scope: scope.groups(),
        listed=_listed_groups,
        columns=(
            ListColumn("代表小组", lambda row: row.name),
            ListColumn("组成方式", lambda row: GroupKind(row.kind).label),
            ListColumn("成员人数", lambda row: row.size, kind="number"),
        ),
    ),
    "proposals": Register(
        name="建议议案",
        unit="件",
        rows=_proposals,
        listed=_listed_proposals,
        columns=(
            ListColumn("编号", lambda row: row.display_no, kind="short"),
            ListColumn("标题", lambda row: row.title, kind="title", url=lambda row: row.get_absolute_url()),
            ListColumn("类型", lambda row: row.get_form_display(), kind="short"),
            ListColumn("领衔代表", lambda row: row.lead.person.name),
            ListColumn("代表团", lambda row: row.lead.delegation.name),
            ListColumn("类别", lambda row: row.category.name if row.category else ""),
            ListColumn("主办单位", lambda row: row.unit_name),
            ListColumn("提出日期", lambda row: row.submitted_on, kind="date"),
            ListColumn("状态", _state, kind="short"),
            ListColumn("结果评价", lambda row: Grade(row.grade).label if row.grade != Grade.NONE else ""),
        ),
    ),
}
