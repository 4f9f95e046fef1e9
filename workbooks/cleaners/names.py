import re
from collections.abc import Container

from workbooks.cells import CJK, CellError, half_width, text_of, tidy, type_of_cell
from workbooks.cleaners.base import Cleaner, Text

_SEPARATORS = frozenset("、，,;；\n")
_OPENING, _CLOSING = frozenset("（([〔【《“﹝"), frozenset("）)]〕】》”﹞")
_BLANK_INSIDE_CHINESE = re.compile(f"(?<=[{CJK}（）·]) +(?=[{CJK}（）·])")
_DOT_INSIDE_CHINESE = re.compile(f"(?<=[{CJK}]) ?[.•‧・･∙⋅●] ?(?=[{CJK}])")
_HAS_CHINESE = re.compile(f"[{CJK}]")


def normal_name(text: str) -> str:
    """The one spelling of a name: half-width digits and letters, full-width brackets, one middle dot, no padding blanks.

    `张　三` is 张三, `阿卜杜拉.买买提` is 阿卜杜拉·买买提, `统战部(侨办)` is 统战部（侨办）.
    """
    text = tidy(half_width(text))
    if _HAS_CHINESE.search(text):
        text = _DOT_INSIDE_CHINESE.sub("·", text.replace("(", "（").replace(")", "）"))
        text = _BLANK_INSIDE_CHINESE.sub("", text)
    return text


class Name(Text):
    """The name of a person, unit, delegation or place, in its normal spelling."""

    def __init__(self, max_length: int = 100, *, width: float = 14.0):
        super().__init__(max_length, width=width)

    def normal(self, text: str) -> str:
        return normal_name(text)


class NameList(tuple):
    """Several names from one cell, split at 、 ， , ; ； or a line break outside brackets; `whole` is the cell unsplit."""

    whole: str

    def __new__(cls, names: tuple[str, ...], whole: str):
        self = super().__new__(cls, names)
        self.whole = whole
        return self

    def within(self, known: Container[str]) -> tuple[str, ...]:
        """The names with what is itself a known name kept together, even when it holds a separator.

        Joins neighbours with 、 as long as the joined text is known, the longest first; anything else stays split.
        """
        if self.whole in known:
            return (self.whole,)
        names, start = [], 0
        while start < len(self):
            ends = range(min(len(self), start + 6), start, -1)
            end = next((end for end in ends if "、".join(self[start:end]) in known), start + 1)
            names.append("、".join(self[start:end]))
            start = end
        return tuple(dict.fromkeys(names))


def split_names(text: str) -> list[str]:
    """The parts of `text` between separators; a separator inside brackets does not split. Brackets left open do not count."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif not depth and character in _SEPARATORS:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return re.split("[、，,;；\n]", text) if depth else parts


class Names(Cleaner):
    """Several names in one cell → `NameList`, without doubles. Ask `value.within(known)` once the known names are loaded."""

    empty = NameList((), "")
    width = 24.0
    rule = "多个名称用“、”分开"

    def __init__(self, max_length: int = 100, max_names: int = 500):
        self.max_length, self.max_names = max_length, max_names

    def clean(self, cell: type_of_cell) -> NameList:
        text = tidy(half_width(text_of(cell)), lines=True)
        names = tuple(dict.fromkeys(name for part in split_names(text) if (name := normal_name(part))))
        if len(names) > self.max_names:
            raise CellError(f"有 {len(names)} 个名称，最多 {self.max_names} 个")
        for name in names:
            if len(name) > self.max_length:
                raise CellError(f"名称“{name[:12]}…”有 {len(name)} 个字，最多 {self.max_length} 个字")
        return NameList(names, normal_name(text))

    def show(self, value: tuple[str, ...] | None) -> str:
        return "、".join(value or ())
