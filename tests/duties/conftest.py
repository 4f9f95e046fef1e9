# ruff: noqa: F401
import pytest

from tests.duties.groups import Circle, build_circle
from tests.world import World, world


@pytest.fixture
def circle(world: World) -> Circle:  # noqa: F811
    return build_circle(world)
