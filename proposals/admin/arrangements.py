"""Registers of the rules of handling, and of what the new proposals of a term start with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse

from accounts import permissions
from accounts.admin_base import RegisterForm, ScopedAdmin, ScopedRelation, choices
from accounts.models import User
from casework.admin.copying import Copied
from casework.forms import DeadlineField
from casework.models import Procedure
from casework.presenters import deadline_words
from proposals.models import DEADLINES, KIND, Arrangement, HandlingRules
from proposals.services import arranging
from proposals.services.arranging import UnableToArrange
from workbooks.cleaners import Text

SILENT = "没有规定"


class RulesForm(RegisterForm):
    cleaners = {
        "name": Text(100),
        "basis": Text(100),
        "commitment_report": Text(60),
        "annual_report": Text(60),
    }

    class Meta:
        widgets = {"basis": forms.TextInput(attrs={"size": 60})}


@admin.register(HandlingRules)
class HandlingRulesAdmin(Copied, ScopedAdmin):
    form = RulesForm
    may_view = staticmethod(permissions.reads_installation)
    may_keep = staticmethod(arranging.may_copy_rules)
    measure_word = "种"
    list_display = ["name", "owner", "reply_in_words", "return_in_words", "feedback_in_words", "basis"]
    list_select_related = ["congress"]
    search_fields = ["name", "basis"]
    search_help_text = "按名称、依据查找"
    change_form_template = "admin/casework/procedure/change_form.html"
    readonly_fields = ["owner"]
    refusals = (UnableToArrange,)
    groups = (
        (None, ["name", "owner", "basis"]),
        ("受理和交办", ["accept_notice", "assign_recess", "assign_session", "distribute"]),
        ("退办和重新交办", ["return_request", "reassign"]),
        ("办理", ["contact_deputy", "assist_opinion", "assist_redo", "informal_opinion_reply"]),
        ("答复和延期", ["reply", "reply_complex", "extend_max", "extend_by_max", "extend_approver", "cosigner_reply"]),
        ("反馈和重新办理", ["feedback", "raters", "unrated_close", "rehandle", "second_time"]),
        ("承诺事项", ["commitment", "commitment_feedback", "commitment_report"]),
        ("其他", ["rolls", "withdrawal_needs_consent", "annual_report"]),
    )

    def why_fixed(self, user: User, obj: HandlingRules) -> str:
        return arranging.why_rules_fixed(user, obj)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def copy(self, request: HttpRequest, obj: HandlingRules, name: str | None) -> HandlingRules:
        return arranging.copy_rules(rules=obj, user=request.user, name=name or "")

    def get_fieldsets(self, request: HttpRequest, obj: HandlingRules | None = None) -> list[tuple]:
        changes = self.has_change_permission(request, obj)
        # What cannot be changed is read in words, not as it is stored.
        return [
            (name, {"fields": [f"{field}_words" if field in DEADLINES and not changes else field for field in fields]})
            for name, fields in self.groups
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: HandlingRules | None = None) -> list[str]:
        return [*self.readonly_fields, *(f"{field}_words" for field in DEADLINES)]

    def get_fields(self, request: HttpRequest, obj: HandlingRules | None = None) -> list[str]:
        return [field for _, options in self.get_fieldsets(request, obj) for field in options["fields"]]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name in DEADLINES:
            help_text = str(db_field.help_text)
            if "空为" not in help_text:
                help_text = "；".join(filter(None, [help_text, "空为没有规定"]))
            return DeadlineField(str(db_field.verbose_name), help_text=help_text)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="所属", ordering="congress")
    def owner(self, rules: HandlingRules) -> str:
        return str(rules.congress or "系统自带")

    @admin.display(description="答复", ordering="reply")
    def reply_in_words(self, rules: HandlingRules) -> str:
        return deadline_words(rules.reply)

    @admin.display(description="申请退办", ordering="return_request")
    def return_in_words(self, rules: HandlingRules) -> str:
        return deadline_words(rules.return_request)

    @admin.display(description="代表反馈", ordering="feedback")
    def feedback_in_words(self, rules: HandlingRules) -> str:
        return deadline_words(rules.feedback)


def _words_of(field: models.Field) -> Any:
    @admin.display(description=field.verbose_name)
    def words(self: HandlingRulesAdmin, rules: HandlingRules) -> str:
        return deadline_words(getattr(rules, field.name)) or SILENT

    return words


for _field in DEADLINES:
    setattr(HandlingRulesAdmin, f"{_field}_words", _words_of(HandlingRules._meta.get_field(_field)))  # noqa: SLF001


@admin.register(Arrangement)
class ArrangementAdmin(ScopedAdmin):
    measure_word = "届"
    congress_of = "term.congress_id"
    list_display = ["term", "procedure", "rules"]
    list_filter = [("term", ScopedRelation)]
    list_select_related = ["term__congress", "procedure", "rules"]
    fields = ["term", "procedure", "rules"]

    def get_readonly_fields(self, request: HttpRequest, obj: Arrangement | None = None) -> list[str]:
        return ["term"] if obj is not None else []

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        # Without one a term would fall back to what is shipped; whoever wants that chooses it.
        return False

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> forms.Field:
        if db_field.name == "procedure":
            visible = choices(request.user, Procedure)
            kwargs["queryset"] = visible.filter(case_kind=KIND, is_active=True)
            kwargs["help_text"] = "只能选启用的程序；已在办理的建议议案仍按开始时的程序办"
        elif db_field.name == "rules":
            kwargs["help_text"] = "各项期限以规则为准；已在办理的建议议案仍按开始时的规则办"
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Arrangement, form: forms.ModelForm, change: bool) -> None:
        arranging.arrange(arrangement=obj, user=request.user)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except UnableToArrange as error:
            request.refusal = str(error)
            return super().changeform_view(request, object_id, form_url, extra_context)
