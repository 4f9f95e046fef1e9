"""Registers of the procedures and their steps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from accounts.admin_base import ScopedAdmin, ScopedInline
from accounts.models import User
from casework import procedures
from casework.admin.copying import Copied
from casework.admin.installation import OfProcedures
from casework.admin.steps import (
    STEP_FIELDS,
    OutcomeInline,
    StepForm,
    StepPageForm,
    deadline_in_words,
    in_words,
    in_words_of,
)
from casework.models import Outcome, Procedure, Step
from casework.procedures import Placed, UnableToChangeProcedure

OUTCOMES = Prefetch("outcomes", queryset=Outcome.objects.select_related("goes_to"))


class StepInline(OfProcedures, ScopedInline, admin.TabularInline):
    model = Step
    form = StepForm
    show_change_link = True
    fields = ["place", "label", "stage", "act", "actor_role", "verb", "deadline", "outcomes"]
    readonly_fields = ["outcomes"]

    def why_fixed(self, user: User, obj: Procedure) -> str:
        return procedures.why_fixed(user, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related(OUTCOMES)

    @admin.display(description="结论")
    def outcomes(self, step: Step) -> str:
        return "；".join(in_words(row) for row in step.outcomes.all()) if step.pk else "保存以后填写"


@admin.register(Procedure)
class ProcedureAdmin(OfProcedures, Copied, ScopedAdmin):
    measure_word = "个"
    inlines = [StepInline]
    list_display = ["name", "version", "owner", "steps_in_words", "state"]
    list_filter = ["is_active"]
    list_select_related = ["congress"]
    search_fields = ["name"]
    search_help_text = "按程序名称查找"
    readonly_fields = ["version", "owner", "state"]
    fields = ["name", "version", "owner", "state"]
    refusals = (UnableToChangeProcedure,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("steps")

    @admin.display(description="步骤")
    def steps_in_words(self, procedure: Procedure) -> str:
        return " → ".join(step.label for step in procedure.steps.all())

    @admin.display(description="所属", ordering="congress")
    def owner(self, procedure: Procedure) -> str:
        return str(procedure.congress or "系统自带")

    @admin.display(description="状态", ordering="is_active")
    def state(self, procedure: Procedure) -> str:
        return "启用" if procedure.is_active else "未启用"

    def why_fixed(self, user: User, obj: Procedure) -> str:
        return procedures.why_fixed(user, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_inlines(self, request: HttpRequest, obj: Procedure | None) -> list[type]:
        # What cannot be changed is read as a table, not as a form without fields.
        return self.inlines if obj is None or self.has_change_permission(request, obj) else []

    def copy(self, request: HttpRequest, obj: Procedure, name: str | None) -> Procedure:
        return procedures.copy_procedure(procedure=obj, user=request.user, as_new_name=name)

    def has_versions(self, request: HttpRequest, obj: Procedure) -> bool:
        versions = Procedure.objects.filter(code=obj.code)
        return procedures.may_own(request.user, obj) and versions.filter(is_active=True).exists()

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs["obj"]
        if procedures.may_own(request.user, obj) and not obj.is_active:
            context["faults"] = procedures.faults_of(obj)
            context["activate_url"] = self.page_url("activate", obj)
        if not self.has_change_permission(request, obj):
            rows = obj.steps.order_by("position").prefetch_related(OUTCOMES)
            context["steps"] = [in_words_of(step, obj.case_kind) for step in rows]
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except UnableToChangeProcedure as error:
            request.refusal = str(error)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_formset(self, request: HttpRequest, form: forms.ModelForm, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        deleted = set(formset.deleted_forms)
        rows = [
            Placed(row.instance, row.cleaned_data.get("place"))
            for row in formset.forms
            if row not in deleted and (row.instance.pk or row.has_changed())
        ]
        procedures.put_steps(procedure=form.instance, user=request.user, steps=rows, removed=formset.deleted_objects)

    def delete_model(self, request: HttpRequest, obj: Procedure) -> None:
        procedures.delete_draft(procedure=obj, user=request.user)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        to_delete, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        # The steps go with their procedure, though not by themselves.
        return to_delete, counts, forbidden - {Step._meta.verbose_name}, protected  # noqa: SLF001

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.activate_view)
        return [path("<path:object_id>/activate/", view, name=self.page_name("activate")), *super().get_urls()]

    def activate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what activating a draft would mean, and why it cannot be; activate it when asked."""
        obj = self.get_object(request, unquote(object_id))
        if not procedures.may_own(request.user, obj):
            raise PermissionDenied
        refusal = ""
        if request.method == "POST":
            try:
                before = procedures.activate(procedure=obj, user=request.user)
            except UnableToChangeProcedure as error:
                refusal = str(error)
            else:
                self.log_change(request, obj, "启用" + (f"，代替「{before}」" if before else ""))
                messages.success(request, f"「{obj}」已经启用。" + _what_now(before))
                return HttpResponseRedirect(self.page_url("change", obj))
        found = [] if obj.is_active else procedures.faults_of(obj)
        rows = obj.steps.order_by("position").prefetch_related(OUTCOMES)
        return self.own_page(
            request,
            obj,
            "procedure_activate.html",
            title=f"启用「{obj}」",
            faults=found,
            refusal="" if found else refusal,
            before=Procedure.objects.filter(code=obj.code, is_active=True).exclude(pk=obj.pk).first(),
            steps=[in_words_of(step, obj.case_kind) for step in rows],
        )


def _what_now(before: Procedure | None) -> str:
    if before is None:
        return "要让新提出的建议议案按它办理，请在「办理安排」中选用。"
    return f"新的办件按它办理，已在办理的仍按「{before}」办到底。"


@admin.register(Step)
class StepAdmin(OfProcedures, ScopedAdmin):
    """One step with the ways it ends; reached from its procedure, not from the index."""

    form = StepPageForm
    inlines = [OutcomeInline]
    list_display = ["procedure", "position", "label", "stage", "actor_role", "deadline_shown"]
    list_display_links = ["label"]
    list_select_related = ["procedure"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        visible = Procedure.objects.visible_to(request.user)
        return super().get_queryset(request).filter(procedure__in=visible.values("pk"))

    @admin.display(description="期限", ordering="deadline")
    def deadline_shown(self, step: Step) -> str:
        return deadline_in_words(step, step.procedure.case_kind)

    def why_fixed(self, user: User, obj: Step) -> str:
        return procedures.why_fixed(user, obj.procedure)

    def get_inlines(self, request: HttpRequest, obj: Step | None) -> list[type]:
        return self.inlines if obj is None or self.has_change_permission(request, obj) else []

    def get_fields(self, request: HttpRequest, obj: Step | None = None) -> list[str]:
        return STEP_FIELDS if self.has_change_permission(request, obj) else ["procedure", "position"]

    def get_readonly_fields(self, request: HttpRequest, obj: Step | None = None) -> list[str]:
        return ["procedure", "position"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            if request.method == "POST" and object_id is not None and object_id.isdecimal():
                # Nobody activates the procedure while a step of it is being saved.
                held = Procedure.objects.filter(steps=int(object_id) % 2**63).values("pk")
                list(Procedure.objects.select_for_update(of=("self",)).filter(pk__in=held))
            return super().changeform_view(request, object_id, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs["obj"]
        if not self.has_change_permission(request, obj):
            row = Step.objects.select_related("procedure").prefetch_related(OUTCOMES).get(pk=obj.pk)
            context["steps"] = [in_words_of(row, row.procedure.case_kind)]
        return super().render_change_form(request, context, *args, **kwargs)

    def response_post_save_change(self, request: HttpRequest, obj: Step) -> HttpResponse:
        # The way back leads to the procedure: a list of all steps says nothing.
        return HttpResponseRedirect(self.procedure_url(obj))

    def procedure_url(self, obj: Step) -> str:
        return self.admin_site.get_model_admin(Procedure).page_url("change", obj.procedure)
