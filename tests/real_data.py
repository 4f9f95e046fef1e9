"""Turns the real csv files beside the repository into the portal's forms: python -m tests.real_data FOLDER."""

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
import xlsxwriter

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
Table = list[dict[str, str]]

# Names that the suggestions use for units which the list of units calls otherwise: none in this file. Units with a
# second name in brackets are also called by it in the city's other papers.
ALIASES = {
    "市综合行政执法局（市城管局）": "市城管局",
    "市委统战部（侨办、台办）": "市委统战部",
    "市农合联执委会（市供销社)": "市供销社",
    "市纪委（监察局）": "市纪委",
}

# What an office would correct: the date that is missing, and the number that was given twice.
CORRECTED_DATE = "2017-04-17"
CORRECTED_NUMBER = "334"


def need_data() -> None:
    """Skip the test where the data folder is missing."""
    if not DATA.is_dir():
        pytest.skip("没有 ../shared/data：真实数据不随仓库分发")


def source(name: str) -> Table:
    """The rows of one csv file."""
    with (DATA / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def units() -> Table:
    """The units of the city as the form 承办单位; the headings between them become their 系统."""
    rows, system = [], ""
    for row in source("cixi_units.csv"):
        if row["is_group_header"]:
            system = row["unit_name"]
        else:
            name = row["unit_name"]
            rows.append({"单位名称": name, "简称": ALIASES.get(name, ""), "系统": system, "排序": row["sort"]})
    return rows


def city_deputies() -> Table:
    """A roster of the codes that stand for names in the suggestions. The sex is made up: the file does not tell it."""
    codes = {row["lead_pseudonym"]: row["delegation_or_sector"] for row in source("cixi_2017_npc_suggestions.csv")}
    return [
        {"姓名": code, "性别": "男", "代表团": delegation, "代表证号": code}
        for code, delegation in sorted(codes.items())
    ]


def suggestions(*, corrected: bool = False) -> Table:
    """The suggestions of 2017 as the form 建议议案, with the errors that the file has, or without them."""
    rows = [
        {
            "编号": row["number"],
            "标题": row["title"],
            "类型": row["case_type"],
            "类别": row["subject"],
            "性质": row["nature"],
            "提出时期": row["period"],
            "公开属性": row["public"],
            "提出日期": row["registered"],
            "审查结论": row["review"],
            "领衔代表": row["lead_pseudonym"],
            "代表团": row["delegation_or_sector"],
            "附议人数": row["cosigners"],
            "主办单位": row["lead_units"],
            "协办单位": row["assist_units"],
            "答复日期": row["reply_date"],
            "答复文号": row["reply_no"],
            "办理结果": row["result_class"],
            "办理态度评价": row["rate_work"],
            "办理结果评价": row["rate_result"],
        }
        for row in source("cixi_2017_npc_suggestions.csv")
    ]
    if corrected:
        seen = set()
        for row in rows:
            row["提出日期"] = row["提出日期"] or CORRECTED_DATE
            if row["编号"] and row["编号"] in seen:
                row["编号"] = CORRECTED_NUMBER
            seen.add(row["编号"])
    return rows


def national_deputies(*, corrected: bool = False) -> Table:
    """The national roster as the form 代表名册. Footnote marks go, and a post that slipped into the births goes back."""
    rows = []
    for row in source("npc14_deputies.csv"):
        born, post = row["出生日期"], row["职务"]
        if born and not re.fullmatch(r"\d{4}年(\d{1,2}月)?", born):
            born, post = "", post or born
        rows.append(
            {
                "代表团": row["代表团"],
                "姓名": re.sub(r"\d*(\[.*\])?$", "", row["姓名"]),
                "政党": re.sub(r"\[.*\]", "", row["政党"]),
                "性别": row["性别"],
                "民族": row["民族"],
                "出生年月": born,
                "职务": post,
                "是否连任": "是" if re.search("[连連]任", row["备注"]) else "",
                "备注": row["备注"],
            }
        )
    if corrected:
        twice = [row for row in rows if (row["代表团"], row["姓名"]) == ("河南省", "王永红")]
        rows.remove(twice[1])
    return rows


def write_xlsx(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Write a form as a workbook of text cells."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, cells in enumerate(_with_header(rows)):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, cell)
    return path


def write_csv(path: Path, rows: Sequence[dict[str, str]], *, encoding: str = "utf-8-sig") -> Path:
    """Write a form as csv."""
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(_with_header(rows))
    return path


def _with_header(rows: Sequence[dict[str, str]]) -> Iterator[Iterable[str]]:
    yield rows[0].keys()
    yield from (row.values() for row in rows)


def write_all(folder: Path) -> None:
    """Write every form, those with errors also as corrected."""
    folder.mkdir(parents=True, exist_ok=True)
    write_xlsx(folder / "units.xlsx", units())
    write_xlsx(folder / "city_deputies.xlsx", city_deputies())
    for corrected, suffix in ((False, ""), (True, "_corrected")):
        write_xlsx(folder / f"suggestions{suffix}.xlsx", suggestions(corrected=corrected))
        write_csv(folder / f"national_deputies{suffix}.csv", national_deputies(corrected=corrected))


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
