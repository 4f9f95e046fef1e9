"""How values of rows are shown."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bodies.fields import mask


@extend_schema_field(
    {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
        "nullable": True,
        "readOnly": True,
    }
)
class Named(serializers.Field):
    """Another row: its key and how pages call it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: models.Model) -> dict[str, Any]:
        """Return key and name; what the name is made of was read along with the row."""
        return {"id": value.pk, "name": str(value)}


@extend_schema_field(OpenApiTypes.STR)
class Masked(serializers.Field):
    """A phone number with its middle hidden."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, help_text="只显示头尾几位", **kwargs)

    def to_representation(self, value: str) -> str:
        """Return head and tail."""
        return mask(value)


class Names(serializers.ListField):
    """The names of rows that belong to this one, read along with it; ``of`` leads from each to its name."""

    child = serializers.CharField()

    def __init__(self, *, of: str = "", **kwargs: Any) -> None:
        self.of = of
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, rows: Any) -> list[str]:
        """Return the names in the order of the rows."""
        return [str(getattr(row, self.of) if self.of else row) for row in rows.all()]


class Words(serializers.CharField):
    """What a row says of itself in words, by an attribute or a method."""

    def __init__(self, source: str = "", **kwargs: Any) -> None:
        if source:
            kwargs["source"] = source
        super().__init__(read_only=True, **kwargs)


class Number(serializers.IntegerField):
    """A number that was counted along with the rows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)


class Row(serializers.ModelSerializer):
    """A row of a register: the fields that are named, and no other."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields, each with the words that the model has for it where it has none of its own."""
        fields = super().get_fields()
        for name, field in fields.items():
            if not field.help_text:
                field.help_text = _words_for(self.Meta.model, field.source or name)
        return fields


def _words_for(model: type[models.Model], source: str) -> str:
    """Return how the last field on a path is called, empty for what is no field."""
    *path, last = source.split(".")
    try:
        for name in path:
            model = model._meta.get_field(name).related_model  # noqa: SLF001 - as Django documents it
        return str(getattr(model._meta.get_field(last), "verbose_name", ""))  # noqa: SLF001
    except FieldDoesNotExist:
        return ""
