"""People, seats, delegations and groups. Identity numbers, addresses and dates of birth have no place here."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_view

from accounts.models import User
from accounts.rest.fields import Masked, Named, Names, Number, Row, Words
from accounts.rest.registers import RegisterViewSet, kept_by_form
from accounts.rest.schema import register
from deputies import queries
from deputies.models import Delegation, DeputyGroup, GroupMember, Person, Seat

UNREAD = ("id_number", "address")


class PersonRow(Row):
    phone = Masked()

    class Meta:
        model = Person
        fields = [
            "id", "name", "gender", "ethnicity", "native_place", "party", "education", "degree", "post", "occupation",
            "phone",
        ]  # fmt: skip


@extend_schema_view(**register("人员"))
class PersonViewSet(RegisterViewSet):
    model = Person
    serializer_class = PersonRow
    filters = {"gender": "gender"}
    search_fields = ["name", "initials", "pinyin", "post"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        return super().rows(user).defer(*UNREAD)


class SeatRow(Row):
    person = Named()
    term = Named()
    delegation = Named()
    gender = Words("person.gender")
    ethnicity = Words("person.ethnicity")
    post = Words("person.post")
    phone = Masked(source="person.phone")
    groups = Names(source="group_memberships", of="group", help_text="代表小组")

    class Meta:
        model = Seat
        fields = [
            "id", "person", "gender", "ethnicity", "post", "phone", "term", "delegation", "groups", "elected_by",
            "certificate_no", "status", "started_on", "ended_on", "end_reason", "is_reelected", "is_committee_member",
        ]  # fmt: skip


@extend_schema_view(**register("代表"))
@kept_by_form("deputies", "代表")
class SeatViewSet(RegisterViewSet):
    model = Seat
    serializer_class = SeatRow
    filters = {
        "status": "status", "term": "term", "delegation": "delegation", "gender": "person__gender",
        "is_committee_member": "is_committee_member", "is_reelected": "is_reelected",
        "level": "term__congress__level",
    }  # fmt: skip
    search_fields = ["person__name"]
    related = ["person", "term__congress", "delegation"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        # A deputy may also belong to groups of other congresses, which are theirs to keep.
        members = GroupMember.objects.filter(group__in=DeputyGroup.objects.visible_to(user)).select_related("group")
        rows = super().rows(user).defer(*(f"person__{name}" for name in UNREAD))
        return rows.prefetch_related(Prefetch("group_memberships", queryset=members))

    def search(self, rows: QuerySet, text: str) -> QuerySet:
        """Look by name, pinyin, certificate, post and group, as the register does."""
        return queries.search(rows, text)


class DelegationRow(Row):
    term = Named()
    township = Named()
    deputies = Number(source="deputies_number", help_text="代表人数")

    class Meta:
        model = Delegation
        fields = ["id", "name", "term", "township", "deputies", "sort"]


@extend_schema_view(**register("代表团"))
class DelegationViewSet(RegisterViewSet):
    model = Delegation
    serializer_class = DelegationRow
    filters = {"term": "term"}
    search_fields = ["name"]
    related = ["term__congress", "township"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        return super().rows(user).annotate(deputies_number=queries.number_of(Seat, "delegation"))


class MemberRow(Row):
    seat = Named()

    class Meta:
        model = GroupMember
        fields = ["seat", "office"]


class GroupRow(Row):
    term = Named()
    size = Number(help_text="人数")
    members = MemberRow(many=True, read_only=True)

    class Meta:
        model = DeputyGroup
        fields = ["id", "name", "term", "kind", "size", "members", "sort"]


@extend_schema_view(**register("代表小组"))
class GroupViewSet(RegisterViewSet):
    model = DeputyGroup
    serializer_class = GroupRow
    filters = {"term": "term", "kind": "kind"}
    search_fields = ["name"]
    related = ["term__congress"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        members = GroupMember.objects.select_related("seat__person").defer(
            *(f"seat__person__{name}" for name in (*UNREAD, "phone"))
        )
        return queries.with_size(super().rows(user)).prefetch_related(Prefetch("members", queryset=members))


REGISTERS: list[tuple[str, Any]] = [
    ("people", PersonViewSet),
    ("seats", SeatViewSet),
    ("delegations", DelegationViewSet),
    ("groups", GroupViewSet),
]
