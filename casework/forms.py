"""Fields of forms about procedures and rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms

from casework.calendar import LONGEST_YEARS, longer_than_years
from casework.presenters import deadline_words

if TYPE_CHECKING:
    from collections.abc import Mapping

# As an office writes it, or as it is stored.
WRITTEN = re.compile(r"([1-9][0-9]{0,3})(个?工作日|WD|日|天|个?自然日|D|个?月|M)")
CODES = {"工": "WD", "W": "WD", "月": "M", "M": "M"}
EXAMPLES = "如 5个工作日、30日、3个月"
TOO_LONG = f"期限最长 {LONGEST_YEARS} 年，请核对数字和单位。"
WRONG = f"写法不对，应为数字加单位，{EXAMPLES}。"


class DeadlineField(forms.CharField):
    """A deadline as an office writes it (5个工作日, 30日, 3个月), stored as the calendar reads it (5WD, 30D, 3M)."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", f"{EXAMPLES}；空为不限期")
        widget = forms.TextInput(attrs={"size": 10})
        super().__init__(label=label, required=False, max_length=20, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        text = "".join(str(super().to_python(value) or "").split()).upper()
        if not text:
            return ""
        found = WRITTEN.fullmatch(text)
        if found is None:
            raise forms.ValidationError(WRONG)
        unit = found[2].removeprefix("个")
        rule = found[1] + CODES.get(unit[0], "D")
        if longer_than_years(rule):
            raise forms.ValidationError(TOO_LONG)
        return rule

    def prepare_value(self, value: Any) -> Any:
        return deadline_words(value) if isinstance(value, str) else value


def options(named: Mapping[str, str], stored: Mapping[str, str], *, empty: str | None = None) -> list[tuple[str, str]]:
    """Return the choices of a field from codes with their words; what is stored is always among them."""
    rows = {**named, **{code: label for code, label in stored.items() if code not in named}}
    return [*([("", empty)] if empty is not None else []), *rows.items()]
