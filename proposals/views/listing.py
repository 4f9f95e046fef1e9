"""The list of proposals: saved views, filters and search; the same rows as a workbook and on paper."""

from __future__ import annotations

import datetime as dt
import re
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
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.registers import PRINTED_ROWS
from audit.services import taken
from proposals import presenters, queries
from proposals.exports import ListForm, row_of
from proposals.models import Period, ProposalKind
from proposals.queries.commitments import may_read_register
from workbooks.writing import watermark, write_export

if TYPE_CHECKING:
    from django.http import QueryDict

    from accounts.models import User
    from proposals.models import ProposalQuerySet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZES = (20, 50, 100)
COLUMNS = [
    ("light", "状态"),
    ("number", "编号"),
    ("title", "标题"),
    ("lead", "领衔代表"),
    ("category", "类别"),
    ("unit", "承办单位"),
    ("stage", "步骤"),
    ("submitted_on", "提出日期"),
    ("due_on", "期限"),
    ("rating", "结果评价"),
]
ON_PAPER = (
    "number", "title", "form", "category", "lead", "delegation", "lead_units", "assisting_units", "step", "due_on",
    "outcome", "rating",
)  # fmt: skip
SHORT = {"number", "form", "step", "due_on"}
YEAR = re.compile(r"[12][0-9]{3}", re.ASCII)


class FilterForm(forms.Form):
    """What the list is narrowed to. What is no choice is dropped: an old link still shows a list."""

    q = forms.CharField(
        label="查找",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、标题、代表、单位"}),
    )
    unit = forms.ChoiceField(label="单位", required=False)
    category = forms.ChoiceField(label="类别", required=False)
    delegation = forms.ChoiceField(label="代表团", required=False)
    step = forms.ChoiceField(label="步骤", required=False)
    light = forms.ChoiceField(label="灯", required=False)
    year = forms.ChoiceField(label="年份", required=False)
    session = forms.ChoiceField(label="会次", required=False)
    form = forms.ChoiceField(label="类型", required=False)
    period = forms.ChoiceField(label="时期", required=False)
    key = forms.ChoiceField(label="重点", required=False)

    def __init__(self, data: QueryDict, choices: dict[str, list[tuple[str, str]]]):
        data = data.copy()
        year = data.get("year", "")
        choices = choices | {
            "light": list(queries.LIGHTS.items()),
            "year": [(year, f"{year}年")] if YEAR.fullmatch(year) else [],
            "form": ProposalKind.choices,
            "period": Period.choices,
            "key": [("1", "重点督办")],
        }
        data["q"] = data.get("q", "").replace("\x00", "")[:100].strip()
        for name, known in choices.items():
            if data.get(name) not in dict(known):
                data[name] = ""
        super().__init__(data, label_suffix="")
        for name, known in choices.items():
            self.fields[name].choices = [("", f"全部{self.fields[name].label}"), *known]
        for name in ("light", "key"):
            self.fields[name].choices = [("", "全部"), *choices[name]]

    def offer_years(self, years: list[int]) -> None:
        """Offer the years of the list, and the one that was asked for."""
        asked = [int(self.data["year"])] if self.data["year"] else []
        known = [(str(year), f"{year}年") for year in sorted({*years, *asked}, reverse=True)]
        self.fields["year"].choices = [("", "全部年份"), *known]


@dataclass(frozen=True)
class Listing:
    """What was asked for, and the rows in the order of the list."""

    view: str
    sort: str
    form: FilterForm
    chosen: dict[str, str]
    rows: ProposalQuerySet
    query: str


def listing_of(request: HttpRequest, today: dt.date, *, user: User | None = None) -> Listing:
    """Read the address of a list, for whoever is logged in or for ``user``. Raises Http404 without a hat."""
    user = user or request.user
    if user.hat is None:
        raise Http404
    form = FilterForm(request.GET, queries.choices(user))
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    asked = request.GET.get("view", "")
    view = asked if asked in queries.views_for(user) else "all"
    rows = queries.list_rows(user).filter(queries.view_filter(view, user, today))
    rows = queries.search(queries.narrowed(rows, chosen, today, user), chosen.get("q", ""))
    sort = request.GET.get("sort", "")
    if sort in queries.SORTS:
        rows = rows.order_by(queries.SORTS[sort], "-pk")
    else:
        sort = ""
    query = request.GET.copy()
    query.clear()
    query.update(({"view": view} if view == asked else {}) | chosen | ({"sort": sort} if sort else {}))
    return Listing(view, sort, form, chosen, rows, query.urlencode())


@login_required
@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """Show the proposals that the user may see, by saved view and filters; long lists a page at a time."""
    user, today = request.user, timezone.localdate()
    listing = listing_of(request, today)
    length, counts, years = queries.numbers(user, listing.rows, today)
    listing.form.offer_years(years)
    size = _page_size(request)
    # Keys first: what a row tells besides is then looked up for one page and not for all that is sorted.
    paginator = Paginator(listing.rows.values_list("pk", flat=True), size)
    paginator.count = min(length, queries.COUNTED)
    page = paginator.get_page(request.GET.get("page"))
    keys = list(page.object_list)
    rows = queries.list_rows(user).in_bulk(keys)
    page.object_list = [presenters.list_row(rows[key], today) for key in keys if key in rows]
    keep = {"view": listing.view if listing.view != "all" else "", "sort": listing.sort}
    context = {
        "heading": "建议议案",
        "page_obj": page,
        "counted": queries.COUNTED if length > queries.COUNTED else 0,
        "querystring": listing.query,
        "columns": _columns(listing),
        "views": _views(counts, listing.view),
        "filter_form": listing.form,
        "keep": [{"name": name, "value": value} for name, value in keep.items() if value],
        "chips": _chips(listing),
        "clear_url": f"?view={listing.view}",
        "page_sizes": [{"n": n, "url": f"?{_with(listing, size=n)}", "active": n == size} for n in PAGE_SIZES],
        "export_url": f"{reverse('proposals:export')}?{listing.query}",
        "catalogue_url": reverse("proposals:catalogue")
        if user.has_role(Role.STAFF, Role.LEADER, Role.GOV_OFFICE)
        else "",
        "commitments_url": reverse("proposals:commitments") if may_read_register(user) else "",
        "print_url": f"{reverse('proposals:print')}?{listing.query}",
    }
    if user.has_role(Role.DEPUTY):
        context |= {"new_url": reverse("proposals:new"), "new_label": "提出建议"}
    return render(request, "proposals/list.html", context)


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Give the list as a workbook: all rows that its filters find, in its order."""
    today = timezone.localdate()
    listing = listing_of(request, today)
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    try:
        rows = write_export(
            ListForm(today), queries.full_rows(listing.rows), file, by=watermark(request.user, now=timezone.localtime())
        )
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"建议议案目录 {today}.xlsx", content_type=XLSX)
    return taken(answer, what="建议议案目录", rows=rows)


@login_required
@require_safe
def printed(request: HttpRequest) -> HttpResponse:
    """Show all rows that the list's filters find, up to PRINTED_ROWS, as a page for paper."""
    today = timezone.localdate()
    listing = listing_of(request, today)
    rows = list(queries.full_rows(listing.rows)[: PRINTED_ROWS + 1])
    columns = [column for column in ListForm.columns if column.attr in ON_PAPER]
    context = {
        "body": request.user.hat.congress,
        "view": queries.VIEWS[listing.view],
        "conditions": [chip["label"] for chip in _chips(listing)],
        "columns": columns,
        "lines": [_line(row_of(row, today)) for row in rows[:PRINTED_ROWS]],
        "limit": PRINTED_ROWS if len(rows) > PRINTED_ROWS else 0,
        "today": today,
        "back": f"{reverse('proposals:list')}?{listing.query}",
    }
    return taken(
        render(request, "proposals/list_print.html", context), what="建议议案目录（打印）", rows=len(context["lines"])
    )


def _line(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"words": row[attr], "kind": "short" if attr in SHORT else "text"} for attr in ON_PAPER]


def _page_size(request: HttpRequest) -> int:
    asked = request.GET.get("size", "")
    if asked in map(str, PAGE_SIZES) and request.session.get("page_size") != int(asked):
        request.session["page_size"] = int(asked)
    return request.session.get("page_size", PAGE_SIZES[0])


def _with(listing: Listing, **changes: object) -> str:
    """Return the query of the list with something else in it; what becomes None goes."""
    query = listing.form.data.copy()
    query.clear()
    given = {"view": listing.view} | listing.chosen | {"sort": listing.sort} | changes
    query.update({name: value for name, value in given.items() if value})
    return query.urlencode()


def _columns(listing: Listing) -> list[dict[str, Any]]:
    columns = []
    for key, label in COLUMNS:
        column: dict[str, Any] = {"key": key, "label": label, "sort_url": "", "sorted": ""}
        if key in queries.SORTS:
            column["sorted"] = {key: "asc", f"-{key}": "desc"}.get(listing.sort, "")
            turned = f"-{key}" if listing.sort == key else key
            column["sort_url"] = f"?{_with(listing, sort=turned)}"
        columns.append(column)
    return columns


def _views(counts: dict[str, int], current: str) -> list[dict[str, Any]]:
    most = queries.COUNTED_ON_TABS
    return [
        {
            "label": queries.VIEWS[view],
            "url": f"?view={view}",
            "count": count if count <= most else f"{most}+",
            "active": view == current,
        }
        for view, count in counts.items()
    ]


def _chips(listing: Listing) -> list[dict[str, str]]:
    chips = []
    for name, value in listing.chosen.items():
        field = listing.form.fields[name]
        label = value if name == "q" else dict(field.choices)[value]
        chips.append({"label": f"{field.label}：{label}", "remove_url": f"?{_with(listing, **{name: None})}"})
    return chips
