"""Appointments and removals."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_view

from accounts.rest.fields import Named, Row
from accounts.rest.registers import RegisterViewSet, kept_by_form
from accounts.rest.schema import register
from appointments.models import Appointment


class AppointmentRow(Row):
    meeting = Named()

    class Meta:
        model = Appointment
        fields = [
            "id", "name", "post", "wording", "nominator", "meeting", "decided_on", "exam_score", "made_statement",
            "letter_issued", "took_oath", "expected", "in_favour", "against", "abstained",
        ]  # fmt: skip


@extend_schema_view(**register("任免事项"))
@kept_by_form("appointments", "任免事项")
class AppointmentViewSet(RegisterViewSet):
    model = Appointment
    serializer_class = AppointmentRow
    filters = {"wording": "wording", "year": "decided_on__year", "meeting": "meeting"}
    search_fields = ["name", "post"]
    related = ["meeting"]


REGISTERS: list[tuple[str, Any]] = [("appointments", AppointmentViewSet)]
