"""Registers in the API: the rows that the user sees, narrowed, searched, a page at a time; and one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import filters, mixins, serializers, viewsets
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response

from accounts import permissions
from accounts.admin_base import LONGEST_SEARCH
from accounts.models import User
from accounts.rest.errors import Refused, wrong
from accounts.rest.once import once
from accounts.rest.views import ApiView, Known, Pages
from workbooks.columns import Form, ImportRefused, get_form
from workbooks.importing import import_row

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

Predicate = Callable[[User], bool]
NOT_YOURS = "您的身份不能查阅这个登记簿。"
NOT_KEPT = "您的身份不能在这个登记簿登记。"
# Each word costs a condition on every row.
MOST_WORDS = 8
LARGEST_KEY = 2**63 - 1
YEARS = {"min_value": 1900, "max_value": 2999}


def field_of(model: type[models.Model], lookup: str) -> serializers.Field:
    """Return what reads the value of a filter: a choice, a key, yes or no, a year."""
    *path, last = lookup.split("__")
    if last == "year":
        return serializers.IntegerField(label="年份", **YEARS)
    for name in path:
        model = model._meta.get_field(name).related_model  # noqa: SLF001 - as Django documents it
    field = model._meta.get_field(last)  # noqa: SLF001
    label = str(field.verbose_name)
    if field.choices:
        return serializers.ChoiceField(choices=[*field.choices], label=label)
    if isinstance(field, models.BooleanField):
        return serializers.BooleanField(label=label)
    if isinstance(field, models.CharField):
        return serializers.CharField(max_length=field.max_length, label=label)
    label = f"{label}的 id" if field.is_relation else label
    return serializers.IntegerField(min_value=0, max_value=LARGEST_KEY, label=label)


def text_of(request: Request) -> str:
    """Return what is looked for."""
    return request.query_params.get("q", "").replace("\x00", "")[:LONGEST_SEARCH].strip()


class RegisterFilter(filters.BaseFilterBackend):
    """Narrows by ``filters`` of the view and looks for ``q``; a value that is none is refused, not passed over."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: APIView) -> QuerySet:
        """Return the rows left. Raises ValidationError (400) by the name of the filter."""
        errors = {}
        for name, lookup in view.filters.items():
            if (text := request.query_params.get(name, "")) == "":
                continue
            try:
                value = field_of(view.model, lookup).run_validation(text)
            except ValidationError as error:
                errors[name] = error.detail
            else:
                queryset = queryset.filter(**{lookup: value})
        if errors:
            raise ValidationError(errors)
        return view.search(queryset, text_of(request))

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return the filters in OpenAPI's words."""
        shown = [_parameter(name, field_of(view.model, lookup)) for name, lookup in view.filters.items()]
        if view.search_fields:
            words = {"type": "string", "maxLength": LONGEST_SEARCH}
            shown.append({"name": "q", "in": "query", "schema": words, "description": "查找，几个词以空格分开。"})
        return shown


def _parameter(name: str, field: serializers.Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer"}
    words = str(field.label or "")
    if isinstance(field, serializers.ChoiceField):
        values = [*field.choices]
        schema = {"type": "integer" if isinstance(values[0], int) else "string", "enum": values}
        known = "；".join(f"{value} {label}" for value, label in field.choices.items())
        words = f"{words}：{known}"
    elif isinstance(field, serializers.BooleanField):
        schema = {"type": "boolean"}
    elif isinstance(field, serializers.CharField):
        schema = {"type": "string", "maxLength": field.max_length}
    return {"name": name, "in": "query", "schema": schema, "description": words}


class Reads(Known):
    """Whoever may open the same register in the admin."""

    message = NOT_YOURS

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say whether the user may read the view's register. Raises PermissionDenied (403) with its own words."""
        if not super().has_permission(request, view):
            raise PermissionDenied(Known.message)
        return view.may_view(request.user)


class RegisterViewSet(ApiView, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """One register: ``model`` through ``visible_to``, for whom ``may_view`` allows; ``filters`` by parameter and path."""

    permission_classes = [Reads]
    pagination_class = Pages
    filter_backends = [RegisterFilter]
    lookup_value_converter = "int"
    model: ClassVar[type[models.Model]]
    may_view: Predicate = staticmethod(permissions.reads_registers)
    filters: ClassVar[Mapping[str, str]] = {}
    search_fields: ClassVar[Sequence[str]] = ()
    related: ClassVar[Sequence[str]] = ()

    @classmethod
    def rows(cls, user: User) -> QuerySet:
        """Return the rows that the user sees, with what each of them shows."""
        rows = cls.model._default_manager.all()  # noqa: SLF001 - the manager that Django documents
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(user)
        return rows.select_related(*cls.related) if cls.related else rows

    def get_queryset(self) -> QuerySet:
        """Return the rows; none while the description of the API is drawn."""
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()  # noqa: SLF001
        return self.rows(self.request.user)

    def search(self, rows: QuerySet, text: str) -> QuerySet:
        """Return the rows in which every word is found."""
        for word in text.split()[:MOST_WORDS] if self.search_fields else ():
            found = [Q(**{f"{name}__icontains": word}) for name in self.search_fields]
            rows = rows.filter(Q.create(found, connector=Q.OR))
        return rows


class Counted(serializers.Serializer):
    """What became of a row that was sent."""

    added = serializers.IntegerField(help_text="新增几条")
    updated = serializers.IntegerField(help_text="更正几条")
    unchanged = serializers.IntegerField(help_text="与已有的相同几条")
    hints = serializers.ListField(child=serializers.CharField(), help_text="请核对之处")


def serializer_of(form: Form) -> type[serializers.Serializer]:
    """Return how a row of a form is sent, for the description of the API; the form itself checks it."""
    fields = {
        column.attr: serializers.CharField(
            required=column.required, help_text="；".join(filter(None, [column.header, column.note]))
        )
        for column in form.columns
    }
    return inline_serializer(f"{form.kind.title()}Entry", fields)


def enter(form: Form, request: Request) -> Response:
    """Enter or correct one row by its form.

    Raises ValidationError (400) and Wrong (422) by field, Refused (409) where the form's app refuses.
    """
    values = _cells(form, request.data)
    try:
        result = import_row(form, values, context=form.make_context(user=request.user))
    except ImportRefused as error:
        raise Refused(str(error)) from error
    if result.errors:
        attrs = {column.header: column.attr for column in form.columns}
        said: dict[str, list[str]] = {}
        for error in result.errors:
            said.setdefault(attrs.get(error.column, "__all__"), []).append(error.message)
        raise wrong(said)
    counts = result.counts
    told = {"added": counts.added, "updated": counts.updated, "unchanged": counts.unchanged}
    return Response(told | {"hints": result.hints}, 201 if counts.added else 200)


def _cells(form: Form, data: Any) -> dict[str, Any]:
    """Return the cells of a row as JSON says them. Raises ValidationError (400) for what no cell can hold."""
    if not isinstance(data, dict):
        raise ValidationError({"detail": "请提交一个 JSON 对象，一次一条。"})
    columns, cells, errors = form.by_attr(), {}, {}
    for name, value in data.items():
        if name not in columns:
            errors[name] = ["没有这个字段。"]
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            cells[name] = "、".join(value)
        elif value is None or isinstance(value, str | int | float):
            cells[name] = "" if value is None else value
        else:
            errors[name] = ["应为文字、数字或一列文字。"]
    if errors:
        raise ValidationError(errors)
    return cells


def kept_by_form(kind: str, title: str) -> Callable[[type], type]:
    """Return a decorator that lets those who keep a register enter and correct its rows, as an import of a line would.

    The form of that kind says what the fields are, by which of them a row is found, and which service writes it.
    """
    form = get_form(kind)

    def give(view: type) -> type:
        @extend_schema(
            summary=f"登记或更正{title}",
            description="与导入一行表格相同：按表格的关键列找到已有的记录就更正，找不到就新增；没有写的字段不改。",
            request=serializer_of(form),
            responses={200: Counted, 201: Counted},
        )
        @once
        def create(self: APIView, request: Request) -> Response:
            if not permissions.keeps_registers(request.user):
                raise PermissionDenied(NOT_KEPT)
            return enter(form, request)

        view.create = create
        return view

    return give
