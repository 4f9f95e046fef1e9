"""The register of the audit trail, for the audit administrator alone."""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, PAGE_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import permissions, trail
from accounts.admin_base import Choice, ReadOnlyAdmin
from accounts.models import User
from audit.models import Entry, Seal
from audit.services import taken
from workbooks.printing import ReportBook, ReportColumn
from workbooks.writing import MAX_EXPORTED

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = "审计记录"
# Whose name is that of more accounts than this is looked up by a longer name.
MOST_ACCOUNTS = 200
LONGEST_WORD = 50
COLUMNS = [
    ReportColumn("时间", width=20),
    ReportColumn("谁", width=18),
    ReportColumn("身份", width=18),
    ReportColumn("从哪里", width=16),
    ReportColumn("做了什么", width=16),
    ReportColumn("对象", width=30),
    ReportColumn("结果", width=8),
    ReportColumn("变动前后", width=50),
    ReportColumn("页面或任务", width=24),
    ReportColumn("记录编号", width=10),
]


class LongList(Paginator):
    """Counts no further than anybody turns pages: a trail of millions would be counted on every page of it."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[: self.most + 1].count()


class Typed(admin.SimpleListFilter):
    """A filter by what is typed into it."""

    template = "admin/filter_typed.html"
    input_type = "text"
    hint = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> list[dict[str, Any]]:
        without = changelist.get_query_string(remove=[self.parameter_name])
        kept = [(name, value) for name, value in parse_qsl(without[1:]) if name != PAGE_VAR]
        everything = {"selected": not self.value(), "query_string": without, "display": "全部", "kept": kept}
        chosen = [{"selected": True, "display": self.value()}] if self.value() else []
        return [everything, *chosen]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return self.found(queryset, self.value().strip()[:LONGEST_WORD]) if self.value() else queryset

    def found(self, queryset: QuerySet, typed: str) -> QuerySet:
        """Return the rows that fit what was typed."""
        raise NotImplementedError


class DayFilter(Typed):
    """A filter by a day; what is no day finds nothing."""

    input_type = "date"

    def found(self, queryset: QuerySet, typed: str) -> QuerySet:
        try:
            day = parse_date(typed)
            midnight = timezone.make_aware(dt.datetime.combine(day, dt.time())) if day else None
            return queryset.filter(self.condition(midnight)) if midnight else queryset.none()
        except (ValueError, OverflowError):
            return queryset.none()

    def condition(self, midnight: dt.datetime) -> Q:
        """Return what must hold of the entry, given the beginning of the day."""
        raise NotImplementedError


class FromDay(DayFilter):
    title = "从哪天起"
    parameter_name = "from"

    def condition(self, midnight: dt.datetime) -> Q:
        return Q(at__gte=midnight)


class UntilDay(DayFilter):
    title = "到哪天止"
    parameter_name = "until"

    def condition(self, midnight: dt.datetime) -> Q:
        return Q(at__lt=midnight + dt.timedelta(days=1))


class ActorFilter(Typed):
    """By name or login name; one query."""

    title = "谁"
    parameter_name = "who"
    hint = "姓名或用户名"

    def found(self, queryset: QuerySet, typed: str) -> QuerySet:
        found = User.objects.filter(Q(username__icontains=typed) | Q(name__icontains=typed)).order_by("pk")
        keys = list(found.values_list("pk", flat=True)[:MOST_ACCOUNTS])
        return queryset.filter(actor_id__in=keys)


class ResultFilter(Choice):
    title = "结果"
    parameter_name = "result"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "成功"), ("no", "未成功")]

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(success=value == "yes")


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Filters, opens and exports the entries. The export is an entry itself."""

    change_list_template = "workbooks/change_list.html"
    paginator = LongList
    may_view = staticmethod(permissions.is_auditor)
    when_empty = "登录、越权被拒、数据变动、导出等，会自动记在这里。"
    list_display = ["when", "who", "hat", "address", "act", "target", "outcome"]
    list_filter = [FromDay, UntilDay, ActorFilter, "kind", ResultFilter]
    sortable_by = ["when"]
    search_fields = ["object_key"]
    search_help_text = "按对象编号、名称查找"
    ordering = ["-at", "-pk"]
    fieldsets = [
        (None, {"fields": ["when", "who", "hat", "address", "act", "target", "outcome"]}),
        ("变动内容", {"fields": ["changes"]}),
        ("来源和封存", {"fields": ["path", "task", "request_id", "explained", "sealed"]}),
    ]

    @admin.display(description="时间", ordering="at")
    def when(self, row: Entry) -> str:
        return trail.moment_in_words(row.at)

    @admin.display(description="谁")
    def who(self, row: Entry) -> str:
        return row.actor or "未登录"

    @admin.display(description="做了什么")
    def act(self, row: Entry) -> str:
        return trail.act_in_words(row)

    @admin.display(description="对象")
    def target(self, row: Entry) -> str:
        return trail.object_in_words(row)

    @admin.display(description="结果")
    def outcome(self, row: Entry) -> str:
        return "成功" if row.success else "未成功"

    @admin.display(description="变动")
    def changes(self, row: Entry) -> SafeString | str:
        lines = format_html_join(
            "", '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>', trail.changes_in_words(row)
        )
        if not lines:
            return "没有改动数据"
        head = '<thead><tr><th scope="col">项目</th><th scope="col">变动前</th><th scope="col">变动后</th></tr></thead>'
        return format_html('<table class="trail">{}<tbody>{}</tbody></table>', SafeString(head), lines)

    @admin.display(description="说明")
    def explained(self, row: Entry) -> str:
        return trail.details_in_words(row)

    @admin.display(description="封存")
    def sealed(self, row: Entry) -> str:
        seal = Seal.objects.filter(entry=row).first()
        return f"第 {seal.number} 条，摘要 {seal.digest}" if seal else "等待封存（每分钟一次）"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.replace("\x00", "")[:LONGEST_WORD].split():
            queryset = queryset.filter(Q(object_key=word) | Q(object_label__contains=word))
        return queryset, False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="audit_entry_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        address = reverse("admin:audit_entry_export", current_app=self.admin_site.name)
        links = {"export_url": f"{address}?{request.GET.urlencode()}"}
        return super().changelist_view(request, {**(extra_context or {}), **links})

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Give all entries that the list's filters find as a workbook."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        request.GET = request.GET.copy()
        for name in (PAGE_VAR, ALL_VAR, ERROR_FLAG):
            request.GET.pop(name, None)
        changelist = reverse("admin:audit_entry_changelist", current_app=self.admin_site.name)
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            messages.error(request, "筛选条件有误，没有导出。请在列表中重新筛选后再导出。")
            return HttpResponseRedirect(changelist)
        if rows.order_by()[:MAX_EXPORTED].count() == MAX_EXPORTED:
            messages.error(request, f"一个表格最多 {MAX_EXPORTED} 条，没有导出。请在列表中按时间筛选后再分几次导出。")
            return HttpResponseRedirect(changelist)
        now = timezone.localtime()
        file = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
        try:
            with ReportBook(file, created=now) as book:
                period, lines = f"导出时间：{now:%Y-%m-%d %H:%M}", map(self._line, rows.iterator(chunk_size=2000))
                number = book.add_sheet(TITLE, title=TITLE, period=period, unit="", columns=COLUMNS, rows=lines)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        name = f"{TITLE} {now:%Y-%m-%d}.xlsx"
        return taken(FileResponse(file, as_attachment=True, filename=name, content_type=XLSX), what=TITLE, rows=number)

    def _line(self, row: Entry) -> list[str]:
        changes = "；".join(f"{name}：{old} → {new}" for name, old, new in trail.changes_in_words(row))
        cells = [self.when(row), self.who(row), row.hat, row.address, self.act(row), self.target(row)]
        return [*cells, self.outcome(row), changes, row.path or row.task, str(row.pk)]
