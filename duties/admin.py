"""The registers of the duty ledger: its lines, and the types that an office counts them by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Model, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin_base import Choice, RegisterForm, ScopedAdmin, ScopedRelation, year_of
from accounts.models import User
from deputies.admin import PicksDeputies
from deputies.models import DeputyGroup
from deputies.queries import number_of
from duties import sources
from duties.models import TYPED, DutyRecord, DutyType, Source
from duties.services import delete_record, lock_ledger, save_record, types_of, why_fixed, why_twice
from duties.workbooks import CONTENT, MOST_SUGGESTIONS, PLACE, TOPIC, known_types
from workbooks.admin import FormImportAdminMixin
from workbooks.cleaners import Name


class WithSuggestions(forms.TextInput):
    """A line to type in that offers known words."""

    words: Sequence[str] = ()

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer: Any = None) -> SafeString:
        key = f"id_{name}_words"
        box = super().render(name, value, {**(attrs or {}), "list": key}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((word,) for word in self.words))
        return format_html('{}<datalist id="{}">{}</datalist>', box, key, options)


class RecordForm(RegisterForm):
    cleaners = {"type_name": Name(60), "topic": TOPIC, "place": PLACE, "content": CONTENT}
    most = {"suggestions": MOST_SUGGESTIONS}
    days = ["done_on"]
    type_name = forms.CharField(
        label="类型", max_length=60, widget=WithSuggestions, help_text="可以从列出的类型中选，也可以写新的类型"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "source" in self.fields:
            # Only a leader of the group enters as one; staff may say otherwise of such a line, and leave it so.
            offered = [value for value in TYPED if value != Source.LEADER or self.instance.source == value]
            self.fields["source"].choices = [(value, Source(value).label) for value in offered]
        if "type_name" in self.fields:
            self.fields["type_name"].widget.words = known_types(self.user.hat.congress)
            self.fields["type_name"].initial = self.instance.type.name if self.instance.pk else ""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if self._errors:
            return data
        congress, given = self.user.hat.congress, self.cleaned_data
        known = DutyType.objects.filter(congress=congress, name=given["type_name"]).first()
        record = DutyRecord(
            pk=self.instance.pk,
            congress=congress,
            seat=given["seat"],
            done_on=given["done_on"],
            type=known,
            topic=given["topic"],
        )
        if known is not None and (reason := why_twice(record)):
            self.add_error("topic", reason)
        return data


class GroupFilter(Choice):
    title = "代表小组"
    parameter_name = "group"
    lookup = "seat__group_memberships__group"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(DeputyGroup.objects.visible_to(request.user).values_list("pk", "name"))


@contextmanager
def ledger_kept(request: HttpRequest) -> Iterator[None]:
    """Lock the ledger while a form is saved: what the form has checked holds, and no row is locked before the ledger."""
    with transaction.atomic():
        if request.method == "POST" and request.user.hat is not None:
            lock_ledger(congress=request.user.hat.congress)
        yield


@admin.register(DutyRecord)
class DutyRecordAdmin(PicksDeputies, FormImportAdminMixin, ScopedAdmin):
    form_kind = "duty_records"
    measure_word = "条"
    form = RecordForm
    congress_of = "congress_id"
    list_display = ["done_on", "deputy", "delegation", "type", "topic", "place", "quantity", "suggestions", "source"]
    list_display_links = ["topic"]
    list_filter = [
        year_of("done_on"),
        ("type", ScopedRelation),
        "source",
        ("seat__delegation", ScopedRelation),
        GroupFilter,
    ]
    list_select_related = ["seat__person", "seat__delegation", "type"]
    search_fields = ["seat__person__name", "^seat__person__initials", "^seat__person__pinyin", "topic"]
    search_help_text = "按代表姓名、拼音首字母、主题查找"
    autocomplete_fields = ["seat"]
    totals = [
        ("履职记录", Count("pk")),
        ("参加代表", Count("seat__person", distinct=True)),
        ("提出建议数", Sum("suggestions")),
    ]
    fields = ["seat", "done_on", "type_name", "topic", "place", "content", "quantity", "suggestions", "source"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        private = [f"seat__person__{name}" for name in ("id_number", "phone", "address")]
        return super().get_queryset(request).defer(*private)

    def get_fields(self, request: HttpRequest, obj: DutyRecord | None = None) -> list[str]:
        if obj is None:
            return self.fields
        shown = self.fields if obj.is_typed else [*self.fields[:-1], "origin"]
        if not self.has_change_permission(request, obj):
            shown = ["type" if name == "type_name" else name for name in shown]
        return [*shown, "recorded_at", "recorded_by"]

    def get_readonly_fields(self, request: HttpRequest, obj: DutyRecord | None = None) -> list[str]:
        return [] if obj is None else ["origin", "recorded_at", "recorded_by"]

    @admin.display(description="代表", ordering="seat__person__pinyin")
    def deputy(self, record: DutyRecord) -> str:
        return record.seat.person.name

    @admin.display(description="代表团", ordering="seat__delegation__sort")
    def delegation(self, record: DutyRecord) -> str:
        return record.seat.delegation.name

    @admin.display(description="来源")
    def origin(self, record: DutyRecord) -> str:
        label = record.get_source_display()
        url = getattr(record, "origin_url", "")
        return format_html('<a href="{}">{}：打开原登记</a>', url, label) if url else label

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model:
        record = super().get_object(request, object_id, from_field)
        if not record.is_typed:
            place = record.source, record.source_id
            record.origin_url = sources.addresses(request.user, [place]).get(place, "")
        return record

    def why_fixed(self, user: User, obj: DutyRecord) -> str:
        return super().why_fixed(user, obj) or why_fixed(obj)

    def save_model(self, request: HttpRequest, obj: DutyRecord, form: Any, change: bool) -> None:
        name = form.cleaned_data["type_name"]
        obj.congress = request.user.hat.congress
        obj.type = types_of(congress=obj.congress, names=[name])[name]
        save_record(record=obj, user=request.user, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: DutyRecord) -> None:
        delete_record(record=obj)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        with ledger_kept(request):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        with ledger_kept(request):
            return super().delete_view(request, object_id, extra_context)


class TypeForm(RegisterForm):
    cleaners = {"name": Name(60)}


@admin.register(DutyType)
class DutyTypeAdmin(ScopedAdmin):
    measure_word = "个"
    form = TypeForm
    congress_of = "congress_id"
    fields = ["congress", "name", "sort"]
    list_display = ["name", "records", "sort"]
    search_fields = ["name"]
    search_help_text = "按类型名称查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(used=number_of(DutyRecord, "type"))

    @admin.display(description="履职记录", ordering="used")
    def records(self, duty_type: DutyType) -> int:
        return duty_type.used
