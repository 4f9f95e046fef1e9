"""What apps below report and somebody is to be told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.tokens import token_taken_back
from notices.services import tell


@receiver(token_taken_back)
def tell_owner(sender: type[ApiToken], token: ApiToken, by: User, reason: str, now: dt.datetime, **kwargs: Any) -> None:
    """Tell the owner of a token that it is gone, and why."""
    tell(
        rule="token_taken_back",
        object_key=f"token:{token.pk}",
        due_on=timezone.localdate(now),
        recipients=[token.user],
        title=f"您的接口令牌「{token.name}」已被撤销",
        body=f"{by.name}（{by.acts_as}）撤销，原因：{reason}",
        url=reverse("tokens:list"),
        now=now,
    )
