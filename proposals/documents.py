"""Document numbers (发文字号) as offices write them. Pure."""

import datetime as dt
import re
import unicodedata

BRACKETS = str.maketrans(dict.fromkeys("([{【﹝〔", "〔") | dict.fromkeys(")]}】﹞〕", "〕"))
DOCUMENT_NO_LENGTH = 60
_LETTERS = re.compile(r"[A-Za-z\u3007\u3400-\u9fff\U00020000-\U0003ffff]{1,30}")
_PARTS = re.compile("([^〔〕]*)〔([^〔〕]*)〕([^〔〕]*)")


def normalise_document_no(text: str) -> str:
    """Return the number with one kind of bracket and no spaces: 慈农建（2017）8 号 → 慈农建〔2017〕8号.

    Leading zeros of the serial number and a 第 before it go, since GB/T 9704 writes none.
    """
    text = unicodedata.normalize("NFKC", text).translate(BRACKETS)
    text = "".join(character for character in text if not character.isspace() and character.isprintable())
    return re.sub(r"〕第?0*([1-9][0-9]*)号$", r"〕\1号", text)


def why_not_document_no(text: str, *, replied_on: dt.date) -> str:
    """Say what is wrong with a normalised document number, with an example; empty for a right one.

    GB/T 9704-2012, 7.2.5: letters of the issuing body, the year in six-cornered brackets, the serial number, 号. The
    year is that of the reply or, around New Year, the one before.
    """
    example = f"正确的写法如：云教〔{replied_on.year}〕7号。"
    if len(text) > DOCUMENT_NO_LENGTH:
        return f"文号过长：最多 {DOCUMENT_NO_LENGTH} 个字符。{example}"
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return f"文号中应当有一对括号，括号内写年份。{example}"
    letters, year, serial = parts.groups()
    if not _LETTERS.fullmatch(letters):
        return f"文号的年份前面应当是发文机关代字，只用汉字和字母。{example}"
    if not re.fullmatch("[0-9]{4}", year):
        return f"文号括号内的年份应当写全四位数字。{example}"
    if int(year) not in (replied_on.year, replied_on.year - 1):
        return f"文号的年份是{year}年，与答复日期的年份（{replied_on.year}年）不一致，请核对。{example}"
    if not re.fullmatch("[1-9][0-9]{0,5}号", serial):
        return f"文号的年份后面应当是序号和“号”字，序号从 1 编起，不加“第”字，不编虚位。{example}"
    return ""
