"""The way to the office's identity provider and back: the log-in library's own, but for a provider that answers rubbish."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import structlog
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from jwt import PyJWTError
from requests import RequestException

log = structlog.get_logger(__name__)
View = Callable[[HttpRequest, str], HttpResponse]


def _forgiving(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        # No answer, one that is no JSON, one without what the standard demands, a token that nobody signed.
        except (RequestException, PyJWTError, KeyError, TypeError, ValueError) as error:
            log.warning("identity_provider_failed", error=type(error).__name__)
            messages.error(request, f"{settings.OIDC_NAME}没有正常回答，没有登录。请稍后再试，或者用本系统的密码登录。")
            return redirect("account_login")

    return answer


urlpatterns = [
    path("oidc/<slug:provider_id>/login/", _forgiving(views.login), name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", _forgiving(views.callback), name="openid_connect_callback"),
]
