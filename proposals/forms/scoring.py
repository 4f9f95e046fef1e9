"""Schemes of scoring, and points given by hand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms

from proposals.forms.base import PlainForm
from proposals.models import Measure
from proposals.scoring_presets import PRESETS, ItemPreset
from proposals.services.scoring import ITEM_LENGTH, MOST_ITEMS, NAME_LENGTH, NOTE_LENGTH

if TYPE_CHECKING:
    from proposals.models import ScoringItem

POINTS = {"max_digits": 5, "decimal_places": 1, "min_value": 0}
WORDS = {
    "invalid": "请填写数字，可以有一位小数。",
    "max_digits": "请填写 9999.9 以内的数字。",
    "max_decimal_places": "最多一位小数。",
    "max_whole_digits": "请填写 9999.9 以内的数字。",
    "min_value": "不能小于 0。",
}


class NewSchemeForm(forms.Form):
    """Which example a scheme is made from, and for which year."""

    year = forms.TypedChoiceField(label="年度", coerce=int, error_messages={"invalid_choice": "请从列表中选择年度。"})
    preset = forms.ChoiceField(
        label="示例",
        choices=[(code, name) for code, (name, _) in PRESETS.items()],
        error_messages={"invalid_choice": "请从列表中选择示例。"},
    )

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["year"].choices = [(year, f"{year}年") for year in years]


class SchemeForm(PlainForm):
    """The name of a scheme, and the version of it that the page showed."""

    name = forms.CharField(label="方案名称", max_length=NAME_LENGTH, error_messages={"required": "请填写方案名称。"})


class ItemForm(forms.Form):
    """One item; a row left without a name is no item."""

    name = forms.CharField(label="考核项目", max_length=ITEM_LENGTH, required=False)
    max_points = forms.DecimalField(label="满分", required=False, error_messages=WORDS, **POINTS)
    measure = forms.ChoiceField(
        label="评分方式",
        required=False,
        choices=[("", "人工评分"), *((one.value, f"按记录计算：{one.label}") for one in Measure)],
        error_messages={"invalid_choice": "请从列表中选择评分方式。"},
    )
    per_case = forms.DecimalField(label="每件扣分", required=False, error_messages=WORDS, **POINTS)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("name") and data.get("max_points") is None and "max_points" not in self.errors:
            self.add_error("max_points", "请填写满分。")
        return data


class _ItemsFormSet(forms.BaseFormSet):
    @property
    def presets(self) -> list[ItemPreset]:
        """What a valid set says, in order, without the empty rows."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("name")]
        return [ItemPreset(row["name"], row["max_points"], row["measure"], row["per_case"]) for row in rows]


ItemsFormSet = forms.formset_factory(ItemForm, formset=_ItemsFormSet, extra=3, max_num=MOST_ITEMS, absolute_max=60)


def items_initial(items: Sequence[ScoringItem]) -> list[dict[str, Any]]:
    """Return what the formset shows of the items."""
    return [
        {"name": item.name, "max_points": item.max_points, "measure": item.measure, "per_case": item.per_case}
        for item in items
    ]


class PointsForm(forms.Form):
    """The points of one unit in the items that are scored by hand; an empty one is not scored yet."""

    seen = forms.IntegerField(min_value=0, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, items: Sequence[ScoringItem], **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.items = items
        for item in items:
            self.fields[f"points_{item.pk}"] = forms.DecimalField(
                label=f"{item.name}（满分 {item.max_points.normalize():f}）",
                required=False,
                error_messages=WORDS,
                **POINTS,
            )
            self.fields[f"note_{item.pk}"] = forms.CharField(
                label=f"{item.name}评分说明", required=False, max_length=NOTE_LENGTH, help_text="可以不填。"
            )

    @property
    def points(self) -> dict[int, tuple[Decimal, str]]:
        """What was typed, by the keys of the items."""
        typed = ((item.pk, self.cleaned_data[f"points_{item.pk}"]) for item in self.items)
        return {key: (points, self.cleaned_data[f"note_{key}"]) for key, points in typed if points is not None}

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """The fields of each item."""
        return [{"points": self[f"points_{item.pk}"], "note": self[f"note_{item.pk}"]} for item in self.items]
