"""The list for each role: saved views, filters, and the same rows as a workbook and on paper."""

import datetime as dt
import io
import re
import uuid
from collections.abc import Iterable

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import User
from casework.models import CaseStatus, Obligation
from proposals import services
from proposals.models import CosignatureState, Proposal
from proposals.queries import COUNTED_ON_TABS, choices, list_rows, narrowed, view_filter, views_for
from tests import factories as make
from tests.factories import at
from tests.proposals.rows import write_proposals
from tests.proposals.test_proposal_pages import as_user
from tests.proposals.test_proposal_path import answered, assigned, draft, registered, submitted
from tests.world import World

TODAY = dt.date(2026, 3, 10)
LIST = "/proposals/"
WORDS = ["全部", "我的待办", "我等待的", "在办", "已办", "逾期"]


def titles(user: User, view: str, today: dt.date = TODAY) -> list[str]:
    return sorted(list_rows(user).filter(view_filter(view, user, today)).values_list("title", flat=True))


def shown(user: User, query: str = "") -> list[str]:
    text = as_user(user).get(LIST + query).content.decode()
    return re.findall(r'<a class="clamp"[^>]*title="([^"]*)"', text)


def owe(row: Proposal, **values: object) -> None:
    given = {
        "case_id": row.pk,
        "act": "review",
        "verb": "审查",
        "owner_role": "staff",
        "owner_congress_id": row.congress_id,
        "owner_label": "代表工委",
        "opened_at": at(2026, 3, 1),
        "start_on": dt.date(2026, 1, 1),
    }
    Obligation.objects.create(**(given | values))


def with_duties(world: World) -> dict[str, Proposal]:
    """One proposal in review, one with the units, one answered; by names that the tests use."""
    rows = {
        "review": submitted(world, title="在审查"),
        "unit": assigned(world, title="在单位"),
        "answered": answered(world, title="已答复"),
    }
    rows["closed"] = write_proposals(
        world, [{"title": "已办结", "status": CaseStatus.CLOSED, "step": None, "closed_at": at(2026, 3, 5)}]
    )[0]
    return rows


@pytest.mark.parametrize(
    ("role", "view", "expected"),
    [
        ("staff", "todo", {"在审查"}),
        ("staff", "waiting", {"在单位", "已答复"}),
        ("staff", "open", {"在审查", "在单位", "已答复"}),
        ("staff", "closed", {"已办结"}),
        ("leader", "closed", {"已办结"}),
        ("leader", "waiting", set()),
        ("unit_user", "todo", {"在单位"}),
        ("unit_user", "waiting", {"已答复"}),
        ("unit_user", "open", {"在单位"}),
        ("unit_user", "closed", {"已答复"}),
        ("deputy", "todo", {"已答复"}),
        ("deputy", "waiting", {"在审查", "在单位"}),
        ("deputy", "open", {"在审查", "在单位", "已答复"}),
        ("deputy", "closed", {"已办结"}),
        ("other_deputy", "closed", set()),
        ("other_deputy", "open", set()),
        ("township_user", "open", {"在审查", "在单位", "已答复"}),
        ("township_user", "closed", {"已办结"}),
    ],
)
def test_saved_view_of_a_role(world: World, role: str, view: str, expected: set[str]) -> None:
    with_duties(world)
    assert set(titles(getattr(world, role), view)) == expected


@pytest.mark.parametrize(
    ("role", "expected"), [("staff", {"迟一", "迟二"}), ("unit_user", {"迟二"}), ("deputy", {"迟一", "迟二"}),
                           ("other_deputy", set()), ("gov_office", {"迟二"})]
)  # fmt: skip
def test_overdue_is_the_units_own_and_the_deputys_own(world: World, role: str, expected: set[str]) -> None:
    late, other = write_proposals(world, [{"title": "迟一", "disclosure": "full"}, {"title": "在期限内"}])
    owe(late, due_on=TODAY - dt.timedelta(days=1))
    owe(other, due_on=TODAY)
    row = assigned(world, title="迟二")
    Obligation.objects.filter(case=row, act="reply").update(due_on=TODAY - dt.timedelta(days=2))
    assert set(titles(getattr(world, role), "overdue")) == expected


def test_drafts_and_invitations_are_views_of_deputies(world: World) -> None:
    draft(world, title="我的草稿")
    asked = draft(world, title="邀我的")
    asked.cosignatures.create(seat=world.other_seat, state=CosignatureState.INVITED)
    signed = submitted(world, title="我已联名")
    signed.cosignatures.create(seat=world.other_seat)
    assert titles(world.deputy, "draft") == ["我的草稿", "邀我的"]
    assert titles(world.other_deputy, "draft") == []
    assert titles(world.other_deputy, "invited") == ["邀我的"]
    assert titles(world.other_deputy, "open") == ["我已联名"]
    assert titles(world.deputy, "invited") == []


@pytest.mark.parametrize("role", ["staff", "leader", "gov_office", "unit_user", "township_user", "deputy"])
def test_tabs_are_named_alike_for_every_role_and_count_what_they_hold(world: World, role: str) -> None:
    with_duties(world)
    user = getattr(world, role)
    text = as_user(user).get(LIST).content.decode()
    tabs = re.findall(r'<a href="\?view=(\w+)"[^>]*>([^<]+)<span class="count">(\d+)</span>', text)
    more = ["草稿", "邀我联名"] if role == "deputy" else []
    assert [label for _view, label, _count in tabs] == WORDS + more
    assert {view: int(count) for view, _label, count in tabs} == {
        view: len(titles(user, view, timezone.localdate())) for view in views_for(user)
    }


def test_long_tabs_are_counted_so_far(world: World) -> None:
    write_proposals(world, ({"title": f"第{n}件"} for n in range(COUNTED_ON_TABS + 2)))
    text = as_user(world.staff).get(LIST).content.decode()
    assert f'在办<span class="count">{COUNTED_ON_TABS}+</span>' in text
    assert f'<span class="total">{COUNTED_ON_TABS + 2} 件</span>' in text


def filtered(user: User, **chosen: str) -> list[str]:
    return sorted(narrowed(list_rows(user), chosen, TODAY, user).values_list("title", flat=True))


def test_lights_are_those_that_rows_show(world: World) -> None:
    days = {"红": [-1, 9], "黄": [3], "黄二": [0], "绿": [4], "无": [None], "红二": [None, -5]}
    rows = write_proposals(world, [{"title": title} for title in days])
    for row, dates in zip(rows, days.values(), strict=True):
        for number, day in enumerate(dates):
            owe(row, about=str(number), due_on=None if day is None else TODAY + dt.timedelta(days=day))
    write_proposals(world, [{"title": "结", "status": CaseStatus.CLOSED, "step": None, "closed_at": at(2026, 3, 5)}])
    assert filtered(world.staff, light="red") == ["红", "红二"]
    assert filtered(world.staff, light="yellow") == ["黄", "黄二"]
    assert filtered(world.staff, light="green") == ["绿"]
    assert filtered(world.staff, light="none") == ["无"]


def test_unit_is_who_has_it_in_the_latest_round(world: World) -> None:
    assigned(world, title="主办教育")
    both = registered(world, title="协办教育")
    services.assign(
        proposal_id=both.pk,
        seen_version=both.version,
        user=world.staff,
        now=at(2026, 3, 4),
        lead=world.police,
        assisting=[world.education],
    )
    past = assigned(world, title="第一轮教育")
    past.rounds.create(number=2, opened_at=at(2026, 3, 6)).assignments.create(unit=world.police, role="lead")
    ended = assigned(world, title="已退教育")
    ended.rounds.get().assignments.update(ended_at=at(2026, 3, 6), ended_as="returned")
    assert filtered(world.staff, unit=str(world.education.pk)) == sorted(["主办教育", "协办教育"])
    assert filtered(world.staff, unit=str(world.police.pk)) == sorted(["主办教育", "协办教育", "第一轮教育"])
    units = {row.title: row.unit_name for row in list_rows(world.staff)}
    assert units == {
        "主办教育": world.education.name,
        "协办教育": world.police.name,
        "第一轮教育": world.police.name,
        "已退教育": None,
    }


def test_other_filters(world: World) -> None:
    other = make.SessionFactory(term=world.term, name="第六次会议")
    write_proposals(
        world,
        [
            {"title": "甲", "category": world.category, "form": "bill", "period": "in_session"},
            {"title": "乙", "lead": world.other_seat, "session": other, "submitted_on": dt.date(2025, 5, 1)},
            {"title": "丙", "is_key": True, "key_meeting": "主任会议", "key_decided_on": TODAY},
        ],
    )
    write_proposals(world, [{"title": "丁"}], step="reply")
    review = Proposal.objects.get(title="甲").step.label
    for chosen, expected in [
        ({"category": str(world.category.pk)}, ["甲"]),
        ({"form": "bill"}, ["甲"]),
        ({"form": "suggestion"}, ["丁", "丙", "乙"]),
        ({"delegation": str(world.other_seat.delegation_id)}, ["乙"]),
        ({"session": str(other.pk)}, ["乙"]),
        ({"year": "2025"}, ["乙"]),
        ({"year": "2024"}, []),
        ({"key": "1"}, ["丙"]),
        ({"period": "in_session"}, ["甲"]),
        ({"step": review}, ["丙", "乙", "甲"]),
        ({"step": review, "year": "2026", "form": "suggestion"}, ["丙"]),
    ]:
        assert filtered(world.staff, **chosen) == sorted(expected), chosen


def test_choices_are_those_of_the_own_congress(world: World) -> None:
    make.DelegationFactory(term=make.TermFactory(congress=world.foreign_congress), name="外县代表团")
    offered = choices(world.staff)
    assert [name for _value, name in offered["unit"]] == ["县教育局", "县公安局", "县交通运输局"]
    assert [name for _value, name in offered["delegation"]] == ["城关代表团", "北岭代表团"]
    assert [name for _value, name in offered["category"]] == ["教科文卫"]
    assert [name for _value, name in offered["session"]] == ["第十八届第五次会议"]
    assert len({name for _value, name in offered["step"]}) == len(offered["step"]) > 4
    at_township = choices(world.township_user)
    assert [name for _value, name in at_township["delegation"]] == ["城关代表团"]
    assert at_township["unit"] == offered["unit"]
    assert "石桥县教育局" not in str(offered)


def test_chips_take_one_filter_away_and_links_keep_the_rest(world: World) -> None:
    write_proposals(world, [{"title": "甲", "category": world.category}])
    query = f"?view=open&category={world.category.pk}&year=2026&unit=0&step=没有&sort=number&page=3"
    text = as_user(world.staff).get(LIST + query).content.decode()
    chips = re.findall(r'<a class="chip" href="([^"]+)">([^<]+)<', text)
    assert [label for _url, label in chips] == ["类别：教科文卫", "年份：2026年"]
    assert chips[0][0] == "?view=open&amp;year=2026&amp;sort=number"
    kept = f"view=open&amp;category={world.category.pk}&amp;year=2026&amp;sort=number"
    assert f"{reverse('proposals:export')}?{kept}" in text
    assert f"{reverse('proposals:print')}?{kept}" in text


def sheet(user: User, query: str = "") -> list[list]:
    answer = as_user(user).get(reverse("proposals:export") + query)
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer)))
    *lines, who = book.get_sheet_by_index(0).to_python()
    assert who[0].startswith("【导出记录】")
    return [line for line in lines if any(line)]


HEADERS = ["编号", "标题", "类型", "类别", "领衔代表", "代表团", "附议人数", "主办", "协办", "步骤", "状态灯", "期限",
           "提出日期", "办理结果", "评价"]  # fmt: skip


def test_export_tells_the_row_in_its_columns(world: World) -> None:
    row = answered(world, title="关于校车的建议")
    row.cosignatures.create(seat=world.other_seat)
    row.cosignatures.create(seat=make.SeatFactory(term=world.term), state=CosignatureState.DECLINED)
    Proposal.objects.filter(pk=row.pk).update(paper_cosigners=4)
    head, line = sheet(world.staff)
    assert head == HEADERS
    due_on = Obligation.objects.open().filter(case=row).order_by("due_on").first().due_on
    told = dict(zip(head, line, strict=True))
    assert told | {"状态灯": ""} == {
        "编号": "第1号",
        "标题": "关于校车的建议",
        "类型": "建议",
        "类别": row.category.name if row.category else "",
        "领衔代表": "李春梅",
        "代表团": "城关代表团",
        "附议人数": 5.0,
        "主办": "县教育局",
        "协办": told["协办"],
        "步骤": Proposal.objects.get(pk=row.pk).step.label,
        "状态灯": "",
        "期限": due_on or "",
        "提出日期": row.submitted_on,
        "办理结果": told["办理结果"],
        "评价": "",
    }
    assert told["办理结果"] in {outcome.name for outcome in world.outcomes.values()}


def column(lines: Iterable[list], name: str) -> list:
    head, *rest = lines
    return [line[head.index(name)] for line in rest]


@pytest.mark.parametrize(
    "query",
    ["", "?view=open&sort=due_on", "?sort=-number", "?q=第3件", "?view=closed", "?year=2025&sort=submitted_on", "?q=没有",
     "?size=20&page=2"],
)  # fmt: skip
def test_export_and_paper_are_the_list(world: World, query: str) -> None:
    rows = write_proposals(
        world,
        (
            {"title": f"第{n}件", "number": n * 7 % 31 + 1, "submitted_on": dt.date(2025 + n % 2, 3, n + 1)}
            for n in range(30)
        ),
    )
    for n, row in enumerate(rows):
        owe(row, due_on=TODAY + dt.timedelta(days=n * 11 % 30))
    draft(world, title="草稿")
    client = as_user(world.staff)
    pages = [re.sub(r"[?&](size|page)=\d+", "", query)]
    all_of_it = f"{pages[0]}{'&' if pages[0] else '?'}size=50"
    text = client.get(LIST + all_of_it).content.decode()
    listed = re.findall(r'<a class="clamp"[^>]*title="([^"]*)"', text)
    exported = [title for title in column(sheet(world.staff, query), "标题") if title]
    paper = client.get(reverse("proposals:print") + query).content.decode()
    printed = re.findall(r'<td class="is-text">(第\d+件)</td>', paper)
    assert exported == listed
    assert printed == listed
    assert f"共 {len(listed)} 件" in paper


@pytest.mark.parametrize("role", ["unit_user", "other_deputy", "gov_office", "stranger"])
def test_export_and_paper_hold_nothing_hidden(world: World, role: str) -> None:
    submitted(world, title="不公开的一件", disclosure="none")
    user = getattr(world, role)
    assert sheet(user) == [HEADERS]
    assert "不公开的一件" not in as_user(user).get(reverse("proposals:print")).content.decode()


def test_invited_deputy_finds_the_draft_in_his_view_alone(world: World) -> None:
    row = services.create_draft(
        user=world.deputy, request_key=uuid.uuid4(), now=at(2026, 3, 2), title="关于水渠的建议", body="文"
    )
    row.cosignatures.create(seat=world.other_seat, state=CosignatureState.INVITED)
    assert shown(world.other_deputy, "?view=invited") == ["关于水渠的建议"]
    assert shown(world.other_deputy, "?view=draft") == []
    assert shown(world.staff, "?view=invited") == []
