# ruff: noqa: F401
from tests.forms.samples import stocked
from tests.world import world
