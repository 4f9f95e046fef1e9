"""The registers of townships and of liaison stations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from accounts import permissions
from accounts.admin_base import RegisterForm, ScopedAdmin, ScopedInline, ScopedRelation
from bodies.fields import mask
from bodies.models import Township
from deputies.admin import PicksDeputies
from deputies.models import Seat
from deputies.pasted import PastedNames
from liaison_stations.admin.base import LedgerAdmin
from liaison_stations.models import Reception, Station, StationDeputy, StationKind
from liaison_stations.services import StationEntry, save_stations
from liaison_stations.workbooks import UNREAD
from workbooks.admin import FormImportAdminMixin
from workbooks.cleaners import Name, NameList, Names, Phone, Text


def _number_of(model: type[models.Model], link: str) -> Coalesce:
    """How many rows of a model belong to each row, without joining them."""
    rows = model.objects.filter(**{link: OuterRef("pk")}).order_by().values(link)
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


class TownshipForm(RegisterForm):
    cleaners = {"name": Name(100)}


@admin.register(Township)
class TownshipAdmin(ScopedAdmin):
    measure_word = "个"
    form = TownshipForm
    congress_of = "congress_id"
    wide = ("body",)
    fields = ["congress", "name", "body", "sort"]
    list_display = ["name", "body", "station_count", "sort"]
    list_select_related = ["body"]
    search_fields = ["name"]
    search_help_text = "按乡镇、街道名称查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(n_stations=_number_of(Station, "township"))

    @admin.display(description="联络站", ordering="n_stations")
    def station_count(self, township: Township) -> int:
        return township.n_stations


class StationForm(RegisterForm):
    cleaners = {
        "name": Name(200),
        "address": Text(200),
        "head": Name(100),
        "liaison": Name(100),
        "phone": Phone(),
        "reception_rule": Text(200),
        "pasted": Names(100),
    }
    phone = forms.CharField(
        label="联系电话", max_length=100, required=False, help_text="加密保存，列表中只显示头尾几位"
    )
    pasted = forms.CharField(
        label="按姓名粘贴编入代表",
        required=False,
        max_length=30_000,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        help_text="姓名或代表证号，用顿号、逗号或换行分开；保存后加到下面的编入代表中，已在其中的不重复",
    )
    joining: Sequence[Seat] = ()

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        names, congress = self.cleaned_data.get("pasted"), self.cleaned_data.get("congress")
        if isinstance(names, NameList) and congress:
            pasted = PastedNames(names)
            self.joining = pasted.seats(congress)
            for message in pasted.errors:
                self.add_error("pasted", message)
        return data


class StationDeputyInline(PicksDeputies, ScopedInline, admin.TabularInline):
    model = StationDeputy
    autocomplete_fields = ["seat"]
    fields = ["seat", "delegation"]
    readonly_fields = ["delegation"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related("station", "seat__person", "seat__delegation")
        return rows.defer(*UNREAD)

    @admin.display(description="代表团", empty_value="—")
    def delegation(self, member: StationDeputy) -> str:
        return member.seat.delegation.name

    def has_change_permission(self, request: HttpRequest, obj: Station | None = None) -> bool:
        # A name is added or taken away, never exchanged.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Station | None = None) -> bool:
        return self.may_keep(request.user)


@admin.register(Station)
class StationAdmin(FormImportAdminMixin, LedgerAdmin):
    form_kind = "stations"
    measure_word = "个"
    form = StationForm
    inlines = [StationDeputyInline]
    congress_of = "congress_id"
    list_display = [
        "name", "kind", "township", "address", "head", "liaison", "shown_phone", "reception_rule", "deputy_count",
        "reception_count",
    ]  # fmt: skip
    list_filter = ["kind", ("township", ScopedRelation)]
    list_select_related = ["township"]
    totals = (
        ("代表之家", Count("pk", filter=Q(kind=StationKind.HOME))),
        ("其他各类站", Count("pk", filter=~Q(kind=StationKind.HOME))),
        ("编入代表", Sum("n_deputies")),
        ("接待群众", Sum("n_receptions")),
    )
    search_fields = ["name", "township__name", "head"]
    search_help_text = "按名称、所属乡镇、负责人查找"
    autocomplete_fields = ["township"]
    readonly_fields = ["shown_phone"]
    fieldsets = [
        (None, {"fields": ["congress", "name", "kind", "township", "address"]}),
        ("人员", {"fields": ["head", "liaison", "phone", "reception_rule", "pasted"]}),
    ]
    of_keepers = {"phone": ["shown_phone"], "pasted": []}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.annotate(
            n_deputies=_number_of(StationDeputy, "station"), n_receptions=_number_of(Reception, "station")
        )

    @admin.display(description="联系电话")
    def shown_phone(self, station: Station) -> str:
        return mask(station.phone)

    @admin.display(description="编入代表", ordering="n_deputies")
    def deputy_count(self, station: Station) -> int:
        return station.n_deputies

    @admin.display(description="接待人次", ordering="n_receptions")
    def reception_count(self, station: Station) -> int:
        return station.n_receptions

    def has_export_permission(self, request: HttpRequest) -> bool:
        # The form holds phones in full.
        return permissions.keeps_registers(request.user)

    def save_model(self, request: HttpRequest, obj: Station, form: Any, change: bool) -> None:
        """Wait for the deputies: a station is saved together with them."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool) -> None:
        (members,) = formsets
        station = form.instance
        # Tells the history what is new and what goes; the service writes it.
        added = members.save(commit=False)
        gone = [row.seat_id for row in members.deleted_objects]
        there = Seat.objects.filter(station_memberships__station=station.pk).exclude(pk__in=gone)
        values = {name: form.cleaned_data[name] for name in form.changed_data if name != "pasted"}
        entry = StationEntry(station, values, [*there, *(row.seat for row in added), *form.joining])
        save_stations(congress=station.congress, entries=[entry])
