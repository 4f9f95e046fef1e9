"""What a round came to: figures, bars, the workbook; and who voted what, of named rounds and for staff alone."""

from __future__ import annotations

import tempfile

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Role
from audit.services import taken
from ratings import links, papers, presenters, queries
from ratings.queries import percent
from ratings.views.acting import reader_or_404

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZE = 100


@require_safe
@login_required
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the figures: bars, with the table one click away; in the subjects' order or best first."""
    round_, open_acts = reader_or_404(request, pk, "results")
    result = queries.results(round_)
    ranked, as_table = request.GET.get("sort") == "rank", request.GET.get("show") == "table"
    rows = result.by_rank if ranked else list(result.subjects)
    urls = links.addresses(request.user, queries.keys_of([row.subject for row in rows]))
    is_office = request.user.has_role(Role.STAFF, Role.LEADER) and request.user.hat.congress_id == round_.congress_id
    keeps = "ballots" in open_acts or request.user.has_role(Role.STAFF)
    context = {
        "round": round_,
        "result": result,
        "rows": presenters.result_rows(result, rows, urls=urls, opens="ballots" in open_acts),
        "legend": presenters.legend(result),
        "total_rate": percent(result.total.rate),
        "as_table": as_table,
        "views": [
            {"label": "按名单顺序", "url": _query(show=as_table, rank=False), "active": not ranked},
            {"label": f"按{round_.rate_name}排名", "url": _query(show=as_table, rank=True), "active": ranked},
        ],
        "other_url": _query(show=not as_table, rank=ranked),
        "file_url": reverse("ratings:results-file", args=[pk]) + ("?sort=rank" if ranked else ""),
        "reads_remarks": is_office,
        "paper_url": reverse("ratings:paper", args=[pk]) if is_office and keeps else "",
    }
    return render(request, "ratings/results.html", context)


def _query(*, show: bool, rank: bool) -> str:
    query = QueryDict(mutable=True)
    query.update(({"sort": "rank"} if rank else {}) | ({"show": "table"} if show else {}))
    return f"?{query.urlencode()}"


@require_safe
@login_required
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the result as a workbook."""
    round_, _ = reader_or_404(request, pk, "results")
    is_office = request.user.has_role(Role.STAFF, Role.LEADER) and request.user.hat.congress_id == round_.congress_id
    now = timezone.localtime()
    results = queries.results(round_)
    out = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    try:
        papers.result_book(results, now=now, ranked=request.GET.get("sort") == "rank", with_remarks=is_office, out=out)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    name = "".join(sign for sign in round_.title if sign.isalnum() or sign in "（）-_ ")[:80] or "测评"
    answer = FileResponse(out, as_attachment=True, filename=f"{name}结果.xlsx", content_type=XLSX)
    return taken(answer, what=f"测评结果 {round_.title}", rows=len(results.subjects))


@require_safe
@login_required
def ballots(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who voted what in a named round, as far as a figure asks for it."""
    round_, _ = reader_or_404(request, pk, "ballots")
    subjects = {str(row.pk): row for row in round_.subjects.all()}
    levels = {str(row.pk): row for row in round_.levels.all()}
    subject, level = subjects.get(request.GET.get("subject", "")), levels.get(request.GET.get("level", ""))
    rows = queries.marks_of(round_, subject=subject and subject.pk, level=level and level.pk)
    chosen = {"subject": subject, "level": level}
    query = QueryDict(mutable=True)
    query.update({name: str(row.pk) for name, row in chosen.items() if row})
    chips = []
    for name, row in chosen.items():
        if row:
            left = query.copy()
            del left[name]
            chips.append({"label": str(row), "remove_url": f"?{left.urlencode()}"})
    context = {
        "round": round_,
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "querystring": query.urlencode(),
        "chips": chips,
    }
    return render(request, "ratings/ballots.html", context)
