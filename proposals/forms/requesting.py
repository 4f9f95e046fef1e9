"""What units ask for in their part and what is decided on it, another unit in the place of one, and opinions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from proposals.forms.assigning import NOTE_LIMIT, UnitsForm, one_unit
from proposals.forms.base import BODY_LIMIT, DATE, OPINION_LIMIT, PlainForm

VERDICTS = [("agree", "同意"), ("refuse", "不同意")]


class RowField(forms.TypedChoiceField):
    """One of the rows that the page lists. A row that is gone meanwhile is for the service to refuse, which knows why."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, widget=forms.RadioSelect, **kwargs)

    def valid_value(self, value: Any) -> bool:
        """Return whether the value can be a key at all."""
        return str(value).isascii() and str(value).isdigit()

    def offer(self, rows: Sequence[tuple[int, str]]) -> None:
        """Offer the rows; a single one needs no choosing."""
        self.choices = rows
        if len(rows) == 1:
            self.initial = rows[0][0]
            self.widget = forms.HiddenInput()


def _text(label: str, *, limit: int = OPINION_LIMIT, rows: int = 5, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


def _signer() -> forms.CharField:
    return forms.CharField(label="单位负责人", max_length=60, help_text="在纸质申请上签字的主要负责人。")


class ReturnForm(UnitsForm):
    """A unit asks to be relieved of its part."""

    reason = _text("退办理由", help_text="说明为什么不属于本单位职责。")
    suggested_unit = one_unit("建议改由哪个单位承办", required=False, help_text="可以不选。")
    signed_by = _signer()


class DecideReturnForm(UnitsForm):
    """The office decides on a return, and who takes over."""

    request_id = RowField(label="退办申请")
    verdict = forms.ChoiceField(label="审批意见", choices=VERDICTS, widget=forms.RadioSelect)
    unit = one_unit(
        "改由哪个单位承办", required=False, help_text="同意退办的必选；协办单位退办、还有其他单位答复代表的可以不选。"
    )
    note = _text("说明", limit=NOTE_LIMIT, rows=3, required=False, help_text="不同意的必填，会告知申请单位。")

    def __init__(self, *args: Any, rows: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["request_id"].offer(rows)

    def clean(self) -> dict[str, Any]:
        return _checked_verdict(self, super().clean())

    @property
    def given(self) -> dict[str, Any]:
        """What the service is given: who takes over only where the return is agreed to."""
        return _decided(super().given, "unit")


def _checked_verdict(form: PlainForm, data: dict[str, Any]) -> dict[str, Any]:
    if data.get("verdict") == "refuse" and not data.get("note", "").strip():
        form.add_error("note", "不同意的，请写明理由。")
    return data


def _decided(given: dict[str, Any], granted: str) -> dict[str, Any]:
    given["agreed"] = given.pop("verdict") == "agree"
    return given if given["agreed"] else given | {granted: None}


class ReassignForm(UnitsForm):
    """The office gives a unit's part to another one."""

    part_id = RowField(label="改办哪个单位的任务")
    unit = one_unit("改由哪个单位承办")
    reason = _text("改办理由", rows=3)

    def __init__(self, *args: Any, rows: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part_id"].offer(rows)


class ExtendForm(PlainForm):
    """A unit asks for a later date of its reply."""

    wanted_until = forms.DateField(label="申请延至", widget=DATE)
    reason = _text("延期理由")
    signed_by = _signer()


class DecideExtensionForm(PlainForm):
    """The office decides on a later date."""

    request_id = RowField(label="延期申请")
    verdict = forms.ChoiceField(label="审批意见", choices=VERDICTS, widget=forms.RadioSelect)
    granted_until = forms.DateField(
        label="批准延至", required=False, widget=DATE, help_text="同意延期的必填，不得超过最长期限。"
    )
    note = _text("说明", limit=NOTE_LIMIT, rows=3, required=False, help_text="不同意的必填，会告知申请单位。")

    def __init__(self, *args: Any, rows: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["request_id"].offer(rows)

    def clean(self) -> dict[str, Any]:
        data = _checked_verdict(self, super().clean())
        if data.get("verdict") == "agree" and not data.get("granted_until") and "granted_until" not in self.errors:
            self.add_error("granted_until", "同意延期的，请填写批准延至的日期。")
        return data

    @property
    def given(self) -> dict[str, Any]:
        """What the service is given: the date only where it is granted."""
        return _decided(super().given, "granted_until")


class OpinionForm(PlainForm):
    """An assisting unit's opinion."""

    body = _text("协办意见", limit=BODY_LIMIT, rows=10, help_text="提交后主办单位即可看到。")


class SendBackForm(PlainForm):
    """The lead unit sends an opinion back."""

    opinion_id = RowField(label="退回哪个单位的意见")
    reason = _text("退回理由", limit=NOTE_LIMIT, rows=3, help_text="写明需要补充什么。")

    def __init__(self, *args: Any, rows: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opinion_id"].offer(rows)
