"""The log-in library's forms with the portal's words."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm


class _Code:
    """A code from the authenticator, typed on a keyboard of digits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label, field.max_length = "验证码", 20
        field.widget.attrs |= {"placeholder": "", "inputmode": "numeric", "maxlength": "20", "autofocus": True}


class CodeAtLogIn(_Code, AuthenticateForm):
    """``kinds`` are the factors and codes that the account has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = set(Authenticator.objects.filter(user=self.user).values_list("type", flat=True))
        if Authenticator.Type.TOTP not in self.kinds:
            self.fields["code"].label = "备用码"


class CodeOnceMore(_Code, ReauthenticateForm):
    pass


class FirstCode(_Code, ActivateTOTPForm):
    pass
