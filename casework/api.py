"""What people owe, the history of cases, the procedures and the calendar."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers

from accounts import permissions
from accounts.models import User
from accounts.rest.fields import Named, Row
from accounts.rest.registers import RegisterViewSet
from accounts.rest.schema import register
from casework import queries
from casework.models import CalendarDay, CalendarYear, Event, Obligation, Outcome, Procedure, Step


class ObligationRow(Row):
    case = Named()
    case_url = serializers.CharField(source="case.get_absolute_url", read_only=True, help_text="办件页面")

    class Meta:
        model = Obligation
        fields = [
            "id", "verb", "act", "case", "case_url", "owner_label", "from_label", "opened_at", "due_on", "due_basis",
            "is_provisional", "state", "closed_at",
        ]  # fmt: skip


@extend_schema_view(**register("待办事项", "本机关能看到的办件上，谁在什么期限前应当办什么。"))
class ObligationViewSet(RegisterViewSet):
    model = Obligation
    serializer_class = ObligationRow
    filters = {"state": "state", "owner_role": "owner_role", "case": "case"}
    search_fields = ["case__title", "case__label", "owner_label"]
    related = ["case"]


@extend_schema_view(**register("我的待办", "本人或者本单位应当办理的事项，最急的在前。"))
class TodoViewSet(ObligationViewSet):
    may_view = staticmethod(permissions.acts)
    filters = {"case": "case"}

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        return queries.owed(user)


class EventRow(Row):
    case = Named()

    class Meta:
        model = Event
        fields = ["id", "at", "case", "actor_label", "step_label", "verb", "sentence", "is_imported"]


@extend_schema_view(**register("办理记载"))
class EventViewSet(RegisterViewSet):
    model = Event
    serializer_class = EventRow
    filters = {"is_imported": "is_imported", "case": "case"}
    search_fields = ["case__title", "case__label", "actor_label", "sentence"]
    related = ["case"]


class OutcomeRow(Row):
    goes_to = Named()

    class Meta:
        model = Outcome
        fields = ["code", "label", "goes_to", "closes_as", "deadline", "rule_key"]


class StepRow(Row):
    outcomes = OutcomeRow(many=True, read_only=True)
    required = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Step
        fields = [
            "id", "position", "stage", "code", "label", "act", "actor_role", "verb", "deadline", "rule_key",
            "acknowledge_within", "required", "outcomes",
        ]  # fmt: skip


class ProcedureRow(Row):
    congress = Named()
    steps = StepRow(many=True, read_only=True)

    class Meta:
        model = Procedure
        fields = ["id", "code", "version", "name", "case_kind", "congress", "is_active", "steps"]


@extend_schema_view(**register("办理程序"))
class ProcedureViewSet(RegisterViewSet):
    model = Procedure
    serializer_class = ProcedureRow
    may_view = staticmethod(permissions.reads_installation)
    filters = {"is_active": "is_active"}
    search_fields = ["name"]
    related = ["congress"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        outcomes = Prefetch("outcomes", Outcome.objects.select_related("goes_to"))
        return super().rows(user).prefetch_related(Prefetch("steps", Step.objects.prefetch_related(outcomes)))


class CalendarYearRow(Row):
    class Meta:
        model = CalendarYear
        fields = ["id", "year"]


@extend_schema_view(**register("已公布年份", "节假日安排已经公布的年份；其他年份的期限是暂定的。"))
class CalendarYearViewSet(RegisterViewSet):
    model = CalendarYear
    serializer_class = CalendarYearRow
    may_view = staticmethod(permissions.reads_installation)
    filters = {"year": "year"}


class CalendarDayRow(Row):
    class Meta:
        model = CalendarDay
        fields = ["id", "day", "kind", "name"]


@extend_schema_view(**register("节假日"))
class CalendarDayViewSet(RegisterViewSet):
    model = CalendarDay
    serializer_class = CalendarDayRow
    may_view = staticmethod(permissions.reads_installation)
    filters = {"year": "day__year", "kind": "kind"}
    search_fields = ["name"]


REGISTERS: list[tuple[str, Any]] = [
    ("todo", TodoViewSet),
    ("obligations", ObligationViewSet),
    ("events", EventViewSet),
    ("procedures", ProcedureViewSet),
    ("calendar-years", CalendarYearViewSet),
    ("calendar-days", CalendarDayViewSet),
]
