"""建议办理(按单位) and 建议办理(按类别): the same measures, once per unit and once per category."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F

from proposals.models import AssignmentRole, Grade, Period, ProposalKind
from reports.counting import Tally, Where, count, tally
from reports.proposal_stats import ANSWERING, unit_parts, with_facts
from reports.scope import Scope
from reports.sheets.base import Sheet, number
from workbooks.printing import ReportColumn

FACTS = ("answered", "on_time", "late", "redone", "outcome", "grade")

BEFORE: tuple[tuple[str, Where], ...] = (
    ("已答复", {"answered": True}),
    ("按时", {"answered": True, "on_time": True, "late": False}),
)
NO_OUTCOME = ("未注明结果", {"answered": True, "outcome": None})
AFTER: tuple[tuple[str, Where], ...] = (
    (Grade.SATISFIED.label, {"grade": Grade.SATISFIED}),
    (Grade.BASICALLY.label, {"grade": Grade.BASICALLY}),
    (Grade.DISSATISFIED.label, {"grade": Grade.DISSATISFIED}),
    ("未反馈", {"answered": True, "grade": Grade.NONE}),
    ("逾期", {"late": True}),
    ("重办数", {"redone": True}),
)


def _measures(scope: Scope) -> list[tuple[str, list[Where]]]:
    """Return header and conditions of the columns that both sheets share; a column adds its conditions up.

    Two terms that met in one year may both know a category of one name: it is one column.
    """
    outcomes: dict[str, list[Where]] = {}
    for pk, label in scope.outcomes:
        outcomes.setdefault(label, []).append({"answered": True, "outcome": pk})
    single = [(header, [where]) for header, where in BEFORE]
    return [*single, *outcomes.items(), *((header, [where]) for header, where in (NO_OUTCOME, *AFTER))]


def _cells(lines: Tally, measures: Sequence[tuple[str, list[Where]]]) -> list[int]:
    return [sum(count(lines, where) for where in conditions) for _, conditions in measures]


def _grouped(lines: Tally, *key: str) -> dict[tuple, Tally]:
    found: dict[tuple, Tally] = {}
    for line in lines:
        found.setdefault(tuple(line[fact] for fact in key), []).append(line)
    return found


def _unit_columns(scope: Scope) -> list[ReportColumn]:
    counted = ["主办数", "协办数", *(header for header, _ in _measures(scope))]
    return [ReportColumn("承办单位", width=30), *(number(header) for header in counted)]


def _unit_rows(scope: Scope) -> Iterator[list[Any]]:
    parts = unit_parts(scope).annotate(sort=F("unit__sort"), pinyin=F("unit__pinyin"), name=F("unit__name"))
    lines = tally(parts, ["unit", "sort", "pinyin", "name", "role", *FACTS])
    measures = _measures(scope)
    for (_, name, _), own in sorted(
        _grouped(lines, "sort", "name", "unit").items(), key=lambda item: (-item[0][0], item[1][0]["pinyin"], item[0])
    ):
        answering = [line for line in own if line["role"] in ANSWERING]
        assisting = count(own, {"role": AssignmentRole.ASSIST})
        yield [name, count(answering, {}), assisting, *_cells(answering, measures)]


def _category_columns(scope: Scope) -> list[ReportColumn]:
    counted = ["建议总数", "其中议案", "大会期间", "闭会期间", *(header for header, _ in _measures(scope))]
    return [ReportColumn("类别", width=24), *(number(header) for header in counted)]


def _category_rows(scope: Scope) -> Iterator[list[Any]]:
    rows = with_facts(scope.proposals(), scope.as_of).annotate(sort=F("category__sort"), name=F("category__name"))
    lines = tally(rows, ["category", "sort", "name", "form", "period", *FACTS])
    measures = _measures(scope)
    by_category = _grouped(lines, "sort", "category", "name")
    for key in sorted(by_category, key=lambda key: (key[1] is None, key)):
        own = by_category[key]
        yield [
            key[2] or "未分类",
            count(own, {}),
            count(own, {"form": ProposalKind.BILL}),
            count(own, {"period": Period.IN_SESSION}),
            count(own, {"period": Period.IN_RECESS}),
            *_cells(own, measures),
        ]


BY_UNIT = Sheet(
    name="建议办理(按单位)",
    unit="件",
    columns=_unit_columns,
    rows=_unit_rows,
    note="以最后一轮办理为准；“主办数”含分办，分办的件每个分办单位各计一次，没有交办的件不在内；“已答复”以后各列只计主办和分办",
)
BY_CATEGORY = Sheet(
    name="建议办理(按类别)",
    unit="件",
    columns=_category_columns,
    rows=_category_rows,
    note="以最后一轮办理为准；分办结果不同的，按未解决在先、排序靠后的一类计；合计与总览一致",
)
