"""Examples of scoring schemes, after what offices have published. Staff copy one and change it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from proposals.models import Measure


class ItemPreset(NamedTuple):
    """One item; without a measure it is scored by hand."""

    name: str
    max_points: Decimal
    measure: str = ""
    per_case: Decimal | None = None


def _item(name: str, points: int, measure: str = "", per_case: int | None = None) -> ItemPreset:
    return ItemPreset(name, Decimal(points), measure, None if per_case is None else Decimal(per_case))


# By code: the name of the scheme, and its items.
PRESETS: dict[str, tuple[str, tuple[ItemPreset, ...]]] = {
    "procedure30": (
        "办理30分、测评70分（参照汝州）",
        (
            _item("领导重视", 5),
            _item("制度建设", 5),
            _item("按时答复", 10, Measure.ON_TIME),
            _item("联系代表", 5, Measure.CONTACTED),
            _item("签收及时", 5, Measure.ACKNOWLEDGED),
            _item("常委会组成人员测评", 30),
            _item("全体代表测评", 20),
            _item("提建议代表评价", 20, Measure.SATISFIED),
        ),
    ),
    "quality50": (
        "办理速度和答复质量（参照海南）",
        (
            _item("办理速度", 20, Measure.ON_TIME),
            _item("答复质量", 50),
            _item("联系代表", 10, Measure.CONTACTED),
            _item("代表评价", 20, Measure.SATISFIED),
        ),
    ),
    "records": (
        "全部按记录计算",
        (
            _item("按时答复", 20, Measure.ON_TIME),
            _item("联系代表", 15, Measure.CONTACTED),
            _item("签收及时", 5, Measure.ACKNOWLEDGED),
            _item("代表评价", 30, Measure.SATISFIED),
            _item("承诺落实", 15, Measure.COMMITMENTS),
            _item("协办意见", 5, Measure.OPINIONS),
            _item("没有逾期", 10, Measure.OVERDUE, 2),
        ),
    ),
}
