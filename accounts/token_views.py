"""The user's own tokens: made, shown once, taken back. And those of others, for whoever may shut their accounts out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import permissions, services
from accounts.models import ApiToken
from accounts.services import UnableToHelp
from accounts.tokens import UnableToMakeToken, make_token, may_have_tokens, revoke_token

if TYPE_CHECKING:
    from accounts.models import User

PAGE_SIZE = 20
LIVES = [(30, "30 天"), (90, "90 天"), (180, "180 天"), (365, "一年")]


class TokenForm(forms.Form):
    """What a token is for, under which hat it acts, how long it is good and what it may do."""

    name = forms.CharField(
        label="用途",
        max_length=60,
        help_text="写明给哪个系统用，如：县政府办公系统",
        error_messages={"required": "请填写用途。"},
    )
    membership = forms.ModelChoiceField(
        queryset=None,
        label="使用身份",
        empty_label=None,
        widget=forms.RadioSelect,
        help_text="令牌只能看到和办理这个身份的事项。",
        error_messages={"required": "请选择使用身份。", "invalid_choice": "请从列表中选择使用身份。"},
    )
    days = forms.TypedChoiceField(
        label="有效期",
        choices=LIVES,
        coerce=int,
        initial=90,
        error_messages={"invalid_choice": "请从列表中选择有效期。"},
    )
    is_read_only = forms.BooleanField(label="只能读取", required=False, initial=True, help_text="不能办理和登记。")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        hats = user.memberships.select_related("congress", "unit")
        self.fields["membership"].queryset = hats
        self.fields["membership"].initial = user.hat.pk


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show the user's tokens and make another one, whose secret this answer alone shows."""
    user = request.user
    if not may_have_tokens(user):
        raise Http404
    secret, status = "", 200
    form = TokenForm(user=user)
    if request.method == "POST":
        form = TokenForm(request.POST, user=user)
        status = 422
        if form.is_valid():
            try:
                _, secret = make_token(user=user, now=timezone.now(), **form.cleaned_data)
            except UnableToMakeToken as error:
                form.add_error(None, str(error))
            else:
                form, status = TokenForm(user=user), 200
    rows = user.api_tokens.select_related("membership__congress", "membership__unit", "membership__committee")
    now = timezone.now()
    context = {
        "form": form,
        "secret": secret,
        "rows": [{"row": row, "is_expired": row.is_expired(now)} for row in rows],
    }
    return render(request, "api/tokens.html", context, status=status)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a token back. 404 for one that is not the user's."""
    if not may_have_tokens(request.user):
        raise Http404
    row = get_object_or_404(request.user.api_tokens, pk=pk)
    revoke_token(token=row)
    messages.success(request, f"已撤销令牌「{row.name}」，使用它的系统不能再读取和办理。")
    return HttpResponseRedirect(reverse("tokens:list"))


@require_safe
@login_required
def tokens_of_others(request: HttpRequest) -> HttpResponse:
    """Show the tokens of the accounts that the user may shut out; 404 to whoever may shut nobody out."""
    return _register(request)


@require_POST
@login_required
def revoke_of_another(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a token of somebody else, for a reason that he is told. 404 for one that the user may not."""
    reason = request.POST.get("reason", "").replace("\x00", "")[:200]
    try:
        row = services.revoke_token_of_another(token_id=pk, user=request.user, reason=reason, now=timezone.now())
    except ApiToken.DoesNotExist:
        raise Http404 from None
    except UnableToHelp as refusal:
        messages.error(request, str(refusal))
        return _register(request, typed={"pk": pk, "reason": reason})
    messages.success(request, f"已撤销{row.user.name}的令牌「{row.name}」，使用它的系统立即不能再读取和办理。")
    return redirect("accounts:tokens")


def _register(request: HttpRequest, **more: Any) -> HttpResponse:
    if not permissions.takes_tokens_back(request.user):
        raise Http404
    sought = request.GET.get("q", "").replace("\x00", "").strip()[:150]
    rows = ApiToken.objects.visible_to(request.user).exclude(user=request.user)
    if sought:
        rows = rows.filter(Q(user__name__icontains=sought) | Q(user__username__icontains=sought))
    rows = rows.select_related("user", "membership__congress", "membership__unit", "membership__committee")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    now = timezone.now()
    page.object_list = [{"row": row, "is_expired": row.is_expired(now)} for row in page.object_list]
    context = {"page_obj": page, "sought": sought, "querystring": urlencode({"q": sought}) if sought else ""}
    return render(request, "accounts/tokens.html", context | more, status=422 if more else 200)
