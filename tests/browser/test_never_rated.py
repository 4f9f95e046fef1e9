"""A reply that nobody rates is closed by the rules, and leaves the rate of satisfaction."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from proposals import services
from proposals.models import HandlingRules, Proposal
from tests.browser.conftest import Visitor
from tests.browser.walking import Walker
from tests.factories import at
from tests.proposals.test_proposal_path import answer, answered, assigned
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_nobody_rated_is_closed_and_not_counted(
    county: World, visit: Callable[..., Visitor], live_server: object
) -> None:
    HandlingRules.objects.filter(code="national_2025").update(unrated_close="10D")
    rated, unrated = answered(county, title="关于增加校车的建议"), assigned(county, title="关于修路的建议")
    answer(county, unrated, document_no="云教〔2026〕8号")
    services.rate(
        proposal_id=rated.pk, seen_version=None, user=county.deputy, now=at(2026, 3, 25), attitude="satisfied",
        result="satisfied",
    )  # fmt: skip
    staff = Walker(visit())
    staff.come_in(county.staff, live_server.url)
    staff.open(unrated)
    staff.reads("等待李春梅代表评价", "按未评价办结")
    assert services.close_unrated_by_rule(now=timezone.now()) == 1
    staff.open(unrated)
    staff.reads("已办结：未评价办结", "按规则办结，不计入满意率")
    staff.fits()
    assert Proposal.objects.get(pk=rated.pk).closed_as == "rated"
    figures = {"已答复数": "2", "已评价数": "1", "满意率": "100.0", "未评价办结数": "1"}
    staff.page.goto("/reports/2026/")
    for name, value in figures.items():
        figure = staff.page.get_by_role("link").filter(has=staff.page.get_by_text(name, exact=True))
        expect(figure).to_contain_text(value)
    staff.page.get_by_role("link").filter(has=staff.page.get_by_text("已评价数", exact=True)).click()
    staff.reads("关于增加校车的建议")
    staff.reads_not("关于修路的建议")
    staff.fits()
