"""Sort and search keys for Chinese names, kept in columns because not every PostgreSQL has ICU."""

from pypinyin import Style, lazy_pinyin

KEY_LENGTH = 200


def sort_key(text: str) -> str:
    """Return the pinyin with tone numbers, so that ordering by it is 按拼音排序."""
    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)).lower()[:KEY_LENGTH]


def initials(text: str) -> str:
    """Return the first letter of each syllable (王小明 → wxm), what people type to find a name."""
    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower()[:KEY_LENGTH]
