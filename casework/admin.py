"""Registers of procedures, of the calendar, and of what cases leave behind."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts import permissions
from accounts.admin_base import ReadOnlyAdmin, RegisterForm, Scoped, ScopedAdmin, ScopedInline
from accounts.models import User
from casework.models import CalendarDay, CalendarYear, Event, Obligation, Outcome, Procedure, Step
from workbooks.cleaners import Text


class Installation(Scoped):
    """What all congresses share: kept by the system administrator, read by staff and leaders."""

    may_view = staticmethod(permissions.reads_installation)
    may_keep = staticmethod(permissions.keeps_installation)


def why_in_use(procedure: Procedure) -> str:
    """Return why a procedure is fixed; empty while no case runs in it."""
    if procedure.cases.exists():
        return f"已有办件按「{procedure}」办理，程序不能再改：办件按开始时的规则办到底，办理经过才对得上。"
    return ""


class StepForm(RegisterForm):
    cleaners = {"label": Text(40), "verb": Text(20)}


class StepInline(Installation, ScopedInline, admin.TabularInline):
    model = Step
    form = StepForm
    can_delete = False
    show_change_link = True
    fields = ["position", "stage", "label", "actor_role", "verb", "deadline", "acknowledge_within", "outcomes"]
    readonly_fields = ["position", "stage", "outcomes"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        outcomes = Outcome.objects.select_related("goes_to")
        return super().get_queryset(request).prefetch_related(Prefetch("outcomes", queryset=outcomes))

    @admin.display(description="结论")
    def outcomes(self, step: Step) -> str:
        return "；".join(f"{row.label} → {row.goes_to or '办结'}" for row in step.outcomes.all())


@admin.register(Procedure)
class ProcedureAdmin(Installation, ScopedAdmin):
    measure_word = "个"
    inlines = [StepInline]
    list_display = ["name", "version", "steps_in_words", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    search_help_text = "按程序名称查找"
    fields = ["name", "version", "is_active"]
    readonly_fields = ["version", "is_active"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("steps")

    @admin.display(description="步骤")
    def steps_in_words(self, procedure: Procedure) -> str:
        return " → ".join(step.label for step in procedure.steps.all())

    def why_fixed(self, user: User, obj: Procedure) -> str:
        return why_in_use(obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class OutcomeInline(Installation, ScopedInline, admin.TabularInline):
    model = Outcome
    form = StepForm
    fk_name = "step"
    can_delete = False
    fields = ["label", "goes_to", "closes_as", "deadline"]
    readonly_fields = ["goes_to", "closes_as"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Step)
class StepAdmin(Installation, ScopedAdmin):
    """One step with the ways it ends; reached from its procedure, not from the index."""

    form = StepForm
    inlines = [OutcomeInline]
    list_display = ["procedure", "position", "label", "stage", "actor_role", "deadline"]
    list_display_links = ["label"]
    list_select_related = ["procedure"]
    fields = ["procedure", "position", "stage", "label", "actor_role", "verb", "deadline", "acknowledge_within"]
    readonly_fields = ["procedure", "position", "stage"]

    def why_fixed(self, user: User, obj: Step) -> str:
        return why_in_use(obj.procedure)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(CalendarYear)
class CalendarYearAdmin(Installation, ScopedAdmin):
    measure_word = "年"
    list_display = ["year"]


class DayForm(RegisterForm):
    cleaners = {"name": Text(40)}


@admin.register(CalendarDay)
class CalendarDayAdmin(Installation, ScopedAdmin):
    form = DayForm
    measure_word = "天"
    list_display = ["day", "kind", "name"]
    list_filter = ["kind"]
    search_fields = ["name"]
    search_help_text = "按节假日名称查找"


class OfCase:
    """A column that leads to the case's page, where the work is done."""

    @admin.display(description="办件", ordering="case__title")
    def case_link(self, row: Obligation | Event) -> str:
        return format_html('<a href="{}">{}</a>', row.case.get_absolute_url(), row.case)


@admin.register(Obligation)
class ObligationAdmin(OfCase, ReadOnlyAdmin):
    measure_word = "项"
    when_empty = "办件每走一步，下一步由谁在什么期限前办理，会自动记在这里。"
    list_display = ["verb", "case_link", "owner_label", "due_on", "is_provisional", "state", "closed_at"]
    list_filter = ["state", "owner_role", "is_provisional"]
    list_select_related = ["case"]
    search_fields = ["case__title", "=case__label", "owner_label"]
    search_help_text = "按标题、编号、责任方查找"
    fields = [
        "verb", "case_link", "owner_label", "from_label", "opened_at", "due_on", "due_basis", "is_provisional", "is_silent",
        "state", "closed_at", "closed_by",
    ]  # fmt: skip


@admin.register(Event)
class EventAdmin(OfCase, ReadOnlyAdmin):
    when_empty = "办件的每一步办理，会自动记在这里。"
    list_display = ["at", "case_link", "actor_label", "step_label", "sentence", "is_imported"]
    list_filter = ["is_imported"]
    list_select_related = ["case"]
    search_fields = ["case__title", "=case__label", "actor_label", "sentence"]
    search_help_text = "按标题、编号、经办人、记载查找"
    fields = ["at", "case_link", "actor_label", "step_label", "sentence", "is_imported"]
