"""述职评议: its register is not kept here yet, so the sheet says that there is nothing on record."""

from __future__ import annotations

from reports.sheets.base import Sheet
from workbooks.printing import ReportColumn

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

APPRAISALS = Sheet(name="述职评议", unit="名", columns=lambda scope: _APPRAISALS, rows=lambda scope: ())
