"""Document numbers (发文字号) as offices write them. Pure."""

import re
import unicodedata

BRACKETS = str.maketrans(dict.fromkeys("([{【﹝〔", "〔") | dict.fromkeys(")]}】﹞〕", "〕"))


def normalise_document_no(text: str) -> str:
    """Return the number with one kind of bracket and no spaces: 慈农建（2017）8 号 → 慈农建〔2017〕8号.

    Leading zeros of the serial number go, since GB/T 9704 writes none.
    """
    text = unicodedata.normalize("NFKC", text).translate(BRACKETS)
    text = "".join(character for character in text if not character.isspace() and character.isprintable())
    return re.sub(r"〕第?0*([1-9][0-9]*)号$", r"〕\1号", text)
