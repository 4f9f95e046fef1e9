"""The contact log in its three phases."""

import datetime as dt
import re

import pytest
from time_machine import travel

from casework.services import UnableToAct
from proposals import services
from proposals.abilities import abilities
from proposals.models import Contact, Proposal
from tests.factories import at
from tests.proposals.handing import acknowledged, given, said, waiting
from tests.proposals.replying import TODAY, page, ready, reply_as, send, talked
from tests.world import World

LATER = at(2026, 3, 25)


def note(user: object, row: Proposal, *, on: dt.date, phase: str, **how: object) -> Contact:
    fields = {"seen_version": None, "now": LATER, "way": "phone", "summary": "已通话。"} | how
    return services.record_contact(proposal_id=row.pk, user=user, contacted_on=on, phase=phase, **fields)


def replied(world: World, number: int = 1) -> Proposal:
    row = given(world, waiting(world, number), assisting=[world.police])
    acknowledged(row, world.unit_user, world.police_user)
    talked(row, world.unit_user)
    reply_as(world.unit_user, row, world)
    return Proposal.objects.get(pk=row.pk)


def test_every_unit_notes_contacts_before_and_after_the_reply(world: World) -> None:
    row = replied(world)
    note(world.unit_user, row, on=dt.date(2026, 3, 20), phase="after")
    note(world.police_user, row, on=dt.date(2026, 3, 24), phase="after")
    note(world.police_user, row, on=dt.date(2026, 3, 20), phase="before")
    found = Contact.objects.order_by("pk").values_list("phase", "assignment__unit__name")
    assert list(found) == [
        ("during", "县教育局"), ("after", "县教育局"), ("after", "县公安局"), ("before", "县公安局"),
    ]  # fmt: skip
    assert said(row) == "周强（县公安局）于2026年3月20日联系代表（办理前对接，电话联系）：已通话。"


@pytest.mark.parametrize(
    ("on", "phase", "why"),
    [
        (dt.date(2026, 3, 26), "after", "不能晚于今天"),
        (dt.date(2026, 2, 19), "before", "不能早于提出日期（2026年2月20日）"),
        (dt.date(2026, 3, 19), "after", "“办理后交流”的日期不能早于答复日期（2026年3月20日）"),
        (dt.date(2026, 3, 21), "during", "答复以后的联系请选择“办理后交流”"),
        (dt.date(2026, 3, 21), "before", "“办理前对接”的日期不能晚于答复日期"),
    ],
)
def test_dates_fit_their_phase(world: World, on: dt.date, phase: str, why: str) -> None:
    row = replied(world)
    with pytest.raises(UnableToAct, match=why):
        note(world.unit_user, row, on=on, phase=phase)
    assert Contact.objects.count() == 1


def test_nothing_is_after_a_reply_that_was_not_given(world: World) -> None:
    row = ready(world)
    with pytest.raises(UnableToAct, match="还没有答复代表，不能登记“办理后交流”"):
        note(world.unit_user, row, on=dt.date(2026, 3, 20), phase="after")


def test_not_before_acknowledging_nor_after_closing(world: World) -> None:
    row = given(world, waiting(world))
    with pytest.raises(UnableToAct, match="请先签收"):
        note(world.unit_user, row, on=dt.date(2026, 3, 20), phase="before")
    row = replied(world, 2)
    services.rate(
        proposal_id=row.pk, seen_version=None, user=world.deputy, now=LATER, attitude="satisfied", result="satisfied"
    )
    assert "contact" not in abilities(world.unit_user, Proposal.objects.get(pk=row.pk))


def test_form_offers_the_likely_phase(world: World) -> None:
    def offered(row: Proposal) -> list[str]:
        return re.findall(r'name="phase" value="(\w+)"[^>]* checked', page(world.unit_user, "contact", row))

    with travel(LATER):
        row = given(world, waiting(world))
        acknowledged(row, world.unit_user)
        assert offered(row) == ["before"]
        talked(row, world.unit_user)
        assert offered(row) == ["during"]
        reply_as(world.unit_user, row, world)
        assert offered(row) == ["after"]


def test_bad_input_is_answered_in_words_and_kept(world: World) -> None:
    row = ready(world)
    bad = {
        "phase": ["", "later", "\0"],
        "contacted_on": ["", "昨天", "9999-12-31", "0001-01-01", "\0"],
        "way": ["", "pigeon"],
        "summary": ["", "\0", "字" * 100_000],
    }
    good = {
        "version": row.version,
        "phase": "during",
        "contacted_on": "2026-03-20",
        "way": "visit",
        "summary": "谈了。",
    }
    with travel(TODAY):
        for name, value in [(name, value) for name, values in bad.items() for value in values]:
            answer = send(world.unit_user, "contact", row, **(good | {name: value}))
            assert answer.status_code == 422, (name, value)
            assert name == "summary" or "谈了。" in answer.content.decode(), (name, value)
        assert Contact.objects.count() == 1
        assert [send(world.unit_user, "contact", row, **good).status_code for _ in range(2)] == [302, 302]
    assert Contact.objects.count() == 2
