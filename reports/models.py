"""Annual workbooks that somebody asked for: how far each has come, and the file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Role
from bodies.models import Congress

if TYPE_CHECKING:
    from accounts.models import User


class RunState(models.TextChoices):
    WAITING = "waiting", "等待生成"
    RUNNING = "running", "正在生成"
    DONE = "done", "已生成"
    FAILED = "failed", "没有生成"
    CANCELLED = "cancelled", "已取消"


UNFINISHED = (RunState.WAITING, RunState.RUNNING)


class ReportRunQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ReportRunQuerySet:
        """Return the workbooks of the congress that a member of its staff or a leader acts for; nobody else sees any."""
        if not user.has_role(Role.STAFF, Role.LEADER):
            return self.none()
        return self.filter(congress_id=user.hat.congress_id)

    def unfinished(self) -> ReportRunQuerySet:
        return self.filter(state__in=UNFINISHED)


class ReportRun(models.Model):
    """One annual workbook that somebody asked for.

    ``sheet`` and ``sheet_number`` say what is being written now. ``attempts`` counts how often a worker began: one
    that was killed leaves the run ``running``, and the next one begins again.
    """

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="report_runs", verbose_name="人大")
    year = models.PositiveSmallIntegerField("年度")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="report_runs", verbose_name="生成人"
    )
    asked_at = models.DateTimeField("生成时间")
    state = models.CharField("状态", max_length=10, choices=RunState, default=RunState.WAITING)
    sheet = models.CharField("正在写入", max_length=40, blank=True)
    sheet_number = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    error = models.CharField("没有生成的原因", max_length=300, blank=True)

    objects = ReportRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度报表"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["asked_by", "congress", "year"],
                condition=Q(state__in=["waiting", "running"]),
                name="report_run_unfinished_once",
                violation_error_message="这份年度报表正在生成。",
            ),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="report_run_known_state"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False),
                name="report_run_finished_iff_time",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="report_run_failure_has_reason"),
        ]
        indexes = [models.Index(fields=["congress", "-asked_at"], name="report_run_by_time")]

    def __str__(self) -> str:
        return f"{self.congress}{self.year}年度报表"

    @property
    def as_of(self) -> dt.date:
        """The day of the report: that on which it was asked for."""
        return timezone.localdate(self.asked_at)

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


class ReportFile(models.Model):
    """The workbook itself, in the database because the worker that writes it and the web host may share no disk."""

    run = models.OneToOneField(ReportRun, models.CASCADE, related_name="file", primary_key=True)
    content = models.BinaryField()
    rows = models.PositiveIntegerField("行数")

    class Meta:
        verbose_name = verbose_name_plural = "年度报表文件"

    def __str__(self) -> str:
        return str(self.run)
