"""The page on which a row that is fixed is copied, for the registers whose rows are copied rather than changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

VERSION, OTHER = "version", "other"


class CopyForm(forms.Form):
    """How to copy: as the next version of the same, or under another name."""

    kind = forms.ChoiceField(
        label="复制成",
        choices=[(VERSION, "新版本"), (OTHER, "另外一个")],
        help_text="新版本改好启用以后，代替现在的版本；另外一个与现在的并存",
        widget=forms.RadioSelect,
        initial=VERSION,
    )
    name = forms.CharField(
        label="名称",
        required=False,
        max_length=100,
        error_messages={"max_length": "名称不能超过 100 个字。"},
        widget=forms.TextInput(attrs={"size": 50}),
    )

    def __init__(self, *args: Any, versions: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if versions:
            self.fields["name"].help_text = "复制成另外一个时填写"
        else:
            del self.fields["kind"]
            self.fields["name"].required = True
            self.fields["name"].error_messages["required"] = "请填写名称。"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("kind") == OTHER and not data.get("name") and "name" not in self._errors:
            self.add_error("name", "请填写名称。")
        return data

    @property
    def new_name(self) -> str | None:
        """The name of the copy; None for a new version."""
        return None if self.cleaned_data.get("kind") == VERSION else self.cleaned_data["name"]


class Copied:
    """Gives a register the page 复制. ``refusals`` are the exceptions by which the service says no."""

    refusals: tuple[type[Exception], ...] = ()

    def copy(self, request: HttpRequest, obj: models.Model, name: str | None) -> models.Model:
        """Copy a row and return the copy."""
        raise NotImplementedError

    def may_copy(self: Any, request: HttpRequest) -> bool:
        return self.may_keep(request.user)

    def has_versions(self, request: HttpRequest, obj: models.Model) -> bool:
        """Say whether the user can make a new version of the row."""
        return False

    def page_name(self: Any, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def page_url(self: Any, page: str, obj: models.Model) -> str:
        return reverse(f"admin:{self.page_name(page)}", args=[obj.pk], current_app=self.admin_site.name)

    def get_urls(self: Any) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.copy_view)
        return [path("<path:object_id>/copy/", view, name=self.page_name("copy")), *super().get_urls()]

    def render_change_form(self: Any, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None and self.may_copy(request):
            context["copy_url"] = self.page_url("copy", obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def copy_view(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the name, copy, and open the copy."""
        if not self.may_copy(request):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        data = request.POST if request.method == "POST" else None
        form = CopyForm(data, versions=self.has_versions(request, obj))
        if form.is_valid():
            try:
                new = self.copy(request, obj, form.new_name)
            except self.refusals as error:
                form.add_error(None, str(error))
            else:
                self.log_addition(request, new, f"复制自「{obj}」")
                messages.success(request, f"已经复制为「{new}」，请在这里修改。")
                return HttpResponseRedirect(self.page_url("change", new))
        return self.own_page(request, obj, "procedure_copy.html", title=f"复制「{obj}」", form=form)

    def own_page(self: Any, request: HttpRequest, obj: models.Model, template: str, **context: Any) -> TemplateResponse:
        """Draw one of the register's own pages about a row."""
        base = self.admin_site.each_context(request) | {"opts": self.opts, "original": obj}
        base["back_url"] = self.page_url("change", obj)
        return TemplateResponse(request, f"admin/casework/{template}", base | context)
