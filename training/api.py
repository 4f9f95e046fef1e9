"""Training classes with the deputies who attended."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_view

from accounts.models import User
from accounts.rest.fields import Names, Row
from accounts.rest.registers import RegisterViewSet, kept_by_form
from accounts.rest.schema import register
from training.models import Attendance, TrainingClass


class TrainingClassRow(Row):
    attendees = Names(source="attendances", of="seat", help_text="参训代表")

    class Meta:
        model = TrainingClass
        fields = [
            "id", "name", "kind", "form", "starts_on", "ends_on", "place", "organiser", "audience", "expected", "attended",
            "hours", "attendees",
        ]  # fmt: skip


@extend_schema_view(**register("培训班次"))
@kept_by_form("trainings", "培训班次")
class TrainingClassViewSet(RegisterViewSet):
    model = TrainingClass
    serializer_class = TrainingClassRow
    filters = {"year": "starts_on__year", "kind": "kind", "form": "form"}
    search_fields = ["name", "place", "organiser", "audience"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        there = Attendance.objects.select_related("seat__person")
        private = (f"seat__person__{name}" for name in ("id_number", "phone", "address"))
        return super().rows(user).prefetch_related(Prefetch("attendances", queryset=there.defer(*private)))


REGISTERS: list[tuple[str, Any]] = [("training-classes", TrainingClassViewSet)]
