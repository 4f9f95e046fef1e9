"""Similar items: near-duplicates come first, what all titles say makes nothing alike, and nobody finds the hidden."""

import itertools

import pytest

from bench import near_duplicates
from proposals.models import Proposal
from proposals.similar import similar
from tests.proposals.rows import write_proposals
from tests.proposals.test_proposal_path import draft
from tests.world import World

INVENTED = [
    "关于进一步加强校车安全管理的建议",
    "关于切实规范校车安全管理的建议",
    "关于加强校车监管、保障学生上下学安全的建议",
    "关于进一步加强养犬管理的建议",
    "关于加快建设东湖路停车场的建议",
    "关于尽快在东湖路增建公共停车场的议案",
    "关于完善农村饮用水管网的建议",
    "关于改造农村饮水管网的建议",
    "关于加强职业教育的建议",
    "关于加快推进文化产业发展的建议",
    "关于进一步完善社区食堂建设的建议",
]


def found(world: World, row: Proposal, **more: object) -> list[str]:
    return [
        one.proposal.title
        for one in similar(row.title, row.body, user=world.staff, congress=world.congress, exclude=row.pk, **more)
    ]


@pytest.mark.skipif(not near_duplicates.FILE.exists(), reason="the real file of 2017 is not beside the repository")
def test_every_known_near_duplicate_of_the_real_file_is_in_the_top_three(world: World) -> None:
    titles = near_duplicates.titles()
    rows = dict(zip(titles, write_proposals(world, [{"title": one} for one in titles.values()]), strict=True))
    missed = []
    for pair in near_duplicates.PAIRS:
        for one, other in itertools.permutations(pair):
            row = rows[one]
            top = similar(row.title, user=world.staff, congress=world.congress, exclude=row.pk, limit=3)
            if rows[other].pk not in [item.proposal.pk for item in top]:
                missed.append((row.title, rows[other].title, [(item.proposal.title, item.score) for item in top]))
    assert missed == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (0, {1, 2}),
        (1, {0, 2}),
        (4, {5}),
        (5, {4}),
        (6, {7}),
        (7, {6}),
    ],
)
def test_same_matter_in_other_words_comes_first(world: World, asked: int, expected: set[int]) -> None:
    rows = write_proposals(world, [{"title": title} for title in INVENTED])
    assert set(found(world, rows[asked], limit=len(expected))) == {INVENTED[place] for place in expected}


def test_what_all_titles_say_makes_nothing_alike(world: World) -> None:
    titles = ["关于进一步加强水利工作的建议", "关于切实加强养老工作的建议", "关于进一步加强环保工作的建议"]
    rows = write_proposals(world, [{"title": title} for title in titles])
    assert [found(world, row) for row in rows] == [[], [], []]


def test_scores_run_from_the_same_words_down(world: World) -> None:
    write_proposals(world, [{"title": title} for title in INVENTED])
    scores = [one.score for one in similar("校车安全检查", user=world.staff, congress=world.congress, limit=10)]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] < scores[0] < 100
    assert similar(INVENTED[0], user=world.staff, congress=world.congress)[0].score == 100


def test_text_counts_less_than_the_title(world: World) -> None:
    text = "县城东片三个小区共有住户四千，现有车位不足一千，晚间道路两侧停满。"
    alike, same_text, neither = write_proposals(
        world,
        [
            {"title": "关于增建城东停车场的建议", "body": "另有理由。"},
            {"title": "关于城东小区停车的建议", "body": text},
            {"title": "关于城东小区绿化的建议", "body": "另有理由。"},
        ],
    )
    ranked = similar("关于加快建设城东停车场的建议", text, user=world.staff, congress=world.congress)
    assert [one.proposal.pk for one in ranked][:1] == [alike.pk]
    assert {same_text.pk} <= {one.proposal.pk for one in ranked}
    by_title = similar("关于城东小区的建议", text, user=world.staff, congress=world.congress)
    assert [one.proposal.pk for one in by_title][:2] == [same_text.pk, neither.pk]


def test_drafts_and_other_congresses_stay_hidden(world: World) -> None:
    draft(world, title="关于加强校车管理的建议")
    assert similar("关于加强校车管理的建议", user=world.staff, congress=world.congress) == []
    write_proposals(world, [{"title": "关于加强校车管理的建议"}])
    assert similar("关于加强校车管理的建议", user=world.stranger, congress=world.congress) == []
    assert similar("关于加强校车管理的建议", user=world.staff, congress=world.foreign_congress) == []


@pytest.mark.parametrize(
    "title", ["", " ", "\x00", "。。。", "关于的建议", "建议", "水", "%_\\'\"", "𠀀" * 200, "a" * 10_000, "的" * 500]
)
def test_any_title_is_answered(world: World, title: str) -> None:
    write_proposals(world, [{"title": one} for one in INVENTED])
    assert len(similar(title, title, user=world.staff, congress=world.congress)) <= 5


def test_one_query(world: World, django_assert_num_queries: object) -> None:
    rows = write_proposals(world, [{"title": title} for title in INVENTED])
    user = world.staff
    assert user.hat
    with django_assert_num_queries(1):
        for one in similar(rows[0].title, user=user, congress=world.congress):
            assert str(one.proposal.session)
            assert one.proposal.step.label
            assert one.proposal.lead.person.name
