"""Overseen items put to the vote on the spot: the round, who may begin it, and the way from the item to its result."""

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from casework.services import UnableToAct
from proposals import services
from proposals.models import Proposal
from ratings import services as ratings
from ratings.models import RatingRound
from tests.proposals.oversight.acts import NOW, overseen
from tests.proposals.test_proposal_path import answered, assigned
from tests.world import World


def begun(world: World, *rows: Proposal, **how: object) -> RatingRound:
    fields = {
        "user": world.staff,
        "now": NOW,
        "title": "重点建议评议",
        "held_on": NOW.date(),
        "items": [row.pk for row in rows],
        "is_secret": False,
        "request_key": uuid.uuid4(),
    }
    return services.begin_rating(**(fields | how))


def test_overseen_items_become_the_subjects_of_a_round(world: World) -> None:
    first, second = answered(world), assigned(world, title="关于修路的建议")
    overseen(world, first)
    services.mark_key(
        proposal_id=second.pk, seen_version=None, user=world.staff, now=NOW, meeting="第三次主任会议",
        decided_on=dt.date(2026, 3, 6),
    )  # fmt: skip
    key = uuid.uuid4()
    round_ = begun(world, second, first, request_key=key)
    assert begun(world, second, first, request_key=key) == round_
    assert [(s.name, s.note, s.object_key) for s in round_.subjects.all()] == [
        ("第1号 关于加强校车安全管理的建议", "李春梅代表提出，县教育局承办", f"proposal:{first.pk}"),
        ("第2号 关于修路的建议", "李春梅代表提出，县教育局承办", f"proposal:{second.pk}"),
    ]
    assert (round_.state, round_.is_secret, RatingRound.objects.count()) == ("draft", False, 1)


@pytest.mark.parametrize(
    ("disclosure", "name", "note"),
    [
        ("full", "第1号 关于加强校车安全管理的建议", "李春梅代表提出，县教育局承办"),
        ("title", "第1号 关于加强校车安全管理的建议", "县教育局承办"),
        ("none", "第1号建议（不公开）", "县教育局承办"),
    ],
)
def test_voters_read_no_more_than_is_public(world: World, disclosure: str, name: str, note: str) -> None:
    row = answered(world)
    Proposal.objects.filter(pk=row.pk).update(disclosure=disclosure)
    overseen(world, row)
    round_ = begun(world, row)
    ratings.issue_codes(round_id=round_.pk, user=world.staff, number=3, now=NOW)
    ratings.open_round(round_id=round_.pk, user=world.staff, now=NOW)
    subject = round_.subjects.get()
    assert (subject.name, subject.note, subject.object_key) == (name, note, f"proposal:{row.pk}")
    page = Client().get(reverse("ballot:vote", args=[round_.voters.first().code])).content.decode()
    assert name in page
    assert ("校车" in page, "李春梅" in page) == (disclosure != "none", disclosure == "full")


def test_what_nobody_oversees_is_not_put_to_the_vote_nor_by_anybody_else(world: World) -> None:
    plain, watched = answered(world), assigned(world, title="关于修路的建议")
    overseen(world, watched)
    for how in ({"items": [plain.pk]}, {"items": [plain.pk, watched.pk]}, {"items": []}):
        with pytest.raises(UnableToAct, match="请选择要评议的件"):
            begun(world, **how)
    with pytest.raises(UnableToAct, match="由代表工委发起"):
        begun(world, watched, user=world.leader)
    with pytest.raises(UnableToAct, match="请选择要评议的件"):
        begun(world, watched, user=world.stranger)
    assert RatingRound.objects.count() == 0


def test_the_page_begins_it_and_the_item_leads_to_the_result(world: World) -> None:
    row = answered(world)
    overseen(world, row)
    client = Client()
    client.force_login(world.staff)
    url = reverse("proposals:vote-new")
    assert "第1号 关于加强校车安全管理的建议（县教育局）" in client.get(url).content.decode()
    typed = {"request_key": uuid.uuid4(), "title": "重点建议评议", "held_on": "2026-05-08", "is_secret": "0"}
    refused = client.post(url, typed | {"items": ["x", "1" * 40]})
    assert (refused.status_code, "重点建议评议" in refused.content.decode()) == (422, True)
    assert client.post(url, typed | {"items": [row.pk]}).status_code == 302
    round_ = RatingRound.objects.get()
    ratings.add_voters(round_id=round_.pk, user=world.staff, voters=[world.deputy], now=NOW)
    ratings.open_round(round_id=round_.pk, user=world.staff, now=NOW)
    results = reverse("ratings:results", args=[round_.pk])
    case = row.get_absolute_url()
    assert results not in client.get(case).content.decode()
    ratings.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    assert results in client.get(case).content.decode()
    assert case in client.get(results).content.decode()
    client.force_login(world.gov_office)
    assert results not in client.get(case).content.decode()
