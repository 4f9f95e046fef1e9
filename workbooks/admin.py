"""Import, export and template pages for the admin of a model, on the same code as the command line."""

import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from audit.services import taken
from workbooks import uploads
from workbooks.columns import Form, ImportRefused, get_form
from workbooks.importing import ImportResult, run_import
from workbooks.marked import write_marked
from workbooks.reading import MAX_BYTES, WorkbookError
from workbooks.writing import MAX_EXPORTED, watermark, write_export, write_template

SHOWN_ERRORS = 200
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(forms.Form):
    congress = forms.ChoiceField(label="导入到")
    file = forms.FileField(
        label="表格文件",
        help_text=f"Excel 或 WPS 的 .xlsx、.xls，或 .csv；不超过 {MAX_BYTES // 1024 // 1024} MB",
        error_messages={"required": "请选择要导入的文件", "empty": "文件是空的，请重新选择"},
        max_length=255,
    )

    def __init__(self, *args: Any, congresses: Sequence[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.only_congress = congresses[0][0] if len(congresses) == 1 else ""
        if len(congresses) > 1:
            self.fields["congress"].choices = [("", "请选择"), *congresses]
        else:
            del self.fields["congress"]

    @property
    def congress_code(self) -> str:
        return self.cleaned_data.get("congress") or self.only_congress

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请分成几个文件")
        return file


class FormImportAdminMixin:
    """Gives a ModelAdmin the buttons 导入, 导出 and 下载模板 for the form of kind `form_kind`.

    Import: upload → verdict with errors, hints and counts → confirm. Export: exactly what the list's filters show.
    """

    form_kind = ""
    change_list_template = "workbooks/change_list.html"

    def has_import_permission(self: Any, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self: Any, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def rows_to_export(self, request: HttpRequest, records: Any) -> Any:
        """Return the rows that the list's filters find as the user may take them away; an app may keep cells back."""
        return records

    def get_urls(self: Any) -> list:
        site, views = self.admin_site, [("import", self.import_view), ("export", self.export_view)]
        views.append(("template", self.template_view))
        own = [path(f"{name}/", site.admin_view(view), name=self._url_name(name)) for name, view in views]
        return [*own, *super().get_urls()]

    def changelist_view(self: Any, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        links = {}
        if self.has_import_permission(request):
            links |= {"import_url": self._url("import"), "template_url": self._url("template")}
        if self.has_export_permission(request):
            links |= {"export_url": f"{self._url('export')}?{request.GET.urlencode()}"}
        return super().changelist_view(request, {**(extra_context or {}), **links})

    def import_view(self: Any, request: HttpRequest) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = get_form(self.form_kind)
        if "token" in request.POST:
            return self._go_on(request, form)
        upload_form = UploadForm(
            request.POST if request.method == "POST" else None,
            request.FILES if request.method == "POST" else None,
            congresses=form.congress_choices(request.user),
        )
        if request.method != "POST" or not upload_form.is_valid():
            return self._page(request, form, upload_form=upload_form)
        file = upload_form.cleaned_data["file"]
        kept = uploads.keep(file, user_id=request.user.pk, kind=form.kind, congress=upload_form.congress_code)
        try:
            return self._verdict(request, form, kept, self._run(request, form, kept, dry_run=True))
        except (WorkbookError, ImportRefused, uploads.UploadGone) as error:
            uploads.discard(kept)
            upload_form.add_error("file", str(error))
            return self._page(request, form, upload_form=upload_form)

    def _go_on(self: Any, request: HttpRequest, form: Form) -> HttpResponse:
        """The second step: import what was checked, or download the marked copy."""
        try:
            kept = uploads.find(request.POST["token"], user_id=request.user.pk, kind=form.kind)
            result = self._run(request, form, kept, dry_run="marked" in request.POST)
        except (WorkbookError, ImportRefused, uploads.UploadGone) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self._url("import"))
        if "marked" in request.POST:
            stem = kept.name.rpartition(".")[0] or form.title

            def write(out: Any) -> int:
                write_marked(result, out, created=timezone.localtime())
                return len(result.table.sheet.rows) - result.table.header_row

            return _download(write, f"{stem}（错误说明）.xlsx", what=f"{form.title}错误说明")
        if result.errors:
            return self._verdict(request, form, kept, result)
        uploads.discard(kept)
        messages.success(request, f"{form.title}已导入：{result.counts}")
        return HttpResponseRedirect(self._url("changelist"))

    def _run(self, request: HttpRequest, form: Form, kept: uploads.Upload, *, dry_run: bool) -> ImportResult:
        context = form.make_context(congress_code=kept.congress or None, user=request.user)
        with uploads.opened(kept) as file:
            return run_import(form, file, context=context, dry_run=dry_run, name=kept.name)

    def _verdict(self, request: HttpRequest, form: Form, kept: uploads.Upload, result: ImportResult) -> HttpResponse:
        more = max(0, len(result.errors) - SHOWN_ERRORS)
        return self._page(
            request,
            form,
            result=result,
            upload=kept,
            errors=result.errors[:SHOWN_ERRORS],
            hints=result.hints,
            more=more,
        )

    def _page(self: Any, request: HttpRequest, form: Form, **content: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **content,
            "opts": self.opts,
            "title": f"导入{form.title}",
            "workbook": form,
            "import_url": self._url("import"),
            "template_url": self._url("template"),
            "changelist_url": self._url("changelist"),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "workbooks/import.html", context)

    def export_view(self: Any, request: HttpRequest) -> HttpResponse:
        if not self.has_export_permission(request):
            raise PermissionDenied
        form = get_form(self.form_kind)
        # A form holds all that the filters find, whatever page of the list was open.
        request.GET = request.GET.copy()
        for name in (PAGE_VAR, ALL_VAR, ERROR_FLAG):
            request.GET.pop(name, None)
        try:
            records = self.rows_to_export(request, self.get_changelist_instance(request).get_queryset(request))
        except IncorrectLookupParameters:
            messages.error(request, "筛选条件有误，没有导出。请在列表中重新筛选后再导出。")
            return HttpResponseRedirect(self._url("changelist"))

        if (number := records.count()) > MAX_EXPORTED:
            messages.error(
                request, f"共有 {number} 条，一个表格最多 {MAX_EXPORTED} 条，没有导出。请在列表中筛选后再分几次导出。"
            )
            return HttpResponseRedirect(self._url("changelist"))

        return _download(
            lambda out: write_export(form, records, out, by=watermark(request.user, now=timezone.localtime())),
            f"{form.title} {timezone.localdate()}.xlsx",
            what=form.title,
        )

    def template_view(self: Any, request: HttpRequest) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = get_form(self.form_kind)
        congresses = form.congress_choices(request.user)
        code = congresses[0][0] if congresses else None
        try:
            context = form.make_context(congress_code=code, user=request.user)
        except ImportRefused as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self._url("import"))

        def write(out: Any) -> int:
            write_template(form, out, created=timezone.localtime(), context=context)
            return 0

        return _download(write, f"{form.title}模板.xlsx", what=f"{form.title}模板")

    def _url_name(self: Any, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _url(self: Any, name: str) -> str:
        return reverse(f"admin:{self._url_name(name)}", current_app=self.admin_site.name)


class FormImportAdmin(FormImportAdminMixin, ModelAdmin):
    """A ModelAdmin with the pages of its form."""


def _download(write: Callable[[Any], int], name: str, *, what: str) -> FileResponse:
    """A file of what `write` writes, which returns how many rows, for the audit trail."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    try:
        rows = write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=_XLSX)
    return taken(answer, what=what, rows=rows)
