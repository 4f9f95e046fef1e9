"""What units promise, what they report of it, and what the office and the deputy make of that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from casework.calendar import spoken
from proposals.forms.base import DATE, OPINION_LIMIT, PlainForm
from proposals.forms.rating import RATINGS
from proposals.forms.replying import FormWithFile, FreeFile
from proposals.models import CommitmentStepKind, Grade

if TYPE_CHECKING:
    from proposals.models import Commitment

REPORTS = [
    (CommitmentStepKind.PROGRESS.value, "报告进展，继续落实"),
    (CommitmentStepKind.CLAIM.value, "已经落实，再次答复代表"),
    (CommitmentStepKind.EXPLAIN.value, "不能落实，说明原因"),
]


def matter_field(**how: Any) -> forms.CharField:
    """Return the field for what is promised."""
    return forms.CharField(label="承诺事项", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **how)


class CommitForm(PlainForm):
    """What a unit promised in its reply."""

    matter = matter_field(help_text="写明承诺解决什么，一项一登。")
    responsible = forms.CharField(label="责任人", required=False, max_length=60)
    due_on = forms.DateField(label="完成期限", widget=DATE)


class OfCommitment(PlainForm):
    """A form about one of several commitments; a single one is chosen already."""

    commitment_id = forms.TypedChoiceField(label="承诺事项", coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, rows: Sequence[Commitment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["commitment_id"]
        field.choices = [(row.pk, f"{row.matter}（{row.unit}，期限{spoken(row.due_on)}）") for row in rows]
        if len(rows) == 1:
            field.initial = rows[0].pk


class ReportCommitmentForm(OfCommitment, FormWithFile):
    """How a commitment stands."""

    kind = forms.ChoiceField(label="报告什么", choices=REPORTS, widget=forms.RadioSelect)
    happened_on = forms.DateField(label="日期", widget=DATE)
    text = forms.CharField(
        label="落实情况",
        max_length=OPINION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="已经落实的，这里的内容就是对代表的再次答复。",
    )
    document_no = forms.CharField(label="再次答复文号", required=False, max_length=60, help_text="书面再次答复的填写。")
    file = FreeFile(
        label="落实佐证",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,image/jpeg,image/png"}),
        help_text="照片、文件或者验收材料，不超过 20 MB。",
    )


class VerifyCommitmentForm(OfCommitment):
    """What the office finds of what a unit says."""

    agreed = forms.TypedChoiceField(
        label="核实结果",
        choices=[("1", "情况属实"), ("0", "退回继续落实")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label="核实意见",
        required=False,
        max_length=OPINION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="退回的必填。",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("agreed") is False and not data.get("text", "").strip():
            self.add_error("text", "退回的，请写明还要做什么。")
        return data


class ChangeCommitmentForm(OfCommitment):
    """Another date of a commitment."""

    due_on = forms.DateField(label="新的期限", widget=DATE)
    reason = forms.CharField(label="理由", max_length=OPINION_LIMIT, widget=forms.Textarea(attrs={"rows": 3}))


class LookBackForm(OfCommitment):
    """What the office saw when it went back."""

    happened_on = forms.DateField(label="回头督日期", widget=DATE)
    text = forms.CharField(
        label="回头督情况",
        max_length=OPINION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写明怎样查看、落实到什么程度、还有什么要求。",
    )


class RateCommitmentForm(OfCommitment):
    """How the deputy judges that a commitment was kept."""

    grade = forms.ChoiceField(label="对承诺落实的评价", choices=RATINGS, widget=forms.RadioSelect)
    text = forms.CharField(
        label="具体意见",
        required=False,
        max_length=OPINION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="不满意时必填，由代表工委督促研究处理。",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("grade") == Grade.DISSATISFIED and not data.get("text", "").strip():
            self.add_error("text", "评价为不满意的，请写明具体意见。")
        return data
