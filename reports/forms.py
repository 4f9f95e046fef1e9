"""The choice of a year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms


class YearForm(forms.Form):
    year = forms.TypedChoiceField(label="年份", coerce=int)

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, f"{year}年") for year in years]
