"""Two people at once in the procedures. Both fail without the lock in ``procedures.changing._lock_all``."""

from functools import partial

import pytest

from casework.models import Procedure
from casework.procedures import UnableToChangeProcedure, activate, copy_procedure
from tests import factories as make
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


def copy(county: World, source: Procedure, name: str | None) -> Procedure:
    return copy_procedure(procedure=source, user=county.staff, as_new_name=name)


def test_activated_once(county: World) -> None:
    shipped = Procedure.objects.get(code="standard5", version=1)
    first = copy(county, shipped, "本县五步法")
    assert activate(procedure=first, user=county.staff) is None
    second = copy(county, first, None)
    colleague = make.UserFactory(name="王建国", role="staff", role__congress=county.congress)
    results = at_once(*[partial(activate, procedure=second, user=user) for user in (county.staff, colleague)] * 2)
    refused = [str(result) for result in results if isinstance(result, UnableToChangeProcedure)]
    assert (results.count(first), refused) == (1, [f"「{second}」已经启用。"] * 3), results
    in_force = Procedure.objects.filter(code=first.code, is_active=True)
    assert list(in_force.values_list("version", flat=True)) == [2]


def test_copies_made_at_once_have_codes_of_their_own(county: World) -> None:
    shipped = Procedure.objects.get(code="standard5", version=1)
    results = at_once(*[partial(copy, county, shipped, f"程序{sign}") for sign in "甲家加佳"])
    assert len({result.code for result in results if isinstance(result, Procedure)}) == 4, results
