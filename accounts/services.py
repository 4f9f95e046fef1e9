"""What the security administrator does for people who cannot log in. Everything is recorded."""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.utils import reset
from django.db import transaction

from accounts import permissions, second_factor
from accounts.models import SecurityAct, User


class UnableToHelp(Exception):
    """The act is refused; the message is for the administrator."""


@transaction.atomic
def unlock(*, account_id: int, user: User, reason: str, now: dt.datetime) -> User:
    """Let an account that failed too often try again. Raises UnableToHelp when it is not locked any more."""
    account = _account(account_id, user, reason)
    if not reset(username=account.username):
        raise UnableToHelp(f"「{account}」现在没有锁定，可能已经到时自动解除。")
    _record(account, SecurityAct.Kind.UNLOCK, user, reason, now)
    return account


@transaction.atomic
def remove_second_factor(*, account_id: int, user: User, reason: str, now: dt.datetime) -> User:
    """Take away a lost second factor with its recovery codes, and end the account's sessions.

    Raises UnableToHelp when there is none, or when it is the user's own: whoever has it can change it himself.
    """
    account = _account(account_id, user, reason)
    if account.pk == user.pk:
        raise UnableToHelp("自己的二次验证请在“账号安全”里更换。")
    if not second_factor.is_there(account):
        raise UnableToHelp(f"「{account}」没有设置二次验证。")
    Authenticator.objects.filter(user=account).delete()
    for session in UserSession.objects.filter(user=account):
        session.end()
    _record(account, SecurityAct.Kind.REMOVE_FACTOR, user, reason, now)
    return account


def _account(account_id: int, user: User, reason: str) -> User:
    """Lock the account. Raises User.DoesNotExist for whoever may not do this, as if there were no such account."""
    if not permissions.is_security_administrator(user):
        raise User.DoesNotExist
    account = User.objects.visible_to(user).select_for_update().get(pk=account_id)
    if not reason.strip():
        raise UnableToHelp("请写明原因：怎样核实了是本人。")
    return account


def _record(account: User, kind: SecurityAct.Kind, user: User, reason: str, now: dt.datetime) -> None:
    SecurityAct.objects.create(user=account, kind=kind, by=user, at=now, reason=reason.strip())
