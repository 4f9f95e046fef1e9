"""Rating rounds. What was voted is read on their pages: results follow rules of their own, ballots most of all."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_view

from accounts import permissions
from accounts.models import User
from accounts.rest.fields import Names, Row
from accounts.rest.registers import RegisterViewSet
from accounts.rest.schema import register
from ratings.models import RatingRound


class RatingRoundRow(Row):
    subjects = Names(of="name", help_text="测评对象")
    levels = Names(of="label", help_text="等次")

    class Meta:
        model = RatingRound
        fields = [
            "id", "title", "purpose", "held_on", "is_secret", "state", "audience", "opened_at", "closed_at", "published_at",
            "subjects", "levels",
        ]  # fmt: skip


@extend_schema_view(**register("测评", "测评结果在测评页面上看，接口不提供。"))
class RatingRoundViewSet(RegisterViewSet):
    model = RatingRound
    serializer_class = RatingRoundRow
    may_view = staticmethod(permissions.acts)
    filters = {"state": "state", "year": "held_on__year"}
    search_fields = ["title"]

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        return super().rows(user).prefetch_related("subjects", "levels")


REGISTERS: list[tuple[str, Any]] = [("rating-rounds", RatingRoundViewSet)]
