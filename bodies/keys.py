"""Putting a new key in force: everything that is encrypted is written anew with the first of FIELD_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction

from bodies.fields import DigestField, EncryptedTextField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

BATCH = 500


def encrypted_columns() -> Iterator[tuple[type[Model], list[str]]]:
    """Yield the models that keep something encrypted, with the names of these fields and of what is computed from them."""
    for model in apps.get_models():
        fields = model._meta.local_concrete_fields  # noqa: SLF001
        kept = {field.name for field in fields if isinstance(field, EncryptedTextField)}
        if kept:
            yield (
                model,
                sorted(kept | {field.name for field in fields if isinstance(field, DigestField) and field.of in kept}),
            )


def encrypt_anew(model: type[Model], names: list[str]) -> int:
    """Write these fields of all rows with the newest key, and what is computed from them. Returns how many rows.

    A batch at a time, each in a transaction of its own with its rows locked: people go on working, and what was
    interrupted is simply run again. Raises ValueError where no key reads a value.
    """
    done, last = 0, 0
    while True:
        with transaction.atomic():
            rows = list(model._base_manager.select_for_update().filter(pk__gt=last).order_by("pk")[:BATCH])  # noqa: SLF001
            if not rows:
                return done
            model._base_manager.bulk_update(rows, names)  # noqa: SLF001
        done, last = done + len(rows), rows[-1].pk
