"""承诺台账 and 述职评议: their registers are not kept here yet, so the sheets say that there is nothing on record."""

from __future__ import annotations

from reports.sheets.base import Sheet
from workbooks.printing import ReportColumn

_COMMITMENTS = (
    ReportColumn("序号", kind="number", width=6),
    ReportColumn("建议编号", kind="number", width=9),
    ReportColumn("建议标题", width=36),
    ReportColumn("承办单位", width=20),
    ReportColumn("承诺事项", width=36),
    ReportColumn("责任人", width=12),
    ReportColumn("承诺时限", kind="date", width=12),
    ReportColumn("进度", width=12),
    ReportColumn("落实情况", width=30),
)
_APPRAISALS = (
    ReportColumn("序号", kind="number", width=6),
    ReportColumn("姓名", width=13),
    ReportColumn("代表团", width=16),
    ReportColumn("述职日期", kind="date", width=12),
    ReportColumn("述职方式", width=12),
    ReportColumn("参评人数", kind="number", width=10),
    ReportColumn("称职", kind="number", width=10),
    ReportColumn("基本称职", kind="number", width=10),
    ReportColumn("不称职", kind="number", width=10),
    ReportColumn("评议结果", width=14),
)

COMMITMENTS = Sheet(name="承诺台账", unit="件", columns=lambda scope: _COMMITMENTS, rows=lambda scope: ())
APPRAISALS = Sheet(name="述职评议", unit="名", columns=lambda scope: _APPRAISALS, rows=lambda scope: ())
