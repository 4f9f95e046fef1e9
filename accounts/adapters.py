from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from audit.services import record_failed_log_in


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given by the office; nobody signs up by himself."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse for a while who failed too often; that it was tried again is an entry of the audit trail."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record_failed_log_in(name=str(credentials.get("username") or ""), label="失败次数过多，暂停登录")
            raise

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
