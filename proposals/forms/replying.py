"""What the units tell of their handling."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import RegexValidator

from proposals.forms.base import BODY_LIMIT, DATE, OPINION_LIMIT, PlainForm
from proposals.models import ContactPhase, ContactWay, OutcomeCategory, ReplyDisclosure

if TYPE_CHECKING:
    from bodies.models import Term

NAME_LIMIT = 60
PHONE = RegexValidator(r"(?:\D*\d){5}", "请填写电话号码，如：0574-12345678。")


class ContactForm(PlainForm):
    """How a unit contacted the deputy."""

    phase = forms.ChoiceField(label="阶段", choices=ContactPhase.choices, widget=forms.RadioSelect)
    contacted_on = forms.DateField(label="联系日期", widget=DATE)
    way = forms.ChoiceField(label="联系方式", choices=ContactWay.choices, widget=forms.RadioSelect)
    summary = forms.CharField(label="沟通情况", max_length=OPINION_LIMIT, widget=forms.Textarea(attrs={"rows": 5}))


class FreeFile(forms.FileField):
    """A file that the page has taken before the form is looked at: its name and size are not this form's matter."""

    def clean(self, data: Any, initial: Any = None) -> None:
        """Return nothing."""


class FormWithFile(PlainForm):
    """A form with which a file came; ``refused_files`` says why it was not taken."""

    def __init__(self, *args: Any, refused_files: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused_files = refused_files

    def clean(self) -> dict[str, Any]:
        for reason in self.refused_files:
            self.add_error("file", reason)
        return super().clean()

    @property
    def given(self) -> dict[str, Any]:
        """What the service is given: the file is with the proposal already."""
        return {name: value for name, value in super().given.items() if name != "file"}


class ReplyForm(FormWithFile):
    """A unit's reply. ``opening`` is what the text begins with; left as it is, nothing was written.

    ``followed`` holds the keys of the outcomes after which something is left to do, and is promised.
    """

    PROMISE = ("matter", "promised_for", "responsible")

    body = forms.CharField(
        label="答复内容",
        required=False,
        max_length=BODY_LIMIT,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="逐条回应代表的意见，写明协办单位的意见。生成的答复函会自动排好称呼、落款和日期。",
    )
    file = FreeFile(
        label="盖章的答复函",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx"}),
        help_text="PDF 或者 Word（.docx），不超过 20 MB。上传了答复函的，上面的内容可以不写。",
    )
    document_no = forms.CharField(
        label="答复文号", max_length=60, help_text="如：云教〔2026〕7号；括号和空格会自动规范。"
    )
    replied_on = forms.DateField(label="答复日期", widget=DATE)
    outcome = forms.ModelChoiceField(
        OutcomeCategory.objects.none(), label="办理结果", widget=forms.RadioSelect, empty_label=None
    )
    disclosure = forms.ChoiceField(label="公开属性", choices=ReplyDisclosure.choices, widget=forms.RadioSelect)
    not_public_reason = forms.CharField(
        label="不公开的理由",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选择不公开的必填。",
    )
    matter = forms.CharField(
        label="承诺解决的事项",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    promised_for = forms.DateField(label="承诺完成期限", required=False, widget=DATE)
    responsible = forms.CharField(label="承诺责任人", required=False, max_length=NAME_LIMIT)
    signed_by = forms.CharField(label="签发人", required=False, max_length=NAME_LIMIT)
    contact_name = forms.CharField(label="联系人", required=False, max_length=NAME_LIMIT)
    contact_phone = forms.CharField(
        label="联系电话",
        required=False,
        max_length=NAME_LIMIT,
        validators=[PHONE],
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )

    def __init__(
        self,
        *args: Any,
        term: Term,
        opening: str = "",
        required: Collection[str] = (),
        is_preview: bool = False,
        **kwargs: Any,
    ) -> None:
        """A preview asks for nothing but what it can draw."""
        super().__init__(*args, **kwargs)
        self.opening = opening
        self.fields["signed_by"].required = "signed_by" in required
        outcome = self.fields["outcome"]
        outcome.queryset = OutcomeCategory.objects.filter(term=term)
        outcome.label_from_instance = lambda row: f"{row}：{row.definition}" if row.definition else str(row)
        followed = [row for row in outcome.queryset if row.needs_follow_up]
        self.followed = " ".join(str(row.pk) for row in followed)
        names = "、".join(map(str, followed))
        self.fields["matter"].help_text = (
            f"办理结果为{names}的，请写明承诺解决什么，记入承诺台账；现在不写的，答复后补登记。" if followed else ""
        )
        self.is_preview = is_preview
        if is_preview:
            for field in self.fields.values():
                field.required = False

    def clean_body(self) -> str:
        body = self.cleaned_data["body"]
        return "" if re.sub(r"\s", "", body) == re.sub(r"\s", "", self.opening) else body

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        is_hidden = data.get("disclosure") == ReplyDisclosure.NONE
        if is_hidden and not self.is_preview and data.get("not_public_reason") == "":
            self.add_error("not_public_reason", "不公开的，请写明理由。")
        given = [name for name in self.PROMISE if str(data.get(name) or "").strip()]
        for missing in ("matter", "promised_for") if given and not self.is_preview else ():
            if missing not in given and missing not in self.errors:
                self.add_error(missing, "承诺事项和完成期限要一起填写。")
        return data


class InPersonForm(FormWithFile):
    """A reply given face to face."""

    held_on = forms.DateField(label="面复日期", widget=DATE)
    place = forms.CharField(label="地点", max_length=100)
    unit_people = forms.CharField(label="承办单位参加人", max_length=300, help_text="写明姓名和职务。")
    deputies = forms.CharField(label="参加代表", max_length=300)
    minutes = forms.CharField(
        label="面复情况",
        max_length=BODY_LIMIT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="写明答复了什么、代表有什么意见。",
    )
    is_signed = forms.BooleanField(label="代表已在当面答复记录上签字", required=False)
    file = FreeFile(
        label="签字的当面答复记录",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,image/jpeg,image/png"}),
        help_text="扫描件或者照片，不超过 20 MB；也可以以后在本件页面上传。",
    )
