"""A round through its pages: prepared, opened, voted in by phone, code and paper, closed, published."""

import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from notices.models import Notice
from ratings import services
from ratings.models import Ballot, Mark, RatingRound
from tests.ratings.rounds import NOW, as_user, codes_of, opened, posted, prepared, ticks, vote, voters
from tests.world import World

pytestmark = pytest.mark.django_db

FORM = {
    "title": "重点建议评议",
    "held_on": "2026-09-01",
    "subjects": "县教育局｜承办 12 件\n\n县公安局\t承办 3 件\n",
    "scale": "satisfaction",
    "secrecy": "named",
    "request_key": "6f4c2a6e-0a0a-4f5e-9d1c-2b8f7a9b0c1d",
}


def url(name: str, *args: object) -> str:
    return reverse(f"ratings:{name}", args=args)


def text_of(response: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_turnout_is_for_the_office_of_the_round_alone(world: World) -> None:
    round_ = opened(world, [world.stranger, *voters(world, 3)], is_secret=True)
    services.issue_codes(round_id=round_.pk, user=world.staff, number=5, now=NOW)
    for user, sees in ((world.staff, True), (world.stranger, False)):
        answer = as_user(user).get(round_.get_absolute_url())
        assert answer.status_code == 200
        assert ("投票情况" in text_of(answer), "增减记录" in text_of(answer)) == (sees, sees)


def test_rights_given_while_it_is_open_are_on_record(world: World) -> None:
    one, other, mistaken, *more = voters(world, 6)
    draft = prepared(world)
    services.add_voters(round_id=draft.pk, user=world.staff, voters=[one, mistaken], now=NOW)
    services.remove_voters(round_id=draft.pk, user=world.staff, voter_ids=[draft.voters.get(user=mistaken).pk], now=NOW)
    services.issue_codes(round_id=draft.pk, user=world.staff, number=5, now=NOW)
    round_ = services.open_round(round_id=draft.pk, user=world.staff, now=NOW)
    staff = as_user(world.staff)
    assert "增减记录" not in text_of(staff.get(url("round", round_.pk)))
    services.add_voters(round_id=round_.pk, user=world.staff, voters=[one, other, mistaken, *more], now=NOW)
    services.add_voters(round_id=round_.pk, user=world.staff, voters=[one], now=NOW)
    assert staff.post(url("codes", round_.pk), {"number": "7"}).status_code == 302
    page = staff.get(url("voters", round_.pk)).content.decode()
    key = round_.voters.get(user=mistaken).pk
    assert f'name="voter" value="{key}"' in page
    assert staff.post(url("voters-remove", round_.pk), {"voter": [key]}).status_code == 302
    vote(round_, one, "满意", "满意")
    used = round_.voters.get(user=one).pk
    assert f'name="voter" value="{used}"' not in staff.get(url("voters", round_.pk)).content.decode()
    answer = staff.post(url("voters-remove", round_.pk), {"voter": [used]})
    assert (answer.status_code, "测评人00已经投过票，不能去掉" in text_of(answer)) == (409, True)
    expected = [
        "张志强去掉测评人 1 人：测评人02",
        "张志强增加票码 7 张",
        "张志强增加测评人 5 人",
        "张志强开始测评：测评人 1 人，票码 5 张",
    ]
    for user in (world.staff, world.leader):
        page = text_of(as_user(user).get(url("round", round_.pk)))
        assert [line for line in expected if line in page] == expected
        assert [page.index(line) for line in expected] == sorted(page.index(line) for line in expected)
    assert "增减记录" not in text_of(as_user(one).get(url("round", round_.pk)))
    services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    assert staff.post(url("voters-remove", round_.pk), {"voter": [key]}).status_code == 409


def test_slips_are_printed_some_sheets_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ratings.views.voters.SLIPS_PER_PAGE", 4)
    round_ = opened(world, [], codes=6)
    codes = [f"{code[:4]}-{code[4:]}" for code in round_.voters.order_by("pk").values_list("code", flat=True)]
    services.cast_vote(round_id=round_.pk, code=codes[1].replace("-", ""), ticks=ticks(round_, "满意", "满意"), now=NOW)
    # A code that is used moves no other to another page.
    for number, expected in ((1, [codes[0], *codes[2:4]]), (2, codes[4:]), (9, codes[4:])):
        answer = as_user(world.staff).get(url("codes-print", round_.pk), {"page": number})
        page = answer.content.decode()
        assert ([code for code in codes if code in page], page.count("<svg")) == (expected, len(expected))
    assert "第 5–6 张（共印发 6 张）中，没有用过的 2 张" in text_of(answer)
    assert 'href="?page=1"' in page


def test_late_publishing_to_others_is_refused(world: World) -> None:
    round_ = opened(world, [world.deputy])
    services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    staff = as_user(world.staff)
    assert staff.post(url("publish", round_.pk), {"audience": "voters"}).status_code == 302
    for audience, status in (("voters", 302), ("congress", 409), ("staff", 409), ("", 409)):
        answer = staff.post(url("publish", round_.pk), {"audience": audience})
        assert (answer.status_code, "公布范围是“参加测评的人员”，不能再改" in text_of(answer)) == (
            status,
            status == 409,
        )
    assert RatingRound.objects.get().audience == "voters"


@pytest.mark.parametrize("who", ["staff", "leader", "gov_office", "unit_user", "deputy"])
def test_whoever_may_be_made_a_voter_is_led_to_his_votes(world: World, who: str) -> None:
    user = getattr(world, who)
    client = as_user(user)
    page = client.get("/")
    assert [entry["url"] for entry in page.context["nav"] if entry["label"] == "测评"] == [url("list")]
    nothing = text_of(client.get(url("list")))
    assert ("还没有测评" if who == "staff" else "没有等您参加的测评") in nothing
    round_ = opened(world, [user])
    assert url("vote", round_.pk) in client.get(url("list")).content.decode()


def test_whole_way(world: World) -> None:
    staff, deputy = as_user(world.staff), as_user(world.deputy)
    assert staff.post(url("new"), FORM).status_code == 302
    assert staff.post(url("new"), FORM).status_code == 302  # a double click
    round_ = RatingRound.objects.get()
    assert list(round_.subjects.values_list("name", "note")) == [("县教育局", "承办 12 件"), ("县公安局", "承办 3 件")]
    assert deputy.get(url("round", round_.pk)).status_code == 404
    assert staff.get(url("voters", round_.pk)).status_code == 200
    answer = staff.post(url("voters", round_.pk), {"circles": "all"}, follow=True)
    assert "增加了 2 名测评人" in text_of(answer)
    assert staff.post(url("codes", round_.pk), {"number": "3"}).status_code == 302
    assert staff.post(url("open", round_.pk), {"version": 1}).status_code == 302
    told = Notice.objects.filter(rule="rating_open")
    assert {notice.recipient for notice in told} == {world.deputy, world.other_deputy}
    assert told.first().url == url("vote", round_.pk)

    assert "重点建议评议" in text_of(deputy.get(url("list")))
    page = deputy.get(url("vote", round_.pk))
    assert page.status_code == 200
    answer = deputy.post(url("vote", round_.pk), posted(round_, "满意", "不满意"), follow=True)
    assert "投票成功" in text_of(answer)
    assert "您已投过票" in text_of(answer)
    answer = deputy.post(url("vote", round_.pk), posted(round_, "满意", "满意"), follow=True)
    assert answer.status_code == 200
    assert "您已投过票" in text_of(answer)
    assert Mark.objects.count() == 2

    slips = staff.get(url("codes-print", round_.pk)).content.decode()
    code = codes_of(round_)[0]
    assert slips.count("<svg") == 3
    assert f"{code[:4]}-{code[4:]}" in slips
    guest = Client()
    entered = guest.post(reverse("ballot:enter"), {"code": f"{code[:4]}-{code[4:]}".lower()})
    assert entered["Location"] == reverse("ballot:vote", args=[code])
    assert guest.get(entered["Location"]).status_code == 200
    answer = guest.post(entered["Location"], posted(round_, "基本满意", "满意"), follow=True)
    assert "投票成功" in text_of(answer)
    assert Ballot.objects.count() == 2

    paper = {"ballots": "2", "note": "第一会场"}
    for subject in round_.subjects.all():
        for level, number in zip(round_.levels.all(), (1, 0, 1), strict=True):
            paper[f"n{subject.pk}-{level.pk}"] = number
    assert staff.post(url("paper", round_.pk), paper).status_code == 302
    assert staff.get(url("paper", round_.pk)).status_code == 200
    assert deputy.get(url("results", round_.pk)).status_code == 404
    assert staff.get(url("results", round_.pk)).status_code == 200
    assert staff.post(url("close", round_.pk), {"version": 2}).status_code == 302
    assert deputy.get(url("results", round_.pk)).status_code == 404
    assert as_user(world.leader).get(url("results", round_.pk)).status_code == 200
    assert as_user(world.leader).get(url("ballots", round_.pk)).status_code == 404
    assert staff.post(url("publish", round_.pk), {"audience": "voters"}).status_code == 302
    assert deputy.get(url("results", round_.pk)).status_code == 200
    assert as_user(world.unit_user).get(url("results", round_.pk)).status_code == 404
    table = text_of(staff.get(url("results", round_.pk) + "?show=table&sort=rank"))
    assert "收回票数 4 票" in table
    assert "手机 2 票（测评人和票码共 5），纸质 2 票" in table
    assert "总满意率 62.5% 5 ÷ 8 总平均分 57.50" in table
    assert staff.get(url("ballots", round_.pk)).status_code == 200
    assert deputy.get(url("ballots", round_.pk)).status_code == 404
    book = staff.get(url("results-file", round_.pk))
    sheet = load_workbook(io.BytesIO(b"".join(book.streaming_content)))["测评结果"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert rows[0] == [
        "序号",
        "测评对象",
        "满意",
        "基本满意",
        "不满意",
        "未填",
        "有效评价",
        "满意率(%)",
        "平均分",
        "名次",
    ]
    assert rows[1] == [1, "县教育局", 2, 1, 1, 0, 4, 75, 65, 1]
    assert rows[2] == [2, "县公安局", 2, 0, 2, 0, 4, 50, 50, 2]
    assert rows[3] == ["合计", None, 4, 1, 3, 0, 8, 62.5, 57.5, None]
