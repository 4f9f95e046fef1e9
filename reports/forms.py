"""The choice of a year and a body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from bodies.models import Congress


class YearForm(forms.Form):
    year = forms.TypedChoiceField(label="年份", coerce=int)

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, f"{year}年") for year in years]


class ScopeForm(YearForm):
    """Year and body; the body is asked only of whoever may choose between several."""

    congress = forms.ChoiceField(label="人大", required=False)

    field_order = ["congress", "year"]

    def __init__(self, *args: Any, congresses: Sequence[Congress], **kwargs: Any):
        super().__init__(*args, **kwargs)
        if len(congresses) > 1:
            self.fields["congress"].choices = [(congress.code, congress.name) for congress in congresses]
        else:
            del self.fields["congress"]
