"""What the oversight asks for: who oversees, what was seen at a unit, what is evaluated."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from accounts.models import User
from bodies.models import Unit
from proposals.forms.base import DATE, PlainForm, UnitRadio, grouped, unit_choices
from proposals.forms.requesting import RowField
from proposals.models import EvaluationGrade, Means, OversightKind
from proposals.services.evaluating import CONCLUSION_LENGTH, FOLLOW_UP_LENGTH
from proposals.services.inspecting import ANSWER_LENGTH, DEMAND_LENGTH, FINDINGS_LENGTH, INSPECTORS_LENGTH, WITHIN
from proposals.services.marking import NOTE_LENGTH
from proposals.services.overseeing import BODY_LENGTH
from proposals.services.reviewing import MEETING_LENGTH

if TYPE_CHECKING:
    from bodies.models import Congress


def _text(label: str, *, limit: int, rows: int = 4, must: str = "", **kwargs: Any) -> forms.CharField:
    errors = {"required": must} if must else {}
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, max_length=limit, widget=widget, required=bool(must), error_messages=errors, **kwargs
    )


def _line(label: str, *, limit: int, must: str = "", **kwargs: Any) -> forms.CharField:
    errors = {"required": must} if must else {}
    return forms.CharField(label=label, max_length=limit, required=bool(must), error_messages=errors, **kwargs)


def _day(label: str, *, must: str = "", **kwargs: Any) -> forms.DateField:
    errors = {"required": must} if must else {}
    return forms.DateField(label=label, widget=DATE, required=bool(must), error_messages=errors, **kwargs)


class OverseeForm(PlainForm):
    """Who oversees a proposal, and the meeting that decided it."""

    kind = forms.ChoiceField(
        label="督办方式",
        choices=OversightKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择督办方式。", "invalid_choice": "请从列表中选择督办方式。"},
    )
    overseer = forms.ModelChoiceField(
        label="督办人",
        queryset=User.objects.none(),
        required=False,
        empty_label="不指定个人",
        help_text="有账号的常委会领导、专委会成员或者工作人员，会收到通知。",
        error_messages={"invalid_choice": "请从列表中选择督办人。"},
    )
    body = _line(
        "督办机构",
        limit=BODY_LENGTH,
        help_text="专委会、工委等，如：教科文卫委员会；与登记的专委会名称一致的，它的成员能看到本件并收到通知。督办人和督办机构至少填一项。",
    )
    meeting = _line("确定督办的会议", limit=MEETING_LENGTH, must="请填写会议名称。", help_text="如：第二十三次主任会议")
    decided_on = _day("会议日期", must="请填写会议日期。")
    note = _text("说明", limit=NOTE_LENGTH, rows=3, help_text="可以不填。")

    def __init__(self, *args: Any, rows: Sequence[User], **kwargs: Any) -> None:
        """``rows``: those who can oversee it."""
        super().__init__(*args, **kwargs)
        known = User.objects.filter(pk__in=[one.pk for one in rows])
        self.fields["overseer"].queryset = known.order_by("name", "pk")


class LiftForm(PlainForm):
    """Which oversight ends, and why."""

    oversight_id = RowField(label="解除哪项督办")
    reason = _text(
        "解除的原因", limit=NOTE_LENGTH, rows=3, must="请填写解除的原因。", help_text="原来的记载保留在办理经过中。"
    )

    def __init__(self, *args: Any, rows: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oversight_id"].offer(rows)


class RectifyForm(PlainForm):
    """A unit's answer to what an inspection demanded."""

    demand_id = RowField(label="报告哪项整改要求")
    answer = _text(
        "整改情况",
        limit=ANSWER_LENGTH,
        rows=8,
        must="请填写整改情况。",
        help_text="写明做了什么、什么时候完成、效果如何。",
    )

    def __init__(self, *args: Any, rows: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["demand_id"].offer(rows)


class EvaluateForm(PlainForm):
    """Why a proposal is evaluated, by whom and by when."""

    why = _text("评估原因", limit=NOTE_LENGTH, rows=3, must="请填写评估原因。", help_text="如：代表两次评价为不满意。")
    evaluators = _line(
        "评估人员", limit=INSPECTORS_LENGTH, must="请填写评估人员。", help_text="如：教科文卫委员会、三名代表和一名专家"
    )
    meeting = _line("决定评估的会议", limit=MEETING_LENGTH, must="请填写会议名称。", help_text="如：第二十三次主任会议")
    decided_on = _day("会议日期", must="请填写会议日期。")
    due_on = _day("完成期限", must="请填写完成期限。")


class ConcludeForm(PlainForm):
    """The result of an evaluation."""

    grade = forms.ChoiceField(
        label="评估等次",
        choices=EvaluationGrade.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择评估等次。", "invalid_choice": "请从列表中选择评估等次。"},
    )
    conclusion = _text("评估结论", limit=CONCLUSION_LENGTH, rows=8, must="请填写评估结论。")
    follow_up = _text(
        "对承办单位的后续意见", limit=FOLLOW_UP_LENGTH, help_text="可以不填；填写的会通知主办、分办单位。"
    )


class InspectedUnitForm(forms.Form):
    """Which unit was inspected."""

    unit = forms.TypedChoiceField(
        label="被检查单位",
        coerce=int,
        widget=UnitRadio,
        error_messages={"required": "请选择被检查的单位。", "invalid_choice": "请从列表中选择单位。"},
    )

    def __init__(self, *args: Any, congress: Congress, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        groups, search = unit_choices(congress)
        self.fields["unit"].choices = grouped(groups)
        self.fields["unit"].widget.search = search


class InspectionForm(forms.Form):
    """What was seen at a unit; ``items`` are those that it was given."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    held_on = _day("检查日期", must="请填写检查日期。")
    inspectors = _line(
        "检查人员",
        limit=INSPECTORS_LENGTH,
        must="请填写检查人员。",
        help_text="如：督办专班组长陈主任，成员张志强、三名代表",
    )
    means = forms.MultipleChoiceField(
        label="检查方式",
        choices=Means.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="用过几种选几种。",
        error_messages={
            "required": "请选择检查的方式，至少一种。",
            "invalid_choice": "请从列表中选择检查方式。",
            "invalid_list": "请从列表中选择检查方式。",
        },
    )
    items = forms.TypedMultipleChoiceField(
        label="查看的件",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="检查时具体看了哪些件，可以不选。",
        error_messages={"invalid_choice": "请从列表中选择件。", "invalid_list": "请从列表中选择件。"},
    )
    findings = _text("检查情况", limit=FINDINGS_LENGTH, rows=8, must="请填写检查情况。")

    def __init__(self, *args: Any, items: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        kwargs["initial"] = {"request_key": uuid.uuid4()} | kwargs.get("initial", {})
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["items"].choices = items


class DemandForm(forms.Form):
    """What is to be put right on one item, and by when."""

    proposal_id = forms.TypedChoiceField(
        label="需要整改的件",
        coerce=int,
        error_messages={"required": "请选择需要整改的件。", "invalid_choice": "请从列表中选择件。"},
    )
    demand = _text("整改要求", limit=DEMAND_LENGTH, must="请填写整改要求。")
    within = forms.ChoiceField(
        label="整改时限",
        required=False,
        choices=[("", "直接填写日期"), *WITHIN.items()],
        help_text="自今天起计算，遇休息日顺延；也可以不选，直接填日期。",
        error_messages={"invalid_choice": "请从列表中选择整改时限。"},
    )
    due_on = _day("整改期限", help_text="选了时限的不填。")

    def __init__(self, *args: Any, items: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["proposal_id"].choices = [("", "请选择"), *items]


def unit_of(form: InspectedUnitForm) -> Unit:
    """Return the unit that was chosen in a valid form. One query."""
    return Unit.objects.get(pk=form.cleaned_data["unit"])
