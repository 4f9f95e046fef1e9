"""The register of appointments and removals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin_base import Choice, RegisterForm, ScopedAdmin, year_of
from appointments.models import Appointment
from appointments.services import UnableToSaveAppointment, save_appointment
from appointments.workbooks import MOST_VOTES, VOTES
from bodies.models import Meeting
from workbooks.admin import FormImportAdminMixin
from workbooks.cleaners import Name, Text


class Suggesting(AdminTextInputWidget):
    """A text field that offers what has been typed there before."""

    def __init__(self, offered: Iterable[str]) -> None:
        super().__init__()
        self.offered = offered

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer: Any = None) -> SafeString:
        field = super().render(name, value, {**(attrs or {}), "list": f"{name}-offered"}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((text,) for text in self.offered))
        return format_html('{}<datalist id="{}-offered">{}</datalist>', field, name, options)


class AppointmentForm(RegisterForm):
    cleaners = {"name": Name(100), "post": Text(300), "nominator": Text(100), "meeting_name": Name(100)}
    most = dict.fromkeys(("expected", *VOTES), MOST_VOTES)
    days = ["decided_on"]
    meeting_name = forms.CharField(
        label="会次",
        max_length=100,
        required=False,
        help_text="如 第三十次会议；系统中没有的自动建立，归入日期所在的一届",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting_name"].initial = self.instance.meeting.name if self.instance.meeting else ""
        hat = self.user.hat
        meetings = Meeting.objects.filter(term__congress=hat.congress_id if hat else None)
        self.fields["meeting_name"].widget = Suggesting(meetings.order_by("-pk").values_list("name", flat=True))


class MeetingFilter(Choice):
    title = "会次"
    parameter_name = "meeting"
    lookup = "meeting"

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        visible = Appointment.objects.visible_to(request.user)
        meetings = Meeting.objects.filter(appointments__in=visible).select_related("term")
        latest = meetings.annotate(last=Max("appointments__decided_on")).order_by("-last", "-pk")
        return [(meeting.pk, f"{meeting.term.name}{meeting.name}") for meeting in latest]


@admin.register(Appointment)
class AppointmentAdmin(FormImportAdminMixin, ScopedAdmin):
    form_kind = "appointments"
    form = AppointmentForm
    congress_of = "congress_id"
    list_display = [
        "name", "post", "wording", "decided_on", "meeting", "nominator", "exam_score", "made_statement",
        "letter_issued", "took_oath", "expected", "in_favour", "against", "abstained",
    ]  # fmt: skip
    list_filter = ["wording", year_of("decided_on"), MeetingFilter]
    totals = (
        ("任免人次", Count("pk")),
        ("法律考试", Count("exam_score")),
        ("供职发言", Count("pk", filter=Q(made_statement=True))),
        ("颁发任命书", Count("pk", filter=Q(letter_issued=True))),
        ("宪法宣誓", Count("pk", filter=Q(took_oath=True))),
    )
    search_fields = ["name", "post"]
    search_help_text = "按姓名、职务查找"
    fieldsets = [
        (None, {"fields": ["congress", "name", "post", "wording", "nominator", "decided_on", "meeting_name"]}),
        ("任职程序", {"fields": ["exam_score", "made_statement", "letter_issued", "took_oath"]}),
        ("表决", {"fields": ["expected", "in_favour", "against", "abstained"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Appointment | None = None) -> list:
        if self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj):
            return self.fieldsets
        (_, first), *others = self.fieldsets
        return [(None, {"fields": [*first["fields"][:-1], "meeting"]}), *others]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("meeting")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except UnableToSaveAppointment as error:
            request.refusal = str(error)
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Appointment, form: Any, change: bool) -> None:
        save_appointment(appointment=obj, meeting=form.cleaned_data["meeting_name"])
