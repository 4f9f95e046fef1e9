"""Two clerks at one class: the names of both are kept, never more than attended, and nothing rises from the dead.

The last fails when ``select_for_update`` is taken out of ``training.services._lock``; the first, when who attends is read
before the class's row is held.
"""

import copy
from functools import partial

import pytest
from django.db import transaction

from tests.concurrently import beside, somebody_waits, until
from tests.training.classes import NOW, held, ledger
from tests.world import World, build_world
from training.models import Attendance, TrainingClass
from training.services import UnableToSaveClass, delete_class, save_class

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


@pytest.mark.parametrize("attended", [2, 1])
def test_names_added_at_once_are_both_kept_unless_they_are_too_many(county: World, attended: int) -> None:
    row = held(county, attended=attended)
    late = partial(save_class, training_class=copy.copy(row), user=county.staff, now=NOW, joining=[county.other_seat])
    with beside() as start:
        with transaction.atomic():
            save_class(training_class=row, user=county.staff, now=NOW, joining=[county.seat])
            second = start(late)
            until(somebody_waits, what="the second clerk at the lock")
        refusal = second.exception(timeout=60)
    names = {line[0] for line in ledger()}
    if attended == 2:
        assert refusal is None
        assert names == {"李春梅", "阿卜杜拉·买买提"}
    else:
        assert isinstance(refusal, UnableToSaveClass)
        assert names == {"李春梅"}
    assert Attendance.objects.count() == attended


def test_a_class_deleted_meanwhile_is_not_saved_again(county: World) -> None:
    row = held(county, county.seat)
    late = partial(save_class, training_class=copy.copy(row), user=county.staff, now=NOW, joining=[county.other_seat])
    with beside() as start:
        with transaction.atomic():
            delete_class(training_class=row, user=county.staff, now=NOW)
            second = start(late)
            until(somebody_waits, what="the second clerk at the lock")
        refusal = second.exception(timeout=60)
    assert isinstance(refusal, UnableToSaveClass)
    assert "刚刚被别人删除" in str(refusal)
    assert (TrainingClass.objects.count(), ledger()) == (0, [])
