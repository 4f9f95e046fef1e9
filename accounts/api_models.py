"""What the API keeps: tokens by which other systems act for a user, and the answers to what was asked with a key."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User


def digest_of(secret: str) -> str:
    """Return what is kept of a token. It is chance of 256 bits: nobody finds it by guessing, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ApiTokenQuerySet:
        """Return the user's own, and those of the accounts that he may shut out: of their tokens there is no secret."""
        return self.filter(Q(user=user) | Q(user__in=get_user_model().objects.kept_by(user)))


class ApiToken(models.Model):
    """By which another system acts for a user under one of his hats, until it expires or is taken back.

    The token itself is shown once and not kept. ``membership`` is empty where the hat was taken from the user.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name="用户")
    membership = models.ForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, related_name="+", verbose_name="使用身份"
    )
    name = models.CharField("用途", max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    is_read_only = models.BooleanField("只能读取", default=False)
    created_at = models.DateTimeField("建立时间")
    expires_at = models.DateTimeField("到期时间")
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="api_token_has_name")]

    def __str__(self) -> str:
        return self.name

    def is_expired(self, now: dt.datetime) -> bool:
        """Say whether its time is over."""
        return self.expires_at <= now


class ApiRequest(models.Model):
    """One request with an ``Idempotency-Key`` and its answer: whoever sends it again gets the same answer.

    Written in the transaction of the work itself: what was not done left no answer.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "接口请求"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="api_request_once")]
        indexes = [models.Index(fields=["at"], name="api_request_at")]

    def __str__(self) -> str:
        return self.key
