"""What the office keeps on record beside the steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from proposals.forms.base import DATE, PlainForm
from proposals.models import Gate, MilestoneKind
from proposals.services.marking import MILESTONE_LENGTH, NOTE_LENGTH
from proposals.services.reviewing import MEETING_LENGTH


class GateForm(PlainForm):
    """Gates of quality that were passed; ``rows`` are those that were not passed before."""

    gates = forms.MultipleChoiceField(
        label="这次通过的关口",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请选择这次通过的关口。",
            "invalid_choice": "请从列表中选择关口。",
            "invalid_list": "请从列表中选择关口。",
        },
    )
    note = forms.CharField(
        label="说明",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如何把的关，可以不填。",
    )

    def __init__(self, *args: Any, rows: Iterable[Gate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One that was passed meanwhile is not unknown: the service says who was first.
        self.fields["gates"].choices = Gate.choices
        self.fields["gates"].widget.choices = [(gate.value, gate.label) for gate in rows]


class ConvertForm(PlainForm):
    """Why a bill becomes a suggestion, or the other way round."""

    reason = forms.CharField(
        label="转换的理由",
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="如：议案没有列入会议议程，转为建议办理。会告知代表。",
        error_messages={"required": "请填写转换的理由。"},
    )


class KeyForm(PlainForm):
    """The meeting that made it an item of key supervision."""

    meeting = forms.CharField(
        label="主任会议",
        max_length=MEETING_LENGTH,
        help_text="确定重点督办的主任会议，如：第二十三次主任会议",
        error_messages={"required": "请填写主任会议的名称。"},
    )
    decided_on = forms.DateField(label="会议日期", widget=DATE, error_messages={"required": "请填写会议日期。"})


class NoLongerKeyForm(PlainForm):
    """Why it is an item of key supervision no more."""

    reason = forms.CharField(
        label="取消的理由",
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写取消的理由。"},
    )


class MilestoneForm(PlainForm):
    """What became of it."""

    kind = forms.ChoiceField(
        label="事项",
        choices=MilestoneKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择跟踪的事项。", "invalid_choice": "请从列表中选择事项。"},
    )
    happened_on = forms.DateField(label="日期", widget=DATE, error_messages={"required": "请填写日期。"})
    meeting = forms.CharField(
        label="会议", required=False, max_length=MEETING_LENGTH, help_text="在会议上的，写会议名称；没有的不填。"
    )
    text = forms.CharField(
        label="情况",
        max_length=MILESTONE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明具体数字，如：新增校车 42 辆，接送学生 2600 名。",
        error_messages={"required": "请填写情况。"},
    )
