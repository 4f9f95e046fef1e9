# ruff: noqa: F401
from tests.world import world
