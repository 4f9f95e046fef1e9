"""Which overseen items are put to the vote."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from proposals.forms.base import DATE


class RatingForm(forms.Form):
    """What is rated on the spot, when, and whether by name."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label="名称", max_length=200, help_text="如：2026年重点建议办理情况评议")
    held_on = forms.DateField(label="评议日期", widget=DATE)
    items = forms.TypedMultipleChoiceField(
        label="评议的件",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="投票和看结果的人都能看到件名。不公开的件只写编号，仅公开标题的不写代表姓名。",
        error_messages={
            "required": "请选择要评议的件。",
            "invalid_choice": "请从列表中选择件。",
            "invalid_list": "请从列表中选择件。",
        },
    )
    is_secret = forms.TypedChoiceField(
        label="记名方式",
        choices=[("1", "无记名：只记各项合计，结束之前谁也看不到结果"), ("0", "记名：代表工委可以查看谁投了什么")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, items: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        kwargs["initial"] = {"request_key": uuid.uuid4(), "is_secret": "1"} | kwargs.get("initial", {})
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["items"].choices = items
