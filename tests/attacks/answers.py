"""What a request that would write is answered, in one letter; and how a line of the matrix is asked."""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from tests.attacks.conftest import Browser
from tests.attacks.stages import Stages
from tests.attacks.test_url_matrix import ROLES, arguments
from tests.attacks.watching import Traces, watched

WHO = [*ROLES, "anonymous"]
DOORS = ("/accounts/login/", "/admin/login/")
REFUSALS = {404: ".", 403: "x", 405: "m", 401: "?", 409: "C", 422: "F", 400: "F", 429: "T"}
# What nobody may read in the answer to somebody who has nothing to do with it.
OURS, THEIRS = ("机密", "云溪"), ("机密", "石桥", "13911112222")

NAMED = re.compile(r"{([^}]*)}")
# Rows of the world that bodies name.
PEOPLE_AND_UNITS = {
    "other_seat": "other_seat", "police_unit": "police", "foreign_unit": "foreign_unit", "own_staff": "staff",
}  # fmt: skip

Body = dict[str, Any] | Callable[[Stages], dict[str, Any]]


@dataclass(frozen=True)
class Line:
    """``name`` with the ``rows`` of its address is sent ``body``; ``cells`` is a letter for each of ``WHO``.

    ``method`` is POST where nothing is said; ``is_json`` for the API; ``proved`` for sessions as ``Stages.proved`` has.
    """

    name: str
    rows: str
    body: Any
    cells: str
    method: str = "POST"
    is_json: bool = False
    query: str = ""
    proved: bool = False

    @property
    def letters(self) -> str:
        return self.cells.replace(" ", "")

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.rows}"


def filled(stages: Stages, value: Any) -> Any:
    """What stands for a row becomes its key: ``@own Unit``; ``@today`` is a day."""
    if isinstance(value, dict):
        return {filled(stages, key): filled(stages, one) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(stages, one) for one in value]
    if isinstance(value, str) and value.startswith("@"):
        return key_of(stages, value[1:])
    if isinstance(value, str):
        return NAMED.sub(lambda found: str(key_of(stages, found[1])), value)
    return value() if callable(value) else value


def key_of(stages: Stages, name: str) -> Any:
    """The key of a row by its name in the realm or among the stages."""
    if name == "today":
        return timezone.localdate().isoformat()
    if name.startswith("in "):
        return (timezone.localdate() + dt.timedelta(days=int(name.split()[1]))).isoformat()
    if name in PEOPLE_AND_UNITS:
        return getattr(stages.realm.world, PEOPLE_AND_UNITS[name]).pk
    if name in stages.rows:
        return getattr(stages.rows[name], "pk", stages.rows[name])
    if name.startswith("version of "):
        return row_of(stages, name.removeprefix("version of ")).version
    return arguments(stages.realm, name)[0]


def row_of(stages: Stages, name: str) -> Any:
    return stages.rows.get(name) or getattr(stages.realm, name, None)


def asked(stages: Stages, line: Line, who: str) -> tuple[str, list[str]]:
    """Send a line as somebody; return the letter of the answer and what is wrong with it whatever the letter."""
    address = reverse(line.name, args=[key_of(stages, name) for name in line.rows.split(",") if name])
    address += filled(stages, line.query)
    body = line.body(stages) if callable(line.body) else filled(stages, line.body)
    return asked_at(stages, address, body, who, method=line.method, is_json=line.is_json, proved=line.proved)


def asked_at(
    stages: Stages,
    address: str,
    body: Any,
    who: str,
    *,
    method: str = "POST",
    is_json: bool = False,
    proved: bool = False,
) -> tuple[str, list[str]]:
    """The same for an address and what is sent there."""
    client = stages.client(who, proved=proved)
    with watched() as traces:
        response = send(client, method, address, body, is_json=is_json)
    letter = letter_of(response, traces)
    return letter, [*told_too_much(response, letter, who), *left_behind(letter, traces)]


def send(client: Browser, method: str, address: str, body: Any, *, is_json: bool) -> HttpResponse:
    if is_json:
        return client.generic(method, address, json.dumps(body), content_type="application/json")
    if method == "POST":
        return client.post(address, {name: "on" if value is True else value for name, value in body.items()})
    return client.generic(method, address, "")


def letter_of(response: HttpResponse, traces: Traces) -> str:
    """W: done. o: answered, K: and kept a file for the next step, R: led elsewhere, L: to the log-in; the others are refusals, see REFUSALS."""
    if response.status_code in REFUSALS:
        return REFUSALS[response.status_code]
    if response.status_code >= 400:
        return "!"
    if traces.tables:
        return "W"
    if response.status_code == 302:
        return "L" if response["Location"].startswith(DOORS) else "R"
    return "K" if traces.files else "o"


def left_behind(letter: str, traces: Traces) -> list[str]:
    """What only something that was done may leave."""
    if letter == "W" or not traces or (letter == "K" and not traces.sent):
        return []
    return [f"{letter}, but {traces}"]


def told_too_much(response: HttpResponse, letter: str, who: str) -> list[str]:
    """Words of rows in the answer to somebody who does not see them."""
    if letter not in ".xm?LT":
        return []
    text = getattr(response, "downloaded", None) or response.content
    shown = text.decode(errors="replace")
    return [f"{letter} tells {sign}" for sign in (OURS if who == "stranger" else THEIRS) if sign in shown]
