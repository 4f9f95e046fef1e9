"""Two replies at once. Each test fails when its guard is taken out: the lock of the case, the catch in ``_keep``."""

from functools import partial

import pytest

from casework.services import CaseWasChanged, UnableToAct
from proposals.models import Reply
from tests import factories as make
from tests.proposals.replying import ready, reply_as
from tests.threads import at_once
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(transactional_db: None) -> World:
    return build_world()


def test_two_users_of_one_unit_reply_once(county: World) -> None:
    row = ready(county)
    colleague = make.UserFactory(role="unit", role__congress=county.congress, role__unit=county.education)
    reply = partial(reply_as, row=row, world=county, seen_version=row.version)
    results = at_once(partial(reply, county.unit_user), partial(reply, colleague, document_no="云教〔2026〕8号"))
    refused = [result for result in results if isinstance(result, CaseWasChanged)]
    assert len(refused) == 1, results
    assert "答复代表，文号云教〔2026〕" in str(refused[0])
    assert Reply.objects.count() == 1


def test_one_number_on_two_items_at_once(county: World) -> None:
    rows = [ready(county, number) for number in (1, 2, 3)]
    results = at_once(*[partial(reply_as, county.unit_user, row, county) for row in rows])
    refused = [result for result in results if type(result) is UnableToAct]
    assert len(refused) == 2, results
    assert all("文号「云教〔2026〕7号」本单位已经用过" in str(error) for error in refused)
    assert Reply.objects.count() == 1
