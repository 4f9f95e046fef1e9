"""How the work of units is scored (承办单位考核): a scheme of items for a year, points given by hand, the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Role
from bodies.models import Congress, Unit
from proposals.models.oversight import of_overseers

if TYPE_CHECKING:
    from accounts.models import User


class SchemeState(models.TextChoices):
    DRAFT = "draft", "草稿"
    ACTIVE = "active", "启用"
    CLOSED = "closed", "已公布"


class ScoringSchemeQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ScoringSchemeQuerySet:
        """Return those of the own congress to staff and leaders; to a unit the published ones in which it stands."""
        if user.has_role(Role.UNIT):
            return self.filter(state=SchemeState.CLOSED, lines__unit=user.hat.unit_id)
        return of_overseers(self, user, "congress")


class ScoringScheme(models.Model):
    """By what the units of a congress are scored for the proposals of a year. Once published its numbers stand."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="scoring_schemes", verbose_name="人大")
    year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("名称", max_length=100)
    state = models.CharField("状态", max_length=10, choices=SchemeState, default=SchemeState.DRAFT)
    # Goes up with every change of the items, so that a page opened before is known to be stale.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="建立人")
    closed_at = models.DateTimeField("公布时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公布人"
    )

    objects = ScoringSchemeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核方案"
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "year"], condition=Q(state="active"), name="scoring_scheme_one_active_per_year"
            ),
            models.UniqueConstraint(fields=["congress", "year", "name"], name="scoring_scheme_name_once"),
            models.CheckConstraint(condition=Q(state__in=SchemeState.values), name="scoring_scheme_known_state"),
            models.CheckConstraint(condition=Q(year__range=(1949, 2999)), name="scoring_scheme_year_in_range"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | Q(~Q(state="closed"), closed_at__isnull=True),
                name="scoring_scheme_closed_iff_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.name}"


class ItemKind(models.TextChoices):
    MANUAL = "manual", "人工评分"
    COMPUTED = "computed", "按记录计算"


class Measure(models.TextChoices):
    """What is computed from the records of a unit; what each counts is said in ``rules.scoring``."""

    ON_TIME = "on_time", "按时答复率"
    CONTACTED = "contacted", "联系代表率"
    ACKNOWLEDGED = "acknowledged", "签收及时率"
    SATISFIED = "satisfied", "代表满意率"
    COMMITMENTS = "commitments", "承诺落实率"
    OPINIONS = "opinions", "协办意见按时率"
    OVERDUE = "overdue", "逾期件数扣分"


class ScoringItem(models.Model):
    """One thing that units are scored by. ``per_case`` is what each overdue item takes off, for that measure alone."""

    scheme = models.ForeignKey(ScoringScheme, models.CASCADE, related_name="items", verbose_name="考核方案")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("考核项目", max_length=60)
    max_points = models.DecimalField("满分", max_digits=5, decimal_places=1)
    kind = models.CharField("评分方式", max_length=10, choices=ItemKind)
    measure = models.CharField("计算依据", max_length=20, choices=Measure, blank=True)
    per_case = models.DecimalField("每件扣分", max_digits=5, decimal_places=1, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "考核项目"
        ordering = ["scheme", "position"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "position"], name="scoring_item_position_once"),
            models.UniqueConstraint(fields=["scheme", "name"], name="scoring_item_name_once"),
            models.CheckConstraint(condition=Q(max_points__gt=0), name="scoring_item_worth_something"),
            models.CheckConstraint(
                condition=Q(kind="manual", measure="") | Q(kind="computed", measure__in=Measure.values),
                name="scoring_item_measure_iff_computed",
            ),
            models.CheckConstraint(
                condition=Q(measure="overdue", per_case__gt=0) | Q(~Q(measure="overdue"), per_case__isnull=True),
                name="scoring_item_deduction_iff_overdue",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ManualScore(models.Model):
    """Points given by hand to a unit. The last row of an item and unit counts; rows are added, never changed."""

    item = models.ForeignKey(ScoringItem, models.PROTECT, related_name="scores", verbose_name="考核项目")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="scores", verbose_name="承办单位")
    points = models.DecimalField("得分", max_digits=5, decimal_places=1)
    note = models.CharField("评分说明", max_length=300, blank=True)
    given_at = models.DateTimeField("评分时间")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="评分人")

    class Meta:
        verbose_name = verbose_name_plural = "人工评分"
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(points__gte=0), name="manual_score_not_negative")]

    def __str__(self) -> str:
        return f"{self.item} {self.unit} {self.points}"


class ScoreLineQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ScoreLineQuerySet:
        """Return the published lines of the own congress to staff and leaders, to a unit its own."""
        if user.has_role(Role.UNIT):
            return self.filter(unit=user.hat.unit_id)
        return of_overseers(self, user, "scheme__congress")


class ScoreLine(models.Model):
    """What was published of one unit: nothing that the records say later changes it.

    ``cells`` holds, by the key of the item, ``points`` and ``words``; ``points`` is None where it did not apply.
    """

    scheme = models.ForeignKey(ScoringScheme, models.PROTECT, related_name="lines", verbose_name="考核方案")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="score_lines", verbose_name="承办单位")
    rank = models.PositiveIntegerField("名次", null=True, blank=True)
    total = models.DecimalField("总分", max_digits=6, decimal_places=1, null=True, blank=True)
    cells = models.JSONField("各项得分", default=dict)

    objects = ScoreLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核结果"
        ordering = ["scheme", F("rank").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "unit"], name="score_line_once_per_unit"),
            models.CheckConstraint(
                condition=Q(rank__isnull=True, total__isnull=True) | Q(rank__gte=1, total__gte=0),
                name="score_line_ranked_iff_scored",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.unit}"
