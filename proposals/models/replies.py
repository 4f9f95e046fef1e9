"""The units' replies, in writing and in person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from bodies.models import Unit
from proposals.models.arrangements import OutcomeCategory
from proposals.models.handling import Assignment


class ReplyDisclosure(models.TextChoices):
    """What the unit proposes of the publicity of its reply."""

    FULL = "full", "全文公开"
    SUMMARY = "summary", "摘要公开"
    NONE = "none", "不公开"


class Reply(models.Model):
    """A unit's written reply in one round. A later reply is another row."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="replies", verbose_name="交办")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="replies", verbose_name="承办单位")
    replied_on = models.DateField("答复日期")
    document_no = models.CharField("答复文号", max_length=60, blank=True)
    outcome = models.ForeignKey(
        OutcomeCategory, models.PROTECT, null=True, blank=True, related_name="replies", verbose_name="办理结果"
    )
    body = models.TextField("答复内容", blank=True)
    disclosure = models.CharField("公开属性", max_length=10, choices=ReplyDisclosure, default=ReplyDisclosure.NONE)
    not_public_reason = models.CharField("不公开的理由", max_length=300, blank=True)
    signed_by = models.CharField("签发人", max_length=60, blank=True)
    contact_name = models.CharField("联系人", max_length=60, blank=True)
    contact_phone = models.CharField("联系电话", max_length=60, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    is_imported = models.BooleanField("导入", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "答复"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["assignment"], name="reply_once_per_assignment"),
            # The number holds the year; what was imported repeats numbers as the offices wrote them.
            models.UniqueConstraint(
                fields=["unit", "document_no"],
                condition=~Q(document_no="") & Q(is_imported=False),
                name="reply_document_no_once_per_unit",
            ),
            models.CheckConstraint(condition=Q(disclosure__in=ReplyDisclosure.values), name="reply_known_disclosure"),
        ]

    def __str__(self) -> str:
        return self.document_no or str(self.replied_on)


class InPersonReply(models.Model):
    """The record of a reply given face to face (当面答复记录), which the deputy signs (山东 22)."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="in_person_replies", verbose_name="交办")
    held_on = models.DateField("面复日期")
    place = models.CharField("地点", max_length=100)
    unit_people = models.CharField("承办单位参加人", max_length=300)
    deputies = models.CharField("参加代表", max_length=300)
    minutes = models.TextField("面复情况")
    is_signed = models.BooleanField("代表已在记录上签字", default=False)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "当面答复记录"
        ordering = ["held_on", "pk"]

    def __str__(self) -> str:
        return f"{self.held_on} 当面答复"
