"""Registers of what cases leave behind."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html

from accounts.admin_base import ReadOnlyAdmin
from casework.models import Event, Obligation


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
