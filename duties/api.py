"""The duty ledger, and the types that an office counts it by."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_view

from accounts.models import User
from accounts.rest.fields import Named, Number, Row
from accounts.rest.registers import RegisterViewSet, kept_by_form
from accounts.rest.schema import register
from deputies.queries import number_of
from duties.models import DutyRecord, DutyType


class DutyRecordRow(Row):
    seat = Named(help_text="代表")
    delegation = Named(source="seat.delegation")
    type = Named()

    class Meta:
        model = DutyRecord
        fields = [
            "id", "done_on", "seat", "delegation", "type", "topic", "place", "content", "quantity", "suggestions",
            "source",
        ]  # fmt: skip


@extend_schema_view(**register("履职记录"))
@kept_by_form("duty_records", "履职记录")
class DutyRecordViewSet(RegisterViewSet):
    model = DutyRecord
    serializer_class = DutyRecordRow
    filters = {
        "year": "done_on__year", "type": "type", "source": "source", "seat": "seat", "delegation": "seat__delegation",
    }  # fmt: skip
    search_fields = ["seat__person__name", "topic"]
    related = ["seat__person", "seat__delegation", "type"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        return super().rows(user).defer(*(f"seat__person__{name}" for name in ("id_number", "phone", "address")))


class DutyTypeRow(Row):
    records = Number(source="used", help_text="有几条履职记录")

    class Meta:
        model = DutyType
        fields = ["id", "name", "records", "sort"]


@extend_schema_view(**register("履职类型"))
class DutyTypeViewSet(RegisterViewSet):
    model = DutyType
    serializer_class = DutyTypeRow
    search_fields = ["name"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        return super().rows(user).annotate(used=number_of(DutyRecord, "type"))


REGISTERS: list[tuple[str, Any]] = [("duty-records", DutyRecordViewSet), ("duty-types", DutyTypeViewSet)]
