"""Runs a form on rows given as mappings, and counts what is in the tables."""

import io
from typing import Any

from django.apps import apps

from bodies.models import Congress
from tests.real_data import write_xlsx
from workbooks.columns import get_form
from workbooks.importing import ImportResult, run_import
from workbooks.writing import write_export

APPS = (
    "bodies",
    "deputies",
    "duties",
    "training",
    "appointments",
    "liaison_stations",
    "casework",
    "proposals",
    "notices",
)


def book(*rows: dict[str, str]) -> io.BytesIO:
    """A workbook with these rows; every row has the columns of the first."""
    file = io.BytesIO()
    columns = list(dict.fromkeys(column for row in rows for column in row))
    write_xlsx(file, [{column: row.get(column, "") for column in columns} for row in rows])
    return file


def run(kind: str, *rows: dict[str, str], congress: Congress, dry_run: bool = False, **context: Any) -> ImportResult:
    """Import the rows into a congress."""
    return run_file(kind, book(*rows), congress=congress, dry_run=dry_run, **context)


def run_file(kind: str, file: Any, *, congress: Congress, dry_run: bool = False, **context: Any) -> ImportResult:
    """Import a file into a congress."""
    form = get_form(kind)
    return run_import(form, file, context=form.make_context(congress_code=congress.code, **context), dry_run=dry_run)


def errors(result: ImportResult) -> list[str]:
    return [str(error) for error in result.errors]


def counts(result: ImportResult) -> str:
    """The counts, or the errors where there are some: the failing comparison then shows them."""
    return "\n".join(errors(result)) or str(result.counts)


def exported(kind: str, records: Any) -> io.BytesIO:
    """The export of records as a file that can be imported, marked with who took it away."""
    file = io.BytesIO()
    write_export(get_form(kind), records, file, by="张志强（staff）代表工委 2026-03-09 10:00 导出")
    return file


def tables() -> dict[str, int]:
    """The number of rows in every table of the portal."""
    return {
        model._meta.label: model._default_manager.count()
        for app in APPS
        for model in apps.get_app_config(app).get_models()
    }
