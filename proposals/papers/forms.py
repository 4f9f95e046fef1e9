"""The small papers around a handling: 征询意见表, 当面答复记录, 退办申请表, 延期申请表; one page to print and sign. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from docx.oxml.xmlchemy import BaseOxmlElement

from proposals.papers.official import (
    FANGSONG,
    HEADLINE,
    HEI,
    POINTS_PER_MM,
    SIZE_2,
    SIZE_4,
    Paper,
    chinese_date,
    element,
    paragraph,
    run,
)
from proposals.papers.tables import cell, framed
from workbooks.cells import tidy

FEEDBACK_FORM = "代表建议办理情况征询意见表"
COLUMNS_MM = (30, 48, 30, 48)
LINE_MM = 9
_LINE = 20.0
GRADES = "□满意　　□基本满意　　□不满意"
WAYS = "□召开座谈会　□上门征求意见　□电话联系\n□其他　□没有联系"
SIGNED_MM = 18
SIGNATURE = "签名：＿＿＿＿＿＿　\n　　　　年　　月　　日"


@dataclass(frozen=True)
class About:
    """The proposal that a paper is about, and the unit that handles it."""

    number: str
    title: str
    lead: str
    cosigners: str
    unit: str
    kind: str = "建议"


@dataclass(frozen=True)
class Line:
    """A row: one or two labels with what stands beside them, at least ``mm`` high; ``signed`` is set at the right."""

    cells: Sequence[tuple[str, str]]
    mm: float = LINE_MM
    signed: str = ""


def _paper(title: str, about: About, lines: Sequence[Line], note: str, day: dt.date | None) -> bytes:
    created = dt.datetime.combine(day or dt.date(2000, 1, 1), dt.time())
    paper = Paper(title=title, author=about.unit, created=created)
    head = [
        Line([_said(f"{about.kind}编号", about.number), _said("领衔代表", about.lead)]),
        Line([_said("标题", about.title)]),
        Line([_said("承办单位", about.unit)]),
    ]
    paper.add(
        paragraph(run(title, font=HEADLINE, size=SIZE_2), align="center", size=SIZE_2, line=40, after=8),
        framed(_widths(), [row for line in (*head, *lines) for row in _rows(line)]),
    )
    paper.add(paragraph(run(note, size=SIZE_4), size=SIZE_4, line=22, before=6))
    return paper.to_bytes()


def _widths() -> list[int]:
    return [round(mm * POINTS_PER_MM * 20) for mm in COLUMNS_MM]


def _said(label: str, words: str) -> tuple[str, str]:
    return label, tidy(words, lines=True)


def _rows(line: Line) -> list[BaseOxmlElement]:
    """The row of a line; where it is signed, a second one without a line above it holds the signature."""
    widths = _widths()
    look = {"size": SIZE_4, "line": _LINE}
    whole = sum(widths[1:])
    if not line.signed:
        made = []
        width, span = (whole, 3) if len(line.cells) == 1 else (widths[1], 1)
        for label, words in line.cells:
            made.append(cell(label, widths[0], font=HEI, align="center", **look))
            made.append(cell(words, width, font=FANGSONG, span=span, valign=_valign(line), **look))
        return [_high(line.mm, made)]
    ((label, words),) = line.cells
    head = cell(label, widths[0], font=HEI, align="center", merge="restart", **look)
    above = cell(words, whole, font=FANGSONG, span=3, valign="top", open_at="bottom", **look)
    under = cell("", widths[0], merge="continue", **look)
    signed = cell(line.signed, whole, font=FANGSONG, span=3, align="right", open_at="top", **look)
    return [_high(line.mm - SIGNED_MM, [head, above]), _high(SIGNED_MM, [under, signed])]


def _high(mm: float, cells: Sequence[BaseOxmlElement]) -> BaseOxmlElement:
    height = element("trHeight", val=round(mm * POINTS_PER_MM * 20), hRule="atLeast")
    return element("tr", element("trPr", height), *cells)


def _valign(line: Line) -> str:
    return "top" if line.mm > 2 * LINE_MM else "center"


def feedback_form(about: About, *, document_no: str, replied_on: dt.date | None, returned_to: str) -> bytes:
    """Return the form on which the deputies judge a reply (征询意见表), to fill in by hand."""
    lines = [
        Line([_said("联名代表", about.cosigners)]),
        Line([_said("答复文号", document_no), ("答复日期", chinese_date(replied_on) if replied_on else "")]),
        Line([("联系沟通", WAYS)], mm=18),
        Line([("对办理态度", GRADES)]),
        Line([("对办理结果", GRADES)]),
        Line([("具体意见", "")], mm=62, signed=SIGNATURE),
    ]
    note = f"说明：由领衔代表汇总联名代表的意见后填写；不满意的，请写明具体意见。填好后请交{tidy(returned_to)}。"
    return _paper(FEEDBACK_FORM, about, lines, note, replied_on)


def in_person_record(
    about: About, *, held_on: dt.date, place: str, unit_people: str, deputies: str, minutes: str
) -> bytes:
    """Return the record of a reply given face to face, with room for the deputy's signature (山东 22)."""
    lines = [
        Line([("面复时间", chinese_date(held_on)), _said("面复地点", place)]),
        Line([_said("参加代表", deputies)]),
        Line([_said("承办单位\n参加人", unit_people)]),
        Line([_said("面复情况", minutes)], mm=80),
        Line([("代表意见", "")], mm=35, signed=SIGNATURE),
    ]
    return _paper("当面答复代表建议记录", about, lines, "说明：本记录由参加面复的代表签名，一式两份。", held_on)


def return_request(
    about: About, *, assigned_on: dt.date | None, reason: str, suggested_unit: str, signed_by: str,
    asked_on: dt.date, decision: str = "",
) -> bytes:  # fmt: skip
    """Return a unit's request to be relieved of an item (退办申请表), with room for seal and decision."""
    lines = [
        Line([("交办日期", chinese_date(assigned_on) if assigned_on else ""), _said("建议改办\n单位", suggested_unit)]),
        Line([_said("退办理由", reason)], mm=70, signed=_by_head(signed_by, asked_on)),
        Line([_said("审批意见", decision)], mm=40, signed=SIGNATURE if not decision else ""),
    ]
    return _paper("代表建议退办申请表", about, lines, "说明：由承办单位主要负责人签字并加盖公章。", asked_on)


def extension_request(
    about: About, *, due_before: dt.date, wanted_until: dt.date, reason: str, signed_by: str, asked_on: dt.date,
    decision: str = "", granted_until: dt.date | None = None,
) -> bytes:  # fmt: skip
    """Return a unit's request for a later date of its reply (延期申请表), with room for seal and decision."""
    granted = f"批准延至{chinese_date(granted_until)}。\n" if granted_until else ""
    lines = [
        Line([("答复期限", chinese_date(due_before)), ("申请延至", chinese_date(wanted_until))]),
        Line([_said("延期理由", reason)], mm=70, signed=_by_head(signed_by, asked_on)),
        Line([_said("审批意见", f"{granted}{decision}")], mm=40, signed="" if granted or decision else SIGNATURE),
    ]
    return _paper("代表建议延期答复申请表", about, lines, "说明：由承办单位主要负责人签字并加盖公章。", asked_on)


def _by_head(signed_by: str, day: dt.date) -> str:
    name = tidy(signed_by) or "　　　　　　"
    return f"主要负责人：{name}（公章）\n{chinese_date(day)}"
