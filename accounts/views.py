"""The user's own account: password, second factor, sessions. And the security administrator's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import permissions, second_factor, services
from accounts.locking import locked_accounts
from accounts.models import SecurityAct, User
from accounts.services import UnableToHelp

LATEST_ACTS = 20
PAGE_SIZE = 20


@require_safe
@login_required
def security(request: HttpRequest) -> HttpResponse:
    """Show how the user's own account is guarded, with the ways to change it."""
    kinds = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "kinds": kinds,
        "has_factor": bool(kinds.intersection(second_factor.FACTORS)),
        "is_required": second_factor.is_required(request.user),
        "password_set_at": request.user.past_passwords.values_list("set_at", flat=True).first(),
        "sessions": UserSession.objects.filter(user=request.user).count(),
    }
    return render(request, "accounts/security.html", context)


@require_POST
@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the user's own other sessions."""
    session = get_object_or_404(UserSession.objects.filter(user=request.user), pk=pk)
    if session.is_current():
        return redirect("account_logout")
    session.end()
    messages.success(request, "那台设备上的登录已经结束。")
    return redirect("usersessions_list")


def _guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page to the security administrator; to others there is none."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not permissions.is_security_administrator(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(answer)


@require_safe
@_guarded
def guard(request: HttpRequest) -> HttpResponse:
    """Show who is locked, who has a second factor, and what was done last."""
    return _guard_page(request)


def _guard_page(request: HttpRequest, **more: Any) -> HttpResponse:
    sought = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    with_factor = User.objects.visible_to(request.user).filter(
        pk__in=Authenticator.objects.filter(type__in=second_factor.FACTORS).values("user")
    )
    if sought:
        with_factor = with_factor.filter(name__icontains=sought) | with_factor.filter(username__icontains=sought)
    page = Paginator(with_factor.order_by("username"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "locked": locked_accounts(user=request.user, now=timezone.now()),
        "page_obj": page,
        "sought": sought,
        "querystring": urlencode({"q": sought}) if sought else "",
        "acts": SecurityAct.objects.select_related("user", "by")[:LATEST_ACTS],
    }
    return render(request, "accounts/guard.html", context | more, status=422 if more else 200)


@require_POST
@_guarded
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a locked account try again."""
    return _help(request, pk, services.unlock, "「{}」已经解除锁定，可以重新登录。")


@require_POST
@_guarded
def remove_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away a lost second factor."""
    done = "「{}」的二次验证已经解除，此人的登录全部结束，下次登录后可以重新设置。"
    return _help(request, pk, services.remove_second_factor, done)


def _help(request: HttpRequest, pk: int, act: Callable[..., User], done: str) -> HttpResponse:
    reason = request.POST.get("reason", "").replace("\x00", "")[:200]
    try:
        account = act(account_id=pk, user=request.user, reason=reason, now=timezone.now())
    except User.DoesNotExist:
        raise Http404 from None
    except UnableToHelp as refusal:
        messages.error(request, str(refusal))
        return _guard_page(request, typed={"pk": pk, "reason": reason, "act": act.__name__})
    messages.success(request, done.format(account))
    return redirect("accounts:guard")
