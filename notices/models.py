"""What people are told: an intent is a row, written once and delivered at least once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Membership, Role

if TYPE_CHECKING:
    from accounts.models import User


class Channel(models.TextChoices):
    IN_SITE = "in_site", "站内"


class NoticeState(models.TextChoices):
    PENDING = "pending", "待发送"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> NoticeQuerySet:
        """Return what people of the user's congress are told, for staff and leaders; nothing for anybody else.

        Who also wears a hat elsewhere is left out, for a notice does not say to which hat it speaks.
        """
        if not user.has_role(Role.STAFF, Role.LEADER):
            return self.none()
        here = Q(congress_id=user.hat.congress_id)
        return self.filter(
            recipient__in=Membership.objects.filter(here).values("user"),
        ).exclude(recipient__in=Membership.objects.exclude(here).values("user"))


class Notice(models.Model):
    """The intent to tell one person one thing through one channel, and what became of it.

    The unique key (rule, object, due date, recipient, channel) is the ledger: whoever finds something due and not
    yet told inserts a row, and a second insert changes nothing.
    """

    rule = models.CharField("规则", max_length=40)
    object_key = models.CharField("事项", max_length=80)
    due_on = models.DateField("期限")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name="接收人"
    )
    channel = models.CharField("渠道", max_length=20, choices=Channel, default=Channel.IN_SITE)
    title = models.CharField("标题", max_length=300)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=NoticeState, default=NoticeState.PENDING)
    created_at = models.DateTimeField("产生时间")
    next_try_at = models.DateTimeField("下次发送时间")
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    last_error = models.TextField("最近一次错误", blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "object_key", "due_on", "recipient", "channel"], name="notice_told_once"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | Q(~Q(state="sent"), sent_at__isnull=True),
                name="notice_sent_iff_time",
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], condition=Q(state="pending"), name="notice_pending")]

    def __str__(self) -> str:
        return self.title


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> MessageQuerySet:
        return self.filter(recipient=user)

    def unread(self) -> MessageQuerySet:
        return self.filter(read_at__isnull=True)


class Message(models.Model):
    """A notice as it lies in a person's in-site box: one row per notice, so exactly once."""

    notice = models.OneToOneField(Notice, models.CASCADE, related_name="message")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages")
    title = models.CharField("标题", max_length=300)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站内消息"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="message_unread")]

    def __str__(self) -> str:
        return self.title
