"""Programs that speak to the API: each with a token of one user of the county."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tokens import make_token
from tests.admin.conftest import registers  # noqa: F401 - a fixture
from tests.attacks.conftest import realm  # noqa: F401 - a fixture
from tests.world import World, world  # noqa: F401 - a fixture

ROOT = "/api/v1/"


class Program(Client):
    """A program that sends and reads JSON."""

    def __init__(self, token: str = "", **options: Any) -> None:
        headers = {"Authorization": f"Token {token}"} if token else {}
        super().__init__(headers=headers, raise_request_exception=True, **options)

    def read(self, address: str, **query: Any) -> Any:
        """What an address answers, which must be 200."""
        answer = self.get(ROOT + address, query)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def send(self, address: str, data: Any = None, **headers: str) -> Any:
        """The answer to a POST."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.post(
            ROOT + address, data={} if data is None else data, content_type="application/json", headers=named
        )

    def done(self, address: str, data: Any = None, **headers: str) -> Any:
        """What a POST answers, which must be good."""
        answer = self.send(address, data, **headers)
        assert answer.status_code in (200, 201), answer.content.decode()
        return answer.json()


def program(user: User, **told: Any) -> Program:
    """A program with a new token of a user."""
    told = {"name": "测试系统", "days": 30, "is_read_only": False} | told
    told.setdefault("membership", user.memberships.first())
    return Program(make_token(user=user, now=timezone.now(), **told)[1])


@pytest.fixture
def acting(world: World) -> Callable[[str], Program]:  # noqa: F811
    """Gives a program for a user of the world, by the name that he has there."""
    return lambda who: program(getattr(world, who))
