"""Search in the list: numbers, words of two signs, text, people, units; and whatever else is typed."""

import pytest
from django.test import Client
from django.urls import reverse

from casework.models import Case
from proposals import services
from proposals.models import CosignatureState, Proposal, SearchText
from proposals.queries import list_rows, search
from tests import factories as make
from tests.factories import at
from tests.proposals.rows import write_proposals
from tests.proposals.test_proposal_pages import as_user
from tests.proposals.test_proposal_path import draft, registered
from tests.world import World


def found(world: World, text: str) -> list[str]:
    return sorted(search(list_rows(world.staff), text).values_list("title", flat=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第12号", ["甲"]),
        ("12号", ["甲"]),
        ("12", ["甲", "乙"]),
        ("１２", ["甲", "乙"]),
        ("第3号", []),
        ("收件3号", ["丙"]),
        ("3", ["丙"]),
        ("收件4号", ["甲"]),
        ("4", []),
        ("0", []),
        ("999999999", []),
        ("9" * 40, []),
    ],
)
def test_number_is_found_as_lists_show_it(world: World, text: str, expected: list[str]) -> None:
    write_proposals(
        world,
        [
            {"title": "甲", "number": 12, "receipt_no": 4},
            {"title": "乙", "body": "增开12路公交。"},
            {"title": "丙", "receipt_no": 3},
        ],
    )
    assert found(world, text) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("停车", ["关于停车的建议", "关于绿化的建议"]),
        ("车", ["关于停车的建议", "关于绿化的建议"]),
        ("议", ["关于停车的建议", "关于绿化的建议"]),
        ("关于停", ["关于停车的建议"]),
        ("停车位不足", ["关于绿化的建议"]),
        ("位停车", []),
        ("建议东片", []),
        ("PM2.5", ["关于绿化的建议"]),
        ("ｐｍ2.5", ["关于绿化的建议"]),
        ("停车 绿化", ["关于绿化的建议"]),
        ("停车　绿化", ["关于绿化的建议"]),
        ("案据里的话", ["关于停车的建议"]),
        ("方案里的话", ["关于停车的建议"]),
    ],
)
def test_words_of_title_and_text(world: World, text: str, expected: list[str]) -> None:
    write_proposals(
        world,
        [
            {"title": "关于停车的建议", "body": "东片车多。", "grounds": "案据里的话", "plan": "方案里的话"},
            {"title": "关于绿化的建议", "body": "东片树少，停\n车位不足，PM2.5高。"},
        ],
    )
    assert found(world, text) == expected


def test_people_and_units_by_name_other_name_and_initials(world: World) -> None:
    row = registered(world)
    services.assign(
        proposal_id=row.pk,
        seen_version=row.version,
        user=world.staff,
        now=at(2026, 3, 4),
        lead=world.education,
        assisting=[world.police],
    )
    row.cosignatures.create(seat=world.other_seat)
    asked = make.SeatFactory(term=world.term, delegation=world.seat.delegation, person__name="王未签")
    row.cosignatures.create(seat=asked, state=CosignatureState.INVITED)
    world.police.aliases.create(congress=world.congress, alias="交警大队")
    for unit, initials in [(world.education, "xjyj"), (world.police, "xgaj"), (world.transport, "xjtj")]:
        type(unit).objects.filter(pk=unit.pk).update(initials=initials)
    for seat, initials in [(world.seat, "lcm"), (world.other_seat, "abdl")]:
        type(seat.person).objects.filter(pk=seat.person_id).update(initials=initials)
    write_proposals(world, [{"title": "别的", "lead": asked}])
    for text in ["李春梅", "lcm", "LC", "买买提", "abd", "教育局", "jyj", "公安", "交警大队", "李春梅 教育局 第1号"]:
        assert found(world, text) == [row.title], text
    for text in ["交通运输局", "jtj", "cm", "李春梅 交通运输局"]:
        assert found(world, text) == [], text
    assert found(world, "王未签") == ["别的"]


@pytest.mark.parametrize(
    "text",
    ["\x00", "%", "_", "\\", "'", '"', "';--", "&|!()", ":*", "长" * 10_000, "𠀀𠀁", "😀👨‍👩‍👧", "。", "，，，", " ", "　",
     "²", "第号", "第" + "9" * 9 + "号", "收件", "{}", "{a,b}", "NULL", "\u202e反", "a" * 10_000],
)  # fmt: skip
def test_whatever_is_typed_is_answered(world: World, text: str) -> None:
    write_proposals(world, [{"title": "关于%_\\'\"{},NULL😀。的建议", "body": "，，，"}])
    client = as_user(world.staff)
    for name in ["list", "export", "print"]:
        answer = client.get(reverse(f"proposals:{name}"), {"q": text})
        assert b"".join(answer)
        assert answer.status_code == 200, name


@pytest.mark.parametrize("text", ["%_\\", "\\'\"", "{},", "😀", "。", "NULL😀", ",null"])
def test_signs_that_mean_something_elsewhere_are_found_as_they_are(world: World, text: str) -> None:
    write_proposals(world, [{"title": "关于%_\\'\"{},NULL😀。的建议"}, {"title": "关于绿化的建议"}])
    assert found(world, text) == ["关于%_\\'\"{},NULL😀。的建议"]


def test_database_keeps_the_words_whoever_writes(world: World) -> None:
    row = draft(world, title="关于旧题的建议")
    assert SearchText.objects.get().title_key == "旧题"
    Case.objects.filter(pk=row.pk).update(title="关于新题的建议")
    Proposal.objects.filter(pk=row.pk).update(body="新的 正文")
    assert SearchText.objects.values_list("title_key", "text").get() == ("新题", "关于新题的建议\n新的正文\n\n\n")
    row.refresh_from_db()
    row.title = "关于水利的建议"
    row.save()
    assert SearchText.objects.get().title_key == "水利"
    copies = write_proposals(world, [{"title": "第二"}, {"title": "第三"}])
    assert SearchText.objects.count() == 3
    copies[0].delete()
    assert set(SearchText.objects.values_list("title_key", flat=True)) == {"水利", "第三"}


def test_search_finds_nothing_hidden(world: World) -> None:
    draft(world, title="关于秘密草稿的建议")
    write_proposals(world, [{"title": "关于秘密一事的建议", "disclosure": "none", "number": 7}])
    assert found(world, "秘密") == ["关于秘密一事的建议"]
    for user in [world.other_deputy, world.unit_user, world.stranger]:
        for text in ["秘密", "第7号", "李春梅"]:
            assert not search(list_rows(user), text).exists()


def test_anonymous_and_people_without_a_role_get_no_list(world: World) -> None:
    nobody = make.UserFactory()
    nobody.memberships.all().delete()
    for name in ["list", "export", "print"]:
        assert Client().get(reverse(f"proposals:{name}")).status_code == 302
        assert as_user(nobody).get(reverse(f"proposals:{name}")).status_code == 404
