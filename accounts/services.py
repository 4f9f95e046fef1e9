"""What is done to another's account for safety: people who cannot log in, tokens that must not work. All is recorded."""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.utils import reset
from django.db import transaction

from accounts import permissions, second_factor
from accounts.models import ApiToken, SecurityAct, User
from accounts.tokens import token_taken_back


class UnableToHelp(Exception):
    """The act is refused; the message is for whoever tried."""


# Of two who do the same at once, one deletes the rows and the other finds none left: no lock is needed to tell them.


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
    """Take away lost second factors, passkeys too, with the recovery codes, and end the account's sessions.

    Raises UnableToHelp when there is none, or when it is the user's own: whoever has it can change it himself.
    """
    account = _account(account_id, user, reason)
    if account.pk == user.pk:
        raise UnableToHelp("自己的二次验证请在“账号安全”里更换。")
    factors = Authenticator.objects.filter(user=account)
    removed, _ = factors.filter(type__in=second_factor.FACTORS).delete()
    if not removed:
        raise UnableToHelp(f"「{account}」没有设置二次验证。")
    factors.delete()
    for session in UserSession.objects.filter(user=account):
        session.end()
    _record(account, SecurityAct.Kind.REMOVE_FACTOR, user, reason, now)
    return account


@transaction.atomic
def revoke_token_of_another(*, token_id: int, user: User, reason: str, now: dt.datetime) -> ApiToken:
    """Take back a token of an account that the user may shut out; its owner is told why. Returns what it was.

    Raises ApiToken.DoesNotExist where there is none that he may take back (his own he takes back on his own page),
    UnableToHelp without a reason.
    """
    if not permissions.takes_tokens_back(user):
        raise ApiToken.DoesNotExist
    tokens = ApiToken.objects.visible_to(user).exclude(user=user)
    token = tokens.select_related("user").get(pk=token_id)
    if not reason.strip():
        raise UnableToHelp("请写明撤销的原因，本人会看到。")
    if not ApiToken.objects.filter(pk=token_id).delete()[0]:
        raise ApiToken.DoesNotExist
    _record(token.user, SecurityAct.Kind.REVOKE_TOKEN, user, reason, now, about=token.name)
    token_taken_back.send(ApiToken, token=token, by=user, reason=reason.strip(), now=now)
    return token


def _account(account_id: int, user: User, reason: str) -> User:
    """Return the account. Raises User.DoesNotExist for whoever may not do this, as if there were no such account."""
    if not permissions.is_security_administrator(user):
        raise User.DoesNotExist
    account = User.objects.visible_to(user).get(pk=account_id)
    if not reason.strip():
        raise UnableToHelp("请写明原因：怎样核实了是本人。")
    return account


def _record(
    account: User, kind: SecurityAct.Kind, user: User, reason: str, now: dt.datetime, *, about: str = ""
) -> None:
    SecurityAct.objects.create(user=account, kind=kind, by=user, at=now, reason=reason.strip(), about=about)
