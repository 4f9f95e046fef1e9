"""总览, the rows behind each of its figures, and the sheets behind its charts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Role
from reports import presenters
from reports.definitions import FIGURES
from reports.definitions.headings import DEPUTIES, PROPOSALS
from reports.figures import Figure, Rate, Sum, Value, compute, readable
from reports.forms import ScopeForm
from reports.registers import MAKERS, READERS, REGISTERS
from reports.scope import Scope, years_of
from reports.sheets.base import Sheet
from reports.sheets.deputies import STRUCTURE
from reports.sheets.handling import BY_CATEGORY, BY_UNIT
from reports.views.common import congress_of, congresses_of, let_in, scope_for

BY_CODE = {figure.code: figure for figure in FIGURES}
# The sheets short enough for a page, and the register whose readers may open them.
SHEETS: dict[str, tuple[Sheet, str]] = {
    "structure": (STRUCTURE, "seats"),
    "by-unit": (BY_UNIT, "proposals"),
    "by-category": (BY_CATEGORY, "proposals"),
}
PAGE_SIZE = 50
ASSIGNED_ONLY = "建议议案的各项数字只统计已经交办的件。"
OWN_ONLY = "只统计本级代表，不含编入代表小组的其他各级代表。"


@require_safe
@login_required
def overview(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """Show every figure of a year and a body: this year and the own body unless others are chosen."""
    let_in(request, READERS)
    congress = congress_of(request)
    congresses = congresses_of(request)
    years = years_of(congress=congress, today=timezone.localdate())
    asked = ScopeForm(request.GET, years=years, congresses=congresses)
    if asked.is_valid():
        url = reverse("reports:overview-of-year", args=[asked.cleaned_data["year"]])
        is_own = congress == request.user.hat.congress
        return HttpResponseRedirect(url if is_own else f"{url}?congress={congress.code}")
    if "year" in request.GET:
        # The body was changed to one that had no term in the year shown: its latest year then.
        year = None
    chosen = {"congress": congress.code}
    context: dict[str, Any] = {"heading": "总览", "congress": congress}
    if year is None and not years:
        form = ScopeForm(initial=chosen, years=years, congresses=congresses)
        return render(request, "reports/overview.html", context | {"year_form": form if len(congresses) > 1 else None})
    scope = scope_for(request, congress, years[0] if year is None else year)
    figures = readable(FIGURES, scope)
    values = compute(figures, scope)
    context |= {
        "heading": f"{scope.year}年总览",
        "year": scope.year,
        "year_form": ScopeForm(initial=chosen | {"year": scope.year}, years=years, congresses=congresses),
        "groups": presenters.groups(figures, values, scope, _notes(request)),
        "composition": presenters.ratings(figures, values, scope),
        "charts": _charts(figures, values, scope),
        "sheets": [
            {"name": sheet.name, "url": presenters.address("sheet", scope, code)}
            for code, (sheet, register) in SHEETS.items()
            if REGISTERS[register].is_open(scope)
        ],
        "is_below": not scope.is_own,
    }
    if scope.is_own and request.user.has_role(*MAKERS):
        context |= {"export_url": reverse("reports:annual"), "export_label": "年度报表"}
    return render(request, "reports/overview.html", context)


def _notes(request: HttpRequest) -> dict[str, str]:
    if request.user.has_role(Role.GOV_OFFICE):
        return {DEPUTIES: OWN_ONLY, PROPOSALS: ASSIGNED_ONLY}
    return {}


def _charts(figures: list[Figure], values: dict[str, Value], scope: Scope) -> list[dict[str, Any]]:
    found = [presenters.wordings(figures, values, scope)]
    # Without an assigned suggestion there is nothing to compare, and nothing is asked.
    if values.get("proposals"):
        found.insert(0, presenters.units(BY_UNIT.columns(scope), BY_UNIT.rows(scope), scope))
    return list(filter(None, found))


@require_safe
@login_required
def figure(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """List the rows behind one figure; of a rate those of its numerator or denominator."""
    let_in(request, READERS)
    if code not in BY_CODE:
        raise Http404
    shown = BY_CODE[code]
    scope = scope_for(request, congress_of(request), year)
    if not readable([shown], scope):
        raise Http404
    part = "denominator" if request.GET.get("part") == "denominator" else "numerator"
    listed = getattr(shown, part) if isinstance(shown, Rate) else shown
    register = REGISTERS[listed.register]
    page = Paginator(register.listed(listed.rows(scope)), PAGE_SIZE).get_page(request.GET.get("page"))
    here = "" if scope.is_own else scope.congress.code
    asked = {"congress": here} if here else {}
    context = {
        "heading": f"{scope.year}年{shown.name}",
        "congress": scope.congress,
        "figure": shown,
        "unit": shown.unit,
        "page_obj": page,
        "columns": register.columns,
        "table": presenters.table(register, page.object_list),
        "back_url": presenters.address("overview-of-year", scope),
    }
    if isinstance(shown, Rate):
        values = compute([shown.numerator, shown.denominator, shown], scope)
        views = presenters.parts_of_rate(shown, values, here)
        context["views"] = [view | {"active": view["code"] == listed.code} for view in views]
        asked = {"part": part} | asked
    elif isinstance(shown, Sum):
        values = compute([shown], scope)
    else:
        values = {code: page.paginator.count}
    context |= {
        "value": values[code],
        "unit": shown.unit if values[code] is not None else "",
        "total": presenters.totals(register, shown, values[code], page),
        "querystring": "&".join(f"{name}={value}" for name, value in asked.items()),
    }
    return render(request, "reports/figure.html", context)


@require_safe
@login_required
def sheet(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """Show a sheet of the annual workbook as a page."""
    let_in(request, READERS)
    scope = scope_for(request, congress_of(request), year)
    if code not in SHEETS or not REGISTERS[SHEETS[code][1]].is_open(scope):
        raise Http404
    shown = SHEETS[code][0]
    context = {
        "heading": f"{scope.year}年{shown.name}",
        "congress": scope.congress,
        "period": scope.period,
        "unit": shown.unit,
        "note": shown.note,
        "table": presenters.sheet_table(shown.columns(scope), list(shown.rows(scope))),
        "back_url": presenters.address("overview-of-year", scope),
    }
    return render(request, "reports/sheet.html", context)
