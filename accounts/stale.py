"""Two clerks at one row: whoever saves second is told so, keeps what he typed, and overwrites nothing unawares."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.admin.utils import unquote
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.forms.models import ModelChoiceField, _get_foreign_key
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.registers import cell_of

SEEN = "_seen"
SALT = "accounts.stale"
STALE = "本页打开以后，这条记录已经被修改，本次没有保存。请看上面的说明。"
# What is stored is short; a page's differences are read by a person.
SHOWN_DIFFERENCES = 30


class StaleCheck:
    """Gives a register's form a hidden mark of the row as it was shown, and compares it under lock before saving.

    The mark covers the row and the rows inside its form. ``unwatched`` names the fields that change by themselves. A
    form that comes without a mark is not one of our pages and is not compared.
    """

    unwatched: tuple[str, ...] = ()

    def changeform_view(
        self: Any, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if object_id is None:
            return super().changeform_view(request, object_id, *args, **kwargs)
        with transaction.atomic():
            saving = request.method == "POST"
            request.mark = self._mark(request, unquote(object_id), lock=saving)
            request.stale = saving and SEEN in request.POST and not _is_mark(request.POST[SEEN], request.mark)
            return super().changeform_view(request, object_id, *args, **kwargs)

    def get_form(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:
        form = super().get_form(request, *args, **kwargs)
        form.stale = STALE if getattr(request, "stale", False) else ""
        return form

    def render_change_form(self: Any, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None and self.has_change_permission(request, obj):
            context["seen"] = signing.TimestampSigner(salt=SALT).sign(request.mark)
            if request.stale:
                context["stale"] = {
                    "by": self._who_changed(request, obj),
                    "differences": list(_differences(context))[:SHOWN_DIFFERENCES],
                }
        return super().render_change_form(request, context, *args, **kwargs)

    def _mark(self: Any, request: HttpRequest, key: str, *, lock: bool) -> str:
        """Return the mark of a row as the database has it; empty for a row that the user cannot see."""
        try:
            rows = self.get_queryset(request).filter(pk=self.opts.pk.to_python(key))
        except ValidationError:
            return ""
        if lock:
            # By key alone: a row found through another table cannot be locked in the same query.
            keys = list(rows.values_list("pk", flat=True)[:1])
            list(self.model._base_manager.select_for_update(of=("self",)).filter(pk__in=keys))  # noqa: SLF001
        found = _values(rows, self.unwatched)
        if not found:
            return ""
        content: list[Any] = [found]
        for kind in self.get_inlines(request, None):
            inline = kind(self.model, self.admin_site)
            link = _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name)
            content.append(_values(inline.get_queryset(request).filter(**{link.name: self.opts.pk.to_python(key)}), ()))
        return salted_hmac(SALT, json.dumps(content, cls=DjangoJSONEncoder), algorithm="sha256").hexdigest()

    def _who_changed(self: Any, request: HttpRequest, obj: models.Model) -> LogEntry | None:
        """Return the last change by hand since the page was opened; None where it was an import or an act on a case."""
        entries = LogEntry.objects.filter(
            content_type=get_content_type_for_model(self.model), object_id=str(obj.pk), action_flag=CHANGE
        )
        entry = entries.select_related("user").order_by("-action_time").first()
        opened = _opened_at(request.POST[SEEN])
        return entry if entry and opened and entry.action_time.timestamp() >= opened else None


def _values(rows: models.QuerySet, unwatched: tuple[str, ...]) -> list[list[Any]]:
    names = [field.attname for field in rows.model._meta.concrete_fields if field.name not in unwatched]  # noqa: SLF001
    return [list(row) for row in rows.prefetch_related(None).order_by("pk").values_list(*names).distinct()]


def _is_mark(signed: str, mark: str) -> bool:
    try:
        return signing.TimestampSigner(salt=SALT).unsign(signed) == mark
    except signing.BadSignature:
        return False


def _opened_at(signed: str) -> int | None:
    """Return when a mark was made, in whole seconds since 1970; None for what is none."""
    signer = signing.TimestampSigner(salt=SALT)
    try:
        signer.unsign(signed)
    except signing.BadSignature:
        return None
    return signing.b62_decode(signed.split(signer.sep)[-2])


def _differences(context: dict) -> Iterator[dict[str, str]]:
    """Yield where the page differs from what is stored: name, what is stored, what the page says."""
    form = context["adminform"].form
    yield from _of_form(form, "")
    for inline in context["inline_admin_formsets"]:
        rows = inline.opts.verbose_name
        for number, row in enumerate(inline.formset.initial_forms, start=1):
            yield from _of_form(row, f"{rows}第 {number} 行 · ")


def _of_form(form: forms.BaseForm, where: str) -> Iterator[dict[str, str]]:
    cleaned = getattr(form, "cleaned_data", {})
    for name in form.changed_data:
        field = form.fields[name]
        if field.widget.is_hidden or name == "DELETE":
            continue
        stored = form.get_initial_for_field(field, name)
        typed = (
            _shown(field, cleaned[name], form[name].data) if name in cleaned else cell_of(str(form[name].data)).shown
        )
        yield {"name": f"{where}{form[name].label}", "stored": _shown(field, stored, stored), "typed": typed}


def _shown(field: forms.Field, value: Any, as_typed: Any) -> str:
    if isinstance(field, ModelChoiceField):
        if value and not isinstance(value, models.Model):
            value = field.queryset.filter(pk=value).first()
        return field.label_from_instance(value) if value else cell_of(None).shown
    if isinstance(field, forms.ChoiceField):
        return str({str(key): label for key, label in field.choices}.get(str(value or "")) or cell_of(None).shown)
    # What a cleaner made of a text is no text for people.
    return cell_of(
        value if isinstance(field, forms.BooleanField | forms.DateField | forms.DecimalField) else as_typed
    ).shown
