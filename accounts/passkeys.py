"""Passkeys (WebAuthn): the log-in library's forms, which take whatever a stranger posts in the place of an answer."""

from __future__ import annotations

import struct
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import parse_authentication_response, parse_registration_response
from django import forms
from django.core.exceptions import DisallowedHost, ValidationError
from django.http import HttpRequest
from django.http.request import split_domain_port

from accounts.models import User
from audit.models import Kind
from audit.services import record

# What the libraries raise where they look into an answer that is none.
NO_ANSWER = (ValueError, TypeError, LookupError, AttributeError, NotImplementedError, struct.error, RecursionError)
# An answer has about 1000 characters, with a certificate of its maker some more.
LONGEST = 20_000
# Those of one person: a phone, a computer, a key in the safe, and some that were forgotten.
MOST_PASSKEYS = 10


def work_here(request: HttpRequest) -> bool:
    """Say whether browsers take passkeys at the address by which the portal is open: https and a name, or localhost."""
    try:
        host = split_domain_port(request.get_host())[0]
    except DisallowedHost:
        # The page that refuses such an address asks too.
        return False
    is_number = host.startswith("[") or host.replace(".", "").isdigit()
    return host == "localhost" or (request.is_secure() and not is_number)


class AnswerField(forms.JSONField):
    """What the browser answers: JSON of plain characters, for keys and signatures stand in it as base64."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(label="通行密钥", error_messages={"required": "浏览器没有交来通行密钥，请再试一次。"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and (len(value) > LONGEST or not value.isascii() or "\\" in value):
            raise _wrong()
        try:
            return super().to_python(value)
        except NO_ANSWER:
            raise _wrong() from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        # An answer is good once: it does not come back with its form.
        return None


def _wrong() -> ValidationError:
    return get_adapter().validation_error("incorrect_passkey")


class _Answer:
    """Checks an answer, refuses in words what is wrong in whatever way, and leaves a trace of it."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except ValidationError as refusal:
            error = _wrong() if refusal.code == "incorrect_code" else refusal
        except NO_ANSWER:
            error = _wrong()
        record(kind=Kind.LOG_IN_FAILED, user=self.user, success=False, label="通行密钥不正确")
        raise error


class PasskeyAfterPassword(_Answer, AuthenticateWebAuthnForm):
    credential = AnswerField()


class PasskeyOnceMore(_Answer, ReauthenticateWebAuthnForm):
    credential = AnswerField()


class _Verified:
    def clean_credential(self) -> Authenticator:
        sent = self.cleaned_data["credential"]
        found = super().clean_credential()
        # The library asks for it when it gives the challenge; one that it gave for a second factor asks for less.
        if not parse_authentication_response(sent).response.authenticator_data.is_user_verified():
            raise get_adapter().validation_error("incorrect_code")
        return found


class PasskeyAlone(_Answer, _Verified, LoginWebAuthnForm):
    """In the place of a password: the key must have known its owner, by a fingerprint, a face or a PIN."""

    credential = AnswerField()


class NewPasskey(AddWebAuthnForm):
    """A passkey with a name by which its owner tells it from the others; of the answer only what is used is kept."""

    name = forms.CharField(
        label="名称", max_length=40, required=False, help_text="写明在哪台设备上，如：办公室电脑、我的手机"
    )
    credential = AnswerField()
    # Whether it may come without a password the key itself says at the log-in.
    passwordless = None
    user: User

    def clean_credential(self) -> dict[str, Any]:
        sent = self.cleaned_data["credential"]
        try:
            kept = {
                "id": sent["rawId"],
                "rawId": sent["rawId"],
                "type": "public-key",
                "response": {name: sent["response"][name] for name in ("clientDataJSON", "attestationObject")},
            }
            if parse_registration_response(kept).response.attestation_object.auth_data.credential_data is None:
                raise _wrong()
        except ValidationError:
            raise _wrong() from None
        except NO_ANSWER:
            raise _wrong() from None
        if Authenticator.objects.filter(user=self.user, type=Authenticator.Type.WEBAUTHN).count() >= MOST_PASSKEYS:
            raise ValidationError(f"一个账号最多登记 {MOST_PASSKEYS} 个通行密钥，请先删除不用的。")
        return kept

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except ValidationError as refusal:
            raise (_wrong() if refusal.code == "incorrect_code" else refusal) from None
        except NO_ANSWER:
            raise _wrong() from None
