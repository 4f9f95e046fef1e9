"""Registers of the congresses with their terms, and of the handling units."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import permissions
from accounts.admin_base import RegisterForm, ScopedAdmin, ScopedInline, ScopedRelation
from bodies.models import Committee, Congress, Meeting, Session, Term, Unit, UnitAlias
from bodies.units import save_unit
from workbooks.admin import FormImportAdminMixin
from workbooks.cleaners import Code, Name, Phone


class CongressForm(RegisterForm):
    cleaners = {"code": Code(20), "name": Name(100)}


@admin.register(Congress)
class CongressAdmin(ScopedAdmin):
    form = CongressForm
    measure_word = "个"
    may_view = staticmethod(permissions.reads_bodies)
    may_keep = staticmethod(permissions.keeps_installation)
    list_display = ["name", "code", "level", "parent"]
    list_filter = ["level"]
    list_select_related = ["parent"]
    search_fields = ["name", "code"]
    search_help_text = "按名称、行政区划代码查找"
    autocomplete_fields = ["parent"]


class SessionInline(ScopedInline, admin.TabularInline):
    model = Session
    may_view = staticmethod(permissions.reads_installation)
    may_keep = staticmethod(permissions.keeps_terms)


@admin.register(Term)
class TermAdmin(ScopedAdmin):
    inlines = [SessionInline]
    measure_word = "届"
    may_view = staticmethod(permissions.reads_installation)
    may_keep = staticmethod(permissions.keeps_terms)
    congress_of = "congress_id"
    list_display = ["name", "congress", "starts_on", "ends_on"]
    list_filter = [("congress", ScopedRelation)]
    list_select_related = ["congress"]
    search_fields = ["name", "congress__name"]
    search_help_text = "按届次、人大名称查找"


class NameForm(RegisterForm):
    cleaners = {"name": Name(100)}


@admin.register(Meeting)
class MeetingAdmin(ScopedAdmin):
    form = NameForm
    measure_word = "次"
    congress_of = "term.congress_id"
    list_display = ["name", "term", "held_on"]
    list_filter = [("term", ScopedRelation)]
    list_select_related = ["term__congress"]
    search_fields = ["name"]
    search_help_text = "按会议名称查找"


@admin.register(Committee)
class CommitteeAdmin(ScopedAdmin):
    form = NameForm
    measure_word = "个"
    may_view = staticmethod(permissions.reads_bodies)
    congress_of = "congress_id"
    fields = ["congress", "name", "sort"]
    list_display = ["name", "congress", "sort"]
    list_filter = [("congress", ScopedRelation)]
    list_select_related = ["congress"]
    search_fields = ["name"]
    search_help_text = "按名称查找"


class UnitForm(RegisterForm):
    cleaners = {"name": Name(100), "system": Name(100), "contact_name": Name(100), "contact_phone": Phone()}
    contact_phone = forms.CharField(label="联系电话", max_length=100, required=False, help_text="加密保存")


class AliasForm(RegisterForm):
    cleaners = {"alias": Name(100)}


class AliasInline(ScopedInline, admin.TabularInline):
    model = UnitAlias
    form = AliasForm
    fields = ["alias"]


@admin.register(Unit)
class UnitAdmin(FormImportAdminMixin, ScopedAdmin):
    # The system administrator picks units for hats; who works there is none of his business.
    of_people = ("contact_name", "contact_phone")
    form_kind = "units"
    measure_word = "个"
    form = UnitForm
    may_view = staticmethod(permissions.reads_bodies)
    inlines = [AliasInline]
    congress_of = "congress_id"
    fields = ["congress", "name", "system", "parent", "contact_name", "contact_phone", "sort", "is_active"]
    list_display = ["name", "system", "short_names", "parent", "contact_name", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["parent"]
    search_fields = ["name", "^initials", "^pinyin", "aliases__alias"]
    search_help_text = "按单位名称、简称、拼音首字母查找"
    autocomplete_fields = ["parent"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("aliases")

    @admin.display(description="简称")
    def short_names(self, unit: Unit) -> str:
        return "、".join(alias.alias for alias in unit.aliases.all())

    def get_fields(self, request: HttpRequest, obj: Unit | None = None) -> list[str]:
        return [name for name in self.fields if permissions.reads_registers(request.user) or name not in self.of_people]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        shown = self.list_display
        return [name for name in shown if permissions.reads_registers(request.user) or name not in self.of_people]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return permissions.reads_registers(request.user)

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        save_unit(unit=obj)
