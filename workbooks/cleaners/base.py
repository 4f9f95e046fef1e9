"""A cleaner turns one cell into one value, and that value back into the cell that an export writes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from workbooks.cells import TRUNCATION_MARK, CellError, compact, half_width, is_nothing, text_of, tidy, type_of_cell

EMPTY_WORDS = frozenset({"", "无", "無", "—", "——", "-", "--", "－", "–", "―", "/", "／", "、"})
_LONGEST_EMPTY_WORD = max(map(len, EMPTY_WORDS))


class Cleaner:
    """Base of all cleaners.

    `clean(cell)` returns a value or raises `CellError`, whatever the cell holds; `show(value)` gives the cell for it, and
    `clean(show(value)) == value`. Values are immutable and hashable: equal cells of a column share one value.
    """

    kind = "text"  # how a writer formats the column: text, number, date
    width = 14.0  # characters
    empty: Any = None  # the value of an empty cell
    rule = ""  # one sentence for the template's notes

    def clean(self, cell: type_of_cell) -> Any:
        raise NotImplementedError

    def show(self, value: Any) -> type_of_cell:
        return "" if value is None else value

    def is_blank(self, cell: type_of_cell, *, required: bool) -> bool:
        """Nothing was entered; where the column is optional, words like 无 and — count as nothing."""
        if not isinstance(cell, str):
            return is_nothing(cell)
        text = cell.strip()
        if len(text) > _LONGEST_EMPTY_WORD and text.isprintable():
            return False
        text = tidy(text)
        return not text if required else text in EMPTY_WORDS


class Text(Cleaner):
    """Free text in one line (`lines=True`: several), at most `max_length` characters."""

    empty = ""

    def __init__(self, max_length: int = 200, *, lines: bool = False, width: float | None = None):
        self.max_length, self.lines = max_length, lines
        self.width = width or (50.0 if lines else min(14.0 + max_length / 20, 30.0))
        self.rule = f"最多 {max_length} 个字"

    def clean(self, cell: type_of_cell) -> str:
        text = self.normal(text_of(cell))
        if len(text) > self.max_length:
            raise CellError(f"有 {len(text)} 个字，最多 {self.max_length} 个字")
        if text.endswith(TRUNCATION_MARK):
            raise CellError("这一格是导出时截短的内容，导入会丢失后文；请补全或删去这一列")
        return text

    def normal(self, text: str) -> str:
        return tidy(text, lines=self.lines)


class Code(Text):
    """A number that is a name (card number, postcode, case number): half-width, without blanks; leading zeros stay."""

    def __init__(self, max_length: int = 40, *, pattern: str = "", wanted: str = ""):
        super().__init__(max_length, width=14.0)
        self.pattern, self.wanted = re.compile(pattern), wanted
        self.rule = wanted or self.rule

    def normal(self, text: str) -> str:
        return compact(text)

    def clean(self, cell: type_of_cell) -> str:
        text = super().clean(cell)
        if self.pattern.pattern and not self.pattern.fullmatch(text):
            raise CellError(f"应为{self.wanted}")
        return text


class DocumentNumber(Text):
    """A document number; brackets round the year become 〔〕, blanks go: `慈人大 (2017) 5 号` is `慈人大〔2017〕5号`."""

    rule = "例如 慈人大〔2017〕5号"
    _year = re.compile(r"[\[({〔﹝［【（]\s*(\d{4})\s*[\])}〕﹞］】）]", re.ASCII)

    def __init__(self, max_length: int = 60):
        super().__init__(max_length, width=20.0)

    def normal(self, text: str) -> str:
        return self._year.sub(r"〔\1〕", compact(text)).replace("(", "（").replace(")", "）")


class Choice(Cleaner):
    """One of a closed list. `aliases` maps other accepted words to a choice."""

    empty = ""

    def __init__(self, *choices: str, aliases: Mapping[str, str] | None = None):
        self.choices: Sequence[str] = choices
        self.width = max(8.0, 2.2 * max(map(len, choices)))
        self._known = {compact(choice): choice for choice in choices} | {
            compact(alias): choice for alias, choice in (aliases or {}).items()
        }
        head = "、".join(choices[:-1])
        self.message = f"只能是 {head} 或 {choices[-1]}" if head else f"只能是 {choices[-1]}"
        self.rule = self.message

    def clean(self, cell: type_of_cell) -> str:
        try:
            return self._known[compact(text_of(cell))]
        except KeyError:
            raise CellError(self.message) from None


class Boolean(Cleaner):
    """是 or 否 (also √ ×, 1 0, Y N) → True, False; empty is None."""

    width = 10.0
    choices = ("是", "否")
    rule = "填“是”或“否”"
    _words = dict.fromkeys(["是", "有", "对", "√", "✓", "✔", "1", "true", "yes", "y", "t"], True) | dict.fromkeys(
        ["否", "不", "不是", "没有", "×", "✗", "✘", "x", "0", "false", "no", "n", "f"], False
    )

    def clean(self, cell: type_of_cell) -> bool:
        try:
            return self._words[compact(text_of(cell)).lower()]
        except KeyError:
            raise CellError("只能是 是 或 否") from None

    def show(self, value: bool | None) -> str:
        return "" if value is None else "是" if value else "否"


class Phone(Cleaner):
    """Telephone numbers, several separated by 、: mobile numbers without dashes, land lines as `0551-12345678`."""

    empty = ""
    width = 16.0
    rule = "手机号码或带区号的座机，多个号码用“、”分开"
    _mobile = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)
    _line = re.compile(r"(?:\+\d{1,3}-?)?(?:0\d{2,3}-?)?\d{3,8}(?:-\d{3,4}){0,2}(?:转\d{1,6})?", re.ASCII)

    def clean(self, cell: type_of_cell) -> str:
        text = half_width(tidy(text_of(cell), lines=True))
        if len(text) > 100:
            raise CellError("太长，不是电话号码")
        parts = (re.sub(r"[\s()（）]", "", part) for part in re.split(r"[、,;/\n]", text))
        return "、".join(dict.fromkeys(self._one(re.sub("[–—―‐]", "-", part)) for part in parts if part))

    def _one(self, text: str) -> str:
        if match := self._mobile.fullmatch(text.replace("-", "")):
            return match[1]
        if self._line.fullmatch(text):
            return text
        raise CellError("不是电话号码，例如 13800000000 或 0551-12345678")
