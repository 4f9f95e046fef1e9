"""What is typed into the pages: kept on a refusal, refused in words, never an error page."""

import random

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ratings import services, urls
from ratings.models import PaperEntry, RatingRound, Voter
from ratings.presets import SCALES
from ratings.services import NewSubject
from tests.attacks.conftest import Browser
from tests.attacks.test_fuzz import rubbish
from tests.ratings.rounds import NOW, as_user, codes_of, opened, posted, prepared, vote, voters
from tests.ratings.test_rating_pages import FORM, text_of, url
from tests.world import World

pytestmark = pytest.mark.django_db


def test_what_was_typed_comes_back(world: World) -> None:
    client = as_user(world.staff)
    answer = client.post(url("new"), FORM | {"subjects": "甲\n甲", "purpose": "第五次会议"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "测评对象重复：甲" in page
    assert 'value="第五次会议"' in page
    assert ">\n甲\n甲</textarea>" in page
    assert RatingRound.objects.count() == 0

    round_ = prepared(world)
    sent = FORM | {"title": "我的标题", "version": round_.version}
    services.change_round(
        round_id=round_.pk, seen_version=1, user=world.staff, title="先改的", held_on=round_.held_on, subjects=[],
        scale=SCALES["quality"], with_abstention=False,
    )  # fmt: skip
    answer = client.post(url("edit", round_.pk), sent)
    assert answer.status_code == 409
    assert "刚刚被改动" in text_of(answer)
    assert 'value="我的标题"' in answer.content.decode()
    assert RatingRound.objects.get().title == "先改的"
    assert client.post(url("edit", round_.pk), sent | {"version": 2}).status_code == 302
    assert RatingRound.objects.get().title == "我的标题"


def test_half_a_ballot_keeps_its_ticks(world: World) -> None:
    round_ = opened(world, [world.deputy], allows_remarks=True)
    first, second = round_.subjects.all()
    level = round_.levels.first()
    client = as_user(world.deputy)
    answer = client.post(url("vote", round_.pk), {f"s{first.pk}": level.pk, f"r{second.pk}": "写了一半"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{level.pk}" required id="id_s{first.pk}_0" checked' in page
    assert "写了一半" in page
    assert not Voter.objects.get().has_voted
    services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    answer = client.post(url("vote", round_.pk), posted(round_, "满意", "满意") | {f"r{second.pk}": "写了一半"})
    assert answer.status_code == 409
    assert "测评已经结束，没有计入您这次的投票" in text_of(answer)
    assert "写了一半" in answer.content.decode()


def test_blank_ballot_where_blanks_are_allowed(world: World) -> None:
    round_ = opened(world, [world.deputy], allows_blank=True)
    assert as_user(world.deputy).post(url("vote", round_.pk), posted(round_, "", "")).status_code == 302
    assert as_user(world.deputy).post(url("vote", round_.pk), {}).status_code == 200
    assert Voter.objects.get().has_voted


def test_paper_that_does_not_add_up_comes_back(world: World) -> None:
    round_ = opened(world, [])
    subject, level = round_.subjects.first(), round_.levels.first()
    client, field = as_user(world.staff), f"n{subject.pk}-{level.pk}"
    answer = client.post(url("paper", round_.pk), {"ballots": "3", field: "4", "note": "第一会场"})
    assert answer.status_code == 422
    assert "合计多于收回的 3 张票：县教育局（4 票）" in text_of(answer)
    assert 'value="第一会场"' in answer.content.decode()
    assert PaperEntry.objects.count() == 0
    assert client.post(url("paper", round_.pk), {"ballots": "4", field: "4"}).status_code == 302
    entry = PaperEntry.objects.get()
    page = client.get(url("paper-correct", round_.pk, entry.pk)).content.decode()
    assert f'name="{field}" value="4"' in page
    assert client.post(url("paper-correct", round_.pk, entry.pk), {"ballots": "0"}).status_code == 302
    assert "已更正，不计票" in client.get(url("paper", round_.pk)).content.decode()
    assert client.get(url("paper-correct", round_.pk, 10**15)).status_code == 404


def test_key_of_paper_in_another_round_is_refused_in_words(world: World) -> None:
    one, other = opened(world, []), opened(world, [], title="另一次")
    client, sent = as_user(world.staff), {"request_key": FORM["request_key"], "ballots": "3", "note": "第一会场"}
    assert [client.post(url("paper", one.pk), sent).status_code for _ in range(2)] == [302, 302]
    answer = client.post(url("paper", other.pk), sent)
    assert (answer.status_code, "已在另一次测评用过，没有保存" in text_of(answer)) == (422, True)
    assert 'value="第一会场"' in answer.content.decode()
    assert list(PaperEntry.objects.values_list("round")) == [(one.pk,)]


@pytest.mark.parametrize("act", ["open", "close", "delete", "publish", "edit", "voters-remove"])
def test_acts_at_the_wrong_time_are_refused_in_words(world: World, act: str) -> None:
    round_ = opened(world, [world.deputy])
    if act in ("open", "close", "voters-remove"):
        services.close_round(round_id=round_.pk, user=world.staff, now=NOW)
    before = RatingRound.objects.values().get()
    answer = as_user(world.staff).post(url(act, round_.pk), {"audience": "voters", "voter": Voter.objects.get().pk})
    # A second click on what is done already finds it done.
    assert answer.status_code == {"close": 302, "edit": 422}.get(act, 409)
    assert RatingRound.objects.values().get() == before
    assert Voter.objects.count() == 1
    for user in (world.leader, world.deputy, world.stranger):
        assert as_user(user).post(url(act, round_.pk)).status_code == 404


def test_draft_is_deleted_with_its_voters(world: World) -> None:
    round_ = prepared(world)
    services.add_voters(round_id=round_.pk, user=world.staff, voters=[world.deputy], now=NOW)
    services.issue_codes(round_id=round_.pk, user=world.staff, number=5, now=NOW)
    client = as_user(world.staff)
    gone = Voter.objects.get(user=world.deputy).pk
    assert client.post(url("voters-remove", round_.pk), {"voter": [gone, "x", "9" * 40]}).status_code == 302
    assert Voter.objects.count() == 5
    services.change_round(
        round_id=round_.pk, seen_version=1, user=world.staff, title="又改过", held_on=round_.held_on,
        subjects=[NewSubject("甲")], scale=SCALES["quality"], with_abstention=False,
    )  # fmt: skip
    for act in ("delete", "open"):
        answer = client.post(url(act, round_.pk), {"version": 1})
        assert (answer.status_code, "刚刚被改动" in text_of(answer)) == (409, True)
    assert RatingRound.objects.get().state == "draft"
    assert client.post(url("delete", round_.pk), {"version": 2}).status_code == 302
    assert (RatingRound.objects.count(), Voter.objects.count()) == (0, 0)


def test_codes_of_nothing_and_too_many_tries(world: World) -> None:
    draft = prepared(world)
    services.issue_codes(round_id=draft.pk, user=world.staff, number=1, now=NOW)
    round_ = opened(world, [], codes=1)
    known, hidden = codes_of(round_)[0], codes_of(draft)[0]
    guest = Client()
    for code in (hidden, "ABCDEFGH", "x", "a\x00b", "９" * 8):
        assert guest.get(reverse("ballot:vote", args=[code])).status_code == 404
        assert guest.post(reverse("ballot:enter"), {"code": code}).status_code in (404, 422)
    for _ in range(60):
        answer = guest.post(reverse("ballot:enter"), {"code": "ABCD-EFGH"})
    assert (answer.status_code, "输错的次数太多" in text_of(answer)) == (429, True)
    assert guest.get(reverse("ballot:vote", args=[hidden])).status_code == 429
    # Whoever is behind the same address with a code on paper votes all the same.
    address = reverse("ballot:vote", args=[known])
    neighbour = Client()
    assert neighbour.post(reverse("ballot:enter"), {"code": known})["Location"] == address
    assert neighbour.get(address).status_code == 200
    assert neighbour.post(address, posted(round_, "满意", "满意")).status_code == 302
    assert Voter.objects.get(code=known).has_voted


def test_right_codes_are_not_counted(world: World) -> None:
    round_ = opened(world, [], codes=1)
    guest, code = Client(), codes_of(round_)[0]
    address = reverse("ballot:vote", args=[code])
    assert {guest.get(address).status_code for _ in range(70)} == {200}
    assert guest.get(reverse("ballot:vote", args=[code.lower()]))["Location"] == address
    assert guest.get(address)["Cache-Control"].startswith("max-age=0")


PAGES = [
    ("staff", "list", False, 7),
    ("deputy", "list", False, 7),
    ("staff", "round", True, 13),
    ("staff", "voters", True, 15),
    ("staff", "codes", True, 10),
    ("staff", "codes-print", True, 11),
    ("staff", "paper", True, 11),
    ("staff", "results", True, 15),
    ("staff", "ballots", True, 12),
    ("deputy", "vote", True, 8),
]


@pytest.mark.parametrize("rows", [3, 300])
def test_pages_ask_the_same_whatever_their_length(world: World, rows: int) -> None:
    people = voters(world, rows)
    round_ = opened(world, [*people, world.deputy], codes=rows, names=[f"第{n}件" for n in range(min(rows, 60))])
    labels = ["满意"] * round_.subjects.count()
    for user in people[:3]:
        vote(round_, user, *labels)
    for _ in range(min(rows, 60) - 1):
        prepared(world, names=["甲"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    wrong = []
    for role, name, of_round, expected in PAGES:
        client = as_user(getattr(world, role))
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url(name, *([round_.pk] if of_round else []))).status_code == 200
        if len(counted) != expected:
            wrong.append((role, name, expected, len(counted)))
    assert wrong == []


KEYS = [
    "version", "request_key", "title", "purpose", "held_on", "subjects", "scale", "with_abstention", "secrecy", "circles",
    "seats", "voter", "number", "audience", "code", "ballots", "note", "page", "subject", "level", "sort", "show",
]  # fmt: skip


@pytest.mark.parametrize("role", ["staff", "deputy"])
def test_rubbish_in_every_field(world: World, role: str) -> None:
    draft = prepared(world)
    round_ = opened(world, [world.deputy], codes=1, allows_remarks=True)
    subjects, levels = round_.subjects.all(), round_.levels.all()
    keys = [*KEYS, *(f"s{row.pk}" for row in subjects), *(f"r{row.pk}" for row in subjects)]
    keys += [f"n{row.pk}-{level.pk}" for row in subjects for level in levels]
    names = [pattern.name for pattern in urls.urlpatterns if pattern.name not in ("list", "new", "paper-correct")]
    addresses = [
        url(name, row.pk) for name in names if name not in ("open", "close", "delete") for row in (round_, draft)
    ]
    addresses += [url("list"), url("new"), reverse("ballot:enter"), reverse("ballot:vote", args=codes_of(round_))]
    addresses += ["/ratings/99999999999999999999/", "/p/rating/%00/"]
    client, chance, failed = Browser(), random.Random(role), []
    client.force_login(getattr(world, role))
    for address in addresses * 2:
        sent, asked = rubbish(chance, keys), rubbish(chance, chance.sample(keys, 6))[:8000]
        answers = [client.post(address, sent, content_type="application/x-www-form-urlencoded")]
        answers.append(client.get(f"{address}?{asked}"))
        failed += [(address, sent[:200]) for answer in answers if answer.status_code >= 500]
    assert failed == []
