"""A text column whose content is encrypted at rest."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class EncryptedTextField(models.TextField):
    """Text kept as a Fernet token; plain text exists only in memory.

    The first key of ``settings.FIELD_ENCRYPTION_KEYS`` encrypts, every key decrypts, so keys can rotate.
    The column cannot be searched or sorted; an empty string stays empty.
    """

    def get_prep_value(self, value: str | None) -> str | None:
        value = super().get_prep_value(value)
        if not value:
            return value
        return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(value.encode()).decode()

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        if not value:
            return value
        try:
            return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(value.encode()).decode()
        except InvalidToken as error:
            msg = f"{self.model.__name__}.{self.name}: none of FIELD_ENCRYPTION_KEYS decrypts a stored value"
            raise ValueError(msg) from error


def mask(value: str, *, head: int = 3, tail: int = 4) -> str:
    """Return the value with its middle hidden, as screens show phones (138****1234) and ID numbers."""
    if not value:
        return ""
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]
