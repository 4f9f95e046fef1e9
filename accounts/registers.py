"""How a register is shown, on the screen and on paper: columns, cells, totals and what the filters say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR, IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from audit.services import taken

NOTHING = "—"
# A list that is longer than this is no reading matter: it is printed in parts or exported.
PRINTED_ROWS = 3000
# From this number of columns on, a page lies on its side.
WIDE_FROM = 7
# A text that is no wider than so many Latin letters (half as many Chinese characters) stays in one line.
SHORT = 20


@dataclass(frozen=True)
class Cell:
    """What stands in one cell. ``kind`` (text, short, number, date, none) decides how it is set."""

    shown: str
    kind: str = "text"

    @property
    def words(self) -> str:
        """The cell in full without its marks, for whoever points at it."""
        return strip_tags(self.shown) if isinstance(self.shown, SafeString) else self.shown


@dataclass(frozen=True)
class Column:
    """One column; ``sorted`` is empty, ``ascending`` or ``descending``."""

    name: str
    text: str
    kind: str
    url: str
    sorted: str
    links: bool


@dataclass(frozen=True)
class Line:
    """One row; ``url`` is empty where nothing opens, ``key`` is what a picker's window hands back."""

    cells: Sequence[Cell]
    url: str
    key: Any
    columns: Sequence[Column]

    @property
    def pairs(self) -> list[tuple[Column, Cell]]:
        return list(zip(self.columns, self.cells, strict=True))


def cell_of(value: Any, field: models.Field | None = None) -> Cell:
    """Return how a value is shown: dates as 2026-03-05, truth in words, numbers without a tail of zeros."""
    if field is not None and field.flatchoices:
        value = dict(field.flatchoices).get(value, value)
    if value is None or (isinstance(value, str) and not value.strip()):
        return Cell(NOTHING, "none")
    if isinstance(value, SafeString):
        return Cell(value, _length(strip_tags(value)))
    if isinstance(value, bool):
        return Cell("是" if value else "否", "short")
    if isinstance(value, int | float | Decimal):
        return Cell(number_of(value), "number")
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return Cell(f"{local:%Y-%m-%d %H:%M}", "date")
    if isinstance(value, dt.date):
        return Cell(value.isoformat(), "date")
    return Cell(str(value), _length(str(value)))


def _length(text: str) -> str:
    width = sum(1 if character.isascii() else 2 for character in text)
    return "short" if width <= SHORT else "text"


def number_of(value: float | Decimal | None) -> str:
    """Return a number without a tail of zeros; nothing summed up is 0."""
    if isinstance(value, int):
        return str(value)
    text = f"{value or 0:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _value(cl: ChangeList, row: models.Model, name: Any) -> Cell:
    try:
        field, _, value = lookup_field(name, row, cl.model_admin)
    except ObjectDoesNotExist:
        return Cell(NOTHING, "none")
    if field is not None and isinstance(field, models.ForeignKey):
        return cell_of(getattr(row, field.name))
    return cell_of(value, field)


def table_of(
    cl: ChangeList, rows: Sequence[models.Model] | None = None, *, without: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the columns and lines of a list: those of its page, or the rows given; ``without`` names columns to omit."""
    found = cl.result_list if rows is None else rows
    links = cl.list_display_links or (cl.list_display[:1] if cl.list_display_links is not None else [])
    shown = [
        (name, head) for name, head in zip(cl.list_display, result_headers(cl), strict=True) if name not in without
    ]
    cells = [[_value(cl, row, name) for name, _ in shown] for row in found]
    columns = []
    for place, (name, head) in enumerate(shown):
        kinds = {line[place].kind for line in cells} - {"none"} or {_kind_of(cl.opts, name)}
        kind = kinds.pop() if len(kinds) == 1 else "text"
        direction = ("ascending" if head["ascending"] else "descending") if head.get("sorted") else ""
        label = name if isinstance(name, str) else name.__name__
        columns.append(Column(label, head["text"], kind, head.get("url_primary", ""), direction, name in links))
    linked = any(column.links for column in columns)
    lines = [
        Line(line, _address(cl, row) if linked else "", row.pk, columns) for row, line in zip(found, cells, strict=True)
    ]
    return {"columns": columns, "lines": lines}


def _kind_of(opts: Any, name: Any) -> str:
    """Return how a column is set in which no row has anything."""
    try:
        field = opts.get_field(name)
    except FieldDoesNotExist:
        return "text"
    numeric = isinstance(field, models.IntegerField | models.DecimalField) and not field.flatchoices
    return "number" if numeric else "text"


def _address(cl: ChangeList, row: models.Model) -> str:
    opts = {"preserved_filters": cl.preserved_filters, "opts": cl.opts}
    return add_preserved_filters(opts, cl.url_for_result(row))


class RegisterList(ChangeList):
    """The list of a register with the totals of all rows that its filters find."""

    totals: Sequence[tuple[str, str]] = ()

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        wanted = self.model_admin.totals
        if wanted and not self.is_popup and self.result_count:
            # By key, so that no row counts twice that a filter finds by two of its relations.
            rows = self.root_queryset.filter(pk__in=self.queryset.order_by().values("pk")).order_by()
            sums = rows.aggregate(**{f"total_{place}": sum_ for place, (_, sum_) in enumerate(wanted)})
            self.totals = [(label, number_of(sums[f"total_{place}"])) for place, (label, _) in enumerate(wanted)]

    @property
    def count_in_words(self) -> str | int:
        """Return how many rows the filters find; of a list that is not counted to its end, that there are more."""
        most = getattr(self.paginator, "most", None)
        return f"{most} 以上" if most and self.result_count > most else self.result_count

    @property
    def cleared(self) -> str:
        """Return the address of the list without any condition, sorted as it is."""
        kept = (ORDER_VAR, IS_POPUP_VAR, TO_FIELD_VAR)
        return self.get_query_string({name: None for name in self.params if name not in kept})

    @property
    def without_search(self) -> str:
        """Return the address of the list with its filters alone."""
        return self.get_query_string({SEARCH_VAR: None})

    @property
    def conditions(self) -> list[dict[str, str]]:
        """Return what the list is narrowed to: label, value and the address without it."""
        found = []
        if self.query:
            found.append({"label": "查找", "value": self.query, "url": self.without_search})
        for spec in self.filter_specs:
            choices = list(spec.choices(self))
            chosen = [choice for choice in choices[1:] if choice["selected"]]
            if choices and not choices[0]["selected"]:
                value = str(chosen[0]["display"]) if chosen else "（没有这一项）"
                found.append({"label": str(spec.title), "value": value, "url": choices[0]["query_string"]})
        return found


class PrintedRegister:
    """Gives a register totals, words for an empty list, and a page for paper.

    ``totals`` are pairs of a label and an aggregate, taken over all rows that the filters find. ``when_empty`` says how
    rows come into a register that nobody types into. ``not_printed`` names the columns that are doors, not facts.
    """

    totals: Sequence[tuple[str, models.Aggregate]] = ()
    measure_word = "条"
    when_empty = ""
    not_printed: tuple[str, ...] = ()

    def get_changelist(self: Any, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RegisterList

    def get_urls(self: Any) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.print_view)
        return [path("print/", view, name=f"{self.opts.app_label}_{self.opts.model_name}_print"), *super().get_urls()]

    def changelist_view(self: Any, request: HttpRequest, extra_context: Mapping | None = None) -> HttpResponse:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_print"
        address = reverse(name, current_app=self.admin_site.name)
        print_url = f"{address}?{request.GET.urlencode()}" if request.GET else address
        return super().changelist_view(request, {**(extra_context or {}), "print_url": print_url})

    def print_view(self: Any, request: HttpRequest) -> HttpResponse:
        """Show all that the list's filters find, up to PRINTED_ROWS, as a page for paper."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        request.GET = request.GET.copy()
        for name in (PAGE_VAR, ALL_VAR, ERROR_FLAG):
            request.GET.pop(name, None)
        changelist = reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist", current_app=self.admin_site.name
        )
        try:
            cl = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{changelist}?{ERROR_FLAG}=1")
        query = request.GET.urlencode()
        rows = list(cl.queryset[:PRINTED_ROWS])
        context = {
            **table_of(cl, rows, without=self.not_printed),
            "cl": cl,
            "body": request.user.hat.congress if request.user.hat else "",
            "today": timezone.localdate(),
            "limit": PRINTED_ROWS,
            "wide": len(cl.list_display) >= WIDE_FROM,
            "measure_word": self.measure_word,
            "back": f"{changelist}?{query}" if query else changelist,
        }
        answer = TemplateResponse(request, "admin/register_print.html", context)
        return taken(answer, what=f"{self.opts.verbose_name_plural}（打印）", rows=len(rows))
