"""Closing the account of somebody whose personal data is emptied: its name stays, for history names its actors by it.

Unless it is a phone number: then the account gets another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.utils import reset
from django.db import transaction

from accounts.models import Role
from accounts.phones import mobile_of

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def close_for_good(*, account: User) -> list[str]:
    """End the account's hats as a deputy; where it has no other standing, close it and empty it. Returns what was done.

    An account that is also somebody's at work stays in use for that: phone, log-in and tokens belong to that work.
    """
    done = []
    if account.memberships.filter(role=Role.DEPUTY).delete()[0]:
        done.append("代表身份")
    account.__dict__.pop("hats", None)
    if account.hats or account.administers:
        return done
    for session in UserSession.objects.filter(user=account):
        session.end()
    Authenticator.objects.filter(user=account).delete()
    if account.phone:
        done.append("账号手机号码")
    if account.email:
        done.append("电子邮箱")
    reset(username=account.username)
    if mobile_of(account.username):
        done.append("是手机号码的用户名")
        account.username = f"closed-{account.pk}"
    account.phone = account.email = ""
    account.is_active, account.must_change_password = False, False
    account.set_unusable_password()
    account.save()
    # After the account is closed: none is made from now on.
    account.api_tokens.all().delete()
    account.past_passwords.all().delete()
    return [*done, "账号（停用）"]
