"""The register of commitments (承诺解决台账): what is still to be kept, by unit, year and state; as a workbook too."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from audit.services import taken
from proposals.models import Commitment
from proposals.papers.commitments import commitments_book
from proposals.presenters import commitment_row
from proposals.queries import commitments as queries

if TYPE_CHECKING:
    from django.http import QueryDict

    from proposals.models.commitments import CommitmentQuerySet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZE = 50


class FilterForm(forms.Form):
    """What the register is narrowed to. What is no choice is dropped: an old link still shows a list."""

    q = forms.CharField(
        label="查找",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "承诺事项、建议标题、责任人"}),
    )
    unit = forms.ChoiceField(label="单位", required=False)
    year = forms.ChoiceField(label="承诺年份", required=False)

    def __init__(self, data: QueryDict, *, units: list[tuple[int, str]], years: list[int]):
        data = data.copy()
        data["q"] = data.get("q", "").replace("\x00", "")[:100].strip()
        known = {
            "unit": [(str(pk), name) for pk, name in units],
            "year": [(str(year), f"{year}年") for year in years],
        }
        for name, options in known.items():
            if data.get(name) not in dict(options):
                data[name] = ""
        super().__init__(data, label_suffix="")
        for name, options in known.items():
            self.fields[name].choices = [("", f"全部{self.fields[name].label}"), *options]


@dataclass(frozen=True)
class Listing:
    """What was asked for and the rows."""

    view: str
    form: FilterForm
    chosen: dict[str, str]
    found: CommitmentQuerySet
    rows: CommitmentQuerySet

    def query(self, **changes: str) -> str:
        """Return the query of the list with something else in it; what becomes empty goes."""
        given = {"view": self.view} | self.chosen | changes
        return urlencode({name: value for name, value in given.items() if value})


def _listing(request: HttpRequest, today: dt.date) -> Listing:
    """Read the address. Raises Http404 for those whom the register is not for."""
    if not queries.may_read_register(request.user):
        raise Http404
    seen = Commitment.objects.visible_to(request.user)
    form = FilterForm(request.GET, units=queries.units_of(seen), years=queries.years_of(seen))
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    view = request.GET.get("view", "")
    view = view if view in queries.VIEWS else ""
    found = queries.narrowed(seen, chosen)
    return Listing(view, form, chosen, found, queries.with_steps(found.filter(queries.view_filter(view, today))))


@login_required
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Show the commitments that the user may see, those still to be kept first."""
    today = timezone.localdate()
    listing = _listing(request, today)
    page = Paginator(listing.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = [commitment_row(row, today) for row in page.object_list]
    counts = queries.numbers(listing.found, today)
    here = reverse("proposals:commitments")
    context: dict[str, Any] = {
        "page_obj": page,
        "querystring": listing.query(),
        "filter_form": listing.form,
        "keep": [{"name": "view", "value": listing.view}] if listing.view else [],
        "chips": [
            {
                "label": value if name == "q" else dict(listing.form.fields[name].choices)[value],
                "remove_url": f"{here}?{listing.query(**{name: ''})}",
            }
            for name, value in listing.chosen.items()
        ],
        "views": [
            {
                "label": label,
                "url": f"{here}?{listing.query(view=view)}",
                "count": counts[view],
                "active": view == listing.view,
            }
            for view, label in queries.VIEWS.items()
        ],
        "file_url": f"{reverse('proposals:commitments-file')}?{listing.query()}",
    }
    return render(request, "proposals/commitments.html", context)


@login_required
@require_safe
def register_file(request: HttpRequest) -> HttpResponse:
    """Give the register as a workbook: all rows that its filters find, in its order."""
    today = timezone.localdate()
    listing = _listing(request, today)
    narrowed = [listing.form.fields[name].label + "：" + value for name, value in _spoken(listing)]
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    try:
        rows = commitments_book(
            listing.rows.iterator(chunk_size=2000),
            congress=request.user.hat.congress.name,
            conditions="，".join([queries.VIEWS[listing.view], *narrowed]),
            today=today,
            out=file,
        )
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"承诺解决台账 {today}.xlsx", content_type=XLSX)
    return taken(answer, what="承诺解决台账", rows=rows)


def _spoken(listing: Listing) -> list[tuple[str, str]]:
    return [
        (name, value if name == "q" else dict(listing.form.fields[name].choices)[value])
        for name, value in listing.chosen.items()
    ]
