"""What the log-in library (allauth) asks the portal: who may come in, and how secrets are kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from accounts.backends import account_named
from accounts.models import User
from audit.services import record_failed_log_in
from bodies.fields import seal, unseal


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given by the office; nobody signs up by himself."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "用户名、手机号码或密码不正确。",
        "too_many_login_attempts": "尝试的次数太多，请过 5 分钟再试。",
        "rate_limited": "尝试的次数太多，请过几分钟再试。",
        "incorrect_code": "验证码不正确，或者已经用过。请用验证器上现在的六位数字再试。",
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse for a while who failed too often; that it was tried again is an entry of the audit trail."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record_failed_log_in(
                user=account_named(str(credentials.get("username") or "")), label="失败次数过多，暂停登录"
            )
            raise

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        """Keep the password that the owner has chosen himself: nothing more is asked of him."""
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:security")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are kept encrypted, as phones are."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "incorrect_passkey": "通行密钥不正确：不是这个账号的，或者等待太久。请再试一次，或者换一种方式登录。",
    }

    def get_totp_label(self, user: User) -> str:
        return user.username

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        return f"通行密钥 {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": settings.MFA_TOTP_ISSUER}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return super().get_public_key_credential_user_entity(user) | {"name": user.username}

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """An office's identity provider vouches for people who have an account here; it opens none.

    Which account is decided anew each time by one claim (PORTAL_OIDC_CLAIM); no link is kept that could outlive it.
    """

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        # Whatever the way there was begun for: it ends in a log-in, and connects nothing.
        sociallogin.state["process"] = AuthProcess.LOGIN
        data = sociallogin.account.extra_data
        claims: dict[str, Any] = (data.get("id_token") or {}) | (data.get("userinfo") or {})
        name = claims.get(settings.OIDC_CLAIM)
        user = User.objects.filter(username=name).first() if isinstance(name, str) and "\x00" not in name else None
        if user is None:
            raise _back_to_log_in(
                request, f"{settings.OIDC_NAME}里的这个账号在本系统没有开通。请联系本单位系统管理员。"
            )
        sociallogin.user = user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **why: Any) -> None:
        raise _back_to_log_in(request, f"没有通过{settings.OIDC_NAME}登录。请再试一次，或者用本系统的密码登录。")


def _back_to_log_in(request: HttpRequest, words: str) -> ImmediateHttpResponse:
    messages.error(request, words)
    return ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
