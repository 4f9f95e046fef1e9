"""The reply to a deputy (答复函): a letter as GB/T 9704-2012, part 10.1, lays it out. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from docx.oxml.xmlchemy import BaseOxmlElement

from proposals.papers.official import (
    HEAD_MM,
    HEADLINE,
    HEI,
    KAI,
    LEFT_MM,
    LINE,
    POINTS_PER_MM,
    RED,
    RIGHT_MM,
    SIZE_2,
    SIZE_3,
    SIZE_4,
    TYPE_WIDTH_MM,
    Paper,
    Rule,
    chinese_date,
    element,
    empty_line,
    paragraph,
    run,
    text,
    width_of,
)
from proposals.papers.wording import broken, session_pieces
from workbooks.cells import tidy

RULE_MM = 170
NAME_TOP_MM = 30
# The two red lines reach beyond the type area, so that they lie in the middle of the page.
OUTDENT_MM = (LEFT_MM - (210 - RULE_MM) / 2, RIGHT_MM - (210 - RULE_MM) / 2)
UPPER = Rule("thickThinSmallGap", 3, space=6)
LOWER = Rule("thinThickSmallGap", 3)
ROOM_UNDER_RULE = SIZE_3 * 7 / 8
TITLE_LINE = 33.0
CORNER_LINE = 20.0
DATE_FROM_RIGHT = 4
NAMED = 12
_ITEM = "一二三四五六七八九十百"
# 一、 in HEI, （一） in KAI; 1. and （1） are set like the text.
HEADINGS = ((re.compile(f"[{_ITEM}]{{1,4}}、"), HEI), (re.compile(f"[（(][{_ITEM}]{{1,4}}[）)]"), KAI))
_HEADING_END = re.compile("[。！？；：]")
_SALUTATION = re.compile("[^，。；：:]{1,200}代表[：:]")


@dataclass(frozen=True)
class LetterFacts:
    """What a reply letter says. Empty texts leave out what they would say, or leave room to fill it in by hand.

    ``addressees`` are the deputies that it is written to; ``signers`` counts all who signed, also those not named.
    ``kind`` is 建议 or 议案, ``disclosure`` and ``outcome`` are in words.
    """

    unit: str
    congress: str
    term: str
    session: str
    title: str
    addressees: Sequence[str]
    body: str
    signers: int = 1
    kind: str = "建议"
    number: int | None = None
    is_recess: bool = False
    document_no: str = ""
    replied_on: dt.date | None = None
    outcome: str = ""
    disclosure: str = ""
    signed_by: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    attachments: Sequence[str] = ()
    copies_to: Sequence[str] = ()


def title_of(facts: LetterFacts) -> list[str]:
    """Return the lines of the title: 关于对……第7号建议的答复; by its own title where there is no number."""
    if facts.number is None:
        return broken(["关于", f"《{tidy(facts.title)}》", "的答复"])
    pieces = session_pieces(
        congress=tidy(facts.congress), term=tidy(facts.term), session=tidy(facts.session), is_recess=facts.is_recess
    )
    return broken([f"关于对{pieces[0]}", *pieces[1:], f"第{facts.number}号", f"{facts.kind}的答复"])


def letter(facts: LetterFacts) -> bytes:
    """Return the reply as a Word file, whatever was typed; without a number there is room for it."""
    lines = title_of(facts)
    written = dt.datetime.combine(facts.replied_on or dt.date(2000, 1, 1), dt.time())
    paper = Paper(title="".join(lines), author=facts.unit, created=written)
    paper.section.different_first_page_header_footer = True
    paper.head(*_head(facts), first_page=True)
    paper.number_pages()
    paper.foot([paragraph(line=1, outdent_mm=OUTDENT_MM, rule=LOWER)], pages="first")
    paper.add(text(tidy(facts.document_no) or _blank_number(facts.replied_on), align="right"), *empty_line(2))
    title = run("\n".join(lines), font=HEADLINE, size=SIZE_2)
    paper.add(paragraph(title, align="center", size=SIZE_2, line=TITLE_LINE, keep=True), *empty_line())
    paper.add(text(f"{salutation(facts)}：", align="left"), *_body(facts), *_end(facts))
    return paper.to_bytes()


def _head(facts: LetterFacts) -> list[BaseOxmlElement]:
    """The name of the issuing body with the red double line under it, in the corner above what the office must see."""
    marks = [("公开属性", facts.disclosure), ("办理结果", facts.outcome), ("签发人", facts.signed_by)]
    shown = "　".join(f"{label}：{tidy(value)}" for label, value in marks if tidy(value))
    name = tidy(facts.unit)
    size = max(SIZE_3, min(38.0, TYPE_WIDTH_MM * POINTS_PER_MM // max(width_of(name), 1)))
    # A tenth of the line lies above the characters.
    room = (NAME_TOP_MM - HEAD_MM) * POINTS_PER_MM - CORNER_LINE - size / 10
    corner = paragraph(run(shown, size=SIZE_4), align="right", line=CORNER_LINE, after=room)
    banner = run(name, font=HEADLINE, size=size, colour=RED)
    return [
        corner,
        paragraph(banner, align="center", size=size, line=size * 1.2, outdent_mm=OUTDENT_MM, rule=UPPER),
        paragraph(line=ROOM_UNDER_RULE),
    ]


def _blank_number(day: dt.date | None) -> str:
    return f"〔{day.year}〕　　号" if day else "〔　　　〕　　号"


def salutation(facts: LetterFacts) -> str:
    """Return whom the letter addresses; of many the first with their number."""
    names = [tidy(name) for name in facts.addressees if tidy(name)] or ["　　　"]
    if len(names) > NAMED:
        names = names[:1]
    more = f"等{facts.signers}名" if facts.signers > len(names) else ""
    return f"{'、'.join(names)}{more}代表"


def opening(facts: LetterFacts) -> str:
    """Return the sentence that the letter begins with."""
    you = "你们" if facts.signers > 1 else "您"
    return f"{you}提出的《{tidy(facts.title)}》收悉，现答复如下："


def _body(facts: LetterFacts) -> list[BaseOxmlElement]:
    """The reply with its opening and its thanks, unless the unit has written them itself."""
    lines = [line for line in tidy(facts.body, lines=True).split("\n") if line]
    if lines and _SALUTATION.fullmatch(lines[0]):
        del lines[0]
    if not any("收悉" in line for line in lines[:2]):
        lines.insert(0, opening(facts))
    if not any("感谢" in line for line in lines[-3:]):
        you = "你们" if facts.signers > 1 else "您"
        lines.append(f"感谢{you}对我们工作的关心和支持。")
    # No page bears the signature alone.
    last = len(lines) - 1
    return [paragraph(*_runs(line), first=2, keep=place == last) for place, line in enumerate(lines)]


def _runs(line: str) -> list[BaseOxmlElement]:
    """A heading ends with its line, or with its first sentence where the text goes on behind it."""
    for begins, font in HEADINGS:
        if begins.match(line):
            end = _HEADING_END.search(line)
            cut = end.end() if end else len(line)
            return [run(line[:cut], font=font), *([run(line[cut:])] if line[cut:] else [])]
    return [run(line)]


def _end(facts: LetterFacts) -> list[BaseOxmlElement]:
    return [*_attachments(facts), *_signature(facts), *_copies(facts), *_contact(facts)]


def _attachments(facts: LetterFacts) -> list[BaseOxmlElement]:
    names = [tidy(name) for name in facts.attachments if tidy(name)]
    if not names:
        return []
    if len(names) > 1:
        names = [f"{number}. {name}" for number, name in enumerate(names, start=1)]
    first = text(f"附件：{names[0]}", left=2, hanging=3, align="left", keep=len(names) == 1)
    more = [text(name, left=5, align="left", keep=name is names[-1]) for name in names[1:]]
    return [*empty_line(keep=True), first, *more]


def _signature(facts: LetterFacts) -> list[BaseOxmlElement]:
    """The unit above the date and centred on it, the date four characters from the right, room for the seal above."""
    date, unit = chinese_date(facts.replied_on), tidy(facts.unit)
    overhang = (width_of(unit) - width_of(date)) / 2
    unit_right = max(0.0, DATE_FROM_RIGHT - overhang)
    date_right = unit_right + overhang if overhang < DATE_FROM_RIGHT * 3 else DATE_FROM_RIGHT
    return [
        *empty_line(2, keep=True),
        text(unit, align="right", right=unit_right, keep=True),
        text(date, align="right", right=date_right, keep=True),
    ]


def _copies(facts: LetterFacts) -> list[BaseOxmlElement]:
    """At the foot of the last page; a letter has neither dividing lines nor a printing line there (10.1)."""
    names = [tidy(name) for name in facts.copies_to if tidy(name)]
    if not names:
        return []
    place = element(
        "framePr",
        w=round(TYPE_WIDTH_MM * POINTS_PER_MM * 20), hSpace=0, wrap="around", vAnchor="margin", hAnchor="margin",
        xAlign="left", yAlign="bottom",
    )  # fmt: skip
    words = run(f"抄送：{'，'.join(names)}。", size=SIZE_4)
    return [paragraph(words, size=SIZE_4, line=LINE, left=1, right=1, hanging=3, align="left", frame=place)]


def _contact(facts: LetterFacts) -> list[BaseOxmlElement]:
    """Who knows more, in brackets under the date; the last line of the letter, empty where nobody is named."""
    known = [("联系人", facts.contact_name), ("电话", facts.contact_phone)]
    shown = "，".join(f"{label}：{tidy(value)}" for label, value in known if tidy(value))
    return [text(f"（{shown}）" if shown else "", left=2, align="left")]
