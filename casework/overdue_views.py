"""The supervision page: what is overdue or near due, and the urge button."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.hats import page_after
from casework import lists, supervision
from casework.models import Event, Obligation
from casework.rules import URGERS, light
from casework.services import UnableToAct

PAGE_SIZE = 50


class FilterForm(forms.Form):
    """What the list is narrowed to."""

    unit = forms.ChoiceField(label="承办单位", required=False)
    act = forms.ChoiceField(label="应办", required=False)

    def __init__(self, data: QueryDict, facets: lists.Facets):
        super().__init__(data)
        self.fields["unit"].choices = [("", "全部单位"), *facets.units]
        self.fields["act"].choices = [("", "全部事项"), *facets.acts]
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = "这个选项下现在没有事项，已显示全部。"


class UrgeForm(forms.Form):
    """What is added to the urge in own words."""

    text = forms.CharField(required=False)


@require_safe
@login_required
def overdue(request: HttpRequest) -> HttpResponse:
    """Show what is overdue or near due in the user's congress; 404 for roles that do not supervise."""
    if not request.user.has_role(*URGERS):
        raise Http404
    today = timezone.localdate()
    rows = lists.supervised(request.user, today=today)
    facets = lists.facets(rows, today=today)
    form = FilterForm(request.GET, facets)
    form.is_valid()
    chosen = {name: value for name, value in form.cleaned_data.items() if value}
    if "unit" in chosen:
        rows = rows.filter(owner_unit_id=chosen["unit"])
    if "act" in chosen:
        rows = rows.filter(act=chosen["act"])
    late, near = facets.counts(**chosen)
    show = request.GET.get("show")
    if show == "overdue":
        rows = rows.filter(due_on__lt=today)
    elif show == "near":
        rows = rows.filter(due_on__gte=today)
    else:
        show = ""
    page = Paginator(rows.select_related("case"), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = _rows(request, list(page.object_list), today)
    context = {
        "page_obj": page,
        "filter_form": form,
        "keep": [{"name": "show", "value": show}] if show else [],
        "querystring": _query(chosen, show=show),
        "chips": [
            {
                "label": dict(form.fields[name].choices)[value],
                "remove_url": _url({n: v for n, v in chosen.items() if n != name}, show=show),
            }
            for name, value in chosen.items()
        ],
        "views": [
            {"label": label, "url": _url(chosen, show=code), "count": count, "active": show == code}
            for label, code, count in [
                ("全部", "", late + near),
                ("已逾期", "overdue", late),
                ("将到期", "near", near),
            ]
        ],
    }
    return render(request, "casework/overdue.html", context)


def _query(chosen: dict[str, str], *, show: str) -> str:
    query = QueryDict(mutable=True)
    query.update(chosen | ({"show": show} if show else {}))
    return query.urlencode()


def _url(chosen: dict[str, str], *, show: str) -> str:
    return f"{reverse('casework:overdue')}?{_query(chosen, show=show)}"


def _rows(request: HttpRequest, found: list[Obligation], today: dt.date) -> list[dict[str, Any]]:
    urges = supervision.last_urges(found)
    own = set(Obligation.objects.owed_by(request.user).filter(pk__in=[row.pk for row in found]).values_list(flat=True))
    return [_row(row, urges[row.pk], today, is_own=row.pk in own) for row in found]


def _row(obligation: Obligation, urges: list[Event], today: dt.date, *, is_own: bool) -> dict[str, Any]:
    colour, words = light(obligation.due_on, today, obligation.state)
    urged_at = timezone.localtime(urges[0].at) if urges else None
    reason = ""
    if is_own:
        reason = "由您办理"
    elif urged_at and urged_at.date() == today:
        reason = "今天已催办"
    return {
        "number": obligation.case.label,
        "title": obligation.case.title,
        "url": obligation.case.get_absolute_url(),
        "owner_label": obligation.owner_label,
        "verb": obligation.verb,
        "due_on": obligation.due_on,
        "light": colour,
        "light_words": words,
        "urged_count": len(urges),
        "urged_at": urged_at,
        "urge_url": reverse("casework:urge", args=[obligation.pk]),
        "urge_allowed": not reason,
        "urge_reason": reason,
    }


@require_POST
@login_required
def urge(request: HttpRequest, pk: int) -> HttpResponse:
    """Urge the owner of an obligation and go back to the list, with its filters."""
    form = UrgeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "催办内容含有无法保存的字符，请删去后再催办。")
        return _back(request)
    try:
        told = supervision.urge(obligation_id=pk, user=request.user, now=timezone.now(), text=form.cleaned_data["text"])
    except Obligation.DoesNotExist as error:
        raise Http404 from error
    except UnableToAct as error:
        messages.error(request, str(error))
    else:
        if told:
            messages.success(request, f"已催办，通知了 {told} 人，并记入办理经过。")
        else:
            messages.warning(request, "已记入办理经过；责任方没有可用的账号，请另用电话等方式通知。")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(page_after(request, otherwise=reverse("casework:overdue")))
