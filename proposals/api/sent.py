"""What was sent as JSON, as the forms of the pages read it; and these forms, as the API describes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.rest.errors import wrong

if TYPE_CHECKING:
    from proposals.forms import PlainForm

# What no JSON holds, and what has a place of its own.
LEFT_OUT = ("file", "version")
# A form with more choices than that is no form.
MOST_CHOICES = 2000
VERSION_HELP = "您看到的版本（version），也可以写在 If-Match 里。"


class WrongShape(Exception):
    """A value of another JSON type than the field's; the message says which it should have."""


def bind(form: PlainForm, payload: Any, *, version: int | None) -> None:
    """Give a form what was sent. Raises ValidationError (400) for what has another shape than its fields."""
    if not isinstance(payload, dict):
        raise ValidationError({"detail": "请提交一个 JSON 对象。"})
    open_fields = getattr(form, "sendable", form.fields)
    data, errors = {}, {}
    for name, value in payload.items():
        if name == "version":
            continue
        if name not in open_fields or name in LEFT_OUT:
            errors[name] = ["这里没有这个字段。"]
        elif value is not None:
            try:
                data[name] = _typed(form.fields[name], value)
            except WrongShape as error:
                errors[name] = [str(error)]
    if errors:
        raise ValidationError(errors)
    if version is not None:
        data["version"] = str(version)
    form.data, form.is_bound = data, True


def _typed(field: forms.Field, value: Any) -> Any:
    if isinstance(field, forms.MultipleChoiceField | forms.TypedMultipleChoiceField):
        if not isinstance(value, list) or len(value) > MOST_CHOICES:
            raise WrongShape("应为一列值。")
        return [_text(one) for one in value]
    if isinstance(field, forms.BooleanField):
        if not isinstance(value, bool):
            raise WrongShape("应为 true 或者 false。")
        return value
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str | int | float):
        return str(value)
    raise WrongShape("应为文字或者数字。")


def checked(form: PlainForm) -> None:
    """Raise Wrong (422), by field, where the form refuses."""
    if not form.is_valid():
        raise wrong({name: list(said) for name, said in form.errors.items()})


def described(form: PlainForm) -> list[dict[str, Any]]:
    """Return the fields of an unbound form: what a program, or who writes one, must know to fill it in."""
    open_fields = getattr(form, "sendable", form.fields)
    return [_described(form, name, field) for name, field in open_fields.items() if name not in LEFT_OUT]


def _described(form: PlainForm, name: str, field: forms.Field) -> dict[str, Any]:
    told = {
        "name": name,
        "label": str(field.label or name),
        "type": kind_of(field),
        "required": field.required,
        "help": str(field.help_text),
    }
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        shown = getattr(field.widget, "choices", None) or field.choices
        told["choices"] = [{"value": value, "label": str(label)} for value, label in _flat(shown) if value != ""]
    if isinstance(field.widget, forms.HiddenInput) and (initial := form.get_initial_for_field(field, name)) is not None:
        told["value"] = str(initial)
    return told


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield getattr(value, "value", value), label


def kind_of(field: forms.Field) -> str:
    """Return the JSON type of a field's value."""
    if isinstance(field, forms.MultipleChoiceField | forms.TypedMultipleChoiceField):
        return "array"
    if isinstance(field, forms.BooleanField):
        return "boolean"
    if isinstance(field, forms.DateField):
        return "date"
    if isinstance(field, forms.ModelChoiceField | forms.IntegerField):
        return "integer"
    if isinstance(field, forms.TypedChoiceField) and field.coerce is int:
        return "integer"
    return "string"


def serializer_of(
    name: str, form: type[forms.BaseForm], *, is_versioned: bool = True, without: Collection[str] = ()
) -> type[serializers.Serializer]:
    """Return what describes a form in OpenAPI; which fields are there and needed, the step and the proposal decide."""
    without = {*LEFT_OUT, *without, *getattr(form, "kept_back", ())}
    fields: dict[str, serializers.Field] = {}
    if is_versioned:
        fields["version"] = serializers.IntegerField(required=False, min_value=0, help_text=VERSION_HELP)
    for field_name, field in form.base_fields.items():
        if field_name not in without:
            fields[field_name] = _serializer_field(field)
    return type(name, (serializers.Serializer,), fields)


def _serializer_field(field: forms.Field) -> serializers.Field:
    told = {"required": False, "help_text": "：".join(filter(None, [str(field.label or ""), str(field.help_text)]))}
    match kind_of(field):
        case "array":
            whole = isinstance(field, forms.TypedMultipleChoiceField)
            child = serializers.IntegerField() if whole else serializers.CharField()
            return serializers.ListField(child=child, **told)
        case "boolean":
            return serializers.BooleanField(**told)
        case "date":
            return serializers.DateField(**told)
        case "integer":
            return serializers.IntegerField(**told)
    if isinstance(field, forms.UUIDField):
        return serializers.UUIDField(**told)
    fixed = isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField)
    values = [(value, label) for value, label in _flat(field.choices) if value != ""] if fixed else []
    if values:
        return serializers.ChoiceField(choices=values, **told)
    return serializers.CharField(max_length=getattr(field, "max_length", None), **told)
