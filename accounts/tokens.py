"""Making, using and taking back the tokens of the API."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.dispatch import Signal

from accounts import passwords
from accounts.api_models import ApiRequest, ApiToken, digest_of
from accounts.models import PastPassword, User

if TYPE_CHECKING:
    from accounts.models import Membership

# A user with more systems than that shares one account among them, which is not what an account is for.
MOST_TOKENS = 20
# What is shown of the last use need not be more exact, and a write for every read would be dear.
USE_NOTED_EVERY = dt.timedelta(minutes=1)
# Makes a token that was left lying about easy to find and to recognise.
PREFIX = "npc_"
# Somebody else took a token back (token, by, reason, now): apps above tell its owner.
token_taken_back = Signal()


class UnableToMakeToken(Exception):
    """The token cannot be made; the message says why, in the user's words."""


def may_have_tokens(user: User) -> bool:
    """Say whether the user may let other systems act for him: never who administers the installation."""
    return user.administers == "" and user.hat is not None


@transaction.atomic
def make_token(
    *, user: User, membership: Membership, name: str, days: int, is_read_only: bool, now: dt.datetime
) -> tuple[ApiToken, str]:
    """Make a token that acts for the user under one of his hats for some days; return it with its secret.

    Raises UnableToMakeToken for an administrator, for a hat that is not the user's, for one token too many and for
    whoever has been shut out meanwhile: a new password takes tokens back, one made at that moment too.
    """
    account = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if account.password != user.password or not account.is_active:
        raise UnableToMakeToken("密码刚刚改过，或者账号已经停用，没有建立。请重新登录以后再建。")
    if not may_have_tokens(user) or membership.user_id != user.pk:
        raise UnableToMakeToken("此账号不能建立接口令牌。")
    if user.api_tokens.filter(expires_at__gt=now).count() >= MOST_TOKENS:
        raise UnableToMakeToken(f"一个账号最多有 {MOST_TOKENS} 个有效的令牌，请先撤销不再使用的。")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        membership=membership,
        name=name,
        digest=digest_of(secret),
        is_read_only=is_read_only,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    return token, secret


def revoke_token(*, token: ApiToken) -> None:
    """Take a token back; whoever sends it from now on is unknown. That there was one stands in the audit trail."""
    token.delete()


def revoke_all(*, user: User) -> int:
    """Take back all tokens of an account that is closed, for good. Returns how many there were."""
    return user.api_tokens.all().delete()[0]


def wear(user: User, membership: Membership) -> None:
    """Have the user act under this hat for the request: what he sees and may do follows from ``User.hat``."""
    user.hats = [membership]
    user.wear(membership.pk)


def user_of(*, secret: str, now: dt.datetime) -> tuple[User, ApiToken] | None:
    """Return who acts by a token, wearing its hat, and the token; None for one that is not, or no longer, good.

    One query, and a write when the last use was noted a while ago.
    """
    set_at = PastPassword.objects.filter(user=OuterRef("user")).values("set_at")[:1]
    rows = ApiToken.objects.annotate(password_set_at=Subquery(set_at)).select_related(
        "user", "membership__congress", "membership__unit", "membership__committee"
    )
    token = rows.filter(digest=digest_of(secret)).first()
    if token is None or token.is_expired(now):
        return None
    # Who must take another password first does nothing else, by whatever door.
    if not token.user.is_active or token.user.administers or token.user.must_change_password:
        return None
    if passwords.is_too_old(token.user, set_at=token.password_set_at, now=now):
        return None
    hat = token.membership
    if hat is None or hat.user_id != token.user_id:
        return None
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    wear(token.user, hat)
    return token.user, token


def sweep_requests(*, now: dt.datetime, days: int) -> int:
    """Forget the answers that nobody asks for again after so many days. Returns how many."""
    return ApiRequest.objects.filter(at__lt=now - dt.timedelta(days=days)).delete()[0]
