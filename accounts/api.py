"""Accounts, and the registers of ``bodies``: rights are named here, and that app lies below this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers

from accounts import permissions
from accounts.models import Membership, User
from accounts.rest.fields import Masked, Named, Names, Row
from accounts.rest.registers import RegisterViewSet, kept_by_form
from accounts.rest.schema import register
from bodies.models import Committee, Congress, Meeting, Session, Term, Township, Unit

if TYPE_CHECKING:
    from rest_framework.request import Request


class UserRow(Row):
    hats = Names(source="memberships", help_text="任职身份")

    class Meta:
        model = User
        fields = ["id", "username", "name", "is_active", "last_login", "hats"]


@extend_schema_view(**register("用户"))
class UserViewSet(RegisterViewSet):
    model = User
    serializer_class = UserRow
    may_view = staticmethod(permissions.reads_accounts)
    filters = {"is_active": "is_active"}
    search_fields = ["username", "name"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        hats = Membership.objects.select_related("congress", "unit", "committee")
        return super().rows(user).prefetch_related(Prefetch("memberships", queryset=hats))


class CongressRow(Row):
    parent = Named()

    class Meta:
        model = Congress
        fields = ["id", "code", "name", "level", "parent"]


@extend_schema_view(**register("人大"))
class CongressViewSet(RegisterViewSet):
    model = Congress
    serializer_class = CongressRow
    may_view = staticmethod(permissions.reads_bodies)
    filters = {"level": "level"}
    search_fields = ["name", "code"]
    related = ["parent"]


class TermRow(Row):
    congress = Named()

    class Meta:
        model = Term
        fields = ["id", "name", "congress", "starts_on", "ends_on"]


@extend_schema_view(**register("届次"))
class TermViewSet(RegisterViewSet):
    model = Term
    serializer_class = TermRow
    may_view = staticmethod(permissions.reads_installation)
    filters = {"congress": "congress"}
    search_fields = ["name", "congress__name"]
    related = ["congress"]


class SessionRow(Row):
    term = Named()

    class Meta:
        model = Session
        fields = ["id", "name", "term", "starts_on", "ends_on"]


@extend_schema_view(**register("会次"))
class SessionViewSet(RegisterViewSet):
    model = Session
    serializer_class = SessionRow
    may_view = staticmethod(permissions.reads_installation)
    filters = {"term": "term"}
    search_fields = ["name"]
    related = ["term__congress"]


class MeetingRow(Row):
    term = Named()

    class Meta:
        model = Meeting
        fields = ["id", "name", "term", "held_on"]


@extend_schema_view(**register("常委会会议"))
class MeetingViewSet(RegisterViewSet):
    model = Meeting
    serializer_class = MeetingRow
    filters = {"term": "term"}
    search_fields = ["name"]
    related = ["term__congress"]


class TownshipRow(Row):
    body = Named()

    class Meta:
        model = Township
        fields = ["id", "name", "body", "sort"]


@extend_schema_view(**register("乡镇（街道）"))
class TownshipViewSet(RegisterViewSet):
    model = Township
    serializer_class = TownshipRow
    search_fields = ["name"]
    related = ["body"]


class CommitteeRow(Row):
    congress = Named()

    class Meta:
        model = Committee
        fields = ["id", "name", "congress", "sort"]


@extend_schema_view(**register("专委会（工委）"))
class CommitteeViewSet(RegisterViewSet):
    model = Committee
    serializer_class = CommitteeRow
    may_view = staticmethod(permissions.reads_bodies)
    filters = {"congress": "congress"}
    search_fields = ["name"]
    related = ["congress"]


class UnitRow(Row):
    OF_PEOPLE = ("contact_name", "contact_phone")
    parent = Named()
    aliases = Names(of="alias", help_text="简称")
    contact_phone = Masked()

    class Meta:
        model = Unit
        fields = ["id", "name", "system", "aliases", "parent", "contact_name", "contact_phone", "sort", "is_active"]

    def get_fields(self) -> dict[str, serializers.Field]:
        """Leave out who works there for whom that is no business: see the register in the admin."""
        fields = super().get_fields()
        request: Request | None = self.context.get("request")
        if request is not None and request.user.is_authenticated and not permissions.reads_registers(request.user):
            return {name: field for name, field in fields.items() if name not in self.OF_PEOPLE}
        return fields


@extend_schema_view(**register("承办单位"))
@kept_by_form("units", "承办单位")
class UnitViewSet(RegisterViewSet):
    model = Unit
    serializer_class = UnitRow
    may_view = staticmethod(permissions.reads_bodies)
    filters = {"is_active": "is_active", "system": "system"}
    search_fields = ["name", "initials", "pinyin"]
    related = ["parent"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        return super().rows(user).prefetch_related("aliases")


REGISTERS: list[tuple[str, Any]] = [
    ("users", UserViewSet),
    ("congresses", CongressViewSet),
    ("terms", TermViewSet),
    ("sessions", SessionViewSet),
    ("meetings", MeetingViewSet),
    ("townships", TownshipViewSet),
    ("committees", CommitteeViewSet),
    ("units", UnitViewSet),
]
