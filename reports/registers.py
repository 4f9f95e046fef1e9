"""The registers that figures count, and the columns in which a list of their rows is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.urls import reverse

from accounts.models import Role
from casework.models import CaseStatus
from deputies.models import HAN, GroupKind, Seat
from duties.models import Source
from liaison_stations.models import SETTLED_ON_THE_SPOT, StationKind
from proposals.models import Assignment, Grade, Proposal
from proposals.presets import CLOSED_AS
from proposals.queries.commitments import view_filter
from reports.proposal_stats import ANSWERING, with_facts
from reports.scope import Scope
from training.models import Attendance, ClassKind

READERS = (Role.STAFF, Role.LEADER, Role.GOV_OFFICE)
MAKERS = (Role.STAFF, Role.LEADER)
# The type of the ledger under which a deputy's report on duties (述职) is entered.
REPORTED = "报告履职"
# Offices also write 述职, 向选民述职, 述职评议.
REPORTED_TOO = "述职"
# No list shows them, so none decrypts them.
SECRETS = ("person__id_number", "person__phone", "person__address")
_SEAT_SECRETS = tuple(f"seat__{name}" for name in SECRETS)


@dataclass(frozen=True)
class ListColumn:
    """A column of the list behind a figure; ``kind`` is text, short (never broken), title, number or date.

    ``url`` is where the cell leads, ``field`` the column of the database that a sum adds up.
    """

    label: str
    value: Callable[[Any], Any]
    kind: str = "text"
    field: str = ""
    url: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Register:
    """Rows with the facts that conditions name, and how a list shows them. ``unit`` is the measure word.

    ``roles`` are those to whom its rows are open at all; ``below`` says whether they also see the rows of the
    congresses directly below their own. A figure that nobody may open is not shown, rather than shown as nothing.
    """

    name: str
    unit: str
    rows: Callable[[Scope], QuerySet]
    listed: Callable[[QuerySet], QuerySet]
    columns: tuple[ListColumn, ...]
    roles: tuple[Role, ...] = MAKERS
    below: bool = False

    def is_open(self, scope: Scope) -> bool:
        """Say whether whoever asks may open the rows."""
        if scope.user is None:
            return True
        return scope.user.has_role(*self.roles) and (scope.is_own or (self.below and scope.user.has_role(*MAKERS)))


def _seats(scope: Scope) -> QuerySet:
    minority = Case(
        When(Q(person__ethnicity="") | Q(person__ethnicity__in=HAN), then=Value(False)),
        default=Value(True),
        output_field=BooleanField(),
    )
    return scope.seats().annotate(gender=F("person__gender"), minority=minority, own=scope.is_of_congress)


def _own_seats(scope: Scope) -> QuerySet:
    """Return the congress's own seats with what the ledger and the classes say of them."""
    reports = scope.duties().filter(
        Q(type__name__contains=REPORTED) | Q(type__name__contains=REPORTED_TOO),
        # By the person: who was elected again in the year reported under the seat that ended.
        seat__person=OuterRef("person"),
    )
    trained = Attendance.objects.filter(
        seat=OuterRef("pk"),
        training_class__congress=scope.congress,
        training_class__kind=ClassKind.INITIAL,
        training_class__starts_on__range=(OuterRef("term__starts_on"), scope.last_day),
    )
    return (
        scope.seats()
        .filter(term__congress=scope.congress)
        .annotate(own=Value(True), reported=Exists(reports), initially_trained=Exists(trained))
    )


def _listed_seats(rows: QuerySet) -> QuerySet:
    return rows.select_related("person", "delegation", "term__congress").defer(*SECRETS).order_by(*roster_order())


def roster_order() -> list[str]:
    """Return the order of a printed roster: the congress's own deputies first, then the other levels from above."""
    return ["-own", "term__congress__level", "term__congress", "delegation__sort", "delegation", "person__pinyin", "pk"]


def _proposals(scope: Scope) -> QuerySet:
    return with_facts(scope.proposals(), scope.as_of)


def directory_order(prefix: str = "") -> list[str]:
    """Return the order of the printed directory: by session, number, date; what has no number yet comes last."""
    return [f"{prefix}{name}" for name in ("session__starts_on", "session_id", "number", "submitted_on", "pk")]


def _listed_proposals(rows: QuerySet) -> QuerySet:
    unit = Assignment.objects.in_force().filter(round=OuterRef("last_round"), role__in=ANSWERING).order_by("pk")
    return (
        rows.select_related("step", "category", "lead__person", "lead__delegation")
        .annotate(unit_name=Subquery(unit.values("unit__name")[:1]))
        .order_by(*directory_order())
    )


def person_url(seat: Seat) -> str:
    """Return the page of the person who holds the seat."""
    return reverse("deputies:person", args=[seat.person_id])


def _record(register: str) -> Callable[[Any], str]:
    """Return where the admin shows a row of a register; for those who read registers alone."""
    return lambda row: reverse(f"admin:{register}_change", args=[row.pk])


def state_of(*, status: str, closed_as: str, step_label: str) -> str:
    """Return where a proposal stands, in office words."""
    if status == CaseStatus.CLOSED:
        return CLOSED_AS.get(closed_as, "已办结")
    return f"{CaseStatus(status).label}（{step_label}）"


def _state(row: Proposal) -> str:
    return state_of(status=row.status, closed_as=row.closed_as, step_label=row.step.label if row.step else "")


def _commitments(scope: Scope) -> QuerySet:
    overdue = view_filter("overdue", scope.as_of)
    return scope.commitments().annotate(overdue=ExpressionWrapper(overdue, BooleanField()))


def _stations(scope: Scope) -> QuerySet:
    return scope.stations().annotate(home=ExpressionWrapper(Q(kind=StationKind.HOME), BooleanField()))


def _duties(scope: Scope) -> QuerySet:
    # A line that somebody had typed as an activity stays one when another register has taken it over.
    activity = Q(source__in=(Source.ACTIVITY, Source.GROUP)) | Q(typed_as=Source.ACTIVITY)
    return scope.duties().annotate(activity=ExpressionWrapper(activity, BooleanField()))


def _appointments(scope: Scope) -> QuerySet:
    return scope.appointments().annotate(examined=ExpressionWrapper(Q(exam_score__isnull=False), BooleanField()))


def _opinions(scope: Scope) -> QuerySet:
    settled = Q(replied_on__isnull=False) | Q(handling__in=SETTLED_ON_THE_SPOT)
    return scope.opinions().annotate(settled=ExpressionWrapper(settled, BooleanField()))


def _yes(value: bool) -> str:
    return "是" if value else ""


_PEOPLE_COLUMNS = (
    ListColumn("姓名", lambda row: row.person.name, url=person_url),
    ListColumn("性别", lambda row: row.person.gender, kind="short"),
    ListColumn("民族", lambda row: row.person.ethnicity, kind="short"),
    ListColumn("层级", lambda row: row.term.congress.get_level_display(), kind="short"),
    ListColumn("代表团", lambda row: row.delegation.name),
    ListColumn("工作单位及职务", lambda row: row.person.post),
    ListColumn("状态", lambda row: row.get_status_display(), kind="short"),
)

REGISTERS: dict[str, Register] = {
    "seats": Register(
        name="代表名册",
        unit="名",
        rows=_seats,
        listed=_listed_seats,
        columns=_PEOPLE_COLUMNS,
        roles=READERS,
        below=True,
    ),
    "own_seats": Register(
        name="本级代表",
        unit="名",
        rows=_own_seats,
        listed=_listed_seats,
        columns=(
            *_PEOPLE_COLUMNS,
            ListColumn("连任", lambda row: _yes(row.is_reelected), kind="short"),
            ListColumn("初任培训", lambda row: _yes(row.initially_trained), kind="short"),
            ListColumn("述职", lambda row: _yes(row.reported), kind="short"),
        ),
    ),
    "groups": Register(
        name="代表小组",
        unit="个",
        rows=lambda scope: scope.groups(),
        listed=lambda rows: rows.annotate(size=Count("members")).order_by("sort", "pk"),
        columns=(
            ListColumn("代表小组", lambda row: row.name),
            ListColumn("组成方式", lambda row: GroupKind(row.kind).label),
            ListColumn("成员人数", lambda row: row.size, kind="number"),
        ),
        roles=READERS,
        below=True,
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
        roles=READERS,
    ),
    "commitments": Register(
        name="承诺事项",
        unit="项",
        rows=_commitments,
        listed=lambda rows: rows.select_related("proposal", "unit").order_by("due_on", "pk"),
        columns=(
            ListColumn("编号", lambda row: row.proposal.display_no, kind="short"),
            ListColumn(
                "标题", lambda row: row.proposal.title, kind="title", url=lambda row: row.proposal.get_absolute_url()
            ),
            ListColumn("承办单位", lambda row: row.unit.name),
            ListColumn("承诺事项", lambda row: row.matter),
            ListColumn("完成期限", lambda row: row.due_on, kind="date"),
            ListColumn("进度", lambda row: row.get_state_display(), kind="short"),
            ListColumn("落实日期", lambda row: row.settled_on, kind="date"),
        ),
        roles=READERS,
    ),
    "duties": Register(
        name="履职台账",
        unit="条",
        rows=_duties,
        listed=lambda rows: (
            rows.select_related("type", "seat__person", "seat__delegation")
            .defer(*_SEAT_SECRETS)
            .order_by("done_on", "pk")
        ),
        columns=(
            ListColumn("日期", lambda row: row.done_on, kind="date"),
            ListColumn("代表", lambda row: row.seat.person.name, url=lambda row: person_url(row.seat)),
            ListColumn("代表团", lambda row: row.seat.delegation.name),
            ListColumn("类型", lambda row: row.type.name),
            ListColumn("主题", lambda row: row.topic, url=_record("duties_dutyrecord")),
            ListColumn("地点", lambda row: row.place),
            ListColumn("来源", lambda row: row.get_source_display(), kind="short"),
        ),
    ),
    "trainings": Register(
        name="培训班次",
        unit="班",
        rows=lambda scope: scope.trainings(),
        listed=lambda rows: rows.order_by("starts_on", "pk"),
        columns=(
            ListColumn("班次", lambda row: row.name, url=_record("training_trainingclass")),
            ListColumn("类型", lambda row: row.get_kind_display(), kind="short"),
            ListColumn("开始日期", lambda row: row.starts_on, kind="date"),
            ListColumn("地点", lambda row: row.place),
            ListColumn("对象", lambda row: row.audience),
            ListColumn("应到人数", lambda row: row.expected, kind="number"),
            ListColumn("实到人次", lambda row: row.attended, kind="number", field="attended"),
        ),
    ),
    "stations": Register(
        name="联络站",
        unit="个",
        rows=_stations,
        listed=lambda rows: (
            rows.select_related("township").defer("phone").order_by("township__sort", "township", "kind", "name")
        ),
        columns=(
            ListColumn("名称", lambda row: row.name, url=_record("liaison_stations_station")),
            ListColumn("类型", lambda row: row.get_kind_display(), kind="short"),
            ListColumn("所属乡镇", lambda row: row.township.name),
            ListColumn("地址", lambda row: row.address),
            ListColumn("负责人", lambda row: row.head, kind="short"),
            ListColumn("接待日规则", lambda row: row.reception_rule),
        ),
    ),
    "receptions": Register(
        name="接待登记",
        unit="人次",
        rows=lambda scope: scope.receptions(),
        listed=lambda rows: (
            rows.select_related("station", "seat__person")
            .defer("contact", "station__phone", *_SEAT_SECRETS)
            .order_by("received_on", "pk")
        ),
        columns=(
            ListColumn("日期", lambda row: row.received_on, kind="date"),
            ListColumn("联络站", lambda row: row.station.name),
            ListColumn("接待代表", lambda row: row.seat.person.name if row.seat else ""),
            ListColumn("事项", lambda row: row.matter, url=_record("liaison_stations_reception")),
        ),
    ),
    "opinions": Register(
        name="群众意见",
        unit="件",
        rows=_opinions,
        listed=lambda rows: (
            rows.select_related("station", "unit")
            .defer("station__phone", "unit__contact_phone")
            .order_by("raised_on", "pk")
        ),
        columns=(
            ListColumn("提出日期", lambda row: row.raised_on, kind="date"),
            ListColumn("联络站", lambda row: row.station.name),
            ListColumn("事项", lambda row: row.matter, url=_record("liaison_stations_opinionitem")),
            ListColumn("处理方式", lambda row: row.get_handling_display(), kind="short"),
            ListColumn("承办", lambda row: row.unit.name if row.unit else ""),
            ListColumn("回告日期", lambda row: row.replied_on, kind="date"),
        ),
    ),
    "appointments": Register(
        name="任免事项",
        unit="人次",
        rows=_appointments,
        listed=lambda rows: rows.select_related("meeting").order_by("decided_on", "pk"),
        columns=(
            ListColumn("日期", lambda row: row.decided_on, kind="date"),
            ListColumn("会次", lambda row: row.meeting.name if row.meeting else ""),
            ListColumn("姓名", lambda row: row.name, url=_record("appointments_appointment")),
            ListColumn("职务", lambda row: row.post),
            ListColumn("事项", lambda row: row.get_wording_display(), kind="short"),
            ListColumn("法律考试成绩", lambda row: row.exam_score, kind="number"),
            ListColumn("供职发言", lambda row: _yes(row.made_statement), kind="short"),
            ListColumn("宪法宣誓", lambda row: _yes(row.took_oath), kind="short"),
        ),
    ),
}
