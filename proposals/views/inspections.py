"""督办检查: the list, recording one, what it demands, and which units the inspections have reached."""

from __future__ import annotations

import re
import tempfile
from typing import Any

from django import forms as stock
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.models import Role
from audit.services import taken
from bodies.models import Unit
from casework.services import UnableToAct
from proposals import services
from proposals.forms import overseeing as forms
from proposals.models import OVERSEERS, Inspection, Means
from proposals.papers.coverage import coverage_book
from proposals.queries import coverage as reads
from proposals.queries.oversight import years_of
from proposals.services.inspecting import items_of
from proposals.views.acting import GET_OR_POST

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZE = 50
YEAR = re.compile(r"[12][0-9]{3}", re.ASCII)


def let_in(request: HttpRequest, *roles: Role) -> None:
    """Raise Http404 for everybody but those who oversee, or but the roles named."""
    if not request.user.has_role(*(roles or OVERSEERS)):
        raise Http404


def year_asked(request: HttpRequest, years: list[int]) -> int:
    """Return the year that the address asks for, this year where it asks for none that can be."""
    asked = request.GET.get("year", "")
    if YEAR.fullmatch(asked):
        return int(asked)
    today = timezone.localdate().year
    return today if today in years or not years else years[0]


class YearForm(stock.Form):
    """Which year a page is about."""

    year = stock.ChoiceField(label="年份")

    def __init__(self, *, year: int, years: list[int]):
        super().__init__(initial={"year": year}, label_suffix="")
        self.fields["year"].choices = [(one, f"{one}年") for one in sorted({*years, year}, reverse=True)]


class FilterForm(stock.Form):
    """What the list is narrowed to. What is no choice is dropped."""

    unit = stock.ChoiceField(label="单位", required=False)
    year = stock.ChoiceField(label="检查年份", required=False)
    means = stock.ChoiceField(label="检查方式", required=False)

    def __init__(self, data: QueryDict, units: list[tuple[str, str]]):
        year = data.get("year", "")
        choices = {
            "unit": units,
            "year": [(year, f"{year}年")] if YEAR.fullmatch(year) else [],
            "means": Means.choices,
        }
        data = {name: value for name, known in choices.items() if (value := data.get(name, "")) in dict(known)}
        this_year = str(timezone.localdate().year)
        if this_year not in dict(choices["year"]):
            choices["year"] = [(this_year, f"{this_year}年"), *choices["year"]]
        super().__init__(data, label_suffix="")
        for name, known in choices.items():
            self.fields[name].choices = [("", f"全部{self.fields[name].label}"), *known]


@login_required
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Show the inspections, newest first."""
    let_in(request)
    form = FilterForm(request.GET, reads.inspected_units(request.user))
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    page = Paginator(reads.inspections(request.user, chosen), PAGE_SIZE).get_page(request.GET.get("page"))
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
        "new_url": reverse("proposals:inspection-new") if request.user.has_role(Role.STAFF) else "",
    }
    return render(request, "proposals/oversight/inspections.html", context)


@login_required
@GET_OR_POST
def new(request: HttpRequest) -> HttpResponse:
    """登记督办检查: first the unit, then what was seen there."""
    let_in(request, Role.STAFF)
    congress = request.user.hat.congress
    asked = forms.InspectedUnitForm(request.GET if "unit" in request.GET else None, congress=congress)
    if not asked.is_valid():
        status = 422 if asked.is_bound else 200
        return render(request, "proposals/oversight/inspection_unit.html", {"form": asked}, status=status)
    unit = forms.unit_of(asked)
    items = [(row.pk, f"{row.display_no} {row.title}") for row in items_of(unit).visible_to(request.user)]
    form = forms.InspectionForm(
        request.POST or None, items=items, initial={"held_on": timezone.localdate()}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            row = services.record_inspection(user=request.user, now=timezone.now(), unit=unit, **form.cleaned_data)
        except UnableToAct as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"已登记对{unit}的督办检查。需要整改的，请在下面提出整改要求。")
            return HttpResponseRedirect(reverse("proposals:inspection", args=[row.pk]))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "unit": unit, "has_items": bool(items)}
    return render(request, "proposals/oversight/inspection_new.html", context, status=status)


@login_required
@GET_OR_POST
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one inspection with what it demands and what was answered; staff may demand more."""
    row = Inspection.objects.visible_to(request.user).select_related("unit", "recorded_by").filter(pk=pk).first()
    if row is None:
        raise Http404
    demands = list(row.demands.select_related("proposal", "answered_by"))
    form = None
    if request.user.has_role(Role.STAFF):
        done = {demand.proposal_id for demand in demands}
        left = items_of(row.unit).visible_to(request.user).exclude(pk__in=done)
        form = forms.DemandForm(
            request.POST or None, items=[(item.pk, f"{item.display_no} {item.title}") for item in left]
        )  # fmt: skip
    elif request.method == "POST":
        raise Http404
    if request.method == "POST" and form.is_valid():
        try:
            made = services.demand_rectification(
                inspection_id=pk, user=request.user, now=timezone.now(), **form.cleaned_data
            )
        except UnableToAct as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"已要求{row.unit}在{made.due_on}前报告整改情况，已通知该单位。")
            return HttpResponseRedirect(reverse("proposals:inspection", args=[pk]))
    status = 422 if request.method == "POST" else 200
    context = {"inspection": row, "items": list(row.items.all()), "demands": demands, "form": form}
    return render(request, "proposals/oversight/inspection.html", context, status=status)


@login_required
@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """督办检查覆盖情况: a line for every unit that answers, those that no inspection has reached first."""
    let_in(request)
    years = years_of(request.user)
    year = year_asked(request, years)
    rows = reads.coverage(request.user, year)
    address = reverse("proposals:inspections")
    context = {
        "year": year,
        "year_form": YearForm(year=year, years=years),
        "means": Means.labels,
        "rows": [
            {
                "row": row,
                "items_url": f"{reverse('proposals:coverage-unit', args=[row.unit_id])}?year={year}",
                "url": f"{address}?unit={row.unit_id}&year={year}",
                "by_means": [
                    {"n": n, "url": f"{address}?unit={row.unit_id}&year={year}&means={one}"}
                    for one, n in zip(Means.values, row.by_means, strict=True)
                ],
            }
            for row in rows
        ],
        "total": _total(rows),
        "file_url": f"{reverse('proposals:coverage-file')}?year={year}",
    }
    return render(request, "proposals/oversight/coverage.html", context)


def _total(rows: list[reads.Coverage]) -> dict[str, Any]:
    return {
        "units": len(rows),
        "covered": sum(row.is_covered for row in rows),
        "items": sum(row.items for row in rows),
        "inspections": sum(row.inspections for row in rows),
        "by_means": [sum(row.by_means[place] for row in rows) for place in range(len(Means))],
        "looked_at": sum(row.looked_at for row in rows),
    }


@login_required
@require_safe
def coverage_file(request: HttpRequest) -> HttpResponse:
    """Give the coverage as a workbook to print."""
    let_in(request)
    year = year_asked(request, years_of(request.user))
    rows = reads.coverage(request.user, year)
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    try:
        coverage_book(
            rows,
            congress=request.user.hat.congress.name,
            year=year,
            day=timezone.localdate(),
            out=file,
        )
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{year}年督办检查覆盖情况.xlsx", content_type=XLSX)
    return taken(answer, what=f"{year}年督办检查覆盖情况", rows=len(rows))


@login_required
@require_safe
def coverage_of_unit(request: HttpRequest, unit: int) -> HttpResponse:
    """List what a unit answers for of a year, and which inspection looked at it; with ``looked`` those alone."""
    let_in(request)
    row = Unit.objects.visible_to(request.user).filter(pk=unit).first()
    if row is None:
        raise Http404
    year = year_asked(request, years_of(request.user))
    rows = reads.items_of_unit(request.user, row, year)
    is_looked = request.GET.get("looked") == "1"
    if is_looked:
        rows = reads.looked_at(rows, row, year)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "unit": row,
        "year": year,
        "is_looked": is_looked,
        "page_obj": page,
        "querystring": urlencode({"year": year} | ({"looked": 1} if is_looked else {})),
        "back_url": f"{reverse('proposals:coverage')}?year={year}",
    }
    return render(request, "proposals/oversight/coverage_unit.html", context)
