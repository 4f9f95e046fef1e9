"""What people are told: an intent is a row, written once and delivered at least once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.models import Membership, Role
from bodies.fields import EncryptedTextField
from bodies.models import Congress
from notices import texts

if TYPE_CHECKING:
    from accounts.models import User


class Channel(models.TextChoices):
    IN_SITE = "in_site", "站内"
    EMAIL = "email", "电子邮件"
    WECOM = "wecom", "企业微信群机器人"
    DINGTALK = "dingtalk", "钉钉群机器人"


OUTSIDE = (Channel.EMAIL, Channel.WECOM, Channel.DINGTALK)


class NoticeState(models.TextChoices):
    WAITING = "waiting", "待汇总"
    PENDING = "pending", "待发送"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"
    VOID = "void", "已失效"


class ToldPeople(models.QuerySet):
    def visible_to(self, user: User) -> ToldPeople:
        """Return what people of the user's congress are told, for staff and leaders; nothing for anybody else.

        Who also wears a hat elsewhere is left out, for a notice does not say to which hat it speaks.
        """
        if not user.has_role(Role.STAFF, Role.LEADER):
            return self.none()
        here = Q(congress_id=user.hat.congress_id)
        return self.filter(
            recipient__in=Membership.objects.filter(here).values("user"),
        ).exclude(recipient__in=Membership.objects.exclude(here).values("user"))


class Sending(models.Model):
    """What is sent to somebody: tried until it is sent or given up, with what became of the last try."""

    state = models.CharField("状态", max_length=10, choices=NoticeState, default=NoticeState.PENDING)
    created_at = models.DateTimeField("产生时间")
    next_try_at = models.DateTimeField("下次发送时间")
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    last_error = models.TextField("最近一次错误", blank=True)

    class Meta:
        abstract = True


class Digest(Sending):
    """Everything that one person is reminded of on one day through one channel: one row, so told once.

    ``lines`` are kept as they were put together, most urgent first, so that a second try says the same; ``total``
    counts the matters beyond them too, ``overseen`` those of all that he is to oversee.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests", verbose_name="接收人"
    )
    day = models.DateField("日期")
    channel = models.CharField("渠道", max_length=20, choices=Channel, default=Channel.IN_SITE)
    title = models.CharField("标题", max_length=300)
    lines = models.JSONField("内容", default=list)
    total = models.PositiveIntegerField("事项数", default=0)
    overseen = models.PositiveIntegerField("请过问事项数", default=0, db_default=0)

    objects = ToldPeople.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "每日提醒汇总"
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "day", "channel"], name="digest_once_a_day"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | Q(~Q(state="sent"), sent_at__isnull=True),
                name="digest_sent_iff_time",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "next_try_at"], condition=Q(state="pending"), name="digest_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.title}"


class Notice(Sending):
    """The intent to tell one person one thing through one channel, and what became of it.

    The unique key (rule, object, due date, recipient, channel) is the ledger: whoever finds something due and not
    yet told inserts a row, and a second insert changes nothing. A reminder waits for the day's digest and then shares
    its fate; one whose matter was settled before that is void.
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
    digest = models.ForeignKey(
        Digest, models.RESTRICT, null=True, blank=True, related_name="notices", verbose_name="所在汇总"
    )

    objects = ToldPeople.as_manager()

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
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(digest__isnull=True), name="notice_waits_outside_digest"
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_try_at"],
                condition=Q(state="pending", digest__isnull=True),
                name="notice_pending",
            ),
            models.Index(fields=["recipient", "channel"], condition=Q(state="waiting"), name="notice_waiting"),
        ]

    def __str__(self) -> str:
        return self.title


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> MessageQuerySet:
        return self.filter(recipient=user)

    def unread(self) -> MessageQuerySet:
        return self.filter(read_at__isnull=True)


class Message(models.Model):
    """A notice or a digest as it lies in a person's in-site box: one row for each, so exactly once."""

    notice = models.OneToOneField(Notice, models.CASCADE, null=True, blank=True, related_name="message")
    digest = models.OneToOneField(Digest, models.CASCADE, null=True, blank=True, related_name="message")
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
        constraints = [
            models.CheckConstraint(
                condition=Q(notice__isnull=False, digest__isnull=True) | Q(notice__isnull=True, digest__isnull=False),
                name="message_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="message_unread")]

    def __str__(self) -> str:
        return self.title


class AddressQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> AddressQuerySet:
        """Return the user's own: nobody else reads them, whatever the role."""
        return self.filter(user=user)


class Address(models.Model):
    """Where a person wants to be reminded outside the portal: one address for each channel."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="addresses", verbose_name="用户")
    channel = models.CharField("渠道", max_length=20, choices=[(row.value, row.label) for row in OUTSIDE])
    address = EncryptedTextField("地址")
    secret = EncryptedTextField("加签密钥", blank=True)
    is_active = models.BooleanField("启用", default=True)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒地址"
        ordering = ["user", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["user", "channel"], name="address_once"),
            models.CheckConstraint(condition=Q(channel__in=[*OUTSIDE]), name="address_known_channel"),
            models.CheckConstraint(condition=~Q(address=""), name="address_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.get_channel_display()}"


class NoticeTextQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> NoticeTextQuerySet:
        """Return the texts of the congress that the user acts for; nothing without a hat."""
        return self.filter(congress=user.hat.congress_id) if user.hat else self.none()


class NoticeText(models.Model):
    """How a congress words a kind of reminder; where it has none the shipped words hold."""

    congress = models.ForeignKey(Congress, models.CASCADE, related_name="notice_texts", verbose_name="人大")
    rule = models.CharField("提醒种类", max_length=20, choices=texts.KINDS)
    title = models.CharField("标题", max_length=100)
    body = models.CharField("补充", max_length=200, blank=True)

    objects = NoticeTextQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒用语"
        ordering = ["congress", "rule"]
        constraints = [
            models.UniqueConstraint(
                fields=["congress", "rule"],
                name="notice_text_once",
                violation_error_message="这种提醒已经有了用语，请直接修改那一条。",
            ),
            models.CheckConstraint(condition=Q(rule__in=[*texts.KINDS]), name="notice_text_known_rule"),
            models.CheckConstraint(condition=~Q(title=""), name="notice_text_has_title"),
        ]

    def __str__(self) -> str:
        return self.get_rule_display()

    def clean(self) -> None:
        """Refuse placeholders that nothing is known of."""
        wrong = {name: said for name in ("title", "body") if (said := texts.why_refused(getattr(self, name) or ""))}
        if wrong:
            raise ValidationError(wrong)
