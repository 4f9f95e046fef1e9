"""The description of the API as its page shows it. Pure: reads OpenAPI and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post")
TYPES = {"string": "文字", "integer": "整数", "number": "数字", "boolean": "是或否", "array": "列表", "object": "对象"}
FORMATS = {"date": "日期", "date-time": "时间", "uuid": "UUID"}
PLACES = {"query": "地址参数", "path": "地址", "header": "请求头"}
SAMPLES = {"integer": 1, "boolean": True, "number": 1.5, "array": [1]}
DAY = "2026-03-05"
# Beyond this many values a cell would be longer than its page.
SHOWN_VALUES = 12
# A value with its name, as the library lists them in a description.
VALUE = re.compile(r"\* `([^`]*)` - (.*)")
REFUSALS = [
    ("400", "提交的内容不是正确的 JSON，字段名称或者类型不对，版本缺少或者不是整数"),
    ("401", "没有登录，令牌到期、撤销，或者令牌的任职身份已取消"),
    ("403", "您的身份不能使用，或者令牌只能读取"),
    ("404", "没有这条记录，或者您看不到它"),
    ("409", "现在不能办，detail 写明原因；或者 version 已旧"),
    ("412", "If-Match 的版本已旧，请重新读取后再办"),
    ("422", "内容不合要求，按字段写明；Idempotency-Key 已用于另一个请求的，也是 422"),
    ("429", "请求过于频繁，Retry-After 写明几秒后再试"),
]


@dataclass(frozen=True)
class Told:
    """One field or parameter: its name, where it stands, what kind of value it is, what it means."""

    name: str
    kind: str
    words: str
    place: str = ""
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One address with one method."""

    key: str
    method: str
    path: str
    title: str
    words: str
    parameters: list[Told]
    sent: list[Told]
    answered: list[Told]
    status: str
    curl: str


@dataclass(frozen=True)
class Chapter:
    """The operations on one kind of thing."""

    key: str
    title: str
    operations: list[Operation]


def chapters(api: dict[str, Any]) -> list[Chapter]:
    """Return everything that the description tells, proposals first, then in the order of the addresses."""
    found: dict[str, list[Operation]] = {}
    for path, methods in api["paths"].items():
        name = path.split("/")[3]
        for method in METHODS:
            if method in methods:
                found.setdefault(name, []).append(_operation(api, path, method, methods[method]))
    names = sorted(found, key=lambda name: name != "proposals")
    return [Chapter(name, _title(name, found[name]), found[name]) for name in names]


def _title(name: str, operations: list[Operation]) -> str:
    return "建议议案" if name == "proposals" else operations[0].title.removesuffix("列表")


def _operation(api: dict[str, Any], path: str, method: str, told: dict[str, Any]) -> Operation:
    sent = _content(api, told.get("requestBody", {}))
    status, answer = next(iter(sorted(told["responses"].items())))
    return Operation(
        key=told["operationId"],
        method=method.upper(),
        path=path,
        title=told.get("summary", ""),
        words=told.get("description", ""),
        parameters=[_parameter(api, one) for one in told.get("parameters", [])],
        sent=list(_fields(api, sent, required=sent.get("required", ()))),
        answered=list(_fields(api, _content(api, answer))),
        status=status,
        curl=_curl(path, method, _sample(api, sent)),
    )


def _parameter(api: dict[str, Any], one: dict[str, Any]) -> Told:
    words = one.get("description") or ("记录的 id" if one["in"] == "path" else "")
    schema = _resolved(api, one["schema"])
    # What is part of the address is always there.
    required = one.get("required", False) and one["in"] != "path"
    return Told(one["name"], _kind(api, schema), _words(schema, words), PLACES[one["in"]], required)


def _content(api: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    media = part.get("content", {}).get("application/json", {})
    return _resolved(api, media.get("schema", {}))


def _resolved(api: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema itself in the place of what leads to it."""
    for name in ("allOf", "oneOf", "anyOf"):
        if name in schema:
            whole: dict[str, Any] = {key: value for key, value in schema.items() if key != name}
            for part in schema[name]:
                found = _resolved(api, part)
                whole = {**found, **whole, "properties": found.get("properties", {}) | whole.get("properties", {})}
            return whole
    while "$ref" in schema:
        schema = _resolved(api, api["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return schema


def _fields(api: dict[str, Any], schema: dict[str, Any], *, required: Collection[str] = ()) -> Iterator[Told]:
    """Yield what an object holds; of a page of rows, what a row holds."""
    known = schema.get("properties", {})
    if "results" in known:
        known = _resolved(api, _resolved(api, known["results"])["items"]).get("properties", {})
    for name, one in known.items():
        inner = _resolved(api, one)
        words = _words(inner, one.get("description") or inner.get("title", ""))
        yield Told(name, _kind(api, inner), words, required=name in required)


def _kind(api: dict[str, Any], schema: dict[str, Any]) -> str:
    kind = FORMATS.get(schema.get("format", "")) or TYPES.get(schema.get("type", ""), "文字")
    if kind == "列表" and "items" in schema:
        return f"{TYPES.get(_resolved(api, schema['items']).get('type', ''), '文字')}的列表"
    return kind


def _words(schema: dict[str, Any], words: str) -> str:
    """Return what a field means, with the values that it may have."""
    words = "" if VALUE.search(words) and "\n" not in words.strip() else VALUE.split(words)[0].strip()
    values = [f"{value} {label}" for value, label in VALUE.findall(schema.get("description", ""))]
    values = values or [str(value) for value in schema.get("enum", ()) if value not in ("", None)]
    if not values or words.count("；") > 1:
        return words
    shown = "；".join(values[:SHOWN_VALUES]) + ("……" if len(values) > SHOWN_VALUES else "")
    return f"{words.rstrip('。：')}：{shown}" if words else shown


def _sample(api: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return an example of what is sent: the fields that are needed, or the first few."""
    known = {name: _resolved(api, one) for name, one in schema.get("properties", {}).items() if name != "request_key"}
    needed = [name for name in schema.get("required", ()) if name in known] or list(known)[:3]
    return {name: _value(known[name]) for name in needed}


def _value(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return next(value for value in schema["enum"] if value not in ("", None))
    if schema.get("format") == "date":
        return DAY
    return SAMPLES.get(schema.get("type", ""), "……")


def _curl(path: str, method: str, sample: dict[str, Any]) -> str:
    address = path.replace("{id}", "12")
    lines = ['curl -H "Authorization: Token $TOKEN"']
    if method == "post":
        lines.append('-H "Content-Type: application/json" -H "Idempotency-Key: 20260305-0001"')
        lines.append(f"-d '{json.dumps(sample, ensure_ascii=False)}'")
    lines.append(f'"$PORTAL{address}"')
    return " \\\n  ".join(lines)
