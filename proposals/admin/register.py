"""The register of proposals, which is read here and worked on its own pages, and the lists by which they are sorted."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts import permissions
from accounts.admin_base import Choice, ReadOnlyAdmin, RegisterForm, ScopedAdmin, ScopedRelation, year_of
from bodies.models import Unit
from casework.models import Step
from deputies.models import Delegation
from proposals.models import Assignment, Category, OutcomeCategory, Proposal
from workbooks.admin import FormImportAdminMixin
from workbooks.cleaners import Code, Name, Text

NUMBER = re.compile(r"第?(\d{1,9})号?")


class StepFilter(Choice):
    title = "当前步骤"
    parameter_name = "step"
    lookup = "step"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        steps = Step.objects.filter(procedure__cases__congress=request.user.hat.congress_id).distinct()
        return list(steps.order_by("procedure", "position").values_list("pk", "label"))


class DelegationFilter(Choice):
    title = "代表团"
    parameter_name = "delegation"
    lookup = "lead__delegation"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(Delegation.objects.visible_to(request.user).values_list("pk", "name"))


class UnitFilter(Choice):
    title = "承办单位"
    parameter_name = "unit"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(Unit.objects.visible_to(request.user).values_list("pk", "name"))

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(pk__in=Assignment.objects.filter(unit=value).values("round__proposal"))


@admin.register(Proposal)
class ProposalAdmin(FormImportAdminMixin, ReadOnlyAdmin):
    form_kind = "proposals"
    measure_word = "件"
    list_display = [
        "number_shown",
        "title",
        "lead",
        "delegation",
        "category",
        "submitted_on",
        "step",
        "status",
        "open_case",
    ]
    list_display_links = ["title"]
    not_printed = ("open_case",)
    list_filter = [
        "status",
        "form",
        StepFilter,
        ("category", ScopedRelation),
        DelegationFilter,
        UnitFilter,
        year_of("submitted_on", "提出年份"),
    ]
    list_select_related = ["lead__person", "lead__delegation", "category", "step"]
    search_fields = ["title", "lead__person__name", "^lead__person__initials"]
    search_help_text = "按标题、编号、领衔代表姓名或拼音首字母查找"
    fields = [
        "open_case", "number_shown", "title", "form", "category", "nature", "period", "session", "submitted_on", "lead",
        "paper_cosigners", "disclosure", "review_result", "not_registered_reason", "suggested_unit", "procedure", "step",
        "status", "closed_at", "is_imported", "body",
    ]  # fmt: skip

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if match := NUMBER.fullmatch(search_term.strip()):
            return queryset.filter(number=match[1]), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="编号", ordering="number")
    def number_shown(self, proposal: Proposal) -> str:
        return proposal.display_no

    @admin.display(description="代表团", ordering="lead__delegation__sort")
    def delegation(self, proposal: Proposal) -> str:
        return proposal.lead.delegation.name

    @admin.display(description="办理")
    def open_case(self, proposal: Proposal) -> str:
        return format_html('<a href="{}">打开办件</a>', proposal.get_absolute_url())

    def has_import_permission(self, request: HttpRequest) -> bool:
        # Past years come in by the form; what is under way is worked on its page.
        return permissions.keeps_registers(request.user)


class CategoryForm(RegisterForm):
    cleaners = {"name": Name(60)}


@admin.register(Category)
class CategoryAdmin(ScopedAdmin):
    form = CategoryForm
    measure_word = "类"
    congress_of = "congress_id"
    list_display = ["name", "sort"]
    search_fields = ["name"]
    search_help_text = "按类别名称查找"


class OutcomeCategoryForm(RegisterForm):
    cleaners = {"code": Code(10), "name": Name(60), "definition": Text(300)}


@admin.register(OutcomeCategory)
class OutcomeCategoryAdmin(ScopedAdmin):
    form = OutcomeCategoryForm
    measure_word = "类"
    congress_of = "term.congress_id"
    list_display = ["code", "name", "term", "counts_as_solved", "counts_as_explained", "needs_follow_up", "sort"]
    list_display_links = ["name"]
    list_filter = [("term", ScopedRelation)]
    list_select_related = ["term__congress"]
    search_fields = ["name"]
    search_help_text = "按名称查找"
