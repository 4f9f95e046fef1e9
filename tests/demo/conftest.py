"""The demo county for the tests of this folder."""

from tests.demo.loading import demo  # noqa: F401 - a fixture
