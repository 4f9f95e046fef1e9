"""What a password must be (settings.AUTH_PASSWORD_VALIDATORS)."""

from __future__ import annotations

import datetime as dt
import re

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import PastPassword, User
from bodies.pinyin import initials, sort_key

# In the order in which the rule names them.
CLASSES = {"大写字母": r"[A-Z]", "小写字母": r"[a-z]", "数字": r"\d", "其他字符": r"[^A-Za-z\d]"}
# Shorter names say too little: a password may well hold the letters of 李.
SHORTEST_NAME = 4
LONGEST = 128


class Composition:
    """So many of the four classes of characters, and no more characters than hashing should be asked for."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for a password of fewer classes, or one that is too long."""
        if sum(bool(re.search(pattern, password)) for pattern in CLASSES.values()) < self.classes:
            raise ValidationError(f"密码太简单：{self.get_help_text()}")
        if len(password) > LONGEST:
            raise ValidationError(f"密码太长：最多 {LONGEST} 个字符。")

    def get_help_text(self) -> str:
        return f"{'、'.join(CLASSES)}中至少要有 {self.classes} 种。"


class Length(MinimumLengthValidator):
    """Django's, in the words of the other rules."""

    def get_help_text(self) -> str:
        return f"至少 {self.min_length} 个字符。"


class Uncommon(CommonPasswordValidator):
    """Django's, in the words of the other rules."""

    def get_help_text(self) -> str:
        return "不能是很多人都用的密码。"


class NothingPersonal(UserAttributeSimilarityValidator):
    """Neither the user name nor the phone nor the name, in characters or pinyin, stands in the password.

    Nor is the password much like the user name or the mail address: that is Django's part.
    """

    def __init__(self) -> None:
        super().__init__(user_attributes=("username", "email"))

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for a password that holds something of its owner."""
        if user is None:
            return
        pinyin = re.sub(r"[^a-z]", "", sort_key(user.name))
        words = {user.username.lower(), user.phone, pinyin} - {initials(user.name)}
        found = any(len(word) >= SHORTEST_NAME and word in password.lower() for word in words)
        if found or (len(user.name) > 1 and user.name in password):
            raise ValidationError(f"密码不合要求：{self.get_help_text()}")
        super().validate(password, user)

    def get_help_text(self) -> str:
        return "密码里不能有用户名、手机号码或姓名（包括姓名的拼音）。"


class NotUsedBefore:
    """Keeps the hashes of the last passwords of an account and takes none of them again.

    A new password, whoever set it, also takes back the tokens of the account: Django calls this for each.
    """

    def __init__(self, last: int) -> None:
        self.last = last

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for the password in use or one of those before it."""
        if user is None or user.pk is None or not self.last:
            return
        # A first password is not in the history: it was set before there was a row to hang it on.
        used = {user.password, *user.past_passwords.values_list("password", flat=True)[: self.last]}
        if any(check_password(password, old) for old in used):
            raise ValidationError(f"这个密码用过：{self.get_help_text()}")

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Add the password that has just been saved to the history, and close the doors that the old one opened."""
        if user is None or user.pk is None:
            return
        user.api_tokens.all().delete()
        PastPassword.objects.create(user=user, password=user.password, set_at=timezone.now())
        # One stays in any case: it tells the password's age.
        kept = user.past_passwords.values("pk")[: max(self.last, 1)]
        user.past_passwords.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()

    def get_help_text(self) -> str:
        return f"不能与最近 {self.last} 次用过的密码相同。"


def is_expired(user: User, *, now: dt.datetime) -> bool:
    """Say whether the password is older than PORTAL_PASSWORD_DAYS days; see ``is_too_old``. One query."""
    return is_too_old(user, set_at=user.past_passwords.values_list("set_at", flat=True).first(), now=now)


def is_too_old(user: User, *, set_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Say whether a password set then is older than PORTAL_PASSWORD_DAYS days; unknown: the account's age counts."""
    if not settings.PASSWORD_DAYS or not user.has_usable_password():
        return False
    return now - (set_at or user.date_joined) > dt.timedelta(days=settings.PASSWORD_DAYS)
