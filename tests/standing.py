"""Rows that many tests start from are written once: they stand in a transaction that is never committed.

A layer is what one function writes, given what the layers below it are: the registers stand on the world. Each test
works in a savepoint above the layers that it asks for, on copies of their objects. A test that asks for none, or that
commits, finds none.
"""

import copy
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

# What writes a layer, and the names of it and of all below it, the lowest first.
BUILDERS: dict[str, Callable[..., Any]] = {}
CHAINS: dict[str, tuple[str, ...]] = {}


class Standing:
    """The layers that stand now, each in a savepoint above the one before."""

    def __init__(self) -> None:
        self.savepoints: list[transaction.Atomic] = []
        self.values: dict[str, Any] = {}
        self.copies: dict[str, Any] | None = None

    def only(self, chain: tuple[str, ...]) -> None:
        """Take away what is not in the chain, and write what is missing."""
        self.copies = None
        # A test that lost the connection has lost all layers.
        while self.values and (connection.closed_in_transaction or tuple(self.values) != chain[: len(self.values)]):
            self.values.popitem()
            transaction.set_rollback(True)
            self.savepoints.pop().__exit__(None, None, None)
        for name in chain[len(self.values) :]:
            savepoint = transaction.atomic()
            savepoint.__enter__()
            self.savepoints.append(savepoint)
            self.values[name] = None
            self.values[name] = BUILDERS[name](*[self.values[below] for below in parameters(name)])
            # Otherwise each test would check the foreign keys of all layers once more.
            connection.check_constraints()

    def copy(self, name: str) -> Any:
        """What the layer is, for this test alone; layers share their objects as the originals do."""
        if self.copies is None:
            self.copies = copy.deepcopy(self.values)
        return self.copies[name]


STANDING = Standing()


def parameters(name: str) -> list[str]:
    """The layers that the builder of a layer asks for."""
    return list(inspect.signature(BUILDERS[name]).parameters)


def standing(name: str, build: Callable[..., Any]) -> Any:
    """Make a fixture of this name: what `build` writes, given the layers that its parameters name, the highest last."""
    BUILDERS[name] = build
    CHAINS[name] = (*[layer for below in parameters(name)[-1:] for layer in CHAINS[below]], name)

    @pytest.fixture(name=name)
    def fixture(db: None, request: pytest.FixtureRequest) -> Any:
        if name in STANDING.values:
            return STANDING.copy(name)
        return build(*[request.getfixturevalue(below) for below in parameters(name)])

    return fixture


def chain_of(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The layers that are to stand for a test: none for one that commits."""
    mark = request.node.get_closest_marker("django_db")
    commits = (mark and mark.kwargs.get("transaction")) or {"transactional_db", "live_server"} & {*request.fixturenames}
    asked = [] if commits else [CHAINS[name] for name in request.fixturenames if name in CHAINS]
    return max(asked, key=len, default=())
