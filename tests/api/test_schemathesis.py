"""Whatever a program sends that the description of the API allows, and much that it does not: no fault of ours (5xx)."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import unquote

import pytest
import requests
import schemathesis
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from accounts.models import User
from accounts.tokens import make_token
from portal.api_pages import description
from tests.attacks.conftest import Realm

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# How many requests are made up for each operation. Staff send all of them, the others take turns.
TRIES = 3
OTHERS = ["unit", "deputy", "anonymous"]
SETTINGS = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


def headers_of(realm: Realm, who: str) -> dict[str, str]:
    """What a program sends to be known, nothing for anybody."""
    if who == "anonymous":
        return {}
    user: User = realm.users[who]
    told = {"name": "试探", "days": 1, "is_read_only": False, "membership": user.memberships.get()}
    return {"Authorization": f"Token {make_token(user=user, now=timezone.now(), **told)[1]}"}


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(description())))
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def aimed(case: Any, number: int, realm: Realm) -> None:
    """Let every other try hit a row that is there, at the version that it has."""
    if number % 2 or "id" not in (case.path_parameters or {}):
        return
    row = (realm.disclosed, realm.draft, realm.under_review, realm.hidden)[number // 2 % 4]
    row.refresh_from_db(fields=["version"])
    case.path_parameters["id"] = row.pk
    if isinstance(case.body, dict):
        case.body["version"] = row.version


# Who asks is decided here.
NOT_KEPT = ("authorization", "cookie", "content-length")


def ask_for(case: Any, client: Client) -> tuple[int, Any]:
    """Send what was made up, as it would go over the wire; return the status and what was sent."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    body = made.body or b""
    body = body.encode() if isinstance(body, str) else body
    address, _, query = made.url.removeprefix("http://testserver").partition("?")
    kind = made.headers.pop("Content-Type", "application/json")
    kept = {name: value for name, value in made.headers.items() if name.lower() not in NOT_KEPT}
    response = client.generic(made.method, unquote(address), body, kind, headers=kept, QUERY_STRING=query)
    return response.status_code, (made.method, made.url, kept, body)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_no_fault_of_ours(realm: Realm, mode: GenerationMode) -> None:
    clients = {who: Client(headers=headers_of(realm, who), raise_request_exception=False) for who in ("staff", *OTHERS)}
    numbers, faults, answers = count(), [], {who: set() for who in clients}
    for operation in operations():

        @seed(20260305)
        @settings(max_examples=TRIES, **SETTINGS)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            number = next(numbers)
            aimed(case, number, realm)
            for who in ("staff", OTHERS[number % len(OTHERS)]):
                status, sent = ask_for(case, clients[who])
                answers[who].add(status)
                if status >= 500:
                    faults.append((who, *sent))

        ask()
    assert faults == []
    # It came as far as the doors, and through them.
    assert answers["anonymous"] <= {401, 404, 405}
    assert {200, 404, 409} <= answers["staff"]
    assert {403, 404} <= answers["unit"]
