"""The words of official papers: what a session's proposals are called, and titles broken where they read well. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from proposals.papers.official import width_of

# A title of 2号 characters: 156 mm hold twenty.
TITLE_WIDTH = 20.0
_ATOM = re.compile(r"[（《“〔(\[]*(?:[A-Za-z0-9.%-]{1,12}|.)(?:的(?=.)|[，。；：、！？）》”〕)\]])*", re.DOTALL)


def place_of(congress: str) -> str:
    """Return the place of a congress, which an office may have entered with the word congress behind it."""
    return re.sub(r"(人民代表大会|人大)$", "", congress) or congress


def session_pieces(*, congress: str, term: str, session: str, is_recess: bool) -> list[str]:
    """Return 云溪县, 第十八届, 人大, 第五次会议 and, out of session, 闭会期间: the words between which a title may break."""
    name = f"{session}年" if re.fullmatch(r"\d{4}", session) else session
    return [place_of(congress), term, "人大", name, *(["闭会期间"] if is_recess else [])]


def commission_of(congress: str, *, is_township: bool) -> str:
    """Return who watches over the handling: the commission of the standing committee, in a township the presidium."""
    return f"{place_of(congress)}人大主席团" if is_township else f"{place_of(congress)}人大常委会代表工作委员会"


def government_of(congress: str, *, is_township: bool) -> str:
    """Return the government beside a congress, or its office."""
    return f"{place_of(congress)}人民政府" if is_township else f"{place_of(congress)}人民政府办公室"


def broken(pieces: Sequence[str], width: float = TITLE_WIDTH) -> list[str]:
    """Return a title in the fewest lines that hold it, lines of like length, broken only between the pieces.

    A piece that is wider than a line is itself broken, never before a closing sign nor before 的.
    """
    atoms = [piece for piece in pieces if piece]
    if any(width_of(piece) > width for piece in atoms):
        atoms = _ATOM.findall("".join(atoms))
    widths = [width_of(atom) for atom in atoms]
    # For the first n atoms: lines, unevenness, where the last line begins. Later lines may be longer, not shorter.
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for end in range(1, len(atoms) + 1):
        found = None
        length = 0.0
        for start in range(end - 1, -1, -1):
            length += widths[start]
            if length > width and start < end - 1:
                break
            tried = (best[start][0] + 1, best[start][1] + (width - min(length, width)) ** 2, start)
            found = tried if found is None or tried[:2] < found[:2] else found
        best.append(found)
    lines: list[str] = []
    end = len(atoms)
    while end:
        start = best[end][2]
        lines.insert(0, "".join(atoms[start:end]))
        end = start
    return lines
