"""What was imported in handling can be answered; the real rows of one unit of 2017."""

import datetime as dt

import pytest
from django.core.management import call_command

from accounts.models import Role
from bodies.models import Congress, Unit
from proposals import services
from proposals.models import Proposal, Reply
from tests import factories as make
from tests import real_data
from tests.factories import at
from tests.forms.support import run

UNIT = "市水利局"
NOW = at(2017, 6, 20)


@pytest.mark.django_db
def test_items_in_handling_are_answered_under_a_number_of_their_own() -> None:
    real_data.need_data()
    call_command(
        "setup_congress", "--code", "330282", "--name", "慈溪市", "--level", "县", "--term", "第十七届",
        "--from", "2017-01-01", "--to", "2021-12-31",
    )  # fmt: skip
    city = Congress.objects.get()
    rows = [row for row in real_data.suggestions(corrected=True) if row["主办单位"] == UNIT and not row["协办单位"]]
    waiting = [row for row in rows if not row["答复日期"]][:2]
    answered = [row for row in real_data.suggestions(corrected=True) if row["答复文号"]][:1]
    leads = {row["领衔代表"] for row in [*waiting, *answered]}
    units = {UNIT, *(unit for row in answered for key in ("主办单位", "协办单位") for unit in row[key].split("、"))}
    run("units", *[row for row in real_data.units() if units & {row["单位名称"], row["简称"]}], congress=city)
    run("deputies", *[row for row in real_data.city_deputies() if row["姓名"] in leads], congress=city)
    run("proposals", *waiting, *answered, congress=city)
    unit = Unit.objects.get(congress=city, name=UNIT)
    user = make.UserFactory(role=Role.UNIT, role__congress=city, role__unit=unit)
    number = "慈水〔2017〕8号"
    # The same number as one that was imported: it does not bind.
    Reply.objects.filter(is_imported=True).update(unit=unit, document_no=number)
    first, second = Proposal.objects.filter(step__code="reply").order_by("pk")
    for row, no in ((first, number), (second, "慈水（2017）9号")):
        act = {"proposal_id": row.pk, "seen_version": None, "user": user, "now": NOW}
        services.acknowledge(**act)
        services.record_contact(**act, contacted_on=dt.date(2017, 6, 1), way="phone", summary="已通话。")
        services.reply(
            **act, replied_on=dt.date(2017, 6, 20), document_no=no, body="已安排。",
            outcome=row.lead.term.outcome_categories.get(code="B"), disclosure="full",
        )  # fmt: skip
    assert list(Reply.objects.filter(is_imported=False).order_by("pk").values_list("document_no", flat=True)) == [
        "慈水〔2017〕8号",
        "慈水〔2017〕9号",
    ]
    assert set(Proposal.objects.values_list("step__code", flat=True)) == {"rate"}
