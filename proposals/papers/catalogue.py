"""The catalogue of suggestions (造册) and the list for the hand-over meeting (交办会), as rows for every medium. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from proposals.models import AssignmentRole, Disclosure, Period, ProposalKind
from proposals.papers.official import chinese_date
from proposals.papers.reading import Entry, Part, Totals
from proposals.papers.tables import RegisterColumn, Span, register_paper
from workbooks.cells import tidy
from workbooks.printing import ReportBook, ReportColumn
from workbooks.writing import Target

CATALOGUE_COLUMNS = (
    RegisterColumn("建议号", 12, 8, "number"),
    RegisterColumn("案由", 42, 45),
    RegisterColumn("领衔代表", 16, 10),
    RegisterColumn("代表团", 18, 14),
    RegisterColumn("附议人数", 10, 9, "number"),
    RegisterColumn("提出时间", 18, 11, "date"),
    RegisterColumn("会间／闭会", 18, 10),
    RegisterColumn("类别", 13, 10),
    RegisterColumn("性质", 12, 9),
    RegisterColumn("主办", 22, 18),
    RegisterColumn("协办／分办", 24, 24),
    RegisterColumn("交办日", 18, 11, "date"),
    RegisterColumn("答复截止", 18, 11, "date"),
    RegisterColumn("公开属性", 16, 12),
)
HANDOVER_COLUMNS = (
    RegisterColumn("承办方式", 16, 9),
    RegisterColumn("建议号", 14, 8, "number"),
    RegisterColumn("案由", 86, 45),
    RegisterColumn("领衔代表", 28, 10),
    RegisterColumn("其他承办单位", 53, 28),
    RegisterColumn("交办日", 20, 11, "date"),
    RegisterColumn("答复截止", 20, 11, "date"),
    RegisterColumn("备注", 20, 14),
)
ROLE_ORDER = (AssignmentRole.LEAD, AssignmentRole.SEPARATE, AssignmentRole.ASSIST)
UNDECIDED = "待确定承办单位"
SIGNED = ("签收人", "签收日期")


@dataclass(frozen=True)
class Heading:
    """What stands above and below a list: whose it is, what it was narrowed to, how many it holds, the day."""

    title: str
    conditions: str
    totals: Totals
    author: str
    day: dt.date

    @property
    def about(self) -> str:
        return "　".join(filter(None, [self.conditions, f"制表日期：{chinese_date(self.day)}"]))

    @property
    def foot(self) -> str:
        return f"合计 {self.totals}"


@dataclass(frozen=True)
class Meeting:
    """The hand-over meeting, as far as it is known when the list is made."""

    held_on: dt.date | None = None
    place: str = ""

    @property
    def about(self) -> str:
        known = [("时间", chinese_date(self.held_on) if self.held_on else ""), ("地点", tidy(self.place))]
        return "　　".join(f"{label}：{value}" for label, value in known if value)


def _units(parts: Sequence[Part], role: str) -> str:
    return "、".join(part.unit for part in parts if part.role == role)


def remarks(entry: Entry) -> str:
    """Return what sets a proposal apart: that it is a bill, a key one, or part of another."""
    merged = (f"并入第{entry.part_of}号" if entry.part_of else "已并案") if entry.is_merged else ""
    bill = ProposalKind.BILL.label if entry.form == ProposalKind.BILL else ""
    return "，".join(filter(None, [bill, "重点督办" if entry.is_key else "", merged]))


def catalogue_row(entry: Entry) -> tuple[Any, ...]:
    """Return the cells of ``CATALOGUE_COLUMNS``; the latest date stands for units with different ones."""
    assisting, separate = (_units(entry.parts, role) for role in (AssignmentRole.ASSIST, AssignmentRole.SEPARATE))
    others = [f"分办：{separate}" if separate else "", f"协办：{assisting}" if assisting else ""]
    answering = [part for part in entry.parts if part.role != AssignmentRole.ASSIST]
    nature = "，".join(filter(None, [entry.nature, remarks(entry)]))
    return (
        entry.number,
        entry.title,
        entry.lead,
        entry.delegation,
        entry.cosigners,
        entry.submitted_on,
        Period(entry.period).label,
        entry.category,
        nature,
        _units(entry.parts, AssignmentRole.LEAD),
        "；".join(filter(None, others)),
        min((part.assigned_on for part in entry.parts if part.assigned_on), default=None),
        max((part.due_on for part in answering if part.due_on), default=None),
        Disclosure(entry.disclosure).label,
    )


@dataclass(frozen=True)
class UnitTasks:
    """What one unit takes home from the meeting."""

    unit: str
    tasks: tuple[tuple[Part | None, Entry], ...]

    @property
    def counts(self) -> str:
        roles = [part.role for part, _ in self.tasks if part]
        counted = [(AssignmentRole(role).label, roles.count(role)) for role in ROLE_ORDER]
        return "，".join(f"{label} {number} 件" for label, number in counted if number) or f"{len(self.tasks)} 件"


def tasks_by_unit(entries: Sequence[Entry]) -> list[UnitTasks]:
    """Return the units in their order, each with what it leads, handles separately and assists in; at the end what
    nobody has yet.
    """
    by_unit: dict[tuple, list[tuple[Part | None, Entry]]] = {}
    undecided: list[tuple[Part | None, Entry]] = []
    for entry in entries:
        for part in entry.parts:
            by_unit.setdefault((*part.order, part.unit), []).append((part, entry))
        if not entry.parts:
            undecided.append((None, entry))
    units = [
        UnitTasks(key[-1], tuple(sorted(tasks, key=lambda task: ROLE_ORDER.index(task[0].role))))
        for key, tasks in sorted(by_unit.items())
    ]
    return [*units, UnitTasks(UNDECIDED, tuple(undecided))] if undecided else units


def task_row(unit: str, part: Part | None, entry: Entry) -> tuple[Any, ...]:
    """Return the cells of ``HANDOVER_COLUMNS``: the others are named by their part."""
    others = [
        f"{AssignmentRole(role).label}：{names}"
        for role in ROLE_ORDER
        if (names := _units([other for other in entry.parts if other.unit != unit], role))
    ]
    return (
        AssignmentRole(part.role).label if part else "",
        entry.number,
        entry.title,
        entry.lead,
        "；".join(others),
        part.assigned_on if part else None,
        part.due_on if part else None,
        remarks(entry),
    )


def handover_lines(entries: Sequence[Entry]) -> Iterator[Span | tuple[Any, ...]]:
    """Return the rows of the list: before those of a unit its name, its sums and room for who signs for them."""
    for group in tasks_by_unit(entries):
        signing = "" if group.unit == UNDECIDED else "　　　　签收人：＿＿＿＿＿＿　　签收日期：＿＿＿＿＿＿"
        yield Span(f"{tidy(group.unit)}（{group.counts}）{signing}")
        for part, entry in group.tasks:
            yield task_row(group.unit, part, entry)


def catalogue_word(entries: Sequence[Entry], heading: Heading) -> bytes:
    """Return the catalogue as a Word file."""
    return register_paper(
        title=heading.title, about=heading.about, columns=CATALOGUE_COLUMNS, rows=map(catalogue_row, entries),
        foot=heading.foot, author=heading.author, created=_moment(heading.day),
    )  # fmt: skip


def handover_word(entries: Sequence[Entry], heading: Heading, meeting: Meeting) -> bytes:
    """Return the hand-over list as a Word file."""
    return register_paper(
        title=heading.title, about="　　".join(filter(None, [meeting.about, heading.conditions])),
        columns=HANDOVER_COLUMNS, rows=handover_lines(entries), foot=heading.foot, author=heading.author,
        created=_moment(heading.day),
    )  # fmt: skip


def catalogue_book(entries: Sequence[Entry], heading: Heading, out: Target) -> None:
    """Write the catalogue as a workbook."""
    columns = [_report_column(column) for column in CATALOGUE_COLUMNS]
    columns[1] = ReportColumn("案由", width=columns[1].width, total=lambda _: str(heading.totals))
    with ReportBook(out, created=_moment(heading.day)) as book:
        book.add_sheet(
            "建议目录", title=heading.title, period=heading.about, unit="件", columns=columns,
            rows=map(catalogue_row, entries),
        )  # fmt: skip


def handover_book(entries: Sequence[Entry], heading: Heading, meeting: Meeting, out: Target) -> None:
    """Write the hand-over list as a workbook: every task on a row with its unit, and the sums of the units to sign."""
    groups = tasks_by_unit(entries)
    about = "　　".join(filter(None, [meeting.about, heading.about]))
    room = [ReportColumn(label, width=12) for label in SIGNED]
    with ReportBook(out, created=_moment(heading.day)) as book:
        book.add_sheet(
            "交办清单", title=heading.title, period=about, unit="件",
            columns=[ReportColumn("承办单位", width=24), *map(_report_column, HANDOVER_COLUMNS), *room],
            rows=(
                (group.unit, *task_row(group.unit, part, entry), None, None)
                for group in groups
                for part, entry in group.tasks
            ),
            note=f"{heading.foot}；一件由几个单位承办的，每个单位各列一次。",
        )  # fmt: skip
        numbers = [ReportColumn(AssignmentRole(role).label, kind="number", width=9, total=True) for role in ROLE_ORDER]
        book.add_sheet(
            "签收单", title=f"{heading.title}签收单", period=about, unit="件",
            columns=[ReportColumn("承办单位", width=30), *numbers, *room],
            rows=(
                (group.unit, *([part.role for part, _ in group.tasks].count(role) for role in ROLE_ORDER), None, None)
                for group in groups
                if group.unit != UNDECIDED
            ),
        )  # fmt: skip


def _report_column(column: RegisterColumn) -> ReportColumn:
    return ReportColumn(column.header, kind=column.kind, width=column.width)


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())
