"""Who comes in with which name: an account is found by its user name or by its mobile number."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.phones import mobile_of
from bodies.fields import digest_of


def account_named(login: str) -> User | None:
    """Return the account that a log-in name stands for: a mobile number first, then a user name in any case."""
    login = login.replace("\x00", "")
    if mobile := mobile_of(login):
        account = User.objects.filter(phone_digest=digest_of(mobile)).first()
        if account is not None:
            return account
    return User.objects.filter(username__iexact=login).order_by("pk").first()


class NameOrPhone(AuthenticationBackend):
    """The log-in library's own check of a password, once a mobile number is replaced by its account's user name.

    Whether there is such an account or not, one password is hashed: the answer takes the same time.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        login = credentials.get("username") or ""
        if mobile_of(login) and (account := account_named(login)):
            credentials["username"] = account.username
        return super().authenticate(request, **credentials)
