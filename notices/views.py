"""The in-site message box."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages as feedback
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notices import queries, services
from notices.forms import AddressesForm
from notices.models import Message
from notices.rules import rest_of

PAGE_SIZE = 20


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the user's messages, newest first."""
    only_unread = request.GET.get("show") == "unread"
    page = Paginator(queries.inbox(request.user, only_unread=only_unread), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = [_row(message) for message in page.object_list]
    unread = queries.unread_count(request.user)
    here = reverse("notices:inbox")
    context = {
        "page_obj": page,
        "querystring": "show=unread" if only_unread else "",
        "unread": unread,
        "read_all_url": reverse("notices:read_all"),
        "views": [
            {"label": "全部", "url": here, "active": not only_unread},
            {"label": "未读", "url": f"{here}?show=unread", "active": only_unread, "count": unread},
        ],
    }
    return render(request, "notices/inbox.html", context)


def _row(message: Message) -> dict[str, Any]:
    return {
        "subject": message.title,
        "body": message.body,
        "url": reverse("notices:open", args=[message.pk]),
        "at": message.created_at,
        "is_new": message.read_at is None,
    }


@require_safe
@login_required
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a message is about; it counts as read."""
    message = _mark_read(request, pk)
    if message.digest_id:
        return redirect("notices:digest", pk=message.pk)
    return redirect(message.url or "notices:inbox")


@require_safe
@login_required
def digest(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the reminders of one day, each with its way to the matter; 404 for a message that is none of the user's."""
    rows = Message.objects.visible_to(request.user).select_related("digest")
    message = get_object_or_404(rows, pk=pk, digest__isnull=False)
    found = message.digest
    rest = rest_of(found.lines, found.total, found.overseen)
    return render(request, "notices/digest.html", {"digest": found, "rest": rest})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def addresses(request: HttpRequest) -> HttpResponse:
    """Show and keep where the user wants to be reminded outside the portal: his own addresses, whatever he sends."""
    user = request.user
    if request.method == "POST":
        form = AddressesForm(request.POST)
        if form.is_valid():
            try:
                services.save_addresses(user=user, wishes=form.wishes)
            except services.UnableToSaveAddresses as error:
                for channel, why in error.errors.items():
                    form.add_error(channel, why)
            else:
                feedback.success(request, "提醒方式已保存。")
                return redirect("notices:addresses")
        status = 422
    else:
        form = AddressesForm(initial=AddressesForm.initial_of(queries.addresses_of(user), user.email))
        status = 200
    return render(request, "notices/addresses.html", {"form": form, "hour": settings.DIGEST_HOUR}, status=status)


@require_POST
@login_required
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one message as read."""
    _mark_read(request, pk)
    return redirect("notices:inbox")


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    count = services.mark_all_read(user=request.user, now=timezone.now())
    feedback.success(request, f"已将 {count} 条消息标为已读。" if count else "没有未读消息。")
    return redirect("notices:inbox")


def _mark_read(request: HttpRequest, pk: int) -> Message:
    try:
        return services.mark_read(message_id=pk, user=request.user, now=timezone.now())
    except Message.DoesNotExist as error:
        raise Http404 from error
