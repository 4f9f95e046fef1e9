"""What is noted when somebody logs in."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import passwords, sessions
from accounts.models import User


@receiver(user_logged_in)
def start_clock(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Begin the session's limits; a password that has become too old must be changed first."""
    sessions.begin(request.session)
    if not user.must_change_password and passwords.is_expired(user, now=timezone.now()):
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])


@receiver(password_changed)
def end_other_sessions(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A new password closes every other door: whoever knew the old one may be inside."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
        session.end()
