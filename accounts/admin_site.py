"""The stock admin site as the portal uses it: who enters, how the registers are grouped, what a picker shows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.templatetags import admin_list
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.i18n import JavaScriptCatalog

from accounts import permissions

TITLE = "登记管理"
# The order on the index page: the groups, and the registers in each of them.
GROUPS = {
    "deputies": ("代表", ["Seat", "Person", "Delegation", "DeputyGroup"]),
    "proposals": ("建议议案", ["Proposal", "Category", "OutcomeCategory"]),
    "bodies": ("机构", ["Unit", "Congress", "Term"]),
    "casework": ("办件程序", ["Obligation", "Event", "Procedure", "CalendarYear", "CalendarDay"]),
    "accounts": ("账号", ["User"]),
    "notices": ("提醒", ["Notice"]),
}
ANNUAL_REPORT = {
    "name": "报表",
    "app_label": "reports",
    "app_url": "/reports/annual/",
    "has_module_perms": True,
    "models": [
        {
            "name": "年度报表",
            "object_name": "AnnualReport",
            "admin_url": "/reports/annual/",
            "add_url": None,
            "view_only": True,
        }
    ],
}


class PickerAnswer(AutocompleteJsonView):
    """What a picker finds, each row named so that people of one name can be told apart."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        return {"id": str(getattr(obj, to_field_name)), "text": self.model_admin.name_in_picker(obj)}


def yes_or_no(value: bool | None) -> str:
    """Return a truth value in words: an icon's colour and its English description say nothing to a clerk."""
    return {True: "是", False: "否"}.get(value, "—")


def closed(request: HttpRequest, **keys: str) -> HttpResponse:
    """Answer in the place of the stock shortcut to any row's own page, which asks nobody who may see the row."""
    raise Http404


def configure(site: admin.AdminSite) -> None:
    """Make the stock site the portal's: its name, its door, its groups, its pickers."""
    stock_app_list, stock_urls = site.get_app_list, site.get_urls

    def addresses() -> list[URLPattern | URLResolver]:
        return [path("r/<path:content_type_id>/<path:object_id>/", closed, name="view_on_site"), *stock_urls()]

    def may_enter(request: HttpRequest) -> bool:
        return permissions.may_enter_admin(request.user)

    def log_in(request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        # The stock form knows no rate limits: everybody comes in by the one door of the portal.
        if site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index", current_app=site.name))
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def grouped_registers(request: HttpRequest, app_label: str | None = None) -> list[dict]:
        found = {app["app_label"]: app for app in stock_app_list(request, app_label)}
        apps = []
        for label, (name, order) in GROUPS.items():
            if app := found.get(label):
                models = sorted(app["models"], key=lambda model: order.index(model["object_name"]))
                apps.append({**app, "name": name, "models": models})
        if app_label is None and permissions.reads_registers(request.user):
            apps.append(ANNUAL_REPORT)
        return apps

    def pick(request: HttpRequest) -> HttpResponse:
        return PickerAnswer.as_view(admin_site=site)(request)

    admin_list._boolean_icon = yes_or_no  # noqa: SLF001 - lists and forms ask this one function, and nothing sets it

    def words_of_scripts(request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        # Later packages win: ours has the week's days, which Django leaves in English.
        return JavaScriptCatalog.as_view(packages=["django.contrib.admin", "accounts"])(request)

    site.site_header = site.site_title = site.index_title = TITLE
    site.has_permission = may_enter
    site.login = log_in
    site.get_app_list = grouped_registers
    site.get_urls = addresses
    site.autocomplete_view = pick
    site.i18n_javascript = words_of_scripts
    site.empty_value_display = "—"
    # Dense tables need the width, and the index page is one click away.
    site.enable_nav_sidebar = False
