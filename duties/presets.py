"""The duty types that an office begins with, and those under which other registers write."""

from __future__ import annotations

LED = "提出议案建议"
COSIGNED = "附议议案建议"
TRAINED = "学习培训"
RECEIVED = "接待选民"
TYPES = (
    "出席人代会",
    "列席常委会",
    "其他会议",
    TRAINED,
    LED,
    COSIGNED,
    "专题调研",
    "视察调研执法检查",
    "小组活动",
    RECEIVED,
    "化解矛盾纠纷",
    "扶弱济困",
    "办好事实事",
    "公益慈善",
    "报告履职",
    "其他",
)
