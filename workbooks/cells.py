"""What a single cell holds: its text, its text without invisible rubbish, and how it is quoted in an error."""

import datetime as dt
import math
import re
import unicodedata

type_of_cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

# From here on a floating-point cell has lost its last digits: an ID number typed as a number, for one.
PRECISE_BELOW = 10**15

TRUNCATION_MARK = "……（内容过长，后文已截去）"
# Begins the last row of an export, which says who took it away and when; imports pass over it.
TAKEN_MARK = "【导出记录】"

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001bca0-\U0001bca3\U000e0000-\U000e007f]"
)
_LINE_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_BLANK = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
CJK = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BREAK_INSIDE_CHINESE = re.compile(f"(?<=[{CJK}，。；、：）》”]) ?\n+ ?(?=[{CJK}（《“])")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


class CellError(ValueError):
    """A cell that cannot be understood. Its text is the clerk's message: what is wrong and what would be right."""


def half_width(text: str) -> str:
    """The text with full-width digits, letters and punctuation (０ Ａ （ ，) turned into their ASCII forms."""
    return text if text.isascii() else text.translate(_HALF_WIDTH)


def tidy(text: str, *, lines: bool = False) -> str:
    """The text without control, zero-width, direction and other invisible characters, in NFC, blanks collapsed, ends trimmed.

    One line unless `lines`: a break between Chinese characters is only wrapping and disappears, any other becomes a blank.
    """
    if _is_plain(text):
        return text.strip()
    text = _LINE_BREAK.sub("\n", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", _BLANK.sub(" ", text))
    if lines:
        return re.sub("\n{3,}", "\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip()
    text = _BREAK_INSIDE_CHINESE.sub("", re.sub(" ?\n[ \n]*", "\n", text))
    return _BLANK.sub(" ", text.replace("\n", " ")).strip()


def _is_plain(text: str) -> bool:
    if not text.isprintable() or "  " in text:
        return False
    return text.isascii() or (unicodedata.is_normalized("NFC", text) and not _INVISIBLE.search(text))


def text_of(cell: type_of_cell) -> str:
    """The cell as a person reads it: 741928.0 is `741928`, a date is `2026-03-05`, an empty cell is the empty text.

    Raises `CellError` for a number so long that the workbook has lost its last digits.
    """
    if is_nothing(cell):
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        if abs(cell) >= PRECISE_BELOW:
            raise CellError("数字过长，表格软件已丢掉末尾几位；请把这一格设为“文本”格式后重新填写")
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, dt.datetime):
        return str(cell.date()) if cell.time() == dt.time() else f"{cell.date()} {cell:%H:%M}"
    return str(cell)


def is_nothing(cell: type_of_cell) -> bool:
    """Whether the cell holds nothing at all: empty, or a number that is none."""
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def quoted(cell: type_of_cell, limit: int = 40) -> str:
    """The cell in one short line, for 「」 in a message."""
    try:
        text = text_of(cell)
    except CellError:
        text = f"{cell:.15g}"
    text = tidy(text[: 4 * limit])
    return text if len(text) <= limit else f"{text[:limit]}…"


def position(column: int, row: int) -> str:
    """The cell's name as the spreadsheet shows it; both count from 1: (3, 12) is `C12`."""
    return f"{column_letters(column)}{row}"


def compact(text: str) -> str:
    """`tidy` text in half-width characters and without any blank."""
    return tidy(tidy(half_width(text)).replace(" ", ""))


def column_letters(column: int) -> str:
    """Column 1 is `A`, 27 is `AA`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
