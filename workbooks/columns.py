"""What a form is: its columns, the key of a row, and the hooks by which its app looks things up and writes."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from workbooks.cleaners import Cleaner, Text

if TYPE_CHECKING:
    from workbooks.importing import Row

FROM_CLEANER = object()


@dataclass(frozen=True)
class Column:
    """One column of a form.

    `attr` is the name under which the app finds the value in a row; `alternatives` are other headers that mean the same.
    `suggest(context)` gives known values for the template's drop-down list (other values stay allowed); a `Choice` cleaner
    brings its own closed list. `default` is the value of an empty cell, normally the cleaner's.
    """

    header: str
    attr: str
    clean: Cleaner = Text()  # noqa: RUF009 -- cleaners are immutable
    required: bool = False
    alternatives: Sequence[str] = ()
    note: str = ""
    sample: Any = ""
    width: float | None = None
    suggest: Callable[[Any], Iterable[str]] | None = None
    default: Any = FROM_CLEANER

    @property
    def empty(self) -> Any:
        return self.clean.empty if self.default is FROM_CLEANER else self.default

    @property
    def choices(self) -> Sequence[str]:
        """The closed list of the column, or nothing."""
        return tuple(getattr(self.clean, "choices", ()))


@dataclass(frozen=True)
class Counts:
    """How many records an import added, changed and found unchanged."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return f"新增 {self.added}、更新 {self.updated}、未变 {self.unchanged}"


class ImportRefused(Exception):
    """Raised by a hook of a form: the import as a whole is impossible. Its text is the clerk's message."""


class Form:
    """A form; an app makes one subclass per kind in `<app>/workbooks.py` and registers an instance.

    `kind` is the word on the command line, `title` what offices call the form, `key` the attrs of the natural key and
    `repeats` attrs whose repetition in one file is worth a hint but no error.
    """

    kind: str
    title: str
    columns: Sequence[Column]
    key: Sequence[str] = ()
    repeats: Sequence[str] = ()

    def make_context(self, *, congress_code: str | None = None, user: Any = None) -> Any:
        """What the other hooks need: the body, its term, who imports. Nothing by default.

        `congress_code` is None when it was not given. Raises `ImportRefused` for an unknown or an undecided body.
        """
        return None

    def congress_choices(self, user: Any) -> Sequence[tuple[str, str]]:
        """(code, name) of the bodies into which the user may import; empty where the form does not depend on a body."""
        return ()

    def resolve(self, rows: "Sequence[Row]", context: Any) -> None:
        """Look up in bulk what the rows name, fill defaults, and report by `row.error(attr, message)` and `row.hint(…)`.

        Gets the rows whose required cells are all sound; an optional cell with an error reads as empty.
        May add entries to a row (`row["deputy"] = deputy`). Runs inside the transaction of `apply`.
        """

    def natural_key(self, row: "Row", context: Any) -> Hashable | None:
        """What makes the row unique within one file, after `resolve`; None when the row has no key."""
        return tuple(row[attr] for attr in self.key) if self.key else None

    def key_column(self, row: "Row") -> str:
        """The attr under which a repeated key is reported."""
        return next((attr for attr in reversed(self.key) if row[attr] != row.column(attr).empty), self.columns[0].attr)

    def apply(self, rows: "Sequence[Row]", context: Any) -> Counts:
        """Write all rows through the app's service. Called only when no row has an error, inside one transaction.

        Raises `ImportRefused` when the whole cannot be written.
        """
        raise NotImplementedError

    def export_rows(self, records: Iterable[Any]) -> Iterable[Mapping[str, Any] | Any]:
        """One mapping attr → value, or one object with these attributes, per record, for the export in the form's columns.

        What fetches more than the records themselves goes through `streamed`.
        """
        return streamed(records)

    def by_attr(self) -> dict[str, Column]:
        return {column.attr: column for column in self.columns}


def streamed(records: Iterable[Any]) -> Iterable[Any]:
    """The records; those of a queryset some at a time, with what it prefetches, so that memory stays small."""
    return records.iterator(chunk_size=2000) if isinstance(records, QuerySet) else records


_forms: dict[str, Form] = {}


def register(form: Form) -> Form:
    """Make the form known to the command line and the admin under its kind."""
    if form.kind in _forms and type(_forms[form.kind]) is not type(form):
        raise ValueError(f"two forms of kind {form.kind}")
    _forms[form.kind] = form
    return form


def get_form(kind: str) -> Form:
    """The registered form. Raises `ImportRefused` with the known kinds when there is none."""
    try:
        return _forms[kind]
    except KeyError:
        known = "、".join(f"{form.kind}（{form.title}）" for form in all_forms())
        raise ImportRefused(f"没有名为“{kind}”的表，可用的有：{known or '无'}") from None


def all_forms() -> list[Form]:
    """Every registered form, by kind."""
    return [_forms[kind] for kind in sorted(_forms)]
