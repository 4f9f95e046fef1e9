"""What people were told, and what failed to reach them."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin_base import ReadOnlyAdmin
from notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    when_empty = "系统发出的提醒，会自动记在这里。"
    list_display = [
        "title",
        "recipient",
        "channel",
        "state",
        "due_on",
        "created_at",
        "sent_at",
        "attempts",
        "last_error",
    ]
    list_filter = ["state", "channel"]
    list_select_related = ["recipient"]
    search_fields = ["title", "recipient__name", "recipient__username"]
    search_help_text = "按标题、接收人查找"
    fields = [
        "title", "body", "recipient", "channel", "state", "due_on", "created_at", "next_try_at", "attempts", "sent_at",
        "last_error",
    ]  # fmt: skip
