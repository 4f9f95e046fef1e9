"""Who asks: somebody logged in, or a system with a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from accounts.tokens import user_of

if TYPE_CHECKING:
    from rest_framework.request import Request

    from accounts.api_models import ApiToken
    from accounts.models import User

KEYWORD = "Token"
NOT_GOOD = "令牌无效：可能已到期、已撤销，或者它的任职身份已取消。请在「接口令牌」页面核对。"
BAD_HEADER = "Authorization 应写成：Token 加一个空格加令牌。"
CSRF = "页面登录的请求要带上 X-CSRFToken；其他系统请使用接口令牌。"
# Ours are of 47 signs.
LONGEST_SECRET = 100


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Token npc_…``."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return user and token; None where none was sent. Raises AuthenticationFailed (401) for a bad one."""
        words = request.headers.get("Authorization", "").split()
        if not words or words[0].lower() != KEYWORD.lower():
            return None
        if len(words) != 2 or len(words[1]) > LONGEST_SECRET or not words[1].isascii():
            raise AuthenticationFailed(BAD_HEADER)
        found = user_of(secret=words[1], now=timezone.now())
        if found is None:
            raise AuthenticationFailed(NOT_GOOD)
        return found

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return KEYWORD


class PageAuthentication(authentication.SessionAuthentication):
    """The log-in of the pages, with their protection against forged requests."""

    def enforce_csrf(self, request: Request) -> None:
        """Raise PermissionDenied (403) for a request that none of our pages made."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(CSRF) from error
