"""What is noted when somebody logs in."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.signals import authentication_failed
from allauth.usersessions.models import UserSession
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import passwords, sessions
from accounts.backends import account_named
from accounts.models import User
from audit.services import record_failed_log_in


@receiver(user_logged_in)
def start_clock(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Begin the session's limits; a password that has become too old must be changed first."""
    sessions.begin(request.session)
    if not user.must_change_password and passwords.is_expired(user, now=timezone.now()):
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])


@receiver(user_login_failed)
def note_failure(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Write down whose account was tried, by name or by phone."""
    record_failed_log_in(user=account_named(str(credentials.get("username") or "")))


@receiver(user_locked_out)
def note_lock(username: str, **kwargs: Any) -> None:
    """Write down that an account was locked."""
    record_failed_log_in(user=account_named(username), label="连续登录失败，账号已锁定")


@receiver(authentication_failed)
def note_wrong_code(user: User, **kwargs: Any) -> None:
    """Write down whose second factor was guessed in vain: whoever guesses knows the password."""
    record_failed_log_in(user=user, label="验证码不正确")


@receiver(password_changed)
def end_other_sessions(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A new password closes every other door: whoever knew the old one may be inside."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
        session.end()
