"""The registers beside the proposals: what was promised, who oversees, how units are scored, and how a term is arranged."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers

from accounts import permissions
from accounts.models import Role, User
from accounts.rest.fields import Named, Names, Row
from accounts.rest.registers import RegisterViewSet
from accounts.rest.schema import register
from proposals.models import (
    DEADLINES,
    Arrangement,
    Category,
    Commitment,
    Evaluation,
    HandlingRules,
    Inspection,
    OutcomeCategory,
    Oversight,
    Rectification,
    ScoringScheme,
)
from proposals.queries.commitments import may_read_register


def oversees_or_is_unit(user: User) -> bool:
    """Say whether what is overseen concerns the user: the committee's people, and of a unit what concerns itself."""
    return permissions.reads_registers(user) or user.has_role(Role.UNIT)


class CategoryRow(Row):
    class Meta:
        model = Category
        fields = ["id", "name", "sort"]


@extend_schema_view(**register("建议类别"))
class CategoryViewSet(RegisterViewSet):
    model = Category
    serializer_class = CategoryRow
    search_fields = ["name"]


class OutcomeCategoryRow(Row):
    term = Named()

    class Meta:
        model = OutcomeCategory
        fields = [
            "id", "code", "name", "definition", "term", "counts_as_solved", "counts_as_explained", "needs_follow_up", "sort",
        ]  # fmt: skip


@extend_schema_view(**register("办理结果分类"))
class OutcomeCategoryViewSet(RegisterViewSet):
    model = OutcomeCategory
    serializer_class = OutcomeCategoryRow
    filters = {"term": "term"}
    search_fields = ["name"]
    related = ["term__congress"]


class HandlingRulesRow(Row):
    congress = Named()

    class Meta:
        model = HandlingRules
        fields = [
            "id", "code", "name", "basis", "congress", *DEADLINES, "extend_approver", "raters", "second_time",
            "cosigner_reply", "withdrawal_needs_consent", "rolls", "commitment_report", "annual_report",
        ]  # fmt: skip


@extend_schema_view(**register("办理规则", "期限写法：5WD 为五个工作日，30D 为三十日，3M 为三个月；空为没有规定。"))
class HandlingRulesViewSet(RegisterViewSet):
    model = HandlingRules
    serializer_class = HandlingRulesRow
    may_view = staticmethod(permissions.reads_installation)
    search_fields = ["name", "basis"]
    related = ["congress"]


class ArrangementRow(Row):
    term = Named()
    procedure = Named()
    rules = Named()

    class Meta:
        model = Arrangement
        fields = ["id", "term", "procedure", "rules"]


@extend_schema_view(**register("办理安排"))
class ArrangementViewSet(RegisterViewSet):
    model = Arrangement
    serializer_class = ArrangementRow
    filters = {"term": "term"}
    related = ["term__congress", "procedure", "rules"]


class CommitmentRow(Row):
    proposal = Named()
    unit = Named()

    class Meta:
        model = Commitment
        fields = [
            "id", "proposal", "unit", "matter", "responsible", "made_on", "due_on", "state", "settled_on", "rating",
        ]  # fmt: skip


@extend_schema_view(**register("承诺事项"))
class CommitmentViewSet(RegisterViewSet):
    model = Commitment
    serializer_class = CommitmentRow
    may_view = staticmethod(may_read_register)
    filters = {"state": "state", "unit": "unit", "proposal": "proposal"}
    search_fields = ["matter", "proposal__title"]
    related = ["proposal", "unit"]


class OversightRow(Row):
    proposal = Named()
    overseer = Named()

    class Meta:
        model = Oversight
        fields = [
            "id", "proposal", "kind", "overseer", "body", "meeting", "decided_on", "note", "set_at", "ended_at", "ended_why",
        ]  # fmt: skip


@extend_schema_view(**register("督办"))
class OversightViewSet(RegisterViewSet):
    model = Oversight
    serializer_class = OversightRow
    filters = {"kind": "kind", "proposal": "proposal"}
    search_fields = ["proposal__title", "body", "overseer__name"]
    related = ["proposal", "overseer"]


class InspectionRow(Row):
    unit = Named()
    means = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="检查方式")
    items = Names(help_text="查看的件")

    class Meta:
        model = Inspection
        fields = ["id", "unit", "held_on", "inspectors", "means", "findings", "items", "recorded_at"]


@extend_schema_view(**register("督办检查"))
class InspectionViewSet(RegisterViewSet):
    model = Inspection
    serializer_class = InspectionRow
    filters = {"unit": "unit", "year": "held_on__year"}
    search_fields = ["unit__name", "findings"]
    related = ["unit"]

    @classmethod
    def rows(cls, user: User) -> Any:
        return super().rows(user).prefetch_related("items")


class RectificationRow(Row):
    proposal = Named()
    unit = Named(source="inspection.unit")

    class Meta:
        model = Rectification
        fields = ["id", "proposal", "unit", "demand", "due_on", "demanded_at", "answer", "answered_at"]


@extend_schema_view(**register("整改要求"))
class RectificationViewSet(RegisterViewSet):
    model = Rectification
    serializer_class = RectificationRow
    may_view = staticmethod(oversees_or_is_unit)
    filters = {"proposal": "proposal", "unit": "inspection__unit"}
    search_fields = ["demand", "proposal__title"]
    related = ["proposal", "inspection__unit"]


class EvaluationRow(Row):
    proposal = Named()

    class Meta:
        model = Evaluation
        fields = [
            "id", "proposal", "why", "evaluators", "meeting", "decided_on", "due_on", "grade", "conclusion", "follow_up",
            "opened_at", "concluded_at",
        ]  # fmt: skip


@extend_schema_view(**register("办理评估"))
class EvaluationViewSet(RegisterViewSet):
    model = Evaluation
    serializer_class = EvaluationRow
    filters = {"grade": "grade", "proposal": "proposal"}
    search_fields = ["proposal__title", "why"]
    related = ["proposal"]


class ScoringSchemeRow(Row):
    items = Names(of="name", help_text="考核项目")

    class Meta:
        model = ScoringScheme
        fields = ["id", "year", "name", "state", "items", "closed_at"]


@extend_schema_view(**register("考核方案", "得分在考核页面上看。"))
class ScoringSchemeViewSet(RegisterViewSet):
    model = ScoringScheme
    serializer_class = ScoringSchemeRow
    may_view = staticmethod(oversees_or_is_unit)
    filters = {"year": "year", "state": "state"}
    search_fields = ["name"]

    @classmethod
    def rows(cls, user: User) -> Any:
        return super().rows(user).prefetch_related("items")


REGISTERS: list[tuple[str, Any]] = [
    ("categories", CategoryViewSet),
    ("outcome-categories", OutcomeCategoryViewSet),
    ("handling-rules", HandlingRulesViewSet),
    ("arrangements", ArrangementViewSet),
    ("commitments", CommitmentViewSet),
    ("oversights", OversightViewSet),
    ("inspections", InspectionViewSet),
    ("rectifications", RectificationViewSet),
    ("evaluations", EvaluationViewSet),
    ("scoring-schemes", ScoringSchemeViewSet),
]
