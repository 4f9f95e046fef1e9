"""What people were told, what failed to reach them, and in which words they are reminded."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import permissions
from accounts.admin_base import ReadOnlyAdmin, ScopedAdmin
from accounts.models import User
from notices import services, texts
from notices.models import Digest, Notice, NoticeState, NoticeText
from notices.rules import rest_of


class SentAgain:
    """Gives a register the button 重新发送: one row on its page, all that failed above the list."""

    change_list_template = "admin/notices/change_list.html"
    change_form_template = "admin/notices/change_form.html"

    def send_again(self, keys: list[int], user: User) -> int:
        """Have the service try these rows again."""
        raise NotImplementedError

    def get_urls(self: Any) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_again"
        return [path("send-again/", self.admin_site.admin_view(self.again_view), name=name), *super().get_urls()]

    def _failed(self: Any, request: HttpRequest) -> QuerySet:
        return self.get_queryset(request).filter(state=NoticeState.FAILED)

    def _context(self: Any, count: int) -> dict[str, Any]:
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_again"
        return {"again_url": reverse(page, current_app=self.admin_site.name), "again_count": count} if count else {}

    def changelist_view(self: Any, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        count = self._failed(request).count() if permissions.keeps_registers(request.user) else 0
        return super().changelist_view(request, (extra_context or {}) | self._context(count))

    def render_change_form(self: Any, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None and obj.state == NoticeState.FAILED and permissions.keeps_registers(request.user):
            context |= self._context(1)
        return super().render_change_form(request, context, *args, **kwargs)

    def again_view(self: Any, request: HttpRequest) -> HttpResponse:
        """Try again the row that was named, or all that failed."""
        if not permissions.keeps_registers(request.user):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        rows = self._failed(request)
        if "key" in request.POST:
            key = request.POST["key"]
            rows = rows.filter(pk=key) if re.fullmatch(r"[0-9]{1,18}", key) else rows.none()
        count = self.send_again(list(rows.values_list("pk", flat=True)), request.user)
        if count:
            messages.success(request, f"{count} 条已重新排队发送，结果请稍后在列表中查看。")
        else:
            messages.info(request, "没有需要重新发送的记录，可能刚刚已经处理。")
        list_page = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return HttpResponseRedirect(reverse(list_page, current_app=self.admin_site.name))


@admin.register(Notice)
class NoticeAdmin(SentAgain, ReadOnlyAdmin):
    when_empty = "系统发出的提醒，会自动记在这里。"
    list_display = ["words", "recipient", "channel", "state", "due_on", "digest", "created_at", "sent_at", "last_error"]
    list_filter = ["state", "channel"]
    list_select_related = ["recipient", "digest"]
    search_fields = ["title", "recipient__name", "recipient__username"]
    search_help_text = "按标题、接收人查找"
    fields = [
        "words", "body", "recipient", "channel", "state", "due_on", "digest", "created_at", "next_try_at", "attempts",
        "sent_at", "last_error",
    ]  # fmt: skip
    readonly_fields = ["words"]

    @admin.display(description="标题", ordering="title")
    def words(self, obj: Notice) -> str:
        return obj.title.replace(texts.DAYS, "…")

    def send_again(self, keys: list[int], user: User) -> int:
        return services.send_again(notices=keys, user=user, now=timezone.now())


@admin.register(Digest)
class DigestAdmin(SentAgain, ReadOnlyAdmin):
    when_empty = "每人每天的提醒汇总，会自动记在这里。"
    list_display = ["title", "recipient", "channel", "day", "total", "state", "sent_at", "attempts", "last_error"]
    list_filter = ["state", "channel"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__name", "recipient__username"]
    search_help_text = "按接收人查找"
    fields = [
        "title", "recipient", "channel", "day", "total", "content", "state", "created_at", "next_try_at", "attempts",
        "sent_at", "last_error",
    ]  # fmt: skip
    readonly_fields = ["content"]

    @admin.display(description="内容")
    def content(self, obj: Digest) -> SafeString:
        rows = ((line["light_words"], line["text"], line["more"]) for line in obj.lines)
        said = format_html_join("", "<li>{} {} {}</li>", rows)
        return format_html("<ol>{}</ol>{}", said, rest_of(obj.lines, obj.total, obj.overseen))

    def send_again(self, keys: list[int], user: User) -> int:
        return services.send_again(digests=keys, user=user, now=timezone.now())


@admin.register(NoticeText)
class NoticeTextAdmin(ScopedAdmin):
    measure_word = "条"
    when_empty = "没有自定用语时，使用系统自带的用语。"
    congress_of = "congress_id"
    list_display = ["rule", "title", "body", "preview"]
    fields = ["congress", "rule", "title", "body", "preview", "shipped"]
    readonly_fields = ["preview", "shipped"]

    def get_form(self, *args: Any, **kwargs: Any) -> type:
        allowed = f"可以使用：{'、'.join(texts.SAMPLE)}"
        return super().get_form(*args, **kwargs, help_texts={"title": allowed, "body": allowed})

    @admin.display(description="预览（保存后更新）")
    def preview(self, obj: NoticeText) -> str:
        return texts.preview(obj.title, obj.body) if obj.pk else ""

    @admin.display(description="系统自带的用语")
    def shipped(self, obj: NoticeText) -> SafeString:
        del obj
        rows = ((texts.KINDS[rule], title, body) for rule, (title, body) in texts.SHIPPED.items())
        return format_html_join("", "<p>{}：{}　{}</p>", rows)
