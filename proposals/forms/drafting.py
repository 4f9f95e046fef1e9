"""A suggestion or bill as the deputy writes it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from django import forms

from bodies.models import Unit
from proposals.forms.base import BODY_LIMIT, PlainForm
from proposals.models import Category, Disclosure, FormedBy, NotRegisteredReason, ProposalKind
from proposals.rules import INSTEAD, missing_parts

if TYPE_CHECKING:
    from bodies.models import Congress
    from proposals.models import Proposal

# What a draft is called until it has a title.
UNTITLED = "（未写标题）"
OWN_FIELDS = ("version", "request_key", "not_suggestion", "self_checked")
CHECK_FIRST = "提交前请逐项核对，确认本件不涉及上列情形，并勾选此项。"


def _long(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class DraftForm(PlainForm):
    """A suggestion or bill as the deputy writes it; what is demanded only on handing in, ``is_ready`` checks."""

    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    form = forms.ChoiceField(
        label="类型",
        choices=ProposalKind.choices,
        initial=ProposalKind.SUGGESTION,
        widget=forms.RadioSelect,
        help_text="建议一人就可以提出；议案须有十名以上（乡镇五名以上）代表联名，领衔代表计算在内。",
    )
    title = forms.CharField(
        label="标题", max_length=200, help_text="一事一议，如：关于加强校车安全管理的建议", widget=forms.TextInput
    )
    body = forms.CharField(
        label="正文",
        required=False,
        max_length=BODY_LIMIT,
        widget=_long(12),
        help_text="建议写明问题、理由和具体意见；议案在这里写案由。可以用手机自带的语音输入。",
    )
    grounds = forms.CharField(
        label="案据",
        required=False,
        max_length=BODY_LIMIT,
        widget=_long(8),
        help_text="提出议案的法律、政策依据和事实依据。",
    )
    plan = forms.CharField(
        label="方案", required=False, max_length=BODY_LIMIT, widget=_long(8), help_text="希望怎样解决，具体措施和步骤。"
    )
    category = forms.ModelChoiceField(
        Category.objects.none(), label="类别", required=False, empty_label="由代表工委确定"
    )
    suggested_unit = forms.ModelChoiceField(
        Unit.objects.none(), label="建议承办单位", required=False, empty_label="由代表工委确定"
    )
    formed_by = forms.ChoiceField(
        label="形成方式",
        required=False,
        choices=[("", "不填"), *FormedBy.choices],
        help_text="本件内容是通过什么形式形成的。",
    )
    wants_contact = forms.BooleanField(label="希望承办单位在办理中加强联系沟通", required=False)
    disclosure = forms.ChoiceField(
        label="公开意见",
        choices=Disclosure.choices,
        initial=Disclosure.FULL,
        widget=forms.RadioSelect,
        help_text="涉密内容不得在本系统填写。",
    )
    not_suggestion = forms.MultipleChoiceField(
        label="本件是否有下列情形",
        required=False,
        choices=[(reason.value, reason.label) for reason in INSTEAD],
        widget=forms.CheckboxSelectMultiple,
        help_text="有的请勾选，系统会告诉您可以怎样办；没有的不用勾选。",
    )
    self_checked = forms.BooleanField(label="已逐项核对，本件不涉及上列情形", required=False)

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
        return {name: value for name, value in self.cleaned_data.items() if name not in OWN_FIELDS}

    def is_ready(self) -> bool:
        """Say whether the valid form can be handed in, and add the errors that say what is missing.

        What is not a suggestion is refused with words about what to do instead.
        """
        data = dict(self.cleaned_data)
        if data["title"] == UNTITLED:
            self.add_error("title", "请填写标题。")
        for name, words in missing_parts(data["form"], data).items():
            self.add_error(name, words)
        for code in data["not_suggestion"]:
            reason = NotRegisteredReason(code)
            self.add_error("not_suggestion", f"{reason.label}的，不能作为建议议案提出。{INSTEAD[reason]}")
        if not data["self_checked"] and not data["not_suggestion"]:
            self.add_error("self_checked", CHECK_FIRST)
        return not self.errors


def initial_of(proposal: Proposal) -> dict[str, Any]:
    """Return a draft as its form shows it."""
    plain = ("title", "form", "body", "grounds", "plan", "formed_by", "wants_contact", "disclosure", "version")
    initial = {name: getattr(proposal, name) for name in plain}
    initial |= {"category": proposal.category_id, "suggested_unit": proposal.suggested_unit_id}
    if initial["title"] == UNTITLED:
        initial["title"] = ""
    return initial
