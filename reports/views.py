"""总览, the rows behind each of its figures, and the annual workbook."""

from __future__ import annotations

import tempfile

import structlog
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Role
from reports import presenters
from reports.annual import SHEETS, write_annual
from reports.definitions import FIGURES, PROPOSALS
from reports.figures import Rate, compute
from reports.forms import YearForm
from reports.registers import REGISTERS
from reports.scope import Scope, UnableToReport, scope_of, years_of

log = structlog.get_logger(__name__)

READERS = (Role.STAFF, Role.LEADER, Role.GOV_OFFICE)
MAKERS = (Role.STAFF, Role.LEADER)
BY_CODE = {figure.code: figure for figure in FIGURES}
PAGE_SIZE = 50
ASSIGNED_ONLY = "建议议案的各项数字只统计已经交办的件。"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _let_in(request: HttpRequest, roles: tuple[Role, ...]) -> None:
    if not request.user.has_role(*roles):
        raise Http404


def _scope(request: HttpRequest, year: int) -> Scope:
    congress = request.user.hat.congress
    try:
        return scope_of(congress=congress, year=year, as_of=timezone.localdate(), user=request.user)
    except UnableToReport as unable:
        raise Http404(str(unable)) from unable


@require_safe
@login_required
def overview(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """Show every figure of a year, this one unless another is chosen."""
    _let_in(request, READERS)
    congress = request.user.hat.congress
    years = years_of(congress=congress, today=timezone.localdate())
    asked = YearForm(request.GET, years=years)
    if asked.is_valid():
        return HttpResponseRedirect(reverse("reports:overview-of-year", args=[asked.cleaned_data["year"]]))
    if year is None and not years:
        return render(request, "reports/overview.html", {"heading": "总览", "congress": congress})
    scope = _scope(request, years[0] if year is None else year)
    values = compute(FIGURES, scope)
    notes = {PROPOSALS: ASSIGNED_ONLY} if request.user.has_role(Role.GOV_OFFICE) else {}
    context = {
        "heading": f"{scope.year}年总览",
        "congress": congress,
        "year": scope.year,
        "year_form": YearForm(initial={"year": scope.year}, years=years),
        "groups": presenters.groups(FIGURES, values, scope, notes),
        "composition": presenters.ratings(FIGURES, values, scope),
    }
    if request.user.has_role(*MAKERS):
        context |= {"export_url": reverse("reports:annual"), "export_label": "年度报表"}
    return render(request, "reports/overview.html", context)


@require_safe
@login_required
def figure(request: HttpRequest, year: int, code: str) -> HttpResponse:
    """List the rows behind one figure; of a rate those of its numerator or denominator."""
    _let_in(request, READERS)
    if code not in BY_CODE:
        raise Http404
    shown = BY_CODE[code]
    scope = _scope(request, year)
    part = request.GET.get("part", "")
    listed = presenters.counted(shown, BY_CODE, part)
    register = REGISTERS[listed.register]
    page = Paginator(register.listed(listed.rows(scope)), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "heading": f"{scope.year}年{shown.name}",
        "figure": shown,
        "value": page.paginator.count,
        "unit": register.unit,
        "page_obj": page,
        "columns": register.columns,
        "table": presenters.table(register, page.object_list),
        "back_url": reverse("reports:overview-of-year", args=[scope.year]),
    }
    if isinstance(shown, Rate):
        values = compute([BY_CODE[shown.numerator], BY_CODE[shown.denominator], shown], scope)
        views = presenters.parts_of_rate(shown, BY_CODE, values)
        context |= {
            "value": values[code],
            "unit": shown.unit if values[code] is not None else "",
            "views": [view | {"active": view["code"] == listed.code} for view in views],
            "querystring": "part=denominator" if listed.code == shown.denominator else "",
        }
    return render(request, "reports/figure.html", context)


@require_safe
@login_required
def annual(request: HttpRequest) -> HttpResponse:
    """Offer the annual workbook of every year in which a term was in office."""
    _let_in(request, MAKERS)
    years = years_of(congress=request.user.hat.congress, today=timezone.localdate())
    offers = [{"year": year, "url": reverse("reports:annual-workbook", args=[year])} for year in years]
    context = {"congress": request.user.hat.congress, "offers": offers, "sheets": [sheet.name for sheet in SHEETS]}
    return render(request, "reports/annual.html", context)


@require_safe
@login_required
def annual_workbook(request: HttpRequest, year: int) -> FileResponse:
    """Write the annual workbook of a year and hand it over."""
    _let_in(request, MAKERS)
    scope = _scope(request, year)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it is sent
    rows = write_annual(scope, file)
    file.seek(0)
    log.info("annual_workbook_handed_out", user=request.user.pk, congress=scope.congress.code, year=year, rows=rows)
    name = f"{scope.congress}{year}年度报表.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=WORKBOOK)
