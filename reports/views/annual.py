"""年度报表: asking for the annual workbook, watching it being written, fetching it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as feedback
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from audit.services import taken
from reports import presenters, services
from reports.annual import SHEETS
from reports.forms import YearForm
from reports.models import ReportFile, ReportRun
from reports.registers import MAKERS
from reports.scope import UnableToReport, years_of
from reports.views.common import let_in

PAGE_SIZE = 20
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _years(request: HttpRequest) -> list[int]:
    return years_of(congress=request.user.hat.congress, today=timezone.localdate())


def _list(request: HttpRequest) -> dict[str, Any]:
    rows = ReportRun.objects.visible_to(request.user).select_related("congress", "asked_by")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    runs = [presenters.run_row(run, request.user.pk, len(SHEETS)) for run in page.object_list]
    return {"page_obj": page, "runs": runs, "is_busy": any(run.is_unfinished for run in page.object_list)}


@require_safe
@login_required
def annual(request: HttpRequest) -> HttpResponse:
    """Offer to make the annual workbook of a year, and list those that were made with who asked and when."""
    let_in(request, MAKERS)
    years = _years(request)
    # A year is reported when it is over; until then the last one is what people come for.
    this_year = timezone.localdate().year
    asked = next((year for year in years if year < this_year), years[0] if years else None)
    context = {
        "congress": request.user.hat.congress,
        "year_form": YearForm(years=years, initial={"year": asked}) if years else None,
        "sheets": [sheet.name for sheet in SHEETS],
    }
    return render(request, "reports/annual.html", context | _list(request))


@require_safe
@login_required
def runs(request: HttpRequest) -> HttpResponse:
    """Return the list alone: the page asks for it every few seconds while a workbook is being made."""
    let_in(request, MAKERS)
    return render(request, "reports/runs.html", _list(request))


@require_POST
@login_required
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the annual workbook of a year."""
    let_in(request, MAKERS)
    form = YearForm(request.POST, years=_years(request))
    if not form.is_valid():
        feedback.error(request, "没有开始生成：请选择一个本级人大有届次在任的年份。")
        return redirect("reports:annual")
    year = form.cleaned_data["year"]
    try:
        services.ask_for_report(congress=request.user.hat.congress, year=year, user=request.user, now=timezone.now())
    except UnableToReport as unable:
        feedback.error(request, str(unable))
    else:
        feedback.success(request, f"{year}年度报表已经开始生成，可以离开本页，完成后会发站内消息。")
    return redirect("reports:annual")


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a workbook that is being made."""
    let_in(request, MAKERS)
    try:
        run = services.cancel_report(run_id=pk, user=request.user, now=timezone.now())
    except ReportRun.DoesNotExist as missing:
        raise Http404 from missing
    except services.UnableToCancel as unable:
        feedback.error(request, str(unable))
    else:
        feedback.success(request, f"{run}已取消生成。")
    return redirect("reports:annual")


@require_safe
@login_required
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over a workbook that was made."""
    let_in(request, MAKERS)
    run = ReportRun.objects.visible_to(request.user).select_related("congress").filter(pk=pk).first()
    file = ReportFile.objects.filter(run=run).first() if run else None
    if file is None:
        raise Http404
    response = HttpResponse(bytes(file.content), content_type=WORKBOOK)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{run}.xlsx")
    return taken(response, what=str(run), rows=file.rows)
