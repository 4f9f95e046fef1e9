"""What every register of the admin shares: rows through ``visible_to``, rights by named predicates, errors in Chinese."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import NestedObjects
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import IntegrityError, models, router
from django.db.models import ProtectedError, QuerySet, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts import permissions
from accounts.models import User
from accounts.registers import PrintedRegister
from accounts.stale import StaleCheck
from bodies.models import Congress, Session, Term
from workbooks.cleaners import CellError, Cleaner

CONFLICT = "与刚刚保存的另一条记录冲突，没有保存。请核对后再保存。"
IN_USE = "「{}」刚刚被其他记录引用，没有删除。"
# Choices of these are narrower than what may be read: from a congress one sees those below, and writes its own.
OWN = {Congress: "pk", Term: "congress", Session: "term__congress"}
# Whose names are part of a row's name.
NAMED_WITH = {Term: "congress", Session: "term"}
# Digits of the largest key that the database counts up to.
LONGEST_KEY = 19
# A longer text in a search box is no search: each of its words costs a condition on every row.
LONGEST_SEARCH = 100
# What the forms of workbooks accept: a day typed here must come back from its own export.
YEARS = range(1949, 2100)
Predicate = Callable[[User], bool]


def never(user: User) -> bool:
    """Nobody: for what is only read here and written by acts on cases."""
    del user
    return False


def choices(user: User, model: type[models.Model], *, wide: bool = False) -> QuerySet:
    """Return the rows that a form of the user may refer to: visible ones, of his own congress unless ``wide``."""
    rows = model.objects.all()
    if hasattr(rows, "visible_to"):
        rows = rows.visible_to(user)
    if user.hat is not None and not wide and model in OWN:
        rows = rows.filter(**{OWN[model]: user.hat.congress_id})
    return rows.select_related(NAMED_WITH[model]) if model in NAMED_WITH else rows


def sentence_for(error: IntegrityError) -> str:
    """Return what the constraint that the database names would have said in the form."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:  # noqa: SLF001 - as Django documents it
            if (
                constraint.name == name
                and constraint.violation_error_message != constraint.default_violation_error_message
            ):
                return constraint.violation_error_message
    return CONFLICT


class Picker(AutocompleteSelect):
    """A picker that draws itself again whatever was posted in its place."""

    def optgroups(self, name: str, value: list, attrs: dict | None = None) -> list:
        keys = [key for key in value if str(key).isdecimal() and len(str(key)) <= LONGEST_KEY]
        return super().optgroups(name, keys, attrs)


def keep_masked(form: forms.ModelForm, name: str, masked: Callable[[str], str]) -> None:
    """Let a form show a stored value masked: what comes back as it was shown is what it was, the rest is new."""
    kept, field = getattr(form.instance, name), form.fields.get(name)
    if not kept or field is None:
        return
    shown, clean = masked(kept), field.clean
    form.initial[name] = shown
    field.clean = lambda typed: kept if typed == shown else clean(typed)


class RegisterForm(forms.ModelForm):
    """A form of a register that accepts what imports accept, so that its rows come back from their own export.

    ``cleaners`` are those by which imports clean the same fields, ``most`` the largest numbers that they take, ``days``
    the fields whose year they check.
    """

    cleaners: ClassVar[Mapping[str, Cleaner]] = {}
    most: ClassVar[Mapping[str, int]] = {}
    days: ClassVar[Sequence[str]] = ()
    user: User
    refusal = ""
    stale = ""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        for name, cleaner in self.cleaners.items():
            if isinstance(value := self.cleaned_data.get(name), str) and value:
                try:
                    self.cleaned_data[name] = cleaner.clean(value)
                except CellError as error:
                    self.add_error(name, str(error))
                else:
                    if self.cleaned_data[name] == "" and self.fields[name].required:
                        self.add_error(name, self.fields[name].error_messages["required"])
        for name, most in self.most.items():
            if (number := self.cleaned_data.get(name)) is not None and number > most:
                self.add_error(name, f"不能大于 {most}。")
        for name in self.days:
            if (day := self.cleaned_data.get(name)) is not None and day.year not in YEARS:
                self.add_error(name, f"年份应在 {YEARS[0]} 至 {YEARS[-1]} 之间。")
        return data

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.stale:
            self.add_error(None, self.stale)
        if self.is_bound and self.refusal and not self._errors:
            self.add_error(None, self.refusal)


class Scoped(BaseModelAdmin):
    """Rights and choices, for registers and the rows inside them.

    ``may_view`` and ``may_keep`` decide by the user, ``congress_of`` (the path to a row's congress) by the row: only
    rows of the user's own congress can be changed. ``wide`` names the fields that may refer to congresses below.
    """

    form = RegisterForm
    may_view: Predicate = staticmethod(permissions.reads_registers)
    may_keep: Predicate = staticmethod(permissions.keeps_registers)
    congress_of = ""
    wide: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def why_fixed(self, user: User, obj: models.Model) -> str:
        """Return why the user may not change a row that he may see; empty when he may."""
        if user.hat is not None and self.congress_of and attrgetter(self.congress_of)(obj) != user.hat.congress_id:
            return "这是下级人大的资料，在这里只能查看。"
        return ""

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_view(request.user) or self.may_keep(request.user)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_keep(request.user)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_keep(request.user) and (obj is None or not self.why_fixed(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> forms.Field:
        if "queryset" not in kwargs:
            wide = db_field.name in self.wide
            kwargs["queryset"] = choices(request.user, db_field.remote_field.model, wide=wide)
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = Picker(db_field, self.admin_site)
        hat = request.user.hat
        if hat is not None and db_field.name == "congress":
            kwargs["initial"] = hat.congress_id
            if db_field.name not in self.wide:
                kwargs["empty_label"] = None
        if hat is not None and db_field.name == "term":
            kwargs["initial"] = hat.congress.term_on(timezone.localdate())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # Rows are deleted on their own page, where it is seen what hangs on them.
        if hasattr(field, "widget") and hasattr(field.widget, "can_delete_related"):
            field.widget.can_delete_related = False
        return field


class Rows(forms.BaseInlineFormSet):
    def get_unique_error_message(self, unique_check: tuple[str, ...]) -> str:
        names = [self.model._meta.get_field(name).verbose_name for name in unique_check if name != self.fk.name]  # noqa: SLF001
        return f"「{'、'.join(map(str, names))}」不能重复。"


class ScopedInline(Scoped):
    """Rows inside a register's form."""

    formset = Rows
    extra = 0

    def get_formset(self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any) -> type:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.user = request.user
        return formset


class ScopedAdmin(StaleCheck, PrintedRegister, Scoped, admin.ModelAdmin):
    """A register, with totals and a page for paper (``PrintedRegister``) and a look out for others (``StaleCheck``)."""

    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    view_on_site = False

    def opening_rows(self, request: HttpRequest) -> QuerySet:
        """Return the rows with which the list opens, before anybody filters: those that the index counts."""
        return self.get_queryset(request)

    def name_in_picker(self, obj: models.Model) -> str:
        """Return how pickers name a row."""
        return str(obj)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model:
        obj = super().get_object(request, object_id, from_field)
        if obj is None:
            raise Http404
        return obj

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow the filters that the list shows; any other condition in the address is refused with 400."""
        values = value if isinstance(value, list) else [value]
        if any("\x00" in str(item) for item in values):
            return False
        filters = self.get_list_filter(request)
        if lookup in {getattr(item, "parameter_name", None) for item in filters}:
            return True
        names = [item[0] if isinstance(item, tuple) else item for item in filters]
        suffixes = ["", "__exact", "__id__exact", "__isnull"]
        return lookup in {f"{name}{suffix}" for name in names if isinstance(name, str) for suffix in suffixes}

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return super().get_search_results(request, queryset, search_term.replace("\x00", "")[:LONGEST_SEARCH])

    def get_form(
        self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **kwargs: Any
    ) -> type:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user, form.refusal = request.user, getattr(request, "refusal", "")
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Show or save a row. What the database alone can refuse comes back as an error of the form, nothing lost."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError as error:
            request.refusal = sentence_for(error)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None and self.may_keep(request.user) and (reason := self.why_fixed(request.user, obj)):
            messages.warning(request, reason)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        """Return the rows to be deleted, how many of each kind, which kinds the user may not delete, what stands in the way.

        Rows that refer to these, drafts of others among them, may be none of the user's business: they are only
        counted, kind by kind.
        """
        collector = NestedObjects(using=router.db_for_write(self.model), origin=objs)
        collector.collect(objs)
        to_delete = [f"{self.opts.verbose_name}：{obj}" for obj in objs]
        counts = {model._meta.verbose_name_plural: len(rows) for model, rows in collector.model_objs.items()}  # noqa: SLF001
        if protected := self._counted(collector.protected):
            # What refers to the row is the reason to tell; that the user could not delete it either is none.
            return to_delete, counts, set(), protected
        forbidden = {
            model._meta.verbose_name  # noqa: SLF001
            for model, rows in collector.model_objs.items()
            if self.admin_site.is_registered(model)
            and not all(self.admin_site.get_model_admin(model).has_delete_permission(request, row) for row in rows)
        }
        return to_delete, counts, forbidden, []

    def _counted(self, rows: Iterable[models.Model]) -> list[str]:
        kinds = Counter(type(row) for row in rows)
        registers = {
            model: self.admin_site.get_model_admin(model) for model in kinds if self.admin_site.is_registered(model)
        }
        return sorted(
            f"{model._meta.verbose_name}：{number} {getattr(registers.get(model), 'measure_word', self.measure_word)}"  # noqa: SLF001
            for model, number in kinds.items()
        )

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except (ProtectedError, RestrictedError, IntegrityError):
            obj = self.get_object(request, object_id)
            messages.error(request, IN_USE.format(obj))
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(name, args=[obj.pk], current_app=self.admin_site.name))


class ReadOnlyAdmin(ScopedAdmin):
    """A register that is written by acts on cases and only read here."""

    may_keep = staticmethod(never)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {"is_only_read": True} | (extra_context or {}))


class ScopedRelation(admin.RelatedFieldListFilter):
    """A filter by a related row that offers only the rows which the user may see."""

    def field_choices(self, field: models.Field, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [(row.pk, str(row)) for row in choices(request.user, field.remote_field.model)]


class Choice(admin.SimpleListFilter):
    """A filter by one value, from (value, label) pairs."""

    lookup = ""

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """Return the values offered. One query."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), label) for value, label in self.pairs(request, model_admin)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() is None:
            return queryset
        # What the list did not offer finds nothing, whatever it is.
        if self.value() not in {value for value, _ in self.lookup_choices}:
            return queryset.none()
        return self.chosen(queryset, self.value())

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        """Return the rows that have the value."""
        return queryset.filter(**{self.lookup: value})


class YearFilter(Choice):
    """A filter by the year of a date of the register's rows."""

    title = "年份"
    parameter_name = "year"
    day = ""

    def pairs(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        days = model_admin.model.objects.visible_to(request.user).dates(self.day, "year", order="DESC")
        return [(day.year, f"{day.year}年") for day in days]

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(**{f"{self.day}__year": value})


def year_of(day: str, title: str = YearFilter.title) -> type[YearFilter]:
    """Return a filter by the year of the date field ``day``."""
    return type("YearFilter", (YearFilter,), {"day": day, "title": title})
