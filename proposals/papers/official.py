"""An official paper in Word as GB/T 9704-2012 lays it out: page, type area, grid of 22 lines by 28 characters, fonts.

Fonts are named, never shipped; the font table tells Word by what to replace those that a computer does not have.
Lengths are in points unless a name says otherwise, indents in characters of the paragraph's size.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section
from docx.shared import Mm

from workbooks.cells import tidy

FANGSONG, HEI, KAI, SONG, HEADLINE = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "方正小标宋简体"
# By what Word replaces a font that is not there, the nearest first.
REPLACEMENTS = {
    FANGSONG: "仿宋,FangSong,STFangsong",
    HEI: "SimHei,STHeiti",
    KAI: "楷体,KaiTi,STKaiti",
    SONG: "SimSun,STSong",
    HEADLINE: "方正小标宋_GBK,小标宋,宋体,SimSun",
}
SIZE_2, SIZE_3, SIZE_4 = 22.0, 16.0, 14.0  # 2号, 3号, 4号
RED = "FF0000"
LINES, CHARACTERS = 22, 28
TYPE_WIDTH_MM, TYPE_HEIGHT_MM = 156, 225
LINE = 28.95  # 225 mm divided by 22, rounded down to a twip
TIGHTER = 0.25  # 28 characters of 16 points and this much less between them are 441 points: 156 mm hold 442
POINTS_PER_MM = 72 / 25.4
A4_MM = (210, 297)
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 37, 35, 28, 26
HEAD_MM, FOOTER_MM = 14, 20
PAGE_NUMBER_LINE = 18.0
_UNFIT = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def element(tag: str, *children: BaseOxmlElement, text: str | None = None, **attributes: object) -> BaseOxmlElement:
    """Return one element of the word-processing namespace."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    made.extend(children)
    if text is not None:
        made.text = text
    return made


def width_of(text: str) -> float:
    """Return how many Chinese characters wide a text is; signs of half width count half."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.5 for sign in text)


def chinese_date(day: dt.date | None) -> str:
    """Return 2026年3月5日, without leading zeros; blanks to fill in where there is no date yet."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "　　　年　月　日"


def _twips(points: float) -> int:
    return round(points * 20)


def run(
    text: str, *, font: str = FANGSONG, size: float = SIZE_3, colour: str = "", bold: bool = False
) -> BaseOxmlElement:
    """Return a run; line breaks of the text stay breaks. What no document can hold is left out."""
    made = element("r", _looks(font, size, colour, bold=bold))
    for place, line in enumerate(_UNFIT.sub("", text).split("\n")):
        if place:
            made.append(element("br"))
        words = element("t", text=line)
        words.set(qn("xml:space"), "preserve")
        made.append(words)
    return made


def field(code: str, **looks: object) -> BaseOxmlElement:
    """Return a field that the word processor fills in: PAGE or NUMPAGES."""
    return element("fldSimple", run("1", **looks), instr=code)


def _looks(font: str, size: float, colour: str, *, bold: bool) -> BaseOxmlElement:
    looks = element("rPr", element("rFonts", ascii=font, hAnsi=font, eastAsia=font, cs=font, hint="eastAsia"))
    if bold:
        looks.append(element("b"))
    if colour:
        looks.append(element("color", val=colour))
    looks.extend([element("sz", val=round(size * 2)), element("szCs", val=round(size * 2))])
    return looks


@dataclass(frozen=True)
class Rule:
    """A line under a paragraph; ``style`` as Word calls it, ``space`` its distance from the text."""

    style: str
    width: float
    space: float = 0
    colour: str = RED


def paragraph(
    *content: BaseOxmlElement,
    align: str = "both",
    size: float = SIZE_3,
    line: float = LINE,
    first: float = 0,
    left: float = 0,
    right: float = 0,
    hanging: float = 0,
    outdent_mm: tuple[float, float] | None = None,
    before: float = 0,
    after: float = 0,
    keep: bool = False,
    new_page: bool = False,
    frame: BaseOxmlElement | None = None,
    rule: Rule | None = None,
) -> BaseOxmlElement:
    """Return a paragraph whose lines are exactly ``line`` high.

    ``first``, ``left``, ``right`` and ``hanging`` are indents in characters of ``size``; ``outdent_mm`` says how far
    the paragraph reaches beyond the type area at the left and the right; ``keep`` holds it on the page of the next.
    """
    form = element("pPr")
    if keep:
        form.append(element("keepNext"))
    if new_page:
        form.append(element("pageBreakBefore"))
    if frame is not None:
        form.append(frame)
    if rule:
        shape = {"val": rule.style, "sz": round(rule.width * 8), "space": round(rule.space), "color": rule.colour}
        form.append(element("pBdr", element("bottom", **shape)))
    if line != LINE:
        form.append(element("snapToGrid", val=0))
    form.append(element("spacing", before=_twips(before), after=_twips(after), line=_twips(line), lineRule="exact"))
    indents: dict[str, int] = {}
    if outdent_mm:
        indents = {
            side: -_twips(length * POINTS_PER_MM) for side, length in zip(("left", "right"), outdent_mm, strict=True)
        }
    for side, characters in (("left", left + hanging), ("right", right), ("firstLine", first), ("hanging", hanging)):
        if characters:
            indents |= {f"{side}Chars": round(characters * 100), side: _twips(characters * size)}
    if indents:
        form.append(element("ind", **indents))
    form.append(element("jc", val=align))
    return element("p", form, *content)


def empty_line(number: int = 1, *, keep: bool = False) -> list[BaseOxmlElement]:
    """Return empty lines of the grid."""
    return [paragraph(keep=keep) for _ in range(number)]


def text(words: str, **how: object) -> BaseOxmlElement:
    """Return a paragraph of plain 3号 FangSong."""
    return paragraph(run(words), **how)


class Paper:
    """A Word file under construction, A4 with the margins of GB/T 9704; ``wide`` turns the page for tables."""

    def __init__(self, *, title: str, author: str, created: dt.datetime, wide: bool = False) -> None:
        self._document = Document()
        self.section: Section = self._document.sections[0]
        self._body: BaseOxmlElement = self._document.element.body
        self._set_properties(title, author, created)
        self._set_styles()
        self._set_fonts()
        self._set_page(wide=wide)

    def add(self, *content: BaseOxmlElement) -> None:
        """Append paragraphs and tables."""
        for part in content:
            self._body.sectPr.addprevious(part)

    def head(self, *content: BaseOxmlElement, first_page: bool = False) -> None:
        """Set what stands above the type area."""
        _fill(self.section.first_page_header if first_page else self.section.header, content)

    def foot(self, content: Sequence[BaseOxmlElement], *, pages: str = "odd") -> None:
        """Set what stands below the type area of the odd, even or first pages."""
        parts = {
            "odd": self.section.footer,
            "even": self.section.even_page_footer,
            "first": self.section.first_page_footer,
        }
        _fill(parts[pages], content)

    def number_pages(self) -> None:
        """Number the pages — 1 —: 4号 half-width Song, odd ones one character from the right, even ones from the left."""
        self._document.settings.odd_and_even_pages_header_footer = True
        self.foot(_page_number("right"), pages="odd")
        self.foot(_page_number("left"), pages="even")

    def to_bytes(self) -> bytes:
        """Return the finished file."""
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()

    def _set_properties(self, title: str, author: str, created: dt.datetime) -> None:
        core = self._document.core_properties
        core.title, core.author, core.last_modified_by = tidy(title)[:255], tidy(author)[:255], tidy(author)[:255]
        core.created = core.modified = created
        core.comments = core.keywords = core.subject = ""
        core.language = "zh-CN"

    def _set_styles(self) -> None:
        defaults = self._document.styles.element.find(qn("w:docDefaults"))
        looks = _looks(FANGSONG, SIZE_3, "", bold=False)
        looks.append(element("lang", val="en-US", eastAsia="zh-CN"))
        looks.find(qn("w:sz")).addprevious(element("spacing", val=-_twips(TIGHTER)))
        for child in list(defaults):
            defaults.remove(child)
        defaults.append(element("rPrDefault", looks))
        defaults.append(element("pPrDefault", element("pPr")))
        # A line begins and ends where the grid says: no widow moves a line, no room between digits and characters.
        plain = [element(name, val=0) for name in ("widowControl", "autoSpaceDE", "autoSpaceDN")]
        self._document.styles["Normal"].element.append(element("pPr", *plain))
        settings = self._document.settings.element
        settings.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")

    def _set_fonts(self) -> None:
        main = self._document.part
        old = next(key for key, relation in main.rels.items() if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE)
        main.drop_rel(old)
        fonts = "".join(
            f'<w:font w:name={quoteattr(name)}><w:altName w:val={quoteattr(others)}/><w:charset w:val="86"/>'
            '<w:family w:val="auto"/></w:font>'
            for name, others in REPLACEMENTS.items()
        )
        table = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'
        part = Part(PackURI("/word/fontTable.xml"), CONTENT_TYPE.WML_FONT_TABLE, table.encode(), main.package)
        main.relate_to(part, RELATIONSHIP_TYPE.FONT_TABLE)

    def _set_page(self, *, wide: bool) -> None:
        section = self.section
        width, height = A4_MM
        margins = (TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM)
        if wide:
            width, height, margins = height, width, (20, 20, 20, 20)
            section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(width), Mm(height)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = map(Mm, margins)
        section.header_distance, section.footer_distance = Mm(HEAD_MM), Mm(12 if wide else FOOTER_MM)
        grid = self._body.sectPr.find(qn("w:docGrid"))
        self._body.sectPr.remove(grid)
        if not wide:
            # The characters are set closer one by one: word processors differ in how they read a negative charSpace.
            self._body.sectPr.append(element("docGrid", type="linesAndChars", linePitch=_twips(LINE), charSpace=0))


def _fill(story: object, content: Iterable[BaseOxmlElement]) -> None:
    story.is_linked_to_previous = False
    root = story.part.element
    for child in list(root):
        root.remove(child)
    root.extend(content)


def _page_number(side: str) -> list[BaseOxmlElement]:
    """The number's dashes lie 7 mm below the type area, whatever stands below them on the first page."""
    looks = {"font": SONG, "size": SIZE_4}
    number = paragraph(
        run("— ", **looks), field("PAGE", **looks), run(" —", **looks),
        align=side, size=SIZE_4, line=PAGE_NUMBER_LINE, **{side: 1},
    )  # fmt: skip
    return [number, paragraph(line=(BOTTOM_MM - FOOTER_MM - 7) * POINTS_PER_MM - PAGE_NUMBER_LINE / 2)]
