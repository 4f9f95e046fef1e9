"""Every address, method and role with rubbish in every key: any answer but an error page."""

import random

import pytest
from django.http import QueryDict
from django.urls import reverse

from tests.admin.conftest import url
from tests.admin.test_admin_rights import KEEP, RIGHTS
from tests.attacks.conftest import Realm
from tests.attacks.test_url_matrix import FORMS, WORKBENCH, arguments

VALUES = [
    "", " ", "\x00", "甲\x00乙", "abc", "-1", "0", "1", "1.5", "1e9", "9" * 30, "9" * 5000, "٣", "²", "１２", "None", "true", "on",
    "pass", "return", "not_registered", "dissatisfied", "suggestion", "lead", "2026-02-30", "0001-01-01", "9999-12-31", "1900-01-01",
    "2026-03-05", "<script>alert(1)</script>", "'; DROP TABLE x; --", "%s%d{}{0}{a.b}", "../../etc/passwd", "𠀀𪚥", "👨‍👩‍👧‍👦", "\u202e", "\ufeff",
    "\ufdfa" * 60, "\u337f" * 100, "买" * 100, "买" * 500, "长" * 10_000, "a" * 100_000, "\r\nX: 1", "[]", '{"a": 1}', "\ud7ff", "=1+1",
    "00000000-0000-0000-0000-000000000000",
]  # fmt: skip
KEYS = [
    "version", "request_key", "title", "body", "form", "category", "suggested_unit", "disclosure", "outcome", "reason", "save",
    "not_registered_reason", "lead", "assisting", "due_on", "contacted_on", "way", "summary", "replied_on", "document_no",
    "attitude", "result", "opinion", "text", "next", "q", "view", "sort", "page", "size", "stage", "year", "unit", "act", "show", "part",
    "delegation", "token", "marked", "apply", "congress", "file", "login", "password", "o", "p", "e", "all", "_popup", "_to_field",
    "_changelist_filters", "status__exact", "term__id__exact", "step", "group", "app_label", "model_name", "field_name", "term",
]  # fmt: skip


def rubbish(chance: random.Random, keys: list[str] = KEYS) -> str:
    """Return a form with a value for most keys; some come twice."""
    data = QueryDict(mutable=True)
    for key in keys:
        for _ in range(chance.choice([0, 1, 1, 1, 2])):
            data.appendlist(key, chance.choice(VALUES))
    return data.urlencode()


def addresses(realm: Realm) -> list[str]:
    found = [reverse(line[0], args=arguments(realm, line[1])) for line in WORKBENCH if line[0] != "healthz"]
    return list(
        dict.fromkeys(
            [*found, "/accounts/login/", "/accounts/reauthenticate/", "/accounts/password/change/", "/large-type/"]
        )
    )


@pytest.mark.parametrize("role", ["staff", "unit", "deputy"])
def test_workbench_takes_anything(realm: Realm, role: str) -> None:
    client, chance, failed = realm.client(role), random.Random(role), []
    for address in addresses(realm):
        text, form = rubbish(chance), "application/x-www-form-urlencoded"
        answers = {
            "GET": client.get(f"{address}?{rubbish(chance, chance.sample(KEYS, 8))[:8000]}"),
            "POST": client.post(address, text, content_type=form),
        }
        # How a body is read does not depend on who sends it.
        if role == "deputy":
            answers |= {
                "empty POST": client.post(address, "", content_type=form),
                "JSON": client.post(address, '{"version": [1, {}]}', content_type="application/json"),
                "half a multipart": client.post(
                    address,
                    b"--x\r\nContent-Disposition: form-data; name=",
                    content_type="multipart/form-data; boundary=x",
                ),
                "odd charset": client.post(address, text, content_type=f"{form}; charset=utf-16"),
                "PUT": client.put(address, text),
                "DELETE": client.delete(address),
                "OPTIONS": client.options(address),
                "HEAD": client.head(address),
            }
        failed += [(method, address, text[:200]) for method, answer in answers.items() if answer.status_code >= 500]
    assert failed == []


@pytest.mark.parametrize("role", ["staff", "administrator"])
def test_admin_takes_anything(realm: Realm, role: str) -> None:
    client, chance, failed = realm.client(role), random.Random(role), []
    column = {"staff": 0, "administrator": 2}[role]
    for model in [model for model, line in RIGHTS.items() if line[column] == KEEP]:
        own = realm.registers.own[model]
        fields = [field.name for field in model._meta.get_fields() if not field.auto_created] + ["birth"]
        prefixes = ["memberships", "aliases", "seats", "sessions", "members", "group_memberships", "steps", "outcomes"]
        inline = [f"{prefix}-{key}" for prefix in prefixes for key in (
            "0-id", "0-role", "0-congress", "0-unit", "0-alias", "0-term", "0-delegation", "0-started_on", "0-seat", "0-group", "0-office", "0-name",
        )]  # fmt: skip
        counts = "&".join(
            f"{prefix}-TOTAL_FORMS=1&{prefix}-INITIAL_FORMS={chance.choice([0, 0, 1])}" for prefix in prefixes
        )
        for address in (url(model, "add"), url(model, "change", own.pk)):
            for _ in range(2):
                text = f"{rubbish(chance, fields + inline)}&{counts}"
                answer = client.post(address, text, content_type="application/x-www-form-urlencoded")
                if answer.status_code >= 500:
                    failed.append((address, text[:300]))
        read = [url(model, "changelist"), url(model, "delete", own.pk)]
        failed += [address for address in read if client.get(f"{address}?{rubbish(chance)[:6000]}").status_code >= 500]
    form = "application/x-www-form-urlencoded"
    for name in FORMS:
        answer = client.post(reverse(f"admin:{name}"), rubbish(chance), content_type=form)
        failed += [name] if answer.status_code >= 500 else []
    assert failed == []
