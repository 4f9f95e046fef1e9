"""The deputy's judgement."""

from __future__ import annotations

from typing import Any

from django import forms

from proposals.forms.base import OPINION_LIMIT, PlainForm
from proposals.models import Grade

RATINGS = [(grade.value, grade.label) for grade in (Grade.SATISFIED, Grade.BASICALLY, Grade.DISSATISFIED)]


class RateForm(PlainForm):
    """The deputy's rating on two dimensions."""

    attitude = forms.ChoiceField(label="办理态度", choices=RATINGS, widget=forms.RadioSelect)
    result = forms.ChoiceField(label="办理结果", choices=RATINGS, widget=forms.RadioSelect)
    opinion = forms.CharField(
        label="具体意见",
        required=False,
        max_length=OPINION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="不满意时必填。对办理结果不满意的，承办单位将重新办理。",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        dissatisfied = Grade.DISSATISFIED in (data.get("attitude"), data.get("result"))
        if dissatisfied and not data.get("opinion", "").strip():
            self.add_error("opinion", "评价为不满意的，请写明具体意见，以便重新办理。")
        return data
