"""Entries of the audit trail in words: tables, columns and values as the office knows them."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.registers import NOTHING, cell_of
from audit.models import Entry, Kind, Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_KEPT = "（有内容，审计不保存）"
# Tables of libraries that speak English, and what their rows are called by.
TABLES = {"mfa_authenticator": "二次验证"}
LABELS = {"totp": "验证器", "webauthn": "通行密钥", "recovery_codes": "备用码"}
DETAILS = {
    "rows": "条数",
    "what": "内容",
    "status": "答复代码",
    "page": "页面代号",
    "number": "序号",
    "digest": "摘要",
    "before": "早于",
}


@cache
def models_by_table() -> dict[str, type[models.Model]]:
    """Return the models by the names of their tables."""
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001


def table_in_words(table: str) -> str:
    """Return what the rows of a table are called; its own name where it is no longer known."""
    model = models_by_table().get(table)
    return TABLES.get(table) or (str(model._meta.verbose_name) if model else table)  # noqa: SLF001


def act_in_words(entry: Entry) -> str:
    """Return what was done: 修改人员, 登录, 导出打印."""
    if entry.kind in (Kind.CHANGE, Kind.GRANT):
        return f"{Operation(entry.operation).label}{table_in_words(entry.object_table)}"
    return entry.get_kind_display()


def object_in_words(entry: Entry) -> str:
    """Return what it was done to: a row by its name and key, an export with its rows, a page that was refused."""
    details = entry.details or {}
    if entry.kind == Kind.EXPORT:
        rows = details.get("rows")
        return f"{entry.object_label}（{rows} 条）" if rows is not None else entry.object_label
    if entry.kind == Kind.REFUSAL:
        return f"{entry.method} {entry.path}（{details.get('status', '')}）"
    if entry.object_table in TABLES:
        return f"{LABELS.get(entry.object_label, entry.object_label)}（编号 {entry.object_key}）"
    if entry.object_table and entry.kind != Kind.ACT:
        return f"{entry.object_label}（编号 {entry.object_key}）" if entry.object_label else f"编号 {entry.object_key}"
    return entry.object_label


def changes_in_words(entry: Entry) -> Sequence[tuple[str, str, str]]:
    """Return column by column what stood there before and what after."""
    before, after = entry.before or {}, entry.after or {}
    fields = _fields(entry.object_table)
    names = [name for name in fields if name in before or name in after]
    names += sorted((before.keys() | after.keys()) - set(names))
    return [
        (_label(fields.get(name), name), *(_value(fields.get(name), row.get(name)) for row in (before, after)))
        for name in names
    ]


def details_in_words(entry: Entry) -> str:
    """Return what else an entry says."""
    return "，".join(f"{DETAILS.get(name, name)}：{value}" for name, value in (entry.details or {}).items())


def _fields(table: str) -> dict[str, models.Field]:
    model = models_by_table().get(table)
    return {field.column: field for field in model._meta.local_concrete_fields} if model else {}  # noqa: SLF001


def _label(field: models.Field | None, name: str) -> str:
    if field is None:
        return name
    return "编号" if field.primary_key and not field.remote_field else str(field.verbose_name)


def _value(field: models.Field | None, value: Any) -> str:
    if value == Entry.HIDDEN:
        return NOT_KEPT
    if field is not None and field.remote_field and value is not None:
        return f"编号 {value}"
    if isinstance(field, models.DateTimeField) and isinstance(value, str) and (moment := parse_datetime(value)):
        return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dict | list):
        return str(value) if value else NOTHING
    return cell_of(value, field).shown


def moment_in_words(moment: dt.datetime) -> str:
    """Return a moment to the second, in the office's time."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"
