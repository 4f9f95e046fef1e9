"""A text column whose content is encrypted at rest, and a column by which such a value is found."""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.utils.crypto import salted_hmac


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(text: str) -> str:
    """Return the text as a token that ``unseal`` alone reads."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """Return the text of a token. Raises InvalidToken when none of FIELD_ENCRYPTION_KEYS made it."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(token.encode()).decode()


def digest_of(value: str) -> str:
    """Return 64 hexadecimal digits that stand for a value: equal for equal values, and telling nothing without the key.

    The key is ``settings.DIGEST_KEY``, which never rotates: stored digests could not be found again.
    """
    return salted_hmac("bodies.fields.digest_of", value, secret=settings.DIGEST_KEY, algorithm="sha256").hexdigest()


class EncryptedTextField(models.TextField):
    """Text kept as a Fernet token; plain text exists only in memory.

    The first key of ``settings.FIELD_ENCRYPTION_KEYS`` encrypts, every key decrypts, so keys can rotate.
    The column cannot be searched or sorted; an empty string stays empty.
    """

    def get_prep_value(self, value: str | None) -> str | None:
        value = super().get_prep_value(value)
        if not value:
            return value
        return seal(value)

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        if not value:
            return value
        try:
            return unseal(value)
        except InvalidToken as error:
            msg = f"{self.model.__name__}.{self.name}: none of FIELD_ENCRYPTION_KEYS decrypts a stored value"
            raise ValueError(msg) from error


class _Digest:
    """What a row's DigestField holds: always that of the other field as it stands now."""

    def __init__(self, field: DigestField) -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> str | _Digest | None:
        if row is None:
            return self
        value = getattr(row, self.field.of)
        return digest_of(value) if value else None

    def __set__(self, row: models.Model, value: object) -> None:
        """Remember that the column was loaded; what it holds is computed anew whenever it is asked for."""
        row.__dict__[self.field.attname] = value


class DigestField(models.CharField):
    """The ``digest_of`` another field of the row, however it is saved; null where that field is empty.

    With ``update_fields``, and in bulk, both names must be given.
    """

    descriptor_class = _Digest

    def __init__(self, *args: object, of: str, **kwargs: object) -> None:
        self.of = of
        super().__init__(*args, **{"max_length": 64, "null": True, "editable": False} | kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}


def mask(value: str, *, head: int = 3, tail: int = 4) -> str:
    """Return the value with its middle hidden, as screens show phones (138****1234) and ID numbers."""
    if not value:
        return ""
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + value[len(value) - tail :]
