"""Stations with their deputies, receptions and the opinions that they bring."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers

from accounts.models import User
from accounts.rest.fields import Masked, Named, Names, Row, Words
from accounts.rest.registers import RegisterViewSet, kept_by_form
from accounts.rest.schema import register
from liaison_stations.models import OpinionItem, Reception, Station, StationDeputy
from liaison_stations.workbooks import UNREAD


class StationRow(Row):
    township = Named()
    phone = Masked()
    deputies = Names(source="members", of="seat", help_text="编入代表")

    class Meta:
        model = Station
        fields = [
            "id", "name", "kind", "township", "address", "head", "liaison", "phone", "reception_rule", "deputies",
        ]  # fmt: skip


@extend_schema_view(**register("联络站"))
@kept_by_form("stations", "联络站")
class StationViewSet(RegisterViewSet):
    model = Station
    serializer_class = StationRow
    filters = {"kind": "kind", "township": "township"}
    search_fields = ["name", "township__name", "head"]
    related = ["township"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        there = StationDeputy.objects.select_related("seat__person").defer(*UNREAD)
        return super().rows(user).prefetch_related(Prefetch("members", queryset=there))


class ReceptionRow(Row):
    station = Named()
    seat = Named(help_text="接待代表")
    contact = Masked()
    handling = Words("opinion.handling")
    unit = Named(source="opinion.unit")
    replied_on = serializers.DateField(source="opinion.replied_on", read_only=True)
    result = Words("opinion.result")
    is_settled = serializers.BooleanField(source="opinion.is_settled", read_only=True)

    class Meta:
        model = Reception
        fields = [
            "id", "received_on", "station", "seat", "visitor", "contact", "matter", "handling", "unit", "replied_on",
            "result", "is_settled",
        ]  # fmt: skip


@extend_schema_view(**register("接待登记"))
@kept_by_form("receptions", "接待登记")
class ReceptionViewSet(RegisterViewSet):
    model = Reception
    serializer_class = ReceptionRow
    filters = {
        "year": "received_on__year", "station": "station", "township": "station__township",
        "handling": "opinion__handling",
    }  # fmt: skip
    search_fields = ["matter", "visitor", "seat__person__name", "station__name"]
    related = ["station", "seat__person", "opinion__unit"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        return super().rows(user).defer(*UNREAD)


class OpinionRow(Row):
    station = Named()
    unit = Named()

    class Meta:
        model = OpinionItem
        fields = [
            "id", "raised_on", "station", "matter", "handling", "unit", "replied_on", "result", "is_settled", "reception",
        ]  # fmt: skip

    is_settled = serializers.BooleanField(read_only=True)


@extend_schema_view(**register("社情民意"))
class OpinionViewSet(RegisterViewSet):
    model = OpinionItem
    serializer_class = OpinionRow
    filters = {
        "year": "raised_on__year", "station": "station", "township": "station__township", "handling": "handling",
        "unit": "unit",
    }  # fmt: skip
    search_fields = ["matter", "station__name", "unit__name", "result"]
    related = ["station", "unit"]


REGISTERS: list[tuple[str, Any]] = [
    ("stations", StationViewSet),
    ("receptions", ReceptionViewSet),
    ("opinions", OpinionViewSet),
]
