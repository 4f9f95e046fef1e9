"""Who oversees what (督办), what the overseers saw at the units (督办检查), and what is evaluated anew (评估)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Role
from bodies.models import Committee, Congress, Unit
from proposals.models.proposal import Proposal

if TYPE_CHECKING:
    from accounts.models import User

OVERSEERS = (Role.STAFF, Role.LEADER)


def of_overseers(rows: models.QuerySet, user: User, congress: str) -> models.QuerySet:
    """Return the rows of the user's own congress, named by the path ``congress``; staff and leaders alone see any."""
    return rows.filter(**{congress: user.hat.congress_id}) if user.has_role(*OVERSEERS) else rows.none()


class OversightKind(models.TextChoices):
    """The three ways in which a proposal is overseen."""

    LEADING = "leading", "领衔督办"
    FIELD = "field", "对口督办"
    OVERALL = "overall", "统筹督办"


class OversightQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> OversightQuerySet:
        """Return those of the own congress, to staff and leaders."""
        return of_overseers(self, user, "proposal__congress")

    def in_force(self) -> OversightQuerySet:
        """Return those that were not lifted."""
        return self.filter(ended_at__isnull=True)


class Oversight(models.Model):
    """One proposal overseen by a person, by a body named in words (专委会、工委), or by both. Lifted, never deleted.

    ``committee`` is the body where its words are a committee's name: its members read the proposal and are told.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="oversights", verbose_name="建议议案")
    kind = models.CharField("督办方式", max_length=10, choices=OversightKind)
    overseer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="督办人"
    )
    body = models.CharField("督办机构", max_length=100, blank=True)
    committee = models.ForeignKey(
        Committee, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="专委会（工委）"
    )
    meeting = models.CharField("确定督办的会议", max_length=100)
    decided_on = models.DateField("会议日期")
    note = models.CharField("说明", max_length=500, blank=True)
    set_at = models.DateTimeField("登记时间")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="解除人"
    )
    ended_why = models.CharField("解除原因", max_length=500, blank=True)

    objects = OversightQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "kind", "overseer", "body"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="oversight_in_force_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=OversightKind.values), name="oversight_known_kind"),
            models.CheckConstraint(condition=Q(overseer__isnull=False) | ~Q(body=""), name="oversight_by_somebody"),
            models.CheckConstraint(condition=~Q(meeting=""), name="oversight_by_a_meeting"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_why="")
                | Q(~Q(ended_why=""), ended_at__isnull=False, ended_by__isnull=False),
                name="oversight_ended_says_why",
            ),
        ]
        indexes = [models.Index(fields=["overseer"], condition=Q(ended_at__isnull=True), name="oversight_of_person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.who}"

    @property
    def who(self) -> str:
        """Return who oversees it, in words; the overseer is at hand."""
        return "、".join(filter(None, [str(self.overseer) if self.overseer_id else "", self.body]))


class Means(models.TextChoices):
    """The four means of an inspection, by the names of its columns (恩施 督办专班)."""

    PAPERS = "read_papers", "查资料"
    REPORT = "heard_report", "听汇报"
    SITE = "saw_site", "看现场"
    DEPUTIES = "asked_deputies", "访代表"


class InspectionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> InspectionQuerySet:
        """Return those of the own congress, to staff and leaders: a unit learns what is demanded of it alone."""
        return of_overseers(self, user, "congress")


class Inspection(models.Model):
    """One visit of the overseers to a unit: by which of the four means, which of its items, what they found."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="inspections", verbose_name="人大")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="inspections", verbose_name="被检查单位")
    held_on = models.DateField("检查日期")
    inspectors = models.CharField("检查人员", max_length=300)
    read_papers = models.BooleanField(Means.PAPERS.label, default=False)
    heard_report = models.BooleanField(Means.REPORT.label, default=False)
    saw_site = models.BooleanField(Means.SITE.label, default=False)
    asked_deputies = models.BooleanField(Means.DEPUTIES.label, default=False)
    findings = models.TextField("检查情况")
    items = models.ManyToManyField(Proposal, related_name="inspections", blank=True, verbose_name="查看的件")
    request_key = models.UUIDField(unique=True, editable=False)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办检查"
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_papers=True) | Q(heard_report=True) | Q(saw_site=True) | Q(asked_deputies=True),
                name="inspection_by_some_means",
            ),
        ]
        indexes = [models.Index(fields=["unit", "held_on"], name="inspection_of_unit")]

    def __str__(self) -> str:
        return f"{self.held_on} {self.unit}"

    @property
    def means(self) -> list[str]:
        """Return the means that were used, in words."""
        return [one.label for one in Means if getattr(self, one.value)]


class RectificationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> RectificationQuerySet:
        """Return those of the own congress to staff and leaders, to a unit its own."""
        if user.has_role(Role.UNIT):
            return self.filter(inspection__unit=user.hat.unit_id)
        return of_overseers(self, user, "inspection__congress")

    def waiting(self) -> RectificationQuerySet:
        """Return those that the unit has not answered."""
        return self.filter(answered_at__isnull=True)


class Rectification(models.Model):
    """What an inspection demands of the unit on one item, and the unit's answer; it outlives the item's closing."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="demands", verbose_name="督办检查")
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="rectifications", verbose_name="建议议案")
    demand = models.CharField("整改要求", max_length=1000)
    due_on = models.DateField("整改期限")
    demanded_at = models.DateTimeField("提出时间")
    demanded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    answer = models.TextField("整改情况", blank=True)
    answered_at = models.DateTimeField("报告时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报告人"
    )

    objects = RectificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改要求"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "proposal"], name="rectification_once_per_item"),
            models.CheckConstraint(condition=~Q(demand=""), name="rectification_says_what"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | Q(~Q(answer=""), answered_at__isnull=False, answered_by__isnull=False),
                name="rectification_answered_iff_when",
            ),
        ]

    def __str__(self) -> str:
        return self.demand


class EvaluationGrade(models.TextChoices):
    GOOD = "good", "好"
    FAIR = "fair", "较好"
    AVERAGE = "average", "一般"
    POOR = "poor", "差"


class EvaluationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> EvaluationQuerySet:
        """Return those of the own congress, to staff and leaders."""
        return of_overseers(self, user, "proposal__congress")

    def waiting(self) -> EvaluationQuerySet:
        """Return those without a result."""
        return self.filter(concluded_at__isnull=True)


class Evaluation(models.Model):
    """The handling of one proposal judged by others than its deputy, as after a second dissatisfaction (河南 22)."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="evaluations", verbose_name="建议议案")
    why = models.CharField("评估原因", max_length=500)
    evaluators = models.CharField("评估人员", max_length=300)
    meeting = models.CharField("决定评估的会议", max_length=100)
    decided_on = models.DateField("会议日期")
    due_on = models.DateField("完成期限")
    opened_at = models.DateTimeField("登记时间")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    grade = models.CharField("评估等次", max_length=10, choices=EvaluationGrade, blank=True)
    conclusion = models.TextField("评估结论", blank=True)
    follow_up = models.TextField("后续意见", blank=True)
    concluded_at = models.DateTimeField("完成时间", null=True, blank=True)
    concluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="完成人"
    )

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理评估"
        ordering = [F("concluded_at").desc(nulls_first=True), "due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(concluded_at__isnull=True), name="evaluation_one_open_per_proposal"
            ),
            models.CheckConstraint(
                condition=Q(grade="", conclusion="", follow_up="", concluded_at__isnull=True, concluded_by__isnull=True)
                | Q(~Q(conclusion=""), grade__in=EvaluationGrade.values, concluded_at__isnull=False,
                    concluded_by__isnull=False),
                name="evaluation_concluded_with_a_result",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.proposal} 评估"
