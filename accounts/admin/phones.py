"""The phone in an account's form: a mobile number that no other account can be found by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.phones import mobile_of
from bodies.fields import digest_of


class MobileField(forms.CharField):
    """A mainland mobile number, kept as eleven digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 30} | options)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        mobile = mobile_of(text)
        if text and not mobile:
            raise ValidationError("不是手机号码，例如 13800000000。")
        return mobile


def why_name_is_taken(account: User, data: dict[str, Any]) -> dict[str, str]:
    """Return by field why another account would be found by what was typed; empty when none would."""
    others = User.objects.exclude(pk=account.pk)
    phone, mobile = data.get("phone"), mobile_of(data.get("username") or "")
    found = {}
    if phone and others.filter(phone_digest=digest_of(phone)).exists():
        found["phone"] = "这个手机号码已经登记在另一个账号上。"
    elif phone and others.filter(username=phone).exists():
        found["phone"] = "这个手机号码是另一个账号的用户名，登录时会分不清。"
    if mobile and others.filter(phone_digest=digest_of(mobile)).exists():
        found["username"] = "这个用户名是另一个账号的手机号码，登录时会分不清。"
    return found
