"""督办: what a leader looks at first, the lists behind its numbers, and the evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.models import Role
from casework import supervision
from casework.presenters import due_words
from proposals import presenters
from proposals.light_chart import light_chart
from proposals.models import Evaluation, OversightKind, ProposalKind
from proposals.queries import oversight as reads
from proposals.views.inspections import YEAR, YearForm, let_in, year_asked

if TYPE_CHECKING:
    import datetime as dt

    from django.http import QueryDict

    from casework.models import Obligation
    from proposals.models import Proposal

SHOWN = 50
PAGE_SIZE = 50
UNITS_SHOWN = 12


class ItemsForm(forms.Form):
    """What the list of overseen items is narrowed to. What is no choice is dropped."""

    kind = forms.ChoiceField(label="督办方式", required=False)
    form = forms.ChoiceField(label="类型", required=False)
    year = forms.ChoiceField(label="提出年份", required=False)

    def __init__(self, data: QueryDict, years: list[int]):
        asked = data.get("year", "")
        known_years = sorted({*years, *([int(asked)] if YEAR.fullmatch(asked) else [])}, reverse=True)
        choices = {
            "kind": OversightKind.choices,
            "form": ProposalKind.choices,
            "year": [(str(year), f"{year}年") for year in known_years],
        }
        chosen = {name: data.get(name, "") for name, known in choices.items() if data.get(name) in dict(known)}
        super().__init__(chosen, label_suffix="")
        for name, known in choices.items():
            self.fields[name].choices = [("", f"全部{self.fields[name].label}"), *known]


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show what the user oversees, which units are overdue, and the lights of a year."""
    let_in(request)
    user, today = request.user, timezone.localdate()
    years = reads.years_of(user)
    year = year_asked(request, years)
    mine = list(reads.overseen(user, mine=True)[: SHOWN + 1])
    late = reads.overdue_by_unit(user, today)
    lights = reverse("proposals:oversight-lights")
    context = {
        "year": year,
        "year_form": YearForm(year=year, years=years),
        "mine": _items(request, mine[:SHOWN], today),
        "mine_more": len(mine) > SHOWN,
        "kinds": _kinds(reads.counts_by_kind(user)),
        "form_labels": ProposalKind.labels,
        "late": _late(late),
        "late_count": sum(n for _, _, n in late),
        "chart": light_chart(
            reads.lights_by_month(user, year, today),
            lambda month, light: (
                f"{lights}?{urlencode({'year': year, 'light': light} | ({'month': month} if month else {}))}"
            ),
        ),
        "lights": reads.PART_LIGHTS,
    }
    return render(request, "proposals/oversight/board.html", context)


def _items(request: HttpRequest, found: list[Proposal], today: dt.date) -> list[dict[str, Any]]:
    """Return rows of the list with who oversees them, what is owed next, and whether it may be urged today."""
    owed = reads.first_owed(request.user, found)
    urges = supervision.last_urges(list(owed.values()))
    return [_item(row, owed.get(row.pk), urges, today) for row in found]


def _item(proposal: Proposal, owed: Obligation | None, urges: dict, today: dt.date) -> dict[str, Any]:
    row = presenters.list_row(proposal, today) | {
        "form": proposal.get_form_display(),
        "overseers": [f"{one.get_kind_display()}：{one.who}" for one in proposal.in_force],
    }
    if owed is None:
        return row
    urged = urges[owed.pk]
    urged_at = timezone.localtime(urged[0].at) if urged else None
    return row | {
        "owed": f"{owed.owner_label}{owed.verb}",
        "due_words": due_words(owed, today),
        "due_on": owed.due_on,
        "urge_url": reverse("casework:urge", args=[owed.pk]),
        "urged_today": urged_at is not None and urged_at.date() == today,
        "urged_count": len(urged),
    }


def _kinds(counts: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    address = reverse("proposals:oversight-items")
    return [
        {
            "label": kind.label,
            "url": f"{address}?kind={kind}",
            "cells": [
                {"n": counts.get((kind, form), 0), "url": f"{address}?kind={kind}&form={form}"} for form in ProposalKind
            ],
            "total": sum(counts.get((kind, form), 0) for form in ProposalKind),
        }
        for kind in OversightKind
    ]


def _late(late: list[tuple[int | None, str, int]]) -> list[dict[str, Any]]:
    most = max((n for _, _, n in late), default=1)
    overdue = reverse("casework:overdue")
    return [
        {
            "label": name if unit else "不属于承办单位的",
            "value": n,
            "share": round(100 * n / most, 1),
            "url": f"{overdue}?unit={unit}&show=overdue" if unit else f"{overdue}?show=overdue",
        }
        for unit, name, n in (late[:UNITS_SHOWN] if len(late) > UNITS_SHOWN else late)
    ]


@login_required
@require_safe
def items(request: HttpRequest) -> HttpResponse:
    """List what is overseen, by kind, bill or suggestion, and year."""
    let_in(request)
    form = ItemsForm(request.GET, reads.years_of(request.user))
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    page = Paginator(reads.overseen(request.user, **chosen), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = _items(request, list(page.object_list), timezone.localdate())
    context = {
        "page_obj": page,
        "filter_form": form,
        "querystring": urlencode(chosen),
        "chips": [
            {
                "label": dict(form.fields[name].choices)[value],
                "remove_url": f"?{urlencode({n: v for n, v in chosen.items() if n != name})}",
            }
            for name, value in chosen.items()
        ],
        "vote_url": reverse("proposals:vote-new") if request.user.has_role(Role.STAFF) else "",
    }
    return render(request, "proposals/oversight/items.html", context)


@login_required
@require_safe
def lights(request: HttpRequest) -> HttpResponse:
    """List the answering parts that fall due in a year or a month of it, by light: the rows behind the chart."""
    let_in(request)
    today = timezone.localdate()
    year = year_asked(request, [])
    light = request.GET.get("light", "")
    month = request.GET.get("month", "")
    if (light and light not in reads.PART_LIGHTS) or (month and month not in map(str, range(1, 13))):
        raise Http404
    rows = reads.lit_parts(request.user, year, today).select_related("round__proposal", "unit")
    if light:
        rows = rows.filter(light=light)
    if month:
        rows = rows.filter(month=int(month))
    rows = rows.prefetch_related("replies").order_by("due_on", "pk")
    asked = {"year": year} | ({"month": month} if month else {}) | ({"light": light} if light else {})
    context = {
        "year": year,
        "month": month,
        "light_words": reads.PART_LIGHTS.get(light, ""),
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "words": reads.PART_LIGHTS,
        "querystring": urlencode(asked),
        "back_url": f"{reverse('proposals:oversight')}?year={year}",
    }
    return render(request, "proposals/oversight/lights.html", context)


@login_required
@require_safe
def evaluations(request: HttpRequest) -> HttpResponse:
    """List the evaluations, those without a result first."""
    let_in(request)
    rows = Evaluation.objects.visible_to(request.user).select_related("proposal")
    waiting = request.GET.get("state") == "waiting"
    page = Paginator(rows.waiting() if waiting else rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "today": timezone.localdate(),
        "querystring": "state=waiting" if waiting else "",
        "views": [
            {"label": "全部", "url": "?", "count": None, "active": not waiting},
            {"label": "正在评估", "url": "?state=waiting", "count": None, "active": waiting},
        ],
    }
    return render(request, "proposals/oversight/evaluations.html", context)
