"""The audit trail: entries, and the seals that chain them. Neither can be changed or deleted (triggers)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class Kind(models.TextChoices):
    LOG_IN = "log_in", "登录"
    LOG_IN_FAILED = "log_in_failed", "登录失败"
    LOG_OUT = "log_out", "退出"
    REFUSAL = "refusal", "越权被拒"
    GRANT = "grant", "账号权限"
    ACT = "act", "办理"
    CHANGE = "change", "数据变动"
    EXPORT = "export", "导出打印"
    UNMASK = "unmask", "查看隐私"
    TRIM = "trim", "清理审计记录"


class Operation(models.TextChoices):
    ADD = "add", "新增"
    CHANGE = "change", "修改"
    REMOVE = "remove", "删除"


class EntryQuerySet(models.QuerySet):
    def visible_to(self, user: AbstractBaseUser) -> EntryQuerySet:
        """Return the entries that the user may read: all for the audit administrator, none for anybody else."""
        return self.all() if getattr(user, "reads_audit", False) else self.none()


class Entry(models.Model):
    """Who did what, when and from where, and what it changed.

    Everything stands here as text, without foreign keys: history outlives the rows that it speaks of. ``before`` and
    ``after`` hold the changed columns as the database writes them; of columns that the trigger was told to hide they
    hold HIDDEN. ``at`` is the database's clock.
    """

    HIDDEN = "***"

    at = models.DateTimeField("时间", db_default=Now())
    kind = models.CharField("类别", max_length=20, choices=Kind)
    success = models.BooleanField("结果", default=True, db_default=True)
    operation = models.CharField("方式", max_length=10, choices=Operation, blank=True, default="", db_default="")
    actor_id = models.BigIntegerField("账号编号", null=True)
    actor = models.CharField("谁", max_length=300, db_default="", default="")
    hat = models.CharField("身份", max_length=300, db_default="", default="")
    address = models.CharField("从哪里", max_length=45, db_default="", default="")
    request_id = models.CharField("请求编号", max_length=64, db_default="", default="")
    method = models.CharField("请求方式", max_length=10, db_default="", default="")
    path = models.CharField("页面地址", max_length=500, db_default="", default="")
    task = models.CharField("后台任务", max_length=200, db_default="", default="")
    object_table = models.CharField("对象所在表", max_length=63, db_default="", default="")
    object_key = models.CharField("对象编号", max_length=64, db_default="", default="")
    object_label = models.CharField("对象名称", max_length=200, db_default="", default="")
    before = models.JSONField("变动前", null=True)
    after = models.JSONField("变动后", null=True)
    details = models.JSONField("说明", null=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="audit_known_kind"),
            models.CheckConstraint(condition=Q(operation__in=["", *Operation.values]), name="audit_known_operation"),
        ]
        indexes = [
            models.Index(fields=["at", "id"], name="audit_by_time"),
            models.Index(fields=["kind", "at"], name="audit_by_kind", condition=~Q(kind="change")),
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
            models.Index(fields=["object_key", "object_table"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Seal(models.Model):
    """One link of the chain: ``digest`` is SM3 of the digest before it and of the entry (hexadecimal).

    ``number`` counts from 1 without gaps. The entry is named by its key alone: that it is still there is what the
    chain proves.
    """

    number = models.BigIntegerField("序号", primary_key=True)
    entry = models.OneToOneField(
        Entry, models.DO_NOTHING, db_constraint=False, related_name="seal", verbose_name="记录"
    )
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计封存"
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="audit_seals_from_one")]

    def __str__(self) -> str:
        return str(self.number)
