"""代表名册 and 代表结构: who held a seat on 31 December, and of whom the congress consisted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import OuterRef, Subquery

from bodies.models import Level
from deputies.models import HAN, BirthPrecision, GroupMember
from reports.figures import percent
from reports.registers import REGISTERS, roster_order
from reports.scope import Scope
from reports.sheets.base import CHUNK, UNKNOWN, Sheet, yes
from workbooks.printing import ReportColumn

ROSTER_COLUMNS = (
    ReportColumn("层级", width=6),
    ReportColumn("性别", width=6),
    ReportColumn("民族", width=9),
    ReportColumn("出生年月", width=11),
    ReportColumn("籍贯", width=10),
    ReportColumn("党派", width=11),
    ReportColumn("学历", width=10),
    ReportColumn("学位", width=8),
    ReportColumn("工作单位及职务", width=30),
    ReportColumn("职业构成", width=13),
    ReportColumn("选区/选举单位", width=17),
    ReportColumn("代表团", width=16),
    ReportColumn("代表小组", width=18),
    ReportColumn("代表证号", width=10),
    ReportColumn("是否连任", width=9),
    ReportColumn("是否常委会组成人员", width=13),
)


def _roster_columns(scope: Scope) -> list[ReportColumn]:
    # Counted by the database beside the rows: the sheet adds numbers up, and a roster has none.
    name = ReportColumn("姓名", width=13, total=lambda sums: f"{scope.seats().count()}名")
    return [ReportColumn("序号", kind="number", width=6), name, *ROSTER_COLUMNS]


def _birth_month(born_on: dt.date | None, precision: str) -> str:
    """Return year and month as far as they are known; the day of a birth is no business of a roster."""
    if born_on is None:
        return ""
    return f"{born_on.year}年" if precision == BirthPrecision.YEAR else f"{born_on.year}年{born_on.month:02}月"


def _roster_rows(scope: Scope) -> Iterator[tuple]:
    groups = (
        GroupMember.objects.filter(seat=OuterRef("pk"), group__in=scope.groups().order_by().values("pk"))
        .order_by()
        .values("seat")
        .annotate(names=StringAgg("group__name", "、", order_by=["group__sort", "group"]))
        .values("names")
    )
    rows = (
        REGISTERS["seats"]
        .rows(scope)
        .order_by(*roster_order())
        .values_list(
            "person__name",
            "term__congress__level",
            "person__gender",
            "person__ethnicity",
            "person__born_on",
            "person__born_precision",
            "person__native_place",
            "person__party",
            "person__education",
            "person__degree",
            "person__post",
            "person__occupation",
            "elected_by",
            "delegation__name",
            Subquery(groups),
            "certificate_no",
            "is_reelected",
            "is_committee_member",
        )
    )
    for number, row in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        name, level, gender, ethnicity, born_on, precision, *rest, is_reelected, is_committee_member = row
        born = _birth_month(born_on, precision)
        is_what = yes(is_reelected), yes(is_committee_member)
        yield number, name, Level(level).label, gender, ethnicity, born, *rest, *is_what


ROSTER = Sheet(
    name="代表名册",
    unit="名",
    columns=_roster_columns,
    rows=_roster_rows,
    note="12月31日在任的本级代表和编入本级代表小组的其他各级代表；手机、住址、证件号码属个人信息，不列入本表",
)

AGE_BANDS = ((35, "35岁以下（含35岁）"), (45, "36至45岁"), (55, "46至55岁"), (60, "56至60岁"))
OLDEST = "61岁以上（含61岁）"

STRUCTURE_COLUMNS = (
    ReportColumn("分类", width=28),
    ReportColumn("项目", width=76),
    ReportColumn("人数", kind="number", width=32),
    ReportColumn("占代表总数的百分比", kind="number", width=36, number_format="0.0"),
)


def age_band(born_on: dt.date | None, year: int) -> str:
    """Return the band of the age reached on 31 December of the year, by when everybody has had the birthday."""
    if born_on is None:
        return UNKNOWN
    age = year - born_on.year
    return next((label for limit, label in AGE_BANDS if age <= limit), OLDEST)


def _nation(ethnicity: str) -> str:
    if not ethnicity:
        return UNKNOWN
    return HAN[0] if ethnicity in HAN else "少数民族"


def _structure_rows(scope: Scope) -> Iterator[tuple]:
    rows = scope.seats().values_list(
        "person__gender",
        "person__ethnicity",
        "person__born_on",
        "person__party",
        "person__education",
        "person__occupation",
        "is_reelected",
        "term__congress__level",
    )
    made = {name: Counter() for name in ("性别", "民族", "年龄", "党派", "学历", "职业构成", "连任", "层级")}
    total = 0
    for gender, ethnicity, born_on, party, education, occupation, is_reelected, level in rows.iterator(
        chunk_size=CHUNK
    ):
        total += 1
        made["性别"][gender] += 1
        made["民族"][_nation(ethnicity)] += 1
        made["年龄"][age_band(born_on, scope.year)] += 1
        made["党派"][party or UNKNOWN] += 1
        made["学历"][education or UNKNOWN] += 1
        made["职业构成"][occupation or UNKNOWN] += 1
        made["连任"]["连任" if is_reelected else "新任"] += 1
        made["层级"][Level(level).label] += 1
    if not total:
        return
    fixed = {
        "性别": ["女", "男"],
        "民族": [HAN[0], "少数民族"],
        "年龄": [*(label for _, label in AGE_BANDS), OLDEST],
        "连任": ["连任", "新任"],
        "层级": [level.label for level in Level if made["层级"][level.label]],
    }
    yield "代表总数", "", total, percent(total, total)
    for name, items in made.items():
        order = fixed.get(name) or sorted(set(items) - {UNKNOWN}, key=lambda item: (-items[item], item))
        for item in [*order, *([UNKNOWN] if items[UNKNOWN] else [])]:
            yield name, item, items[item], percent(items[item], total)
        yield name, "小计", items.total(), percent(items.total(), total)


STRUCTURE = Sheet(
    name="代表结构",
    unit="名",
    columns=lambda scope: STRUCTURE_COLUMNS,
    rows=_structure_rows,
    note="12月31日在任的本级代表和编入本级代表小组的其他各级代表，年龄算到当日；每类各项之和为小计，等于代表总数",
)
