"""A small form for the tests of the engine. Its records live in a list, so that no app is needed."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from workbooks.cleaners import (
    Boolean,
    Choice,
    Code,
    Date,
    Decimal,
    DocumentNumber,
    Integer,
    Name,
    Names,
    PartialDateCleaner,
    Phone,
    Text,
)
from workbooks.columns import Column, Counts, Form

CLEANERS = [
    Boolean(),
    Choice("立案", "并案", "不予立案", aliases={"不立案": "不予立案"}),
    Code(),
    Date(),
    Decimal(),
    DocumentNumber(),
    Integer(),
    Name(),
    Names(),
    PartialDateCleaner(),
    Phone(),
    Text(),
    Text(2000, lines=True),
]


class People(Form):
    """Deputies as the tests need them; `store` maps the natural key to the values of a record."""

    kind = "people"
    title = "代表名册"
    key = ("group", "name")
    repeats = ("post",)
    columns = (
        Column("姓名", "name", Name(), required=True, sample="示例姓名"),
        Column("性别", "sex", Choice("男", "女"), required=True, sample="男"),
        Column("出生年月", "born", PartialDateCleaner(), sample="1967.03"),
        Column("党派", "party", Name(), alternatives=("政党",)),
        Column("工作单位及职务", "post", Text(), alternatives=("职务",)),
        Column("代表团", "group", Name(), required=True, sample="第一代表团", suggest=lambda context: context or ()),
        Column("代表证号", "card", Code()),
        Column("手机", "phone", Phone()),
        Column("是否连任", "again", Boolean(), default=False),
        Column("当选日期", "elected", Date()),
        Column("附议人数", "seconds", Integer(), note="没有就空着"),
        Column("学时", "hours", Decimal()),
        Column("协办单位", "units", Names()),
        Column("备注", "remark", Text(2000, lines=True)),
    )

    def __init__(self) -> None:
        self.store: dict[Any, dict] = {}
        self.known_units: set[str] | None = None

    def resolve(self, rows: Sequence, context: Any) -> None:
        if self.known_units is None:
            return
        for row in rows:
            row["units"] = row["units"].within(self.known_units)
            for unit in row["units"]:
                if unit not in self.known_units:
                    row.error("units", "没有这个单位", value=unit)

    def apply(self, rows: Sequence, context: Any) -> Counts:
        added = updated = unchanged = 0
        for row in rows:
            key = self.natural_key(row, context)
            values = {column.attr: row[column.attr] for column in self.columns}
            if key not in self.store:
                added += 1
            elif self.store[key] != values:
                updated += 1
            else:
                unchanged += 1
            self.store[key] = values
        return Counts(added, updated, unchanged)


HEADER = [column.header for column in People.columns]


def person(**changed: Any) -> list:
    """One row of cells for `HEADER`, a sound one but for what is `changed`."""
    values = {"name": "张三", "sex": "男", "group": "第一代表团", **changed}
    return [values.get(column.attr, "") for column in People.columns]


def book(*sheets: Sequence[Sequence[Any]], names: Sequence[str] = (), formats: dict | None = None) -> io.BytesIO:
    """A workbook with these sheets of rows; dates become date cells."""
    out = io.BytesIO()
    written = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    day = written.add_format({"num_format": "yyyy-mm-dd"})
    for number, rows in enumerate(sheets):
        sheet = written.add_worksheet(names[number] if names else f"Sheet{number + 1}")
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(at, place, cell)
                elif hasattr(cell, "year"):
                    sheet.write_datetime(at, place, cell, day)
                elif cell is not None:
                    sheet.write(at, place, cell)
    written.close()
    out.seek(0)
    return out
