"""The register of training classes with the deputies who attended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.admin_base import RegisterForm, ScopedAdmin, ScopedInline, year_of
from deputies.models import Seat
from deputies.pasted import PastedNames
from duties.models import DutyRecord, Source
from training.models import Attendance, TrainingClass
from training.services import UnableToSaveClass, delete_class, save_class
from training.workbooks import ATTENDEES, MOST_HOURS, MOST_PEOPLE
from workbooks.admin import FormImportAdminMixin
from workbooks.cleaners import NameList, Text


class TrainingClassForm(RegisterForm):
    cleaners = {
        "name": Text(200),
        "place": Text(200),
        "organiser": Text(200),
        "audience": Text(300),
        "pasted": ATTENDEES,
    }
    most = {"expected": MOST_PEOPLE, "attended": MOST_PEOPLE, "hours": MOST_HOURS}
    days = ["starts_on", "ends_on"]
    pasted = forms.CharField(
        label="按姓名粘贴参训代表",
        required=False,
        max_length=30_000,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        help_text="姓名或代表证号，用顿号、逗号或换行分开；保存后加到下面的参训代表中，已在其中的不重复",
    )
    joining: Sequence[Seat] = ()

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        names, day = self.cleaned_data.get("pasted"), self.cleaned_data.get("starts_on")
        congress = self.cleaned_data.get("congress")
        if isinstance(names, NameList) and day and congress:
            pasted = PastedNames(names)
            self.joining = pasted.seats(congress, day)
            for message in pasted.errors:
                self.add_error("pasted", message)
        return data


class AttendanceInline(ScopedInline, admin.TabularInline):
    model = Attendance
    autocomplete_fields = ["seat"]
    fields = ["seat", "delegation"]
    readonly_fields = ["delegation"]
    ordering = ["seat__delegation__sort", "seat__delegation", "seat__person__pinyin", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("seat__person", "seat__delegation")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "seat":
            # Deputies are entered and corrected in their own register.
            field.widget.can_add_related = field.widget.can_change_related = field.widget.can_view_related = False
        return field

    @admin.display(description="代表团", empty_value="—")
    def delegation(self, attendance: Attendance) -> str:
        return attendance.seat.delegation.name

    def has_change_permission(self, request: HttpRequest, obj: TrainingClass | None = None) -> bool:
        # A name is added or taken away, never exchanged; and hundreds of pickers make a slow page.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: TrainingClass | None = None) -> bool:
        return self.may_keep(request.user)


@admin.register(TrainingClass)
class TrainingClassAdmin(FormImportAdminMixin, ScopedAdmin):
    form_kind = "trainings"
    measure_word = "个"
    form = TrainingClassForm
    inlines = [AttendanceInline]
    congress_of = "congress_id"
    list_display = [
        "name", "kind", "starts_on", "ends_on", "place", "form", "organiser", "expected", "attended", "by_name", "hours",
    ]  # fmt: skip
    list_filter = ["kind", "form", year_of("starts_on")]
    totals = (("班次", Count("pk")), ("应到人数", Sum("expected")), ("实到人次", Sum("attended")))
    search_fields = ["name", "place", "organiser", "audience"]
    search_help_text = "按班次、地点、主办、对象查找"
    fieldsets = [
        (None, {"fields": ["congress", "name", "kind", "form"]}),
        ("时间和地点", {"fields": ["starts_on", "ends_on", "place", "hours"]}),
        ("人员", {"fields": ["organiser", "audience", "expected", "attended", "pasted"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(named=Count("attendances"))

    def get_fieldsets(self, request: HttpRequest, obj: TrainingClass | None = None) -> list:
        if self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj):
            return self.fieldsets
        shown = ((title, options["fields"]) for title, options in self.fieldsets)
        return [(title, {"fields": [name for name in names if name != "pasted"]}) for title, names in shown]

    @admin.display(description="参训代表", ordering="named")
    def by_name(self, row: TrainingClass) -> int:
        return row.named

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except UnableToSaveClass as error:
            request.refusal = str(error)
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except UnableToSaveClass as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:training_trainingclass_changelist"))

    def save_model(self, request: HttpRequest, obj: TrainingClass, form: Any, change: bool) -> None:
        """Wait for the names: a class is saved together with who attended."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool) -> None:
        (attendances,) = formsets
        # Tells the history what is new and what goes; the service writes it.
        added = attendances.save(commit=False)
        save_class(
            training_class=form.instance,
            user=request.user,
            now=timezone.now(),
            joining=[*form.joining, *(row.seat for row in added)],
            leaving=[row.seat_id for row in attendances.deleted_objects],
        )

    def delete_model(self, request: HttpRequest, obj: TrainingClass) -> None:
        delete_class(training_class=obj, user=request.user, now=timezone.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        to_delete, counts, needed, protected = super().get_deleted_objects(objs, request)
        lines = DutyRecord.objects.filter(source=Source.TRAINING, source_id__in=[row.pk for row in objs], typed_as="")
        if number := lines.count():
            counts = {**counts, DutyRecord._meta.verbose_name_plural: number}  # noqa: SLF001 - as Django documents it
        return to_delete, counts, needed, protected
