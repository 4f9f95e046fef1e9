"""The stock admin site as the portal uses it: who enters, how the registers are grouped, what a picker shows."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import helpers
from django.contrib.admin.templatetags import admin_list
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import linebreaksbr
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.i18n import JavaScriptCatalog

from accounts import permissions
from accounts.registers import cell_of

TITLE = "登记管理"
# The index page in an office's order: the groups, and in each of them the registers with what they are for.
GROUPS = [
    (
        "人员与代表",
        {
            "deputies.Seat": "本届和历届代表：代表团、小组、证号、任职情况",
            "deputies.Person": "代表本人的基本情况和联系方式",
            "deputies.Delegation": "各届的代表团",
            "deputies.DeputyGroup": "代表小组的组长和成员",
        },
    ),
    (
        "建议议案",
        {
            "proposals.Proposal": "全部建议和议案，办理在各件的页面上进行",
            "proposals.Category": "建议议案按内容分成的类别",
            "proposals.OutcomeCategory": "答复的办理结果，各届自定",
            "proposals.Arrangement": "各届的建议议案按哪个程序、哪种规则办理",
            "proposals.HandlingRules": "交办、答复、退办、延期等期限，可复制后修改",
        },
    ),
    (
        "履职与培训",
        {
            "duties.DutyRecord": "代表履职台账，逐人逐次",
            "duties.DutyType": "履职记录的类型",
            "training.TrainingClass": "培训班次和参训代表",
        },
    ),
    (
        "人事任免",
        {
            "appointments.Appointment": "任命、免职等事项，一人一职一条",
            "bodies.Meeting": "作出决定的常委会会议",
        },
    ),
    (
        "联络站",
        {
            "liaison_stations.Station": "代表之家、联络站和编入的代表",
            "liaison_stations.Reception": "代表接待群众的登记",
            "liaison_stations.OpinionItem": "群众提出的意见和办理情况",
        },
    ),
    (
        "机构与届次",
        {
            "bodies.Unit": "承办建议议案的单位和简称",
            "bodies.Committee": "专门委员会、工作委员会，按领域督办",
            "bodies.Township": "所辖乡镇、街道",
            "bodies.Congress": "本级和下级人大",
            "bodies.Term": "届次和历次会议",
        },
    ),
    (
        "系统",
        {
            "accounts.User": "登录账号和任职身份",
            "casework.Procedure": "办理程序的步骤和期限，可复制后修改",
            "casework.CalendarYear": "国务院已公布放假安排的年份",
            "casework.CalendarDay": "放假和调休上班的日子",
            "casework.Obligation": "各办件的待办事项和期限",
            "casework.Event": "各办件的办理经过",
            "notices.Notice": "已发和待发的提醒",
            "notices.Digest": "每人每天的提醒汇总，发送失败的可以重发",
            "notices.NoticeText": "将到期、逾期提醒怎么说",
        },
    ),
    ("审计", {"audit.Entry": "登录、越权被拒、数据变动、导出等，谁在什么时候从哪里做了什么"}),
]
# What grows with every act: its count says nothing, and costs.
UNCOUNTED = {"audit.Entry", "casework.Obligation", "casework.Event", "notices.Notice", "notices.Digest"}
ANNUAL_REPORT = {
    "name": "报表",
    "app_label": "reports",
    "app_url": "/reports/annual/",
    "has_module_perms": True,
    "models": [
        {
            "name": "年度报表",
            "object_name": "AnnualReport",
            "about": "按年度汇总各登记簿的表册",
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


def words_of(value: Any) -> str:
    """Return how a form shows what a method says of a row: as the list does; Django would write None."""
    return linebreaksbr(cell_of(value).shown)


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

    def change_password(request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        # Nor does it count here how often the old password was guessed.
        return HttpResponseRedirect(reverse("account_change_password"))

    def grouped_registers(request: HttpRequest, app_label: str | None = None) -> list[dict]:
        found = {
            f"{app['app_label']}.{model['object_name']}": (app, model)
            for app in stock_app_list(request, app_label)
            for model in app["models"]
        }
        groups = []
        for name, registers in GROUPS:
            rows = [(label, *found[label]) for label in registers if label in found]
            if rows:
                models = [
                    model | {"about": registers[label], "count": None if app_label else _count(request, label)}
                    for label, _, model in rows
                ]
                groups.append({**rows[0][1], "name": name, "models": models})
        if app_label is None and permissions.reads_registers(request.user):
            # Before the last group, which is what keeps the portal itself running.
            groups.insert(-1, ANNUAL_REPORT)
        return groups

    def _count(request: HttpRequest, label: str) -> int | None:
        # The list is asked on every page of the admin; it is counted on the one that shows the counts.
        if label in UNCOUNTED or request.path != reverse("admin:index", current_app=site.name):
            return None
        return site.get_model_admin(apps.get_model(label)).opening_rows(request).order_by().count()

    def pick(request: HttpRequest) -> HttpResponse:
        return PickerAnswer.as_view(admin_site=site)(request)

    helpers.linebreaksbr = words_of
    admin_list._boolean_icon = yes_or_no  # noqa: SLF001 - lists and forms ask this one function, and nothing sets it

    def words_of_scripts(request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        # Later packages win: ours has the week's days, which Django leaves in English.
        return JavaScriptCatalog.as_view(packages=["django.contrib.admin", "accounts"])(request)

    site.site_header = site.site_title = site.index_title = TITLE
    site.has_permission = may_enter
    site.login = log_in
    site.password_change = change_password
    site.get_app_list = grouped_registers
    site.get_urls = addresses
    site.autocomplete_view = pick
    site.i18n_javascript = words_of_scripts
    site.empty_value_display = "—"
    # Dense tables need the width, and the index page is one click away.
    site.enable_nav_sidebar = False
