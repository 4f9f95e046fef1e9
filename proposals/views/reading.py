"""The list and the case page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Role
from casework.models import Stage
from proposals import presenters, queries
from proposals.abilities import abilities
from proposals.forms import FilterForm
from proposals.models import Category, Proposal

if TYPE_CHECKING:
    from django.http import QueryDict

    from accounts.models import User

PAGE_SIZES = (20, 50, 100)
COLUMNS = [
    ("light", "状态"),
    ("number", "编号"),
    ("title", "标题"),
    ("lead", "领衔代表"),
    ("category", "类别"),
    ("unit", "承办单位"),
    ("stage", "阶段"),
    ("submitted_on", "提出日期"),
    ("due_on", "期限"),
    ("rating", "结果评价"),
]


@login_required
@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """Show the proposals that the user may see, by saved view and filters."""
    user, today = request.user, timezone.localdate()
    if user.hat is None:
        raise Http404
    form = _filter_form(request, user)
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    view = request.GET.get("view", "")
    view = view if view in queries.VIEWS else "all"
    rows = queries.list_rows(user).filter(queries.view_filter(view, user, today))
    rows = queries.search(rows, chosen.get("q", ""))
    if "category" in chosen:
        rows = rows.filter(category_id=int(chosen["category"]))
    if "stage" in chosen:
        rows = rows.filter(step__stage=chosen["stage"])
    if "year" in chosen:
        rows = rows.filter(submitted_on__year=int(chosen["year"]))
    sort = request.GET.get("sort", "")
    if sort in queries.SORTS:
        rows = rows.order_by(queries.SORTS[sort], "-pk")
    size = _page_size(request)
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    page.object_list = [presenters.list_row(row, today) for row in page.object_list]
    context = {
        "heading": "建议议案",
        "page_obj": page,
        "querystring": _without(request.GET, "page"),
        "columns": _columns(request.GET, sort),
        "views": _views(user, view, today),
        "filter_form": form,
        "keep": [{"name": name, "value": request.GET[name]} for name in ("view", "sort") if request.GET.get(name)],
        "chips": _chips(request.GET, form, chosen),
        "clear_url": f"?view={view}",
        "page_sizes": [
            {"n": n, "url": f"?{_without(request.GET, 'page', 'size')}&size={n}", "active": n == size}
            for n in PAGE_SIZES
        ],
    }
    if user.has_role(Role.DEPUTY):
        context |= {"new_url": reverse("proposals:new"), "new_label": "提出建议"}
    return render(request, "proposals/list.html", context)


@login_required
@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one proposal: stepper, units, replies by round, history, and what the user may do now."""
    return case_response(request, pk)


def case_response(request: HttpRequest, pk: int, *, stale: str = "", status: int = 200) -> HttpResponse:
    """Draw the case page; ``stale`` says on top what somebody else did meanwhile. Raises Http404."""
    try:
        page = queries.case_page(request.user, pk)
    except Proposal.DoesNotExist as error:
        raise Http404 from error
    if page.proposal.lead.person.user_id != request.user.pk:
        queries.show_as_handed_in(page)
    steps = list(page.proposal.procedure.steps.all())
    can = abilities(request.user, page.proposal)
    context = presenters.case_context(
        page, steps, can, timezone.localdate(), is_insider=_is_insider(request.user, page)
    )
    return render(request, "proposals/case.html", context | {"stale": stale}, status=status)


def _is_insider(user: User, page: queries.CasePage) -> bool:
    """Say whether the user takes part in the case: to other deputies it is open as far as it is public."""
    signed = {page.proposal.lead.person.user_id, *(row.seat.person.user_id for row in page.cosigners)}
    return not user.has_role(Role.DEPUTY) or user.pk in signed


def _filter_form(request: HttpRequest, user: User) -> FilterForm:
    form = FilterForm(request.GET)
    categories = Category.objects.filter(congress_id=user.hat.congress_id).values_list("pk", "name")
    form.fields["category"].choices = [("", "全部类别"), *((str(pk), name) for pk, name in categories)]
    form.fields["stage"].choices = [("", "全部阶段"), *Stage.choices]
    form.fields["year"].choices = [("", "全部年份"), *((str(y), f"{y}年") for y in queries.years_of(user))]
    # What is no choice is dropped, so that an old link or a mistyped address still shows a list.
    data = request.GET.copy()
    for name in ("category", "stage", "year"):
        if data.get(name) not in dict(form.fields[name].choices):
            data[name] = ""
    data["q"] = data.get("q", "").replace("\x00", "")[:100]
    form.data = data
    return form


def _page_size(request: HttpRequest) -> int:
    asked = request.GET.get("size", "")
    if asked in map(str, PAGE_SIZES) and request.session.get("page_size") != int(asked):
        request.session["page_size"] = int(asked)
    return request.session.get("page_size", PAGE_SIZES[0])


def _without(data: QueryDict, *names: str) -> str:
    left = data.copy()
    for name in names:
        left.pop(name, None)
    return left.urlencode()


def _columns(data: QueryDict, sort: str) -> list[dict[str, Any]]:
    columns = []
    for key, label in COLUMNS:
        column: dict[str, Any] = {"key": key, "label": label, "sort_url": "", "sorted": ""}
        if key in queries.SORTS:
            column["sorted"] = {key: "asc", f"-{key}": "desc"}.get(sort, "")
            turned = f"-{key}" if sort == key else key
            column["sort_url"] = f"?{_without(data, 'page', 'sort')}&sort={turned}"
        columns.append(column)
    return columns


def _views(user: User, view: str, today: Any) -> list[dict[str, Any]]:
    counts = queries.view_counts(user, today)
    return [
        {"label": queries.VIEWS[code], "url": f"?view={code}", "count": count, "active": code == view}
        for code, count in counts.items()
    ]


def _chips(data: QueryDict, form: FilterForm, chosen: dict[str, str]) -> list[dict[str, str]]:
    chips = []
    for name, value in chosen.items():
        label = value if name == "q" else dict(form.fields[name].choices).get(value, value)
        url = f"?{_without(data, 'page', name)}"
        chips.append({"label": f"{form.fields[name].label}：{label}", "remove_url": url})
    return chips
