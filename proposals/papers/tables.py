"""Registers in Word: A4 on its side, title, conditions, a table with its head on every page, page x of y."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from proposals.papers.official import HEADLINE, HEI, POINTS_PER_MM, SONG, Paper, element, field, paragraph, run
from workbooks.cells import tidy

TABLE_WIDTH_MM = 257
TEXT, TITLE, NOTE = 9.0, 18.0, 10.5
_LINE = 12.0
_CENTRED = {"number", "date"}
_WORDS = qn("w:t")


@dataclass(frozen=True)
class RegisterColumn:
    """A column of a register; ``mm`` is its width on paper, ``width`` in characters in a workbook."""

    header: str
    mm: float
    width: float
    kind: str = "text"

    @property
    def share(self) -> str:
        """Its share of the width of the table."""
        return f"{100 * self.mm / TABLE_WIDTH_MM:.2f}%"


@dataclass(frozen=True)
class Span:
    """A row with one text across the whole table."""

    text: str


def register_paper(
    *,
    title: str,
    about: str,
    columns: Sequence[RegisterColumn],
    rows: Iterable[Sequence[Any] | Span],
    foot: str,
    author: str,
    created: dt.datetime,
) -> bytes:
    """Return a register as a Word file."""
    paper = Paper(title=title, author=author, created=created, wide=True)
    small = {"font": SONG, "size": TEXT}
    numbers = [run("第 ", **small), field("PAGE", **small), run(" 页　共 ", **small), field("NUMPAGES", **small)]
    paper.foot([paragraph(*numbers, run(" 页", **small), align="center", line=_LINE)])
    paper.add(
        paragraph(run(tidy(title), font=HEADLINE, size=TITLE), align="center", line=30, keep=True),
        paragraph(run(about, size=NOTE), align="left", line=18, keep=True),
        table(columns, rows),
        paragraph(run(foot, font=HEI, size=NOTE), align="left", line=22),
    )
    return paper.to_bytes()


def table(columns: Sequence[RegisterColumn], rows: Iterable[Sequence[Any] | Span]) -> BaseOxmlElement:
    """Return a table whose head is repeated on every page and whose rows are never torn apart."""
    widths = [round(column.mm * POINTS_PER_MM * 20) for column in columns]
    head = [cell(column.header, width, font=HEI, align="center") for column, width in zip(columns, widths, strict=True)]
    repeated = element("tr", element("trPr", element("cantSplit"), element("tblHeader")), *head)
    # Copies of one cell per column are made five times as fast as new cells.
    patterns = [
        cell("", width, align="center" if column.kind in _CENTRED else "left")
        for column, width in zip(columns, widths, strict=True)
    ]
    return framed(widths, [repeated, *(_row(row, patterns, sum(widths)) for row in rows)])


def framed(widths: Sequence[int], rows: Iterable[BaseOxmlElement]) -> BaseOxmlElement:
    """Return a table of finished rows with lines around every cell; widths are in twips."""
    border = {"val": "single", "sz": 4, "space": 0, "color": "444444"}
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    form = element(
        "tblPr",
        element("tblW", w=sum(widths), type="dxa"),
        element("jc", val="center"),
        element("tblBorders", *(element(side, **border) for side in sides)),
        element("tblLayout", type="fixed"),
        element("tblCellMar", *(element(side, w=57, type="dxa") for side in ("left", "right"))),
    )
    return element("tbl", form, element("tblGrid", *(element("gridCol", w=width) for width in widths)), *rows)


def _row(row: Sequence[Any] | Span, patterns: Sequence[BaseOxmlElement], width: int) -> BaseOxmlElement:
    whole = element("trPr", element("cantSplit"))
    if isinstance(row, Span):
        return element("tr", whole, cell(row.text, width, font=HEI, span=len(patterns), keep=True))
    made = element("tr", whole)
    for value, pattern in zip(row, patterns, strict=True):
        filled = deepcopy(pattern)
        next(filled.iter(_WORDS)).text = tidy(shown(value))
        made.append(filled)
    return made


def shown(value: Any) -> str:
    """Return a value as it stands in a cell: dates as 2026-03-05, nothing as nothing."""
    return "" if value is None else str(value)


def cell(
    words: str,
    width: int,
    *,
    font: str = SONG,
    size: float = TEXT,
    line: float = _LINE,
    align: str = "left",
    valign: str = "center",
    span: int = 1,
    keep: bool = False,
    merge: str = "",
    open_at: str = "",
) -> BaseOxmlElement:
    """Return a cell; every line of its words is a paragraph of its own.

    ``merge`` is restart or continue for a cell over several rows, ``open_at`` the side without a line, top or bottom.
    """
    form = element("tcPr", element("tcW", w=width, type="dxa"))
    if span > 1:
        form.append(element("gridSpan", val=span))
    if merge:
        form.append(element("vMerge", val=merge))
    if open_at:
        form.append(element("tcBorders", element(open_at, val="nil")))
    form.append(element("vAlign", val=valign))
    content = [
        paragraph(run(part, font=font, size=size), align=align, size=size, line=line, before=1, after=1, keep=keep)
        for part in words.split("\n")
    ]
    return element("tc", form, *content)
