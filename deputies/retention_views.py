"""Whose data is due to be erased, and erasing it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from deputies import retention
from deputies.models import Person
from deputies.personal_views import GET_OR_POST, PAGE_SIZE, let_in
from deputies.retention import UnableToErase

LONGEST_KEY = 18


@login_required
@GET_OR_POST
def due(request: HttpRequest) -> HttpResponse:
    """List the people whose data is due to be erased, and those that were; erase the checked ones, or what of others is due.

    Both forms go to the page's own address: the page that a refusal shows has them too.
    """
    let_in(request)
    if request.method != "POST":
        return _due_page(request)
    if code := request.POST.get("code"):
        return _erase_falling(request, code)
    typed = {"keys": request.POST.getlist("person"), "reason": request.POST.get("reason", "")}
    keys = [int(key) for key in typed["keys"] if key.isascii() and key.isdecimal() and len(key) <= LONGEST_KEY]
    if not keys:
        return _due_page(request, error="请先勾选要删除个人信息的人。", typed=typed)
    if request.POST.get("sure") != "1":
        return _due_page(request, error="请勾选“已核对，知道删除以后不能恢复”。", typed=typed)
    try:
        done = retention.erase_all(keys=keys, user=request.user, reason=typed["reason"], now=timezone.now())
    except Person.DoesNotExist:
        raise Http404 from None
    except UnableToErase as error:
        return _due_page(request, error=str(error), typed=typed)
    messages.success(request, f"已删除 {len(done)} 人的个人信息：{'、'.join(person.name for person in done)}。")
    return HttpResponseRedirect(reverse("deputies:retention"))


def _erase_falling(request: HttpRequest, code: str) -> HttpResponse:
    reason = request.POST.get("reason", "")
    try:
        number = retention.erase_falling(code=code, user=request.user, reason=reason, now=timezone.now())
    except KeyError:
        raise Http404 from None
    except UnableToErase as error:
        return _due_page(request, error=str(error), typed={"code": code, "falling_reason": reason})
    messages.success(request, f"已经删除，共 {number} 条。")
    return HttpResponseRedirect(reverse("deputies:retention"))


def _due_page(request: HttpRequest, *, error: str = "", typed: dict[str, Any] | None = None) -> HttpResponse:
    today, typed = timezone.localdate(), typed or {}
    is_done = request.GET.get("view") == "erased"
    if is_done:
        rows = retention.with_last(Person.objects.kept_by(request.user).exclude(erased_at=None))
        rows = rows.select_related("erased_by").order_by("-erased_at", "pk")
    else:
        rows = retention.due(request.user, today).order_by("last", "pinyin", "pk")
    page = Paginator(rows.only("name", "post", "erased_at", "erased_why", "erased_by"), PAGE_SIZE)
    page = page.get_page(request.GET.get("page"))
    page.object_list = [
        {"person": row, "due_on": retention.due_on(row.last), "is_checked": str(row.pk) in typed.get("keys", ())}
        for row in page.object_list
    ]
    context = {
        "page_obj": page,
        "is_done": is_done,
        "years": settings.PERSON_YEARS,
        "error": error,
        "typed": typed,
        "most": retention.MOST_WORDS,
        "falling": [
            {"one": one, "count": number} for one, number in retention.falling(request.user.hat.congress, today)
        ],
        "querystring": "view=erased" if is_done else "",
        "views": [
            {"label": "已到期", "url": "?", "active": not is_done},
            {"label": "已删除", "url": "?view=erased", "active": is_done},
        ],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(request, "deputies/retention.html", context, status=status)
