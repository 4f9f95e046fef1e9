"""What people type. Forms check shape only; every rule lies in the services."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q

from bodies.models import Unit
from proposals.models import (
    Category,
    ContactWay,
    Disclosure,
    Grade,
    NotRegisteredReason,
    OutcomeCategory,
    ProposalKind,
)

if TYPE_CHECKING:
    from bodies.models import Congress, Term
    from casework.models import Step

BODY_LIMIT = 20_000
OPINION_LIMIT = 2_000
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
RATINGS = [(grade.value, grade.label) for grade in (Grade.SATISFIED, Grade.BASICALLY, Grade.DISSATISFIED)]


class PlainForm(forms.Form):
    """A form of the workbench: the version of the page comes along, and words about errors are Chinese."""

    version = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    @property
    def seen_version(self) -> int | None:
        """The version of the case that the user saw; a page without one acts on none."""
        version = self.cleaned_data.get("version")
        return -1 if version is None else version


class SearchableOptions:
    """Options that the picker finds by more than their label: ``search`` holds further words by value."""

    search: dict[int, str]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the option with its words for the search."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-search"] = self.search.get(value, "")
        return option


class UnitRadio(SearchableOptions, forms.RadioSelect):
    """One unit."""


class UnitCheckboxes(SearchableOptions, forms.CheckboxSelectMultiple):
    """Any number of units."""


def unit_choices(congress: Congress) -> tuple[list, dict[int, str]]:
    """Return the units that can be chosen, grouped by system, and what finds each beside its name. Two queries."""
    groups: dict[str, list] = {}
    search: dict[int, str] = {}
    for unit in Unit.objects.filter(congress=congress, is_active=True).prefetch_related("aliases"):
        groups.setdefault(unit.system or "其他", []).append((unit.pk, unit.name))
        search[unit.pk] = " ".join([unit.initials, *(row.alias for row in unit.aliases.all())])
    return (list(groups.items()) if len(groups) > 1 else next(iter(groups.values()), [])), search


class DraftForm(PlainForm):
    """A suggestion or bill as the deputy writes it."""

    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label="标题", max_length=200, help_text="一事一议，如：关于加强校车安全管理的建议", widget=forms.TextInput
    )
    body = forms.CharField(
        label="正文",
        required=False,
        max_length=BODY_LIMIT,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="写明问题、理由和具体意见。可以用手机自带的语音输入。",
    )
    form = forms.ChoiceField(
        label="类型",
        choices=ProposalKind.choices,
        initial=ProposalKind.SUGGESTION,
        help_text="议案须有十名以上（乡镇五名以上）代表联名。",
    )
    category = forms.ModelChoiceField(
        Category.objects.none(), label="类别", required=False, empty_label="由代表工委确定"
    )
    suggested_unit = forms.ModelChoiceField(
        Unit.objects.none(), label="建议承办单位", required=False, empty_label="由代表工委确定"
    )
    disclosure = forms.ChoiceField(
        label="公开意见",
        choices=Disclosure.choices,
        initial=Disclosure.FULL,
        widget=forms.RadioSelect,
        help_text="涉密内容不得在本系统填写。",
    )

    def __init__(self, *args: Any, congress: Congress, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.filter(congress=congress)
        self.fields["suggested_unit"].queryset = Unit.objects.filter(congress=congress, is_active=True)

    def clean_title(self) -> str:
        """Return the title on one line and without signs that turn the direction of writing or cannot be seen."""
        title = self.cleaned_data["title"]
        visible = "".join(sign for sign in title if unicodedata.category(sign) != "Cf")
        title = " ".join(visible.split())
        if not title:
            raise forms.ValidationError("请填写标题。")
        return title

    def fields_of_draft(self) -> dict[str, Any]:
        """Return what belongs to the draft itself."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "request_key"}}


class ReviewForm(PlainForm):
    """The decision of the review: one of the outcomes that the step allows."""

    outcome = forms.ChoiceField(label="审查结论", widget=forms.RadioSelect)
    category = forms.ModelChoiceField(Category.objects.none(), label="类别", required=False, empty_label="不改动")
    not_registered_reason = forms.ChoiceField(
        label="不予立案的理由", required=False, choices=[("", "请选择"), *NotRegisteredReason.choices]
    )
    reason = forms.CharField(
        label="说明",
        required=False,
        max_length=OPINION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="退回修改时必填，会告知代表。",
    )

    def __init__(self, *args: Any, congress: Congress, step: Step | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.filter(congress=congress)
        self.fields["outcome"].choices = [
            (outcome.code, outcome.label) for outcome in (step.outcomes.all() if step else ())
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("outcome") == "return" and not data.get("reason", "").strip():
            self.add_error("reason", "退回修改应当写明理由，代表才知道怎样修改。")
        if data.get("outcome") == "not_registered" and not data.get("not_registered_reason"):
            self.add_error("not_registered_reason", "不予立案应当选择理由。")
        return data


class AssignForm(PlainForm):
    """Which units handle the proposal, and by when."""

    lead_unit = forms.TypedChoiceField(label="主办单位", coerce=int, widget=UnitRadio)
    assisting_units = forms.TypedMultipleChoiceField(
        label="协办单位", required=False, coerce=int, widget=UnitCheckboxes
    )
    due_on = forms.DateField(
        label="答复期限", required=False, widget=DATE, help_text="不填则按规定期限计算：自交办之日起三个月。"
    )

    def __init__(self, *args: Any, congress: Congress, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices, search = unit_choices(congress)
        for name in ("lead_unit", "assisting_units"):
            self.fields[name].choices = choices
            self.fields[name].widget.search = search

    def units(self, congress: Congress) -> dict[int, Unit]:
        """Return the chosen units by key."""
        chosen = Q(pk=self.cleaned_data["lead_unit"]) | Q(pk__in=self.cleaned_data["assisting_units"])
        return {unit.pk: unit for unit in Unit.objects.filter(chosen, congress=congress)}


class ContactForm(PlainForm):
    """How a unit contacted the deputy."""

    contacted_on = forms.DateField(label="联系日期", widget=DATE)
    way = forms.ChoiceField(label="联系方式", choices=ContactWay.choices, widget=forms.RadioSelect)
    summary = forms.CharField(label="沟通情况", max_length=OPINION_LIMIT, widget=forms.Textarea(attrs={"rows": 5}))


class ReplyForm(PlainForm):
    """A unit's reply."""

    replied_on = forms.DateField(label="答复日期", widget=DATE)
    document_no = forms.CharField(
        label="答复文号", max_length=60, help_text="如：云教〔2026〕7号；括号和空格会自动规范。"
    )
    outcome = forms.ModelChoiceField(
        OutcomeCategory.objects.none(), label="办理结果", widget=forms.RadioSelect, empty_label=None
    )
    body = forms.CharField(label="答复内容", max_length=BODY_LIMIT, widget=forms.Textarea(attrs={"rows": 14}))

    def __init__(self, *args: Any, term: Term, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].queryset = OutcomeCategory.objects.filter(term=term)
        self.fields["outcome"].label_from_instance = lambda row: f"{row.code} {row.name}：{row.definition}"


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


class FilterForm(forms.Form):
    """The filters of the list; anything that is not one of the choices is as if it had not been sent."""

    q = forms.CharField(
        label="查找",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "标题、编号、代表姓名或拼音首字母"}),
    )
    category = forms.ChoiceField(label="类别", required=False)
    stage = forms.ChoiceField(label="阶段", required=False)
    year = forms.ChoiceField(label="年份", required=False)
