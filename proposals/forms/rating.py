"""The deputy's judgement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from proposals.forms.base import OPINION_LIMIT, PlainForm
from proposals.models import Adoption, Communication, Grade
from proposals.rules import RATED

if TYPE_CHECKING:
    from deputies.models import Seat

RATINGS = [(grade.value, grade.label) for grade in RATED]


class RateForm(PlainForm):
    """A deputy's rating on two dimensions. ``rows`` are those for whom the office may enter it."""

    seat_id = forms.TypedChoiceField(label="评价的代表", coerce=int, empty_value=None, required=False)
    attitude = forms.ChoiceField(label="办理态度", choices=RATINGS, widget=forms.RadioSelect)
    result = forms.ChoiceField(label="办理结果", choices=RATINGS, widget=forms.RadioSelect)
    opinion = forms.CharField(
        label="具体意见",
        required=False,
        max_length=OPINION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="不满意时必填。对办理结果不满意的，承办单位将重新办理。",
    )
    communication = forms.ChoiceField(
        label="承办单位怎样与您沟通", choices=Communication.choices, required=False, widget=forms.RadioSelect
    )
    adoption = forms.ChoiceField(
        label="意见采纳情况", choices=Adoption.choices, required=False, widget=forms.RadioSelect
    )
    cosigners_said = forms.CharField(
        label="联名代表的意见",
        required=False,
        max_length=OPINION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="请汇总联名代表的意见后填写评价。",
    )

    def __init__(self, *args: Any, rows: Sequence[Seat] = (), sums_up: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(rows) > 1:
            self.fields["seat_id"].choices = [("", "请选择"), *((seat.pk, seat.person.name) for seat in rows)]
            self.fields["seat_id"].required = True
        else:
            del self.fields["seat_id"]
        if not sums_up:
            del self.fields["cosigners_said"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        dissatisfied = Grade.DISSATISFIED in (data.get("attitude"), data.get("result"))
        if dissatisfied and not data.get("opinion", "").strip():
            self.add_error("opinion", "评价为不满意的，请写明具体意见，以便重新办理。")
        return data


class CloseUnratedForm(PlainForm):
    """Why the office ends what was not rated."""

    note = forms.CharField(
        label="说明",
        required=False,
        max_length=OPINION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如：已两次电话提醒代表。",
    )
