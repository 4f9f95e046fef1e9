"""The registers of receptions and of the opinions that they bring."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget, AdminTextareaWidget
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.html import format_html

from accounts import permissions
from accounts.admin_base import Choice, Picker, RegisterForm, ScopedRelation, choices, year_of
from bodies.fields import mask
from bodies.models import Unit
from deputies.admin import PicksDeputies
from duties.models import DutyRecord, Source
from liaison_stations.admin.base import LedgerAdmin
from liaison_stations.models import Handling, OpinionItem, Reception, settled
from liaison_stations.services import HANDLING, ReceptionEntry, delete_reception, save_opinion, save_receptions
from liaison_stations.workbooks import UNREAD, Contact
from workbooks.admin import FormImportAdminMixin
from workbooks.cleaners import Name, Text

OF_RECEPTION = ("station", "received_on", "seat", "visitor", "contact", "matter")


class HandlingForm(RegisterForm):
    """What is done about an opinion; ``day`` names the field before whose day nobody can have been answered."""

    cleaners = {"result": Text(2000, lines=True)}
    days = ["replied_on"]
    day = "raised_on"

    class Meta:
        widgets = {"result": AdminTextareaWidget(attrs={"rows": 5})}

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        begun = self.cleaned_data.get(self.day) or getattr(self.instance, self.day)
        replied_on = self.cleaned_data.get("replied_on")
        if begun and replied_on and replied_on < begun:
            self.add_error("replied_on", f"回告日期不能早于 {begun}，请核对。")
        return data


class ReceptionForm(HandlingForm):
    cleaners = {
        **HandlingForm.cleaners,
        "visitor": Name(100),
        "contact": Contact(),
        "matter": Text(500),
    }
    day = "received_on"
    days = ["received_on", "replied_on"]
    contact = forms.CharField(
        label="联系方式", max_length=200, required=False, help_text="加密保存，列表中只显示头尾几位"
    )
    handling = forms.ChoiceField(label="处理方式", choices=[("", "---------"), *Handling.choices], required=False)
    unit = forms.ModelChoiceField(label="承办", queryset=Unit.objects.none(), required=False)
    replied_on = forms.DateField(label="回告日期", required=False, widget=AdminDateWidget)
    result = forms.CharField(label="结果", required=False, widget=AdminTextareaWidget(attrs={"rows": 5}))

    class Meta:
        widgets = {"matter": AdminTextareaWidget(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        opinion = getattr(self.instance, "opinion", None) or OpinionItem()
        for name in HANDLING:
            self.fields[name].initial = opinion.unit_id if name == "unit" else getattr(opinion, name)
        self.fields["unit"].widget = Picker(OpinionItem._meta.get_field("unit"), admin.site)  # noqa: SLF001
        self.fields["unit"].queryset = choices(self.user, Unit)


class SettledFilter(Choice):
    title = "是否办结"
    parameter_name = "settled"
    path = ""

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [("yes", "已办结"), ("no", "未办结")]

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        condition = settled(self.path)
        return queryset.filter(condition if value == "yes" else ~condition)


class ReceptionSettledFilter(SettledFilter):
    path = "opinion__"


class HandlerFilter(Choice):
    title = "承办"
    parameter_name = "unit"
    lookup = "unit"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        asked = OpinionItem.objects.visible_to(request.user).values("unit")
        return list(Unit.objects.visible_to(request.user).filter(pk__in=asked).values_list("pk", "name"))


@admin.register(Reception)
class ReceptionAdmin(PicksDeputies, FormImportAdminMixin, LedgerAdmin):
    form_kind = "receptions"
    form = ReceptionForm
    congress_of = "station.congress_id"
    list_display = [
        "received_on", "station", "deputy", "visitor", "shown_contact", "matter", "handling", "unit", "replied_on",
        "is_settled",
    ]  # fmt: skip
    list_display_links = ["received_on", "matter"]
    list_filter = [
        year_of("received_on"),
        ("station__township", ScopedRelation),
        "opinion__handling",
        ReceptionSettledFilter,
    ]
    totals = (("接待群众", Count("pk")), ("已办结", Count("pk", filter=settled("opinion__"))))
    search_fields = ["matter", "visitor", "seat__person__name", "^seat__person__initials", "station__name"]
    search_help_text = "按事项、来访人、接待代表（姓名、拼音首字母）、联络站查找"
    autocomplete_fields = ["station", "seat"]
    readonly_fields = ["shown_contact"]
    fieldsets = [
        (None, {"fields": ["station", "received_on", "seat", "visitor", "contact", "matter"]}),
        ("办理情况", {"fields": list(HANDLING)}),
    ]
    of_keepers = {"contact": ["shown_contact"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related("station", "seat__person", "opinion__unit")
        return rows.defer(*UNREAD)

    @admin.display(description="接待代表", ordering="seat__person__pinyin")
    def deputy(self, reception: Reception) -> str:
        return str(reception.seat or "")

    @admin.display(description="联系方式")
    def shown_contact(self, reception: Reception) -> str:
        return mask(reception.contact)

    @admin.display(description="处理方式", ordering="opinion__handling")
    def handling(self, reception: Reception) -> str:
        return reception.opinion.get_handling_display()

    @admin.display(description="承办", ordering="opinion__unit__pinyin")
    def unit(self, reception: Reception) -> str:
        return str(reception.opinion.unit or "")

    @admin.display(description="回告日期", ordering="opinion__replied_on")
    def replied_on(self, reception: Reception) -> Any:
        return reception.opinion.replied_on

    @admin.display(description="结果")
    def result(self, reception: Reception) -> str:
        return reception.opinion.result

    @admin.display(description="办结", boolean=True)
    def is_settled(self, reception: Reception) -> bool:
        return reception.opinion.is_settled

    def has_export_permission(self, request: HttpRequest) -> bool:
        # The form says in full how visitors can be reached.
        return permissions.keeps_registers(request.user)

    def _mark(self, request: HttpRequest, key: str, *, lock: bool) -> str:
        mark = super()._mark(request, key, lock=lock)
        if not mark:
            return mark
        # The page also holds what is done about the opinion.
        done = list(OpinionItem.objects.filter(reception=key).values_list(*HANDLING))
        return salted_hmac(mark, repr(done), algorithm="sha256").hexdigest()

    def save_model(self, request: HttpRequest, obj: Reception, form: Any, change: bool) -> None:
        told = {name: form.cleaned_data[name] for name in (form.changed_data if change else form.cleaned_data)}
        entry = ReceptionEntry(
            obj,
            {name: value for name, value in told.items() if name in OF_RECEPTION},
            {name: value for name, value in told.items() if name in HANDLING},
        )
        save_receptions(congress=obj.station.congress, entries=[entry], user=request.user, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Reception) -> None:
        delete_reception(reception=obj, user=request.user, now=timezone.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        to_delete, counts, needed, protected = super().get_deleted_objects(objs, request)
        lines = DutyRecord.objects.filter(source=Source.RECEPTION, source_id__in=[row.pk for row in objs], typed_as="")
        if number := lines.count():
            counts = {**counts, DutyRecord._meta.verbose_name_plural: number}  # noqa: SLF001 - as Django documents it
        # An opinion is not deleted by itself; with its reception it goes.
        return to_delete, counts, needed - {OpinionItem._meta.verbose_name}, protected  # noqa: SLF001


@admin.register(OpinionItem)
class OpinionItemAdmin(LedgerAdmin):
    measure_word = "件"
    when_empty = "登记接待群众后，群众提出的意见会出现在这里。"
    form = HandlingForm
    congress_of = "station.congress_id"
    fields = ["station", "raised_on", "matter", "came_with", *HANDLING]
    readonly_fields = ["station", "raised_on", "matter", "came_with"]
    list_display = ["raised_on", "station", "matter", "handling", "unit", "replied_on", "is_settled", "result"]
    list_display_links = ["raised_on", "matter"]
    list_filter = [
        year_of("raised_on"),
        ("station__township", ScopedRelation),
        SettledFilter,
        "handling",
        HandlerFilter,
    ]
    totals = (("意见", Count("pk")), ("已办结", Count("pk", filter=settled())))
    search_fields = ["matter", "station__name", "unit__name", "result"]
    search_help_text = "按事项、联络站、承办、结果查找"
    autocomplete_fields = ["unit"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("station", "unit", "reception")

    @admin.display(description="办结", boolean=True)
    def is_settled(self, opinion: OpinionItem) -> bool:
        return opinion.is_settled

    @admin.display(description="接待登记")
    def came_with(self, opinion: OpinionItem) -> str:
        if opinion.reception is None:
            return ""
        url = reverse("admin:liaison_stations_reception_change", args=[opinion.reception_id])
        return format_html('<a href="{}">{}</a>', url, opinion.reception)

    def has_add_permission(self, request: HttpRequest) -> bool:
        # An opinion comes with a reception.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OpinionItem | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: OpinionItem, form: Any, change: bool) -> None:
        save_opinion(opinion=obj, values={name: form.cleaned_data[name] for name in form.changed_data})
